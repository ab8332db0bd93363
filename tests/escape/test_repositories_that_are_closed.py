"""What git outside would run is taken out of a new repository also where an agent has closed its directories."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

EVIL = "git init -q sub; git -C sub config core.fsmonitor evil; echo evil > sub/.git/hooks/post-checkout; "
CLOSED = {
    "hooks that cannot be listed": "chmod 755 sub/.git/hooks/*; chmod 311 sub/.git/hooks",
    "a repository": "chmod 000 sub/.git",
    "the directory that it is in": "chmod 000 sub",
    "everything": "chmod 000 sub/.git/config; chmod 555 sub/.git/hooks; chmod 300 sub/.git; chmod 000 sub",
}


@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
def test_repositories_that_are_closed(sandbox: Sandbox, closed: str) -> None:
    done = sandbox.shell(EVIL + closed)
    sandbox.outside("chmod", "-R", "u+rwx", "sub")
    assert sandbox.outside("grep", "-rs", "evil", "sub").stdout == "", done.stderr
    assert sandbox.aigate("quarantine", "list").stdout.count("sub/.git/") >= 2
