"""What the proxy reads of a request, what it refuses to read, and what it sends on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigate.network.chain import Chain
from aigate.network.proxy import parse_request, rewritten


@pytest.mark.parametrize(
    ("head", "place"),
    [
        (b"CONNECT a.test:443 HTTP/1.1\r\n\r\n", ("a.test", 443, True)),
        (b"CONNECT [2620:4f:8000::1]:443 HTTP/1.1\r\n\r\n", ("2620:4f:8000::1", 443, True)),
        (b"GET http://a.test/x HTTP/1.1\r\n\r\n", ("a.test", 80, False)),
        (b"GET http://A.test:81?x=1 HTTP/1.1\r\n\r\n", ("a.test", 81, False)),
        (b"GET http://[2620:4f:8000::1]/ HTTP/1.1\r\n\r\n", ("2620:4f:8000::1", 80, False)),
        (b"CONNECT a.test HTTP/1.1\r\n\r\n", None),
        (b"CONNECT a.test:0 HTTP/1.1\r\n\r\n", None),
        (b"CONNECT x@a.test:443 HTTP/1.1\r\n\r\n", None),
        (b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", None),
        (b"GET https://a.test/ HTTP/1.1\r\n\r\n", ("a.test", 443, False)),  # judged, and then told what to do
        (b"GET ftp://a.test/ HTTP/1.1\r\n\r\n", None),
        (b"GET http://x@a.test/ HTTP/1.1\r\n\r\n", None),
        (b"GET http:// HTTP/1.1\r\n\r\n", None),
        (b"GET  http://a.test/ HTTP/1.1\r\n\r\n", None),
        (b"\r\n\r\n", None),
        (b"GET http://\xff.test/ HTTP/1.1\r\n\r\n", None),
    ],
)
def test_requests_to_the_proxy(head, place):
    request = parse_request(head)
    assert place == (None if request is None else (request.host, request.port, request.tunnel))


def post(fields, body=b"", line=b"POST http://a.test/ HTTP/1.1"):
    return parse_request(line + b"\r\nHost: a.test\r\n" + fields + b"\r\n" + body)


@pytest.mark.parametrize(
    ("fields", "data", "passed"),
    [
        (b"", b"GET / HTTP/1.1", b""),
        (b"Content-Length: 4\r\n", b"bodyGET / HTTP/1.1", b"body"),
        (b"Transfer-Encoding: chunked\r\n", b"4\r\nbody\r\n0\r\n\r\nGET /", b"4\r\nbody\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: chunked\r\n", b"4;x=y\r\nbody\r\n0\r\nA: b\r\n\r\n", b"4\r\nbody\r\n0\r\n\r\n"),
    ],
)
def test_only_the_body_of_a_request_is_passed_on_behind_it(fields, data, passed):
    body = post(fields).body
    assert (b"" if body.over else body.feed(data)) == passed
    assert body.over


@pytest.mark.parametrize(
    "fields",
    [
        *(b"Content-Length: %b\r\n" % value for value in (b"-1", b"1, 1", b"0x1", b"", b"+1", b"1 1", b"9" * 30)),
        b"Content-Length: 1\r\nContent-Length: 1\r\n",
        b"content-length: 1\r\nContent-Length: 2\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"X: a\r\n b\r\n",
        b"X: a\r\n\tb\r\n",
        b"X: a\nY: b\r\n",
        b"X: a\rY: b\r\n",
        b"X: a\0b\r\n",
        b"X: a\x7fb\r\n",
        b"X\r\n",
        b": x\r\n",
        b"X y: z\r\n",
        b"Host: b.test\r\n",
    ],
)
def test_what_two_readers_could_read_differently_is_refused(fields):
    assert post(b"Accept: */*\r\n") is not None
    assert post(fields) is None


@pytest.mark.parametrize(
    "line",
    [
        b"GET http://a.test/\thttp://denied.test/ HTTP/1.1",
        b"GET http://a.test/ HTTP/1.1\nGET http://denied.test/ HTTP/1.1",
        b"GET http://a.test/\n\n HTTP/1.1",
        b"GET http://a.test/\r HTTP/1.1",
        b"GET\thttp://a.test/ HTTP/1.1",
        b"GET http://a.test/ HTTP/1.1 ",
        b"GET http://a.test/ HTTP/1.1x",
        b"GET http://a.test/ HTTP/2.0",
        b"GET http://a.test/ http/1.1",
        b"GET http://a.test/\xa0 HTTP/1.1",
        b"G(T http://a.test/ HTTP/1.1",
        b" GET http://a.test/ HTTP/1.1",
        b"POST http://a.test/ HTTP/1.0\r\nTransfer-Encoding: chunked",
    ],
)
def test_a_line_that_is_none_is_refused(line):
    assert post(b"", line=line) is None


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_whatever_is_sent_on_is_one_request(target, value):
    request = parse_request(b"GET http://a.test/" + target + b" HTTP/1.1\r\nX: " + value + b"\r\n\r\n")
    if request is not None:
        sent = rewritten(request, None)
        assert sent.count(b"\r\n\r\n") == 1
        assert sent.endswith(b"\r\n\r\n")
        assert sent.count(b"\n") == sent.count(b"\r") == sent.count(b"\r\n")
        assert b"\t" not in sent.partition(b"\r\n")[0]


def test_a_request_is_passed_on_as_one_to_its_own_host():
    head = (
        b"GET http://a.test/x?y HTTP/1.1\r\nHost: b.test\r\nProxy-Authorization: s\r\nConnection: X-Mine\r\n"
        b"X-Mine: 1\r\nAccept: */*\r\n\r\n"
    )
    request = parse_request(head)
    assert request is not None
    fields = b"Host: a.test\r\nConnection: close\r\n%bAccept: */*\r\n\r\n"
    assert rewritten(request, None) == b"GET /x?y HTTP/1.1\r\n" + fields % b""
    chain = Chain("proxy.test", 3128, "Basic eA==")
    known = fields % b"Proxy-Authorization: Basic eA==\r\n"
    assert rewritten(request, chain) == b"GET http://a.test/x?y HTTP/1.1\r\n" + known
