"""`aigate run` as it is on macOS, played here: everything but the kernel's answers, which the profile's tests give."""

from __future__ import annotations

import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import termios
import time
from typing import TYPE_CHECKING

import pytest
import sbpl_reader
from choice import budget
from macos import Mac
from pseudo import CONTROL_C, CONTROL_Z, PATIENCE, Pseudo
from sbpl_reader import Operation

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "sk-ant-api03-" + "aB3dE5" * 16
MOMENTS = budget(4, 6, 20)
QUIET = ("--quiet",)


@pytest.fixture
def mac(sandbox) -> Iterator[Mac]:
    place = pathlib.Path(tempfile.mkdtemp(prefix="aigate-mac-", dir="/opt"))
    place.chmod(0o755)
    sandbox.config("mask_stdout: {presets: [all]}\ndeny_read: [.env, '*.pem']\ndeny_exec: [wget, git push]\n")
    try:
        yield Mac(sandbox, place)
    finally:
        shutil.rmtree(place)


def on_terminal(mac: Mac, *command: str, **kwargs) -> Pseudo:
    argv = [*mac.prefix, "run", *QUIET, "--", *command]
    environment = {**mac.sandbox.environment, "TERM": "xterm"}
    return Pseudo(argv, cwd=mac.sandbox.project, env=environment, **kwargs, **mac.sandbox.identity())


def test_what_the_launcher_is_given(mac: Mac) -> None:
    mac.sandbox.write(".env")
    done = mac.sandbox.run("sh", "-c", "echo $AIGATE_SANDBOX; test -d $TMPDIR && echo $TMPDIR")
    assert done.returncode == 0, done.stderr
    kind, temporary = done.stdout.split()
    assert kind == "seatbelt"
    tried, given = mac.given()
    assert tried["command"] == ["/usr/bin/true"]
    assert given["command"][:2] == ["sh", "-c"]
    profile = sbpl_reader.read(given["profile"], given["parameters"])
    project = str(mac.sandbox.project)
    assert not profile.allows(Operation("file-read-data", f"{project}/.env"))
    assert not profile.allows(Operation("file-read-data", f"{project}/later/.env"))
    assert profile.allows(Operation("file-write-create", f"{project}/x"))
    assert profile.allows(Operation("file-write-create", f"{temporary}/x"))
    assert not profile.allows(Operation("file-read-data", f"{mac.sandbox.home}/.aigate/config.yaml"))
    assert not profile.allows(Operation("process-exec", os.path.realpath("/usr/bin/wget")))
    assert not os.path.exists(temporary), "it goes with the run"
    assert not list((mac.sandbox.home / ".aigate").glob("profile-*"))


