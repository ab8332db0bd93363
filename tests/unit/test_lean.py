"""What a bundle keeps of the package's code does the same, without what only people read."""

from __future__ import annotations

import types

import pytest

from aigate import lean

SOURCE = b'''"""A module."""
from __future__ import annotations

LIMIT: int = 3


class Told:
    """A class."""


class Kept:
    """A class."""

    name: str
    size: int = 4

    def method(self, first: int, *rest: str, last: bool = True, **more: object) -> str:
        """Tell something."""
        return "tell"


async def later(value: int) -> int:
    """Wait."""
    return value


def silent():
    "Only this."


def raises(text: str) -> None:
    "A text that is one of the function's, too."
    raise ValueError("A text that is one of the function's, too.")
'''


def made() -> dict[str, object]:
    names: dict[str, object] = {"__name__": "made"}
    exec(lean.compiled(SOURCE, "made.py"), names)  # noqa: S102
    return names


def test_docstrings_and_what_functions_say_of_types_are_left_out() -> None:
    names = made()
    assert names.get("__doc__") is None
    kept = names["Kept"]
    assert isinstance(kept, type)
    assert kept.__doc__ is None
    for function in (kept.__dict__["method"], names["later"], names["silent"], names["raises"]):
        assert isinstance(function, types.FunctionType)
        assert (function.__doc__, function.__annotations__) == (None, {})


def test_everything_else_is_as_it_was() -> None:
    names = made()
    kept, raises, silent = names["Kept"], names["raises"], names["silent"]
    assert isinstance(kept, type)
    assert kept.__annotations__ == {"name": "str", "size": "int"}
    assert kept().method(1, "a", last=False, x=2) == "tell"
    assert names["LIMIT"] == 3
    assert isinstance(names["Told"], type)
    assert isinstance(silent, types.FunctionType)
    assert silent() is None
    assert isinstance(raises, types.FunctionType)
    with pytest.raises(ValueError, match="A text") as caught:
        raises("x")
    assert SOURCE.splitlines()[caught.traceback[-1].lineno].startswith(b"    raise ValueError")
