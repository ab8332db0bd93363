"""What the watcher tells the clerk, without waiting for him: he may be asking git about a thousand files."""

from __future__ import annotations

from _socket import MSG_DONTWAIT
from collections import deque

from aigate.suppress import suppress
from aigate.watch.words import packed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812

MOST_TOLD = 1 << 16


class Outbox:
    """What is told, and what of it the clerk has not taken yet."""

    def __init__(self, clerk: Socket) -> None:
        self._clerk = clerk
        self._told: set[tuple[str, str]] = set()
        self._left: deque[bytes] = deque()

    def say(self, kind: str, path: str, text: str = "") -> None:
        """Tell something once. Of files that nothing is done about, no more than can well be remembered."""
        if (kind, path) not in self._told and (kind != "late" or len(self._told) < MOST_TOLD):
            self._told.add((kind, path))
            self.tell(kind, path, text)

    def tell(self, kind: str, path: str, text: str) -> None:
        """Tell something, again if need be."""
        self._left.append(packed(kind, path, text))
        self.send(MSG_DONTWAIT)

    def send(self, flags: int) -> None:
        """Send what is left, as far as it can be taken now, or all of it (flags 0)."""
        with suppress(BlockingIOError):
            while self._left:
                self._clerk.send(self._left[0], flags)
                self._left.popleft()

    @property
    def is_full(self) -> bool:
        """Tell whether something is left."""
        return bool(self._left)
