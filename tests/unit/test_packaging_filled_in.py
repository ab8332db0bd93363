"""A release's formula and PKGBUILD have no placeholder left: owner, version and hash are the release's own."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

import aigate

FILL = pathlib.Path(__file__).parents[2] / "packaging/fill.py"
DIGEST = "ab" * 32


def fill(place: pathlib.Path, owner: str, sums: str) -> subprocess.CompletedProcess[str]:
    (place / "SHA256SUMS").write_text(sums)
    (place / "out").mkdir()
    command = [sys.executable, FILL, owner, place / "SHA256SUMS", place / "out"]
    return subprocess.run(command, capture_output=True, text=True)


def test_nothing_is_left_to_fill_in(tmp_path: pathlib.Path) -> None:
    name = f"aigate_sandbox-{aigate.__version__}.tar.gz"
    done = fill(tmp_path, "someone", f"{'cd' * 32}  other.whl\n{DIGEST}  {name}\n")
    assert (done.returncode, done.stderr) == (0, "")
    pkgbuild, formula = ((tmp_path / "out" / name).read_text() for name in ("PKGBUILD", "aigate.rb"))
    assert f"sha256sums=({DIGEST})" in pkgbuild
    assert f'sha256 "{DIGEST}"' in formula
    assert f"https://github.com/someone/aigate/releases/download/v{aigate.__version__}/{name}" in formula
    assert "OWNER" not in pkgbuild + formula
    assert subprocess.run(["bash", "-n", tmp_path / "out/PKGBUILD"]).returncode == 0


@pytest.mark.parametrize(
    ("owner", "sums", "said"),
    [
        ("someone", f"{DIGEST}  aigate_sandbox-0.0.9.tar.gz\n", "has no line for"),
        ('x"; system("x', f"{DIGEST}  aigate_sandbox-{aigate.__version__}.tar.gz\n", "no owner"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: pathlib.Path, owner: str, sums: str, said: str) -> None:
    done = fill(tmp_path, owner, sums)
    assert done.returncode == 1
    assert said in done.stderr
    assert not list((tmp_path / "out").iterdir())
