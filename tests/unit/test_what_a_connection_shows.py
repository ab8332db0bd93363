"""What a program sends to a host that it reached by name must name that host: in TLS, HTTP/1 and HTTP/2, every time."""

import pytest
from hpack import Encoder
from hypothesis import given
from hypothesis import strategies as st

from aigate.network.inspection import Opening, Refused

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Shown:
    """An inspector for a connection to a.test, what has passed, and what was shown."""

    def __init__(self):
        self.shown, self.passed = [], b""
        self.inspector = Opening(self.judge, self.refuse, "a.test")

    def judge(self, kind, name):
        self.shown.append((kind, name))
        if name is None or name.lower() != "a.test":
            raise Refused(name)

    def refuse(self, reason):
        raise Refused(reason)

    def feed(self, data, size=0):
        for start in range(0, len(data), size or len(data) or 1):
            self.passed += self.inspector.feed(data[start : start + (size or len(data))])
        return self.passed

    @property
    def done(self):
        return self.inspector.done


def record(kind, content):
    return bytes((kind, 3, 3)) + len(content).to_bytes(2, "big") + content


def extension(kind, content):
    return kind.to_bytes(2, "big") + len(content).to_bytes(2, "big") + content


def server_name(name):
    return extension(0, (len(name) + 3).to_bytes(2, "big") + b"\0" + len(name).to_bytes(2, "big") + name)


def hello(*extensions):
    """A ClientHello of TLS 1.3 with just these extensions, as a handshake message."""
    joined = b"".join(extensions)
    body = b"\3\3" + bytes(32) + b"\0" + b"\0\2\x13\1" + b"\1\0" + len(joined).to_bytes(2, "big") + joined
    return b"\1" + len(body).to_bytes(3, "big") + body


GOOD, OTHER = hello(server_name(b"A.test")), hello(server_name(b"b.test"))
SWITCH, SEALED = record(20, b"\1"), record(23, bytes(40))


@pytest.mark.parametrize("size", [0, 1, 7])
def test_a_handshake_without_retry_passes_and_is_not_looked_at_any_longer(size):
    for after in (SWITCH + SEALED, SEALED, record(22, b"\x10" + bytes(30)) + SWITCH + record(22, bytes(range(40)))):
        shown = Shown()
        sent = record(22, GOOD) + after
        assert shown.feed(sent, size) == sent
        assert shown.done
        assert shown.shown == [("TLS", "a.test")]


@pytest.mark.parametrize("between", [b"", SWITCH, record(21, b"\1\0"), SWITCH + SWITCH])
def test_a_second_hello_is_judged_too(between):
    good = Shown()
    sent = record(22, GOOD) + between + record(22, GOOD) + SEALED
    assert good.feed(sent, 5) == sent
    assert good.shown == [("TLS", "a.test")] * 2
    bad = Shown()
    bad.feed(record(22, GOOD) + between)
    with pytest.raises(Refused):
        bad.feed(record(22, OTHER))
    assert b"b.test" not in bad.passed


@pytest.mark.parametrize("size", [1, 40, 100])
def test_a_second_hello_in_pieces_or_behind_the_first_is_judged(size):
    for message in (GOOD + OTHER, OTHER):
        shown = Shown()
        pieces = [message[start : start + size] for start in range(0, len(message), size)]
        with pytest.raises(Refused):
            shown.feed(record(22, GOOD) + SWITCH + b"".join(record(22, piece) for piece in pieces))


def test_after_early_data_a_second_hello_is_judged():
    shown = Shown()
    shown.feed(record(22, hello(server_name(b"a.test"), extension(42, b""))) + SEALED + SEALED)
    assert not shown.done
    with pytest.raises(Refused):
        shown.feed(record(22, OTHER))


@pytest.mark.parametrize(
    "message",
    [
        hello(server_name(b"a.test"), server_name(b"b.test")),
        hello(server_name(b"b.test"), server_name(b"a.test")),
        hello(server_name(b"a.test"), server_name(b"a.test")),
        hello(),
        hello(extension(0, b"\0\x09" + b"\0\0\6a.test" + b"\0\0\6b.test")),  # a list, and more behind it
        hello(extension(0, b"\0\x12" + b"\0\0\6a.test" + b"\0\0\6b.test")),
        GOOD[:1] + (len(GOOD)).to_bytes(3, "big") + GOOD[4:] + b"x" * 4,
    ],
)
def test_a_hello_with_two_lists_of_names_or_none_is_cut(message):
    with pytest.raises(Refused):
        Shown().feed(record(22, message))


def test_half_a_hello_does_not_pass_at_the_end():
    shown = Shown()
    assert shown.feed(record(22, GOOD)[:60]) == b""
    with pytest.raises(Refused):
        shown.inspector.end()


REQUEST = b"GET /x HTTP/1.1\r\nHost: a.test\r\nX: y\r\n\r\n"


