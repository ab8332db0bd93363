"""Tells git to leave hidden files alone while sandboxes run, and takes that back: bits in its index.

The index is git's, and is changed as git does it: under `index.lock`, replaced in one step, its time kept, since git
compares it with those of files. No program is run, so nothing that a repository's config names is either. What is
changed is written down before, in `~/.aigate/git`, so that whoever comes next takes back what a killed run has left.
Runs of one repository share the bits: each holds a lock on the repository's directory, and the last one clears them.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time

from aigate import debug
from aigate.policy.gitindex import IndexFormatError, tracked, with_bits
from aigate.reading import content_of, read_from
from aigate.record import record
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aigate.policy.model import GitIndex, Identity

STEP = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC  # macOS has no O_PATH
ATTEMPTS, PAUSE_SECONDS = 20, 0.05
FOLDER = "git"
NOTE = ".lock"
END = b"\0\n"
BUSY = "in use"
ANOTHER = (errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)  # something else stands there


@record
class _Change:
    """What is, or may be, changed in one repository. directory: the repository's. names: whose bits are ours."""

    directory: str
    identity: Identity
    id_bytes: int
    names: frozenset[bytes]


class GitBits:
    """The bits that one run needs. state: aigate's own directory."""

    def __init__(self, state: str, indexes: tuple[GitIndex, ...]) -> None:
        self._state = state
        self._indexes = tuple(index for index in indexes if not index.reason)
        self._held: list[int] = []
        self.troubles: tuple[str, ...] = ()

    def begin(self) -> None:
        """Set the bits. Where somebody holds `index.lock` none are set: git does nothing inside then, either."""
        troubles: list[str] = []
        restore(self._state, troubles)  # what was left where even the guard was killed
        self._tell(troubles)
        if not self._indexes:
            return
        os.makedirs(f"{self._state}/{FOLDER}", 0o700, exist_ok=True)
        path = f"{self._state}/{FOLDER}/{os.getpid()}-{os.urandom(4).hex()}"
        changes: list[tuple[int, _Change]] = []
        for index in self._indexes:
            with suppress(FileNotFoundError, IndexFormatError):
                directory = _open(index.directory, index.identity)
                self._held.append(directory)
                changes.append((directory, self._change(directory, index)))
        _write(path, (change for _, change in changes))
        for directory, change in changes:
            reason = _change_index(directory, change, path, skipped=True)
            debug.log(f"{change.directory}: {len(change.names)} bits {'not set' if reason else 'set'}")
            if reason and reason != BUSY:
                self._tell([f"{change.directory}: git inside could not leave hidden files alone: {reason}"])

    def end(self) -> None:
        """Take back what no other run needs. What could not be taken back is in `troubles`, and stays on record."""
        while self._held:
            os.close(self._held.pop())
        if self._indexes:
            troubles: list[str] = []
            restore(self._state, troubles)
            self._tell(troubles)

    def _tell(self, troubles: list[str]) -> None:
        self.troubles = tuple(dict.fromkeys((*self.troubles, *troubles)))

    def _change(self, directory: int, index: GitIndex) -> _Change:
        """Return what is ours to change: not the bits that are set already, unless another run has set them."""
        alone = _lock(directory, fcntl.LOCK_EX)
        for _ in range(ATTEMPTS):
            if _lock(directory, fcntl.LOCK_SH):
                break
            time.sleep(PAUSE_SECONDS)  # a run that ends is just clearing
        names = frozenset(map(os.fsencode, index.hidden))
        found = tracked(_read(directory)[0], index.id_bytes, names, ())
        ours = {name for name, is_set in found.items() if not is_set}
        if not alone:
            changes = [change for _, changes in _recorded(self._state) for change in changes]
            recorded = [change.names for change in changes if change.directory == index.directory]
            others = frozenset().union(*recorded) if recorded else names  # of a run with another home
            ours |= others & found.keys()
        return _Change(index.directory, index.identity, index.id_bytes, frozenset(ours))


