"""The proxy that the environment names, and what is said to it."""

import pytest

from aigate.network.chain import Chain, chain_from, connect_request, is_exempt, read_reply


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTPS_PROXY": "http://proxy.example.com:3128"}, Chain("proxy.example.com", 3128)),
        ({"https_proxy": "http://a.example:1/", "HTTPS_PROXY": "http://b.example:2"}, Chain("a.example", 1)),
        ({"HTTP_PROXY": "a.example:8080"}, Chain("a.example", 8080)),
        ({"ALL_PROXY": "http://a.example"}, Chain("a.example", 80)),
        ({"HTTPS_PROXY": "http://[2001:db8::1]:3128"}, Chain("2001:db8::1", 3128)),
        ({"HTTPS_PROXY": "http://[2001:db8::1]"}, Chain("2001:db8::1", 80)),
        ({"HTTPS_PROXY": "HTTP://me:p%40ss@a.example:1"}, Chain("a.example", 1, "Basic bWU6cEBzcw==")),
        (
            {"HTTPS_PROXY": "http://a.example:1", "no_proxy": "localhost, .Corp.example 10.0.0.0/8"},
            Chain("a.example", 1, "", ("localhost", ".corp.example", "10.0.0.0/8")),
        ),
    ],
)
def test_the_proxy_of_the_environment(environment, expected):
    assert chain_from(environment) == (expected, "")


@pytest.mark.parametrize(
    "value",
    ["https://a.example:1", "socks5h://a.example:1", "http://a.example:0", "http://a b:1", "http://a.example:x",
     "http://a.example:99999", "http://", "http://a.example:1/x", "http://a.example\r\nX: y:1"],
)  # fmt: skip
def test_a_proxy_of_another_kind_is_not_used_and_that_is_said(value):
    found, why = chain_from({"https_proxy": value})
    assert found is None
    assert why == "the proxy of https_proxy is not one that is spoken to in plain HTTP"


@pytest.mark.parametrize(
    ("exempt", "target", "expected"),
    [
        ((), "a.example", False),
        (("*",), "a.example", True),
        (("example",), "a.example", True),
        ((".example",), "a.example", True),
        (("*.example",), "a.example", True),
        (("a.example",), "a.example", True),
        (("a.example",), "ba.example", False),
        (("", ".", "*."), "a.example", False),
        (("10.0.0.0/8",), bytes((10, 1, 2, 3)), True),
        (("10.1.2.3",), bytes((10, 1, 2, 3)), True),
        (("10.1.2.3",), bytes((10, 1, 2, 4)), False),
        (("10.0.0.0/x", "x"), bytes((10, 1, 2, 3)), False),
        (("2001:db8::/32",), bytes((0x20, 1, 0xD, 0xB8, *bytes(12))), True),
        (("*",), bytes(4), True),
    ],
)
def test_what_is_reached_without_it(exempt, target, expected):
    assert is_exempt(Chain("p.example", 1, "", exempt), target) is expected


def test_what_is_said_to_it():
    assert connect_request(Chain("p", 1), "a.example", 443) == (
        b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"
    )
    assert connect_request(Chain("p", 1, "Basic eA=="), "2001:db8::1", 7) == (
        b"CONNECT [2001:db8::1]:7 HTTP/1.1\r\nHost: [2001:db8::1]:7\r\nProxy-Authorization: Basic eA==\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", (19, True)),
        (b"HTTP/1.0 200 OK\r\nX: y\r\n\r\nmore", (25, True)),
        (b"HTTP/1.1 407 No\r\n\r\n", (19, False)),
        (b"HTTP/1.1 20\r\n\r\n", (15, False)),
        (b"SSH-2.0-x\r\n\r\n", (13, False)),
        (b"HTTP/1.1 200 OK\r\n", None),
        (b"x" * (16 << 10), (16 << 10, False)),
    ],
)
def test_what_it_says(seen, said):
    assert read_reply(seen) == said
