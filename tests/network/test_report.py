"""What the user is told: events while it happens, one line at the end, and the list of a learning run."""

import json

from netlab import ALLOWED, DENIED


def test_every_kind_of_refusal_is_one_event_and_is_counted(sandbox):
    name = ["name", "denied.test"]
    outcome = sandbox.visit(["allowed.test"], name, name, name, ["tcp", DENIED, 7], ["tcp", DENIED, 7])
    events = [(event["subject"], event.get("port")) for event in outcome.events]
    assert sorted(set(events), key=str) == sorted(events, key=str)
    assert ("denied.test", None) in events
    assert (DENIED, 7) in events
    assert f"{DENIED}:7 (2x)" in outcome.err
    assert "aigate allow net denied.test" in outcome.err
    repeated = {(event["subject"], event.get("port")): event["count"] for event in outcome.repeated}
    assert repeated[DENIED, 7] == 2
    assert repeated["denied.test", None] >= 3


def test_an_event_tells_the_first_packet(sandbox):
    outcome = sandbox.visit(["allowed.test"], ["tcp", DENIED, 7])
    event = next(event for event in outcome.events if event["subject"] == DENIED)
    assert event["protocol"] == "tcp"
    assert event["port"] == 7
    assert event["length"] == 60
    assert event["reason"] == "address not allowed"
    assert len(event["run"]) == 16


def test_nothing_refused_says_nothing(sandbox):
    outcome = sandbox.visit(["allowed.test"], ["tcp", "allowed.test", 7])
    assert outcome.err == ""
    assert outcome.events == []


def test_a_hostile_name_is_not_shown_as_it_is(sandbox):
    script = "import socket; s = socket.socket(2, 2); s.connect(('127.0.0.1', 53)); s.settimeout(5)\n"
    script += "q = b'\\0\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0' + b'\\x0b\\x1b[31m\\n;rm x\\4evil\\0\\0\\1\\0\\1'\n"
    script += "s.send(q); s.recv(500)"
    outcome = sandbox.run(["allowed.test"], ["/usr/bin/python3", "-c", script])
    assert outcome.status == 0, outcome.err
    assert len(outcome.events) == 1
    assert "\x1b" not in outcome.err + json.dumps(outcome.events, ensure_ascii=False)
    assert "allow net" not in outcome.err


def test_a_learning_run_allows_all_and_lists_every_name(sandbox):
    outcome = sandbox.visit(
        ["allowed.test"],
        ["tcp", "denied.test", 7],
        ["tcp", "other.test", 7],
        ["tcp", ALLOWED, 7],
        ["tcp", "10.20.30.40", 7],
        learn=True,
    )
    assert [visit["ok"] for visit in outcome.visits] == [True, True, True, False]
    listed = outcome.err[outcome.err.index("allow_net:") :].splitlines()
    assert listed == ["allow_net:", "  - denied.test", "  - other.test", f'  - "{ALLOWED}:7"']


def test_a_flood_of_names_stays_small(sandbox):
    """Two thousand different refused names: the log stops at a bound, and the network still works."""
    script = """
import socket
s = socket.socket(2, 2); s.connect(('127.0.0.1', 53)); s.settimeout(5)
for n in range(2000):
    label = b'n%d' % n
    s.send(b'\\0\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0' + bytes([len(label)]) + label + b'\\4evil\\0\\0\\1\\0\\1')
    s.recv(500)
print(socket.create_connection(('allowed.test', 7), timeout=5) is not None)
"""
    outcome = sandbox.run(["allowed.test"], ["/usr/bin/python3", "-c", script])
    assert outcome.out == "True\n", outcome.err
    assert len(outcome.events) == 1000
    assert len(outcome.err) < 1000