def restore(state: str, troubles: list[str] | None = None) -> bool:
    """Take back what runs have set that are over. Tell whether nothing is left, also of runs that go on.

    troubles: gets a line for each repository in which it failed; what is on record stays there.
    """
    done = True
    try:
        for path, changes in _recorded(state):
            dealt_with = [_take_back(path, change, troubles) for change in changes]
            if all(dealt_with):
                for name in (path + NOTE, path):
                    with suppress(FileNotFoundError):
                        os.unlink(name)
            else:
                done = False
    except OSError as error:
        done = False
        if troubles is not None:
            troubles.append(f"{error.filename or state}: what is to be taken back cannot be read: {error.strerror}")
    return done


def _take_back(path: str, change: _Change, troubles: list[str] | None) -> bool:
    """Clear the bits in one repository, unless a run needs them. Tell whether that is dealt with."""
    reason = _taken_back(path, change)
    if reason not in ("", BUSY) and troubles is not None:
        troubles.append(
            f"{change.directory}: git still leaves hidden files alone: {reason}; the next run takes it back"
        )
    return not reason


def _taken_back(path: str, change: _Change) -> str:
    """Clear the bits in one repository. Return why they are not cleared: BUSY where a run or git needs them."""
    try:
        directory = _open(change.directory, change.identity)
    except FileNotFoundError:
        return ""  # it is gone, or another one stands there
    except OSError as error:
        if error.errno in ANOTHER:
            return ""
        return str(error.strerror)
    try:
        if not _lock(directory, fcntl.LOCK_EX):
            return BUSY
        _remove_stale_lock(directory, path, change)
        return _change_index(directory, change, path, skipped=False)
    except OSError as error:
        return str(error.strerror)
    finally:
        os.close(directory)


def _open(path: str, identity: Identity) -> int:
    """Open a directory without following any link. Raises OSError where another one stands there by now."""
    descriptor = os.open("/", STEP)
    try:
        for name in path.split("/"):
            if name:
                above, descriptor = descriptor, os.open(name, STEP, dir_fd=descriptor)
                os.close(above)
        found = os.fstat(descriptor)
        if (found.st_dev, found.st_ino) != identity:
            raise FileNotFoundError(path)
        return os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=descriptor)
    finally:
        os.close(descriptor)


