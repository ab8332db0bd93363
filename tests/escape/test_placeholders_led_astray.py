"""What aigate makes and removes for a run is not led elsewhere by links."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

from aigate.errors import EnforcementError
from aigate.host.placeholders import Placeholders

BACKENDS = ("bwrap", "unshare")


def test_a_link_where_placeholders_are_to_be_made(sandbox: Sandbox) -> None:
    """Put there between the policy and the start."""
    (sandbox.home / "victim").mkdir()
    (sandbox.home / "place").symlink_to(sandbox.home / "victim")
    with Placeholders(str(sandbox.home / ".aigate")) as placeholders:
        for path, directory in ((sandbox.home / "place/file", False), (sandbox.home / "place/more/directory", True)):
            with pytest.raises(EnforcementError, match="cannot be kept from appearing"):
                placeholders.create([(str(path), directory, b"")])
    assert not list((sandbox.home / "victim").iterdir())


def test_a_link_as_the_folder_of_a_placeholder(sandbox: Sandbox) -> None:
    outside = sandbox.home.parent / "outside"
    outside.mkdir(mode=0o777)
    outside.chmod(0o777)
    (sandbox.project / "x").symlink_to("../../outside")
    (sandbox.project / ".claude").symlink_to(sandbox.home / ".real")
    sandbox.write(".aigate.yaml", "deny_write: [x/nologin]\n")
    done = sandbox.shell("ls x; echo evil > .claude/settings.json")
    assert done.stdout == ""
    assert "settings.json" in done.stderr
    assert not (sandbox.home / ".real").exists()
