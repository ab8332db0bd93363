"""Sockets of the sandbox's own network, for the trusted process outside.

A socket stays in the network where it was made, so a helper that has entered the namespaces makes them and hands them
out, unconnected. It does nothing else, is seen by nobody inside, and ends with the process that it was made for.
"""

from __future__ import annotations

import os
from _signal import SIGKILL  # type: ignore[import-not-found]
from socket import (
    AF_INET,
    AF_INET6,
    AF_UNIX,
    SCM_RIGHTS,
    SOCK_CLOEXEC,
    SOCK_SEQPACKET,
    SOCK_STREAM,
    SOL_SOCKET,
    socket,
    socketpair,
)
from struct import pack, unpack

from aigate import _linux
from aigate.network.loading import Namespaces, join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

FAMILIES = {b"4": AF_INET, b"6": AF_INET6}
FIRST_FREE_DESCRIPTOR = 3
ONE_DESCRIPTOR = 64
MSG_CMSG_CLOEXEC = 0x40000000


class Inside:
    """Makes sockets in the network of a sandbox."""

    def __init__(self, namespaces: Namespaces) -> None:
        """Start the helper with the first socket."""
        self._namespaces = namespaces
        self._control: socket | None = None

    def make(self, family: int) -> socket:
        """Return a TCP socket that can reach the sandbox's loopback. Raises OSError."""
        if self._control is None:
            self._control = self._start()
        self._control.send(b"4" if family == AF_INET else b"6")
        _, ancillary, _, _ = self._control.recvmsg(1, ONE_DESCRIPTOR, MSG_CMSG_CLOEXEC)
        for _, _, packed in ancillary:
            return socket(fileno=unpack("=i", packed)[0])
        raise OSError("the sandbox's network has no such sockets")

    def _start(self) -> socket:
        ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC)
        if os.fork():
            theirs.close()
            return ours
        try:
            join(self._namespaces)
            _linux.die_with_parent(SIGKILL)  # changing one's user forgets it
            kept = theirs.detach()
            os.closerange(FIRST_FREE_DESCRIPTOR, kept)
            os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
            _hand_out(socket(fileno=kept))
        finally:
            os._exit(1)


def _hand_out(control: socket) -> NoReturn:
    """Answer each request with a socket, or with nothing where it cannot be had, until the other end is gone."""
    while asked := control.recv(1):
        try:
            with socket(FAMILIES[asked], SOCK_STREAM) as made:
                control.sendmsg([b"S"], [(SOL_SOCKET, SCM_RIGHTS, pack("=i", made.fileno()))])
        except OSError:
            control.send(b"-")
    os._exit(0)
