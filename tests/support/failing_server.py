"""A server of tools (Model Context Protocol, on standard streams): `tell` says a made-up key, `fail` fails with it."""

from __future__ import annotations

import json
import sys

KEY = "sk-ant-" + "api03-" + "abcdefghij0123456789"
NOTHING = {"type": "object", "properties": {}}
TOOLS = [{"name": name, "description": f"{name}s", "inputSchema": NOTHING} for name in ("fail", "tell")]


def answer(method: str, asked: dict) -> dict:
    if method == "initialize":
        version = asked["protocolVersion"]
        return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        return {"content": [{"type": "text", "text": f"no such key: {KEY}"}], "isError": asked["name"] == "fail"}
    return {}


if __name__ == "__main__":
    for line in sys.stdin:
        call = json.loads(line)
        if "id" in call:
            result = answer(call["method"], call.get("params", {}))
            sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}) + "\n")
            sys.stdout.flush()
