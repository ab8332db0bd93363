"""What may not appear is moved away also where its maker has closed it, or the directory that it lies in."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
CLOSED = {
    "itself": "mkdir .husky; echo evil > .husky/pre-commit; chmod 555 .husky",
    "so that nobody sees what is in it": "mkdir .husky; echo evil > .husky/pre-commit; chmod 000 .husky",
    "the directory around it": "mkdir -p sub/.husky; echo evil > sub/.husky/pre-commit; chmod 555 sub sub/.husky",
    "a directory around that": "mkdir -p a/b/.husky; echo evil > a/b/.husky/x; chmod 555 a/b/.husky a/b; chmod 000 a",
    "before it has its name": "mkdir n; echo evil > n/pre-commit; chmod 555 n; mv n .husky",
    "of a file": "mkdir sub; echo evil > sub/.envrc; chmod 000 sub/.envrc; chmod 555 sub",
}


@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
def test_what_may_not_appear_and_is_closed(sandbox: Sandbox, closed: str) -> None:
    done = sandbox.shell(closed)
    found = sandbox.outside("find", ".", "-name", ".husky", "-o", "-name", ".envrc").stdout
    sandbox.outside("chmod", "-R", "u+rwx", ".")
    assert sandbox.outside("find", ".", "-name", ".husky", "-o", "-name", ".envrc").stdout == "", done.stderr + found
    kept = sandbox.aigate("quarantine", "list").stdout
    assert ".husky" in kept or ".envrc" in kept
    assert sandbox.aigate("quarantine", "drop", kept.split()[0]).returncode == 0
