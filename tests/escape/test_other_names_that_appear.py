"""What is hidden stays so when it gets another name during the run: by a link, a rename, or a run beside this one."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import pytest
from meanwhile import meanwhile
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
MANY, PAUSE = 200, 0.001  # links while a run begins, one each so many seconds


def save_as_emacs_does(sandbox: Sandbox) -> None:
    """The old version gets another name, and the new one is written anew; and is saved once more."""
    os.rename(sandbox.path(".env"), sandbox.path("env~"))
    sandbox.write(".env")


def link_from_a_run_beside(sandbox: Sandbox) -> None:
    sandbox.write("~/open.yaml", "deny_read: []\n", 0o600)
    done = sandbox.run("ln", ".env", "env~", options=("--quiet", "--config", str(sandbox.path("~/open.yaml"))))
    assert done.returncode == 0, done.stderr


WAYS: dict[str, Callable[[Sandbox], object]] = {
    "linked": lambda sandbox: os.link(sandbox.path(".env"), sandbox.path("env~")),
    "moved": lambda sandbox: os.rename(sandbox.path(".env"), sandbox.path("env~")),
    "saved": save_as_emacs_does,
    "by a run beside": link_from_a_run_beside,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_file(sandbox: Sandbox, way: str) -> None:
    sandbox.write(".env")
    script = "cat env~ .env; ls -d env~; echo end"
    told = meanwhile(sandbox, lambda _: WAYS[way](sandbox), script, until=(("linked", "env~"),))
    assert SECRET not in told.stdout
    assert told.stdout == "env~\nend\n"
    assert "env~: is another name of what is hidden" in told.stderr
    assert sandbox.path("env~").read_text() == f"{SECRET}\n"


def test_a_file_that_was_replaced_before(sandbox: Sandbox) -> None:
    """It is the new one that gets another name."""
    sandbox.write(".env", "old\n")

    def replace_and_link(_: object) -> None:
        os.replace(sandbox.write("new"), sandbox.path(".env"))

    before = (("renewed", ".env"), ("linked", "env~"))
    told = meanwhile(
        sandbox,
        lambda running: (replace_and_link(running), os.link(sandbox.path(".env"), sandbox.path("env~"))),
        "cat env~ .env",
        until=before,
    )
    assert SECRET not in told.stdout


def test_files_that_get_another_name_while_a_run_begins(sandbox: Sandbox) -> None:
    """Whenever it is: before the search, between that and the watch, and when the command has just been let go."""
    for number in range(MANY):
        sandbox.write(f"keys/{number}.pem")
    sandbox.write("names/mine", "mine\n")

    def give_names() -> None:
        for number in range(MANY):
            os.link(sandbox.path(f"keys/{number}.pem"), sandbox.path(f"names/{number}"))
            time.sleep(PAUSE)

    def wait_and_give_one(_: object) -> None:
        giving.join()
        os.link(sandbox.path(".env"), sandbox.path("env~"))

    sandbox.write(".env")
    giving = threading.Thread(target=give_names)
    giving.start()
    told = meanwhile(sandbox, wait_and_give_one, "cat names/*", until=(("linked", "env~"),))
    assert told.stdout == "mine\n"
    assert len([event for event in told.events if event[0] == "linked"]) > 1


def test_a_directory(sandbox: Sandbox) -> None:
    sandbox.write("secrets/key")
    act = lambda _: os.rename(sandbox.path("secrets"), sandbox.path("old"))  # noqa: E731
    told = meanwhile(sandbox, act, "cat old/key; ls -A old; echo end", until=(("linked", "old"),))
    assert told.stdout == "end\n"


def test_other_names_are_left_alone(sandbox: Sandbox) -> None:
    """Files that come while something happens to a hidden one, also those that get its number when it is gone."""
    sandbox.write(".env")

    def act(_: object) -> None:
        for number in range(20):
            os.replace(sandbox.write("new"), sandbox.path(".env"))
            sandbox.write(f"file{number}", "mine\n")
            sandbox.path(".env").chmod(0o600)
        sandbox.write("late.pem")

    told = meanwhile(sandbox, act, "cat file*", until=(("late", "late.pem"),))
    assert told.stdout == "mine\n" * 20
    assert not [event for event in told.events if event[0] == "linked"]


@pytest.mark.everywhere
@pytest.mark.parametrize(
    ("act", "name"),
    [
        ("ln conf/secrets/deep/key plain", "plain"),
        ("mv conf/secrets/deep/key plain", "plain"),
        ("mv conf/secrets/deep plain", "plain"),
        ("cp -al conf/. plain", "plain/secrets/deep/key"),
    ],
)
def test_what_is_in_a_hidden_directory(sandbox: Sandbox, act: str, name: str) -> None:
    sandbox.write("conf/secrets/deep/key")
    told = meanwhile(
        sandbox,
        lambda _: sandbox.outside("sh", "-c", act),
        "find plain -type f -exec cat {} +; echo end",
        until=(("linked", name),),
    )
    assert told.stdout == "end\n", told.stderr
    assert "is another name of what is hidden" in told.stderr


@pytest.mark.everywhere
def test_what_is_in_a_directory_that_is_read_only(sandbox: Sandbox) -> None:
    hook = sandbox.write(".git/hooks/post-checkout", "#!/bin/sh\n", 0o755)
    told = meanwhile(
        sandbox,
        lambda _: sandbox.outside("ln", str(hook), "copy"),
        "echo evil >> copy",
        until=(("twin", "copy"),),
    )
    assert "Read-only file system" in told.stderr
    assert hook.read_text() == "#!/bin/sh\n"
