"""Places in a file tree, by descriptors: a path below one, whether it is the right file, a new file. Mounts nothing."""

from __future__ import annotations

import os

from aigate import _linux
from aigate.launch.masks import NEW_FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.policy.model import Identity

ESTALE = 116


def check(found: os.stat_result, identity: Identity | None) -> None:
    """Raise OSError if something else was found than what must be there."""
    if identity is not None and (found.st_dev, found.st_ino) != identity:
        raise OSError(ESTALE, "it has just been replaced by something else")


def relative(path: str) -> bytes:
    """Return an absolute path as it is below the root's descriptor."""
    return os.fsencode(path).strip(b"/") or b"."


def write_new(directory: int, name: bytes, content: bytes, mode: int) -> None:
    """Write a new file. It has its mode whatever the umask is."""
    descriptor = _linux.open_in(directory, name, NEW_FILE, 0o600)
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.fchmod(descriptor, mode)
    os.close(descriptor)
