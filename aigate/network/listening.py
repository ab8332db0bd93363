"""Accepts connections, as many as there are descriptors for. Owns no socket."""

from __future__ import annotations

from errno import EMFILE, ENFILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket

    from aigate.streams.loop import Loop

ACCEPTS = 64
PAUSE_SECONDS = 0.1


def serve(loop: Loop, listener: socket, take: Callable[[socket], None]) -> None:
    """Accept connections and hand each to `take`; pause when there are too many descriptors."""
    listener.setblocking(False)

    def accept(_events: int) -> None:
        for _ in range(ACCEPTS):
            try:
                connection, _ = listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in (EMFILE, ENFILE):
                    loop.forget(listener.fileno())
                    loop.later(PAUSE_SECONDS, lambda: loop.watch(listener.fileno(), accept))
                return
            connection.setblocking(False)
            take(connection)

    loop.watch(listener.fileno(), accept)
