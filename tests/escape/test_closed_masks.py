"""What covers a hidden file or directory is opened by nobody, and is neither changed nor taken away."""

from __future__ import annotations

import os
import pathlib
import shlex

import pytest
from mountlab import BASE, identity, in_namespaces
from sandbox import SECRET, Sandbox

from aigate import _linux
from aigate.backends.layout import Bind, Closed
from aigate.launch.mounting import Mounting

BACKENDS = ("bwrap", "unshare")


@pytest.mark.parametrize("start", ["", "unshare -Ur ", "unshare -Urm ", "unshare -Uc ", "unshare -Ur unshare -Ur "])
def test_opening_it(sandbox: Sandbox, start: str) -> None:
    """As the caller, and as user 0 of user namespaces made inside."""
    sandbox.write(".env")
    sandbox.write("secrets/key")
    done = sandbox.shell(f"{start} sh -c 'cat .env; cat < .env; ls secrets; cat secrets/key; cd secrets; : >> .env'")
    assert done.stdout == ""
    if start and sandbox.uid == 0:  # without CAP_SETFCAP user 0 cannot be mapped: see the next test
        assert "unshare: write failed" in done.stderr
        return
    assert done.stderr.lower().count("permission denied") + done.stderr.count("can't cd") == 6, done.stderr


def test_opening_it_with_every_capability(sandbox: Sandbox) -> None:
    """In a user namespace of its own, whose maps are empty, a process has them all until it executes something."""
    sandbox.write(".env")
    sandbox.write("secrets/key")
    program = """if True:
        import ctypes, os
        assert ctypes.CDLL(None).unshare(0x10000000) == 0
        assert "CapEff:\t0000000000000000" not in open("/proc/self/status").read()
        for attempt in (lambda: open(".env"), lambda: os.listdir("secrets"), lambda: open("secrets/key"),
                        lambda: os.chmod(".env", 0o644), lambda: os.mkdir("secrets/new")):
            try:
                print(attempt())
            except OSError as error:
                print(type(error).__name__, error.errno)
    """
    done = sandbox.run("python3", "-c", program)
    assert done.stdout == "PermissionError 13\n" * 3 + "OSError 30\n" + "PermissionError 13\n", done.stderr


def test_it_looks_like_an_empty_file_of_nobody(sandbox: Sandbox) -> None:
    sandbox.write(".env")
    sandbox.write("secrets/key")
    done = sandbox.run("stat", "-c", "%F %a %u %s", ".env")
    assert done.stdout == "regular empty file 0 65534 0\n"
    assert sandbox.run("stat", "-c", "%F %a %u", "secrets").stdout == "directory 0 65534\n"


ATTACKS = (
    "chmod 644 .env secrets",
    "chown $(id -u) .env",
    "ln .env x && cat x",
    "ln -s .env x && cat x",
    'python3 -c \'import os; f = os.open(".env", os.O_PATH); print(open(f"/proc/self/fd/{f}").read())\'',
    "mv .env x; cat x",
    "mv secrets x; cat x/key",
    "rm -rf .env secrets; cat .env secrets/key",
    "touch secrets/new; mkdir secrets/d; rmdir secrets",
    "truncate -s 9 .env; setfattr -n user.x -v y .env",
    "unshare -Urm sh -c 'mkdir x && mount --bind . x && cat x/.env && ls x/secrets'",
    "unshare -Urm sh -c 'mkdir x && mount --rbind . x && cat x/.env; ls x/secrets'",
    "unshare -Urm sh -c 'touch x && mount --bind .env x && chmod 644 x; cat x'",
    "unshare -Urm sh -c 'umount .env; umount -l secrets; cat .env secrets/key'",
    "unshare -Urm sh -c 'mount -o remount,rw,bind .env; chmod 644 .env; cat .env'",
)


def test_getting_around_it(sandbox: Sandbox) -> None:
    """Each attack in a directory of its own, all in one sandbox."""
    places = [sandbox.project / str(number) for number in range(len(ATTACKS))]
    for place in places:
        sandbox.write(f"{place.name}/.env")
        sandbox.write(f"{place.name}/secrets/key")
    script = 'cd $1; sh -c "$2"; cat .env secrets/key x; ls secrets/'
    each = "; ".join(
        f"sh -c {shlex.quote(script)} sh {number} {shlex.quote(attack)}" for number, attack in enumerate(ATTACKS)
    )
    done = sandbox.shell(f"{each}; echo all were tried")
    assert SECRET not in done.stdout + done.stderr
    assert done.stdout == "all were tried\n", done.stdout
    for place, attack in zip(places, ATTACKS, strict=True):
        assert (place / ".env").read_text() == (place / "secrets/key").read_text() == f"{SECRET}\n", attack
        assert (place / ".env").stat().st_mode & 0o777 == 0o644, attack
        assert os.listdir(place / "secrets") == ["key"], attack


def test_what_is_exposed_below_a_hidden_directory(sandbox: Sandbox) -> None:
    """It can be reached, and the way to it be passed; nobody can see what else is there."""
    sandbox.write("~/.gnupg/secret")
    shown = sandbox.write("~/.gnupg/S.wanted", "shown\n")
    sandbox.config(f"allow_sockets: [{shown}]\ndeny_read: [~/.gnupg/]\n")
    done = sandbox.shell("cat ~/.gnupg/S.wanted; ls ~/.gnupg; cat ~/.gnupg/secret; touch ~/.gnupg/new")
    assert done.stdout == "shown\n", done.stderr
    assert "cannot open directory" in done.stderr or sandbox.uid == 0


@pytest.mark.parametrize("mapped", [True, False])
def test_covering_more_later(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, mapped: bool) -> None:
    """By who holds the masks' descriptors; also where the kernel shows no tmpfs without its owners."""
    secret = sandbox.write("deep/.env")
    late = sandbox.write("late/.env")
    folder = sandbox.write("vault/.env").parent
    if not mapped:

        def fails(mount: int, namespace: int) -> None:  # noqa: ARG001
            raise OSError(22, "Invalid argument")

        monkeypatch.setattr(_linux, "map_mount", fails)

    def attempt() -> str:
        home = Bind(str(sandbox.home), str(sandbox.home), writable=True)
        closed = Closed(str(secret), directory=False, identity=identity(secret))
        mounting = Mounting(None, (*BASE, home, closed))
        mounting.make()
        for path in (late, folder):
            place = os.open(path, os.O_PATH)
            mounting.masks.cover(place, path.is_dir())
        said = []
        for path in (secret, late, folder / ".env"):
            try:
                said.append(path.read_text())
            except OSError as error:
                said.append(type(error).__name__)
        return " ".join(said)

    found = in_namespaces(sandbox, attempt)
    assert found == f"PermissionError PermissionError {'PermissionError' if mapped else 'FileNotFoundError'}"


def test_nothing_of_it_is_left(sandbox: Sandbox) -> None:
    secret = sandbox.write(".env")
    before = sorted(pathlib.Path(sandbox.project).iterdir())
    sandbox.run("true")
    assert secret.read_text() == f"{SECRET}\n"
    assert sorted(pathlib.Path(sandbox.project).iterdir()) == before
