"""What a run had half written of layers and logins when it was killed is gone after the next one."""

from __future__ import annotations

from sandbox import Sandbox

LOGIN = '{"claudeAiOauth": 1}'
NOBODY = 1 << 22  # a process id that no Linux gives out (PID_MAX_LIMIT)


def test_what_a_killed_run_has_left(sandbox: Sandbox) -> None:
    sandbox.write("~/.claude/.credentials.json", LOGIN, 0o600)
    run = ("sh", "-c", "echo '{\"claudeAiOauth\": 2}' > ~/.claude/.credentials.json")
    options = ("--quiet", "--profile", "claude")
    sandbox.run(*run, options=options)
    layers = sandbox.path("~/.aigate/layers")
    (layer,) = layers.glob("project-*")
    left = [layers / f"trying-{NOBODY}/upper/x", layer / "shared/new", layers / "logins.new"]
    left += [layer / "home/upper/.claude/.credentials.json.aigate", layers.parent / f"settings-{NOBODY}"]
    for path in left:
        sandbox.write(f"~/{path.relative_to(sandbox.home)}")
    (layers / "tried").unlink()
    assert sandbox.run(*run, options=options).returncode == 0
    assert [path.name for path in left if path.exists()] == []