@pytest.mark.parametrize(
    ("script", "status"), [("true", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -9 $$", 137)]
)
def test_exit_status(mac: Mac, script: str, status: int) -> None:
    assert mac.sandbox.shell(script).returncode == status


def test_commands_that_cannot_start(mac: Mac) -> None:
    assert mac.sandbox.run("no-such-command-7").returncode == 127
    mac.sandbox.write("plain.txt")
    assert mac.sandbox.run("./plain.txt").returncode == 126
    done = mac.sandbox.run("wget", "x")
    assert done.returncode == 1
    assert "denied by policy" in done.stderr


def test_denied_subcommands_and_the_policy_in_words(mac: Mac) -> None:
    done = mac.sandbox.shell("git push x; echo $?; git --version; cat $TMPDIR/policy.txt", options=())
    assert done.stdout.startswith("126\ngit version "), done.stderr
    assert "aigate: git push is denied by policy" in done.stderr
    assert "  wget\n" in done.stdout
    assert "not active: deny_exec: git push" in done.stderr
    assert "on macOS a script in PATH refuses it" in done.stderr


def test_output_is_masked_on_both_streams(mac: Mac) -> None:
    done = mac.sandbox.shell(f"echo out {KEY}; echo err {KEY} >&2; printf 'no end {KEY}'")
    assert done.stdout == "out sk-ant-***\nno end sk-ant-***"
    assert done.stderr == "err sk-ant-***\n"


def test_input_arrives(mac: Mac) -> None:
    assert mac.sandbox.run("cat", input="given\n").stdout == "given\n"


def test_much_output(mac: Mac) -> None:
    done = mac.sandbox.run("seq", "300000")
    assert done.stdout == "".join(f"{number}\n" for number in range(1, 300001))


def test_a_terminal_stays_one(mac: Mac) -> None:
    script = "test -t 0 && test -t 1 && test -t 2 && echo three; stty size; echo own >/dev/tty; echo " + KEY
    with on_terminal(mac, "sh", "-c", script, rows=31, columns=117) as terminal:
        outside = os.ttyname(terminal.slave)
        assert terminal.wait() == 0
        assert terminal.seen.split() == [b"three", b"31", b"117", b"own", b"sk-ant-" + b"*" * (len(KEY) - 7)]
    parameters = mac.given()[-1]["parameters"]
    assert parameters["TERMINAL"].startswith("/dev/pts/")
    assert parameters["TERMINAL"] != outside


def test_keys_and_sizes(mac: Mac) -> None:
    with on_terminal(
        mac,
        "sh",
        "-c",
        "trap 'stty size; exec sh -c \"read a; read b; echo \\$a-\\$b\"' WINCH; echo go; while :; do sleep 0.05; done",
    ) as terminal:
        terminal.expect(b"go")
        terminal.resize(40, 99)
        terminal.expect(b"40 99")
        terminal.send(b"one\rtwo\r")
        terminal.expect(b"one-two")
        assert terminal.wait() == 0


def test_control_c_reaches_the_command(mac: Mac) -> None:
    with on_terminal(
        mac, "sh", "-c", "trap 'echo caught; exit 3' INT; echo go; while :; do sleep 0.1; done"
    ) as terminal:
        terminal.expect(b"go")
        terminal.send(CONTROL_C)
        terminal.expect(b"caught")
        assert terminal.wait() == 3


def test_stopped_and_continued(mac: Mac) -> None:
    """Control-Z stops command and aigate, the shell outside goes on, and `fg` brings both back."""
    # What it says is not spelt as it is typed, for the shell shows what is typed; and it speaks once it goes on. A read
    # whose time is up in the middle of a line keeps what it had.
    script = 'trap "echo ba""ck" CONT; echo rea""dy; until read -t 0.1 x; do y=$y$x; done; echo got $y$x'
    line = " ".join([*mac.prefix, "run", "-q", "--", "bash", "-c", f"'{script}'"])
    argv = ["/bin/bash", "--norc", "--noprofile", "-i"]
    environment = {**mac.sandbox.environment, "TERM": "xterm"}
    with Pseudo(argv, cwd=mac.sandbox.project, env=environment, **mac.sandbox.identity()) as terminal:
        terminal.send(b"PS1='ou''t> '; stty -echo\n")
        terminal.expect(b"out> ")
        terminal.send(line.encode() + b"\n")
        terminal.expect(b"ready")
        terminal.send(CONTROL_Z)
        terminal.expect(b"Stopped")
        terminal.send(b"echo between\n")
        terminal.expect(b"between")
        terminal.send(b"fg\n")
        terminal.expect(b"back")
        terminal.send(b"keys\r")
        terminal.expect(b"got keys", b"out> ")
        terminal.send(b"exit\n")
        terminal.wait()


def test_the_terminal_is_put_back(mac: Mac) -> None:
    with on_terminal(mac, "sh", "-c", "stty -echo; echo done") as terminal:
        assert terminal.wait() == 0
        assert termios.tcgetattr(terminal.slave) == terminal.before


def started(mac: Mac, *command: str, **options) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*mac.prefix, "run", *QUIET, "--", *command],
        cwd=mac.sandbox.project,
        env=mac.sandbox.environment,
        stdout=subprocess.PIPE,
        text=True,
        **options,
        **mac.sandbox.identity(),
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signals_are_passed_on(mac: Mac, number: int) -> None:
    script = f"trap 'echo caught; exit 5' {number}; echo go; while :; do sleep 0.05; done"
    with started(mac, "sh", "-c", script) as running:
        assert running.stdout.readline() == "go\n"
        running.send_signal(number)
        assert running.stdout.read() == "caught\n"
        assert running.wait(PATIENCE) == 5


def test_ignored_signals_stay_ignored(mac: Mac) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with started(mac, "sh", "-c", "echo go; sleep 1; echo still", preexec_fn=ignore) as running:
        assert running.stdout.readline() == "go\n"
        running.send_signal(signal.SIGHUP)
        assert running.stdout.read() == "still\n"


def alive(mark: str) -> list[int]:
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "cmdline").read_text(errors="replace") and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def gone(mark: str) -> bool:
    until = time.monotonic() + PATIENCE
    while alive(mark):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_what_was_started_ends_with_the_command(mac: Mac) -> None:
    """Background jobs with process groups of their own, too."""
    script = "set -m; sleep 4711.3 & sleep 4711.3 & echo started"
    assert mac.sandbox.run("bash", "-c", script).stdout == "started\n"
    assert gone("4711.3")


