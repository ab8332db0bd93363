"""What is tried inside of a throw-away sandbox. Runs by itself, with the standard library alone.

Prints one JSON object: what was tried, and whether the protection held.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import os
import socket
import sys

SECRET, FIXED, DENIED = "secret.txt", "fixed.txt", "uname"
IO_URING_SETUP, TIOCSTI = 425, 0x5412
UNKNOWN_NAME, UNKNOWN_ADDRESS = "aigate-doctor.example", "192.0.2.1"  # RFC 2606, RFC 5737
PATIENCE_SECONDS = 3


def main(what: str, argument: str) -> None:
    """Try what is asked for: `files`, `terminal`, or `network` with a port on the host's loopback."""
    tried = network(int(argument)) if what == "network" else files() if what == "files" else terminal()
    print(json.dumps(tried))  # noqa: T201 -- this is a program


def files() -> dict[str, bool]:
    """Try to read, to change, to run, and to call the kernel."""
    with open("/proc/self/status", encoding="ascii") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    return {
        "hidden": b"hidden-content" not in _content(SECRET),
        "read-only": not _can_write(FIXED) and not _can_write("/usr/aigate-doctor"),
        "denied": _run(DENIED) != 0,
        "processes": sum(name.isdigit() for name in os.listdir("/proc")) <= 4,  # noqa: PLR2004
        "capabilities": int(status["CapEff"], 16) == 0 and status["NoNewPrivs"].strip() == "1",
        "seccomp": status["Seccomp"].strip() == "2" and _call(IO_URING_SETUP) == errno.ENOSYS,
    }


def terminal() -> dict[str, bool]:
    """Try to type into the terminal, which must be there and not be the caller's."""
    try:
        fcntl.ioctl(0, TIOCSTI, b"x")
        typed = True
    except OSError:
        typed = False
    return {"terminal": os.isatty(0) and os.isatty(1), "typing": not typed}


def network(port: int) -> dict[str, bool]:
    """Try a name, an address and the host's loopback, none of them allowed."""
    return {
        "resolver": not _reaches(UNKNOWN_NAME, 80),
        "addresses": not _reaches(UNKNOWN_ADDRESS, 80),
        "loopback": not _reaches("127.0.0.1", port) and not _reaches("10.0.2.2", port),
    }


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _can_write(path: str) -> bool:
    try:
        with open(path, "ab"):
            return True
    except OSError:
        return False


def _run(name: str) -> int:
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, number) for number in (1, 2)]
    try:
        child = os.posix_spawnp(name, [name], dict(os.environ), file_actions=actions)
    except OSError:
        return 127
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _call(number: int) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    return 0 if library.syscall(number, 1, 0) >= 0 else ctypes.get_errno()


def _reaches(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), PATIENCE_SECONDS).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
