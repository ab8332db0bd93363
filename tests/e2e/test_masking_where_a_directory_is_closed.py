"""A directory that cannot be read is named where files are masked, and the rest is looked at."""

from __future__ import annotations

import pytest
from sandbox import Sandbox


@pytest.mark.only("user")  # root reads every directory
def test_masking_where_a_directory_is_closed(sandbox: Sandbox) -> None:
    sandbox.write("closed/file").parent.chmod(0)
    sandbox.write("open", "nothing in it\n")
    done = sandbox.aigate("mask", "--check", ".")
    sandbox.path("closed").chmod(0o700)
    assert done.returncode == 4, done.stderr
    assert "closed: left alone, it cannot be read" in done.stderr
