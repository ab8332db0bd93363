"""A key shows what is masked on the screen, to who sits there and for once; nothing that a command prints does."""

from __future__ import annotations

import json

import pytest
from pseudo import Pseudo

TOKEN = "ghp_" + "aB3dE5fG7h" * 3 + "aB3dE5"
LINK = f"https://host.example/login?key={TOKEN}&next=1"
KEY, PAGE = b"\x1b[24;5~", b"any key goes back"
WAITING = "read word; echo got $word"


def at(sandbox, script: str, **variables: str) -> Pseudo:
    environment = {**sandbox.environment, "TERM": "xterm", "CI": "", **variables}
    argv = [*sandbox.prefix, "run", "--quiet", "--", "sh", "-c", script]
    return Pseudo(argv, cwd=sandbox.project, env=environment, **sandbox.identity())


def events(sandbox) -> list[str]:
    return [json.loads(line)["event"] for line in sandbox.path("~/.aigate/audit.jsonl").read_text().splitlines()]


def printing(text: str) -> str:
    return f"printf '{text}'; printf '\\nready '; {WAITING}"


@pytest.mark.parametrize("draws", ["", "\\033[?1049h\\033[H\\033[2J"])
def test_the_key_shows_the_whole_link_and_the_next_one_the_screen_again(sandbox, draws: str) -> None:
    with at(sandbox, printing(draws + LINK)) as terminal:
        assert TOKEN.encode() not in terminal.expect(b"ready ")
        terminal.send(KEY)
        terminal.expect(PAGE, LINK.encode())
        terminal.send(b"x")
        assert TOKEN.encode() not in terminal.expect(b"\x1b[")
        terminal.send(b"word\r")
        after = terminal.expect(b"got word")
        assert TOKEN.encode() not in after
        assert terminal.wait() == 0
    assert events(sandbox)[-2:] == ["revealed", "ended"]
    assert "  a masked text was shown once, by the user's key\n" in sandbox.aigate("log").stdout


def test_what_a_command_prints_or_makes_the_terminal_say_does_not(sandbox) -> None:
    """The key's bytes in the output, in an answer, in what is pasted."""
    with at(sandbox, "stty raw -echo; " + printing(f"{LINK}\\033[24;5~")) as terminal:
        terminal.expect(b"ready ")
        terminal.send(b"\x1b]52;c;" + KEY + b"\x1b\\" + b"\x1b[200~" + KEY + b"\x1b[201~" + b"\x1b[24;1R")
        terminal.send(b"\n")
        assert PAGE not in terminal.expect(b"got ")
        assert terminal.wait() == 0
    assert "revealed" not in events(sandbox)


def test_under_ci_the_key_is_the_commands(sandbox) -> None:
    with at(sandbox, "stty raw -echo; printf ready; dd bs=7 count=1 2>/dev/null | od -c", CI="true") as terminal:
        terminal.expect(b"ready")
        terminal.send(KEY)
        terminal.expect(b"5   ~")
        assert PAGE not in terminal.seen
        assert terminal.wait() == 0


def test_another_key_can_be_had(sandbox) -> None:
    config = sandbox.path("~/.aigate/config.yaml").read_text()
    sandbox.config(config.replace("reveal: ctrl-f12", "reveal: alt-m"))
    with at(sandbox, printing(LINK)) as terminal:
        terminal.expect(b"ready ")
        terminal.send(b"\x1bm")
        terminal.expect(PAGE, LINK.encode())
        terminal.send(b"x")
        terminal.expect(b"\x1b[?1049l")
        terminal.send(b"word\r")
        terminal.expect(b"got word")
        assert terminal.wait() == 0


def test_a_command_that_ends_meanwhile_leaves_the_screen_as_it_was(sandbox) -> None:
    with at(sandbox, f"printf '{LINK}\\nready '; until test -e go; do sleep 0.1; done; echo over") as terminal:
        terminal.expect(b"ready ")
        terminal.send(KEY)
        terminal.expect(PAGE)
        sandbox.write("go", "")
        terminal.expect(b"\x1b[?1049l", b"over")
        assert terminal.wait() == 0
