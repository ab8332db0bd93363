"""The README's picture of `make demo` shows what the demo's agent tries, and nothing that must not appear."""

from __future__ import annotations

import html
import importlib.util
import pathlib
import re

DEMO = pathlib.Path(__file__).parents[2] / "docs/demo"
PICTURE = DEMO.parent / "demo.svg"


def test_it_shows_the_present_demo() -> None:
    text = html.unescape(re.sub(r"<[^>]*>", "", PICTURE.read_text())).replace("\N{NO-BREAK SPACE}", " ")
    spec = importlib.util.spec_from_file_location("demo_run", DEMO / "run.py")
    assert spec is not None
    assert spec.loader is not None
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    assert text.count("denied  ") == demo.DENIED, "python docs/demo/record.py records it again"
    assert text.count("layered ") == demo.LAYERED
    assert text.count("done    ") == demo.WORK
    assert text.count("***") == demo.HIDDEN_KEYS
    assert "OPEN" not in text
    assert "FAILED" not in text
    assert "<script" not in PICTURE.read_text()
    assert "docs/demo.svg" in (DEMO.parents[1] / "README.md").read_text()
