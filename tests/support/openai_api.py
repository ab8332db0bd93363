"""A stand-in for OpenAI's Responses API, as Codex asks it: "Streaming responses" of the API reference."""

from __future__ import annotations

import json

from stand_in import COMMAND, Handler, StandIn

USAGE = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}


class Responses(Handler):
    def answer(self, asked: dict) -> None:
        if not self.path.endswith("/responses"):
            self.reply({})
            return
        self.server.requests.append(asked)
        item = answer(asked)
        whole = {"id": "resp_1", "object": "response", "status": "completed", "output": [item], "usage": USAGE}
        self.stream(
            {"type": "response.created", "response": {**whole, "status": "in_progress", "output": []}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": whole},
        )


class OpenAi(StandIn):
    handler = Responses


def answer(asked: dict) -> dict:
    items = asked.get("input", [])
    results = [item["output"] for item in items if str(item.get("type")).endswith("_output")]
    if results:
        return text(f"The tool said: {results[-1]}")
    typed = json.dumps([item for item in items if item.get("role") == "user"])
    commands = COMMAND.findall(typed)
    if not commands:
        return text("hello")
    arguments = json.dumps({"cmd": json.loads(f'"{commands[-1]}"')})
    return {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "exec_command", "arguments": arguments}


def text(said: str) -> dict:
    parts = [{"type": "output_text", "text": said, "annotations": []}]
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": parts}
