"""What a start imports together comes at once from the bundle, and is what importing one by one would give."""

import os
import pathlib
import sys
from collections.abc import Iterator

import pytest

from aigate import bundle

FIRST = "batched.first"
EVERYBODYS = 0o646
asked: list[str] = []  # for which modules Python has asked
FILES = {
    "__init__.py": "",
    "first.py": "from batched.second import ANSWER\nfrom batched import third\nNAMES = (__name__, third.WHO)\n",
    "second.py": "ANSWER = 1\n",
    "third.py": "WHO = __spec__.parent\n",
}


@pytest.fixture
def package(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pathlib.Path]:
    """A package of its own, of which two starts have kept the modules and then the batch."""
    place = tmp_path / "batched"
    place.mkdir()
    for name, text in FILES.items():
        (place / name).write_text(text)
    monkeypatch.setattr(bundle, "PACKAGE", str(tmp_path))
    monkeypatch.setattr(bundle, "PATH", str(tmp_path / "__pycache__/start.bundle"))
    monkeypatch.setattr(bundle, "FORKED", {})
    find = bundle.Finder.find_spec

    def noted(self: bundle.Finder, name: str, path: object = None, target: object = None) -> object:
        asked.append(name)
        return find(self, name, path, target)

    monkeypatch.setattr(bundle.Finder, "find_spec", noted)
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:])
    monkeypatch.syspath_prepend(str(tmp_path))
    for _ in range(2):
        start()
        bundle.keep()
    yield place
    forget()
    bundle._finders.clear()


def forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "batched"]:
        del sys.modules[name]
    sys.path_importer_cache.clear()


def start() -> int:
    """Import as a new start does; return how many modules came by Python's way instead."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, bundle.Finder)]
    forget()
    bundle.use()
    before = len(asked)
    bundle.import_all(FIRST)
    return len(asked) - before


def test_a_batch_is_what_importing_one_by_one_gives(package: pathlib.Path) -> None:
    assert start() == 0
    first, second = sys.modules[FIRST], sys.modules["batched.second"]
    assert (first.ANSWER, first.NAMES) == (1, (FIRST, "batched"))
    assert sys.modules["batched"].second is second
    assert (second.__file__, second.__package__) == (str(package / "second.py"), "batched")
    assert sys.modules["batched"].__path__ == [str(package)]


def test_a_batch_with_a_source_that_has_changed_is_none_until_it_is_made_anew(package: pathlib.Path) -> None:
    (package / "second.py").write_text("ANSWER = 22\n")
    assert start() > 0
    assert sys.modules[FIRST].ANSWER == 22
    bundle.keep()
    assert (start(), sys.modules[FIRST].ANSWER) == (0, 22)


def test_what_a_later_version_imports_besides_is_kept_with_the_rest(package: pathlib.Path) -> None:
    (package / "third.py").write_text("import batched.fourth\nWHO = batched.fourth.WHO\n")
    (package / "fourth.py").write_text("WHO = 4\n")
    for expected in (True, True, False):  # the module is kept by the first start, the order by the second
        assert bool(start()) is expected
        assert sys.modules[FIRST].NAMES == (FIRST, 4)
        bundle.keep()


def test_a_module_that_is_gone_is_missed(package: pathlib.Path) -> None:
    (package / "second.py").unlink()
    with pytest.raises(ImportError):
        start()


@pytest.mark.usefixtures("package")
def test_what_has_come_another_way_is_not_imported_twice() -> None:
    start()
    forget()
    __import__("batched.second")
    before = sys.modules["batched.second"]
    bundle.import_all(FIRST)
    assert sys.modules["batched.second"] is before


@pytest.mark.usefixtures("package")
def test_a_batch_that_others_may_write_is_none() -> None:
    os.chmod(bundle.PATH, EVERYBODYS)
    start()
    assert sys.modules[FIRST].ANSWER == 1
    assert not isinstance(sys.modules[FIRST].__loader__, bundle.Finder)
