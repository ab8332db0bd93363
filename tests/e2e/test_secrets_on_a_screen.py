"""Real programs that draw a secret, on a terminal: their screens are as outside, but for stars in its place."""

from __future__ import annotations

import shlex

import pytest
from pane import Pane

pytestmark = pytest.mark.only("own")  # tmux runs as who runs the tests

TOKEN = "ghp_" + "aB3dE5fG7h" * 3 + "aB3dE5"
STARS = "ghp_" + "*" * 36
FORM = """
import curses
def draw(window):
    window.addstr(2, 3, "token")
    window.addstr(2, 30, TOKEN[:25])
    window.refresh()
    window.addstr(5, 0, "below")
    window.refresh()
    window.addstr(2, 55, TOKEN[25:])
    window.addstr(8, 0, "q to end")
    window.refresh()
    while window.getch() != ord("q"): pass
curses.wrapper(draw)
"""
PROGRAMS = {
    "less": (["less", "text"], ["Space", "q"]),
    "vim": (["vim", "-u", "NONE", "-i", "NONE", "-N", "text"], ["G", "ddP", ":q!\n"]),
    "curses": (["python3", "form.py"], ["q"]),
}


def pictures(sandbox, command: list[str], keys: list[str]) -> list[str]:
    environment = {**sandbox.environment, "TERM": "screen", "LESS": "", "LESSHISTFILE": "-"}
    found = []
    with Pane(shlex.join(command), cwd=str(sandbox.project), env=environment) as pane:
        for key in keys:
            found.append(pane.settled(still=0.3))
            if key.endswith("\n"):
                pane.type(key.removesuffix("\n"))
                pane.keys("Enter")
            elif len(key) > 1 and key != "Space":
                pane.type(key)
            else:
                pane.keys(key)
        pane.until("ended 0")
        found.append(pane.settled(still=0.3))
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_its_screens_are_as_outside_but_for_stars(sandbox, name: str) -> None:
    sandbox.write("text", "".join(f"line {n} {TOKEN if n % 7 == 0 else 'text'} end\n" for n in range(1, 61)))
    sandbox.write("form.py", f"TOKEN = {TOKEN!r}\n{FORM}")
    command, keys = PROGRAMS[name]
    outside = pictures(sandbox, command, keys)
    inside = pictures(sandbox, [*sandbox.prefix, "run", "--quiet", "--", *command], keys)
    assert any(TOKEN in picture for picture in outside)
    assert inside == [picture.replace(TOKEN, STARS) for picture in outside]