@pytest.mark.parametrize("size", [0, 1, 9])
def test_requests_pass_as_they_are_one_after_the_other(size):
    post = b"POST / HTTP/1.1\r\nhost: A.test:8080\r\nContent-Length: 5\r\n\r\nhello"
    chunked = b"PUT / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    shown = Shown()
    sent = REQUEST + post + chunked + REQUEST
    passed = shown.feed(sent, size)
    assert passed.startswith(REQUEST + post)
    assert passed.endswith(b"0\r\n\r\n" + REQUEST)
    assert [name for _, name in shown.shown] == ["a.test", "A.test", "a.test", "a.test"]
    assert not shown.done


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: b.test\r\n\r\n",
        b"GET http://b.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
        b"GET https://b.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
        b"CONNECT b.test:443 HTTP/1.1\r\nHost: a.test\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.test@b.test\r\n\r\n",
        b"GET / HTTP/1.1\nHost: b.test\n\n",
        b"\r\n\r\nGET / HTTP/1.1\r\nHost: b.test\r\n\r\n",
        b"GET http://b.test/\r\n",
        b"FOO / HTTP/1.1\r\nHost: b.test\r\n\r\n",
        b"GET b.test HTTP/1.1\r\nHost: a.test\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.test\r\nX: y\nHost: b.test\r\n\r\n",
    ],
)
@pytest.mark.parametrize("first", [b"", REQUEST])
@pytest.mark.parametrize("size", [0, 1])
def test_a_request_for_another_host_never_passes(request_, first, size):
    if first and request_.startswith(b"GET http://b.test/\r\n"):
        request_ += b"\r\n"
    shown = Shown()
    with pytest.raises(Refused):
        shown.feed(first + request_, size)
    assert b"b.test" not in shown.passed.removeprefix(first)


def test_a_request_that_names_no_host_gets_the_name():
    assert Shown().feed(b"GET / HTTP/1.0\r\n\r\n") == b"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n"


@pytest.mark.parametrize("head", [b"X", b"PING" * 30, b"GETX"])
def test_a_request_in_disguise_is_cut_before_it_is_whole(head):
    shown = Shown()
    shown.feed(head)
    with pytest.raises(Refused):
        shown.feed(b" / HTTP/1.1\r\nHost: b.test\r\n\r\n")
    assert b"b.test" not in shown.passed


@pytest.mark.parametrize(
    "said",
    [b"ping", b"SSH-2.0-x\r\n", b"EHLO a.test\r\n", b"*1\r\n$4\r\nPING\r\n", bytes(range(0, 256, 3)), b"\0\0\0\x10",
     b"GET key\r\n", b"OPTIONS rtsp://b.test/ RTSP/1.0\r\n", b"a1 LOGIN x y\r\n", b"\x80\0\0\4abc", b"\n"],
)  # fmt: skip
def test_what_is_neither_passes_at_once(said):
    assert Shown().feed(said) == said


def test_a_protocol_that_is_switched_to_is_carried_unseen():
    upgrade = b"GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    shown = Shown()
    assert shown.feed(upgrade + b"frames") == upgrade
    assert shown.inspector.waiting
    assert shown.inspector.answered(b"HTTP/1.1 101") == b"frames"
    assert shown.done
    refused = Shown()
    refused.feed(upgrade + b"GET / HTTP/1.1\r\nHost: b.test\r\n\r\n")
    with pytest.raises(Refused):
        refused.inspector.answered(b"HTTP/1.1 200")


@pytest.mark.parametrize("first", [b"", REQUEST])
def test_what_cannot_be_followed_is_not_asked_for(first):
    protocol = b"websocket" if first else b"h2c"
    passed = Shown().feed(
        first + b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: %b\r\n\r\n" % protocol
    )
    assert passed == first + b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"


def frame(kind, flags, stream, content):
    return len(content).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + content


def fields(*pairs, encoder=None):
    return (encoder or Encoder()).encode([(":method", "GET"), (":path", "/"), (":scheme", "http"), *pairs])


@pytest.mark.parametrize("size", [0, 1, 10])
def test_http2_passes_as_it_is(size):
    encoder = Encoder()
    sent = PREFACE + frame(4, 0, 0, b"") + frame(1, 5, 1, fields((":authority", "a.test"), encoder=encoder))
    sent += frame(1, 0x2C, 3, b"\2" + bytes(5) + fields((":authority", "a.test:80"), encoder=encoder) + bytes(2))
    sent += frame(0, 0, 3, bytes(3000)) + frame(1, 5, 3, encoder.encode([("grpc-status", "0")]))
    block = fields((":authority", "a.test"), encoder=encoder)
    sent += frame(1, 1, 5, block[:3]) + frame(9, 0, 5, block[3:4]) + frame(9, 4, 5, block[4:])
    shown = Shown()
    assert shown.feed(sent, size) == sent
    assert len(shown.shown) == 3


@pytest.mark.parametrize(
    "frames",
    [
        frame(1, 5, 1, fields((":authority", "b.test"))),
        frame(1, 5, 1, fields((":authority", "a.test"), ("host", "b.test"))),
        frame(1, 5, 1, fields((":authority", "a.test"))) + frame(1, 5, 3, fields((":authority", "b.test"))),
        frame(1, 5, 1, fields()),
        frame(1, 5, 1, Encoder().encode([(":method", "GET"), (":path", "http://b.test/"), (":authority", "a.test")])),
        frame(1, 5, 1, Encoder().encode([(":method", "CONNECT"), (":authority", "b.test:443")])),
        frame(1, 5, 1, fields((":authority", "a.test"), (":authority", "b.test"))),
        frame(1, 1, 1, fields((":authority", "b.test"))[:5]) + frame(9, 4, 1, fields((":authority", "b.test"))[5:]),
        frame(1, 1, 1, b"") + frame(0, 0, 1, b""),
        frame(9, 4, 1, fields((":authority", "a.test"))),
        frame(5, 4, 1, bytes(4) + fields((":authority", "a.test"))),
        frame(1, 5, 1, b"\xff\xff\xff\xff\xff\xff"),
    ],
)
def test_http2_for_another_host_is_cut(frames):
    shown = Shown()
    with pytest.raises(Refused):
        shown.feed(PREFACE + frames)


@given(st.binary(max_size=300), st.sampled_from([b"", REQUEST, PREFACE, record(22, GOOD), b"GET "]))
def test_any_bytes_pass_or_are_refused(data, first):
    shown = Shown()
    try:
        shown.feed(first + data)
        shown.inspector.end()
    except Refused:
        pass
