"""What a wheel keeps a place for is called as the first start will call it, so that uninstalls find it."""

from __future__ import annotations

import ast
import os
import pathlib
import sys
import sysconfig

import pytest

SETUP = pathlib.Path(__file__).parents[2] / "setup.py"
OWN = sysconfig.get_config_var("EXT_SUFFIX")


@pytest.mark.parametrize(
    ("suffix", "tag"),
    [
        (OWN, sys.implementation.cache_tag),
        (".cpython-313t-x86_64-linux-gnu.so", "cpython-313"),  # as a free-threaded 3.13 has both
        (".cpython-314-aarch64-linux-musl.so", "cpython-314"),
    ],
)
def test_it_has_the_tag_of_compiled_files(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, suffix: str, tag: str
) -> None:
    monkeypatch.setenv("SETUPTOOLS_EXT_SUFFIX", suffix)
    parts = [one for one in ast.parse(SETUP.read_text()).body if isinstance(one, ast.FunctionDef)]
    names = {"os": os, "pathlib": pathlib, "sysconfig": sysconfig}
    exec(compile(ast.Module([one for one in parts if one.name == "keep_place"], []), SETUP, "exec"), names)  # noqa: S102 -- our own
    names["keep_place"](str(tmp_path))  # type: ignore[operator]
    assert [path.name for path in tmp_path.iterdir()] == [f"start-{tag}.bundle"]
