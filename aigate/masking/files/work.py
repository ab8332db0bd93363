"""Several files at once, by threads: the masker holds no lock of Python's. Owns who does which, and their order."""

from __future__ import annotations

import contextlib
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    Item = TypeVar("Item")
    Result = TypeVar("Result")

AHEAD = 2  # results for each thread that may wait for an earlier one
WAITING = 16  # threads for each one at work, where they wait for the disk: it is quicker for many at once


class Turns:
    """Lets so many be at work at once, of more who may wait for the disk."""

    def __init__(self, number: int) -> None:
        """Begin with nobody at work."""
        self.free = threading.Semaphore(number)

    def __enter__(self) -> None:
        """Wait until one more may work."""
        self.free.acquire()

    def __exit__(self, *_: object) -> None:
        """Let another one work."""
        self.free.release()

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Let another one work while this one waits for the disk."""
        self.free.release()
        try:
            yield
        finally:
            self.free.acquire()


def in_order(items: Iterable[Item], do: Callable[[Item], Result], threads: int) -> Iterator[Result]:
    """Yield do(item) for each, in their order, doing so many at once. What one raises is raised in its turn."""
    threads = _had(threads) if threads > 1 else 1
    if threads <= 1:
        yield from map(do, items)
        return
    from collections import deque
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[object] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(do, item))
                if len(waiting) >= AHEAD * threads:
                    yield waiting.popleft().result()  # type: ignore[attr-defined]
            while waiting:
                yield waiting.popleft().result()  # type: ignore[attr-defined]
        finally:
            for future in waiting:
                future.cancel()  # type: ignore[attr-defined]


def _had(threads: int) -> int:
    """Return how many threads can be had at once, of so many: a limit or a lack of memory may allow fewer, or none."""
    from threading import Event, Thread

    over, started = Event(), []
    for _ in range(threads):
        thread = Thread(target=over.wait, daemon=True)
        try:
            thread.start()
        except (RuntimeError, MemoryError):
            break
        started.append(thread)
    over.set()
    for thread in started:
        thread.join()
    return len(started)
