"""What the agents' user made in a project, given to whose project it is: an entry in each file's access list.

Owns the search for such files after a run; what a list then says is `host.acl`'s. A default list alone is not enough: a
program that makes a file for nobody else (mode 0600) closes the list's mask with it (acl(5), "OBJECT CREATION").
"""

from __future__ import annotations

import os
import stat

from aigate.host.acl import ACCESS, list_of, packed, shared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def hand_over(project: str, maker: int, owner: int) -> None:
    """Let a user do with the files and directories below a project what another user, who made them, can do with them.

    maker, owner: user ids. Follows no link, so nothing outside of the project is reached, and changes nothing that is
    not the maker's. Raises OSError where that cannot be noted, the first one, after all have been tried.
    """
    failed: OSError | None = None
    for name, directory in _made_by(maker, project):
        try:
            descriptor = os.open(name, FLAGS, dir_fd=directory)
        except OSError:
            continue  # gone, or something else by now
        try:
            status = os.fstat(descriptor)
            if status.st_uid == maker and (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
                _share(descriptor, owner)
        except OSError as error:
            failed = failed or OSError(error.errno, error.strerror, name)
        finally:
            os.close(descriptor)
    if failed:
        raise failed


def _share(descriptor: int, uid: int) -> None:
    present = list_of(descriptor)
    wanted = shared(present, uid)
    if wanted != present:
        os.setxattr(descriptor, ACCESS, packed(wanted))


def _made_by(maker: int, project: str) -> Iterator[tuple[str, int]]:
    """Give the names of what is a user's below a directory, and descriptors of where they lie."""
    for _, directories, files, descriptor in os.fwalk(project, follow_symlinks=False):
        for name in (*directories, *files):
            try:
                status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            except OSError:
                continue
            if status.st_uid == maker:
                yield name, descriptor
