"""A search that takes long says where it is and what to do about it, now and then, and on one line."""

from __future__ import annotations

from sandbox import Sandbox, python_with_aigate

from aigate.cli.searching import words

SLOW = """
from aigate.policy import walk
walk.PATIENCE = 1e-6
from aigate.cli import main
raise SystemExit(main([*WORDS, "--", "true"]))
"""


def test_first_with_a_hint_and_then_every_ten_seconds() -> None:
    assert words(0, "/p", 1234567).startswith(
        "aigate: looking for what is denied, 1,234,567 files so far, now in /p\n  hint"
    )
    assert [second for second in range(1, 31) if words(second, "/p", 1)] == [10, 20, 30]
    assert "hint" not in words(10, "/p", 1)


def test_a_name_with_line_ends_stays_on_the_line() -> None:
    assert words(10, "/a\n\x1b[2K", 1).count("\n") == 1
    assert "\x1b" not in words(10, "/a\n\x1b[2K", 1)


def test_run_says_it_unless_quiet(sandbox: Sandbox) -> None:
    for number in range(200):
        sandbox.write(f"{number}/file")
    start = python_with_aigate(sandbox.prefix)
    for option, said in (("-v", True), ("-q", False)):
        done = sandbox.outside(*start, "-c", SLOW.replace("WORDS", repr(["run", option])))
        assert done.returncode == 0, done.stderr
        assert ("looking for what is denied" in done.stderr) is said
