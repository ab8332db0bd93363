"""What a hook answers to an agent's event: the tool's result without secrets, or the end of the turn. Reads no file.

What an agent lets its hooks replace differs (docs/hooks.md). Claude Code takes `updatedToolOutput` only in the very
shape that the tool returned, and shows the original otherwise; so every text in the result is masked by itself.
Codex and Gemini CLI take no other result, but show the model the reason of a refusal in its place: that is the masked
result, as text. opencode's plugin asks for values of any kind, Copilot CLI takes `modifiedResult`.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from aigate._masker import Masker

    Json = Any  # what json.loads returns

STOPPED = "aigate ended the turn before the model read it: a tool returned a secret that the agent lets no hook replace"

REFUSED = "[aigate] Secrets in this result are shown as ***. The tool itself was not refused; it returned:\n"


class Answer:
    """What to print, and whether the transcript holds a secret by now. text: empty for nothing to say."""

    def __init__(self, text: str = "", *, transcript_holds: bool = False) -> None:
        self.text, self.transcript_holds = text, transcript_holds


def answer(event: dict[str, Json], masker: Masker, agent: str = "claude") -> Answer:
    """Return what to answer to an agent's event; an empty text where there is nothing to say."""
    name = event.get("hook_event_name")
    if agent in OTHERS:
        return OTHERS[agent](event, masker)
    if name == "SessionEnd":
        return Answer(transcript_holds=True)
    if agent != "claude":
        shown = name == ("AfterTool" if agent == "gemini" else "PostToolUse")
        return _refused(event, masker, transcript_holds=agent == "codex") if shown else Answer()
    if name == "PostToolUse":
        return _replaced(event, masker)
    if name == "PostToolUseFailure":
        return Answer(transcript_holds=masked(event.get("error"), masker) != event.get("error"))
    return _stopped(event, masker) if name == "PostToolBatch" else Answer()


def _value(event: dict[str, Json], masker: Masker) -> Answer:
    """Return the masked value for opencode's plugin, which says itself when a session rests that held a secret."""
    if "value" not in event:
        return Answer(transcript_holds=True)
    clean = masked(event["value"], masker)
    return Answer() if clean == event["value"] else Answer(json.dumps({"value": clean}))


def _modified(event: dict[str, Json], masker: Masker) -> Answer:
    """Answer Copilot CLI, whose events are told apart by what they hold: a result, a failure, or the session's end."""
    if "toolName" not in event:
        return Answer(transcript_holds=True)
    result = event.get("toolResult")
    clean = masked(result, masker)
    if clean == result:
        return Answer(transcript_holds=masked(event.get("error"), masker) != event.get("error"))
    return Answer(json.dumps({"modifiedResult": clean}), transcript_holds=True)


def _refused(event: dict[str, Json], masker: Masker, *, transcript_holds: bool) -> Answer:
    result = event.get("tool_response")
    clean = masked(result, masker)
    if clean == result:
        return Answer()
    told = {"decision": "block", "reason": REFUSED + text_of(clean)}
    return Answer(json.dumps(told), transcript_holds=transcript_holds)


def text_of(result: Json) -> str:
    """Return a result as the model would have read it: its texts, and as JSON what is none of the known shapes."""
    if isinstance(result, str):
        return result
    if isinstance(result, dict):
        told = result.get("llmContent", result.get("content"))
        if told is not None:
            error = result.get("error")
            message = error.get("message") if isinstance(error, dict) else None
            return text_of(told) + (f"\n{message}" if isinstance(message, str) else "")
        if isinstance(result.get("text"), str):
            return str(result["text"])
    if isinstance(result, list) and result:
        return "\n".join(map(text_of, result))
    return json.dumps(result, ensure_ascii=False)


OTHERS = {"copilot": _modified, "opencode": _value}  # agents with events of another form


def _replaced(event: dict[str, Json], masker: Masker) -> Answer:
    result = event.get("tool_response")
    clean = masked(result, masker)
    if clean == result:
        return Answer()
    told = {"hookEventName": "PostToolUse", "updatedToolOutput": clean}
    return Answer(json.dumps({"hookSpecificOutput": told}))


def _stopped(event: dict[str, Json], masker: Masker) -> Answer:
    """End the turn where a result still holds a secret: the hook before was killed, or the agent ignored it."""
    calls = event.get("tool_calls")
    results = [call.get("tool_response") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    if all(masked(result, masker) == result for result in results):
        return Answer()
    return Answer(json.dumps({"continue": False, "stopReason": STOPPED}), transcript_holds=True)


def masked(value: Json, masker: Masker) -> Json:
    """Return a value with secrets taken out of all texts in it, in the same shape. Names of fields stay."""
    if isinstance(value, str):
        return _text(value, masker)
    if isinstance(value, list):
        return [masked(item, masker) for item in value]
    if isinstance(value, dict):
        return {name: _field(name, item, masker) for name, item in value.items()}
    return value


def _text(value: str, masker: Masker) -> str:
    return masker.mask(value.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def _field(name: str, value: Json, masker: Masker) -> Json:
    """Mask a field: what its text shows by itself, and what its name says of it (`"password": "x"`)."""
    clean = masked(value, masker)
    if not isinstance(value, str) or clean != value or "\n" in value:
        return clean
    both = json.dumps({name: value}, ensure_ascii=False)
    shown = _text(both, masker)
    if shown == both:
        return value
    try:
        read = json.loads(shown)
    except ValueError:
        return "***"
    found = read.get(name) if isinstance(read, dict) else None
    return found if isinstance(found, str) else "***"
