"""Sessions of real programs on a terminal, recorded, and played through a display piece by piece before a judge."""

from __future__ import annotations

import itertools
import os
import re
import select
import signal
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, Self

from judge import Shown
from pseudo import PATIENCE, Pseudo
from vterm import VtermJudge

from aigate import Masker, Rule

TOKEN = "ghp_" + "aB3dE5fG7h" * 3 + "aB3dE5"
PREFIX = len("ghp_")
MASKER = Masker([Rule("github", r"\bghp_[0-9A-Za-z]{36}\b", PREFIX)])
SIZES = ((24, 80), (30, 100), (60, 200))  # rows and columns
STILL = 1.0  # seconds after which a program is told once more that the window has another size
LEAST = 2  # letters that could be a piece of the token; single ones stand anywhere


class Output(NamedTuple):
    """What a program has written, as much as was there."""

    data: bytes


class Size(NamedTuple):
    """The window has another size."""

    rows: int
    columns: int


Session = list[Output | Size]


class AnyJudge(Protocol):
    def draw(self, data: bytes) -> None: ...
    def look(self) -> Shown: ...
    def show(self, data: bytes) -> Shown: ...
    def resize(self, rows: int, columns: int) -> None: ...


class Recording:
    """A program on a terminal of a size, what it draws, and the screen it has drawn. A context manager."""

    def __init__(self, argv: Sequence[str], rows: int, columns: int, *, cwd: str, env: dict[str, str]) -> None:
        self.session: Session = [Size(rows, columns)]
        self._judge = VtermJudge(rows, columns)
        self._judge.show(b"")
        self._terminal = Pseudo(argv, rows=rows, columns=columns, row=0, cwd=cwd, env=env)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._terminal.__exit__()
        self._judge.__exit__()

    def keys(self, keys: str) -> None:
        self._terminal.send(keys.encode())

    def resize(self, rows: int, columns: int) -> None:
        self.session.append(Size(rows, columns))
        self._judge.resize(rows, columns)
        self._terminal.resize(rows, columns)

    def until(self, text: str) -> None:
        """Wait until a text stands on the screen; an expression, over all rows."""
        until = time.monotonic() + PATIENCE
        while not re.search(text, "\n".join(self._judge.look().rows)):
            assert time.monotonic() < until, f"{text!r} never came:\n" + "\n".join(self._judge.look().rows)
            if not self._take(time.monotonic() + STILL):
                self._terminal.signal(signal.SIGWINCH)  # less may not have taken note of the first one

    def end(self) -> Session:
        """Take what is still to come, up to the program's end."""
        while self._take(time.monotonic() + PATIENCE):
            pass
        return self.session

    def _take(self, until: float) -> bool:
        master = self._terminal.master
        while not select.select([master], [], [], 0.05)[0]:
            if self._terminal.process.poll() is not None and not select.select([master], [], [], 0)[0]:
                return False
            if time.monotonic() > until:
                return False
        data = os.read(master, 65536)
        self.session.append(Output(data))
        self._judge.draw(data)
        return True


def pieces_of(session: Iterable[Output | Size], most: int) -> Iterable[Output | Size]:
    """Cut what was written into smaller pieces: what is seen in between is looked at as well."""
    for event in session:
        if isinstance(event, Size):
            yield event
            continue
        for at in range(0, len(event.data), most):
            yield Output(event.data[at : at + most])


def check_session(plain: AnyJudge, masked: AnyJudge, session: Session, *, most: int = 4096) -> int:
    """Compare two screens after each piece, without masks and with them. Return how many tokens were hidden in all."""
    first = session[0]
    assert isinstance(first, Size)
    display, columns = MASKER.display(*first), first.columns
    for judge in (plain, masked):
        judge.resize(*first)
        judge.show(b"")
    hidden = 0
    for event in pieces_of(session[1:], most):
        if isinstance(event, Size):
            display.resize(*event)
            columns = event.columns
            plain.resize(*event)
            masked.resize(*event)
            continue
        plain.draw(event.data)
        masked.draw(display.feed(event.data) + display.release())
        hidden += _check(plain.look(), masked.look(), columns, event.data)
    return hidden


def _check(there: Shown, shown: Shown, columns: int, drawn: bytes) -> int:
    assert shown.cursor == there.cursor, drawn
    rows = "".join(row.ljust(columns) for row in there.rows)
    seen = "".join(row.ljust(columns) for row in shown.rows)
    assert len(seen) == len(rows), drawn
    tokens = [match.start() for match in re.finditer(re.escape(TOKEN), rows)]
    must = {at for start in tokens for at in range(start + PREFIX, start + len(TOKEN))}
    may = {at for run in re.finditer(r"[0-9A-Za-z]+", rows) if _is_piece(run[0]) for at in range(*run.span())}

    for begin in re.finditer(re.escape(TOKEN[:PREFIX]), rows):  # the beginning of one that was masked before
        pairs = zip(range(begin.start(), len(rows)), TOKEN, strict=False)
        may.update(at for at, _ in itertools.takewhile(lambda pair: rows[pair[0]] == pair[1], pairs))

    def _told(at: int) -> str:
        row = at // columns
        above = "\n".join(there.rows[max(0, row - 2) : row])
        lines = f"{there.rows[row]}\n{shown.rows[row]}"
        return f"{drawn!r}: column {at % columns}, cursor {there.cursor}, below\n{above}\nof\n{lines}"

    for at, letter in enumerate(rows):
        if at in must:
            assert seen[at] == "*", _told(at)
        elif seen[at] != letter:
            assert seen[at] == "*", _told(at)
            assert at in may, _told(at)
    return len(tokens)


def _is_piece(word: str) -> bool:
    return any(word[at:] in TOKEN or word[: len(word) - at] in TOKEN for at in range(max(1, len(word) - LEAST + 1)))
