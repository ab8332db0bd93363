"""A project in memory (`/dev/shm`) is protected like any other; one below `/run` is refused by a line that says why."""

from __future__ import annotations

import os
import pathlib
import shutil
import tempfile
from collections.abc import Callable, Iterator

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


@pytest.fixture
def made(sandbox: Sandbox) -> Iterator[Callable[[str], pathlib.Path]]:
    """Give what makes a project of the user's own below a directory."""
    paths = []

    def make(place: str) -> pathlib.Path:
        path = pathlib.Path(tempfile.mkdtemp(prefix="aigate-project-", dir=place))
        paths.append(path)
        for name in (".env", ".envrc", "plain"):
            (path / name).write_text(f"of {name}\n")
        for item in (path, *path.iterdir()):
            os.chown(item, sandbox.uid, sandbox.gid)
        return path

    yield make
    for path in paths:
        shutil.rmtree(path)


def test_in_memory_what_is_denied_is_denied(sandbox: Sandbox, made: Callable[[str], pathlib.Path]) -> None:
    project = made("/dev/shm")
    script = "pwd; cat .env; echo x >.envrc; cat plain; echo new >plain; ls -A /dev/shm"
    done = sandbox.shell(script, cwd=project)
    assert done.stdout == f"{project}\nof plain\n{project.name}\n", done.stderr
    assert (project / ".envrc").read_text() == "of .envrc\n"
    assert (project / "plain").read_text() == "new\n"


@pytest.mark.only("root")
def test_below_run_there_is_none(sandbox: Sandbox, made: Callable[[str], pathlib.Path]) -> None:
    project = made("/run")
    done = sandbox.run("touch", "ran", cwd=project)
    assert f"aigate: {project} lies where a sandbox has something of its own\n" in done.stderr
    assert done.returncode == 1
    assert not (project / "ran").exists()
