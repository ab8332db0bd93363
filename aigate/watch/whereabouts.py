"""Where the project's directory is, if somebody outside moves it while a run lasts: the agent goes on in that very one.

Mounts go along with a directory, paths do not. So from then on each cover is put in it as well, by a descriptor.
Decides nothing about what is covered.
"""

from __future__ import annotations

import os

from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.watch.model import Covers


class Whereabouts:
    """One run's project. is_lost: whether it is elsewhere by now."""

    def __init__(self, project: str, covers: Covers) -> None:
        self._project, self._covers = project, covers
        self._opened = -1
        self.is_lost = False

    def begin(self) -> None:
        """Hold on to the directory, as the sandbox sees it."""
        with suppress(OSError):  # removed in this moment
            self._opened = os.open(self._project, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    def lose(self, path: str) -> bool:
        """Take note that a directory has gone, and tell whether the project is that one or below it."""
        gone = f"{self._project}/".startswith(f"{path}/")
        self.is_lost = self.is_lost or gone
        return gone

    def cover(self, path: str, *, hidden: bool) -> bool:
        """Cover something of the project where that is now, and tell whether it was bare. Raises OSError."""
        if not self.is_lost or not path.startswith(f"{self._project}/"):
            return False
        with suppress(FileNotFoundError):
            return self._covers.cover_from(self._opened, os.path.relpath(path, self._project), hidden=hidden)
        return False
