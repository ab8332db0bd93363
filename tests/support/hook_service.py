"""The service behind the hooks of a test's home: found by its command line, and ended."""

from __future__ import annotations

import contextlib
import os
import pathlib
import select
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox import Sandbox


def end(sandbox: Sandbox) -> None:
    """End the service, and wait until it is gone: its user is to be removed."""
    for process in services(sandbox):
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(process)
            os.kill(process, signal.SIGKILL)
            select.select([descriptor], [], [], 60)
            os.close(descriptor)


def services(sandbox: Sandbox) -> list[int]:
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if b"serve" in words and any(str(sandbox.home).encode() in word for word in words):
                found.append(int(entry.name))
    return found
