"""Tells a client inside why it was refused, on its own standard error, where it would show nothing but a number.

curl and git print neither the reason nor the body of a tunnel that was refused, and of a name that it is not known. The
process is found by its socket, and its descriptor 2 borrowed for one line (pidfd_getfd(2)): with that nothing can be
written that the client could not have written itself. Never waits, and never writes where somebody draws. Where the
system lets nobody have another process's descriptors, nothing is told here.
"""

from __future__ import annotations

import fcntl
import os
import stat
import termios
from socket import AF_UNIX, MSG_DONTWAIT, MSG_NOSIGNAL, SOCK_STREAM, socket

from aigate import _linux
from aigate.reading import read_from
from aigate.suppress import suppress

STANDARD_ERROR = 2
MOST_TOLD = 1000
LOCAL_FLAGS = 3  # the place of c_lflag in what tcgetattr returns
# By the names of their processes, as the kernel cuts them. curl may have begun a line that shows its progress.
TUNNELLED = {"curl": "\n", **dict.fromkeys(("git-remote-http", "cargo", "uv", "rustup", "bun", "deno"), "")}
RESOLVING = {**TUNNELLED, "wget": "", "ssh": ""}


class Teller:
    """Finds clients by their sockets and writes to them. Each is told the same thing once."""

    def __init__(self, process: int) -> None:
        """process: one that is in the sandbox's network for as long as that is served."""
        self._process = process
        self._told: set[tuple[int, str]] = set()
        self._left = MOST_TOLD

    def tunnel(self, port: int, server: int, words: str) -> None:
        """Tell who has connected from a port of the sandbox's loopback to our `server` port why it has no tunnel."""
        self._tell("tcp", port, (server,), TUNNELLED, words)

    def name(self, port: int, words: str) -> None:
        """Tell who has asked for a name, from a port of its own, why there is none."""
        self._tell("udp", port, (53, 0), RESOLVING, words)

    def _tell(self, protocol: str, port: int, servers: tuple[int, ...], clients: dict[str, str], words: str) -> None:
        if not self._left:
            return
        self._left -= 1
        with suppress(OSError, ValueError, IndexError):  # whoever it was has ended, or may not be looked at
            inode = _inode(f"/proc/{self._process}/net/{protocol}", port, servers)
            found = _holder(f"socket:[{inode}]", clients) if inode else None
            if found is None:
                return
            process, name, handle = found
            try:
                if (process, words) not in self._told:
                    self._told.add((process, words))
                    _say(_linux.borrow(handle, STANDARD_ERROR), f"{clients[name]}aigate: {words}\n".encode())
            finally:
                os.close(handle)


def _inode(table: str, port: int, servers: tuple[int, ...]) -> str:
    """Return the number of the socket with that port of its own that leads to one of the others (proc(5)); or ""."""
    with open(table, "rb") as file:
        lines = read_from(file).decode("ascii").splitlines()[1:]
    for line in lines:
        fields = line.split()
        own, other = (int(field.rpartition(":")[2], 16) for field in fields[1:3])
        if own == port and other in servers and fields[9] != "0":
            return fields[9]
    return ""


def _holder(link: str, clients: dict[str, str]) -> tuple[int, str, int] | None:
    """Return the process that holds a socket, its name and a descriptor for it (pidfd_open(2)), if it is a client."""
    for entry in os.listdir("/proc"):
        with suppress(OSError):
            name = _name(entry) if entry.isdecimal() else ""
            if name in clients:
                handle = os.pidfd_open(int(entry))
                if _holds(entry, link):
                    return int(entry), name, handle
                os.close(handle)
    return None


def _name(process: str) -> str:
    with open(f"/proc/{process}/comm", "rb") as file:
        return read_from(file).decode("ascii", "replace").rstrip("\n")


def _holds(process: str, link: str) -> bool:
    directory = f"/proc/{process}/fd"
    for number in os.listdir(directory):
        with suppress(OSError):
            if os.readlink(f"{directory}/{number}") == link:
                return True
    return False


def _say(borrowed: int, line: bytes) -> None:
    """Write a line without waiting; whether a descriptor waits is said of the open file, which others share."""
    try:
        kind = os.fstat(borrowed).st_mode
        if fcntl.fcntl(borrowed, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            return
        if stat.S_ISSOCK(kind):
            with socket(fileno=os.dup(borrowed)) as end:
                if end.family == AF_UNIX and end.type == SOCK_STREAM:
                    end.send(line, MSG_DONTWAIT | MSG_NOSIGNAL)
        elif stat.S_ISFIFO(kind):
            _pour(borrowed, line)
        elif stat.S_ISCHR(kind) and _is_read_by_lines(borrowed):
            own = os.open(f"/proc/self/fd/{borrowed}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            try:
                os.write(own, line)
            finally:
                os.close(own)
        elif stat.S_ISREG(kind):
            os.write(borrowed, line)
    finally:
        os.close(borrowed)


def _pour(pipe: int, line: bytes) -> None:
    """Write to a pipe that blocks, without waiting: from pipe to pipe that can be asked for (splice(2))."""
    reader, writer = os.pipe2(os.O_CLOEXEC)
    try:
        os.write(writer, line)
        os.splice(reader, pipe, len(line), flags=os.SPLICE_F_NONBLOCK)
    finally:
        os.close(reader)
        os.close(writer)


def _is_read_by_lines(terminal: int) -> bool:
    """Tell whether this is a terminal on which nobody draws."""
    try:
        flags: int = termios.tcgetattr(terminal)[LOCAL_FLAGS]
    except termios.error:
        return False
    return bool(flags & termios.ICANON)
