"""A path of any length takes a line that can be read, and nothing that a terminal would obey."""

from __future__ import annotations

from aigate.watch.model import Notice, WatchReport
from aigate.watch.notices import summary, unwatched


def test_a_directory_that_is_nested_three_thousand_deep() -> None:
    said = unwatched(1, "/home/me/shop" + "/d" * 3000)
    assert said.endswith("/d/d/d/d")
    assert "/home/me/shop/d/d" in said
    assert "..." in said
    assert len(said) < 300


def test_names_of_what_happened() -> None:
    (said,) = summary(WatchReport((Notice("late", "/p/" + "x\n" * 3000),)), "/p")
    assert len(said) < 300
    assert said.isprintable()


def test_a_path_that_is_too_long_is_not_told_as_a_want_of_watches() -> None:
    assert "longer than the kernel takes" in unwatched(2, "/home/me/shop" + "/dd" * 1400)
    assert "max_user_watches" in unwatched(2, "/home/me/shop")
