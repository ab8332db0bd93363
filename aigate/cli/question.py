"""A question on the terminal. Owns that only what was typed after it was shown is an answer."""

from __future__ import annotations

import os

from aigate.cli.output import say


def can_be_asked() -> bool:
    """Tell whether someone sits at a terminal who reads a question and can answer."""
    return os.isatty(0) and os.isatty(2)


def agreed(question: str) -> bool:
    """Ask, and tell whether the answer is yes."""
    return answer(f"{question} [y/N]").lower() in ("y", "yes")


def answer(question: str) -> str:
    """Ask, and return what is answered. Whatever was typed before is thrown away."""
    from termios import TCIFLUSH, tcflush

    tcflush(0, TCIFLUSH)  # before the question is shown: after it, a quick answer would be lost
    say(f"{question} ")
    return os.read(0, 1024).decode("utf-8", "replace").strip()
