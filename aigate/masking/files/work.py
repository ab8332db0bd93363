"""Several files at once, by threads: the masker holds no lock of Python's. Owns who does which, and their order."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    Item = TypeVar("Item")
    Result = TypeVar("Result")

AHEAD = 2  # results for each thread that may wait for an earlier one


def in_order(items: Iterable[Item], do: Callable[[Item], Result], threads: int) -> Iterator[Result]:
    """Yield do(item) for each, in their order, doing so many at once. What one raises is raised in its turn."""
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
