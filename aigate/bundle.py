"""What a start needs of the package in one file, `aigate/__pycache__/start-TAG.bundle`, instead of a hundred and fifty.

Owns that file, the finder that imports from it, and values that modules have worked out. An entry counts as long as the
source that it comes from has the size and the time that it had, as with the files that Python itself keeps in that
directory; whoever can write one can write the other. What is missing or old is imported as ever, and the file is made
anew at the end, where Python could write as well.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
from _frozen_importlib import ModuleSpec
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
HEAD = 8  # bytes: how long the index is that follows
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
    """Imports from a bundle. entries: by module. data: the code, in memory, since forked processes close files."""

    def __init__(self, entries: dict[str, Entry], data: memoryview) -> None:
        self.entries, self._data = entries, data
        self.asked = False  # for something that it does not have

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return how a module is imported, None where that is not from here."""
        entry = self.entry(name)
        if entry is None:
            return None
        path = _full(entry[0])
        is_package = path.endswith("/__init__.py")
        spec = ModuleSpec(name, self, origin=path, is_package=is_package)  # type: ignore[arg-type]  # a Loader by its methods
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [os.path.dirname(path)]
        return spec

    def entry(self, name: str) -> Entry | None:
        """Return what there is of a name, None for what is missing or old."""
        entry = self.entries.get(name)
        if entry is not None and _version(_full(entry[0])) == entry[1:3]:
            return entry if len(self._data) else None
        self.entries.pop(name, None)
        self.asked = True
        return None

    def create_module(self, _spec: ModuleSpec) -> None:
        """Return that Python is to make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code."""
        exec(self.code(module.__name__), module.__dict__)  # noqa: S102 -- that is what importing is

    def code(self, name: str) -> CodeType:
        """Return a module's code."""
        path, _, _, begin, length = self.entries[name]
        code: CodeType = marshal.loads(self.read(begin, length))  # noqa: S302 -- as Python's own files beside it
        _fix_co_filename(code, _full(path))
        return code

    def let_go(self) -> None:
        """Give the memory back. What is imported from now on is imported as ever."""
        self._data = memoryview(b"")

    def read(self, begin: int, length: int) -> memoryview:
        """Return a piece of the bundle."""
        return self._data[begin : begin + length]


def use() -> None:
    """Import from the bundle from now on, where there is one that nobody else could have written."""
    _finders[:] = [_opened() or Finder({}, memoryview(b""))]
    sys.meta_path.insert(0, _finders[0])


def value(name: str, source: str, work_out: Callable[[], Any]) -> Any:
    """Return what `work_out` returns, or what it returned for an earlier start: tuples, dicts, strings, numbers.

    source: path of the file, or of the directory with the files, that decides it.
    """
    if not _finders:
        return work_out()
    finder = _finders[0]
    entry = finder.entry(VALUE + name)
    if entry is not None and _full(entry[0]) == source:
        return marshal.loads(finder.read(*entry[3:]))  # noqa: S302 -- see above
    found = _worked_out[name] = work_out()
    _sources_of_values[name] = source
    return found


def keep() -> None:
    """Write down what was imported, for the next start, where that is new."""
    if not _finders or not _finders[0].asked:
        return
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not _finders[0]]
    with suppress(OSError, ImportError, ValueError, SyntaxError):
        if _may_write():
            _write(_opened() or Finder({}, memoryview(b"")))


def let_go() -> None:
    """Give the bundle's memory back: the start is over."""
    if _finders:
        _finders[0].let_go()


def _opened() -> Finder | None:
    try:
        with open(os.open(PATH, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW), "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.stat(PACKAGE).st_uid or status.st_mode & OTHERS_MAY_WRITE:
                return None
            data = memoryview(read_from(file))
        length = int.from_bytes(data[:HEAD], "little")
        return Finder(marshal.loads(data[HEAD : HEAD + length]), data[HEAD + length :])  # noqa: S302 -- see above
    except (OSError, EOFError, TypeError, ValueError):
        return None


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


def _write(old: Finder) -> None:
    """Write what was imported so far and what the bundle had, as far as it is not old."""
    entries: dict[str, Entry] = {}
    pieces: list[bytes | memoryview] = []
    size = 0
    for name, path in sorted(_sources(old).items()):
        version = _version(path)
        if version is None:
            continue
        known, kept = old.entries.get(name), _short(path)
        piece: bytes | memoryview
        if known is not None and known[:3] == (kept, *version):
            piece = old.read(*known[3:])
        elif name.startswith(VALUE):
            if name[1:] not in _worked_out:
                continue
            piece = marshal.dumps(_worked_out[name[1:]])
        else:
            piece = _compiled(name, path)
        entries[name] = (kept, *version, size, len(piece))
        pieces.append(piece)
        size += len(piece)
    if all(old.entries.get(name, ())[:3] == entry[:3] for name, entry in entries.items()):
        return
    index = marshal.dumps(entries)
    os.makedirs(os.path.dirname(PATH), exist_ok=True)
    temporary = f"{PATH}.{os.getpid()}"
    with open(temporary, "xb") as file:
        file.write(b"".join((len(index).to_bytes(HEAD, "little"), index, *pieces)))
    os.chmod(temporary, 0o644)
    os.replace(temporary, PATH)


def _sources(old: Finder) -> dict[str, str]:
    """Return the path of what decides each thing that belongs into the bundle."""
    paths = {name: _full(entry[0]) for name, entry in old.entries.items()}
    paths |= {VALUE + name: path for name, path in _sources_of_values.items()}
    for name, module in list(sys.modules.items()):
        path = getattr(getattr(module, "__spec__", None), "origin", None) or ""
        if path.endswith(".py") and path.startswith((f"{PACKAGE}/", STANDARD)) and not path.startswith(PACKAGES):
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
