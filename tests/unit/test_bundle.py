"""A start imports what it needs from one file, as long as that is right and nobody else could have written it."""

import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from aigate import bundle

MODULE = "a_module_of_its_own"


@pytest.fixture
def source(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pathlib.Path]:
    """A package of its own with one module, which has just been imported and kept."""
    monkeypatch.setattr(bundle, "PACKAGE", str(tmp_path))
    monkeypatch.setattr(bundle, "PATH", str(tmp_path / "__pycache__/start.bundle"))
    monkeypatch.setattr(bundle, "FORKED", {})
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:])
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / f"{MODULE}.py"
    path.write_text("ANSWER = 1\n")
    bundle.use()
    started()
    bundle.keep()
    assert os.path.exists(bundle.PATH)
    yield path
    sys.modules.pop(MODULE, None)
    bundle._finders.clear()


def started() -> tuple[int, object]:
    """Import the module as a new start does; return what it says and what it was imported by."""
    sys.modules.pop(MODULE, None)
    sys.path_importer_cache.clear()
    module = __import__(MODULE)
    return module.ANSWER, module.__spec__.loader


def began() -> tuple[int, object]:
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, bundle.Finder)]
    sys.modules.pop(MODULE, None)
    bundle.use()
    return started()


def test_what_was_imported_once_comes_from_the_bundle(source: pathlib.Path) -> None:
    answer, loader = began()
    assert (answer, type(loader)) == (1, bundle.Finder)
    assert sys.modules[MODULE].__file__ == str(source)


def test_a_source_that_has_changed_counts_and_is_kept_again(source: pathlib.Path) -> None:
    source.write_text("ANSWER = 22\n")
    answer, loader = began()
    assert (answer, type(loader)) != (1, bundle.Finder)
    assert answer == 22
    bundle.keep()
    assert began()[0] == 22
    assert isinstance(began()[1], bundle.Finder)


def test_a_source_of_the_same_size_that_is_newer_counts(source: pathlib.Path) -> None:
    source.write_text("ANSWER = 3\n")
    status = source.stat()
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns + 2_000_000_000))
    assert began()[0] == 3


@pytest.mark.parametrize("mode", [0o664, 0o646])
@pytest.mark.usefixtures("source")
def test_a_bundle_that_others_may_write_is_none(mode: int) -> None:
    os.chmod(bundle.PATH, mode)
    assert not isinstance(began()[1], bundle.Finder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
@pytest.mark.usefixtures("source")
def test_a_bundle_of_somebody_else_than_the_package_is_none() -> None:
    os.chown(bundle.PATH, 12345, -1)
    assert not isinstance(began()[1], bundle.Finder)


@pytest.mark.usefixtures("source")
def test_a_bundle_that_is_a_link_is_none() -> None:
    os.rename(bundle.PATH, f"{bundle.PATH}.real")
    os.symlink(f"{bundle.PATH}.real", bundle.PATH)
    assert not isinstance(began()[1], bundle.Finder)


@pytest.mark.parametrize("size", [0, 5, 30])
@pytest.mark.usefixtures("source")
def test_a_bundle_that_is_cut_short_is_none(size: int) -> None:
    os.truncate(bundle.PATH, size)
    assert began()[0] == 1
    assert not isinstance(began()[1], bundle.Finder)


@pytest.mark.usefixtures("source")
def test_a_package_of_a_distribution_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "PACKAGED", bundle.PACKAGE)
    os.unlink(bundle.PATH)
    began()
    bundle.keep()
    assert not os.path.exists(bundle.PATH)


def test_a_value_is_worked_out_once_for_what_decides_it(source: pathlib.Path) -> None:
    def refuse() -> object:
        raise AssertionError

    decides = source.parent / "table"
    decides.mkdir()
    (decides / "a.py").write_text("")
    began()
    assert bundle.value("rows", str(decides), lambda: (1, 2)) == (1, 2)
    bundle.keep()
    began()
    assert bundle.value("rows", str(decides), refuse) == (1, 2)
    (decides / "a.py").write_text("# more")
    assert bundle.value("rows", str(decides), lambda: (3,)) == (3,)


def test_what_is_built_in_or_no_source_asks_for_no_new_bundle(source: pathlib.Path) -> None:
    began()
    written = os.stat(bundle.PATH).st_ino
    with pytest.raises(ImportError):
        __import__("no_module_of_this_name")
    bundle.keep()
    assert os.stat(bundle.PATH).st_ino == written
    (source.parent / f"{MODULE}_2.py").write_text("")
    began()
    __import__(f"{MODULE}_2")
    bundle.keep()
    assert os.stat(bundle.PATH).st_ino != written


def test_what_others_have_installed_asks_for_no_new_bundle(
    source: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = source.parent.parent / "others"
    place.mkdir()
    (place / "of_somebody_else.py").write_text("")
    monkeypatch.syspath_prepend(str(place))
    began()
    __import__("of_somebody_else")
    monkeypatch.setattr(bundle, "_may_write", lambda: pytest.fail("a bundle was to be made"))
    bundle.keep()
    sys.modules.pop("of_somebody_else")


def test_what_is_imported_when_the_file_is_closed_comes_from_that_file_or_none(source: pathlib.Path) -> None:
    began()
    bundle.let_go()
    assert isinstance(started()[1], bundle.Finder)
    bundle.let_go()
    os.rename(bundle.PATH, f"{bundle.PATH}.old")
    shutil.copy(f"{bundle.PATH}.old", bundle.PATH)  # another one by now
    assert (started()[0], isinstance(sys.modules[MODULE].__spec__.loader, bundle.Finder)) == (1, False)
    assert source.exists()


def test_another_file_under_the_number_is_not_read(source: pathlib.Path) -> None:
    began()
    number = bundle._finders[0]._file
    with open(os.devnull, "rb") as other:
        os.dup2(other.fileno(), number)  # as in a forked process that has closed everything
    try:
        assert isinstance(started()[1], bundle.Finder)
        assert os.fstat(number).st_rdev == os.stat(os.devnull).st_rdev, "what is another's was closed"
    finally:
        os.close(number)
    assert source.exists()


def test_a_copy_of_the_package_is_another_one(source: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = source.parent / "copy"
    shutil.copytree(source.parent / "__pycache__", copy / "__pycache__")
    shutil.copy2(source, copy)
    (copy / source.name).write_text("ANSWER = 44\n")
    monkeypatch.setattr(bundle, "PACKAGE", str(copy))
    monkeypatch.setattr(bundle, "PATH", str(copy / "__pycache__/start.bundle"))
    monkeypatch.setattr(sys, "path", [str(copy), *sys.path])
    assert began()[0] == 44


def test_the_command_imports_from_its_bundle() -> None:
    home = os.path.dirname(bundle.PACKAGE)
    program = (
        f"import sys; sys.path.append({home!r}); from aigate import bundle; bundle.use(); import aigate.cli.mask;"
        "bundle.keep(); print(type(sys.modules['aigate.masking.rules'].__spec__.loader).__name__)"
    )
    command = [sys.executable, "-I", "-S", "-c", program]
    said = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert said[1] == ("Finder\n" if os.stat(bundle.PACKAGE).st_uid == os.getuid() else said[0])
