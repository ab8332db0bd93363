"""Which signals a run takes in its command's place. Pure, but for asking which of them this process ignores."""

from __future__ import annotations

from _signal import (  # type: ignore[import-not-found]
    SIG_IGN,
    SIGALRM,
    SIGCONT,
    SIGHUP,
    SIGINT,
    SIGQUIT,
    SIGTERM,
    SIGTSTP,
    SIGTTIN,
    SIGTTOU,
    SIGUSR1,
    SIGUSR2,
    SIGWINCH,
    getsignal,
)

ENDING = (SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGALRM)
CAUGHT = (*ENDING, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGWINCH, SIGUSR1, SIGUSR2)


def caught() -> tuple[int, ...]:
    """Return which of CAUGHT this process does not ignore.

    What a caller ignores (nohup; a script that starts something in the background) is ignored by the command as well:
    then nothing is passed on, and nobody ends a run for it.
    """
    return tuple(number for number in CAUGHT if getsignal(number) != SIG_IGN)
