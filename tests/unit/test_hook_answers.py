"""What a hook answers: the tool's result without secrets, in the very shape it had; or the end of the turn."""

from __future__ import annotations

import json

import pytest

from aigate import Masker
from aigate.hook.answers import answer, masked
from aigate.masking.rules import preset_rules

MASKER = Masker(preset_rules("all"))
KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"


def event(name: str, **fields: object) -> dict[str, object]:
    return {"hook_event_name": name, "tool_name": "Bash", **fields}


def test_a_result_is_replaced_in_its_own_shape() -> None:
    result = {"stdout": f"a {KEY} b", "stderr": "", "interrupted": False, "isImage": False, "parts": [1, None, KEY]}
    said = json.loads(answer(event("PostToolUse", tool_response=result), MASKER).text)
    clean = {**result, "stdout": "a ghp_*** b", "parts": [1, None, "ghp_***"]}
    assert said == {"hookSpecificOutput": {"hookEventName": "PostToolUse", "updatedToolOutput": clean}}


@pytest.mark.parametrize("result", [{"stdout": "fine"}, "fine", ["fine", 1.5, True], None, {}, "\ud800 alone"])
def test_a_result_without_secrets_is_left_as_it_is(result: object) -> None:
    assert answer(event("PostToolUse", tool_response=result), MASKER).text == ""
    assert masked(result, MASKER) == result


def test_a_field_is_masked_for_its_name() -> None:
    assert masked({"password": "hunter2hunter2", "name": "hunter2hunter2"}, MASKER) == {
        "password": "***",
        "name": "hunter2hunter2",
    }


def test_a_batch_that_holds_a_secret_still_ends_the_turn() -> None:
    calls = [{"tool_name": "Bash", "tool_response": "fine"}, {"tool_name": "Read", "tool_response": f"x {KEY}"}]
    said = answer(event("PostToolBatch", tool_calls=calls), MASKER)
    assert json.loads(said.text)["continue"] is False
    assert KEY not in said.text
    assert said.transcript_holds
    assert answer(event("PostToolBatch", tool_calls=calls[:1]), MASKER).text == ""


def test_what_a_failed_tool_says_is_remembered_for_the_transcript() -> None:
    assert answer(event("PostToolUseFailure", error=f"Exit code 1\n{KEY}"), MASKER).transcript_holds
    assert not answer(event("PostToolUseFailure", error="Exit code 1"), MASKER).transcript_holds


@pytest.mark.parametrize("name", ["SessionStart", "Unheard", None])
def test_another_event_is_answered_by_nothing(name: object) -> None:
    assert answer({"hook_event_name": name}, MASKER).text == ""


@pytest.mark.parametrize(("agent", "name"), [("codex", "PostToolUse"), ("gemini", "AfterTool")])
@pytest.mark.parametrize(
    ("result", "wanted"),
    [
        (f"a {KEY}", "a ghp_***"),
        ({"llmContent": f"a {KEY}", "returnDisplay": "x"}, "a ghp_***"),
        ({"llmContent": [{"text": f"a {KEY}"}, "b"], "error": {"message": f"no {KEY}"}}, "a ghp_***\nb\nno ghp_***"),
        ({"content": [{"type": "text", "text": KEY}], "isError": False}, "ghp_***"),
        ({"other": KEY}, '{"other": "ghp_***"}'),
        ([], None),
        ({"llmContent": "fine"}, None),
    ],
)
def test_where_nothing_is_replaced_a_refusal_holds_the_result(
    agent: str, name: str, result: object, wanted: str | None
) -> None:
    said = answer(event(name, tool_response=result), MASKER, agent)
    if wanted is None:
        assert said.text == ""
        return
    told = json.loads(said.text)
    assert told["decision"] == "block"
    assert told["reason"].partition("\n")[2] == wanted
    assert said.transcript_holds == (agent == "codex")


def test_at_the_end_of_a_session_the_transcript_is_looked_through() -> None:
    assert all(answer(event("SessionEnd"), MASKER, agent).transcript_holds for agent in ("claude", "codex", "gemini"))
