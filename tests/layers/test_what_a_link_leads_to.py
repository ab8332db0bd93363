"""Whoever agrees to a link in a layer agrees to what it leads to: another content, or another file, is asked about."""

from __future__ import annotations

import pathlib

import pytest

from aigate.layers.review import line_for


@pytest.fixture
def upper(tmp_path: pathlib.Path) -> pathlib.Path:
    for name in ("part/upper/bin", "part/upper/stuff", "home/own", "project"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "part/below").write_text(f"{tmp_path}/home")
    for name in ("part/upper/stuff/tool", "home/own/tool", "project/tool"):
        (tmp_path / name).write_text("good\n")
    return tmp_path / "part/upper"


@pytest.mark.parametrize(
    ("target", "changed"),
    [
        ("../stuff/tool", "part/upper/stuff/tool"),
        ("{}/home/stuff/tool", "part/upper/stuff/tool"),
        ("{}/project/tool", "project/tool"),
        ("../own/tool", "part/upper/own/tool"),
        ("../stuff", "part/upper/stuff/more"),
        ("{}/project", "project/more"),
        ("../later", "part/upper/later"),
    ],
)
def test_what_was_agreed_to_is_no_longer_it(upper: pathlib.Path, target: str, changed: str) -> None:
    base = upper.parents[1]
    (upper / "bin/tool").symlink_to(target.format(base))
    before = line_for(str(upper), "bin/tool")
    assert before
    assert line_for(str(upper), "bin/tool") == before
    (base / changed).parent.mkdir(exist_ok=True)
    (base / changed).write_text("evil\n")
    assert line_for(str(upper), "bin/tool") != before


def test_nobody_agrees_to_a_circle(upper: pathlib.Path) -> None:
    (upper / "bin/tool").symlink_to("tool")
    assert not line_for(str(upper), "bin/tool")
