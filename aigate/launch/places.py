"""Places in a file tree, by descriptors: a path below one, whether it is the right file, a new file. Mounts nothing."""

from __future__ import annotations

import os
import stat

from aigate import _linux
from aigate.backends.layout import Bind, Closed, Fixed, Layer
from aigate.launch.masks import NEW_FILE
from aigate.reading import read_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from aigate.backends.layout import Step
    from aigate.policy.model import Identity

ESTALE = 116
REMOVED = (2, 20)  # ENOENT, ENOTDIR
NO_PLACE = (*REMOVED, 40)  # ELOOP: something else was put there, in a layer
OF_ANOTHER_KIND = (17, 20, 21, 22, 40)  # EEXIST, ENOTDIR, EISDIR, EINVAL, ELOOP
PER_FILE, LEAST_FILES = 8192, 16384  # of a file system in memory


def check(found: os.stat_result, identity: Identity | None) -> None:
    """Raise OSError if something else was found than what must be there."""
    if identity is not None and (found.st_dev, found.st_ino) != identity:
        raise OSError(ESTALE, "it has just been replaced by something else")


def relative(path: str) -> bytes:
    """Return an absolute path as it is below the root's descriptor."""
    return os.fsencode(path).strip(b"/") or b"."


def link_name(target: str) -> bytes:
    """Return the name that a link has in the store of what covers files."""
    return b"to" + os.fsencode(target).replace(b"/", b"=")


def copy(root: int, source: bytes, directory: int, name: bytes) -> None:
    """Copy a plain file, at a path below a root, to a new one that its owner can write to."""
    opened = _linux.open_in(root, source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(opened, "rb") as file:
        mode = os.fstat(opened).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(ESTALE, "it has just been replaced by something else")
        write_new(directory, name, read_from(file), stat.S_IMODE(mode) & 0o777 | 0o600)


def write_new(directory: int, name: bytes, content: bytes, mode: int) -> None:
    """Write a new file. It has its mode whatever the umask is."""
    descriptor = _linux.open_in(directory, name, NEW_FILE, 0o600)
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.fchmod(descriptor, mode)
    os.close(descriptor)


def sized(size: int) -> tuple[tuple[bytes, bytes], ...]:
    """Return tmpfs's options for at most so many bytes, and files: an empty one costs memory, too."""
    return ((b"size", b"%d" % size), (b"nr_inodes", b"%d" % max(size // PER_FILE, LEAST_FILES))) if size else ()


def is_gone(step: Step, error: int | None) -> bool:
    """Tell whether nothing is at a step's place, and that is no reason not to begin.

    What was found by a search and has been removed since, in a tree that others work in, is looked for once more by the
    watch before the command starts, and covered when it comes back.
    """
    if getattr(step, "optional", False):
        return error in NO_PLACE
    found = isinstance(step, Closed | Fixed) or (isinstance(step, Bind) and not (step.made or step.writable))
    return found and error in REMOVED


def in_the_way(path: str, steps: Iterable[Step], error: int | None) -> str:
    """Return a hint where something of another kind may be in the way at a path, since an agent has put it there."""
    layered = any(isinstance(step, Layer) and f"{path}/".startswith(f"{step.path}/") for step in steps)
    if not layered or error not in OF_ANOTHER_KIND:
        return ""
    return f"something else is there in the layer: aigate layer discard {path}"
