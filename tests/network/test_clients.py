"""Programs that people and agents use, each with its own way to look names up and to connect.

An allowed host works as usual, a denied one fails at once. All of them run in one sandbox for each mode.
"""

import glob
import json
import subprocess

import pytest
from netlab import SUPPORT, USERS
from netsandbox import AT_ONCE, Sandbox

PIP = sorted(glob.glob("/usr/share/python-wheels/pip-*.whl"))[-1:]
FETCH = "fetch('http://HOST/MARK').then(r => r.text()).then(console.log).catch(e => process.exit(1))"
GET = """
const options = {host: 'HOST', path: '/MARK', ca: require('fs').readFileSync('ca.pem')};
require('https').get(options, r => r.pipe(process.stdout)).on('error', e => process.exit(1));
"""
RESOLVE = """
require('dns').resolve4('HOST', (error, found) => {
    if (error) process.exit(1);
    const c = require('net').connect(7, found[0], () => c.end('MARK')).on('error', e => process.exit(1)).resume();
});
"""
# HOST and MARK stand for what is tried; what a client sends has MARK in it, so that it is seen when it arrives.
SENDING = {
    "curl": "curl -sS --cacert ca.pem https://HOST/MARK",
    "curl without a proxy": "curl -sS --noproxy * --cacert ca.pem https://HOST/MARK",
    "curl over IPv6": "curl -sS -6 --noproxy * http://HOST/MARK",
    "curl over IPv4": "curl -sS -4 --noproxy * http://HOST/MARK",
    "git": "env GIT_SSL_CAINFO=PROJECT/ca.pem git ls-remote https://HOST/MARK",
    "npm": "npm view MARK --registry http://HOST/ --fetch-retries=0 --update-notifier=false",
    "pip": "python3 PIP/pip download --isolated --no-deps --retries 0 --trusted-host HOST -i http://HOST/ MARK",
    "python": ["python3", "-c", "import urllib.request as r; r.urlopen('http://HOST/MARK')"],
    "node, its own HTTP": ["node", "-e", GET],
    "node, fetch": ["node", "-e", FETCH],
    "node, c-ares": ["node", "-e", RESOLVE],
    "musl": "./lookup HOST MARK",
    "bash": ["bash", "-c", "exec 3<>/dev/tcp/HOST/7 && echo MARK >&3 && read -r line <&3 && echo $line"],
}
RESOLVING = {
    "getent": "getent ahosts HOST",
    "dig": "dig +short HOST",
    "dig over TCP for IPv6": "dig +short +tcp HOST AAAA",
    "dig with everything on": "dig +short +dnssec +nsid +cookie +subnet=192.0.2.0/24 HOST",
    "busybox": "busybox nslookup HOST",
}
DRIVER = """
import json, subprocess, sys, time
for name, words in json.loads(sys.argv[1]):
    start = time.monotonic()
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100)
    row = name, done.returncode, done.stdout, done.stderr, time.monotonic() - start
    print(json.dumps(row), flush=True)
"""


def mark(name, host, mode):
    return f"mark-{list(SENDING).index(name)}-{host.split('.')[0]}-{mode}" if name in SENDING else "mark"


def fill(word, values):
    for name, value in values.items():
        word = word.replace(name, value)
    return word


class Clients:
    """What each client said of each host: (exit status, output, errors, seconds)."""

    def __init__(self, lab, mode):
        project = lab.project("user")
        subprocess.run(["musl-gcc", "-static", "-o", "lookup", str(SUPPORT / "lookup.c")], cwd=project, check=True)
        jobs = []
        for host in ("allowed.test", "denied.test"):
            for name, words in {**SENDING, **RESOLVING}.items():
                split = words.split() if isinstance(words, str) else words
                values = {"HOST": host, "MARK": mark(name, host, mode), "PROJECT": str(project), "PIP": PIP[0]}
                jobs.append((f"{name} {host}", [fill(word, values) for word in split]))
        command = ["/usr/bin/python3", "-c", DRIVER, json.dumps(jobs)]
        outcome = Sandbox(lab, "user", mode).run(["allowed.test"], command, timeout=240)
        assert outcome.status == 0, outcome.err
        assert not outcome.failures
        self.rows = {row[0]: row[1:] for row in map(json.loads, outcome.out.splitlines())}
        self.err = outcome.err
        self.lab = lab


@pytest.fixture(scope="module", params=["slirp", "gateway"])
def mode(request):
    return request.param


@pytest.fixture(scope="module")
def clients(lab, mode):
    assert PIP
    return Clients(lab, mode)


@pytest.mark.parametrize("name", SENDING)
def test_an_allowed_host_is_reached(clients, mode, name):
    said = clients.rows[f"{name} allowed.test"]
    assert mark(name, "allowed.test", mode) in clients.lab.seen_file.read_text(), said


@pytest.mark.parametrize("name", SENDING)
def test_a_denied_host_fails_at_once(clients, mode, name):
    status, _, errors, seconds = clients.rows[f"{name} denied.test"]
    assert status != 0, errors
    assert seconds < AT_ONCE + 3 * clients.rows[f"{name} allowed.test"][3]
    assert mark(name, "denied.test", mode) not in clients.lab.seen_file.read_text()


@pytest.mark.parametrize("name", RESOLVING)
def test_names_are_looked_up(clients, name):
    status, out, errors, _ = clients.rows[f"{name} allowed.test"]
    assert status == 0, errors
    assert "192.175.48.10" in out or "2620:4f:8000:1::10" in out or "198.18." in out or "fd61:" in out
    _, out, _, seconds = clients.rows[f"{name} denied.test"]
    assert "192.175.48.20" not in out
    assert seconds < AT_ONCE + 3 * clients.rows[f"{name} allowed.test"][3]


def test_what_was_refused_is_told_without_what_resolvers_made_of_it(clients):
    """A search domain is appended to every name that is refused; nobody asked for that."""
    assert "aigate allow net denied.test" in clients.err
    assert "corp.test" not in clients.err


STUB = "127.0.0.53"
NSSWITCHES = {
    "systemd-resolved": "hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns",
    "avahi": "hosts: files mdns4_minimal [NOTFOUND=return] dns",
    "files only": "hosts: files",
    "no line at all": "passwd: files",
}


@pytest.mark.parametrize("kind", NSSWITCHES)
@pytest.mark.parametrize("user", USERS)
def test_whatever_the_host_asks_for_names(lab, user, mode, kind):
    """A stub resolver on the host's loopback, and the lines of nsswitch.conf that come with it."""
    etc = lab.directory / "etc"
    texts = {name: (etc / name).read_text() for name in ("resolv.conf", "nsswitch.conf")}
    stub = ["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--bind-interfaces", "--pid-file=",
            "--user=root", "--conf-file=/dev/null", f"--listen-address={STUB}", "--server=192.31.196.53"]  # fmt: skip
    process = lab.start(lab.host, stub)
    try:
        (etc / "resolv.conf").write_text(f"nameserver {STUB}\noptions edns0 trust-ad\nsearch corp.test\n")
        (etc / "nsswitch.conf").write_text(f"{NSSWITCHES[kind]}\n")
        outcome = Sandbox(lab, user, mode).visit(
            ["allowed.test", "wiki"], ["tcp", "allowed.test", 7], ["tcp", "wiki", 7], ["name", "denied.test"]
        )
        assert [visit["ok"] for visit in outcome.visits] == [True, True, False], outcome.out
        assert all(visit["seconds"] < AT_ONCE for visit in outcome.visits)
    finally:
        process.kill()
        for name, text in texts.items():
            (etc / name).write_text(text)
