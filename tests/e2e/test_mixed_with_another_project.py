"""The distribution `aigate` is another project's: in one environment with it aigate refuses, whichever came first."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest
from packed import PLAIN, install, pack, pack_own

PYTHON = os.path.realpath(sys.executable)
OTHERS = {  # what it brings under names that are ours too, or nearly
    "aigate/__init__.py": (b'"""Something else."""\n\n__version__ = "0.3.1"\n', PLAIN),
    "aigate/cli.py": (b"def main():\n    print('something else')\n", PLAIN),
    "aigate/config.py": (b"", PLAIN),
    "aigate-0.3.1.dist-info/entry_points.txt": (b"[console_scripts]\naigate = aigate.cli:main\n", PLAIN),
}


def environment(place: pathlib.Path, *wheels: pathlib.Path) -> pathlib.Path:
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", str(place)], check=True)
    for wheel in wheels:
        install(wheel, "--prefix", str(place), python=str(place / "bin/python"))
    return place / "bin/aigate"


def refuses(command: list[str | pathlib.Path]) -> None:
    given = {"input": "text\n", "env": {"HOME": "/nowhere"}, "cwd": "/"}  # where `python -m` finds no other aigate
    done = subprocess.run([*command, "mask", "--"], capture_output=True, text=True, **given)
    assert (done.returncode, done.stdout) == (1, "")
    first, hint = done.stderr.splitlines()
    assert first.startswith("aigate: ")
    assert first.endswith("/aigate is mixed with another project of that name")
    assert hint.startswith("  hint: install aigate-sandbox again, in an environment of its own: pipx")


@pytest.mark.parametrize("order", [1, -1], ids=["the other came last", "ours came last"])
def test_the_command_refuses(tmp_path: pathlib.Path, order: int) -> None:
    other = pack(tmp_path, "aigate", "0.3.1", dict(OTHERS))
    refuses([environment(tmp_path / "venv", *[pack_own(tmp_path), other][::order])])


def test_python_m_refuses(tmp_path: pathlib.Path) -> None:
    other = pack(tmp_path, "aigate", "0.3.1", dict(OTHERS))
    program = environment(tmp_path / "venv", other, pack_own(tmp_path))
    refuses([program.parent / "python", "-m", "aigate"])


def test_beside_a_project_with_a_longer_name_it_works(tmp_path: pathlib.Path) -> None:
    other = pack(tmp_path, "aigate-extras", "1", {"aigate_extras.py": (b"", PLAIN)})
    program = environment(tmp_path / "venv", other, pack_own(tmp_path))
    done = subprocess.run([program, "mask"], input="text\n", capture_output=True, text=True, env={"HOME": "/nowhere"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "text\n", "")
