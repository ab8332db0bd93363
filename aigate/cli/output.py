"""What commands write on their standard streams. Owns what happens when that fails, and no text."""

from __future__ import annotations

import os
import time
from select import select

from aigate.errors import AigateError

STDOUT, STDERR = 1, 2
ATTEMPTS, PAUSE_SECONDS = 5, 0.01
PATIENCE_SECONDS = 5.0  # with a reader that takes nothing


def say(text: str) -> None:
    """Write on standard error, as well as it goes: where nobody can be told, nothing can be said about that either.

    What fails may do so for a moment, and this is often the last word: it is tried again.
    """
    view = memoryview(text.encode("utf-8", "backslashreplace"))
    for _ in range(ATTEMPTS):
        try:
            view = _written(STDERR, view)
        except BrokenPipeError:
            return
        except OSError:
            time.sleep(PAUSE_SECONDS)
        if not view:
            return


def show(text: str) -> None:
    """Write on standard output. Raises BrokenPipeError when the reader has gone, else AigateError when it fails."""
    view = memoryview(text.encode("utf-8", "backslashreplace"))
    try:
        while view:
            view = _written(STDOUT, view)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AigateError(f"cannot write the output: {error.strerror}") from None


def check_open() -> None:
    """Raise AigateError where standard output is closed, before something else that is opened gets its number."""
    try:
        os.fstat(STDOUT)
    except OSError:
        raise AigateError("cannot write the output: standard output is closed") from None


def _written(descriptor: int, view: memoryview) -> memoryview:
    """Write some of it and return the rest. A reader is waited for where whoever shares the descriptor never waits."""
    try:
        return view[os.write(descriptor, view) :]
    except BlockingIOError:
        select([], [descriptor], [], PATIENCE_SECONDS)
        return view[os.write(descriptor, view) :]
