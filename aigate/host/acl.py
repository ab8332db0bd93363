"""Access lists as data: read from a file, changed, and turned into what setfacl(1) and macOS's chmod(1) take.

Owns the rule that a group is kept out and nobody else notices: the mask stays what it was, or becomes what the owning
group may do, so that no right of others grows or shrinks. Changes no file; `host.permanent` and `host.handover` do.

The layout of the extended attributes is that of Linux's `struct posix_acl_xattr_header` (include/uapi/linux), the text
that of acl(5) in its numeric form.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
import sys

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ACCESS = "system.posix_acl_access"
DEFAULT = "system.posix_acl_default"
VERSION = 2
NO_ID = 0xFFFFFFFF
USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
NAMES = {USER_OBJ: "user", USER: "user", GROUP_OBJ: "group", GROUP: "group", MASK: "mask", OTHER: "other"}
NAMED = (USER, GROUP)
READ_WRITE = 6
MACOS_WORDS = 3  # of a call of chmod(1) before the files: its path, what to do, the entry
MACOS_FILE = "read,write,append,execute,readattr,readextattr,readsecurity"
MACOS_DIRECTORY = f"list,search,add_file,add_subdirectory,delete_child,{MACOS_FILE},file_inherit,directory_inherit"

Entry = tuple[int, int, int]  # tag, id (NO_ID where there is none), rights as in the mode (4 read, 2 write, 1 execute)


@record
class Acl:
    """A file's access list and, for a directory, the one that new files get; () where there is none."""

    access: tuple[Entry, ...]
    default: tuple[Entry, ...] = ()


def read_acl(path: str) -> Acl:
    """Return a file's lists. Raises OSError: ENOTSUP where the file system keeps none, ELOOP for a symbolic link."""
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    access = _attribute(path, ACCESS) or from_mode(mode)
    return Acl(access, _attribute(path, DEFAULT) if stat.S_ISDIR(mode) else ())


def grants(directory: str, uid: int, rights: int) -> bool:
    """Tell whether the list that new files in a directory get gives a user these rights. Raises nothing."""
    try:
        default = read_acl(directory).default
    except OSError:
        return False
    return any(tag == USER and who == uid and given & rights == rights for tag, who, given in default)


def list_of(descriptor: int) -> tuple[Entry, ...]:
    """Return an open file's list. Raises OSError: ENOTSUP where no lists are kept."""
    return _attribute(descriptor, ACCESS) or from_mode(os.fstat(descriptor).st_mode)


def shared(entries: tuple[Entry, ...], uid: int) -> tuple[Entry, ...]:
    """Return the list in which a user can do what the owner can, and everybody else what they could."""
    mask = next((rights for tag, _, rights in entries if tag == MASK), 7)
    own = next(rights for tag, _, rights in entries if tag == USER_OBJ)
    if any((tag, who) == (USER, uid) and given & mask & own == own for tag, who, given in entries):
        return entries
    masked = (*NAMED, GROUP_OBJ)
    kept = [
        (tag, who, rights & mask if tag in masked else rights)
        for tag, who, rights in entries
        if tag != MASK and (tag, who) != (USER, uid)
    ]
    widest = own
    for tag, _, rights in kept:
        widest |= rights if tag in masked else 0
    return tuple(sorted((*kept, (USER, uid, own), (MASK, NO_ID, widest))))


def from_mode(mode: int) -> tuple[Entry, ...]:
    """Return the list that says what a file mode says."""
    return ((USER_OBJ, NO_ID, mode >> 6 & 7), (GROUP_OBJ, NO_ID, mode >> 3 & 7), (OTHER, NO_ID, mode & 7))


def denied(acl: Acl, gid: int, *, directory: bool, umask: int) -> Acl:
    """Return the lists with a group kept out, here and, for a directory, of what will be made in it.

    umask: what the default list of a directory without one takes its place for, so that new files get the same mode.
    """
    default = acl.default
    if directory:
        default = _without_rights(default or from_mode(0o777 & ~umask), gid)
    return Acl(_without_rights(acl.access, gid), default)