def test_killed_in_the_middle(mac: Mac) -> None:
    """Nothing is left when aigate is killed: no process, no file, no changed terminal."""
    with on_terminal(mac, "sh", "-c", "echo $TMPDIR; sleep 4712.7 & sleep 4712.7") as terminal:
        temporary = terminal.expect(b"\n").decode().strip()
        assert os.path.isdir(temporary)
        assert termios.tcgetattr(terminal.slave) != terminal.before
        os.kill(terminal.process.pid, signal.SIGKILL)
        assert gone("4712.7")
        until = time.monotonic() + PATIENCE
        while os.path.exists(temporary) or termios.tcgetattr(terminal.slave) != terminal.before:
            assert time.monotonic() < until
            time.sleep(0.05)
    state = mac.sandbox.home / ".aigate"
    while list(state.glob("profile-*")) or (state / "placeholders").exists():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_killed_at_random_moments(mac: Mac) -> None:
    """Whenever it is: after one more run, nothing is left of those before."""
    mac.sandbox.config("deny_write: ['.vscode/*.json', ~/.config/fish/]\nallow_net: [api.example.com]\n")
    temporary = mac.sandbox.home / "tmp"
    temporary.mkdir()
    os.chown(temporary, mac.sandbox.uid, mac.sandbox.gid)
    mac.sandbox.extra = {"TMPDIR": str(temporary)}
    for _ in range(MOMENTS):
        with started(mac, "sh", "-c", "sleep 4714.7 & sleep 4714.7") as running:
            time.sleep(random.uniform(0.02, 0.6))  # noqa: S311 -- any moment will do
            running.kill()
    assert gone("4714.7")
    assert gone(str(mac.kept.parent)), "no keeper and no proxy"
    assert mac.sandbox.run("true").returncode == 0
    assert list(temporary.iterdir()) == []
    state = {path.name for path in (mac.sandbox.home / ".aigate").iterdir()}
    assert state <= {
        "config.yaml",
        "config.schema.json",
        "audit.head",
        "layers",  # this and the network are what a first run has found out
        "network",
        "audit.jsonl",
        "running.lock",
        "cache",
        "trusted",
    }
    assert not mac.sandbox.path(".vscode").exists()
    assert not mac.sandbox.path("~/.config").exists()


def test_runs_side_by_side_leave_each_other_alone(mac: Mac) -> None:
    with started(mac, "sh", "-c", "echo $TMPDIR; read x; test -d $TMPDIR && echo there", stdin=subprocess.PIPE) as one:
        temporary = one.stdout.readline().strip()
        assert mac.sandbox.shell("echo $TMPDIR").stdout.strip() != temporary
        one.stdin.write("\n")
        one.stdin.close()
        assert one.stdout.read() == "there\n"


def test_directories_that_must_stand_are_there_meanwhile(mac: Mac) -> None:
    mac.sandbox.config("deny_write: [~/.config/fish/, '.vscode/*.json']\n")
    done = mac.sandbox.shell("ls -d ~/.config; ls -d .vscode")
    assert done.stdout.split() == [f"{mac.sandbox.home}/.config", ".vscode"]
    assert not mac.sandbox.path("~/.config").exists()
    assert not mac.sandbox.path(".vscode").exists()


