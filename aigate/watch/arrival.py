"""How the watcher comes into a sandbox's outer namespaces: by descriptors that come from its first process."""

from __future__ import annotations

import os
from _socket import CMSG_SPACE, SCM_RIGHTS, SOL_SOCKET
from _struct import iter_unpack, pack

from aigate import _linux

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812

    from aigate.watch.model import Covers

MOST_DESCRIPTORS = 16
MOST_DIGITS = 32
MSG_CMSG_CLOEXEC = 0x40000000


def enter(control: Socket, covers: Covers) -> str:
    """Move into the namespaces that come over a socket, if covers need them; return the launcher's process id."""
    data, numbers = receive(control, MOST_DIGITS)
    if not data or len(numbers) < 2:  # noqa: PLR2004 -- a user and a mount namespace
        raise OSError("the process that makes the sandbox ended too early")
    user, mounts, *rest = numbers
    if rest:
        _go_inside(user, mounts)
        covers.attach(tuple(rest))
    for descriptor in (user, mounts):
        os.close(descriptor)
    return data.decode()


def _go_inside(user: int, mounts: int) -> None:
    """Take the sandbox's root, and keep the host's as the working directory."""
    host = os.open(".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    _linux.setns(user)
    _linux.setns(mounts)
    os.fchdir(host)
    os.close(host)


def hand_over(control: Socket, data: bytes, path: str) -> None:
    """Send data and a descriptor of a directory, which is opened where this process is now. Raises OSError."""
    root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        opened = _linux.open_in(root, os.fsencode(path).strip(b"/"), os.O_PATH | os.O_DIRECTORY)
    finally:
        os.close(root)
    control.sendmsg([data], [(SOL_SOCKET, SCM_RIGHTS, pack("=i", opened))])
    os.close(opened)


def receive(control: Socket, most: int) -> tuple[bytes, list[int]]:
    """Return what comes over a socket, and the descriptors with it."""
    data, ancillary, _, _ = control.recvmsg(most, CMSG_SPACE(4 * MOST_DESCRIPTORS), MSG_CMSG_CLOEXEC)
    return data, [n for level, _, packed in ancillary if level == SOL_SOCKET for (n,) in iter_unpack("=i", packed)]
