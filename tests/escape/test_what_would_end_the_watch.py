"""Nothing that an agent makes ends the watch: what is nested deep and may not be there is told, and it goes on."""

from __future__ import annotations

import pytest
from meanwhile import meanwhile
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
# 1400 directories in one another, each with a name of one letter, so that the path is short enough to be used.
DEEP = """
import os
place = os.open(".", os.O_RDONLY)
for name in ["x", *"d" * 1400]:
    os.mkdir(name, dir_fd=place)
    following = os.open(name, os.O_RDONLY, dir_fd=place)
    os.close(place)
    place = following
os.close(os.open("file", os.O_CREAT, dir_fd=place))
"""


@pytest.mark.everywhere
def test_directories_nested_deep(sandbox: Sandbox) -> None:
    sandbox.write(".env", "first\n")

    def save(_: object) -> None:
        sandbox.write("new", f"{SECRET}\n")
        sandbox.outside("mv", "new", ".env")

    try:
        told = meanwhile(
            sandbox,
            save,
            "cat .env",
            before=f"python3 -c '{DEEP}'; mv x .husky",
            until=(("moved", ".husky"), ("renewed", ".env")),
        )
    finally:
        sandbox.outside("rm", "-rf", ".husky", str(sandbox.home / ".aigate/quarantine"))
    assert SECRET not in told.stdout
    assert "Permission denied" in told.stderr
