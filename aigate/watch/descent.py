"""What descends from a run's first process, and which namespaces it is in, proc(5).

Paths are taken from the working directory, the host's root. Whoever has ended meanwhile is left out.
"""

from __future__ import annotations

import os

from aigate.reading import read_from
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PROCESSES = 1 << 16


def below(processes: list[int]) -> Iterator[int]:
    """Yield processes and what descends from them."""
    pending = list(processes)
    for _ in range(MOST_PROCESSES):
        if not pending:
            return
        process = pending.pop()
        yield process
        pending += children(process)


def threads(processes: list[int]) -> Iterator[int]:
    """Yield the threads of processes and of what descends from them: each may have a mount namespace of its own."""
    for process in below(processes):
        try:
            yield from map(int, os.listdir(f"proc/{process}/task"))
        except OSError:
            continue


def children(process: int) -> list[int]:
    """Return the processes that a process, in any of its threads, has started."""
    found: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"proc/{process}/task"):
            with open(f"proc/{process}/task/{thread}/children", "rb") as file:
                found += map(int, read_from(file).split())
    return found


def namespace(process: int | str, kind: str) -> int:
    """Return the number of a process's namespace of a kind (`mnt`, `net`); 0 where it cannot be told."""
    try:
        return os.stat(f"proc/{process}/ns/{kind}").st_ino
    except OSError:
        return 0
