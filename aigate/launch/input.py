"""The standard input as a file that was given to be read: opened anew, and its offset brought back to who gave it.

A description that was opened anew has an offset of its own, so what the command has read would be read again by whoever
has the file as standard input next. Owns the way by which the new one comes to aigate; decides nothing.
"""

from __future__ import annotations

import os
from _socket import AF_UNIX, CMSG_SPACE, MSG_DONTWAIT, SCM_RIGHTS, SOCK_CLOEXEC, SOCK_DGRAM, SOL_SOCKET, socketpair
from struct import calcsize, pack, unpack

INPUT = 0


class Input:
    """Two ends, one for each side of a fork."""

    def __init__(self) -> None:
        self._ours, self._theirs = socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC)

    def replace(self, opened: int) -> None:
        """Make a description the standard input, in the forked process. Raises OSError."""
        self._theirs.sendmsg([b"I"], [(SOL_SOCKET, SCM_RIGHTS, pack("=i", opened))])
        os.dup2(opened, INPUT)

    def bring_back(self) -> None:
        """Set aigate's own standard input to where the command's is, if it was replaced, and close both ends."""
        try:
            for _, _, data in self._ours.recvmsg(1, CMSG_SPACE(calcsize("=i")), MSG_DONTWAIT)[1]:
                (opened,) = unpack("=i", data)
                os.lseek(INPUT, os.lseek(opened, 0, os.SEEK_CUR), os.SEEK_SET)
                os.close(opened)
        except OSError:
            return  # it was not replaced
        finally:
            self._ours.close()
            self._theirs.close()
