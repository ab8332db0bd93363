"""A stand-in for the Anthropic API: the Messages endpoint with streaming events, on the loopback address.

What it answers follows from what it is asked: a question with `<<COMMAND>>` in it gets a call of the Bash tool, one
with `<<mcp__NAME>>` a call of that tool, the result of a tool is repeated, anything else is greeted with a made-up key
in the reply. Events as documented in "Streaming Messages" of the API reference. As a program, `anthropic.py
ADDRESS PORT` says its URL and serves until it is ended.
"""

from __future__ import annotations

import json
import re
import sys
import threading

import stand_in

KEY = "sk-ant-" + "api03-" + "aB3dE5" * 16
GREETING = f"Hello from the stand-in, your key is {KEY} indeed."


class Handler(stand_in.Handler):
    def answer(self, asked: dict) -> None:
        if "count_tokens" in self.path:
            self.reply({"input_tokens": 1})
        elif not self.path.startswith("/v1/messages"):
            self.reply({})
        else:
            self.server.requests.append(asked)
            block = answer(asked)
            if asked.get("stream"):
                self.stream_block(block)
            else:
                self.reply(message([block]))

    def stream_block(self, block: dict) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.event("message_start", message=message([]))
        empty = {"type": "text", "text": ""} if block["type"] == "text" else {**block, "input": {}}
        self.event("content_block_start", index=0, content_block=empty)
        for delta in deltas(block):
            self.event("content_block_delta", index=0, delta=delta)
        self.event("content_block_stop", index=0)
        reason = "end_turn" if block["type"] == "text" else "tool_use"
        self.event("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage={"output_tokens": 9})
        self.event("message_stop")
        self.close_connection = True

    def event(self, name: str, **fields: object) -> None:
        self.wfile.write(f"event: {name}\ndata: {json.dumps({'type': name, **fields})}\n\n".encode())
        self.wfile.flush()


class Api(stand_in.StandIn):
    """The server, as a context manager. requests: the messages that were sent, oldest first."""

    handler = Handler


def message(content: list[dict]) -> dict:
    return {
        "id": "msg_stand_in",
        "type": "message",
        "role": "assistant",
        "model": "claude-stand-in",
        "content": content,
        "stop_reason": "end_turn" if content and content[0]["type"] == "text" else None,
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 1},
    }


def deltas(block: dict) -> list[dict]:
    """Return the pieces that a block is sent in: five letters each, so that a key comes in many."""
    if block["type"] == "text":
        text = block["text"]
        return [{"type": "text_delta", "text": text[at : at + 5]} for at in range(0, len(text), 5)]
    text = json.dumps(block["input"])
    return [{"type": "input_json_delta", "partial_json": text[at : at + 5]} for at in range(0, len(text), 5)]


def answer(asked: dict) -> dict:
    """Return the content block that answers a conversation."""
    parts = [part for turn in asked["messages"] for part in parts_of(turn["content"])]
    results = [part for part in parts if part.get("type") == "tool_result"]
    if results:
        return {"type": "text", "text": f"The tool said: {text_of(results[-1].get('content'))}"}
    commands = re.findall("<<([^<>]+)>>", " ".join(part.get("text", "") for part in parts))
    if commands and any(tool.get("name") == "Bash" for tool in asked.get("tools", [])):
        if commands[-1].startswith("mcp__"):
            return {"type": "tool_use", "id": "toolu_stand_in", "name": commands[-1], "input": {}}
        call = {"command": commands[-1], "description": "what was asked for"}
        return {"type": "tool_use", "id": "toolu_stand_in", "name": "Bash", "input": call}
    return {"type": "text", "text": GREETING}


def parts_of(content: str | list[dict]) -> list[dict]:
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


def text_of(content: object) -> str:
    if isinstance(content, list):
        return " ".join(part.get("text", "") for part in content)
    return str(content)


if __name__ == "__main__":
    with Api(sys.argv[1], int(sys.argv[2])) as served:
        sys.stdout.write(f"{served.url}\n")
        sys.stdout.flush()
        threading.Event().wait()
