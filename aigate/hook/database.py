"""Secrets overwritten in the SQLite databases that an agent keeps: values stay as long as they were, JSON stays JSON.

The agent may be at work with it: SQLite's own locks keep the two apart. What was overwritten stays in no free page
(secure_delete) and in no log that was already written back.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from urllib.parse import quote

from aigate.hook.scrub import Scrubbed, overwritten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from aigate._masker import Masker

PATIENCE_SECONDS = 5.0


def scrub_database(path: str, masker: Masker, *, change: bool) -> Scrubbed:
    """Look through all texts of a database, and overwrite what is to be hidden where that is wanted."""
    counts: dict[str, int] = {}
    left = _unusable(path)
    if left is not None:
        return Scrubbed(path, counts, left)
    mode = "rw" if change else "ro"
    try:
        with contextlib.closing(
            sqlite3.connect(f"file:{quote(path)}?mode={mode}", uri=True, timeout=PATIENCE_SECONDS, isolation_level=None)
        ) as database:
            database.text_factory = bytes
            if change:
                database.execute("PRAGMA secure_delete = ON")
                database.execute("BEGIN IMMEDIATE")
            for table, column in list(_columns(database)):
                _overwrite(database, table, column, masker, counts, change=change)
            if change:
                database.execute("COMMIT")
                # What the agent itself has replaced since may still stand in the log.
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            left = "has an index of words, which was not changed" if counts and _has_index(database) else None
    except sqlite3.Error as error:
        return Scrubbed(path, {} if change else counts, f"SQLite says: {error}")
    return Scrubbed(path, counts, left)


def _unusable(path: str) -> str | None:
    try:
        found = os.lstat(path)
    except OSError as error:
        return error.strerror
    if not stat.S_ISREG(found.st_mode):
        return "is no regular file"
    return "belongs to another user" if found.st_uid != os.geteuid() else None


def _columns(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield each ordinary table and column, as SQL writes their names."""
    for _, name, kind, *_ in database.execute("PRAGMA main.table_list"):
        if kind == b"table" and not name.startswith(b"sqlite_"):
            table = _named(name)
            yield from ((table, _named(column[1])) for column in database.execute(f"PRAGMA table_info({table})"))


def _has_index(database: sqlite3.Connection) -> bool:
    return any(row[2] == b"virtual" for row in database.execute("PRAGMA main.table_list"))


def _named(name: bytes) -> str:
    return '"' + name.decode().replace('"', '""') + '"'


def _overwrite(
    database: sqlite3.Connection, table: str, column: str, masker: Masker, counts: dict[str, int], *, change: bool
) -> None:
    # Names are those that the database itself has, quoted.
    texts = f"SELECT DISTINCT {column} FROM {table} WHERE typeof({column}) = 'text'"  # noqa: S608
    made = [(new, old) for (old,) in database.execute(texts) if (new := overwritten(old, masker, counts)) != old]
    if change and made:
        words = f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE {column} = CAST(? AS TEXT)"  # noqa: S608
        database.executemany(words, made)
