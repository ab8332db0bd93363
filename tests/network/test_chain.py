"""Behind a company's proxy: hosts are reached through it, by the same rules, and its password stays outside."""

import os
import subprocess

import pytest
from netlab import ALLOWED
from netsandbox import Sandbox

PROXY = "http://user:pa%20ss@127.0.0.1:3128"


def environment(**variables):
    kept = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    return {**kept, **variables}


def visit(lab, user, allow, *visits, mode="auto", **variables):
    import json

    from netsandbox import PYTHON

    words = [*PYTHON, *(json.dumps(visit) for visit in visits)]
    return Sandbox(lab, user, mode).run(allow, words, env=environment(**variables))


def test_allowed_hosts_are_reached_through_the_proxy(lab, user, seen):
    """By programs that know of proxies and by others, also where only the proxy knows the name."""
    outcome = visit(
        lab,
        user,
        ["allowed.test", "inside-only.test", ALLOWED],
        ["http", "http://allowed.test/"],
        ["tls", "allowed.test", 443, "allowed.test", "ca.pem"],
        ["tcp", "inside-only.test", 7],
        ["http", "http://inside-only.test/"],
        ["tcp", ALLOWED, 7],
        HTTPS_PROXY=PROXY,
    )
    assert [found["ok"] for found in outcome.visits] == [True] * 5, outcome.out
    assert seen() == [
        "GET http://allowed.test/ HTTP/1.1 known",
        "CONNECT allowed.test:443 HTTP/1.1 known",
        "CONNECT inside-only.test:7 HTTP/1.1 known",
        "GET http://inside-only.test/ HTTP/1.1 known",
        f"CONNECT {ALLOWED}:7 HTTP/1.1 known",
    ]


def test_denied_hosts_never_come_to_the_proxy(lab, user, seen):
    outcome = visit(
        lab,
        user,
        ["allowed.test:443"],
        ["name", "denied.test"],
        ["http", "http://denied.test/"],
        ["http", "http://allowed.test/"],
        ["tls", "allowed.test", 443, "denied.test", "ca.pem"],
        ["tcp", "127.0.0.1", 3128],
        ["tcp", "10.0.2.2", 3128],
        https_proxy=PROXY,
    )
    assert [found["ok"] for found in outcome.visits] == [False] * 6
    assert seen() == ["CONNECT allowed.test:443 HTTP/1.1 known"]  # cut when the server name differed


def test_what_no_proxy_lists_is_reached_directly(lab, user, seen):
    outcome = visit(
        lab, user, ["allowed.test", "other.test"], ["tcp", "allowed.test", 7], ["tcp", "other.test", 7],
        HTTPS_PROXY=PROXY, NO_PROXY="localhost,.other.test",
    )  # fmt: skip
    assert [found["ok"] for found in outcome.visits] == [True, True]
    assert seen() == ["CONNECT allowed.test:7 HTTP/1.1 known"]


def test_the_proxys_password_stays_outside(lab, user):
    command = ["sh", "-c", "env; cat /proc/[0-9]*/environ"]
    for mode in ("auto", "slirp"):
        outcome = Sandbox(lab, user, mode).run(["allowed.test"], command, env=environment(HTTPS_PROXY=PROXY))
        assert "PATH=" in outcome.out
        assert "pa%20ss" not in outcome.out


def test_a_proxy_that_refuses_is_a_refusal(lab, user, seen):
    outcome = visit(lab, user, ["allowed.test"], ["tcp", "allowed.test", 7], HTTPS_PROXY="http://127.0.0.1:3128")
    assert not outcome.visits[0]["ok"]
    assert set(seen()) == {"CONNECT allowed.test:7 HTTP/1.1 nobody"}  # for one family, and perhaps for the other


@pytest.mark.parametrize(
    ("mode", "variable", "said"),
    [
        ("auto", PROXY, "network: through the gateway, because the way out is the proxy 127.0.0.1:3128"),
        ("slirp", PROXY, "not active: proxy: with network: slirp hosts are reached without the proxy of HTTPS_PROXY"),
        ("auto", "socks5://127.0.0.1:1080", "the proxy of HTTPS_PROXY is not one that is spoken to in plain HTTP"),
    ],
)
def test_what_becomes_of_the_proxy_is_said(lab, mode, variable, said):
    command = lab.command(["allowed.test"], ["true"], user="user", mode=mode)
    words = [word for word in command if word != "--quiet"]
    done = subprocess.run(words, capture_output=True, text=True, env=environment(HTTPS_PROXY=variable))
    assert done.returncode == 0
    assert said in done.stderr
    assert "pa%20ss" not in done.stderr
