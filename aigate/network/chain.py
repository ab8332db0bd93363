"""The proxy that the host itself is behind: which one it is, for which hosts, and how a connection through it is made.

Read from the variables that programs look for, HTTPS_PROXY and its like, as curl(1) reads them. Only proxies that are
spoken to in plain HTTP are used; their password never enters the sandbox.
"""

from __future__ import annotations

from aigate.network.hostfiles import pack_address
from aigate.policy.hosts import Network, normal_name
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VARIABLES, EXEMPT = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), "NO_PROXY"
SCHEME = "http://"
DEFAULT_PORT = "80"
MAX_PORT = 65535
MOST_HEAD = 16 << 10


@record
class Chain:
    """A proxy outside. host: name or address. authorization: value of Proxy-Authorization, or "".

    exempt: what NO_PROXY lists: names (each with all below it), addresses and ranges, or `*`.
    """

    host: str
    port: int
    authorization: str = ""
    exempt: tuple[str, ...] = ()


def chain_from(environment: Mapping[str, str]) -> tuple[Chain | None, str]:
    """Return the proxy that the environment names, and why one that it names is not used, or ""."""
    name, value = next(
        ((name, value) for name in _spelled(VARIABLES) if (value := environment.get(name, "").strip())), ("", "")
    )
    if not value:
        return None, ""
    parsed = _parse(value)
    if parsed is None:
        return None, f"the proxy of {name} is not one that is spoken to in plain HTTP"
    host, port, authorization = parsed
    exempt = next((value for spelled in _spelled((EXEMPT,)) if (value := environment.get(spelled, ""))), "")
    listed = tuple(word.strip().lower() for word in exempt.replace(" ", ",").split(",") if word.strip())
    return Chain(host, port, authorization, listed), ""


def _spelled(names: Iterable[str]) -> Iterable[str]:
    return (spelled for name in names for spelled in (name.lower(), name))


def _parse(value: str) -> tuple[str, int, str] | None:
    """Read `[http://][user:password@]host[:port][/]`."""
    scheme, mark, rest = value.rpartition("://")
    if mark and scheme.lower() + mark != SCHEME:
        return None
    user, at, place = rest.rstrip("/").rpartition("@")
    host, colon, digits = place.rpartition(":")
    if not colon or digits.endswith("]"):
        host, digits = place, DEFAULT_PORT
    host = host.removeprefix("[").removesuffix("]")
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits[:6]) <= MAX_PORT):
        return None
    if pack_address(host) is None and normal_name(host) is None:
        return None
    return host, int(digits), _basic(user) if at else ""


def _basic(user: str) -> str:
    """Return the Basic credentials of RFC 7617 for `user:password`, percent-encoded as in a URL."""
    from base64 import b64encode
    from urllib.parse import unquote_to_bytes

    return "Basic " + b64encode(unquote_to_bytes(user)).decode("ascii")


def is_exempt(chain: Chain, target: str | bytes) -> bool:
    """Tell whether a name or a packed address is reached without the proxy."""
    if isinstance(target, bytes):
        return any(word == "*" or _contains(word, target) for word in chain.exempt)
    for word in chain.exempt:
        suffix = word.removeprefix("*").removeprefix(".")
        if word == "*" or (suffix and (target == suffix or target.endswith("." + suffix))):
            return True
    return False


def _contains(word: str, address: bytes) -> bool:
    text, slash, length = word.partition("/")
    packed = pack_address(text)
    if packed is None or not (length.isdigit() or not slash):
        return False
    return address in Network(packed, min(int(length or 128), 8 * len(packed)))


def connect_request(chain: Chain, target: str, port: int) -> bytes:
    """Return the request for a tunnel to a name or an address (RFC 9110, section 9.3.6)."""
    place = f"[{target}]:{port}" if ":" in target else f"{target}:{port}"
    return f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{authorization_field(chain)}\r\n".encode("ascii")


def authorization_field(chain: Chain) -> str:
    """Return the header field that the proxy wants, with its line's end, or ""."""
    return f"Proxy-Authorization: {chain.authorization}\r\n" if chain.authorization else ""


def read_reply(seen: bytes) -> tuple[int, bool] | None:
    """Return the length of a reply's head and whether the tunnel is there; None while more is needed.

    A head without end, or that is none of HTTP, counts as a refusal.
    """
    end = seen.find(b"\r\n\r\n")
    if end < 0:
        return None if len(seen) < MOST_HEAD else (len(seen), False)
    version, _, rest = seen.partition(b" ")
    return end + 4, version.startswith(b"HTTP/1.") and rest[:1] == b"2" and rest[:3].isdigit()
