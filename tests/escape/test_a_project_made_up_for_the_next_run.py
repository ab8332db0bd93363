"""Where a project begins and what its config says is not for the agent to change."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.mark.parametrize("bait", ["mkdir sub/.git", "echo '{}' > sub/.aigate.yaml"])
def test_a_project_root_made_up_for_the_next_run(sandbox: Sandbox, bait: str) -> None:
    sandbox.write(".env")
    sandbox.write("sub/file")
    sandbox.shell(bait)
    done = sandbox.run("cat", "../.env", cwd=sandbox.project / "sub")
    assert done.stderr == "cat: ../.env: Permission denied\n"


def test_a_project_config_for_the_next_run(sandbox: Sandbox) -> None:
    done = sandbox.shell("echo 'allow_net: [evil.example]' > .aigate.yaml; rm -f .aigate.yaml; mv .aigate.yaml x")
    assert done.returncode != 0
    assert not (sandbox.project / ".aigate.yaml").exists()
