"""Two runs that both find out what layers this machine offers do not get into each other's way."""

from __future__ import annotations

import os
import pathlib
import threading

from aigate.layers.probe import _remember


def test_both_remember_it(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "tried"
    failed: list[BaseException] = []

    def remember() -> None:
        try:
            for _ in range(300):
                _remember(str(path), b"what is known\nD")
        except BaseException as error:  # noqa: BLE001 -- told below
            failed.append(error)

    threads = [threading.Thread(target=remember) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert path.read_bytes() == b"what is known\nD"
    assert os.listdir(tmp_path) in (["tried"], ["tried.new", "tried"], ["tried", "tried.new"])
