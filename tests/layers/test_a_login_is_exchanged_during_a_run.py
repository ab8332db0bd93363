"""While a run lasts, a login that is made or refreshed on one side is there on the other; no run loses another's."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import pytest
from meanwhile import meanwhile, wait_until
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
CLAUDE = ("--quiet", "--profile", "claude")
FILE = "~/.claude/.credentials.json"
IN = (("login", FILE),)


def text(token: int, **others: object) -> str:
    return json.dumps({"claudeAiOauth": {"token": token}, **others})


def saving(token: int, **others: object) -> str:
    """Return a script that saves the file as agents do: by rename."""
    return f"cd ~/.claude && echo '{text(token, **others)}' > new && mv new .credentials.json; cd - > /dev/null\n"


def save(sandbox: Sandbox, token: int, **others: object) -> None:
    os.replace(sandbox.write("~/.claude/new", text(token, **others), 0o600), sandbox.path(FILE))


def token(sandbox: Sandbox) -> object:
    path = sandbox.path(FILE)
    return json.loads(path.read_text())["claudeAiOauth"]["token"] if path.exists() else None


def test_one_that_is_refreshed_inside_is_there_outside_at_once(sandbox: Sandbox) -> None:
    save(sandbox, 1, mine=1)
    told = meanwhile(
        sandbox, lambda _: wait_until(lambda: token(sandbox) == 2), ":", before=saving(2, evil=1), options=CLAUDE
    )
    assert told.stderr == ""
    assert json.loads(sandbox.path(FILE).read_text()) == {"claudeAiOauth": {"token": 2}, "mine": 1}
    assert sandbox.path(FILE).stat().st_mode & 0o777 == 0o600


def test_the_first_one_that_is_made_inside_is_there_outside_at_once(sandbox: Sandbox) -> None:
    sandbox.outside("mkdir", "-p", str(sandbox.path("~/.claude")))
    meanwhile(sandbox, lambda _: wait_until(lambda: token(sandbox) == 2), ":", before=saving(2), options=CLAUDE)
    assert sandbox.path(FILE).stat().st_mode & 0o777 == 0o600
    assert sandbox.path(FILE).owner() == sandbox.home.owner()


@pytest.mark.parametrize("first", [True, False])
def test_one_that_is_refreshed_outside_is_there_inside(sandbox: Sandbox, first: bool) -> None:
    """Also where it is the first, and where the agent has read the old one."""
    sandbox.outside("mkdir", "-p", str(sandbox.path("~/.claude")))
    if not first:
        save(sandbox, 1)
    look = f"cat {FILE}"
    told = meanwhile(sandbox, lambda _: save(sandbox, 3), look, before=f"{look} 2> /dev/null", until=IN, options=CLAUDE)
    assert told.stdout.endswith(json.dumps(json.loads(text(3)), indent=2) + "\n")
    assert token(sandbox) == 3


def test_both_in_turn(sandbox: Sandbox) -> None:
    save(sandbox, 1)

    def refresh(_: object) -> None:
        wait_until(lambda: token(sandbox) == 2)
        save(sandbox, 3)

    told = meanwhile(
        sandbox, refresh, f"until grep 3 {FILE}; do sleep 0.02; done; {saving(4)}", before=saving(2), options=CLAUDE
    )
    assert told.returncode == 0
    assert token(sandbox) == 4


@pytest.mark.parametrize("elsewhere", [True, False], ids=["of another project", "of the same project"])
def test_runs_side_by_side(sandbox: Sandbox, elsewhere: bool) -> None:
    """What one run refreshes reaches the other, and what that one does then is not lost."""
    save(sandbox, 1)
    other = sandbox.home / "other" if elsewhere else sandbox.project
    sandbox.outside("mkdir", "-p", str(other))
    script = f"echo ready; until grep -q 2 {FILE}; do sleep 0.02; done; {saving(3)}"
    second = subprocess.Popen(
        [*sandbox.prefix, "run", *CLAUDE, "--", "sh", "-c", script],
        cwd=other, env=sandbox.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        **sandbox.identity(),
    )  # fmt: skip
    with second:
        assert second.stdout
        assert second.stdout.readline() == "ready\n"
        done = sandbox.run("sh", "-c", f"{saving(2)}until grep -q 3 {FILE}; do sleep 0.02; done", options=CLAUDE)
        second.communicate(timeout=60)
    assert (done.returncode, second.returncode) == (0, 0)
    assert token(sandbox) == 3


def test_aigate_is_killed(sandbox: Sandbox) -> None:
    """Which takes nothing back that was exchanged, and what was saved last comes out all the same."""
    save(sandbox, 1)

    def kill(running: subprocess.Popen[str]) -> None:
        running.kill()
        running.wait(60)

    meanwhile(sandbox, kill, ":", before=saving(2), options=CLAUDE)
    wait_until(lambda: token(sandbox) == 2)
    assert f'"token": {token(sandbox)}' in sandbox.run("sh", "-c", f"cat {FILE}", options=CLAUDE).stdout


def test_what_is_led_elsewhere_or_no_login_is_left_alone(sandbox: Sandbox) -> None:
    """The agent leads the directory to a file of the user's with the same name, before the user refreshes."""
    save(sandbox, 1)
    own = sandbox.write("~/own/.credentials.json", text(7), 0o640)
    before = "mv ~/.claude ~/was; ln -s ~/own ~/.claude\n"
    meanwhile(sandbox, lambda _: save(sandbox, 3), "echo '{' > ~/was/.credentials.json", before=before, options=CLAUDE)
    assert (own.read_text(), own.stat().st_mode & 0o777) == (text(7), 0o640)
    assert token(sandbox) == 3


@pytest.mark.only("root")
def test_a_layer_in_memory(sandbox: Sandbox) -> None:
    """In a namespace of our own in which the home is an overlay, as in most containers."""
    save(sandbox, 1)
    base = sandbox.home.parent / "base"
    pathlib.Path(base).mkdir()
    script = f"""mount -t tmpfs tmpfs {base}; mkdir {base}/lower {base}/upper {base}/work
        cp -a {sandbox.home} {base}/lower/home; cd {base}
        mount -t overlay overlay -o lowerdir=lower/home,upperdir=upper,workdir=work {sandbox.home}
        cd {sandbox.project}; "$@" & until grep -q 2 {sandbox.path(FILE)}; do sleep 0.02; done
        echo '{text(3)}' > {sandbox.path(FILE)}; wait $!; cat {sandbox.path(FILE)}"""
    inside = f"{saving(2)}until grep -q 3 {FILE}; do sleep 0.02; done; {saving(4)}"
    run = [*sandbox.prefix, "run", "--profile", "claude", "--", "sh", "-c", inside]
    done = sandbox.outside("unshare", "--mount", "sh", "-ec", script, "sh", *run)
    assert "home in memory" in done.stderr
    assert json.loads(done.stdout) == json.loads(text(4))
