"""Which directories of one in which something is mounted get layers of their own."""

from __future__ import annotations

import pathlib

from aigate.layers.pieces import pieces_of
from aigate.policy.model import Pieces


def test_the_root_comes_to_an_end() -> None:
    """Everything is mounted below `/`, and above it is nothing but itself."""
    found = pieces_of("/", ["/", "/proc", "/aigate-none/deep/mount"], ["/root/.aigate"])
    assert found is None or found.copied == ("/", "/aigate-none", "/aigate-none/deep")


def test_a_mount_deep_in_it(tmp_path: pathlib.Path) -> None:
    for name in ("a/b/mount", "a/other", "c"):
        (tmp_path / name).mkdir(parents=True)
    top = str(tmp_path)
    found = pieces_of(top, [f"{top}/a/b/mount", "/", top, "/elsewhere"], [])
    assert found == Pieces((top, f"{top}/a", f"{top}/a/b"), (f"{top}/a/b/mount", f"{top}/a/other", f"{top}/c"))


def test_nothing_mounted_needs_no_pieces(tmp_path: pathlib.Path) -> None:
    assert pieces_of(str(tmp_path), ["/", str(tmp_path), f"{tmp_path}x/y"], []) == Pieces()
