"""A directory in which something is mounted: which of the directories in it lie in layers one by one. Only looks.

The kernel makes no layer above a directory with mounts in it that its user could not take away (EINVAL): a volume of a
container, a network directory. So what lies on the way to those is copied, and everything beside it has its own layer.
"""

from __future__ import annotations

import os

from aigate.policy.model import MOST_COPIED, Pieces
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST = 400  # directories; each costs a mount at every start
LARGEST = 1 << 20  # bytes of a file that is copied; a larger one is only to be read


def pieces_of(top: str, points: Iterable[str], left_out: Iterable[str]) -> Pieces | None:
    """Return how a directory is put together; None where that would be too much. points: of mounts, anywhere.

    left_out: directories in it in whose place something else stands inside.
    """
    out = tuple(left_out)
    holding = {point: next((place for place in out if _in(point, place)), point) for point in points}
    within = {place for point, place in holding.items() if _below(point, top)}
    if not within:
        return Pieces()
    copied = {top}
    for point in within:
        above = os.path.dirname(point)
        while _below(above, top):
            copied.add(above)
            above = os.path.dirname(above)
    layered = [path for place in sorted(copied) for path in _directories(place) if path not in copied]
    layered = [path for path in layered if path not in out]
    if len(layered) > MOST:
        return None
    return Pieces(tuple(sorted(copied)), tuple(sorted(layered)), tuple(_large(sorted(copied))))


def _large(places: list[str]) -> Iterator[str]:
    """Yield the files in directories that are not copied."""
    left = MOST_COPIED
    for place in places:
        with suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                size = entry.stat(follow_symlinks=False).st_size if entry.is_file(follow_symlinks=False) else 0
                if size > min(LARGEST, left):
                    yield entry.path
                else:
                    left -= size


def _directories(place: str) -> list[str]:
    try:
        with os.scandir(place) as entries:
            return [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:  # closed to the caller, so nobody inside gets there
        return []


def _in(path: str, directory: str) -> bool:
    return path == directory or _below(path, directory)


def _below(path: str, directory: str) -> bool:
    return path != directory and path.startswith(f"{directory.rstrip('/')}/")
