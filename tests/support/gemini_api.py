"""A stand-in for Google's Gemini API, as Gemini CLI asks it: `streamGenerateContent` of the API reference."""

from __future__ import annotations

import json

from stand_in import COMMAND, Handler, StandIn


class Generate(Handler):
    def answer(self, asked: dict) -> None:
        if "countTokens" in self.path:
            self.reply({"totalTokens": 1})
            return
        self.server.requests.append(asked)
        content = {"role": "model", "parts": [answer(asked)]}
        said = {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}]}
        if "streamGenerateContent" in self.path:
            self.stream(said)
        else:
            self.reply(said)


class Google(StandIn):
    handler = Generate


def answer(asked: dict) -> dict:
    parts = [part for content in asked.get("contents", []) for part in content.get("parts", [])]
    results = [part["functionResponse"] for part in parts if "functionResponse" in part]
    if results:
        return {"text": f"The tool said: {json.dumps(results[-1]['response'])}"}
    commands = COMMAND.findall(" ".join(part.get("text", "") for part in parts))
    if not commands:
        return {"text": "hello"}
    name, _, rest = commands[-1].partition(" ")
    if name == "read":
        return {"functionCall": {"name": "read_file", "args": {"file_path": rest}}}
    return {"functionCall": {"name": "run_shell_command", "args": {"command": commands[-1], "description": "x"}}}
