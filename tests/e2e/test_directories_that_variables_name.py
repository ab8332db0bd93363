"""A directory that a variable names and that the sandbox has something else in place of is there inside, empty."""

from __future__ import annotations

import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
TOLD = 'for path in "$@"; do stat -c "%a %u" "$path"; ls -A "$path"; touch "$path/made" && echo written; done'


@pytest.fixture
def outside(sandbox: Sandbox) -> Iterator[pathlib.Path]:
    """Give a directory of the user's own, with something in it, that is not there inside."""
    made = pathlib.Path(tempfile.mkdtemp(prefix="aigate-variable-", dir="/tmp"))
    (made / "deeper").mkdir()
    (made / "file").write_text("of the host's\n")
    for path in (made, *made.iterdir()):
        os.chown(path, sandbox.uid, sandbox.gid)
    yield made
    shutil.rmtree(made)


def test_it_can_be_written_to(sandbox: Sandbox, outside: pathlib.Path) -> None:
    paths = [str(outside), f"{outside}/deeper"]
    sandbox.extra.update(TMUX_TMPDIR=paths[0], GOTMPDIR=f"{paths[1]}//", GNUPGHOME=f"/{paths[1]}")
    done = sandbox.shell(TOLD, paths[1], paths[0])
    assert done.stdout == f"700 {sandbox.uid}\nwritten\n700 {sandbox.uid}\ndeeper\nwritten\n", done.stderr
    assert sorted(path.name for path in outside.iterdir()) == ["deeper", "file"]


def test_slashes_that_mean_nothing_lead_nowhere_else(sandbox: Sandbox, outside: pathlib.Path) -> None:
    """`//tmp//x`: scripts join paths so, and mktemp failed."""
    sandbox.extra.update(TMPDIR=f"/{outside}", TMP=f"//tmp//{outside.name}/")
    done = sandbox.shell('echo "$TMPDIR $TMP" && test -f "$(mktemp)"')
    assert (done.returncode, done.stdout) == (0, "/tmp /tmp\n"), done.stderr


def test_what_is_no_directory_there_is_none_inside(sandbox: Sandbox, outside: pathlib.Path) -> None:
    values = {"A": f"{outside}/file", "B": f"{outside}/none", "C": f"{outside}/deeper/../deeper", "D": f"{outside}:/x"}
    sandbox.extra.update(values)
    done = sandbox.shell('ls -d "$@"; env | grep "^[ABCD]="', str(outside))
    assert sorted(done.stdout.split()) == [f"{name}={value}" for name, value in values.items()]


def test_below_run_nobody_makes_any(sandbox: Sandbox) -> None:
    """`/run/user/1000`, say: programs do without, as they do without XDG_RUNTIME_DIR."""
    assert os.path.isdir("/run/lock"), "the Filesystem Hierarchy Standard has it"
    sandbox.extra.update(TMUX_TMPDIR="/run/lock", PLAIN="/run/lock/none")
    assert sandbox.shell('echo "$TMUX_TMPDIR $PLAIN"').stdout == " /run/lock/none\n"
