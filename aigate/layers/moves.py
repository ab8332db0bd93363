"""Takes single things out of a layer: into the user's own files, or aside. Follows no link, and decides nothing.

A layer is what an agent wrote, so each step is taken below a descriptor of the directory before it (openat(2) with
O_NOFOLLOW): a link in the layer, or one in the home that leads elsewhere, ends it with an error.
"""

from __future__ import annotations

import os
import stat
import time

from aigate.config.files import shown
from aigate.errors import UsageError
from aigate.layers import inner
from aigate.layers.changes import DEEPEST, OPAQUE, is_removal
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEP = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
BLOCK = 1 << 20
DEEPEST_SHOWN = 40  # directories
OTHERS_WRITE = 0o022
ANY_FILE = "file"


def apply(upper: str, below: str, path: str, guarded: Callable[[str], bool]) -> list[str]:
    """Make a change to the user's own files, and take it out of the layer. path: relative. UsageError, OSError.

    guarded: tells which files, by their paths, stay what they are unless they or a directory of such are named: `path`
    is what is named. Returns the paths of those that stay in the layer.
    """
    named = guarded(path) or guarded(f"{path}/{ANY_FILE}")
    left: list[str] = []

    def stays(each: str) -> bool:
        return not named and guarded(each)

    with _Opened(upper, path) as (source, name), _Opened(below, path, make=True) as (target, _):
        _check(source, name)
        _Bringing(stays, left).bring(source, target, name, path)
        _clear_but(source, name, path, left.__contains__)
    return left


def discard(upper: str, path: str, aside: str) -> str:
    """Take a change out of a layer, so that what lies below is seen again, and return where it lies now.

    upper: a layer's directory of changes (`home/upper`): the name of its part is kept with it.
    aside: a directory for what was taken out, made if need be. Raises UsageError, OSError.
    """
    kept = f"{aside}/{time.strftime('%Y%m%d-%H%M%S')}-{os.urandom(3).hex()}-{_part(upper)}"
    os.makedirs(kept, 0o700)
    _move(upper, kept, path)
    return f"{kept}/{path}"


def remove(upper: str, path: str, aside: str) -> None:
    """Remove a change from a layer for good, if it is there: what lies below is seen again. Follows no link. OSError.

    aside: where it lies meanwhile.
    """
    if inner.Tree(upper).status(path) is None:
        return
    kept = discard(upper, path, aside).removesuffix(f"/{path}")
    directory = os.open(aside, STEP)
    try:
        _clear(directory, os.path.basename(kept))
    finally:
        os.close(directory)


def _clear(directory: int, top: str) -> None:
    """Remove a directory and all that is in it, closed or nested as deep as it may be: those below are moved up."""
    waiting, number = [top], 0
    while waiting:
        name = waiting.pop()
        _open_up(directory, name)
        opened = os.open(name, STEP, dir_fd=directory)
        try:
            for child in os.listdir(opened):
                if not _is_directory(opened, child):
                    os.unlink(child, dir_fd=opened)
                    continue
                number += 1
                _open_up(opened, child)
                os.rename(child, f"{top}-{number}", src_dir_fd=opened, dst_dir_fd=directory)
                waiting.append(f"{top}-{number}")
        finally:
            os.close(opened)
        os.rmdir(name, dir_fd=directory)


def bring_back(upper: str, path: str, aside: str) -> bool:
    """Put what was taken out of a layer last, at a path, back there. Tell whether there was something."""
    for kept in _kept(upper, aside):
        if inner.Tree(kept).status(path) is not None:
            _move(kept, upper, path)
            with suppress(OSError):
                os.removedirs(os.path.dirname(f"{kept}/{path}"))  # no link is on the way: _move() came by it
            return True
    return False


def laid_aside(upper: str, aside: str) -> dict[str, None]:
    """Return the paths of what was taken out of a layer and can come back, the latest first."""
    return {path: None for kept in _kept(upper, aside) if (path := _only(inner.Tree(kept)))}


def _only(tree: inner.Tree) -> str:
    """Return what one directory after the other alone holds: those above what was taken out were made for it."""
    path = ""
    for _ in range(DEEPEST_SHOWN):
        names = tree.names(path)
        if len(names) != 1:
            break
        path = os.path.join(path, names[0])
        status = tree.status(path)
        if status is None or not stat.S_ISDIR(status.st_mode):
            break
    return path


