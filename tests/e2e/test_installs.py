"""The command `aigate`, as pip installs it: each way that needs no network."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from packed import PACKAGE, install, pack_own
from sandbox import LAUNCHER

SECRET = "key sk-ant-api03-EXAMPLEexample0123456789EXAMPLE\n"
PYTHON = os.path.realpath(sys.executable)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return pack_own(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module", params=["venv", "a venv"])
def environment(tmp_path_factory: pytest.TempPathFactory, wheel: pathlib.Path, request) -> pathlib.Path:
    """Install it into a virtual environment, once with a space in its path."""
    place = tmp_path_factory.mktemp("installed") / request.param
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", str(place)], check=True)
    install(wheel, "--compile", "--prefix", str(place), python=str(place / "bin/python"))
    return place


def works(program: pathlib.Path) -> None:
    """See that an installed command masks, and that what it imports comes from where it is installed."""
    for words in (["mask"], ["mask", "-"]):  # without a Python, and with one
        done = subprocess.run([program, *words], input=SECRET, capture_output=True, text=True, env={"HOME": "/nowhere"})
        assert (done.returncode, done.stdout, done.stderr) == (0, "key sk-ant-***\n", "")


def test_in_a_virtual_environment(environment: pathlib.Path) -> None:
    works(environment / "bin/aigate")


def test_by_links_to_it(environment: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "first").symlink_to(environment / "bin/aigate")
    (tmp_path / "second").symlink_to("first")
    works(tmp_path / "second")


def test_the_script_beside_it_starts_it_too(environment: pathlib.Path) -> None:
    if " " not in str(environment):  # which no kernel takes as an interpreter's path
        works(environment / "bin/aigate-python")


def test_for_a_user(wheel: pathlib.Path, tmp_path: pathlib.Path) -> None:
    install(wheel, "--user", "--break-system-packages", python=PYTHON, PYTHONUSERBASE=str(tmp_path))
    works(tmp_path / "bin/aigate")


def test_in_a_directory_of_its_own(wheel: pathlib.Path, tmp_path: pathlib.Path) -> None:
    install(wheel, "--target", str(tmp_path))
    works(tmp_path / "bin/aigate")


def test_editable_as_in_this_environment() -> None:
    works(LAUNCHER)
    assert f"SOURCES = {str(PACKAGE.parent)!r}" in (LAUNCHER.parent / "aigate-python").read_text()


def test_copied_away_it_says_what_is_missing(environment: pathlib.Path, tmp_path: pathlib.Path) -> None:
    done = subprocess.run([shutil.copy(environment / "bin/aigate", tmp_path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"aigate: {tmp_path}/aigate-python is missing")


def test_mixed_with_another_project_of_that_name_it_refuses(wheel: pathlib.Path, tmp_path: pathlib.Path) -> None:
    install(wheel, "--target", str(tmp_path))
    (tmp_path / "aigate/__init__.py").write_text('"""Something else."""\n')
    done = subprocess.run([tmp_path / "bin/aigate", "mask", "-"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"aigate: {tmp_path}/aigate is mixed with another project of that name\n  hint: ")


def test_without_its_package_it_says_so(wheel: pathlib.Path, tmp_path: pathlib.Path) -> None:
    install(wheel, "--target", str(tmp_path))
    shutil.rmtree(tmp_path / "aigate")
    done = subprocess.run([tmp_path / "bin/aigate", "mask", "-"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"aigate: the package of {tmp_path}/bin/aigate-python is not there")


def test_python_m_starts_anew_without_what_variables_bring(tmp_path: pathlib.Path) -> None:
    (tmp_path / "yaml.py").write_text("raise SystemExit('imported')\n")
    given = {"HOME": str(tmp_path), "PYTHONPATH": f"{PACKAGE.parent}:{tmp_path}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-m", "aigate", "init"], capture_output=True, text=True, env=given)
    assert (done.returncode, done.stderr) == (0, "")