def test_what_is_not_in_force_is_said(mac: Mac) -> None:
    mac.sandbox.config("resource_limits: {max_memory: 1G, max_pids: 100}\ndeny_exec: [git push]\n")
    done = mac.sandbox.run("true", options=())
    assert "aigate: seatbelt · " in done.stderr
    assert "not active: processes: what starts a session of its own" in done.stderr
    assert "max_memory" in done.stderr
    assert ("max_pids" in done.stderr) == (mac.sandbox.uid == 0)
    for name in ("limits", "landlock", "seccomp", "net", "mask"):
        refused = mac.sandbox.run("true", options=("--quiet", "--require", name))
        assert refused.returncode == 1, name
        assert f"{name} is required" in refused.stderr
    assert mac.sandbox.run("true", options=("--quiet", "--require", "filesystem")).returncode == 0


def test_a_profile_that_is_refused_stops_the_run(mac: Mac) -> None:
    mac.sandbox.extra = {"STAND_IN_REFUSES": "yes"}
    done = mac.sandbox.run("sh", "-c", "echo ran")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing was run: sandbox-exec: profile:1: unbound variable: foo" in done.stderr


def test_no_launcher(mac: Mac) -> None:
    (mac.kept.parent / "sandbox-exec").unlink()
    done = mac.sandbox.run("true")
    assert done.returncode == 1
    assert "cannot be started" in done.stderr


def test_dry_run_shows_the_profile(mac: Mac) -> None:
    done = mac.sandbox.run("true", options=("--dry-run",))
    assert done.returncode == 0
    assert "(deny default)" in done.stdout
    assert mac.given() == []


def test_as_agent_user_is_refused(mac: Mac) -> None:
    done = mac.sandbox.run("true", options=("--quiet", "--as-agent-user"))
    assert done.returncode == 1
    assert "works on Linux alone" in done.stderr


def test_the_number_of_processes_is_limited(mac: Mac) -> None:
    """Root is not held back by the kernel, and is told so (see above)."""
    if mac.sandbox.uid != 0:
        mac.sandbox.config("resource_limits: {max_pids: 20}\n")
        done = mac.sandbox.shell(
            "for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do sleep 2 & done; wait"
        )
        assert "fork" in done.stderr.lower() or "resource" in done.stderr.lower()


def test_masking_needs_nothing_of_linux(mac: Mac) -> None:
    done = mac.sandbox.aigate("mask", input=f"key {KEY}\n")
    assert (done.returncode, done.stdout) == (0, "key sk-ant-***\n")


def test_every_command_can_be_imported(mac: Mac) -> None:
    for name in ("init", "deny", "allow", "trust", "setup", "reset", "status", "version", "run", "mask"):
        assert mac.sandbox.aigate(name, "--help").returncode == 0, name


# ---- the proxy ----

LAB = r"""
import http.server, json, subprocess, sys, threading
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["ip", "address", "add", "192.0.2.1/32", "dev", "lo"], check=True)
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = b"x" * 20_000_000 if self.path == "/much" else f"served {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
server = http.server.ThreadingHTTPServer(("192.0.2.1", 8080), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.exit(subprocess.run(sys.argv[1:]).returncode)
"""
CLIENT = r"""
import os, socket, urllib.error, urllib.parse, urllib.request
proxy = urllib.parse.urlsplit(os.environ["https_proxy"])
def fetch(url):
    try:
        return urllib.request.urlopen(url, timeout=10).read()
    except urllib.error.HTTPError as error:
        return str(error.code).encode()
def tunnel(target, request, address):
    with socket.create_connection((address, proxy.port), timeout=10) as c:
        c.sendall(f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())
        answer = c.recv(4096).split()[1]
        if answer != b"200":
            return answer
        c.sendall(request)
        c.shutdown(socket.SHUT_WR)
        data = b""
        while part := c.recv(1 << 16):
            data += part
        return data
GET = b"GET %s HTTP/1.0\r\n\r\n"
print(fetch("http://192.0.2.1:8080/plain").decode())
print(*(fetch(f"http://{place}/").decode() for place in ("192.0.2.1:8081", "192.0.2.7:8080", "denied.test")))
print(tunnel("192.0.2.1:8080", GET % b"/tunnel", "127.0.0.1").split()[-1].decode())
print(tunnel("192.0.2.1:8080", GET % b"/six", "::1").split()[-1].decode())
own = "127.0.0.1:%d" % proxy.port
print(*(tunnel(target, b"", "127.0.0.1").decode() for target in (own, "denied.test:443")))
print(len(tunnel("192.0.2.1:8080", GET % b"/much", "127.0.0.1").partition(b"\r\n\r\n")[2]))
"""


