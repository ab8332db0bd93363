"""`suppress`: does what contextlib's does. Importing that, with collections and functools behind it, takes 2 ms."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class suppress:  # noqa: N801 -- the name that everybody knows
    """A context in which the given errors are taken for done."""

    def __init__(self, *errors: type[BaseException]) -> None:
        self._errors = errors

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, self._errors)
