"""Single files that agents keep with the user: logins. Brought into a layer, and out of it, key by key.

A file that is saved by rename cannot be a mount, so each side has its own: the user's, and the one in the layer. What
both had last is remembered, so that it is known which side changed a key; where both did, the newer file decides.
Everything else in the file stays on its side: a list of servers or hooks that an agent wrote is obeyed by nobody
outside. A file without keys is only brought in. While a run lasts, that is done by `layers/logins.py`.
"""

from __future__ import annotations

import os
import stat

from aigate.config.cache import digest
from aigate.layers.inner import opened
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Files = Iterable[tuple[str, tuple[str, ...]]]
    Json = dict[str, object]

NEW, BESIDE, EXDEV = "new", ".aigate", 18
LARGEST = 4 << 20  # bytes
DEEPEST = 100
ANYTHING = (-1, -1, -1)
ATTEMPTS = 5  # with a file that somebody else saves in that moment
# opencode loads its whole config from the address that such an entry names.
REFUSED_TYPES = ("wellknown",)


class Remembered:
    """What both sides had last of each file. directory: where that is kept; "": as long as this object is there.

    aside: where the user's own files are written before they are put in their place, one at a time.
    """

    def __init__(self, directory: str, aside: str = "") -> None:
        self._directory, self.aside = directory, aside or f"{directory}/{NEW}"
        self._held: dict[str, Json] = {}

    def of(self, path: str) -> Json:
        """Return what both had of a file."""
        return (_read(self._place(path)) or {}) if self._directory else self._held.get(path, {})

    def knows(self, path: str) -> bool:
        """Tell whether a file was seen before."""
        return os.path.lexists(self._place(path)) if self._directory else path in self._held

    def note(self, path: str, both: Json) -> None:
        """Take note of what both have now. Raises OSError."""
        if not self._directory:
            self._held[path] = both
        elif both != self.of(path):
            write(self._place(path), both, aside=self.aside)

    def _place(self, path: str) -> str:
        return f"{self._directory}/{digest(os.fsencode(path))}"


def exchange(files: Files, upper: str, below: str, known: str, *, inwards: bool) -> None:
    """Bring out what an agent changed of the keys, and in what the user did. files: (path, keys). Raises OSError.

    upper: where the layer's changes are. below: the directory that they are changes of. known: a directory for what
    both sides had last. inwards: also change the layer, which nobody may use then; without, it is only read.
    """
    last = Remembered(known)
    clear(last.aside)
    for path, keys in files:
        outer = os.path.realpath(path)
        if not outer.startswith(f"{below}/") or not is_free(outer):
            continue
        for place in dict.fromkeys((path, outer)):
            above, name = os.path.split(os.path.relpath(place, below))
            try:
                directory = opened(upper, above)
            except OSError:
                continue  # not there, or led elsewhere by the agent
            try:
                _exchange(f"/proc/self/fd/{directory}/{name}", path, keys, last, inwards)
            finally:
                os.close(directory)


def _exchange(inner: str, path: str, keys: tuple[str, ...], last: Remembered, inwards: bool) -> None:
    outer = os.path.realpath(path)
    if inwards:
        clear(f"{inner}{BESIDE}")
    if not is_plain(inner):
        return
    if not keys:
        if inwards and changed(outer) > changed(inner):
            os.unlink(inner)  # the user's own is seen again
        return
    for _ in range(ATTEMPTS):
        try:
            both = meet(inner, outer, keys, last, path, inwards=inwards, gone=True)
        except BlockingIOError:
            continue
        if both is not None:
            last.note(path, both)
        return


def meet(
    inner: str, outer: str, keys: tuple[str, ...], last: Remembered, path: str, *, inwards: bool, gone: bool = False
) -> Json | None:
    """Give each side of a file what the other one changed; return what both have then, None where that differs.

    path: what it is remembered as. gone: that the user's file is not there means that its keys are gone; otherwise a
    file that is not there has changed nothing, since programs save in many ways. Raises BlockingIOError where a file
    was saved meanwhile: try again.
    """
    known = last.of(path)
    before = seen(inner), seen(outer)
    theirs, ours = _read(inner), _read(outer)
    if theirs is None or ours is None:
        return None
    newer = changed(inner) > changed(outer)
    into, out = dict(theirs), dict(ours)
    for key in keys:
        their, our, old = (side.get(key) for side in (theirs, ours, known))
        if their == our:
            continue
        if before[0] and their != old and (our == old or newer):
            _set(out, key, our if _is_refused(their) else their)
        elif (before[1] or gone) and our != old:
            _set(into, key, our)
    if out != ours:
        write(outer, out, before[1], aside=last.aside)
    if into != theirs:
        if not inwards:
            return None
        write(inner, into, before[0])
    agreed = {key: into.get(key) if into.get(key) == out.get(key) else known.get(key) for key in keys}
    return {key: value for key, value in agreed.items() if value is not None}


