"""What may happen to a path between the policy and the mount, and what the sandbox's makers leave open."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest
from mountlab import BASE, identity, in_namespaces
from sandbox import SECRET, Sandbox

from aigate.backends.layout import Bind, File, Temporary
from aigate.launch.mounting import Mounting

BACKENDS = ("bwrap", "unshare")


def made(sandbox: Sandbox, steps: tuple[Bind | File | Temporary, ...], path: pathlib.Path) -> str:
    """Make mounts in a process of its own, as the sandbox's user; return what is read at `path`, or the error."""

    def attempt() -> str:
        home = Bind(str(sandbox.home), str(sandbox.home), writable=True)
        Mounting(None, (*BASE, home, *steps)).make()
        return path.read_text()

    return in_namespaces(sandbox, attempt)


@pytest.fixture
def secret(sandbox: Sandbox) -> pathlib.Path:
    return sandbox.write("deep/er/.env")


def stub(path: pathlib.Path, wanted: tuple[int, int] | None = None) -> File:
    return File(str(path), b"stub\n", 0o444, identity=wanted)


def test_what_was_found_is_covered(sandbox: Sandbox, secret: pathlib.Path) -> None:
    assert made(sandbox, (stub(secret, identity(secret)),), secret) == "stub\n"


def test_another_file_in_its_place(sandbox: Sandbox, secret: pathlib.Path) -> None:
    """As by `mv deep x; mkdir deep; ...`: the real one is now somewhere else, and would be readable there."""
    found = identity(secret)
    (sandbox.project / "deep").rename(sandbox.project / "moved")
    sandbox.write("deep/er/.env", "decoy\n")
    message = made(sandbox, (stub(secret, found),), sandbox.project / "moved/er/.env")
    assert message == f"{secret} cannot be mounted: it has just been replaced by something else"


def test_another_directory_in_its_place(sandbox: Sandbox, secret: pathlib.Path) -> None:
    place = secret.parents[1]
    found = identity(place)
    place.rename(sandbox.project / "moved")
    place.mkdir()
    for step in (
        Temporary(str(place), 0o555, identity=found),
        Bind(str(place), str(place), writable=False, identity=found),
    ):
        message = made(sandbox, (step,), sandbox.project / "moved/er/.env")
        assert message == f"{place} cannot be mounted: it has just been replaced by something else"


@pytest.mark.parametrize("part", ["deep", "deep/er", "deep/er/.env"])
def test_a_link_in_its_place(sandbox: Sandbox, secret: pathlib.Path, part: str) -> None:
    """Each part of the path in turn; the link leads to the very same file."""
    place = sandbox.project / part
    place.rename(sandbox.project / "moved")
    place.symlink_to(sandbox.project / "moved")
    message = made(sandbox, (stub(secret, identity(secret.resolve())),), secret)
    assert message == f"{secret} cannot be mounted: Too many levels of symbolic links"


def test_nothing_in_its_place(sandbox: Sandbox, secret: pathlib.Path) -> None:
    (sandbox.project / "deep").rename(sandbox.project / "moved")
    assert made(sandbox, (stub(secret),), secret) == f"{secret} cannot be mounted: No such file or directory"
    assert not (sandbox.project / "deep").exists()


def test_a_file_system_that_cannot_be_written_to_stays_so(sandbox: Sandbox, secret: pathlib.Path) -> None:
    step = Bind("/etc/aigate-made/x", str(secret), writable=False, made=True)
    message = made(sandbox, (step,), secret)
    assert message.startswith("/etc/aigate-made/x cannot be mounted: ")
    assert not os.path.exists("/etc/aigate-made")


def test_what_the_host_mounts_meanwhile(sandbox: Sandbox) -> None:
    """It would come as it is there: writable, and with what no policy has looked at."""
    sandbox.without_limits()
    sandbox.write("vault/before", "")
    attack = "echo >> ready; read x < go; cat vault/.env; touch /mnt/made && echo written; ls vault"
    script = f"""mkfifo ready go
        {" ".join(sandbox.prefix)} run -q -- sh -c '{attack}' & read x < ready
        mount -t tmpfs x /mnt && mount -t tmpfs x vault && echo {SECRET} > vault/.env && echo > go; wait"""
    done = sandbox.execute(["unshare", "--map-root-user", "--mount", "--propagation", "shared", "sh", "-c", script])
    assert done.stdout == "before\n", done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root looks into processes of other user namespaces")
def test_nothing_of_the_host_is_left_open(sandbox: Sandbox) -> None:
    """A descriptor on a mount, or on a directory outside, would be a way around all that is mounted over it."""
    sandbox.write(".env")
    command = [*sandbox.prefix, "run", "-q", "--", "sh", "-c", "ls -l /proc/self/fd; echo up; read x"]
    options = {"cwd": sandbox.project, "env": sandbox.environment, "text": True, **sandbox.identity()}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options) as run:
        lines = iter(run.stdout.readline, "up\n")
        inside = [line.split()[-3:] for line in lines if "->" in line]
        assert [words[0] for words in inside] == ["0", "1", "2", "3"]
        assert inside[3][2].endswith("/fd")  # that ls itself opened
        first = process_1(run.pid)
        for process in (first, parent_of(first)):
            links = [os.readlink(entry) for entry in pathlib.Path(f"/proc/{process}/fd").iterdir()]
            kinds = {link.partition(":")[0] for link in links}
            assert kinds <= {"pipe", "socket", "anon_inode", "/dev/null"}, links
        assert b"CapEff:\t0000000000000000" in pathlib.Path(f"/proc/{first}/status").read_bytes()
        run.stdin.close()
    assert SECRET not in str(inside)


def process_1(launcher: int) -> int:
    """Return the descendant of aigate that is process 1 of a sandbox."""
    found = [
        int(entry.name)
        for entry in pathlib.Path("/proc").glob("[0-9]*")
        if (name := command_of(int(entry.name))).endswith(".aigate-init") and launcher in ancestors(int(entry.name))
    ]
    assert len(found) == 1, name
    return found[0]


def command_of(process: int) -> str:
    try:
        return pathlib.Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[0].decode()
    except OSError:
        return ""


def parent_of(process: int) -> int:
    return int(pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])


def ancestors(process: int) -> set[int]:
    found = set()
    while process > 1:
        process = parent_of(process)
        found.add(process)
    return found