def _kept(upper: str, aside: str) -> list[str]:
    """Return the directories of what was taken out, the latest first: each holds it at its path."""
    try:
        names = sorted(os.listdir(aside), reverse=True)
    except FileNotFoundError:
        return []
    return [f"{aside}/{name}" for name in names if name.endswith(f"-{_part(upper)}")]


def _part(upper: str) -> str:
    return os.path.basename(os.path.dirname(upper))


def _move(top: str, other: str, path: str) -> None:
    """Move something to the same path below another top, on one file system."""
    with _Opened(top, path) as (source, name), _Opened(other, path, make=True) as (target, _):
        _open_up(source, name)
        os.rename(name, name, src_dir_fd=source, dst_dir_fd=target)


def _open_up(directory: int, name: str) -> None:
    """Give the owner of a directory every right over it, without which it cannot be moved."""
    try:
        descriptor = os.open(name, inner.STEP, dir_fd=directory)
    except OSError:
        return  # a file, or a link
    try:
        inner.open_up(descriptor)
    finally:
        os.close(descriptor)


def _let_read(directory: int, name: str, mode: int) -> None:
    """Give the owner of a file the right to read it, which its maker may have taken from himself."""
    if mode & stat.S_IRUSR:
        return
    descriptor = os.open(name, inner.PLACE, dir_fd=directory)
    try:
        os.chmod(f"/proc/self/fd/{descriptor}", stat.S_IMODE(mode) | stat.S_IRUSR)
    finally:
        os.close(descriptor)


class _Opened:
    """A context with a descriptor of the directory that a path lies in, and the name there.

    make: the way there is made, where it is not; otherwise it lies in a layer, whose closed directories are opened.
    """

    def __init__(self, top: str, path: str, *, make: bool = False) -> None:
        self._top, self._path, self._make = top, path, make
        self._descriptor = -1

    def __enter__(self) -> tuple[int, str]:
        *above, name = self._path.split("/")
        if not name or {"..", "."} & {*above, name}:
            raise UsageError(f"{self._path!r} is not a path in a layer", hint="aigate layer diff lists them")
        if not self._make:
            self._descriptor = inner.opened(self._top, "/".join(above))
            return self._descriptor, name
        self._descriptor = os.open(self._top, STEP)
        try:
            for part in above:
                self._step(part)
        except BaseException:
            os.close(self._descriptor)
            raise
        return self._descriptor, name

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def _step(self, part: str) -> None:
        _make_directory(self._descriptor, part)
        following = os.open(part, STEP, dir_fd=self._descriptor)
        os.close(self._descriptor)
        self._descriptor = following


def _make_directory(directory: int, name: str) -> None:
    try:
        os.mkdir(name, 0o755, dir_fd=directory)
    except FileExistsError:
        return


def _check(source: int, name: str, depth: int = 0) -> None:
    """Raise UsageError for what cannot be brought: before anything is, since what stands there is removed first."""
    status = os.stat(name, dir_fd=source, follow_symlinks=False)
    if is_removal(status) or stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
        return
    if not stat.S_ISDIR(status.st_mode):
        raise UsageError(f"{shown(name)} is neither a file, a link nor a directory", hint="discard it")
    if depth > DEEPEST:
        raise UsageError(f"{shown(name)} lies in {DEEPEST} directories, one in the other", hint="discard it")
    _open_up(source, name)
    opened = os.open(name, STEP, dir_fd=source)
    try:
        for entry in os.listdir(opened):
            _check(opened, entry, depth + 1)
    finally:
        os.close(opened)


