"""A terminal for tests: a pseudo-terminal with a session on it, what it has shown, keys, sizes and settings."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time
from typing import Self

PATIENCE = 120.0  # seconds, beside whatever load: nothing is timed by it


QUESTION = b"\x1b[6n"


class Pseudo:
    """A program that runs on a terminal of its own, as the leader of a session, like a terminal window's shell.

    row: the row that it says the cursor is in when it is asked; 0 for a terminal that does not answer.
    redirect: standard descriptors that are something else than the terminal.
    """

    def __init__(self, argv, *, rows=24, columns=80, row=1, redirect=None, settings=None, **popen) -> None:
        self.row, self._answered = row, False
        self.master, slave = os.openpty()
        self.slave = os.dup(slave)
        self.resize(rows, columns)
        if settings:
            settings(slave)
        self.before = termios.tcgetattr(slave)
        self.seen = b""
        self._searched = 0
        streams = {0: slave, 1: slave, 2: slave, **(redirect or {})}

        def own_terminal() -> None:
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            os.close(slave)

        self.process = subprocess.Popen(
            argv,
            stdin=streams[0],
            stdout=streams[1],
            stderr=streams[2],
            start_new_session=True,
            preexec_fn=own_terminal,  # noqa: PLW1509 -- no threads here
            pass_fds=(slave,),
            **popen,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the terminal, which ends what still runs there."""
        if self.master >= 0:
            self.vanish()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()

    def send(self, keys: bytes) -> None:
        while keys:
            keys = keys[os.write(self.master, keys) :]

    def expect(self, *wanted: bytes, patience: float = PATIENCE) -> bytes:
        """Read until each text has appeared, one after the other; return everything since the last call."""
        begin = self._searched
        until = time.monotonic() + patience
        for text in wanted:
            while (found := self.seen.find(text, self._searched)) < 0:
                self._read(until, text)
            self._searched = found + len(text)
        return self.seen[begin : self._searched]

    def _read(self, until: float, text: bytes) -> None:
        left = until - time.monotonic()
        if left <= 0 or not select.select([self.master], [], [], left)[0]:
            raise AssertionError(f"{text!r} did not appear after {self.seen[self._searched :]!r}")
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        assert data, f"the terminal was closed before {text!r} appeared after {self.seen[self._searched :]!r}"
        self._take(data)

    def _take(self, data: bytes) -> None:
        """Take what is shown. Where the cursor is, which is asked at the beginning, is answered as terminals do."""
        if QUESTION in data and self.row and not self._answered:
            self._answered = True
            data = data.replace(QUESTION, b"", 1)
            os.write(self.master, f"\x1b[{self.row};1R".encode())
        self.seen += data

    def until_asked(self) -> None:
        """Read until the question was asked where the cursor is, and answered."""
        until = time.monotonic() + PATIENCE
        while not self._answered:
            self._read(until, QUESTION)

    def quiet(self, seconds: float = 0.3) -> bytes:
        """Read until nothing has come for a while; return everything since the last call."""
        begin = self._searched
        while select.select([self.master], [], [], seconds)[0]:
            try:
                self._take(os.read(self.master, 65536))
            except OSError:
                break
        self._searched = len(self.seen)
        return self.seen[begin:]

    def wait(self, patience: float = PATIENCE) -> int:
        """Read until the program ends; return its status as a shell tells it, without losing its last output."""
        until = time.monotonic() + patience
        while self.process.poll() is None:
            assert time.monotonic() < until, f"still running; it showed {self.seen[-2000:]!r}"
            if select.select([self.master], [], [], 0.01)[0]:
                self._take(os.read(self.master, 65536))
        while select.select([self.master], [], [], 0)[0]:
            self._take(os.read(self.master, 65536))
        code = self.process.returncode
        return 128 - code if code < 0 else code

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def settings(self) -> list[object]:
        return termios.tcgetattr(self.slave)

    def is_raw(self) -> bool:
        return not self.settings()[3] & termios.ICANON

    def until(self, condition, patience: float = PATIENCE, what: str = "") -> None:
        """Wait for a condition."""
        until = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < until, f"{what or condition} did not come true"
            time.sleep(0.01)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def vanish(self) -> None:
        """Close the terminal, as a closed window or a lost connection does."""
        os.close(self.slave)
        os.close(self.master)
        self.master = self.slave = -1

    def hang_up_and_wait(self, patience: float = PATIENCE) -> int:
        self.vanish()
        code = self.process.wait(patience)
        return 128 - code if code < 0 else code


CONTROL_C, CONTROL_D, CONTROL_Z, CONTROL_BACKSLASH = b"\x03", b"\x04", b"\x1a", b"\x1c"
CONTROL_S, CONTROL_Q = b"\x13", b"\x11"
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