def in_lab(mac: Mac, *words: str) -> subprocess.CompletedProcess[str]:
    """Run aigate in a network namespace where 192.0.2.1 serves, and nothing else is."""
    lab = ["unshare", "--map-root-user", "--net", "/usr/bin/python3", "-c", LAB]
    environment = {**mac.sandbox.environment, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    return subprocess.run(
        [*lab, *mac.prefix, *words],
        cwd=mac.sandbox.project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        **mac.sandbox.identity(),
    )


def test_the_proxy_lets_through_what_is_allowed(mac: Mac) -> None:
    mac.sandbox.config("allow_net: ['192.0.2.1:8080', api.example.com]\n")
    done = in_lab(mac, "run", "--quiet", "--", "/usr/bin/python3", "-c", CLIENT)
    assert done.stdout.splitlines() == [
        "served /plain", "403 403 403", "/tunnel", "/six", "403 403", "20000000",
    ], done.stderr  # fmt: skip
    assert "denied.test" in done.stderr
    lines = [json.loads(line) for line in (mac.sandbox.home / ".aigate/audit.jsonl").read_text().splitlines()]
    refused = {(line["subject"], line.get("port")) for line in lines if line["event"] == "net_refused"}
    assert {("192.0.2.1", 8081), ("192.0.2.7", 8080)} <= refused
    assert any(subject == "denied.test" for subject, _ in refused)


def test_the_profile_opens_the_port_of_the_proxy_alone(mac: Mac) -> None:
    mac.sandbox.config("allow_net: [api.example.com]\n")
    done = mac.sandbox.shell('echo "$HTTP_PROXY $https_proxy $ALL_PROXY $NO_PROXY"')
    first, second, third, local = done.stdout.split()
    assert first == second == third
    assert local == "localhost,127.0.0.1,::1"
    port = int(first.rpartition(":")[2])
    given = mac.given()[-1]
    profile = sbpl_reader.read(given["profile"], given["parameters"])
    assert profile.allows(Operation("network-outbound", socket="ip", host="127.0.0.1", port=port))
    assert not profile.allows(Operation("network-outbound", socket="ip", host="127.0.0.1", port=port + 1))
    assert not profile.allows(Operation("network-outbound", socket="ip", host="93.184.216.34", port=443))
    with socket.socket() as again:
        assert again.connect_ex(("127.0.0.1", port)) != 0, "the proxy has ended with the run"


def test_an_empty_list_opens_nothing(mac: Mac) -> None:
    mac.sandbox.config("allow_net: []\n")
    assert mac.sandbox.shell("echo ${HTTP_PROXY-none}").stdout == "none\n"
    given = mac.given()[-1]
    profile = sbpl_reader.read(given["profile"], given["parameters"])
    assert not profile.allows(Operation("network-outbound", socket="ip", host="127.0.0.1", port=80))


def test_the_proxy_ends_when_aigate_is_killed(mac: Mac) -> None:
    mac.sandbox.config("allow_net: [api.example.com]\n")
    with started(mac, "sh", "-c", "echo $HTTP_PROXY; exec sleep 4713.7") as running:
        port = int(running.stdout.readline().rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)):
            running.kill()
        assert gone("4713.7")
        until = time.monotonic() + PATIENCE
        with socket.socket() as again:
            while again.connect_ex(("127.0.0.1", port)) == 0:
                assert time.monotonic() < until
                time.sleep(0.05)


def test_learning(mac: Mac) -> None:
    mac.sandbox.config("allow_net: []\n")
    done = in_lab(
        mac,
        "run",
        "--quiet",
        "--learn-net",
        "--",
        "/usr/bin/python3",
        "-c",
        CLIENT.partition("print(fetch")[0] + "print(fetch('http://denied.test/'))",
    )
    assert "denied.test" in done.stderr


@pytest.mark.parametrize("line", ["network: slirp", "backend: bwrap", "backend: unshare"])
def test_ways_of_linux_are_refused(mac: Mac, line: str) -> None:
    mac.sandbox.config(f"{line}\nallow_net: [a.example]\n")
    done = mac.sandbox.run("true")
    assert done.returncode == 1
    assert "Linux" in done.stderr
