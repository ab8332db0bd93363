"""What the clerk has to say to the watcher: that it is over, or what a copy of settings is to hold now."""

from __future__ import annotations

import marshal
import os
from _socket import MSG_DONTWAIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812

    from aigate.watch.copies import Copies

MOST_MESSAGE = 1 << 16
OVER = b"E"


def take_order(clerk: Socket, copies: Copies) -> bool:
    """Do what the clerk says next, if it says anything; tell whether it is over. Without a clerk this process ends."""
    try:
        data = clerk.recv(MOST_MESSAGE, MSG_DONTWAIT)
    except BlockingIOError:
        return False
    if not data:
        os._exit(0)
    if data == OVER:
        return True
    path, content = marshal.loads(data)  # noqa: S302  # our own process's words
    try:
        copies.put(path, content)
    except OSError:
        copies.forget(path)  # it is told again when the lock goes
    return False
