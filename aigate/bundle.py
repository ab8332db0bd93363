"""What a start needs of the package in one file, `aigate/__pycache__/start-TAG.bundle`, instead of a hundred and fifty.

Owns that file, the finder that imports from it, and values that modules have worked out. An entry counts as long as the
source that it comes from has the size and the time that it had, as with the files that Python itself keeps in that
directory; whoever can write one can write the other. What is missing or old is imported as ever, and the file is made
anew at the end, where Python could write as well. A wheel brings it empty, so that an uninstall takes it along.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import PathFinder
from _imp import _fix_co_filename  # type: ignore[attr-defined]

from aigate.reading import read_from
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, ModuleType
    from typing import Any

    # Path of the source, from the package if it lies there; its time and size; where the code lies, and how long it is.
    Entry = tuple[str, int, int, int, int]

PACKAGE = os.path.dirname(os.path.abspath(__file__))
PATH = f"{PACKAGE}/__pycache__/start-{sys.implementation.cache_tag}.bundle"
READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
HEAD = 16  # bytes: how long the index is that follows, and how much of the code behind it a start has imported
OTHERS_MAY_WRITE = 0o022
PACKAGED = "/usr/lib/"  # of a distribution, which does not know the file
FORKED = ("network", "watch")  # rooms whose modules are imported by processes that are forked
STANDARD = os.path.dirname(os.__file__) + "/"  # where Python's own library lies, and packages below it
PACKAGES = (f"{STANDARD}site-packages/", f"{STANDARD}dist-packages/")
VALUE = "="  # stands before the name of a value, which is none of a module's
_finders: list[Finder] = []
_worked_out: dict[str, Any] = {}
_sources_of_values: dict[str, str] = {}


class Finder:
    """Imports from a bundle. entries: by module. base: where the code begins. data: as much of that as starts need.

    That is in memory, since forked processes close files. identity: of the file, for what is read from it later.
    """

    def __init__(self, entries: dict[str, Entry], base: int, data: memoryview, identity: tuple[int, int]) -> None:
        self.entries = entries
        self._base, self._data, self._identity = base, data, identity
        self._found: dict[str, bytes | memoryview] = {}
        self.before = frozenset(sys.modules)
        self.missing: set[str] = set()  # what was asked for in vain

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return how a module is imported, None where that is not from here."""
        found = self.piece(name)
        if found is None:
            return None
        self._found[name] = found
        path = _full(self.entries[name][0])
        is_package = path.endswith("/__init__.py")
        spec = ModuleSpec(name, self, origin=path, is_package=is_package)  # type: ignore[arg-type]  # by its methods
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [os.path.dirname(path)]
        return spec

    @property
    def needed(self) -> frozenset[str]:
        """Names of what starts need."""
        return frozenset(name for name, entry in self.entries.items() if entry[3] + entry[4] <= len(self._data))

    def create_module(self, _spec: ModuleSpec) -> None:
        """Return that Python is to make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code."""
        name = module.__name__
        code: CodeType = marshal.loads(self._found.pop(name))  # noqa: S302 -- as Python's own files beside it
        _fix_co_filename(code, _full(self.entries[name][0]))
        exec(code, module.__dict__)  # noqa: S102 -- that is what importing is

    def piece(self, name: str) -> bytes | memoryview | None:
        """Return what there is of a name, None for what is missing or old, or does not belong here."""
        entry = self.entries.get(name)
        if entry is not None:
            path, time, size, begin, length = entry
            if not path:
                return None
            if _version(_full(path)) == (time, size):
                return self.read(begin, length)
            del self.entries[name]
        self.missing.add(name)
        return None

    def let_go(self) -> None:
        """Give the memory back."""
        self._data = memoryview(b"")

    def read(self, begin: int, length: int) -> bytes | memoryview | None:
        """Return a piece of the bundle, None where that has been replaced."""
        if begin + length <= len(self._data):
            return self._data[begin : begin + length]
        with suppress(OSError), open(os.open(PATH, READ), "rb", buffering=0) as file:
            if _identity(os.fstat(file.fileno())) == self._identity:
                return os.pread(file.fileno(), length, self._base + begin)
        return None


def use() -> None:
    """Import from the bundle from now on, where there is one that nobody else could have written."""
    _finders[:] = [_opened() or _empty()]
    sys.meta_path.insert(sys.meta_path.index(PathFinder), _finders[0])  # behind what is built in


def _empty() -> Finder:
    return Finder({}, 0, memoryview(b""), (0, 0))


def value(name: str, source: str, work_out: Callable[[], Any]) -> Any:
    """Return what `work_out` returns, or what it returned for an earlier start: tuples, dicts, strings, numbers.

    source: path of the file, or of the directory with the files, that decides it.
    """
    if not _finders:
        return work_out()
    kept = _finders[0].piece(VALUE + name)
    if kept is not None:
        return marshal.loads(kept)  # noqa: S302 -- see above
    found = _worked_out[VALUE + name] = work_out()
    _sources_of_values[VALUE + name] = source
    return found


