"""What stands in the place of a file that aigate keeps for itself is never waited for, nor read without end."""

from __future__ import annotations

import os
import pathlib
import shutil
from collections.abc import Callable

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
THINGS: dict[str, Callable[[pathlib.Path], object]] = {
    "fifo": os.mkfifo,
    "directory": os.mkdir,
    "endless": lambda path: os.symlink("/dev/zero", path),
    "loop": lambda path: os.symlink(path.name, path),
    "garbage": lambda path: path.write_bytes(b"\xff\0{["),
}
# Which file, and what becomes of a run: None where it can do without.
FILES = {
    "layers/tried": None,
    "network": None,
    "git/record": "what is to be taken back cannot be read",
    "audit.head": "audit.head is ",
    "layers/{layer}/lock": "/lock cannot be locked: ",
}
HARMLESS = {("layers/{layer}/lock", "fifo"), ("layers/{layer}/lock", "garbage"), ("audit.head", "garbage")}


@pytest.mark.spread("file")
@pytest.mark.parametrize("file", FILES)
def test_one_line_or_none(sandbox: Sandbox, file: str) -> None:
    assert sandbox.run("true").returncode == 0
    state = sandbox.home / ".aigate"
    path = state / file.format(layer=next(path.name for path in (state / "layers").iterdir() if path.is_dir()))
    path.parent.mkdir(exist_ok=True)
    os.chown(path.parent, sandbox.uid, sandbox.gid)
    for name, make in THINGS.items():
        path.unlink(missing_ok=True)
        make(path)
        os.chown(path, sandbox.uid, sandbox.gid, follow_symlinks=False)
        done = sandbox.run("sh", "-c", "exit 7", timeout=60)
        said, missed = FILES[file], (file, name) not in HARMLESS
        assert [line for line in done.stderr.splitlines() if "mistake" in line or "LOG_LEVEL" in line] == [], name
        assert (said or "") in done.stderr or not missed, (name, done.stderr)
        assert done.returncode == (1 if said and missed and file != "git/record" else 7), (name, done.stderr)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
