"""What covers a hidden place: a file and a directory that nobody at all can open, the same two over every place.

Whoever owns a file may open it, whatever its mode says, as soon as he is user 0 of a user namespace that he has made.
So the owner here is nobody: the mount that shows the two maps owners by a user namespace that theirs is not part of.
Made once for a sandbox; whoever holds the two descriptors, in the same mount namespace, can cover more with them later.
"""

from __future__ import annotations

import os

from aigate import _linux

READ_ONLY, NO_SUID, NO_DEV, NO_EXEC = 1, 2, 4, 8  # MOUNT_ATTR_*, linux/mount.h
PLACE = os.O_PATH  # with O_NOFOLLOW, a link at the end would be opened itself
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
S_IFCHR = 0o020000
FOLDER, FILE, DIRECTORY = b"masks", b"masks/file", b"masks/directory"
SOMEBODY_ELSE = b"5 0 1"  # the map of a namespace in which what is user 0 here is user 5, and nobody is user 0


class Masks:
    """The file and the directory, as descriptors (O_PATH) on the mount that shows them, attached or not."""

    def __init__(self, file: int, directory: int) -> None:
        self.file = file
        self.directory = directory

    def cover(self, place: int, directory: bool) -> None:
        """Mount over the place that a descriptor stands for, which is a directory or is none. Raises OSError."""
        mount = _linux.clone_mount(self.directory if directory else self.file)
        try:
            _linux.attach_mount(mount, place)
        finally:
            os.close(mount)

    def close(self) -> None:
        """Give the descriptors back; what is covered stays so."""
        os.close(self.file)
        os.close(self.directory)


def somebody_else() -> int | None:
    """Return a user namespace in which the masks' owner does not occur, for `make_masks`; None where it cannot be made.

    For a process whose root is its mount namespace's own: in a changed root no user namespace is made (EPERM).
    """
    try:
        return _linux.new_user_namespace(SOMEBODY_ELSE, SOMEBODY_ELSE)
    except OSError:
        return None


def make_masks(store: int, namespace: int | None) -> Masks:
    """Make both in a file system of the sandbox's own (tmpfs), which is attached and can be written to.

    store: its root. namespace: by which their owners are mapped; it is closed. For a process that is root of the user
    namespace that the file system belongs to. Raises OSError.
    """
    os.mkdir(FOLDER, dir_fd=store)
    os.close(_linux.open_in(store, FILE, NEW_FILE, 0))
    os.mkdir(DIRECTORY, 0, dir_fd=store)
    os.chmod(FOLDER, 0o711, dir_fd=store)  # noqa: S103 -- to pass through, for whoever has the descriptor: nobody else
    folder = _linux.open_in(store, FOLDER, PLACE)
    if namespace is None or not _disown(folder, namespace):
        _make_unopenable(store)
    os.close(folder)
    return Masks(_linux.open_in(store, FILE, PLACE), _linux.open_in(store, DIRECTORY, PLACE))


def _disown(folder: int, namespace: int) -> bool:
    """Mount a folder over itself so that what is in it has no owner; tell whether that works (tmpfs: Linux 6.3)."""
    mount = _linux.clone_mount(folder)
    try:
        _linux.map_mount(mount, namespace)
    except OSError:
        os.close(mount)
        return False
    finally:
        os.close(namespace)
    try:
        _linux.mount_attributes(mount, set=READ_ONLY | NO_SUID | NO_DEV | NO_EXEC)
        _linux.attach_mount(mount, folder)
    finally:
        os.close(mount)
    return True


def _make_unopenable(store: int) -> None:
    """Put a device of no kind in the file's place: nothing opens one on a mount without devices, root included.

    Everybody may make this one (mknod(2), Linux 5.8). The directory stays its owner's, and empty.
    """
    os.unlink(FILE, dir_fd=store)
    os.mknod(FILE, S_IFCHR, os.makedev(0, 0), dir_fd=store)
