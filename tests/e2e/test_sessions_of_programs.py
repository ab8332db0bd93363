"""Real programs at three sizes, resized in between: no screen shows the token they draw, and nothing else changes."""

from __future__ import annotations

import pathlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from drawers import CELLS, FORM, ROWS
from drawing import pair
from played import SIZES, TOKEN, Output, Recording, Session, check_session
from vterm import VtermJudge

LINES = "".join(f"line {n} {TOKEN if n % 7 == 0 else 'text'} end\n" for n in range(1, 200))
LONG = "".join(f"{n} " + f"word{n} " * 20 + TOKEN + " and more\n" for n in range(1, 60))
PIECES = 80  # that a session is cut into besides
TALL, WIDE = SIZES[0][0] + 3, 91  # what the window is resized to


def _less(session: Recording) -> None:
    session.until(r"line 14 ")
    session.keys("G")
    session.until(r"line 199 ")
    session.keys("q")


def _vim(session: Recording) -> None:
    session.until(r"line 7 ")
    session.keys("7GIx\x1b")
    session.until(r"xline 7 ")
    session.resize(TALL, WIDE)
    session.keys(":split\n")
    session.until(r"text \[\+\][\s\S]*text \[\+\]")
    session.keys("Gddp:8,14d\n")
    session.until(r"fewer lines")
    session.keys(":qa!\n")


def _form(session: Recording) -> None:
    session.until("x [0-9]+, q ends")
    session.resize(TALL, WIDE)
    session.until(f"{TALL} x {WIDE}, q ends")
    session.keys("q")


def _cells(session: Recording) -> None:
    session.until("frame 0")
    session.keys("1")
    session.until("frame 1")
    session.resize(TALL, WIDE)
    session.until(f"{TALL} x {WIDE}")
    session.keys("2")
    session.until("frame 2")
    session.keys("3")


def _rows(session: Recording) -> None:
    session.until(r"ends with[\s\S]*>")
    session.resize(TALL, WIDE)
    session.keys("1")
    session.until(r"Ready\.[\s\S]*>")
    session.keys("2")


def _htop(session: Recording) -> None:
    session.until("PID")
    session.resize(TALL, WIDE)
    session.until("F10")
    session.keys("q")


PROGRAMS: dict[str, tuple[list[str], Callable[[Recording], None]]] = {
    "less": (["less", "text"], _less),
    "vim": (["vim", "-u", "NONE", "-i", "NONE", "-n", "-N", "text"], _vim),
    "a form of ncurses": ([sys.executable, "-c", FORM, TOKEN], _form),
    "cells that differ": ([sys.executable, "-c", CELLS, TOKEN], _cells),
    "rows taken away and written anew": ([sys.executable, "-c", ROWS, TOKEN], _rows),
    "htop": (["htop", "-d", "1", "-p", "PROCESS"], _htop),
}


@pytest.fixture(scope="module")
def judges() -> Iterator[tuple[VtermJudge, VtermJudge]]:
    with pair(lambda: VtermJudge(*SIZES[0])) as both:
        yield both


@pytest.fixture
def process() -> Iterator[int]:
    """Give a process with the token on its command line."""
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()", TOKEN]) as running:
        yield running.pid
        running.send_signal(signal.SIGKILL)


def argv_of(name: str, process: int) -> list[str]:
    stand_for = {"PROCESS": str(process), "SOCKET": f"aigate-{process}"}
    return [stand_for.get(word, word) for word in PROGRAMS[name][0]]


def record(name: str, size: tuple[int, int], where: pathlib.Path, process: int) -> Session:
    (where / "text").write_text(LINES)
    (where / "long").write_text(LONG)
    argv, play = argv_of(name, process), PROGRAMS[name][1]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(where), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8",
                   "LESSHISTFILE": "-", "SHELL": "/bin/sh", "PS1": "$ "}  # fmt: skip
    with Recording(argv, *size, cwd=str(where), env=environment) as recording:
        play(recording)
        return recording.end()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[1]}x{size[0]}")
@pytest.mark.parametrize("name", PROGRAMS)
def test_no_screen_of_it_shows_the_token(
    judges: tuple[VtermJudge, VtermJudge], tmp_path: pathlib.Path, process: int, name: str, size: tuple[int, int]
) -> None:
    session = record(name, size, tmp_path, process)
    hidden = check_session(*judges, session)
    assert hidden or name == "htop"  # which cuts it where the window is narrow
    written = sum(len(event.data) for event in session if isinstance(event, Output))
    check_session(*judges, session, most=max(1, written // PIECES))