class _Bringing:
    """Brings what was changed to where it belongs. stays: which files are not. left: takes the paths of those."""

    def __init__(self, stays: Callable[[str], bool], left: list[str]) -> None:
        self._stays, self._left = stays, left

    def bring(self, source: int, target: int, name: str, path: str) -> None:
        """Bring one thing of a layer, whole or not at all as far as files go. path: below the layered directory."""
        status = os.stat(name, dir_fd=source, follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            self._bring_directory(source, target, name, path)
        elif self._stays(path) or self._is_in_the_way(target, name, path):
            self._left.append(path)
        elif is_removal(status):
            _clear_but(target, name, path, self._stays)
        elif stat.S_ISREG(status.st_mode):
            _bring_file(source, target, name, status)
        elif stat.S_ISLNK(status.st_mode):
            link = os.readlink(name, dir_fd=source)
            _replace(target, name, lambda new: os.symlink(link, new, dir_fd=target))

    def _is_in_the_way(self, directory: int, name: str, path: str) -> bool:
        """Tell whether a directory of the user's stands there that holds something which stays."""
        if not _is_directory(directory, name):
            return False
        opened = os.open(name, STEP, dir_fd=directory)
        try:
            names = os.listdir(opened)
            return any(
                self._is_in_the_way(opened, each, f"{path}/{each}") or self._stays(f"{path}/{each}") for each in names
            )
        finally:
            os.close(opened)

    def _bring_directory(self, source: int, target: int, name: str, path: str) -> None:
        mode = _mode(os.stat(name, dir_fd=source, follow_symlinks=False).st_mode, target, name)
        inner = os.open(name, STEP, dir_fd=source)
        try:
            if _is_opaque(inner) or not _is_directory(target, name):
                _clear_but(target, name, path, self._stays)
            try:
                os.mkdir(name, 0o700, dir_fd=target)
            except FileExistsError:
                mode = -1  # the user's own keeps its permissions
            outer = os.open(name, STEP, dir_fd=target)
            try:
                for entry in _names(inner):
                    self.bring(inner, outer, entry, f"{path}/{entry}")
                if mode >= 0:
                    os.fchmod(outer, mode)
            finally:
                os.close(outer)
        finally:
            os.close(inner)


def _clear_but(directory: int, name: str, path: str, kept: Callable[[str], bool]) -> bool:
    """Remove something and all that is in it, if it is there, but for files to be kept. Tell whether it is gone.

    What is left of a directory of a layer shows what lies below it again.
    """
    if not _is_directory(directory, name):
        if kept(path):
            return False
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=directory)
        return True
    opened = os.open(name, STEP, dir_fd=directory)
    try:
        whole = True
        for child in os.listdir(opened):
            whole &= _clear_but(opened, child, f"{path}/{child}", kept)
        if not whole:
            with suppress(OSError):
                os.removexattr(opened, OPAQUE)
    finally:
        os.close(opened)
    if whole:
        os.rmdir(name, dir_fd=directory)
    return whole


def _bring_file(source: int, target: int, name: str, status: os.stat_result) -> None:
    """Copy a file beside its place and rename it there, without set-id bits, with its times."""

    def write(new: str) -> None:
        _let_read(source, name, status.st_mode)
        reader = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=source)
        try:
            writer = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=target)
            try:
                while block := os.read(reader, BLOCK):
                    view = memoryview(block)
                    while view:
                        view = view[os.write(writer, view) :]
                os.fchmod(writer, _mode(status.st_mode, target, name))
                os.utime(writer, ns=(status.st_atime_ns, status.st_mtime_ns))
            finally:
                os.close(writer)
        finally:
            os.close(reader)

    _replace(target, name, write)


def _mode(mode: int, target: int, name: str) -> int:
    """Return a file's permissions without set-id bits; others may write to it only where they could before."""
    try:
        before = os.stat(name, dir_fd=target, follow_symlinks=False)
    except FileNotFoundError:
        return mode & 0o777 & ~OTHERS_WRITE
    granted = before.st_mode & OTHERS_WRITE if stat.S_IFMT(before.st_mode) == stat.S_IFMT(mode) else 0
    return mode & 0o777 & (~OTHERS_WRITE | granted)


def _replace(target: int, name: str, make: Callable[[str], None]) -> None:
    """Make something under another name, and put it in the place of what is there."""
    new = f".{name[:200]}.aigate-{os.urandom(4).hex()}"
    try:
        make(new)
        if _is_directory(target, name):
            _clear_but(target, name, name, lambda _: False)
        os.rename(new, name, src_dir_fd=target, dst_dir_fd=target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(new, dir_fd=target)
        raise


def _is_directory(directory: int, name: str) -> bool:
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _is_opaque(directory: int) -> bool:
    try:
        return os.getxattr(directory, OPAQUE) == b"y"
    except OSError:
        return False


def _names(directory: int) -> Iterator[str]:
    yield from sorted(os.listdir(directory))
