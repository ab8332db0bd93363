"""What commands write on their standard streams. Owns what happens when that fails, and no text."""

from __future__ import annotations

import os

from aigate.errors import AigateError

STDOUT, STDERR = 1, 2


def say(text: str) -> None:
    """Write on standard error, as well as it goes: where nobody can be told, nothing can be said about that either."""
    try:
        _write(STDERR, text)
    except OSError:
        return


def show(text: str) -> None:
    """Write on standard output. Raises BrokenPipeError when the reader has gone, else AigateError when it fails."""
    try:
        _write(STDOUT, text)
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


def _write(descriptor: int, text: str) -> None:
    view = memoryview(text.encode("utf-8", "backslashreplace"))
    while view:
        view = view[os.write(descriptor, view) :]
