"""Files that may not appear, while nothing is in them: sandboxes within put such ones where they mount something.

An empty file leads nobody to anything; covering it, and the rule about mounts after a late cover (`gate`), would take
it from whoever needs it as a place. So it is left alone until it has a size, of which its own watch tells at once.
What the kernel does not tell of (aio(7)) is seen a moment later. Covers nothing itself.
"""

from __future__ import annotations

import os
import stat

from aigate import _events, _linux
from aigate.suppress import suppress
from aigate.watch.directories import IN_MASK_ADD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

IN_MODIFY = 0x2
ITSELF = os.O_PATH | os.O_NOFOLLOW
MOST = 64  # held at once: what comes then is no place for a mount
PAUSE_MILLISECONDS = 50


class Unwritten:
    """One run's empty files. descriptor: of the directories' watches, for the order of events.

    Paths are taken from this process's working directory, the host's root.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._held: dict[str, str] = {}  # path to why it may not be there

    def hold(self, path: str, why: str) -> bool:
        """Leave a file alone that is empty, and tell whether it is."""
        if len(self._held) >= MOST:
            return False
        try:
            place = _linux.open_in(-100, os.fsencode(path).strip(b"/"), ITSELF)
        except OSError:
            return False
        try:
            _events.inotify_watch(self._descriptor, b"proc/self/fd/%d" % place, IN_MODIFY | IN_MASK_ADD)
            empty = _is_empty(os.fstat(place))  # after the watch began, so that nothing is missed
        except OSError:  # no watch is left
            return False
        finally:
            os.close(place)
        if empty:
            self._held[path] = why
        return empty

    def pause(self, other: int | None) -> int | None:
        """Return how many milliseconds may pass before `written` is to be asked. other: what somebody else says."""
        if not self._held:
            return other
        return PAUSE_MILLISECONDS if other is None else min(other, PAUSE_MILLISECONDS)

    def written(self, *, over: bool = False) -> Iterator[tuple[str, str]]:
        """Yield what is not empty any more, or over: all that is there, each once with why it may not be there."""
        for path, why in list(self._held.items()):
            with suppress(OSError):
                if _is_empty(os.lstat(path.lstrip("/"))) and not over:
                    continue
                yield path, why
            self._held.pop(path, None)


def _is_empty(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and not status.st_size


def is_free(path: str) -> bool:
    """Tell whether nothing is in a directory, or what is there is none: it may be taken away, whoever made it."""
    try:
        opened = _linux.open_in(-100, os.fsencode(path).strip(b"/"), os.O_RDONLY | os.O_DIRECTORY)
    except NotADirectoryError:
        return True
    except OSError:
        return False
    try:
        with os.scandir(opened) as entries:
            return next(entries, None) is None
    except OSError:
        return False
    finally:
        os.close(opened)
