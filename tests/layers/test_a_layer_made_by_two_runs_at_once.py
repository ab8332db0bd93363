"""Two first runs in one project make its layer together: the one that is later finds what the other has made."""

from __future__ import annotations

import os
import pathlib

import pytest

from aigate.errors import EnforcementError
from aigate.layers import place
from aigate.layers.place import HOME, Layer


def test_another_run_is_quicker_by_a_moment(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Layer(str(tmp_path / "layer"), str(tmp_path))
    made, mkdir = [], os.mkdir

    def quicker(path: str, mode: int = 0o777) -> None:
        if path == layer.upper(HOME):
            made.append(path)
            mkdir(path, 0o750)
        mkdir(path, mode)

    monkeypatch.setattr(place.os, "mkdir", quicker)
    place.make(layer, {HOME: str(tmp_path)})
    assert made == [layer.upper(HOME)]
    assert os.stat(layer.upper(HOME)).st_mode & 0o777 == 0o750, "it is the other run's to say"


def test_a_file_in_its_place_is_told(tmp_path: pathlib.Path) -> None:
    layer = Layer(str(tmp_path / "layer"), str(tmp_path))
    place.make(layer, {HOME: str(tmp_path)})
    os.rmdir(layer.upper(HOME))
    pathlib.Path(layer.upper(HOME)).touch()
    with pytest.raises(EnforcementError, match="upper cannot be made: File exists"):
        place.make(layer, {HOME: str(tmp_path)})
