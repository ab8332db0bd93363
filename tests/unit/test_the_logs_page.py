"""`aigate serve` shows the log to who has the address, changes nothing, and names of agents do nothing there."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from aigate.audit import log as log_module
from aigate.audit.log import AuditLog
from aigate.audit.serving import FILES, Server
from aigate.cli.serve import kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message
    from pathlib import Path

EVIL = "<img src=x onerror=alert(1)>\u202e\x1b[2J"


def filled(state: Path, command: str = "claude -p x", host: str = "far.example") -> str:
    log = AuditLog(str(state))
    log.write("started", command=command, directory="/p", network="slirp", hidden=1, rules=7)
    log.write("net_refused", subject=host, port=443, protocol="tcp", reason="name not allowed", count=1)
    log.write("net_repeated", subject=host, port=443, protocol="tcp", reason="name not allowed", count=5)
    log.write("watched", kind="moved", path="/p/.envrc", why="deny_write: .envrc")
    log.write("ended", status=3, seconds=1.5, masked={"github": 2})
    log.close()
    return log.run


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    filled(tmp_path)
    with Server(str(tmp_path), 0, lambda: kept(str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Got(NamedTuple):
    status: int
    headers: Message
    text: str


def get(server: Server, path: str, method: str = "GET", **headers: str) -> Got:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    with contextlib.closing(connection):
        own = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=own)
        answer = connection.getresponse()
        return Got(answer.status, answer.headers, answer.read().decode())


def data(server: Server, what: str) -> Any:
    answer = get(server, f"/{server.token}/{what}")
    assert answer.status == 200
    return json.loads(answer.text)


@pytest.mark.parametrize("there", [True, False])
def test_a_port_that_somebody_has_is_said(tmp_path: Path, there: bool) -> None:
    """Also when the log is still being read, and again with the port free: nothing of the first one is left."""
    if there:
        filled(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        Server(str(tmp_path), taken.getsockname()[1], dict)
    with Server(str(tmp_path), 0, dict) as free:
        assert free.server_port


def test_counts_runs_and_one_runs_events(server: Server, tmp_path: Path) -> None:
    summary = data(server, "summary")
    assert (summary["runs"], summary["refused"], summary["hidden"], summary["failed"]) == (1, 6, 2, 1)
    assert summary["hosts"] == [["far.example", 5]]
    assert summary["rules"] == [["name not allowed", 5], ["deny_write: .envrc", 1]]
    assert summary["commands"] == [["claude", 6]]
    assert summary["masked"] == [["github", 2]]
    assert data(server, f"summary?events={summary['events']}") == {"events": 5, "same": True}
    number = filled(tmp_path, "codex")  # it goes on while it is looked at
    assert data(server, f"summary?events={summary['events']}")["runs"] == 2
    assert [run["command"] for run in data(server, "runs")["runs"]] == ["codex", "claude -p x"]
    assert [run["command"] for run in data(server, "runs?text=CODEX")["runs"]] == ["codex"]
    assert data(server, "runs?since=2999-01-01T00")["all"] == 0
    words = [event["words"] for event in data(server, f"run?id={number}")["events"]]
    assert words[1] == "host refused: far.example:443, name not allowed"
    assert words[-1] == "ended with 3 after 1.5 s; hidden: github 2"
    assert data(server, "kept") == {"quarantine": [], "layers": []}


def test_it_goes_over_files_that_are_full(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "FULL_BYTES", 1500)
    numbers = [filled(tmp_path, f"c{number}") for number in range(6)]
    assert len(list(tmp_path.glob("audit-*"))) > 1
    assert data(server, "summary")["runs"] == 7
    for number in numbers:
        assert len(data(server, f"run?id={number}")["events"]) == 5


@pytest.mark.parametrize(
    ("headers", "prefix"),
    [
        ({}, "/"),
        ({}, "/wrong/"),
        ({"Host": "evil.test"}, None),
        ({"Host": "evil.test:{port}"}, None),
        ({"Origin": "http://evil.test"}, None),
        ({"Origin": "null"}, None),
        ({"Origin": "http://127.0.0.1:1"}, None),
        ({"Sec_Fetch_Site": "cross-site"}, None),
        ({"Sec_Fetch_Site": "same-site"}, None),
    ],
)
def test_nobody_else_gets_anything(server: Server, headers: dict[str, str], prefix: str | None) -> None:
    place = prefix or f"/{server.token}/"
    given = {name: value.format(port=server.server_port) for name, value in headers.items()}
    for what in ("", "summary", "page.js"):
        answer = get(server, place + what, **given)
        assert (answer.status, answer.text) == (403, "")


def test_who_has_the_address_gets_it_under_both_names(server: Server) -> None:
    for name in ("127.0.0.1", "localhost"):
        own = f"{name}:{server.server_port}"
        answer = get(server, f"/{server.token}/", Host=own, Origin=f"http://{own}", Sec_Fetch_Site="same-origin")
        assert answer.status == 200
    assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_it_only_answers_to_who_reads(server: Server, method: str) -> None:
    assert get(server, f"/{server.token}/summary", method).status == 405
    assert len(data(server, "runs")["runs"]) == 1


@pytest.mark.parametrize("what", ["../log.py", "%2e%2e/log.py", "etc", "run?id=x", "runs?skip=-1", "index.html"])
def test_there_is_nothing_else(server: Server, what: str) -> None:
    assert get(server, f"/{server.token}/{what}").status == 404
    assert get(server, f"/{server.token}/runs?since=yesterday").status == 400


def test_what_agents_have_named_is_text_and_nothing_else(server: Server, tmp_path: Path) -> None:
    number = filled(tmp_path, f"sh -c '{EVIL}'", EVIL)
    for what in ("summary", "runs", f"run?id={number}"):
        answer = get(server, f"/{server.token}/{what}")
        text = answer.text
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        shown = json.dumps(json.loads(text), ensure_ascii=False)
        assert "<img" in shown, "it is there to be read"
        assert "\u202e" not in shown
        assert r"\u001b" not in text
    script = get(server, f"/{server.token}/page.js").text
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|srcdoc|Function\(", script)


def test_the_page_has_no_assets_from_elsewhere_and_a_strict_policy(server: Server) -> None:
    for name, (file, kind) in FILES.items():
        answer = get(server, f"/{server.token}/{name}")
        text = answer.text
        assert answer.headers["Content-Type"] == kind
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
        assert "unsafe" not in policy
        assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert "//" not in text.replace("http://www.w3.org/2000/svg", "").replace("// The page", ""), file
        assert not re.search(r"<script[^>]*>[^<]|\son\w+=|style=", text)
