"""Who has never seen aigate gets to a running command by one question; where nobody can answer, nothing is written."""

from __future__ import annotations

import shlex

import pytest
from pane import Pane
from sandbox import Sandbox


def config(sandbox: Sandbox) -> bool:
    return sandbox.path("~/.aigate/config.yaml").exists()


@pytest.mark.only("own")
@pytest.mark.parametrize(("key", "shown", "written"), [("y", "aigate: wrote ", True), ("n", "aigate init", False)])
def test_it_is_offered(sandbox: Sandbox, key: str, shown: str, written: bool) -> None:
    sandbox.path("~/.aigate/config.yaml").unlink()
    command = shlex.join([*sandbox.prefix, "run", "--", "echo", "it", "works"])
    with Pane(command, cwd=str(sandbox.project), env=sandbox.environment) as pane:
        pane.until("there is no config yet. Write one that suits most projects? [y/N]")
        pane.type(key)
        pane.keys("Enter")
        screen = pane.until("ended")
    assert shown in screen
    assert config(sandbox) == written
    assert ("\nit works\n" in screen, "ended 0" in screen) == (written, written)


def test_nothing_is_written_where_nobody_can_answer(sandbox: Sandbox) -> None:
    sandbox.path("~/.aigate/config.yaml").unlink()
    done = sandbox.run("true", options=())
    assert (done.returncode, config(sandbox)) == (1, False)
    assert "hint: create one: aigate init" in done.stderr


def test_a_config_that_was_named_is_not_made(sandbox: Sandbox) -> None:
    done = sandbox.run("true", options=("--config", "none.yaml"))
    assert done.returncode == 1
    assert "none.yaml" in done.stderr
