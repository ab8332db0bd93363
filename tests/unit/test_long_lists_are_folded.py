"""What a person is asked about fits on a screen, whatever an installer has written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aigate.cli.folding import folded

PATHS = [
    *(f"~/.local/share/pipx/venvs/tool/lib/{number}.py" for number in range(1200)),
    "~/.local/bin/tool",
    "~/.bashrc",
]


def test_an_installers_files_are_one_line() -> None:
    assert folded(PATHS, 20) == ["~/.bashrc", "~/.local/bin/tool", "~/.local/share/pipx/venvs/tool/lib/ (1,200 files)"]


def test_few_are_told_as_they_are() -> None:
    assert folded(["~/b", "~/a/x"], 2) == ["~/a/x", "~/b"]


def test_directories_beside_one_another() -> None:
    assert folded([f"~/bin/{number}/x/tool" for number in range(30)], 20) == ["~/bin/ (30 files)"]
    assert folded([f"~/{number:02}" for number in range(30)], 20)[-2:] == ["~/19", "and 10 more"]


@given(st.sets(st.lists(st.sampled_from("abc"), min_size=1, max_size=6).map("/".join).map("~/{}".format), max_size=60))
def test_nothing_is_left_out(paths: set[str]) -> None:
    lines = folded(paths, 10)
    assert len(lines) <= 10
    told = [line.partition(" (")[0] for line in lines]
    for path in paths:
        assert any(path == one or (one.endswith("/") and path.startswith(one)) for one in told)
