"""Variables that the tools obey which aigate starts: each gets an environment that is written down in aigate."""

from __future__ import annotations

import ast
import pathlib

import pytest
from planted import Planted
from sandbox import Sandbox

import aigate

BACKENDS = ("bwrap", "unshare")
VARIABLES = ("XTABLES_LIBDIR", "BASH_ENV", "ENV", "TMPDIR", "MALLOC_TRACE", "NLSPATH", "GLIBC_TUNABLES", "PATH")
STARTS = ("run", "Popen", "call", "check_call", "check_output", "getoutput", "getstatusoutput")


@pytest.mark.parametrize("variable", VARIABLES)
def test_tools_do_not_see_the_callers_variables(sandbox: Sandbox, variable: str) -> None:
    planted = Planted(sandbox)
    planted.library("tools/libxt_tcp.so")
    for name in ("bwrap", "iptables-restore", "slirp4netns"):
        sandbox.write(f"tools/{name}", f"#!/bin/sh\n: > {planted.mark}\n", 0o755)
    start = sandbox.write("tools/start.sh", f": > {planted.mark}\n")
    places = {"PATH": f"{sandbox.project}/tools:/usr/bin:/bin", "BASH_ENV": str(start), "ENV": str(start)}
    sandbox.config("allow_net: [aigate.invalid]\nresource_limits: {}\n")
    sandbox.extra[variable] = places.get(variable, f"{sandbox.project}/tools")
    done = sandbox.run("true")
    assert done.returncode == 0, done.stderr
    assert not planted.mark.exists()


def test_every_program_that_is_started_is_given_its_environment() -> None:
    package = pathlib.Path(aigate.__file__).parent
    inheriting = [
        f"{path.relative_to(package)}:{call.lineno}"
        for path in package.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and inherits(call)
    ]
    assert not inheriting


def inherits(call: ast.Call) -> bool:
    """Tell whether a call starts a program without saying which variables it gets."""
    name = ast.unparse(call.func)
    if name.startswith("subprocess."):
        return name.removeprefix("subprocess.") in STARTS and not any(word.arg == "env" for word in call.keywords)
    if name in ("os.execve", "os.posix_spawn", "os.posix_spawnp"):
        return len(call.args) < len(("path", "argv", "env"))
    return name.startswith(("os.exec", "os.spawn", "os.system", "os.popen", "pty.spawn"))
