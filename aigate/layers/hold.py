"""Who uses a layer right now. Two mounts of one upper directory are undefined, so runs side by side share one mount.

A run that is alone makes the overlay in its own namespaces. A further one borrows that mount: it enters the first one's
outer namespaces, clones the mount there, without what covers parts of it, and takes the clone along. A lock is held
from the look at the others until the mount is made. Each run has a record with the process that is in its outer
namespaces, which it keeps locked as long as it lives. Decides nothing else.
"""

from __future__ import annotations

import fcntl
import os
import time
from _socket import AF_UNIX, CMSG_SPACE, SCM_RIGHTS, SOCK_CLOEXEC, SOCK_DGRAM, SOL_SOCKET, socketpair
from struct import calcsize, pack, unpack

from aigate import _events, _linux
from aigate.errors import EnforcementError
from aigate.host.locks import lock, open_lock
from aigate.host.nesting import CLONE_NEWNS, CLONE_NEWUSER
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LOCK, RUNS = "lock", "runs"
LONGEST_RECORD = 32
PATIENCE_SECONDS, PAUSE_SECONDS = 5.0, 0.005
OPEN_FILE = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class Hold:
    """One run's part in a layer, from before its mounts are made until nothing of the run is left.

    directory: the layer's. mounts: path in the sandbox to a descriptor of the mount that was borrowed for it; empty
    where this run makes them itself. alone: whether no other run uses the layer.
    """

    def __init__(
        self,
        directory: str,
        paths: Iterable[str],
        waiting: Callable[[], object] | None = None,
        pieces: Iterable[str] = (),
    ) -> None:
        """Take part. paths: what is layered. waiting: called where that takes long. Raises EnforcementError.

        pieces: what has a layer of its own in those, if another run has it so.
        """
        self._runs = f"{directory}/{RUNS}"
        self.mounts: dict[str, int] = {}
        os.makedirs(self._runs, 0o700, exist_ok=True)
        self._lock = open_lock(f"{directory}/{LOCK}")
        lock(self._lock, f"{directory}/{LOCK}", waiting=waiting)
        self._path = f"{self._runs}/{os.getpid()}-{os.urandom(4).hex()}"
        self._record = -1
        try:
            self.alone = not self._borrow(tuple(paths), tuple(pieces))
            self._record = os.open(self._path, OPEN_FILE, 0o600)
            fcntl.flock(self._record, fcntl.LOCK_EX)
        except BaseException:
            self.close()
            raise

    def ready(self, process: int) -> None:
        """Let others in: the mounts are made, and a process is in the run's outer namespaces."""
        os.pwrite(self._record, b"%d" % process, 0)
        self._unlock()

    def close(self) -> None:
        """Take no part any more."""
        if self._record >= 0:
            os.unlink(self._path)
            os.close(self._record)
            self._record = -1
        self._let_go()
        self._unlock()

    def _let_go(self) -> None:
        for mount in self.mounts.values():
            os.close(mount)
        self.mounts = {}

    def _unlock(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _borrow(self, paths: tuple[str, ...], pieces: tuple[str, ...]) -> bool:
        """Take another run's mounts; tell whether there is one. One that is just ending is waited for."""
        until = time.monotonic() + PATIENCE_SECONDS
        while other := self._other():
            try:
                for path in (*paths, *pieces):
                    mount = borrow(other, path, optional=path in pieces)
                    if mount >= 0:
                        self.mounts[path] = mount
            except EnforcementError:
                self._let_go()
                if time.monotonic() > until:
                    raise
                time.sleep(PAUSE_SECONDS)
            else:
                return True
        return False

    def _other(self) -> int:
        """Return the process of another run, or 0. The records of runs that are over are removed."""
        for name in os.listdir(self._runs):
            process = _process_in(f"{self._runs}/{name}")
            if process:
                return process
            with suppress(FileNotFoundError):
                os.unlink(f"{self._runs}/{name}")
        return 0


class Unused:
    """A context in which no run uses a layer, and none can begin to. Raises EnforcementError where one does."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._lock = -1

    def __enter__(self) -> None:
        self._lock = _locked(self._directory)
        if self._lock < 0 or _has_runs(self._directory):
            self.__exit__()
            raise EnforcementError(
                "a run uses this layer right now",
                hint="wait for its end: a layer that is mounted must not be changed below it",
            )

    def __exit__(self, *_: object) -> None:
        if self._lock >= 0:
            os.close(self._lock)


def in_use(directory: str) -> bool:
    """Tell whether a run uses a layer, or is about to; no run uses one that is not there."""
    if not os.path.isdir(directory):
        return False
    lock = _locked(directory)
    if lock < 0:
        return True
    os.close(lock)
    return _has_runs(directory)


def _locked(directory: str) -> int:
    """Return a descriptor that holds a layer's lock, -1 where a run that is beginning does."""
    lock = open_lock(f"{directory}/{LOCK}")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return -1
    return lock


def _has_runs(directory: str) -> bool:
    try:
        names = os.listdir(f"{directory}/{RUNS}")
    except FileNotFoundError:
        return False
    return any(_process_in(f"{directory}/{RUNS}/{name}") for name in names)


def _process_in(path: str) -> int:
    """Return the process that a record names, 0 if it is over.

    A run that was killed lets go of its record a moment before its sandbox is gone, which is waited for.
    """
    try:
        record = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return 0  # it has just ended
    try:
        text = os.pread(record, LONGEST_RECORD, 0)
        process = int(text) if text.isdigit() else 0
        try:
            fcntl.flock(record, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return process
        until = time.monotonic() + PATIENCE_SECONDS
        while process and _lives(process):
            if time.monotonic() > until:
                return process
            time.sleep(PAUSE_SECONDS)
        return 0
    finally:
        os.close(record)


def _lives(process: int) -> bool:
    """Tell whether a process is there that is in other namespaces than this one: it may be somebody else's by now."""
    try:
        return os.readlink(f"/proc/{process}/ns/mnt") != os.readlink("/proc/self/ns/mnt")
    except OSError:
        return False


def borrow(process: int, path: str, *, optional: bool = False) -> int:
    """Return a clone of the mount at a path in another run's outer namespaces. Raises EnforcementError.

    optional: return -1 where none of its mounts is there.
    """
    ours, theirs = socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC)
    child = os.fork()
    if child == 0:
        try:
            _clone_there(process, path, theirs)
        finally:
            os._exit(1)
    theirs.close()
    os.waitpid(child, 0)
    try:
        _, ancillary, _, _ = ours.recvmsg(1, CMSG_SPACE(calcsize("=i")), 0x40)  # MSG_DONTWAIT
        for _, _, data in ancillary:
            return int(unpack("=i", data[:4])[0])
        if optional:
            return -1
    except OSError:
        pass
    finally:
        ours.close()
    raise EnforcementError(
        f"another run uses the layer of {path}, and its mount cannot be had",
        hint="wait until that run has ended, or set home: readonly",
    )


def _clone_there(process: int, path: str, answer) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    spaces = [(os.open(f"/proc/{process}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC), kind) for name, kind in NAMESPACES]
    for descriptor, kind in spaces:
        _linux.setns(descriptor, kind)
    # What the way there leads through may be the agent's: no link counts, and nothing but a mount that aigate has made.
    root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        place = _linux.open_in(root, os.fsencode(path).strip(b"/"), os.O_PATH | os.O_DIRECTORY)
        there = _events.is_mount_root(place)
    except OSError:
        there = False
    if not there:
        answer.send(b"N")
        return
    mount = _linux.clone_mount(place, children=False)
    with suppress(OSError):  # what came outside since it was made, and a program inside had looked for, must be covered
        _linux.forget_names(mount)
    answer.sendmsg([b"M"], [(SOL_SOCKET, SCM_RIGHTS, pack("=i", mount))])
    os._exit(0)


NAMESPACES = (("user", CLONE_NEWUSER), ("mnt", CLONE_NEWNS))
