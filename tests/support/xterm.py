"""A second terminal emulator that is not ours, xterm.js without a window, as a judge; it is installed from npm."""

from __future__ import annotations

import base64
import json
import pathlib
import subprocess
from typing import Self

from judge import Shown

PACKAGE = "@xterm/headless@5.5.0"
PLAYER = """
const { Terminal } = require("@xterm/headless");
let terminal = null, before = Promise.resolve();
const look = () => {
  const screen = terminal.buffer.active, rows = [];
  for (let row = 0; row < terminal.rows; row++) rows.push(screen.getLine(screen.baseY + row).translateToString(true));
  return { rows, cursor: [screen.cursorY, screen.cursorX] };
};
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const order = JSON.parse(line);
  before = before.then(() => new Promise((done) => {
    if (order.resize && terminal) terminal.resize(order.columns, order.rows);
    if (order.anew) terminal = new Terminal({ rows: order.rows, cols: order.columns, allowProposedApi: true });
    if (!terminal) { console.log(JSON.stringify({ rows: [], cursor: [0, 0] })); return done(); }
    terminal.write(Buffer.from(order.data, "base64"), () => { console.log(JSON.stringify(look())); done(); });
  }));
});
"""


class XtermJudge:
    """One emulator. A context manager. modules: the directory that PACKAGE was installed in."""

    def __init__(self, modules: pathlib.Path, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self._shown = Shown([], (0, 0))
        self._player = subprocess.Popen(
            ["node", "-e", PLAYER], cwd=modules, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._player.communicate()

    def resize(self, rows: int, columns: int) -> None:
        """Give the screen another size, as a window does."""
        self.rows, self.columns = rows, columns
        self._order(b"", resize=True)

    def draw(self, data: bytes) -> None:
        """Show bytes, after what was shown before."""
        self._order(data)

    def _order(self, data: bytes, **more: bool) -> None:
        order = {"data": base64.b64encode(data).decode(), "rows": self.rows, "columns": self.columns, **more}
        assert self._player.stdin
        assert self._player.stdout
        self._player.stdin.write(json.dumps(order) + "\n")
        self._player.stdin.flush()
        answer = json.loads(self._player.stdout.readline())
        self._shown = Shown([row.rstrip(" ") for row in answer["rows"]], tuple(answer["cursor"]))

    def look(self) -> Shown:
        """Return what stands on the screen now."""
        return self._shown

    def show(self, data: bytes) -> Shown:
        """Show bytes on a screen that is new."""
        self._order(data, anew=True)
        return self._shown
