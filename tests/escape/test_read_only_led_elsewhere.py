"""What a host program puts in the place of something read-only, by links of both kinds, is read-only as well."""

from __future__ import annotations

import pytest
from meanwhile import meanwhile
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
TASKS = ".vscode/tasks.json"
# What is there, what happens outside, what the watch then says of what, and what cannot be written to inside.
CASES = {
    "a link": ("echo x >shared.json", f"ln -sf ../shared.json {TASKS}", "guarded", "shared.json", TASKS),
    "the way's": ("mkdir v; echo x >v/tasks.json", "rm -r .vscode; ln -s v .vscode", "guarded", "v/tasks.json", TASKS),
    "the inner one of a chain": ("echo x >one; echo x >two; ln -s one inner; ln -s inner .mcp.json",
                                 "ln -sfn two inner", "guarded", "two", ".mcp.json"),
    "a directory's": ("mkdir one two; echo x >one/settings.json; echo x >two/settings.json; ln -s one .claude",
                      "ln -sfn two .claude", "guarded", "two/settings.json", ".claude/settings.json"),
    "a hard link": ("", f"ln {TASKS} twin", "twin", "twin", TASKS),
    "a new file's hard link": ("", f"echo x >new; ln new twin; mv new {TASKS}", "twin", "twin", TASKS),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_link(sandbox: Sandbox, case: str) -> None:
    there, act, kind, path, place = CASES[case]
    sandbox.write(TASKS, "x\n")

    def happen(script: str) -> None:
        done = sandbox.outside("sh", "-ec", script)
        assert done.returncode == 0, done.stderr

    happen(there)
    attack = f"for each in {path} {place}; do (echo evil >> $each) 2>&1 || echo refused; done"
    told = meanwhile(sandbox, lambda _: happen(act), attack, until=((kind, path),))
    assert told.stdout.count("refused") == 2, told
    assert sandbox.outside("cat", path, place).stdout == "x\nx\n"


def test_a_link_to_what_is_not_there(sandbox: Sandbox) -> None:
    """Whoever made it would choose what the link leads to. Events come in order, so the last one is waited for."""
    sandbox.write(".mcp.json", "x\n")
    sandbox.write(TASKS, "x\n")
    told = meanwhile(
        sandbox,
        lambda _: sandbox.outside("sh", "-ec", f"ln -sfn later .mcp.json; echo x >new; mv new {TASKS}"),
        "echo evil > later",
        until=(("renewed", TASKS),),
    )
    assert not sandbox.path("later").exists(), told
    assert "later: may not be made by an agent and was moved away" in told.stderr
