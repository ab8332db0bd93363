"""Every drawing has its picture, made of its present source, and stands on a page."""

from __future__ import annotations

import html
import pathlib
import re

import pytest

DOCS = pathlib.Path(__file__).parents[2] / "docs"
SOURCES = sorted((DOCS / "diagrams").glob("*.dot"))


def words(text: str) -> set[str]:
    return {line for label in re.findall(r'label="([^"]*)"', text) for line in label.split(r"\n")}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_the_picture_says_what_the_source_says(source: pathlib.Path) -> None:
    picture = html.unescape(source.with_suffix(".svg").read_text()).replace("\N{NO-BREAK SPACE}", " ")
    shown = set(re.findall(r"<text[^>]*>([^<]*)</text>", picture))
    assert words(source.read_text()) <= shown, "make diagrams draws it again"
    assert "<script" not in picture
    assert "href" not in picture.replace("xmlns:xlink", "")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_it_stands_on_a_page(source: pathlib.Path) -> None:
    assert any(f"diagrams/{source.stem}.svg" in page.read_text() for page in DOCS.glob("*.md"))


def test_the_five_are_there() -> None:
    assert {path.stem for path in SOURCES} >= {"run", "namespaces", "network", "masker", "watcher"}
