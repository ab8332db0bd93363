"""The processes that belong to a run, found by the home that the test has made for it."""

from __future__ import annotations

import contextlib
import os
import pathlib
import time

from pseudo import PATIENCE


def processes(mark: str) -> dict[int, str]:
    """Return the processes with `mark` in their command line, environment or directory, and the children of these.

    bubblewrap and process 1 are given no variables, so they are known by their directory or by who started them.
    """
    found = {}
    for entry in sorted(pathlib.Path("/proc").glob("[0-9]*"), key=lambda entry: int(entry.name)):
        try:
            text = (entry / "cmdline").read_bytes() + b"\0"
            state, parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        place = ""
        with contextlib.suppress(OSError):  # an ordinary user may not look into a process in another user namespace
            text += (entry / "environ").read_bytes()
            place = os.readlink(entry / "cwd")
        if (mark.encode() in text or mark in place or int(parent) in found) and state != "Z":
            found[int(entry.name)] = text[:200].decode("utf-8", "replace")
    found.pop(os.getpid(), None)
    return found


def until_gone(mark: str, patience: float = PATIENCE) -> None:
    """Wait; gone is what is not seen twice in a row, for a process that is just in execve(2) has no command line."""
    until = time.monotonic() + patience
    while left := processes(mark) or (time.sleep(0.01), processes(mark))[1]:
        assert time.monotonic() < until, f"still there: {left}"
