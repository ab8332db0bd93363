"""A Python package that filters the network and is not there ends the start in one line, and nothing is run."""

from __future__ import annotations

import pathlib
import shutil
import tempfile

import pytest
from sandbox import Sandbox, install_for_others


@pytest.mark.only("own")
@pytest.mark.parametrize(("module", "package"), [("dns", "dnspython"), ("h11", "h11"), ("hpack", "hpack")])
def test_it_is_said_before_the_start(sandbox: Sandbox, module: str, package: str) -> None:
    with tempfile.TemporaryDirectory(prefix="aigate-install-", dir="/opt") as place:
        command = install_for_others(pathlib.Path(place))
        shutil.rmtree(f"{place}/{module}")
        done = sandbox.execute([*command, "run", "--", "touch", "run"])
    first, hint = done.stderr.splitlines()[-2:]
    assert first == f"aigate: the network cannot be filtered: the Python package {package} is missing"
    assert hint.startswith("  hint: install aigate again")
    assert done.returncode != 0
    assert not (sandbox.project / "run").exists()
