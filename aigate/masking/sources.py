"""Where known values come from when they are named: variables and files of the user's.

Owns the reading, and what is public; which values count says `values`.
"""

from __future__ import annotations

import os
import stat
import sys

from aigate.config.files import PROJECT_NAME
from aigate.config.model import DENIED
from aigate.errors import ConfigError
from aigate.masking.leaves import pairs_of
from aigate.masking.values import LONGEST, MOST, Value, chosen
from aigate.reading import read_from
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aigate.config.model import Entry

LARGEST = 8 << 20  # bytes of a file that is named
SHORTEST = 4  # bytes of a variable that is named, as the masker has it
WILD = "*?["
PLAIN = frozenset(("PATH", "HOME", "PWD", "SHELL", "LANG", "TERM", "USER", "LOGNAME", "HOSTNAME", "TMPDIR", "EDITOR"))
MOST_NAMES = 5_000
MOST_INDEX = 32 << 20  # bytes of git's index, which holds the project's names


@record
class Place:
    """For whom and where values are looked for. directory: the project's, to which relative paths belong."""

    directory: str
    home: str
    environment: Mapping[str, str]


def of_entries(entries: Iterable[Entry], place: Place) -> tuple[list[tuple[str, str]], list[Value]]:
    """Return the names and values that entries of the config stand for, and those that count whatever they look like.

    Raises ConfigError for a file that cannot be read, and for a variable that is too short to be hidden.
    """
    pairs: list[tuple[str, str]] = []
    named: list[Value] = []
    for entry in entries:
        if entry.text == DENIED:
            continue
        if not entry.text.startswith("$"):
            pairs += _of_files(entry, place)
        elif any(letter in entry.text for letter in WILD):
            pairs += _of_variables(entry.text[1:], place.environment)
        else:
            named += _of_variable(entry, place.environment)
    return pairs, named


def _of_variable(entry: Entry, environment: Mapping[str, str]) -> list[Value]:
    name = entry.text[1:]
    lines = [line for line in environment.get(name, "").splitlines() if line.strip()]
    wrong = [line for line in lines if not SHORTEST <= len(_bytes(line)) <= LONGEST]
    if wrong and (len(lines) == 1 or len(_bytes(wrong[0])) > LONGEST):
        raise ConfigError(
            f"the value of {name} is too short or too long to be hidden wherever it stands",
            path=entry.path,
            line=entry.line,
            hint=f"from {SHORTEST} to {LONGEST} bytes can be",
        )
    return [Value(name, line) for line in lines if line not in wrong]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _of_variables(glob: str, environment: Mapping[str, str]) -> list[tuple[str, str]]:
    from fnmatch import fnmatchcase

    return [(name, value) for name, value in environment.items() if fnmatchcase(name, glob)]


def _of_files(entry: Entry, place: Place) -> list[tuple[str, str]]:
    own = os.path.basename(entry.path) == PROJECT_NAME
    root = os.path.dirname(entry.path) if own else place.directory
    path = place.home + entry.text[1:] if entry.text.startswith("~/") else os.path.join(root, entry.text)
    found = [path] if os.path.lexists(path) else []  # where there is no file there is no secret
    if any(letter in entry.text for letter in WILD):
        from glob import iglob

        found = sorted(each for each in iglob(path, recursive=True, include_hidden=True) if not os.path.isdir(each))
    within = os.path.realpath(root).rstrip("/") + "/"
    for each in found:
        if own and not os.path.realpath(each).startswith(within):
            raise ConfigError("is a link out of the project", path=each, hint=f"it is named in {entry.path}")
    return [pair for each in found for pair in of_file(each)]


def of_file(path: str, *, pipe: bool = False) -> list[tuple[str, str]]:
    """Return the names and values that a file holds, or a pipe where that may be one. Raises ConfigError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (0 if pipe else os.O_NONBLOCK))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be opened: {getattr(error, 'strerror', error)}", path=path) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) and not (pipe and stat.S_ISFIFO(status.st_mode)):
            raise ConfigError("is not a regular file", path=path)
        with open(descriptor, "rb", closefd=False) as file:
            data = read_from(file, LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=path) from None
    finally:
        os.close(descriptor)
    if len(data) > LARGEST:
        raise ConfigError(f"is larger than {LARGEST >> 20} MiB", path=path)
    return pairs_of(data.decode("utf-8", "surrogateescape").removeprefix("\ufeff"), path)


def texts(pairs: Iterable[tuple[str, str]], named: Iterable[Value], place: Place) -> tuple[Value, ...]:
    """Return the values that count and that nothing public holds, each once. Raises ConfigError for too many."""
    found = {value.text: value for value in chosen(pairs)}
    shown = _shown_in(public(place), found) if found else set()
    kept = {text: value for text, value in found.items() if text not in shown}
    for value in named:
        kept.setdefault(value.text, value)
    if len(kept) > MOST:
        raise ConfigError(f"there are more than {MOST} values to be hidden", hint="name fewer files in values")
    return tuple(kept.values())


def public(place: Place) -> bytes:
    """Return what everybody may see, and would miss on the screen: paths, names of files, of the user and the host."""
    try:
        files = os.listdir(place.directory)[:MOST_NAMES]
    except OSError:
        files = []
    variables = [value for name, value in place.environment.items() if name in PLAIN or name.startswith("LC_")]
    machine = (*os.uname(), getattr(sys.implementation, "_multiarch", ""))
    known = "\n".join((place.directory, place.home, *machine, *variables, *files))
    return _bytes(known) + b"\n" + _index(f"{place.directory}/.git/index")


def _index(path: str) -> bytes:
    """Return what git's index holds, the paths of all files among it, or nothing."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            return read_from(file, MOST_INDEX)
    except OSError:
        return b""


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)


def _shown_in(text: bytes, values: Iterable[str]) -> set[str]:
    """Return which values stand in a text. One look for all of them."""
    from aigate._masker import Masker

    spans = {text[begin:end] for _, begin, end, *_ in Masker(values=values).search().feed(text, final=True)}
    return {value for value in values if any(_bytes(value) in span for span in spans)}


def of_named_files(paths: Sequence[str]) -> list[tuple[str, str]]:
    """Return what files hold that were typed. Raises ConfigError for one without a value that counts."""
    found = []
    for path in paths:
        pairs = of_file(path, pipe=True)
        if not chosen(pairs):
            hint = "docs/masking.md says which values count"
            raise ConfigError("holds no value that counts as secret", path=path, hint=hint)
        found += pairs
    return found
