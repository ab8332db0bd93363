"""A question on the terminal. Owns that only what was typed after it was shown is an answer."""

from __future__ import annotations

import os

from aigate.cli.output import say


def can_be_asked() -> bool:
    """Tell whether someone sits at a terminal who reads a question and can answer."""
    return os.isatty(0) and os.isatty(2)


def agreed(question: str) -> bool:
    """Ask, and tell whether the answer is yes. Whatever was typed before is thrown away."""
    from termios import TCIFLUSH, tcflush

    tcflush(0, TCIFLUSH)  # before the question is shown: after it, a quick answer would be lost
    say(f"{question} [y/N] ")
    return os.read(0, 1024).strip().lower() in (b"y", b"yes")
