"""A terminal emulator that is not ours, tmux, as the judge of what bytes do to a screen."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile
import uuid
from typing import NamedTuple, Self

PLAYER = """
import os, sys, tty
tty.setraw(0)
orders, reports = open(sys.argv[1]), open(sys.argv[2], "w", buffering=1)
for path in orders:
    os.write(1, open(path.strip(), "rb").read() + b"\\x18\\x1b[5n")  # is answered once all is drawn
    answer = b""
    while not answer.endswith(b"n"):
        answer += os.read(0, 64)
    reports.write("drawn\\n")
"""
ANEW = b"\x18\x1b[?1049l\x1b[r\x1b[?6l\x1b[?7h\x1b[4l\x1bc\x1b[H\x1b[2J\x1b[3J"


class Shown(NamedTuple):
    """A screen: its rows without blanks at their ends, and the cursor's row and column, behind the last if full."""

    rows: list[str]
    cursor: tuple[int, int]


class Judge:
    """One tmux server with one pane that shows what it is given. A context manager."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self._name = f"aigate-{uuid.uuid4().hex[:8]}"
        self._directory = tempfile.TemporaryDirectory(prefix="aigate-judge-")
        where = pathlib.Path(self._directory.name)
        self._orders, self._reports, self._bytes = where / "orders", where / "reports", where / "bytes"
        for pipe in (self._orders, self._reports):
            os.mkfifo(pipe)
        (where / "player.py").write_text(PLAYER)
        player = f"exec {sys.executable} {where / 'player.py'} {self._orders} {self._reports}"
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), player)
        self._tmux("set-option", "-g", "status", "off")
        self._tmux("set-option", "-g", "window-size", "manual")
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))
        self._ordering = self._orders.open("w", buffering=1)
        self._reporting = self._reports.open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ordering.close()
        self._reporting.close()
        subprocess.run(["tmux", "-L", self._name, "kill-server"], capture_output=True, timeout=60, check=False)
        self._directory.cleanup()

    def _tmux(self, *words: str) -> str:
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        for name in ("TMUX", "LD_PRELOAD"):  # the latter is a sanitizer of ours
            environment.pop(name, None)
        done = subprocess.run(
            ["tmux", "-u", "-L", self._name, *words], env=environment, capture_output=True, timeout=60, check=True
        )
        return done.stdout.decode(errors="replace")

    def draw(self, data: bytes) -> None:
        """Show bytes, after what was shown before."""
        self._bytes.write_bytes(data)
        self._ordering.write(f"{self._bytes}\n")
        assert self._reporting.readline() == "drawn\n"

    def look(self, *, scrollback: bool = False) -> Shown:
        """Return what stands on the screen now."""
        since = ("-S", "-") if scrollback else ()
        *rows, cursor = self._tmux(
            "capture-pane", "-p", *since, ";", "display-message", "-p", "#{cursor_y} #{cursor_x}"
        ).splitlines()
        row, column = cursor.split()
        rows = [line.rstrip() for line in rows]
        return Shown(rows + [""] * (self.rows - len(rows)), (int(row), int(column)))

    def look_with_styles(self) -> list[str]:
        """Return the rows with the sequences of their colours and attributes."""
        return self._tmux("capture-pane", "-p", "-e").splitlines()

    def show(self, *pieces: bytes, before: bytes = b"", scrollback: bool = False) -> Shown:
        """Show bytes on a screen that is new, behind `before`, and return what stands there then."""
        self.draw(ANEW + before)
        for piece in pieces:
            self.draw(piece)
        return self.look(scrollback=scrollback)
