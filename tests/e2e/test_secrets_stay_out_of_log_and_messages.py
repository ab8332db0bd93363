"""A secret in the directory's name, or as the name of a command, is masked in the log and in messages, as in output."""

import json

TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3


def test_in_the_directory_and_in_a_command_that_is_not_there(sandbox) -> None:
    place = sandbox.project / f"work {TOKEN}"
    sandbox.outside("mkdir", str(place))
    assert sandbox.run("true", cwd=place).returncode == 0
    refused = sandbox.run(TOKEN, cwd=place)
    assert refused.returncode == 127
    assert "command not found" in refused.stderr
    assert TOKEN not in refused.stderr
    log = (sandbox.home / ".aigate/audit.jsonl").read_text()
    started = [event for event in map(json.loads, log.splitlines()) if event["event"] == "started"]
    assert "/work ghp_***" in started[0]["directory"]
    assert TOKEN not in log
