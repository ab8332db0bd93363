"""A network of our own, in namespaces of our own: a host, an internet with its name servers and services, and users.

Nothing outside the namespaces is touched. Needs root, ip, dnsmasq, openssl, nsenter, setpriv; each failure is an error.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sandbox import install_for_others

SUPPORT = Path(__file__).parent
ROOT = SUPPORT.parent.parent
USERS = {"root": 0, "user": 47011}
PROVIDER = "192.31.196.53"
OLD_PROVIDER = "192.31.196.54"
ATTACKER = "192.52.193.53"
ALLOWED = "192.175.48.10"
ALLOWED6 = "2620:4f:8000:1::10"
DENIED = "192.175.48.20"
DENIED6 = "2620:4f:8000:1::20"
SERVICE_ADDRESSES = [
    *(f"192.175.48.{last}/32" for last in (10, 11, 20, 30, 31, 40)),
    *(f"2620:4f:8000:1::{last}/128" for last in (10, 11, 20, 30, 31, 40)),
    f"{PROVIDER}/32",
    f"{OLD_PROVIDER}/32",
    f"{ATTACKER}/32",
    "10.20.30.40/32",
    "169.254.169.254/32",
    "fd00:ec2::254/128",
]
# name: addresses. The provider knows these; everything else below evil.test too, for the tunnel tests.
RECORDS = {
    "allowed.test": f"{ALLOWED},{ALLOWED6}",
    "www.allowed.test": f"{ALLOWED},{ALLOWED6}",
    "deep.er.allowed.test": f"{ALLOWED},{ALLOWED6}",
    "other.test": "192.175.48.11,2620:4f:8000:1::11",
    "only4.test": "192.175.48.11",
    "only6.test": "2620:4f:8000:1::11",
    "denied.test": f"{DENIED},{DENIED6}",
    "notallowed.test": DENIED,
    "allowed.test.evil.test": DENIED,
    "rebind-loopback.test": "127.0.0.1,::1",
    "rebind-private.test": "10.20.30.40",
    "rebind-metadata.test": "169.254.169.254,fd00:ec2::254",
    "rebind-host.test": "192.52.193.130,2001:4:112::2",
    "rebind-mapped.test": "::ffff:10.20.30.40",
    "wiki.corp.test": "192.175.48.40,2620:4f:8000:1::40",
}
PATIENCE = 120  # seconds, beside whatever load
MOVING = "moving.test"


class Lab:
    """The host's namespaces (`host`) and the internet's, with everything that listens there."""

    def __init__(self, directory: Path, aigate: list[str] | None = None) -> None:
        """aigate: how to start one that everyone can read; left out: a copy is made."""
        self.directory = directory
        self.aigate = aigate or self._installed()
        self.processes: list[subprocess.Popen[bytes]] = []
        directory.chmod(0o755)
        self._certificates()
        self.host = self._hold("--net", "--mount", "--propagation", "private")
        self.internet = self._hold("--net")
        self._interfaces()
        self._files()
        self._services()
        self._homes()

    # -- building ---------------------------------------------------------------------------------------------------

    def _hold(self, *options: str) -> int:
        """Start a process that keeps new namespaces alive, and return its id."""
        command = ["unshare", *options, "setpriv", "--pdeathsig", "KILL", "sh", "-c", "echo; exec sleep infinity"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self.processes.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        return process.pid

    def _interfaces(self) -> None:
        lines = [
            "link set lo up",
            f"link add world type veth peer name home netns {self.internet}",
            "addr add 192.52.193.130/25 dev world",
            "addr add 2001:4:112::2/64 dev world nodad",
            "link set world up",
        ]
        self._ip(self.host, lines)
        inner = ["link set lo up", "addr add 192.52.193.129/25 dev home", "addr add 2001:4:112::1/64 dev home nodad"]
        inner += [f"addr add {address} dev lo" for address in SERVICE_ADDRESSES]
        self._ip(self.internet, [*inner, "link set home up"])
        routes = ["route add default via 192.52.193.129", "-6 route add default via 2001:4:112::1"]
        self._ip(self.host, [*routes, "route add unreachable 10.0.0.0/16"])

    def _ip(self, holder: int, lines: list[str]) -> None:
        for line in lines:
            self.enter(holder, ["ip", *line.split()], check=True, capture_output=True)

    def _files(self) -> None:
        """Give the host its own resolv.conf, hosts and nsswitch.conf, and a tun node that every user can open."""
        etc = self.directory / "etc"
        etc.mkdir()
        (etc / "resolv.conf").write_text(f"nameserver {PROVIDER}\nsearch corp.test\n")
        (etc / "hosts").write_text(
            "127.0.0.1 localhost\n::1 localhost\n127.0.1.1 thishost\n10.20.30.40 hosts-private.test\n"
            f"{DENIED} hosts-denied.test\n"
        )
        (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files dns\n")
        for name in ("resolv.conf", "hosts", "nsswitch.conf"):
            self.enter(self.host, ["mount", "--bind", str(etc / name), f"/etc/{name}"], check=True)
        node = self.directory / "dev"
        node.mkdir()
        self.enter(self.host, ["mount", "-t", "tmpfs", "dev", str(node)], check=True)
        self.enter(self.host, ["mknod", "-m", "666", str(node / "tun"), "c", "10", "200"], check=True)
        self.enter(self.host, ["mount", "--bind", str(node / "tun"), "/dev/net/tun"], check=True)

    def _homes(self) -> None:
        """Give every user a home with a project in it."""
        for user, number in USERS.items():
            project = self.project(user)
            (project.parent / ".aigate").mkdir(parents=True, mode=0o700)
            project.mkdir()
            for source in (SUPPORT / "visit.py", SUPPORT / "netattacks.py", self.directory / "ca.pem"):
                shutil.copy(source, project)
            for path in (project.parent, project.parent / ".aigate", project, *project.iterdir()):
                os.chown(path, number, number)

    def _installed(self) -> list[str]:
        install = self.directory / "install"
        install.mkdir()
        return install_for_others(install)

    def project(self, user: str) -> Path:
        return self.directory / f"home-{user}" / "project"

    def _certificates(self) -> None:
        run = lambda *words: subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=self.directory)  # noqa: E731
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=lab")
        names = ",".join(f"DNS:{name}" for name in (*RECORDS, MOVING))
        run("req", *key, "-keyout", "site.key", "-out", "site.csr", "-subj", "/CN=site")
        (self.directory / "site.ext").write_text(f"subjectAltName={names}\n")
        sign = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "site.ext"]
        run("x509", "-req", "-in", "site.csr", *sign, "-out", "site.pem")
        for name in ("site.key", "ca.key"):
            (self.directory / name).chmod(0o600)

    def _services(self) -> None:
        self.moving_file = self.directory / "moving"
        self.provider_log = self.directory / "provider.log"
        self.attacker_log = self.directory / "attacker.log"
        self.moving_file.write_text(f"192.175.48.30 {MOVING}\n")
        common = ["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--bind-interfaces", "--pid-file="]
        common += ["--user=root", "--log-queries", "--conf-file=/dev/null", "--cache-size=0"]
        records = [f"--host-record={name},{addresses}" for name, addresses in RECORDS.items()]
        aliases = ["--cname=alias.test,denied.test", "--txt-record=allowed.test,hello"]
        self.provider = self.start(
            self.internet,
            [*common, f"--listen-address={PROVIDER}", *records, *aliases, f"--addn-hosts={self.moving_file}",
             f"--address=/evil.test/{DENIED}", f"--log-facility={self.provider_log}", "--local=/test/"],
        )  # fmt: skip
        self.start(
            self.internet,
            [*common, f"--listen-address={ATTACKER}", f"--address=/#/{DENIED}", f"--log-facility={self.attacker_log}"],
        )
        self.seen_file = self.directory / "seen"
        self.start(self.internet, [sys.executable, str(SUPPORT / "netservices.py"), str(self.directory)])
        self._wait_for(self.directory / "services.up")
        for log in (self.provider_log, self.attacker_log):
            self._wait_for(log)
        self._wait_for_resolver()

    def _wait_for(self, path: Path) -> None:
        until = time.monotonic() + PATIENCE
        while not path.exists():
            assert time.monotonic() < until, f"{path.name} did not appear"
            time.sleep(0.005)

    def _wait_for_resolver(self) -> None:
        until = time.monotonic() + PATIENCE
        while self.enter(self.host, ["getent", "hosts", "allowed.test"], capture_output=True).returncode:
            assert time.monotonic() < until, "the provider's resolver does not answer"

    # -- using ------------------------------------------------------------------------------------------------------

    def enter(self, holder: int, command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        """Run a command in a holder's namespaces."""
        options.setdefault("timeout", 240)
        return subprocess.run(self.prefix(holder) + command, **options)  # type: ignore[call-overload,no-any-return]

    def prefix(self, holder: int) -> list[str]:
        kinds = ["--net", "--mount"] if holder == self.host else ["--net"]
        return ["nsenter", f"--target={holder}", *kinds, "--"]

    def start(self, holder: int, command: list[str], **options: object) -> subprocess.Popen[bytes]:
        """Start a process that lives as long as the lab."""
        options.setdefault("stdout", subprocess.DEVNULL)
        options.setdefault("stderr", subprocess.DEVNULL)
        full = [*self.prefix(holder), "setpriv", "--pdeathsig", "KILL", *command]
        process: subprocess.Popen[bytes] = subprocess.Popen(full, **options)  # type: ignore[call-overload]
        self.processes.append(process)
        return process

    def as_user(self, user: str) -> list[str]:
        number = str(USERS[user])
        return ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups"] if user != "root" else []

    def command(
        self,
        allow: list[str],
        command: list[str],
        *,
        user: str,
        mode: str,
        learn: bool = False,
        backend: str = "auto",
        config: str = "",
    ) -> list[str]:
        """Return the command line that runs a command in the sandbox with these entries of allow_net.

        config: more lines for the config.
        """
        project = self.project(user)
        entries = "".join(f"  - '{entry}'\n" for entry in allow)
        path = project.parent / ".aigate" / "config.yaml"
        listed = f"allow_net:\n{entries}" if allow else "allow_net: []\n"
        path.write_text(f"deny_read: [.env]\nnetwork: {mode}\nbackend: {backend}\n{listed}{config}")
        path.chmod(0o644)
        words = [*self.aigate, "run", "--quiet", *(["--learn-net"] if learn else []), "--", *command]
        home = f"HOME={project.parent}"
        return [*self.prefix(self.host), *self.as_user(user), "env", f"--chdir={project}", home, *words]

    def log_of(self, user: str) -> Path:
        """Return the file that takes a user's audit events."""
        return self.project(user).parent / ".aigate" / "audit.jsonl"

    def iptables_without_queues(self, kind: str) -> str:
        """Return a program that is iptables of that kind, except that it refuses every rule with a packet queue."""
        real, fake = self.directory / f"xtables-{kind}", self.directory / f"without-queues-{kind}"
        if not fake.exists():
            shutil.copy(f"/usr/sbin/xtables-{kind}-multi", real)
            text = "#!/bin/bash\ntext=$(cat)\ncase $text in *NFQUEUE*) exit 1;; esac\n"
            fake.write_text(f'{text}exec -a "${{0##*/}}" {real} "$@" <<< "$text"\n')
            fake.chmod(0o755)
        return str(fake)

    @contextlib.contextmanager
    def resolv_conf(self, text: str) -> Iterator[None]:
        """Let the host have another resolv.conf for a while."""
        path = self.directory / "etc/resolv.conf"
        before = path.read_text()
        path.write_text(text)
        try:
            yield
        finally:
            path.write_text(before)

    def move(self, address: str) -> None:
        """Send `moving.test` to another address from now on."""
        self.moving_file.write_text(f"{address} {MOVING}\n")
        self.provider.send_signal(signal.SIGHUP)
        time.sleep(0.1)

    def asked(self, log: Path, word: str) -> list[str]:
        """Return the lines of a name server's log that have a word in them."""
        return [line for line in log.read_text().splitlines() if word in line and "query[" in line]

    def close(self) -> None:
        """End everything that was started; the namespaces go with it."""
        for process in reversed(self.processes):
            process.kill()
        for process in self.processes:
            process.wait()
