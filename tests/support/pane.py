"""A tmux pane for tests: a screen that is read as a person sees it."""

from __future__ import annotations

import subprocess
import time
import uuid


class Pane:
    """One tmux server with one pane of 80x24 in which a shell command runs. A context manager."""

    def __init__(self, command: str, *, cwd: str, env: dict[str, str]) -> None:
        self.socket = f"aigate-{uuid.uuid4().hex[:8]}"
        self.env = env
        self.tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "-c", cwd,
            f"trap : INT QUIT; {command}; status=$?; echo; echo ended $status; while :; do sleep 600; done",
        )  # fmt: skip
        self.tmux("set-option", "-g", "status", "off")
        self.tmux("set-option", "-g", "window-size", "manual")
        self.resize(80, 24)

    def __enter__(self) -> Pane:  # noqa: PYI034 -- not meant to be subclassed
        return self

    def __exit__(self, *_: object) -> None:
        self.tmux("kill-server")

    def tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self.socket, *words], env=self.env, capture_output=True, text=True, timeout=120, check=True
        )
        return done.stdout

    def resize(self, columns: int, rows: int) -> None:
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def keys(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def settled(self, *, still: float = 1.5, patience: float = 120.0) -> str:
        """Return the screen once it shows something and has not changed for a while."""
        until = time.monotonic() + patience
        shown, since = "", time.monotonic()
        while time.monotonic() < until:
            now = self.screen()
            if now != shown:
                shown, since = now, time.monotonic()
            elif shown.strip() and time.monotonic() - since > still:
                return shown
            time.sleep(0.1)
        raise AssertionError(f"the screen never came to rest:\n{shown}")

    def until(self, text: str, *, times: int = 1, patience: float = 120.0) -> str:
        """Wait until a text is on the screen, so many times."""
        until = time.monotonic() + patience
        while (shown := self.screen()).count(text) < times:
            assert time.monotonic() < until, f"{text!r} is not on the screen:\n{shown}"
            time.sleep(0.1)
        return shown
