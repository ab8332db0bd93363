"""The page that shows once what is masked on the screen, when the user asks for it by a key, until the next key.

Owns whether it is shown, and what the command says and the size becomes meanwhile. Nothing that a command prints brings
it up: the key is looked for in what the terminal sends alone, and what a command can make a terminal answer is no key
(`keys.py`).
"""

from __future__ import annotations

from time import monotonic

from aigate.streams.keys import Keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate import Display
    from aigate.streams.loop import Loop, Timer

SHOWN_SECONDS = 60.0
SETTLED_SECONDS = 0.5
REPORTS = (
    b"\x1b[<",
    b"\x1b[M",
    b"\x1b[I",
    b"\x1b[O",
    b"\x1b[?",
    b"\x1b]",
    b"\x1bP",
)  # of mouse, focus, answers: no keys


class Glimpse:
    """One screen's page.

    display: what knows the screen. show: writes to the terminal. told: called before the page is shown; what it raises
    keeps the page away. ended: called when it is gone.
    """

    def __init__(
        self,
        display: Display,
        keys: tuple[bytes, ...],
        loop: Loop,
        *,
        show: Callable[[bytes], None],
        told: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        self._display, self._keys, self._loop = display, Keys(keys), loop
        self._show, self._told, self._ended = show, told, ended
        self._timer: Timer | None = None
        self._typed_at = 0.0
        self.is_shown = False

    def typed(self, data: bytes) -> bytes:
        """Take what the terminal sends, and return what of it is the command's."""
        now = monotonic()
        if now - self._typed_at > SETTLED_SECONDS:
            self._keys.settle()
        self._typed_at = now
        rest, presses = self._keys.take(data)
        if not self.is_shown:
            if presses:
                self._cover()
            return rest
        if rest.startswith(REPORTS):
            return rest
        if presses or rest:
            self.hide()
        return b""

    def _cover(self) -> None:
        try:
            self._told()
        except Exception:  # noqa: BLE001 -- what is shown is in the log, or is not shown
            self._show(b"\a")
            return
        page = self._display.reveal()
        if page is None:
            self._show(b"\a")
            return
        self.is_shown = True
        self._timer = self._loop.later(SHOWN_SECONDS, self.hide)
        self._show(page[0])

    def hide(self) -> None:
        """Put back the screen, if it is covered."""
        if not self.is_shown:
            return
        self.is_shown = False
        if self._timer:
            self._timer.cancel()
        self._show(self._display.conceal())
        self._ended()
