"""Secrets in transcripts are overwritten byte for byte: JSON stays JSON, and who appends meanwhile loses no line."""

from __future__ import annotations

import json
import os
import pathlib
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigate import Masker
from aigate.hook.scrub import scrub, unescaped
from aigate.masking.rules import preset_rules

MASKER = Masker(preset_rules("all"))
KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"
HIDDEN = "ghp_" + "*" * 36


def line(text: str, **fields: object) -> str:
    return json.dumps({"type": "user", "message": {"content": [{"text": text}]}, **fields}) + "\n"


def test_a_secret_is_overwritten_and_nothing_else(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "one.jsonl"
    texts = [f"a\nb {KEY}\n", "nothing here", f'"{KEY}"', f"\U0001f600 {KEY} é", json.dumps({"deeper": KEY})]
    path.write_text("".join(map(line, texts)))
    os.utime(path, ns=(10**18, 10**18))
    before = path.stat()
    assert scrub(str(path), MASKER, change=False).counts["github"] == 4
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert scrub(str(path), MASKER, change=True).left is None
    read = [json.loads(text)["message"]["content"][0]["text"] for text in path.read_text().splitlines()]
    assert [text.replace("*", "") for text in read] == [text.replace(KEY, "ghp_").replace("*", "") for text in texts]
    assert KEY not in path.read_text()
    after = path.stat()
    assert (after.st_size, after.st_ino, after.st_mtime_ns) == (before.st_size, before.st_ino, before.st_mtime_ns)
    assert not scrub(str(path), MASKER, change=True).counts


def test_a_key_behind_an_escaped_newline_is_found(tmp_path: pathlib.Path) -> None:
    """In the file an `n` stands before it, as if it were the end of a longer word."""
    path = tmp_path / "one.jsonl"
    path.write_text(line(f"one\n{KEY}\ntwo"))
    assert scrub(str(path), MASKER, change=True).counts
    assert HIDDEN in path.read_text()


def test_a_line_without_an_end_is_looked_at_too(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(line("fine") + line(KEY).rstrip("\n"))
    assert scrub(str(path), MASKER, change=True).counts
    assert KEY not in path.read_text()


def test_who_appends_meanwhile_loses_no_line(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text("".join(line(KEY, number=number) for number in range(200)))
    over = threading.Event()

    def append() -> None:
        for number in range(200, 400):
            with path.open("a") as file:
                file.write(line("fine", number=number))
        over.set()

    writer = threading.Thread(target=append)
    writer.start()
    last = False
    while not last:
        last = over.is_set()
        scrub(str(path), MASKER, change=True)
    writer.join()
    lines = [json.loads(text) for text in path.read_text().splitlines()]
    assert [one["number"] for one in lines] == list(range(400))
    assert KEY not in path.read_text()


@pytest.mark.parametrize("kind", ["link", "directory", "nothing"])
def test_what_is_no_file_of_ones_own_is_left_alone(tmp_path: pathlib.Path, kind: str) -> None:
    path, target = tmp_path / "one", tmp_path / "target"
    target.write_text(line(KEY))
    if kind == "link":
        path.symlink_to(target)
    elif kind == "directory":
        path.mkdir()
    assert scrub(str(path), MASKER, change=True).left
    assert KEY in target.read_text()


@given(st.text(st.characters(exclude_categories=())), st.booleans())
def test_a_string_is_read_as_json_reads_it(text: str, ascii_only: bool) -> None:
    raw = json.dumps(text, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")[1:-1]
    decoded, places = unescaped(raw)
    assert decoded.decode("utf-8", "surrogatepass") == json.loads(f'"{raw.decode("utf-8", "surrogatepass")}"')
    assert len(places) == len(decoded) + 1
    assert places == sorted(places)
    assert places[-1] == len(raw)
