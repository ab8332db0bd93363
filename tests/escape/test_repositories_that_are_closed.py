"""What git outside would run is taken out of a new repository also where an agent has closed its directories."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

EVIL = "git init -q closed; git -C closed config core.fsmonitor evil; echo evil > closed/.git/hooks/post-checkout; "
CLOSED = {
    "hooks that cannot be listed": "chmod 755 closed/.git/hooks/*; chmod 311 closed/.git/hooks",
    "a repository": "chmod 000 closed/.git",
    "the directory that it is in": "chmod 000 closed",
    "everything": "chmod 000 closed/.git/config; chmod 555 closed/.git/hooks; chmod 300 closed/.git; chmod 000 closed",
}


@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
def test_repositories_that_are_closed(sandbox: Sandbox, closed: str) -> None:
    done = sandbox.shell(EVIL + closed)
    sandbox.outside("chmod", "-R", "u+rwx", "closed")
    assert sandbox.outside("grep", "-rs", "evil", "closed").stdout == "", done.stderr
    assert sandbox.aigate("quarantine", "list").stdout.count("closed/.git/") >= 2
