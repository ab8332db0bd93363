"""What a run was not allowed to make, kept whole: ~/.aigate/quarantine/RUN-NUMBER with a record and the thing itself.

Moves, lists, brings back, drops. Directories are opened without following links: an agent may be at work there.
"""

from __future__ import annotations

import os
import time

from aigate.errors import AigateError
from aigate.reading import content_of
from aigate.record import record
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER, RECORD, CONTENT = "quarantine", "record.json", "content"
STEP = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
EXDEV = 18
RUN_DIGITS = 8
ALL_PERMISSIONS, OWNERS = 0o7777, 0o700


@record
class Kept:
    """One thing that was moved away. number: what it is called by. path: where it was. time: when, in seconds."""

    number: str
    path: str
    why: str
    time: int


class Quarantine:
    """The things that are kept. state: aigate's own directory.

    apart: directories are made anew here, since an agent that is in one would come along, see `carrying`.
    """

    def __init__(self, state: str, *, apart: bool = False) -> None:
        self._place, self._apart = f"{state}/{FOLDER}", apart

    def take(self, path: str, run: str, why: str) -> Kept:
        """Move what is at a path here; its record is written first.

        Raises OSError: then it is where it was, or, where an agent has kept a directory from being emptied, in part.
        """
        above, name = os.path.split(path)
        opened: dict[int, int] = {}
        source = -1
        try:
            source = open_directory(above, opened)
            os.stat(name, dir_fd=source, follow_symlinks=False)
            kept = self._room(path, run, why)
            content = f"{self._place}/{kept.number}/{CONTENT}"
            try:
                _move_in_any_case(name, source, content, apart=self._apart)
            except (OSError, RecursionError):
                if not os.listdir(content):
                    self.drop(kept.number)
                raise
        finally:
            for descriptor, mode in opened.items():
                os.chmod(f"/proc/self/fd/{descriptor}", mode)
                os.close(descriptor)
            if source >= 0:
                os.close(source)
        return kept

    def _room(self, path: str, run: str, why: str) -> Kept:
        """Make the place for one more thing of a run."""
        import json

        os.makedirs(self._place, 0o700, exist_ok=True)
        count = 1
        while True:
            kept = Kept(f"{run[:RUN_DIGITS]}-{count}", path, why, int(time.time()))
            try:
                os.mkdir(f"{self._place}/{kept.number}", 0o700)
                break
            except FileExistsError:
                count += 1
        folder = f"{self._place}/{kept.number}"
        os.mkdir(f"{folder}/{CONTENT}", 0o700)
        fields = {"path": path, "why": why, "time": kept.time, "run": run}
        descriptor = os.open(f"{folder}/{RECORD}", NEW_FILE, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            json.dump(fields, file)
        return kept

    def all(self) -> list[Kept]:
        """Return what is kept, the oldest first."""
        return sorted(self._read(), key=lambda kept: (kept.time, kept.number))

    def _read(self) -> Iterator[Kept]:
        import json

        try:
            numbers = os.listdir(self._place)
        except FileNotFoundError:
            return
        for number in numbers:
            try:
                fields = json.loads(content_of(f"{self._place}/{number}/{RECORD}"))
                yield Kept(number, str(fields["path"]), str(fields["why"]), int(fields["time"]))
            except (OSError, ValueError, KeyError, TypeError):
                yield Kept(number, "?", "its record cannot be read", 0)

    def content(self, kept: Kept) -> str:
        """Return where the thing is now."""
        return f"{self._place}/{kept.number}/{CONTENT}/{os.path.basename(kept.path)}"

    def find(self, number: str) -> Kept:
        """Return the thing of a number. Raises AigateError."""
        for kept in self._read():
            if kept.number == number:
                return kept
        raise AigateError(f"nothing is kept as {number}", hint="aigate quarantine list")

    def restore(self, number: str) -> Kept:
        """Put a thing back where it was. Raises AigateError, also where something else is by now."""
        kept = self.find(number)
        above, name = os.path.split(kept.path)
        try:
            target = open_directory(above)
            try:
                _refuse_to_replace(kept.path, name, target)
                content = open_directory(f"{self._place}/{number}/{CONTENT}")
                try:
                    _move(name, content, f"/proc/self/fd/{target}")
                finally:
                    os.close(content)
            finally:
                os.close(target)
        except OSError as error:
            raise AigateError(f"{kept.path} cannot be put back: {error.strerror}") from None
        self.drop(number)
        return kept

    def drop(self, number: str) -> Kept:
        """Delete a thing for good. Raises AigateError."""
        import shutil

        kept = self.find(number)
        shutil.rmtree(f"{self._place}/{number}", onerror=_open_and_retry)
        return kept


def open_directory(path: str, opened: dict[int, int] | None = None) -> int:
    """Open a directory (O_PATH) component by component, without following a link. Raises OSError.

    opened: closed directories on the way get their owner's rights back, and are added: descriptor to mode before.
    """
    found = os.open("/", STEP)
    for name in path.split("/"):
        if name:
            before = found
            try:
                found = _step(before, name, opened)
            finally:
                os.close(before)
    return found


def _step(directory: int, name: str, opened: dict[int, int] | None) -> int:
    try:
        return os.open(name, STEP, dir_fd=directory)
    except PermissionError:
        if opened is None:
            raise
    mode = _open_up(directory)
    opened[os.dup(directory)] = mode
    return os.open(name, STEP, dir_fd=directory)


def open_up(path: str) -> None:
    """Give the owner of a directory every right over it, and over those on the way there that are closed to him."""
    opened: dict[int, int] = {}
    with suppress(OSError):  # it is not there, or is no directory
        found = open_directory(path, opened)
        try:
            if not os.access(f"/proc/self/fd/{found}", os.R_OK | os.X_OK):
                _open_up(found)
        finally:
            os.close(found)
    for descriptor in opened:
        os.close(descriptor)


def is_gone(path: str) -> bool:
    """Tell whether nothing is at a path; not where a closed directory on the way keeps that from being seen."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _move(name: str, source: int, place: str, *, apart: bool = False) -> None:
    """Move a name from a directory to another one, also on another file system. apart: see `Quarantine`."""
    try:
        if not apart:
            os.rename(name, f"{place}/{name}", src_dir_fd=source)
            return
    except OSError as error:
        if error.errno != EXDEV:
            raise
    from aigate.watch.carrying import carry

    target = os.open(place, STEP & ~os.O_NOFOLLOW)
    try:
        carry(name, source, target)
    finally:
        os.close(target)


def _move_in_any_case(name: str, source: int, place: str, *, apart: bool) -> None:
    """Move a name although its maker has closed it, or the directory that it is in. Raises OSError."""
    try:
        _move(name, source, place, apart=apart)
    except PermissionError:
        _move_opened(name, source, place, apart=apart)


def _move_opened(name: str, source: int, place: str, *, apart: bool) -> None:
    mode = _open_up(source)
    try:
        with suppress(OSError):  # a file, or a link
            inner = os.open(name, STEP, dir_fd=source)
            try:
                _open_up(inner)
            finally:
                os.close(inner)
        _move(name, source, place, apart=apart)
    finally:
        os.chmod(f"/proc/self/fd/{source}", mode)


def _open_up(descriptor: int) -> int:
    """Give a directory's owner every right over it, and return the permissions that it had. Raises OSError."""
    mode = os.fstat(descriptor).st_mode & ALL_PERMISSIONS
    os.chmod(f"/proc/self/fd/{descriptor}", mode | OWNERS)
    return mode


def _refuse_to_replace(path: str, name: str, target: int) -> None:
    try:
        os.stat(name, dir_fd=target, follow_symlinks=False)
    except FileNotFoundError:
        return
    raise AigateError(f"{path} exists", hint="move it out of the way first")


def _open_and_retry(act: object, path: str, _info: object) -> None:
    """Delete what its maker has closed: it is the caller's by now."""
    os.chmod(os.path.dirname(path), 0o700)
    if callable(act):
        act(path)
