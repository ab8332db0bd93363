"""The gateway's other face: an HTTP proxy on loopback, for programs that are told of one and for systems without rules.

CONNECT (RFC 9110, section 9.3.6) opens a tunnel; a request with an absolute URI (RFC 9112, section 3.2.2) is passed on
as an origin request, one per connection. Nothing of a request but its head is read here.
"""

from __future__ import annotations

from socket import MSG_PEEK, SO_RCVLOWAT, SOL_SOCKET, socket

from aigate.network.chain import authorization_field
from aigate.network.hostfiles import pack_address
from aigate.network.tunnels import has_ended, reset
from aigate.policy.hosts import normal_name
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.network.chain import Chain
    from aigate.network.gateway import Gateway

MOST_HEAD = 64 << 10
HEAD_SECONDS = 30.0
DROPPED = (b"proxy-connection", b"proxy-authorization", b"connection", b"keep-alive", b"host")
MAX_PORT = 65535
MOST_DIGITS = 18
NONSENSE = -1


@record
class Request:
    """What a client asks the proxy for. tunnel: CONNECT. head: what to send on first (empty for a tunnel).

    absolute: the same for another proxy. body: bytes that follow the head; None for a tunnel, or where only the body
    itself tells (RFC 9112, section 6).
    """

    host: str
    port: int
    tunnel: bool
    head: bytes = b""
    absolute: bytes = b""
    body: int | None = None


def parse_request(head: bytes) -> Request | None:
    """Read a request's head (with the empty line at its end); None for what a proxy does not do."""
    line, _, rest = head.partition(b"\r\n")
    words = line.split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1."):  # noqa: PLR2004
        return None
    method, target, version = words
    if method == b"CONNECT":
        place = _place(target, None)
        return None if place is None else Request(*place, tunnel=True)
    if not target.lower().startswith(b"http://"):
        return None
    authority, slash, path = target[7:].partition(b"/")
    if not slash:
        authority, mark, query = authority.partition(b"?")
        path = mark + query
    place = _place(authority, 80)
    if place is None:
        return None
    fields = [(text.partition(b":")[0].strip().lower(), text) for text in rest.split(b"\r\n") if text]
    body = _body(fields)
    if body == NONSENSE:
        return None
    lines = [text for name, text in fields if name not in DROPPED]
    first = b" ".join((method, b"/" + path, version))
    tail = b"\r\n".join((b"Host: " + authority, b"Connection: close", *lines, b"", b""))
    absolute = b" ".join((method, b"http://" + authority + b"/" + path, version))
    return Request(*place, tunnel=False, head=first + b"\r\n" + tail, absolute=absolute + b"\r\n" + tail, body=body)


def _body(fields: list[tuple[bytes, bytes]]) -> int | None:
    """Return the length that a request's fields give its body, None if they do not tell, or NONSENSE."""
    if any(name == b"transfer-encoding" for name, _ in fields):
        return None
    lengths = {text.partition(b":")[2].strip() for name, text in fields if name == b"content-length"}
    if not lengths:
        return 0
    (length, *others) = lengths
    return NONSENSE if others or not length.isdigit() or len(length) > MOST_DIGITS else int(length)


def _place(authority: bytes, port: int | None) -> tuple[str, int] | None:
    if not authority.isascii() or b"@" in authority:
        return None
    host, colon, digits = authority.decode("ascii").rpartition(":")
    if not colon or digits.endswith("]"):
        host, digits = authority.decode("ascii"), str(port or "")
    if not digits.isdigit() or not 0 < int(digits[:6]) <= MAX_PORT:
        return None
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    return (host.lower().removesuffix("."), int(digits)) if host else None


class Proxy:
    """Answers requests to the proxy by the gateway's rules."""

    def __init__(self, gateway: Gateway) -> None:
        """Serve nothing yet; `take` is what the gateway calls for each connection."""
        self._gateway = gateway

    def take(self, connection: socket) -> None:
        """Read a request's head, then do it or refuse it."""
        loop = self._gateway.loop

        def give_up() -> None:
            loop.forget(connection.fileno())
            reset(connection)

        timer = loop.later(HEAD_SECONDS, give_up)

        def ready(_events: int) -> None:
            try:
                seen = connection.recv(MOST_HEAD, MSG_PEEK)
            except BlockingIOError:
                return
            except OSError:
                seen = b""
            end = seen.find(b"\r\n\r\n")
            if end < 0 and seen and len(seen) < MOST_HEAD and not has_ended(connection, len(seen)):
                return
            timer.cancel()
            loop.forget(connection.fileno())
            if end < 0:
                reset(connection)
                return
            connection.setsockopt(SOL_SOCKET, SO_RCVLOWAT, 1)
            self._do(connection, parse_request(connection.recv(end + 4)))

        loop.watch(connection.fileno(), ready)

    def _do(self, near: socket, request: Request | None) -> None:
        if request is None:
            _say(near, "400 Bad Request", "this proxy does CONNECT and http://")
            return
        address = pack_address(request.host)
        if address is not None:
            allowed = self._gateway.may_reach(address, request.port)
            if not allowed:
                self._gateway.judge.refuse_endpoint(address, request.port)
        else:
            allowed = self._gateway.judge.allows_endpoint(request.host, request.port)
        if not allowed:
            _say(near, "403 Forbidden", f"{request.host}:{request.port} is not in allow_net")
            return
        name = normal_name(request.host) if address is None else None

        target = name if name is not None else address or b""
        chain = self._gateway.chain if self._gateway.is_chained(target) else None

        def connected(far: socket | None) -> None:
            if far is None:
                _say(near, "502 Bad Gateway", f"{request.host}:{request.port} cannot be reached")
                return
            if _greet(near, far, request, chain):
                self._gateway.begin(near, far, name if request.tunnel else None, request.port, request.body)
            else:
                reset(near)
                reset(far)

        self._gateway.dial(target, request.port, connected, tunnel=request.tunnel)


def _greet(near: socket, far: socket, request: Request, chain: Chain | None) -> bool:
    """Tell the client that its tunnel is open, or the server what is asked of it; False if either is gone.

    chain: the proxy that `far` leads to, if any.
    """
    head = request.head
    if chain is not None:
        line, _, rest = request.absolute.partition(b"\r\n")
        head = line + b"\r\n" + authorization_field(chain).encode("ascii") + rest
    try:
        if request.tunnel:
            near.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            return True
        return far.send(head) == len(head)
    except OSError:
        return False


def _say(connection: socket, status: str, why: str) -> None:
    body = f"aigate: {why}\n".encode("ascii", "replace")
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    try:
        connection.send(head.encode() + body)
    except OSError:
        pass
    finally:
        connection.close()
