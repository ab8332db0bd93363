"""The gateway's other face: an HTTP proxy on loopback, for programs that are told of one and for systems without rules.

CONNECT (RFC 9110, section 9.3.6) opens a tunnel; a request with an absolute URI (RFC 9112, section 3.2.2) is written
anew as an origin request, one per connection.
"""

from __future__ import annotations

from functools import partial
from socket import MSG_PEEK, SO_RCVLOWAT, SOL_SOCKET, socket

from aigate.network.hostfiles import pack_address
from aigate.network.inspection import One
from aigate.network.judge import answer_refused
from aigate.network.refusals import NOT_ALLOWED, explanation, printable
from aigate.network.tunnels import Tunnel, has_ended, reset
from aigate.policy.hosts import normal_name
from aigate.record import record
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.network.chain import Chain
    from aigate.network.gateway import Gateway
    from aigate.network.http1 import Body, Head

MOST_HEAD = 64 << 10
MOST_REASON = 200
HTTPS = b"https:"
PORTS = {b"http:": 80, HTTPS: 443}
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
WRAPPED = "https:// goes through a proxy by CONNECT; without the variable https_proxy it is reached"
HEAD_SECONDS = 30.0
DROPPED = (
    *(b"proxy-connection", b"proxy-authorization", b"connection", b"keep-alive", b"host", b"te", b"trailer"),
    b"upgrade",
)


@record
class Request:
    """What a client asks the proxy for. tunnel: CONNECT. asked: the head as it came.

    body, authority, path: of a request that is no tunnel: what reads its body, and the two parts of its target.
    wrapped: an https:// target without a tunnel, as busybox's wget asks: TLS would have to begin here, and never does.
    """

    host: str
    port: int
    tunnel: bool
    asked: Head
    body: Body | None = None
    authority: bytes = b""
    path: bytes = b""
    wrapped: bool = False

    @property
    def place(self) -> str:
        """Return host and port as one writes them, and nothing that could not be part of a host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{printable(host)}:{self.port}"


def parse_request(data: bytes) -> Request | None:
    """Read a request's head (with the empty line at its end); None for what a proxy does not do."""
    from aigate.network.http1 import MalformedError, parse_head, place, split_target

    line, mark, rest = data.partition(b"\r\n")
    if b"\r\nhost:" not in data.lower():  # many ask without, and the target has told it
        data = line + mark + b"Host: unnamed" + mark + rest
    try:
        head, body = parse_head(data)
    except MalformedError:
        return None
    if head.method == b"CONNECT":
        found = place(head.target, None)
        return (
            None if found is None or head.length != 0 else Request(found[0].lower(), found[1], tunnel=True, asked=head)
        )
    scheme = head.target.partition(b"//")[0].lower()
    parts = split_target(head.target) if scheme in PORTS else None
    found = None if parts is None else place(parts[0], PORTS[scheme])
    if parts is None or found is None:
        return None
    host, port = found[0].lower(), found[1]
    wrapped = scheme == HTTPS
    return Request(host, port, False, head, body=body, authority=parts[0], path=parts[1], wrapped=wrapped)


