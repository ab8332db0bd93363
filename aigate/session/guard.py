"""The guard: a tiny process (aigate/native/guard.c) that cleans up when this one is killed and cannot.

It puts the terminal back, waits for the end of the sandbox, and starts `aigate.host.sweep`. Owns that process and what
it is told; decides nothing.
"""

from __future__ import annotations

import os
import sys
from _signal import SIGKILL  # type: ignore[import-not-found]

from aigate import _linux
from aigate.errors import EnforcementError, remedy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.streams.terminal import Terminal

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = f"{PACKAGE}/native/guard"
SWEEP = "import sys; sys.path.append(sys.argv[1]); from aigate.host.sweep import sweep; sweep(*sys.argv[2:])"


class Guard:
    """A running guard, from before anything leaves traces until `close`.

    state: aigate's own directory. terminal: the user's, or None. leftover: a control group to remove, or nothing. life:
    what the launcher and process 1 of the sandbox hold open, so that the guard sees when they are gone. Raises
    EnforcementError when it cannot be started.
    """

    def __init__(self, state: str, terminal: Terminal | None, leftover: str = "") -> None:
        self._channel, theirs = _linux.message_pair()
        watched, self.life = os.pipe()
        nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        sweep = [sys.executable, "-I", "-S", "-c", SWEEP, os.path.dirname(PACKAGE), state, leftover]
        streams = enumerate((theirs, watched, terminal.output if terminal else nothing))
        try:
            self._process = os.posix_spawn(
                PROGRAM,
                ["aigate-guard", *sweep],
                {},
                file_actions=[(os.POSIX_SPAWN_DUP2, source, number) for number, source in streams],
            )
        except OSError as error:
            raise EnforcementError(
                f"{PROGRAM}: {error.strerror}", hint=remedy(error) or "install aigate again"
            ) from None
        finally:
            for descriptor in (theirs, watched, nothing):
                os.close(descriptor)

    def close(self) -> None:
        """End the guard: everything is clean."""
        os.kill(self._process, SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._channel)
        os.close(self.life)

    def launching(self) -> None:
        """Name the calling process as the launcher: said by itself, after it became the leader of a session."""
        self._tell(b"L" + os.getpid().to_bytes(4, sys.byteorder))

    @property
    def process(self) -> int:
        """Return its process id."""
        return self._process

    def watch(self, process: int) -> None:
        """Name process 1 of the sandbox, whose end is the sandbox's end."""
        self._tell(b"I" + process.to_bytes(4, sys.byteorder))

    def remember(self, settings: bytes) -> None:
        """Tell what the terminal's settings are to be put back to (struct termios)."""
        self._tell(b"T" + settings)

    def undo(self, text: bytes) -> None:
        """Tell what would put the screen back now."""
        self._tell(b"M" + text)

    def _tell(self, message: bytes) -> None:
        try:
            _linux.send(self._channel, message)
        except OSError:
            return  # someone killed the guard: the run goes on without it
