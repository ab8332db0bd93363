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
from _imp import _fix_co_filename  # type: ignore[attr-defined]

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
KIND = b"aigate 6"  # what such a file begins with; behind it stands how long the index is that follows
HEAD = len(KIND) + 8
OTHERS_MAY_WRITE = 0o022
PACKAGED = "/usr/lib/"  # of a distribution, which does not know the file
FORKED = {"network": "warden", "watch": "process"}  # rooms of processes that are forked, with what these import first
STANDARD = os.path.dirname(os.__file__) + "/"  # where Python's own library lies, and packages below it
PACKAGES = (f"{STANDARD}site-packages/", f"{STANDARD}dist-packages/")
VALUE = "="  # stands before the name of a value, which is none of a module's
BATCH = "+"  # stands before the name of a module that is kept together with all that it imports
NO_VERSION = (0, 0)  # of what no source decides
MODULE = type(sys)
_finders: list[Finder] = []
_worked_out: dict[str, Any] = {}
_sources_of_values: dict[str, str] = {}


class Finder:
    """Imports from a bundle. entries: by module. base: where the code begins. file: a descriptor, or -1.

    Forked processes close it, and may have something else under its number: identity tells, and it is opened again.
    """

    def __init__(self, entries: dict[str, Entry], base: int, file: int, identity: tuple[int, int]) -> None:
        self.entries = entries
        self._base, self._file, self._identity = base, file, identity
        self._found: dict[str, bytes] = {}
        self.before = frozenset(sys.modules)
        self.missing: set[str] = set()  # what was asked for in vain
        self.done: list[str] = []  # what was imported from here, in the order in which that was over
        self.batches: dict[str, tuple[str, ...]] = {}  # that the bundle does not have yet

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return how a module is imported, None where that is not from here."""
        found = self.piece(name)
        if found is None:
            return None
        self._found[name] = found
        return self._spec(name, _full(self.entries[name][0]))

    def _spec(self, name: str, path: str) -> ModuleSpec:
        is_package = path.endswith("/__init__.py")
        spec = ModuleSpec(name, self, origin=path, is_package=is_package)  # type: ignore[arg-type]  # by its methods
        spec.has_location = True
        spec.cached = PATH  # else Python works out where a file of its own would lie
        if is_package:
            spec.submodule_search_locations = [os.path.dirname(path)]
        return spec

    def create_module(self, _spec: ModuleSpec) -> None:
        """Return that Python is to make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code."""
        name = module.__name__
        code: CodeType = marshal.loads(self._found.pop(name))  # noqa: S302 -- as Python's own files beside it
        _fix_co_filename(code, _full(self.entries[name][0]))
        exec(code, module.__dict__)  # noqa: S102 -- that is what importing is
        self.done.append(name)

    def import_in_order(self, names: tuple[str, ...]) -> None:
        """Import modules of which each imports only such as stand before it.

        So each finds what it asks for among the modules that there are: Python's way to one that is not there takes
        longer than most of them do. What is missing or old by now is left to that way.
        """
        for name in names:
            if name in sys.modules:
                continue
            found = self.piece(name)
            if found is not None:
                self._make(name, found)

    def batch(self, name: str) -> tuple[str, ...]:
        """Return the names that belong to a batch, in order; none where that is not known."""
        entry = self.entries.get(BATCH + name)
        kept = self.read(*entry[3:]) if entry else None
        return marshal.loads(kept) if kept else ()  # noqa: S302 -- as above

    def _make(self, name: str, marshalled: bytes) -> None:
        """Make a module and run its code, as Python does."""
        path = _full(self.entries[name][0])
        above, _, last = name.rpartition(".")
        if above and above not in sys.modules:  # this start has come here by another way
            __import__(above)
        spec = self._spec(name, path)
        module = MODULE(name)
        within = module.__dict__
        within.update(__spec__=spec, __loader__=self, __file__=path, __cached__=PATH, __package__=spec.parent)
        if spec.submodule_search_locations is not None:
            within["__path__"] = spec.submodule_search_locations
        code = marshal.loads(marshalled)  # noqa: S302 -- as above
        _fix_co_filename(code, path)
        sys.modules[name] = module
        try:
            exec(code, within)  # noqa: S102 -- as above
        except BaseException:
            del sys.modules[name]
            raise
        if above:
            setattr(sys.modules[above], last, module)
        self.done.append(name)

    def piece(self, name: str) -> bytes | None:
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
        """Close the file."""
        if self._is_open():
            os.close(self._file)
        self._file = -1

    def read(self, begin: int, length: int) -> bytes | None:
        """Return a piece of the bundle, None where that has been replaced."""
        with suppress(OSError):
            if not self._is_open():
                self._file = _open()
            if self._is_open():
                return os.pread(self._file, length, self._base + begin)
        return None

    def _is_open(self) -> bool:
        if self._file < 0:
            return False
        try:
            return _identity(os.fstat(self._file)) == self._identity
        except OSError:
            return False


def use() -> None:
    """Import from the bundle from now on, where there is one that nobody else could have written."""
    _finders[:] = [_opened() or _empty()]
    sys.meta_path.insert(0, _finders[0])  # what is built in is in no bundle


def import_all(name: str) -> None:
    """Import a module with all that it imports, in the order that an earlier start has kept."""
    if not _finders or name in sys.modules:
        return
    finder = _finders[0]
    names, first = finder.batch(name), len(finder.done)
    finder.import_in_order(names)
    __import__(name)
    done = finder.done[first:]
    if not set(done) <= set(names) and not any(_belongs(each) for each in finder.missing):
        finder.batches[name] = (*(each for each in names if each not in done), *done)


def _empty() -> Finder:
    return Finder({}, 0, -1, (0, 0))


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
    if not _finders:
        return
    is_new = any(name in _worked_out or _is_kept(name) for name in _finders[0].missing)
    if not is_new and not _finders[0].batches:
        return
    with suppress(OSError, ImportError, ValueError, SyntaxError):
        if _may_write():
            for room, module in FORKED.items():
                with suppress(Exception):  # what it needs is not installed, which is told where it is needed
                    import_all(f"aigate.{room}.{module}")
            sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not _finders[0]]
            old = _opened() or _empty()
            _write(old, _finders[0].before, _finders[0].batches)
            old.let_go()


def let_go() -> None:
    """Close the bundle: the start is over."""
    if _finders:
        _finders[0].let_go()


def _open() -> int:
    """Open the bundle, never as one of the standard streams: it is held, and the caller may have closed those."""
    file = os.open(PATH, READ)
    if file > 2:  # noqa: PLR2004 -- standard error
        return file
    try:
        return _open()
    finally:
        os.close(file)


def _opened() -> Finder | None:
    try:
        file = _open()
    except OSError:
        return None
    with suppress(OSError, EOFError, TypeError, ValueError):
        status = os.fstat(file)
        head = os.pread(file, HEAD, 0)
        length = int.from_bytes(head[len(KIND) :], "little")
        is_ours = status.st_uid == os.stat(PACKAGE).st_uid and not status.st_mode & OTHERS_MAY_WRITE
        if is_ours and head.startswith(KIND) and 0 < length < status.st_size:
            index = os.pread(file, length, HEAD)
            return Finder(marshal.loads(index), HEAD + length, file, _identity(status))  # noqa: S302 -- see above
    os.close(file)
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


def _write(old: Finder, before: frozenset[str], batches: dict[str, tuple[str, ...]]) -> None:
    """Write what was imported so far and what the bundle had, as far as it is not old. before: not imported."""
    entries: dict[str, Entry] = {}
    pieces: list[bytes] = []
    size = 0
    for name, path in sorted(_sources(old, before).items()):
        version = _version(path) if path else NO_VERSION
        piece = b"" if not path else _piece(name, path, version, old)
        if version is None or piece is None:
            continue
        entries[name] = (_short(path), *version, size, len(piece))
        pieces.append(piece)
        size += len(piece)
    known = [name.removeprefix(BATCH) for name in old.entries if name.startswith(BATCH)]
    for name, names in ({name: old.batch(name) for name in known} | batches).items():
        piece = marshal.dumps(tuple(each for each in names if each in entries))
        entries[BATCH + name] = ("", *NO_VERSION, size, len(piece))
        pieces.append(piece)
        size += len(piece)
    if not batches and all(old.entries.get(name, ())[:3] == entry[:3] for name, entry in entries.items()):
        return
    index = marshal.dumps(entries)
    os.makedirs(os.path.dirname(PATH), exist_ok=True)
    temporary = f"{PATH}.{os.getpid()}"
    with open(temporary, "xb") as file:
        file.write(b"".join((KIND, len(index).to_bytes(8, "little"), index, *pieces)))
    os.chmod(temporary, 0o644)
    os.replace(temporary, PATH)


def _piece(name: str, path: str, version: tuple[int, int] | None, old: Finder) -> bytes | None:
    """Return what is kept of a name: what the bundle had, if that is not old, or what is made now."""
    known = old.entries.get(name)
    if version is not None and known is not None and known[:3] == (_short(path), *version):
        return old.read(*known[3:])
    if name.startswith(VALUE):
        return marshal.dumps(_worked_out[name]) if name in _worked_out else None
    return _compiled(name, path)


def _sources(old: Finder, before: frozenset[str]) -> dict[str, str]:
    """Return the path of what decides each thing that belongs into the bundle; "" for what is no source's."""
    paths = {name: _full(entry[0]) for name, entry in old.entries.items() if not name.startswith(BATCH)}
    paths |= _sources_of_values
    for name in sys.modules.keys() - before:
        path = _origin(name)
        if not path.endswith(".py"):
            paths[name] = ""
        elif _belongs(name):
            paths[name] = path
    for room in FORKED:
        for file in os.listdir(f"{PACKAGE}/{room}"):
            if file.endswith(".py"):
                stem = file.removesuffix(".py")
                paths[f"aigate.{room}" + ("" if stem == "__init__" else f".{stem}")] = f"{PACKAGE}/{room}/{file}"
    return paths


def _origin(name: str) -> str:
    """Return the path of the file that a module comes from, "" where there is none."""
    return getattr(getattr(sys.modules.get(name), "__spec__", None), "origin", None) or ""


def _is_kept(name: str) -> bool:
    """Tell whether the bundle has something to say of a module that was imported: not of what others have installed."""
    return name in sys.modules and (not _origin(name).endswith(".py") or _belongs(name))


def _belongs(name: str) -> bool:
    """Tell whether a module is of the package's own or of Python's library."""
    path = _origin(name)
    return path.endswith(".py") and path.startswith((f"{PACKAGE}/", STANDARD)) and not path.startswith(PACKAGES)


def _compiled(name: str, path: str) -> bytes:
    """Return a module's code: of the package's own without what only people read."""
    from importlib.machinery import SourceFileLoader

    loader = SourceFileLoader(name, path)
    if not path.startswith(f"{PACKAGE}/"):
        return marshal.dumps(loader.get_code(name))
    from aigate.lean import compiled

    return marshal.dumps(compiled(loader.get_data(path), path))
