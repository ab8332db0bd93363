"""A stand-in for the API of a model, on the loopback address: a server that notes what it is asked.

What a subclass answers follows from the conversation: a question with `<<COMMAND>>` in it gets a call of a tool, the
result of a tool is repeated.
"""

from __future__ import annotations

import http.server
import json
import re
import threading

COMMAND = re.compile("<<([^<>]+)>>")


class StandIn(http.server.ThreadingHTTPServer):
    """The server, as a context manager. requests: what was asked of the model, oldest first."""

    daemon_threads = True
    handler: type[Handler]

    def __init__(self, address: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__((address, port), self.handler)
        self.requests: list[dict] = []
        self.url = f"http://{address}:{self.server_address[1]}"

    def __enter__(self) -> StandIn:  # noqa: PYI034 -- not meant to be subclassed further
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.reply({})

    do_HEAD = do_GET  # noqa: N815 -- the base class's way of naming

    def do_POST(self) -> None:
        body = self.body()
        self.answer(json.loads(body) if body.startswith(b"{") else {})

    def answer(self, asked: dict) -> None:
        raise NotImplementedError

    def body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        whole = b""
        while piece := self.rfile.read(int(self.rfile.readline(), 16)):
            whole += piece
            self.rfile.readline()
        return whole

    def reply(self, content: dict) -> None:
        data = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def stream(self, *events: dict) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for event in events:
            name = f"event: {event['type']}\n" if "type" in event else ""
            self.wfile.write(f"{name}data: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()
        self.close_connection = True
