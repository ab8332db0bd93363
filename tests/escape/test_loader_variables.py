"""Variables of the dynamic loader that lead to libraries which an agent has built in the project."""

from __future__ import annotations

import pytest
from planted import Planted
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
LIBRARIES = ("libre2.so.9", "libz.so.1")  # of the masker, and of Python


@pytest.mark.parametrize("variable", ["LD_PRELOAD", "LD_AUDIT"])
def test_a_preloaded_library_is_not_loaded(sandbox: Sandbox, variable: str) -> None:
    planted = Planted(sandbox)
    sandbox.extra[variable] = str(planted.library("build/planted.so"))
    assert not planted.runs_at_next_start()


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_path_is_not_searched(sandbox: Sandbox, name: str) -> None:
    planted = Planted(sandbox)
    planted.library_like(f"lib/{name}")
    sandbox.extra["LD_LIBRARY_PATH"] = str(sandbox.project / "lib")
    assert not planted.runs_at_next_start()


def test_bubblewrap_loads_nothing_of_the_project_and_the_command_may(sandbox: Sandbox) -> None:
    planted = Planted(sandbox)
    planted.library_like("lib/libcap.so.2")  # bubblewrap's, before the mounts are locked
    planted.library_like("lib/libselinux.so.1")  # ls's
    sandbox.extra["LD_LIBRARY_PATH"] = str(sandbox.project / "lib")
    assert sandbox.run("/bin/ls").returncode == 0
    assert planted.loaded_by() == {"ls"}
