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

    def __init__(self, sandbox: Sandbox, command: list[str], allow: list[str], never: str = "") -> None:
        sandbox.lab.log_of(sandbox.user).unlink(missing_ok=True)
        full = sandbox.lab.command(allow, command, user=sandbox.user, mode=sandbox.mode, backend="auto")
        place = full.index("--quiet")
        self.log = sandbox.lab.log_of(sandbox.user)
        self.never = self.log.parent / "never"
        self.never.unlink(missing_ok=True)
        if never:
            self.never.write_text(never)
            self.never.chmod(0o600)
            os.chown(self.never, *[USERS[sandbox.user]] * 2)
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


def ask(sandbox: Sandbox, *each: object, keep: str = "") -> Asked:
    return Asked(sandbox, visits(*each), ["allowed.test"], keep)


@pytest.fixture(params=["root-gateway", "user-gateway", "user-slirp"])
def boxed(lab, request) -> Sandbox:
    return Sandbox(lab, *request.param.split("-"))


HTTP = ["http", "http://denied.test/"]
TCP = ["tcp", "denied.test", 7]
UDP = ["udp", "denied.test", 7]
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
    """By way of the proxy that programs are told of, where there is one."""
    asked = ask(boxed, HTTP, HTTP)
    with asked.terminal as terminal:
        asked.answered(key)
        terminal.wait()
    assert answers(asked) == [("denied.test", 80, answer)]
    assert oks(asked) == [good, good]
    assert bool(asked.events("net_refused")) == (not good)
    assert asked.never.exists() == (not good)


@pytest.mark.parametrize("user", ["root", "user"])
def test_a_datagram_waits_for_the_answer(lab, user: str) -> None:
    """Where packets leave by themselves. The answer to it comes from the address that it was sent to."""
    before = len(lab.asked(lab.provider_log, "denied.test"))
    asked = ask(Sandbox(lab, user, "slirp"), UDP, UDP, TCP)
    with asked.terminal as terminal:
        terminal.expect(QUESTION)
        assert len(lab.asked(lab.provider_log, "denied.test")) == before, "the name carries nothing out before the yes"
        terminal.quiet(LATER)
        terminal.send(b"r")
        terminal.wait()
    assert answers(asked) == [("denied.test", 7, "this run")]
    assert oks(asked) == [True, True, True]


@pytest.mark.parametrize("mode", ["slirp", "gateway"])
def test_a_name_that_leads_to_a_private_address_is_refused_after_a_yes(lab, mode: str) -> None:
    asked = ask(Sandbox(lab, "user", mode), ["tcp", "rebind-private.test", 7])
    with asked.terminal as terminal:
        asked.answered(b"o", b"aigate: reach rebind-private.test:")
        terminal.wait()
    assert oks(asked) == [False]
    assert "private address" in json.dumps(asked.events("net_refused"))


def test_never_holds_for_later_runs_until_the_host_is_allowed(lab) -> None:
    box = Sandbox(lab, "user", "gateway")
    asked = ask(box, TCP)
    with asked.terminal as terminal:
        asked.answered(b"n")
        terminal.expect(b"never asked about again: denied.test (aigate allow net denied.test takes that back)")
        terminal.wait()
    kept = asked.never.read_text()
    assert kept == "denied.test\n"
    again = ask(box, TCP, keep=kept)
    with again.terminal as terminal:
        terminal.wait()
    assert answers(again) == []
    assert oks(again) == [False]
    words = [*lab.prefix(lab.host), *lab.as_user("user"), "env", f"HOME={again.config.parents[1]}", *lab.aigate]
    said = subprocess.run([*words, "explain", "--host", "denied.test"], capture_output=True, text=True, check=False)
    assert ".aigate/never:1" in said.stdout, said.stdout
    subprocess.run([*words, "allow", "net", "denied.test:7"], check=True, capture_output=True)
    assert again.never.read_text() == ""


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


def test_keys_before_and_replies_do_not_answer(lab) -> None:
    for _ in range(3):  # a test that is kept waiting for half a second sends no key that is too early
        asked = Asked(Sandbox(lab, "user", "gateway"), ["bash", "-c", READS], ["allowed.test"])
        with asked.terminal as terminal:
            terminal.expect(QUESTION)
            terminal.send(b"o")  # too soon: it was typed for the command
            terminal.quiet(LATER)
            if answers(asked):
                continue
            terminal.send(b"\x1b]lo\x1b\\")  # a title, as a terminal tells it
            terminal.quiet()
            terminal.send(b"n")
            terminal.expect(b"BAD", b"got o.", b"19 100")  # the terminal has 20 rows
            terminal.wait()
        break
    assert answers(asked) == [("denied.test", 7, "never")]


@pytest.mark.parametrize("user", ["root", "user"])
def test_nobody_who_could_answer_means_no_at_once(lab, user: str) -> None:
    full = lab.command(["allowed.test"], visits(HTTP, TCP), user=user, mode="slirp")
    place = full.index("--quiet")
    done = subprocess.run([*full[:place], "--ask", *full[place:]], capture_output=True, text=True, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [visit["ok"] for visit in told] == [False, False]
    assert all(visit["seconds"] < AT_ONCE for visit in told)
    assert "--ask" not in done.stderr  # it was quiet


def test_a_run_that_cannot_ask_says_so(lab) -> None:
    full = lab.command(["allowed.test"], ["true"], user="user", mode="gateway")
    words = ["--ask" if word == "--quiet" else word for word in full]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "aigate: --ask: nobody could answer here" in done.stderr