def _lock(directory: int, kind: int) -> bool:
    try:
        fcntl.flock(directory, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(directory: int) -> tuple[bytes, os.stat_result]:
    """Return the index and what is known about its file. Raises OSError."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open("index", flags, dir_fd=directory), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise FileNotFoundError("index")
        return read_from(file), status


def _change_index(directory: int, change: _Change, path: str, *, skipped: bool) -> str:
    """Set or clear the bits under `index.lock`. Return "", or why they are not as they should be.

    path: what is written down. What fails is tried once more, since much that fails does so for a moment.
    """
    reason = BUSY

    def note(lock: int) -> None:
        _note(path, change, lock)

    for _ in range(ATTEMPTS):
        try:
            data, status = _read(directory)
            new = with_bits(data, change.id_bytes, change.names, skipped=skipped)
            if new is data or _replace(directory, new, status, note):
                return ""
        except FileExistsError:
            time.sleep(PAUSE_SECONDS)  # git is at work
        except (FileNotFoundError, IndexFormatError):
            return ""  # nothing is tracked any more, or nothing that we could have changed
        except OSError as error:
            if reason != BUSY:
                return reason
            reason = str(error.strerror)
    return reason


def _replace(directory: int, new: bytes, old: os.stat_result, note: Callable[[int], None]) -> bool:
    """Replace the index as it was read. Tell whether it still was that one. Raises FileExistsError: it is locked."""
    lock = _make_lock(directory, new, old, note)
    try:
        present = os.stat("index", dir_fd=directory, follow_symlinks=False)
        same = (present.st_ino, present.st_mtime_ns, present.st_size) == (old.st_ino, old.st_mtime_ns, old.st_size)
        if same:
            os.rename("index.lock", "index", src_dir_fd=directory, dst_dir_fd=directory)
        else:
            os.unlink("index.lock", dir_fd=directory)
    except OSError:
        with suppress(OSError):
            os.unlink("index.lock", dir_fd=directory)
        raise
    finally:
        os.close(lock)
    return same


def _make_lock(directory: int, new: bytes, old: os.stat_result, note: Callable[[int], None]) -> int:
    """Make `index.lock`, complete from its first moment where the file system can do that. Return its descriptor."""
    try:
        lock = os.open(".", os.O_WRONLY | os.O_TMPFILE | os.O_CLOEXEC, 0o600, dir_fd=directory)
        nameless = True
    except (OSError, AttributeError):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        lock = os.open("index.lock", flags, 0o600, dir_fd=directory)
        nameless = False
    try:
        note(os.fstat(lock).st_ino)
        view = memoryview(new)
        while view:
            view = view[os.write(lock, view) :]
        with suppress(PermissionError):
            os.fchown(lock, old.st_uid, old.st_gid)
        os.fchmod(lock, stat.S_IMODE(old.st_mode))
        os.utime(lock, ns=(old.st_atime_ns, old.st_mtime_ns))
        if nameless:
            os.link(f"/proc/self/fd/{lock}", "index.lock", dst_dir_fd=directory, follow_symlinks=True)
    except BaseException:
        os.close(lock)
        if not nameless:
            os.unlink("index.lock", dir_fd=directory)
        raise
    return lock


def _note(path: str, change: _Change, lock: int) -> None:
    """Write down the lock that is about to stand, so that it is removed when this process is killed right then."""
    with open(os.open(path + NOTE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(b"%d\0" % lock + os.fsencode(change.directory))


def _remove_stale_lock(directory: int, path: str, change: _Change) -> None:
    with suppress(FileNotFoundError, ValueError):
        with open(path + NOTE, "rb") as file:
            lock, _, place = read_from(file).partition(b"\0")
        present = os.stat("index.lock", dir_fd=directory, follow_symlinks=False)
        if os.fsdecode(place) == change.directory and present.st_ino == int(lock):
            os.unlink("index.lock", dir_fd=directory)


def _write(path: str, changes: Iterable[_Change]) -> None:
    """Write down what is going to be changed."""
    text = b"".join(_entry(change) for change in changes)
    try:
        with open(os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            os.fchmod(file.fileno(), 0o600)  # not what the umask leaves of it
            file.write(text)
        os.rename(f"{path}.new", path)
    except BaseException:
        with suppress(OSError):
            os.unlink(f"{path}.new")
        raise


def _entry(change: _Change) -> bytes:
    numbers = (b"%d" % number for number in (*change.identity, change.id_bytes))
    return b"\0".join((os.fsencode(change.directory), *numbers, *sorted(change.names))) + END


def _recorded(state: str) -> Iterator[tuple[str, list[_Change]]]:
    """Yield each file in which changes are written down, with the changes."""
    try:
        names = sorted(os.listdir(f"{state}/{FOLDER}"))
    except FileNotFoundError:
        return
    for name in names:
        path = f"{state}/{FOLDER}/{name}"
        if name.endswith(".new") and not os.path.exists(f"/proc/{name.partition('-')[0]}"):
            os.unlink(path)  # of a run that was killed before it changed anything
        if not name.endswith((".new", NOTE)):
            with suppress(FileNotFoundError):
                yield path, _changes_in(path)


def _changes_in(path: str) -> list[_Change]:
    """Return what a file says. Raises OSError, also where it is no record."""
    try:
        return [_change_from(entry) for entry in content_of(path).split(END) if entry]
    except ValueError:
        raise OSError(errno.EINVAL, "not a record of aigate's", path) from None


def _change_from(entry: bytes) -> _Change:
    directory, device, inode, id_bytes, *names = entry.split(b"\0")
    return _Change(os.fsdecode(directory), (int(device), int(inode)), int(id_bytes), frozenset(names))
