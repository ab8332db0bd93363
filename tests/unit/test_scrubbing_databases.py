"""Secrets in an agent's databases are overwritten: texts keep their length, and nothing stays in the files."""

from __future__ import annotations

import contextlib
import json
import pathlib
import sqlite3

import pytest

from aigate import Masker
from aigate.hook.database import scrub_database
from aigate.masking.rules import preset_rules

MASKER = Masker(preset_rules("all"))
KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"
HIDDEN = "ghp_" + "*" * 36


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    """A database as agents have them, at work: with a log of its own (WAL), a table without row numbers, odd names."""
    made = tmp_path / "history %1.sqlite"
    with contextlib.closing(sqlite3.connect(made)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(
            'CREATE TABLE "odd ""name" (id TEXT PRIMARY KEY, item TEXT, n INTEGER, raw BLOB) WITHOUT ROWID'
        )
        rows = [
            ("a", json.dumps({"text": f"one\n{KEY}"}), 1, b"\0x"),
            ("b", f"plain {KEY}", 2, None),
            ("c", None, 3, b""),
        ]
        database.executemany('INSERT INTO "odd ""name" VALUES (?, ?, ?, ?)', rows)
        database.commit()
    return made


def rows(path: pathlib.Path) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute('SELECT * FROM "odd ""name" ORDER BY id').fetchall()


def test_what_is_hidden_is_gone_from_the_files(path: pathlib.Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as agent:  # which has it open
        before = rows(path)
        assert scrub_database(str(path), MASKER, change=False).counts == {"github": 2}
        assert rows(path) == before
        done = scrub_database(str(path), MASKER, change=True)
        assert (done.counts, done.left) == ({"github": 2}, None)
        assert agent.execute('SELECT count(*) FROM "odd ""name"').fetchone() == (3,)
        for file in path.parent.iterdir():
            assert KEY.encode() not in file.read_bytes()
    assert rows(path) == [
        ("a", json.dumps({"text": f"one\n{HIDDEN}"}), 1, b"\0x"),
        ("b", f"plain {HIDDEN}", 2, None),
        ("c", None, 3, b""),
    ]
    assert scrub_database(str(path), MASKER, change=True).counts == {}


def test_a_value_that_must_be_unique_is_left_and_named(path: pathlib.Path) -> None:
    other = KEY[:-1] + "0"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executemany('INSERT INTO "odd ""name" (id) VALUES (?)', [(KEY,), (other,)])
        database.commit()
    before = rows(path)
    done = scrub_database(str(path), MASKER, change=True)
    assert done.left is not None
    assert "SQLite says: UNIQUE constraint failed" in done.left
    assert rows(path) == before


@pytest.mark.parametrize("kind", ["no database", "link", "nothing"])
def test_what_cannot_be_read_is_named(path: pathlib.Path, kind: str) -> None:
    there = path.parent / "there"
    if kind == "link":
        there.symlink_to(path)
    elif kind == "no database":
        there.write_text(KEY * 100)
    assert scrub_database(str(there), MASKER, change=True).left
    assert KEY in str(rows(path))