def released(acl: Acl, gid: int, before: Acl, after: Acl) -> Acl:
    """Return the lists with the group's entry taken back.

    before, after: the lists as they were found and left when the group was denied. What nobody touched since returns
    to what it was; else only the group's own entry goes.
    """
    access = before.access if acl.access == after.access else _without_entry(acl.access, gid, before.access)
    default = before.default if acl.default == after.default else _without_entry(acl.default, gid, before.default)
    return Acl(access, default)


def restore_text(acls: Iterable[tuple[str, Acl]]) -> bytes:
    """Return the input of `setfacl --restore=-` that gives each file its lists, whatever the files' names are."""
    blocks = []
    for path, acl in acls:
        lines = [b"# file: " + _escaped(path)]
        lines += [_line(entry) for entry in acl.access]
        lines += [b"default:" + _line(entry) for entry in acl.default]
        blocks.append(b"\n".join(lines) + b"\n")
    return b"\n".join(blocks)


def packed(entries: Iterable[Entry]) -> bytes:
    """Return a list as the extended attribute ACCESS has it."""
    return struct.pack("<I", VERSION) + b"".join(struct.pack("<HHI", tag, rights, who) for tag, who, rights in entries)


def macos_commands(paths: Sequence[tuple[str, bool]], group: str, *, add: bool) -> tuple[tuple[str, ...], ...]:
    """Return the calls of macOS's chmod(1) that keep a group out of files and folders, or take that back.

    paths: (absolute path, is a directory).
    """
    calls = []
    for directory, rights in ((False, MACOS_FILE), (True, MACOS_DIRECTORY)):
        chosen = tuple(path for path, is_directory in paths if is_directory == directory)
        if chosen:
            calls.append(("/bin/chmod", "+a" if add else "-a", f"group:{group} deny {rights}", *chosen))
    return tuple(calls)


def _attribute(path: str | int, name: str) -> tuple[Entry, ...]:
    if sys.platform != "linux":
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP), path)
    try:
        data = os.getxattr(path, name, follow_symlinks=isinstance(path, int))
    except OSError as error:
        if error.errno == errno.ENODATA:
            return ()
        raise
    if len(data) % 8 != 4 or struct.unpack_from("<I", data)[0] != VERSION:  # noqa: PLR2004
        raise OSError(errno.ENOTSUP, "unknown access list", path)
    return tuple((tag, qualifier, rights) for tag, rights, qualifier in struct.iter_unpack("<HHI", data[4:]))


def _without_rights(entries: tuple[Entry, ...], gid: int) -> tuple[Entry, ...]:
    kept = [entry for entry in entries if entry[:2] != (GROUP, gid)]
    if not any(entry[0] == MASK for entry in kept):
        # Computing a mask, as setfacl does unasked, could widen what it holds back; this one changes nothing.
        kept.append((MASK, NO_ID, next(rights for tag, _, rights in kept if tag == GROUP_OBJ)))
    return tuple(sorted((*kept, (GROUP, gid, 0))))


def _without_entry(entries: tuple[Entry, ...], gid: int, before: tuple[Entry, ...]) -> tuple[Entry, ...]:
    if not entries:
        return ()
    former = [entry for entry in before if entry[:2] == (GROUP, gid)]
    kept = [entry for entry in entries if entry[:2] != (GROUP, gid)] + former
    if any(tag in NAMED for tag, _, _ in kept):
        return tuple(sorted(kept))
    # Without named entries there is no mask: what chmod set it to meanwhile was meant for the owning group.
    mask = [rights for tag, _, rights in kept if tag == MASK]
    plain = [entry for entry in kept if entry[0] != MASK]
    return tuple((tag, no_id, mask[0] if mask and tag == GROUP_OBJ else rights) for tag, no_id, rights in plain)


def _line(entry: Entry) -> bytes:
    tag, qualifier, rights = entry
    who = "" if qualifier == NO_ID else str(qualifier)
    letters = "".join(letter if rights & bit else "-" for letter, bit in (("r", 4), ("w", 2), ("x", 1)))
    return f"{NAMES[tag]}:{who}:{letters}".encode()


def _escaped(path: str) -> bytes:
    plain = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-"
    return b"".join(bytes([byte]) if byte in plain else b"\\%03o" % byte for byte in os.fsencode(path))