def remember(files: Files, known: str) -> None:
    """Note what the user's own files hold, which a sandbox sees that has none of its own yet. Raises OSError."""
    last = Remembered(known)
    for path, keys in files:
        found = _read(os.path.realpath(path)) if keys else None
        if found and not last.knows(path):
            last.note(path, {key: found[key] for key in keys if key in found})


def held(path: str, keys: tuple[str, ...]) -> Json:
    """Return what a file holds of the keys; nothing where it cannot be understood."""
    found = _read(path) or {}
    return {key: found[key] for key in keys if key in found}


def _set(side: Json, key: str, value: object) -> None:
    if value is None:
        side.pop(key, None)
    else:
        side[key] = value


def _is_refused(value: object) -> bool:
    if isinstance(value, dict):
        return value.get("type") in REFUSED_TYPES or any(map(_is_refused, value.values()))
    return isinstance(value, list) and any(map(_is_refused, value))


def _read(path: str) -> Json | None:
    """Return a JSON object, an empty one where there is no file, None where it is something else."""
    import json

    try:
        content = content_of(path)
    except FileNotFoundError:
        return {}
    except OSError:
        return None
    try:
        found = json.loads(content, parse_constant=_refuse) if len(content) <= LARGEST else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and _is_shallow(found, DEEPEST) else None


def content_of(path: str) -> bytes:
    """Return what is in a file, a byte more than `LARGEST` at most. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        return file.read(LARGEST + 1) or b""  # nothing yet, of a pipe


def _refuse(constant: str) -> object:
    raise ValueError(constant)  # NaN and its like: no other program would read the file


def _is_shallow(value: object, depth: int) -> bool:
    """Tell whether a value is nested no deeper than can be looked at and written."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return depth > 0 and all(_is_shallow(each, depth - 1) for each in inner)
    return True


def write(path: str, value: Json, before: tuple[int, ...] = ANYTHING, aside: str = "") -> None:
    """Replace a file by a JSON object: see `replace_file`."""
    import json

    content = (json.dumps(value, indent=2) + "\n").encode()
    try:
        replace_file(path, content, before, aside)
    except OSError as error:
        if error.errno != EXDEV:
            raise
        replace_file(path, content, before)  # beside it: `~/.aigate` lies elsewhere


def replace_file(path: str, content: bytes, before: tuple[int, ...] = ANYTHING, aside: str = "") -> None:
    """Replace a file in one step; it keeps its permissions, and a new one is the user's alone.

    before: what `seen` said of it. aside: where it is written first, or "" for beside it; what stands there is what a
    killed run has left, for only one at a time writes. Raises BlockingIOError where it has been saved since, and
    OSError.
    """
    found = os.lstat(path) if is_plain(path) else None
    new = aside or f"{path}{BESIDE}"
    for place in (path, new):
        os.makedirs(os.path.dirname(place), 0o700, exist_ok=True)
    clear(new)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(descriptor, stat.S_IMODE(found.st_mode) & 0o777 if found else 0o600)
        _check(path, before)
        os.rename(new, path)
    except BaseException:
        os.unlink(new)
        raise


def clear(place: str) -> None:
    """Remove a file that a killed run has left; what else stands there is an agent's."""
    with suppress(OSError):
        os.unlink(place)


def _check(path: str, before: tuple[int, ...]) -> None:
    if before != ANYTHING and seen(path) != before:
        raise BlockingIOError(path)


def seen(path: str) -> tuple[int, ...]:
    """Return what tells one content of a file from the next; nothing for a file that is not there."""
    try:
        found = os.lstat(path)
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


def is_plain(path: str) -> bool:
    """Tell whether a plain file is there, and no link."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def is_free(path: str) -> bool:
    """Tell whether a plain file is there or nothing."""
    return is_plain(path) or not os.path.lexists(path)


def changed(path: str) -> int:
    """Return when a file was changed, in nanoseconds; 0 for one that is not there."""
    try:
        return os.lstat(path).st_mtime_ns
    except OSError:
        return 0
