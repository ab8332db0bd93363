"""A profile adds its hosts to a list that is there, and its variables where the caller has none."""

from __future__ import annotations

import json
import pathlib

import pytest
from sandbox import Sandbox

PROFILE = """source: made up
allow_net: [api.example, "*.login.example"]
environment: {AGENT_QUIET: "1", AGENT_MODE: plain}
"""
SHOW = "echo $AGENT_QUIET $AGENT_MODE"


@pytest.fixture
def agent(sandbox: Sandbox) -> Sandbox:
    """Give a program `agent`, which no other agent could have put there, with a profile of its name."""
    tool = sandbox.home.parent / "bin/agent"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\nexec sh -c "$1"\n')
    tool.chmod(0o755)
    sandbox.extra["PATH"] = f"{tool.parent}:/usr/bin:/bin"
    sandbox.write("~/.aigate/profiles/agent.yaml", PROFILE)
    return sandbox


def config(sandbox: Sandbox, allow_net: str) -> None:
    sandbox.config(f"deny_read: []\nnetwork: gateway\n{allow_net}\n")


def hosts(sandbox: Sandbox, *words: str) -> list[str]:
    """Return which of these can be reached, as it is told."""
    asked = ("--host", "api.example", "--host", "x.login.example", "--host", "own.example")
    done = sandbox.aigate("explain", "--json", *asked, *words)
    assert done.returncode == 0, done.stderr
    return [item["host"] for item in json.loads(done.stdout) if "host" in item and item["reach"]["allowed"]]


def test_it_is_taken_by_the_commands_name(agent: Sandbox) -> None:
    config(agent, "allow_net: [own.example]")
    done = agent.run("agent", SHOW, options=())
    assert done.stdout == "1 plain\n", done.stderr
    assert " · agent · " in done.stderr
    assert " · 3 hosts" in done.stderr
    assert hosts(agent, "--", "agent") == ["api.example", "x.login.example", "own.example"]
    assert hosts(agent) == ["own.example"]
    assert hosts(agent, "--profile", "agent") == ["api.example", "x.login.example", "own.example"]


@pytest.mark.parametrize(("list_", "reached"), [("", 3), ("allow_net: []", 0)], ids=["absent", "empty"])
def test_a_list_that_is_absent_or_empty_stays_so(agent: Sandbox, list_: str, reached: int) -> None:
    config(agent, list_)
    assert len(hosts(agent, "--", "agent")) == reached


def test_what_the_caller_has_set_stays(agent: Sandbox) -> None:
    config(agent, "allow_net: []")
    agent.extra["AGENT_MODE"] = "mine"
    assert agent.run("agent", SHOW).stdout == "1 mine\n"


def test_a_program_of_the_projects_gets_none(agent: Sandbox) -> None:
    config(agent, "allow_net: [own.example]")
    agent.write("agent", "#!/bin/sh\n", 0o755)
    assert hosts(agent, "--", "./agent") == ["own.example"]


def test_a_toolchain_comes_besides(agent: Sandbox) -> None:
    config(agent, "allow_net: [own.example]")
    agent.write("~/.aigate/profiles/tools.yaml", "toolchain: true\nenvironment: {TOOL: here}\nregistries: [npm]\n")
    npm = pathlib.Path(agent.extra["PATH"].split(":")[0]) / "npm"
    npm.write_text('#!/bin/sh\n[ "$PWD $*" = "/ config get registry" ] && echo https://mirror.example:8443/npm/\n')
    npm.chmod(0o755)
    done = agent.run("agent", f"{SHOW} $TOOL", options=("--profile", "tools"))
    assert done.stdout == "1 plain here\n", done.stderr
    assert " · agent · tools · " in done.stderr
    (found,) = json.loads(
        agent.aigate("explain", "--json", "--profile", "tools", "--host", "mirror.example:8443").stdout
    )
    assert (found["reach"]["allowed"], found["reach"]["file"]) == (True, "npm config get registry")
    assert agent.run("tools", options=("--profile", "claude")).returncode == 127


def test_an_npm_of_the_projects_is_not_asked(agent: Sandbox) -> None:
    config(agent, "allow_net: [own.example]")
    agent.write("bin/npm", "#!/bin/sh\ntouch ran; echo https://evil.example/\n", 0o755)
    agent.extra["PATH"] = f"{agent.project}/bin:/usr/bin:/bin"
    done = agent.aigate("explain", "--json", "--profile", "node", "--host", "evil.example")
    assert not json.loads(done.stdout)[0]["reach"]["allowed"]
    assert not (agent.project / "ran").exists()
