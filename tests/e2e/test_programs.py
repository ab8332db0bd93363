"""Plain programs on a screen of 80x24, inside and outside: the same picture at each step."""

from __future__ import annotations

import shlex

import pytest
from pane import Pane

STEP_STILL = 0.3  # seconds without change after which a step's picture is taken

# Each: what to run, then keys (tmux's names) or text to type, with \n for Enter, a picture after each, and a word
# that must be on one of them.
PROGRAMS = {
    "bash": (["bash", "--norc", "--noprofile"], ["cat package.json\n", "echo $((6*7)) >&2\n", "C-d"], "42"),
    "vim": (
        ["vim", "-u", "NONE", "-i", "NONE", "-N", "text"],
        ["ihello", "Escape", ":set number\n", "G", "ddP", ":q!\n"],
        "ended 0",
    ),
    "less": (["less", "text"], ["Space", "/line 150\n", "q"], "line 150"),
    "python": (
        ["python3", "-q"],
        ["print('x' * 10)\n", "for n in range(2):\n", "  print(n)\n", "Enter", "C-d"],
        "xxxxxxxxxx",
    ),
    "git with a pager": (["git", "-c", "core.pager=less -R", "log", "-p"], ["Space", "q"], "ended 0"),
    "progress in one line": (
        [
            "sh",
            "-c",
            "for n in 1 2 3; do printf '\\r%d/3 \\033[32m###\\033[m' $n; sleep 0.05; done; printf '\\ndone\\n'",
        ],
        [],
        "3/3 ###",
    ),
    "npm with its spinner": (["npm", "pack", "--dry-run"], [], "Tarball"),
}
NAMED_KEYS = {"Enter", "Escape", "Space", "C-d", "q", "G"}


def pictures(sandbox, command: list[str], keys: list[str]) -> list[str]:
    environment = {
        **sandbox.environment,
        "TERM": "screen",
        "LESS": "",
        "LESSHISTFILE": "-",
        "npm_config_update_notifier": "false",
    }
    found = []
    with Pane(shlex.join(command), cwd=str(sandbox.project), env=environment) as pane:
        if not keys:
            pane.until("ended")
        found.append(pane.settled(still=STEP_STILL))
        for key in keys:
            if key in NAMED_KEYS:
                pane.keys(key)
            else:
                pane.type(key.removesuffix("\n"))
                if key.endswith("\n"):
                    pane.keys("Enter")
            found.append(pane.settled(still=STEP_STILL))
        pane.until("ended")
        found.append(pane.settled(still=STEP_STILL))
    return found


@pytest.fixture
def own(sandbox):
    """Give a sandbox of this user's own: tmux runs as who runs the tests."""
    sandbox.write("text", "".join(f"line {n}\n" for n in range(1, 301)))
    sandbox.write("package.json", '{"name": "x", "version": "1.0.0", "files": ["text"]}\n')
    author = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    assert sandbox.outside("git", "add", "-A").returncode == 0
    assert sandbox.outside("git", *author, "commit", "-qm", "One", "--date=2001-01-01").returncode == 0
    return sandbox


pytestmark = pytest.mark.only("own")  # tmux runs as who runs the tests


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_looks_the_same_inside(own, name: str) -> None:
    command, keys, word = PROGRAMS[name]
    outside = pictures(own, command, keys)
    inside = pictures(own, [*own.prefix, "run", "--quiet", "--", *command], keys)
    assert any(word in picture for picture in outside)
    assert inside == outside


def test_htop_draws_and_quits(own) -> None:
    """Its numbers change all the time, so only what stands still is compared."""
    with Pane(
        shlex.join([*own.prefix, "run", "--quiet", "--", "htop"]),
        cwd=str(own.project),
        env={**own.environment, "TERM": "screen"},
    ) as pane:
        pane.until("F10")
        assert "Load average" in pane.screen()
        pane.resize(120, 40)
        pane.until("F10")
        pane.keys("q")
        pane.until("ended 0")


def test_a_program_that_is_stopped_and_continued_redraws(own) -> None:
    with Pane("bash --norc --noprofile -i", cwd=str(own.project), env={**own.environment, "TERM": "screen"}) as pane:
        pane.until("bash-")
        pane.type(shlex.join([*own.prefix, "run", "--quiet", "--", "vim", "-u", "NONE", "-i", "NONE", "-N", "text"]))
        pane.keys("Enter")
        pane.until("line 20")
        first = pane.settled(still=STEP_STILL)
        pane.keys("C-z")
        pane.until("Stopped")
        pane.type("fg")
        pane.keys("Enter")
        pane.until("line 20")
        assert pane.settled(still=STEP_STILL).splitlines()[:23] == first.splitlines()[:23]  # the message below is gone
        pane.type(":q")
        pane.keys("Enter")
        pane.until("bash-", times=3)  # what is typed before the shell has the terminal again is vim's
        pane.type("exit")
        pane.keys("Enter")
        pane.until("ended")
