"""The audit log as a page, on loopback alone: HTTP for one person's browser. Read-only; opens the log and its page.

Everything lies below a token that is part of the address. Whoever guesses no token, names another host (a page whose
name was made to lead here) or comes from another page gets nothing. What the log holds was chosen by agents: it goes
out as JSON in which nothing is left that a terminal or a reader would obey, and the page takes it for text.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from aigate.audit.index import ALL, Index
from aigate.audit.reading import Files
from aigate.config.files import shown
from aigate.reading import read_from
from aigate.suppress import suppress

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

ADDRESS = "127.0.0.1"
PAGE = os.path.join(os.path.dirname(__file__), "page")
FILES = {
    "": ("index.html", "text/html; charset=utf-8"),
    "page.css": ("page.css", "text/css; charset=utf-8"),
    "page.js": ("page.js", "text/javascript; charset=utf-8"),
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
OWN_SITE = ("same-origin", "none", None)  # Sec-Fetch-Site: from the page itself, typed, or a browser that says nothing
PATIENCE_SECONDS = 10
MOST_CONNECTIONS = 32
LONGEST_TEXT = 2000
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{0,12}Z?")


class Server(ThreadingHTTPServer):
    """The server of one state directory. url: what to open. kept: returns what else of `~/.aigate` is shown."""

    daemon_threads = True
    request_queue_size = MOST_CONNECTIONS

    def __init__(self, state: str, port: int, kept: Callable[[], dict[str, Any]]) -> None:
        """Take a port (0: any that is free) and begin to read the log, which may be long. Raises OSError."""
        first = Files(state).next()
        if first is not None:
            first.close()
        self.index, self.kept = Index(state), kept
        self.token = secrets.token_urlsafe(24)
        self._free = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._reading = threading.Thread(target=self._read, daemon=True)
        super().__init__((ADDRESS, port), Handler)  # which closes itself where it cannot have the port
        self._reading.start()

    def _read(self) -> None:
        """Read the log while the browser opens; what goes wrong shows at the first question."""
        with suppress(OSError):
            self.index.update()

    def server_close(self) -> None:
        """Let go of the port and the log."""
        super().server_close()
        if self._reading.is_alive():
            self._reading.join()
        self.index.close()

    @property
    def names(self) -> tuple[str, ...]:
        """What a browser that means this server calls it."""
        return tuple(f"{name}:{self.server_port}" for name in (ADDRESS, "localhost"))

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://{ADDRESS}:{self.server_port}/{self.token}/"

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """Serve a connection in a thread, unless there are too many."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """Serve it, and make room for the next one."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that has gone."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "aigate", ""
    timeout = PATIENCE_SECONDS

    def do_GET(self) -> None:
        """Answer."""
        parts = urlsplit(self.path)
        token, slash, name = parts.path.removeprefix("/").partition("/")
        if not self._is_meant() or not slash or not hmac.compare_digest(token.encode(), self.server.token.encode()):
            self._refuse(403)
        elif name in FILES:
            file, kind = FILES[name]
            with open(os.path.join(PAGE, file), "rb") as content:
                self._answer(read_from(content), kind)
        else:
            self._data(name, {key: values[-1] for key, values in parse_qs(parts.query).items()})

    def do_HEAD(self) -> None:
        """Answer without the content."""
        self.do_GET()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answer to what is no request, or asks for more than to read."""
        self._refuse(405 if code == 501 else code)  # noqa: PLR2004 -- 501: a method that has no do_X here

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class's
        """Say nothing: addresses hold the token."""

    def _is_meant(self) -> bool:
        """Tell whether a request comes from the page, or from whoever typed its address."""
        hosts, origins = self.headers.get_all("Host", []), self.headers.get_all("Origin", [])
        own = [f"http://{name}" for name in self.server.names]
        return (
            len(hosts) == 1
            and hosts[0] in self.server.names
            and all(origin in own for origin in origins)
            and self.headers.get("Sec-Fetch-Site") in OWN_SITE
        )

    def _data(self, name: str, asked: dict[str, str]) -> None:
        index = self.server.index
        since = asked.get("since", ALL)
        if since != ALL and not MOMENT.fullmatch(since):
            self._refuse(400)
            return
        index.update()
        text, skip = asked.get("text", "")[:LONGEST_TEXT], asked.get("skip", "0")
        if name == "summary":
            same = asked.get("events") == str(index.events)
            found: Any = {"events": index.events, "same": True} if same else index.summary(since, text)
        elif name == "runs" and skip.isdecimal():
            found = index.runs(since, text, int(skip))
        elif name == "run":
            found = index.run(asked.get("id", ""))
        elif name == "kept":
            found = self.server.kept()
        else:
            found = None
        if found is None:
            self._refuse(404)
        else:
            self._answer(json.dumps(harmless(found)).encode("ascii"), "application/json")

    def _answer(self, content: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        for header, value in HEADERS.items():
            self.send_header(header, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _refuse(self, status: int) -> None:
        self.close_connection = True
        self.command = getattr(self, "command", None) or "GET"
        self.requestline, self.request_version = "", self.protocol_version
        self._answer(b"", "text/plain; charset=utf-8", status)


def harmless(value: Any) -> Any:
    """Return data with every text cut to a length and without characters that are not seen or turn others around."""
    if isinstance(value, str):
        text = value[:LONGEST_TEXT]
        return text if text.isprintable() else " ".join(shown(part) for part in text.split("\n"))
    if isinstance(value, dict):
        return {harmless(name): harmless(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [harmless(item) for item in value]
    return value
