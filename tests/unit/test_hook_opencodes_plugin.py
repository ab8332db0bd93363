"""opencode's plugin, in Node: what the hook says is put in place, and what it does not say is not shown."""

from __future__ import annotations

import json
import pathlib
import subprocess

import pytest

from aigate.hook.agents import BY_NAME
from aigate.hook.own import OwnFile

TRIAL = """
import { Aigate } from "./aigate.mjs"
const hooks = await Aigate({})
const result = JSON.parse(process.argv[2])
try {
  await hooks["tool.execute.after"]({ tool: "bash" }, result)
  const state = { status: "error", error: "text", input: { a: "text" } }
  const mine = { info: { role: "assistant" }, parts: [{ type: "text", text: "text" }, { type: "tool", state }] }
  const messages = [{ info: { role: "user" }, parts: [{ type: "text", text: "text" }] }, mine]
  await hooks["experimental.chat.messages.transform"]({}, { messages })
  console.log(JSON.stringify({ result, messages }))
} catch (error) {
  console.log(JSON.stringify({ refused: error.message }))
}
"""
MASKING = "#!/bin/sh\nsed 's/text/MASKED/g'\n"  # gives the event back, which has a value


def said(directory: pathlib.Path, hook: str, result: dict[str, object]) -> dict[str, object]:
    program = directory / "aigate/native/hook"
    program.parent.mkdir(parents=True)
    program.write_text(hook)
    program.chmod(0o755)
    file = OwnFile(BY_NAME["opencode"], str(directory / "aigate.mjs"))
    file.install(str(program), "", "/opt/bin/aigate")
    file.write()
    (directory / "trial.mjs").write_text(TRIAL)
    words = ["node", "trial.mjs", json.dumps(result)]
    done = subprocess.run(
        words, cwd=directory, capture_output=True, text=True, env={"PATH": "/usr/local/bin:/usr/bin:/bin"}
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_results_and_messages_are_masked(tmp_path: pathlib.Path) -> None:
    server = {"content": [{"type": "text", "text": "a text"}], "isError": False}
    found = said(tmp_path, MASKING, {"output": "a text", "metadata": {"output": "text"}, "other": "text", **server})
    clean = {"content": [{"type": "MASKED", "MASKED": "a MASKED"}], "isError": False}
    assert found["result"] == {"output": "a MASKED", "metadata": {"output": "MASKED"}, "other": "text", **clean}
    typed, made = found["messages"]
    assert typed["parts"][0]["text"] == "MASKED"
    assert made["parts"][0]["text"] == "text"  # of the model's own
    assert made["parts"][1]["state"] == {"status": "error", "error": "MASKED", "input": {"a": "text"}}


@pytest.mark.parametrize(
    ("hook", "reason"),
    [
        ("#!/bin/sh\nkill -9 $$\n", "could not look for secrets"),
        ("#!/bin/sh\nexit 1\n", "could not look for secrets"),
        ("#!/bin/sh\nprintf '{\"value\": '\n", "could not look for secrets"),
        ('#!/bin/sh\nprintf \'{"reason": "because"}\'\n', "because"),
        ("no program", "could not look for secrets"),
    ],
)
def test_what_the_hook_does_not_say_is_not_shown(tmp_path: pathlib.Path, hook: str, reason: str) -> None:
    assert reason in said(tmp_path, hook, {"output": "a text"})["refused"]


def test_a_hook_that_says_nothing_leaves_all_as_it_is(tmp_path: pathlib.Path) -> None:
    assert said(tmp_path, "#!/bin/sh\ncat >/dev/null\n", {"output": "a text"})["result"] == {"output": "a text"}
