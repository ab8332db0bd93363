"""Single files that agents keep with the user: logins. Brought into a layer, and out of it, key by key.

A file that is saved by rename cannot be a mount, so each side has its own: the user's, and the one in the layer. What
both had last is remembered, so that it is known which side changed a key; where both did, the newer file decides.
Everything else in the file stays on its side: a list of servers or hooks that an agent wrote is obeyed by nobody
outside. A file without keys is only brought in.
"""

from __future__ import annotations

import os
import stat

from aigate.config.cache import digest
from aigate.layers.inner import opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Files = Iterable[tuple[str, tuple[str, ...]]]
    Json = dict[str, object]

LARGEST = 4 << 20  # bytes
DEEPEST = 100
# opencode loads its whole config from the address that such an entry names.
REFUSED_TYPES = ("wellknown",)


def exchange(files: Files, upper: str, below: str, known: str, *, inwards: bool) -> None:
    """Bring out what an agent changed of the keys, and in what the user did. files: (path, keys). Raises OSError.

    upper: where the layer's changes are. below: the directory that they are changes of. known: a directory for what
    both sides had last. inwards: also change the layer, which nobody may use then; without, it is only read.
    """
    for path, keys in files:
        outer = os.path.realpath(path)
        above, name = os.path.split(os.path.relpath(path, below))
        if not outer.startswith(f"{below}/") or not _is_free(outer):
            continue
        try:
            directory = opened(upper, above if above != "." else "")
        except OSError:
            continue  # not there, or led elsewhere by the agent
        try:
            _exchange(f"/proc/self/fd/{directory}/{name}", outer, f"{known}/{digest(os.fsencode(path))}", keys, inwards)
        finally:
            os.close(directory)


def _exchange(inner: str, outer: str, known: str, keys: tuple[str, ...], inwards: bool) -> None:
    if not _is_plain(inner):
        return
    if keys:
        _merge(inner, outer, known, keys, inwards=inwards)
    elif inwards and _changed(outer) > _changed(inner):
        os.unlink(inner)  # the user's own is seen again


def _merge(inner: str, outer: str, known: str, keys: tuple[str, ...], *, inwards: bool) -> None:
    theirs, ours, last = _read(inner), _read(outer), _read(known) or {}
    if theirs is None or ours is None:
        return
    newer = _changed(inner) > _changed(outer)
    into, out = dict(theirs), dict(ours)
    for key in keys:
        their, our, old = (side.get(key) for side in (theirs, ours, last))
        changed_inside = their != old and (our == old or newer)
        if their != our and not (changed_inside and _is_refused(their)):
            _set(out if changed_inside else into, key, their if changed_inside else our)
    if out != ours:
        _write(outer, out)
    if inwards and into != theirs:
        _write(inner, into)
    both = {key: out[key] for key in keys if key in out}
    if (inwards or into == theirs) and both != last:
        _write(known, both)


def remember(files: Files, known: str) -> None:
    """Note what the user's own files hold, which a sandbox sees that has none of its own yet. Raises OSError."""
    for path, keys in files:
        found = _read(os.path.realpath(path)) if keys else None
        place = f"{known}/{digest(os.fsencode(path))}"
        if found and not os.path.lexists(place):
            _write(place, {key: found[key] for key in keys if key in found})


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
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return {}
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        content = file.read(LARGEST + 1) or b""  # nothing yet, of a pipe
    try:
        found = json.loads(content, parse_constant=_refuse) if len(content) <= LARGEST else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and _is_shallow(found, DEEPEST) else None


def _refuse(constant: str) -> object:
    raise ValueError(constant)  # NaN and its like: no other program would read the file


def _is_shallow(value: object, depth: int) -> bool:
    """Tell whether a value is nested no deeper than can be looked at and written."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return depth > 0 and all(_is_shallow(each, depth - 1) for each in inner)
    return True


def _write(path: str, value: Json) -> None:
    """Replace a file in one step; it keeps its permissions, and a new one is the user's alone."""
    import json

    mode = stat.S_IMODE(os.stat(path).st_mode) if os.path.lexists(path) else 0o600
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    new = f"{path}.aigate-{os.urandom(4).hex()}"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=2)
            file.write("\n")
        os.chmod(new, mode & 0o777)
        os.rename(new, path)
    except BaseException:
        os.unlink(new)
        raise


def _is_plain(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def _is_free(path: str) -> bool:
    return _is_plain(path) or not os.path.lexists(path)


def _changed(path: str) -> int:
    """Return when a file was changed, in nanoseconds; 0 for one that is not there."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
