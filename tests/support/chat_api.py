"""A stand-in for OpenAI's chat completions, as opencode and Copilot CLI ask it: "Chat Completions" of its reference.

`<<COMMAND>>` in what the user says calls the tool `bash`, `<<TOOL: {…}>>` another one with these arguments.
"""

from __future__ import annotations

import json

from stand_in import COMMAND, Handler, StandIn

USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


class Completions(Handler):
    def answer(self, asked: dict) -> None:
        if not self.path.endswith("/chat/completions"):
            self.reply({})
            return
        self.server.requests.append(asked)
        said, why = answer(asked)
        whole = {"id": "c_1", "created": 1, "model": asked.get("model", "m")}
        if not asked.get("stream"):
            choice = {"index": 0, "message": said, "finish_reason": why}
            self.reply({**whole, "object": "chat.completion", "choices": [choice], "usage": USAGE})
            return
        whole["object"] = "chat.completion.chunk"
        self.stream(
            {**whole, "choices": [{"index": 0, "delta": said, "finish_reason": None}]},
            {**whole, "choices": [{"index": 0, "delta": {}, "finish_reason": why}], "usage": USAGE},
        )


class Chat(StandIn):
    handler = Completions


def answer(asked: dict) -> tuple[dict, str]:
    messages = asked.get("messages", [])
    results = [text_of(message) for message in messages if message.get("role") == "tool"]
    if results:
        return {"role": "assistant", "content": f"The tool said: {results[-1]}"}, "stop"
    commands = COMMAND.findall("".join(text_of(message) for message in messages if message.get("role") == "user"))
    if not commands or not asked.get("tools"):
        return {"role": "assistant", "content": "hello"}, "stop"
    typed = commands[-1]
    if '\\"' in typed:  # opencode quotes what stands in its command line
        typed = json.loads(f'"{typed}"')
    name, found, arguments = typed.partition(": {")
    given = "{" + arguments if found else json.dumps({"command": typed, "description": "a trial"})
    call = {"name": name if found else "bash", "arguments": given}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": call}],
    }, "tool_calls"


def text_of(message: dict) -> str:
    content = message.get("content")
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content or ())