def keep() -> None:
    """Write down what was imported, for the next start, where that is new."""
    if not _finders or not any(name in sys.modules or name in _worked_out for name in _finders[0].missing):
        return
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not _finders[0]]
    with suppress(OSError, ImportError, ValueError, SyntaxError):
        if _may_write():
            _write(_opened() or _empty(), _finders[0].before)


def let_go() -> None:
    """Give the bundle's memory back: the start is over."""
    if _finders:
        _finders[0].let_go()


def _opened() -> Finder | None:
    try:
        with open(os.open(PATH, READ), "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.stat(PACKAGE).st_uid or status.st_mode & OTHERS_MAY_WRITE:
                return None
            head = read_from(file, HEAD)
            length, needed = (int.from_bytes(head[at : at + 8], "little") for at in (0, 8))
            if not 0 < length + needed < status.st_size:
                return None
            data = memoryview(read_from(file, length + needed))
        return Finder(marshal.loads(data[:length]), HEAD + length, data[length:], _identity(status))  # noqa: S302 -- above
    except (OSError, EOFError, TypeError, ValueError):
        return None


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_ino, status.st_mtime_ns


def _may_write() -> bool:
    """Tell whether this process is the owner of the package, and nobody's package manager put it there."""
    return os.stat(PACKAGE).st_uid == os.geteuid() and not PACKAGE.startswith(PACKAGED)


def _short(path: str) -> str:
    """Return a path from the package: that can be moved, and a copy of it is another one."""
    return f".{path[len(PACKAGE) :]}" if path.startswith(f"{PACKAGE}/") else path


def _full(path: str) -> str:
    return f"{PACKAGE}{path[1:]}" if path.startswith("./") else path


def _version(path: str) -> tuple[int, int] | None:
    """Return what is different when a file, or one of those in a directory, is."""
    try:
        status = os.stat(path)
        if not stat.S_ISDIR(status.st_mode):
            return status.st_mtime_ns, status.st_size
        found = [os.stat(f"{path}/{name}") for name in os.listdir(path) if name.endswith(".py")]
    except OSError:
        return None
    return sum(each.st_mtime_ns for each in found), sum(each.st_size for each in found)


def _write(old: Finder, before: frozenset[str]) -> None:
    """Write what was imported so far and what the bundle had, as far as it is not old. before: what was there earlier.

    What was imported comes first: the next start needs it.
    """
    entries: dict[str, Entry] = {}
    pieces: list[bytes | memoryview] = []
    size = needed = 0
    first = old.needed.union(sys.modules, _sources_of_values)
    for name, path in sorted(_sources(old, before).items(), key=lambda item: (item[0] not in first, item[0])):
        version = _version(path) if path else (0, 0)
        piece = b"" if not path else _piece(name, path, version, old)
        if version is None or piece is None:
            continue
        entries[name] = (_short(path), *version, size, len(piece))
        pieces.append(piece)
        size += len(piece)
        needed = size if name in first else needed
    if all(old.entries.get(name, ())[:3] == entry[:3] for name, entry in entries.items()):
        return
    index = marshal.dumps(entries)
    os.makedirs(os.path.dirname(PATH), exist_ok=True)
    temporary = f"{PATH}.{os.getpid()}"
    with open(temporary, "xb") as file:
        file.write(b"".join((len(index).to_bytes(8, "little"), needed.to_bytes(8, "little"), index, *pieces)))
    os.chmod(temporary, 0o644)
    os.replace(temporary, PATH)


def _piece(name: str, path: str, version: tuple[int, int] | None, old: Finder) -> bytes | memoryview | None:
    """Return what is kept of a name: what the bundle had, if that is not old, or what is made now."""
    known = old.entries.get(name)
    if version is not None and known is not None and known[:3] == (_short(path), *version):
        return old.read(*known[3:])
    if name.startswith(VALUE):
        return marshal.dumps(_worked_out[name]) if name in _worked_out else None
    return _compiled(name, path)


def _sources(old: Finder, before: frozenset[str]) -> dict[str, str]:
    """Return the path of what decides each thing that belongs into the bundle; "" for what is no source's."""
    paths = {name: _full(entry[0]) for name, entry in old.entries.items()}
    paths |= _sources_of_values
    for name in sys.modules.keys() - before:
        path = getattr(getattr(sys.modules[name], "__spec__", None), "origin", None) or ""
        if not path.endswith(".py"):
            paths[name] = ""
        elif path.startswith((f"{PACKAGE}/", STANDARD)) and not path.startswith(PACKAGES):
            paths[name] = path
    for room in FORKED:
        for file in os.listdir(f"{PACKAGE}/{room}"):
            if file.endswith(".py"):
                stem = file.removesuffix(".py")
                paths[f"aigate.{room}" + ("" if stem == "__init__" else f".{stem}")] = f"{PACKAGE}/{room}/{file}"
    return paths


def _compiled(name: str, path: str) -> bytes:
    from importlib.machinery import SourceFileLoader

    return marshal.dumps(SourceFileLoader(name, path).get_code(name))
