"""A server of tools (Model Context Protocol, on standard streams). Its one tool, `fail`, fails with a made-up key."""

from __future__ import annotations

import json
import sys

KEY = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"
TOOL = {"name": "fail", "description": "fails", "inputSchema": {"type": "object", "properties": {}}}


def answer(method: str, asked: dict) -> dict:
    if method == "initialize":
        version = asked["protocolVersion"]
        return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}}
    if method == "tools/list":
        return {"tools": [TOOL]}
    if method == "tools/call":
        return {"content": [{"type": "text", "text": f"no such key: {KEY}"}], "isError": True}
    return {}


if __name__ == "__main__":
    for line in sys.stdin:
        call = json.loads(line)
        if "id" in call:
            result = answer(call["method"], call.get("params", {}))
            sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}) + "\n")
            sys.stdout.flush()
