"""Git inside is safe or loud for the agents' user as well, in repositories of root's that let it write. Root only."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest
from git_workplace import Outcome, Workplace, wrong
from sandbox import Sandbox

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
USER = f"aigt-git{os.getpid()}"


VARIANT = "separate"  # something hidden is tracked, something hidden is not, and something is protected
READ_ONLY = "config is read-only in this sandbox"  # no copy of it: that is said, and the rest is done


class AsAgentsUser(Workplace):
    """Repositories that the agents' user may write to, but for their configs."""

    def inside(self) -> dict[str, Outcome]:
        acl = f"u:{USER}:rwX,d:u:{USER}:rwX,d:u:0:rwX"
        subprocess.run(["setfacl", "-R", "-m", acl, self._inside], check=True)
        return super().inside()


def but_for_config(done: Outcome) -> Outcome:
    return replace(done, state={**done.state, "config": ""})


@pytest.fixture
def account() -> Iterator[None]:
    subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", USER], check=True)
    try:
        yield
    finally:
        subprocess.run(["userdel", USER], check=True, capture_output=True)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("sandbox", ["root", ("root", "unshare")], ids=["root", "root-unshare"], indirect=True)
@pytest.mark.usefixtures("account")
def test_git_is_safe_or_loud(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (sandbox.home.parent, sandbox.home):
        place.chmod(0o711)
    plain = Sandbox.run
    options = ("--quiet", "--as-agent-user")
    monkeypatch.setattr(Sandbox, "run", lambda self, *command, **named: plain(self, *command, options=options, **named))
    place = AsAgentsUser(sandbox, VARIANT)
    sandbox.config(f"user: {USER}\ngroup: {USER}\n" + sandbox.path("~/.aigate/config.yaml").read_text())
    settings = sandbox.write("~/gitconfig", "[safe]\n\tdirectory = *\n")  # the repositories are somebody else's
    sandbox.extra["GIT_CONFIG_GLOBAL"] = str(settings)
    before = place.before()
    outside, inside = place.outside(), place.inside()
    for name in [name for name, done in inside.items() if READ_ONLY in done.printed]:
        inside[name], outside[name] = but_for_config(inside[name]), but_for_config(outside[name])
    assert not wrong(before, outside, inside)
    assert not place.fsck()
