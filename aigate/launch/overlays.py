"""Makes layers (overlayfs), also of a directory that cannot lie below one as a whole. Decides nothing.

Such a one is put together, as `layers/pieces.py` has it. What is copied lies in memory, below the layer's changes. Each
directory beside it has a layer of its own, whose changes lie where they would if the whole were one layer. So nothing
else has to know of it.
"""

from __future__ import annotations

import os
import stat

from aigate import _linux
from aigate.launch.places import relative, sized, write_new
from aigate.policy.model import MOST_COPIED
from aigate.reading import read_from
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from aigate.backends.layout import Layer
    from aigate.policy.model import Pieces

PLACE = os.O_PATH
READ = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
OPAQUE = "user.overlay.opaque"
NO_SUID, NO_DEV = 2, 4  # MOUNT_ATTR_*, linux/mount.h


def new_layer(host: int, step: Layer, above: int, hidden: int) -> tuple[int, dict[str, int]]:
    """Return a new layer, and those of the directories in it that have one of their own: mounts, attached nowhere.

    host: the root in which paths are looked up. above: a directory with `upper` and `work`. hidden: a place of the
    host's tree that is seen no more. Raises OSError.
    """
    upper, work = (_linux.open_in(above, name, PLACE) for name in (b"upper", b"work"))
    if step.pieces.copied:
        below = copied(host, step.path, step.pieces)
        _linux.attach_mount(below, hidden)
    else:
        below = _linux.open_in(host, relative(step.path), PLACE)
    places = list(uppers(host, step.path, step.pieces, above)) if step.pieces.layered else []
    mount = overlay(below, upper, work)
    made = {}
    for path, changes, own in places:
        lower = _linux.open_in(host, relative(path), PLACE)
        made[path] = overlay(lower, changes, own)
        _close(lower, changes, own)
    _close(below, upper, work)
    return mount, made


def overlay(below: int, upper: int, work: int) -> int:
    """Return a mount, attached nowhere, of a directory with changes above it (the kernel's overlayfs.rst).

    All three are descriptors, so no character of a path means anything. For a user's own overlay, Linux 5.11. OSError.
    """
    named = ((b"lowerdir", below), (b"upperdir", upper), (b"workdir", work))
    options = tuple((name, b"/proc/self/fd/%d" % descriptor) for name, descriptor in named)
    return _linux.new_file_system(b"overlay", (*options, (b"userxattr", None)), NO_SUID | NO_DEV)


def copied(host: int, top: str, pieces: Pieces) -> int:
    """Return a mount, attached nowhere, with copies of the directories that have none of their own. Raises OSError.

    host: the root in which they are looked up. top: the layered directory. What is in other directories is left out,
    and so is what is in files that are only to be read.
    """
    mount = _linux.new_file_system(b"tmpfs", ((b"mode", b"0700"), *sized(2 * MOST_COPIED)), NO_SUID | NO_DEV)
    modes = []
    for path in pieces.copied:
        inner = path[len(top.rstrip("/")) :].strip("/") or "."
        source = _linux.open_in(host, relative(path), READ)
        target = _linux.open_in(mount, os.fsencode(inner), PLACE | os.O_DIRECTORY)
        modes.append((inner, stat.S_IMODE(os.fstat(source).st_mode) & 0o777))
        for name in os.listdir(source):
            _copy(source, target, name, empty=f"{path}/{name}" in pieces.fixed)
        os.close(source)
        os.close(target)
    for inner, mode in reversed(modes):
        os.chmod(inner, mode, dir_fd=mount)
    return mount


def _copy(source: int, target: int, name: str, *, empty: bool) -> None:
    """Copy one thing. empty: without what is in it."""
    status = os.stat(name, dir_fd=source, follow_symlinks=False)
    if stat.S_ISDIR(status.st_mode):
        os.mkdir(name, 0o700, dir_fd=target)
    elif stat.S_ISLNK(status.st_mode):
        os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
    elif stat.S_ISREG(status.st_mode):
        content, mode = b"", 0
        with suppress(PermissionError):  # somebody else's: as closed inside as it is
            content = b"" if empty else _content(source, name)
            mode = stat.S_IMODE(status.st_mode) & 0o777
        write_new(target, os.fsencode(name), content, mode)
        os.utime(name, ns=(status.st_atime_ns, status.st_mtime_ns), dir_fd=target)


def _content(directory: int, name: str) -> bytes:
    opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
    with open(opened, "rb") as file:
        return read_from(file)


def uppers(host: int, top: str, pieces: Pieces, above: int) -> Iterator[tuple[str, int, int]]:
    """Yield each directory that has a layer of its own, with a place for its changes and one for overlayfs's own.

    above: the layer's directory, with `upper` in it. Left out is what the layer's maker has removed or replaced.
    Nobody may have mounted the layer yet. Raises OSError.
    """
    _make(above, b"works", 0o700)
    for number, path in enumerate(pieces.layered):
        inner = os.fsencode(path[len(top.rstrip("/")) :].strip("/"))
        upper = _upper(host, path, above, inner)
        if upper >= 0:
            _make(above, b"works/%d" % number, 0o700)
            yield path, upper, _linux.open_in(above, b"works/%d" % number, PLACE | os.O_DIRECTORY)


def _upper(host: int, path: str, above: int, inner: bytes) -> int:
    """Open the place for a directory's changes, made if need be; -1 where something of the maker's stands there."""
    parts = inner.split(b"/")
    outer = os.fsencode(path).split(b"/")[: -len(parts)]
    found = -1
    for count in range(1, len(parts) + 1):
        place = b"/".join([b"upper", *parts[:count]])
        own = _linux.open_in(host, b"/".join([*outer, *parts[:count]]).strip(b"/"), PLACE | os.O_DIRECTORY)
        _make(above, place, stat.S_IMODE(os.fstat(own).st_mode) & 0o777)
        os.close(own)
        if found >= 0:
            os.close(found)
        try:
            found = _linux.open_in(above, place, PLACE | os.O_DIRECTORY)
        except OSError:
            return -1
        if _is_opaque(found):
            os.close(found)
            return -1
    return found


def _make(directory: int, path: bytes, mode: int) -> None:
    above, name = os.path.split(path)
    opened = _linux.open_in(directory, above or b".", PLACE | os.O_DIRECTORY)
    try:
        os.mkdir(name, 0o700, dir_fd=opened)
        os.chmod(name, mode, dir_fd=opened)
    except FileExistsError:
        return
    finally:
        os.close(opened)


def _is_opaque(directory: int) -> bool:
    try:
        return os.getxattr(f"/proc/self/fd/{directory}", OPAQUE) == b"y"
    except OSError:
        return False


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