def rewritten(request: Request, chain: Chain | None) -> bytes:
    """Return the head to send on: to the server, or to another proxy."""
    from aigate.network.http1 import FRAMING, written

    head = request.asked
    listed = {word.strip().lower() for value in head.values(b"connection") for word in value.split(b",")}
    target = request.path if chain is None else b"http://" + request.authority + request.path
    switching = head.asks_to_switch()
    fields = [(b"Host", request.authority), (b"Connection", b"upgrade" if switching else b"close")]
    fields += [(b"Upgrade", value) for value in head.values(b"upgrade") if switching]
    if chain is not None and chain.authorization:
        fields.append((b"Proxy-Authorization", chain.authorization.encode("ascii")))
    kept = head.without(*DROPPED, *listed.difference(FRAMING))
    return written(head.method, target, head.version, (*fields, *kept))


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
            _say(near, "400 aigate: this proxy does CONNECT and http://", "this proxy does CONNECT and http://")
            return
        gateway = self._gateway
        target = pack_address(request.host) or normal_name(request.host) or ""
        name = target if isinstance(target, str) else None

        def connected(far: socket | None, chain: Chain | None = None, name: str | None = None) -> None:
            if far is None:
                _say(near, "502 Bad Gateway", f"{request.place} cannot be reached", _asks_for_json(request))
            else:
                self._begin(near, far, request, chain, name)

        def decided(allowed: bool) -> None:
            if not allowed:
                self._refuse(near, request, target)
                return
            if request.wrapped:
                _say(near, f"400 aigate: {WRAPPED}", WRAPPED)
                return
            chain = gateway.chain if gateway.is_chained(target) else None
            then = partial(connected, chain=chain, name=name)
            gateway.dial(target, request.port, then, partial(self._astray, near, request), tunnel=request.tunnel)

        if gateway.is_loopback(target):
            if not gateway.dial_loopback(request.port, connected):
                gateway.judge.refuse_endpoint(pack_address(request.host) or bytes(4), request.port)
                self._refuse(near, request, pack_address(request.host) or bytes(4))
        elif name is None or not gateway.held.asks(name, request.port, decided):
            decided(self._is_allowed(target, request))

    def _is_allowed(self, target: str | bytes, request: Request) -> bool:
        """Decide on an endpoint; a refusal is counted."""
        if isinstance(target, str):
            return self._gateway.judge.allows_endpoint(request.host, request.port)
        allowed = self._gateway.may_reach(target, request.port)
        if not allowed:
            self._gateway.judge.refuse_endpoint(target, request.port)
        return allowed

    def _refuse(self, near: socket, request: Request, target: str | bytes) -> None:
        """Say what was refused and what would allow it, in each of the places where clients look for words."""
        self._deny(near, request, NOT_ALLOWED, self._gateway.judge.remedy(target, request.port))

    def _astray(self, near: socket, request: Request, address: bytes) -> None:
        """Say that the name leads to nothing but where it may not."""
        self._deny(near, request, *answer_refused(request.host, address))

    def _deny(self, near: socket, request: Request, reason: str, remedy: str | None) -> None:
        teller = self._gateway.judge.teller
        why = explanation(request.place, remedy, reason)
        if request.tunnel and teller is not None:
            with suppress(OSError):
                teller.tunnel(near.getpeername()[1], near.getsockname()[1], why)
        _say(near, f"403 aigate: {why}"[:MOST_REASON], why, _asks_for_json(request))

    def _begin(self, near: socket, far: socket, request: Request, chain: Chain | None, name: str | None) -> None:
        """Tell the client that its tunnel is open, or the server what is asked of it, and carry the rest.

        chain: the proxy that `far` leads to, if any.
        """
        end, words = (near, ESTABLISHED) if request.tunnel else (far, rewritten(request, chain))
        try:
            whole = end.send(words) == len(words)  # a fresh connection takes this much, or is broken
        except OSError:
            whole = False
        if not whole:
            reset(near)
            reset(far)
        elif request.body is None:
            self._gateway.begin(near, far, name, request.port)
        else:
            refuse = self._gateway.refuser(request.host, request.port)
            rest = One(request.body, refuse, switches=request.asked.asks_to_switch())
            Tunnel(self._gateway.loop, near, far, rest).start()


def _asks_for_json(request: Request) -> bool:
    """Tell whether a client would show the words of a JSON object: npm does, also of a tunnel that was refused."""
    return request.tunnel or any(b"json" in value for value in request.asked.values(b"accept"))


def _say(connection: socket, status: str, why: str, as_json: bool = False) -> None:
    """Answer and close. The reason is what pip, wget, Go and Java show of a refused tunnel; others show the body."""
    said = f"aigate: {why}"
    kind, body = "text/plain", f"{said}\n"
    if as_json:
        from json import dumps

        kind, body = "application/json", dumps({"error": said, "message": said}) + "\n"
    content = body.encode("ascii", "replace")
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
        f"Proxy-Status: aigate; error=http_request_denied\r\nConnection: close\r\n\r\n"
    )
    try:
        connection.send(head.encode("ascii", "replace") + content)
    except OSError:
        pass
    finally:
        connection.close()
