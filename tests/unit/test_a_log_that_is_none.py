"""What stands in the audit log's place and is no file ends the run with one line, and never keeps it waiting."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from aigate.audit.log import AuditLog
from aigate.errors import EnforcementError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KINDS: dict[str, Callable[[str], object]] = {
    "fifo": os.mkfifo,
    "directory": os.mkdir,
    "link": lambda path: os.symlink("/dev/null", path),
    "dangling": lambda path: os.symlink("nothing", path),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("read", [False, True])
def test_it_is_refused(tmp_path: Path, kind: str, read: bool) -> None:
    path = tmp_path / "audit.jsonl"
    KINDS[kind](str(path))
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK) if read and kind == "fifo" else None
    with pytest.raises(EnforcementError, match=r"the audit log .* is (a link|not a regular file)") as caught:
        AuditLog(str(tmp_path))
    assert caught.value.hint == "move it away; aigate makes a new one"
    if reader is not None:
        os.close(reader)
