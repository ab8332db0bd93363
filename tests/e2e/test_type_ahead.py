"""What is typed before the terminal has said where the cursor is: the command gets it, without the answer."""

from __future__ import annotations

import pytest
from pseudo import QUESTION, Pseudo

BACKENDS = ("bwrap", "unshare")


def start(sandbox, script: str, term: str = "xterm", **options) -> Pseudo:
    argv = [*sandbox.prefix, "run", "--quiet", "--", "sh", "-c", script]
    return Pseudo(argv, cwd=sandbox.project, env={**sandbox.environment, "TERM": term}, **options, **sandbox.identity())


@pytest.mark.parametrize("row", [0, 7])  # 0: a terminal that does not answer
def test_it_comes_to_the_command_whole_and_in_order(sandbox, row: int) -> None:
    with start(
        sandbox, r"stty -echo; printf '\033[Aready'; read one; read two; echo got $one $two", row=row
    ) as terminal:
        terminal.send(b"first\n")
        terminal.expect(b"ready")
        terminal.send(b"second\n")
        terminal.expect(b"got first second\r\n")
        assert terminal.wait() == 0
        assert b"[7;1R" not in terminal.seen.partition(b"got first")[0]  # later it may be too late to take it out


def test_a_terminal_that_would_print_the_question_is_not_asked(sandbox) -> None:
    with start(sandbox, r"printf '\033[Adone'", term="dumb", row=0) as terminal:
        assert terminal.wait() == 0
        assert QUESTION not in terminal.seen


def test_nobody_is_asked_before_a_program_draws(sandbox) -> None:
    with start(sandbox, "printf 'one\\n\\033[1mtwo\\033[m'") as terminal:
        assert terminal.wait() == 0
        assert terminal.seen.startswith(b"one")
        assert QUESTION not in terminal.seen


def test_nobody_is_asked_for_a_program_that_draws_and_ends(sandbox) -> None:
    """Its answer would come to the shell."""
    with start(sandbox, r"printf '\033[Adone'") as terminal:
        assert terminal.wait() == 0
        assert terminal.seen.endswith(b"done")


def test_what_the_command_asks_itself_is_answered_to_it(sandbox) -> None:
    script = r"stty raw -echo; printf '\033[6n\033[A'; dd bs=1 count=6 2>/dev/null | od -An -c; printf end"
    with start(sandbox, script, row=3) as terminal:
        terminal.expect(b"3", b";", b"1", b"R", b"end")


def test_what_it_asks_later_too(sandbox) -> None:
    script = r"stty raw -echo; printf '\033[A'; dd bs=1 count=1 2>/dev/null; printf '\033[6nready';"
    script += "dd bs=1 count=6 2>/dev/null | od -An -c; printf end"
    with start(sandbox, script, row=3) as terminal:
        terminal.expect(b"\x1b[A")
        terminal.until_asked()
        terminal.send(b"x")
        terminal.expect(b"ready")
        terminal.send(b"\x1b[9;9R")
        terminal.expect(b"9", b";", b"9", b"R", b"end")
