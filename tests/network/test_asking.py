"""`--ask` holds a connection to a host that nothing names, asks on a row of its own, and does what the key says."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest
from netlab import DENIED, USERS
from netsandbox import AT_ONCE, PYTHON, Sandbox
from pseudo import Pseudo

QUESTION = b"aigate: reach denied.test:"
LATER = 0.7  # seconds after a question is there, when keys answer it


class Asked:
    """A run with --ask on a terminal of its own."""

    def __init__(self, sandbox: Sandbox, command: list[str], allow: list[str]) -> None:
        sandbox.lab.log_of(sandbox.user).unlink(missing_ok=True)
        full = sandbox.lab.command(allow, command, user=sandbox.user, mode="gateway", backend="auto")
        place = full.index("--quiet")
        self.log = sandbox.lab.log_of(sandbox.user)
        self.config = self.log.parent / "config.yaml"
        os.chown(self.config, *[USERS[sandbox.user]] * 2)
        self.terminal = Pseudo([*full[:place], "--ask", *full[place:]], rows=20, columns=100)

    def answered(self, key: bytes, prompt: bytes = QUESTION) -> None:
        self.terminal.expect(prompt)
        self.terminal.quiet(LATER)
        self.terminal.send(key)

    def events(self, name: str) -> list[dict[str, object]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if line["event"] == name]


def visits(*each: object) -> list[str]:
    return [*PYTHON, *(json.dumps(visit) for visit in each)]


def ask(sandbox: Sandbox, *each: object, allow: tuple[str, ...] = ("allowed.test",)) -> Asked:
    return Asked(sandbox, visits(*each), list(allow))


@pytest.fixture(params=["root", "user"])
def boxed(lab, request) -> Sandbox:
    return Sandbox(lab, request.param, "gateway")


HTTP = ["http", "http://denied.test/"]
TCP = ["tcp", "denied.test", 7]
# What a terminal may not take for an answer is read by a shell, which tells what it got.
READS = """stty -echo
(exec 3<>/dev/tcp/denied.test/7) 2>/dev/null && echo GOOD || echo BAD
read -rn 1 typed; printf 'got %q.\\n' "$typed"; stty size
"""


def answers(asked: Asked) -> list[tuple[object, ...]]:
    return [(event["subject"], event["port"], event["answer"]) for event in asked.events("asked")]


def oks(asked: Asked) -> list[bool]:
    text = asked.terminal.seen.decode("utf-8", "replace")
    return [word == "true" for word in re.findall(r'\{"ok": (true|false),', text)]


@pytest.mark.parametrize(("key", "answer", "good"), [(b"r", "this run", True), (b"n", "never", False)])
def test_an_answer_holds_for_the_run(boxed: Sandbox, key: bytes, answer: str, good: bool) -> None:
    """By way of the proxy that programs are told of."""
    asked = ask(boxed, HTTP, HTTP)
    with asked.terminal as terminal:
        asked.answered(key)
        terminal.wait()
    assert answers(asked) == [("denied.test", 80, answer)]
    assert oks(asked) == [good, good]
    assert bool(asked.events("net_refused")) == (not good)


def test_a_connection_without_the_proxy_waits_for_the_answer(boxed: Sandbox) -> None:
    asked = ask(boxed, TCP, TCP, ["name", "denied.test"], ["tcp", DENIED, 7])
    with asked.terminal as terminal:
        asked.answered(b"o")
        terminal.wait()
    assert answers(asked) == [("denied.test", 7, "once")]
    assert oks(asked) == [True, True, True, False], "an address without a name is refused as always"


def test_always_is_written_into_the_config(boxed: Sandbox) -> None:
    asked = ask(boxed, HTTP)
    with asked.terminal as terminal:
        asked.answered(b"a")
        terminal.wait()
    assert oks(asked) == [True]
    assert "denied.test:80" in asked.config.read_text(), asked.terminal.seen


def test_keys_before_and_replies_do_not_answer(boxed: Sandbox) -> None:
    asked = Asked(boxed, ["bash", "-c", READS], ["allowed.test"])
    with asked.terminal as terminal:
        terminal.expect(QUESTION)
        terminal.send(b"o")  # too soon: it was typed for the command
        terminal.quiet(LATER)
        terminal.send(b"\x1b]lo\x1b\\")  # a title, as a terminal tells it
        terminal.quiet()
        terminal.send(b"n")
        terminal.expect(b"BAD", b"got o.", b"19 100")  # the terminal has 20 rows
        terminal.wait()
    assert answers(asked) == [("denied.test", 7, "never")]


def test_nobody_who_could_answer_means_no_at_once(boxed: Sandbox) -> None:
    full = boxed.lab.command(["allowed.test"], visits(HTTP, TCP), user=boxed.user, mode="slirp")
    place = full.index("--quiet")
    done = subprocess.run([*full[:place], "--ask", *full[place:]], capture_output=True, text=True, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [visit["ok"] for visit in told] == [False, False]
    assert all(visit["seconds"] < AT_ONCE for visit in told)
