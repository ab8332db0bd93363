"""Several files at once, by threads: the masker holds no lock of Python's. Owns who does which, and their order."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    Item = TypeVar("Item")
    Result = TypeVar("Result")

AHEAD = 2  # results for each thread that may wait for an earlier one
SHARE = 4  # batches for each thread before they grow


def batches(items: Iterable[Item], most: int, threads: int) -> Iterator[list[Item]]:
    """Yield items in batches of up to so many: small ones first, since few items are to be shared by all threads."""
    batch: list[Item] = []
    for number, item in enumerate(items):
        batch.append(item)
        if len(batch) >= min(most, 1 + number // (SHARE * threads)):
            yield batch
            batch = []
    if batch:
        yield batch


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
