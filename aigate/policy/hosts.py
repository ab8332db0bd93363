"""What `allow_net` means: its entries as rules, and which names, addresses and ports they allow. Pure; opens nothing.

Names follow RFC 1123 (plus `_`, which real host names use); an internationalised name is taken as its A-label.
Addresses are kept packed, as the kernel keeps them: 4 bytes for IPv4, 16 for IPv6.
"""

from __future__ import annotations

from _socket import AF_INET, AF_INET6, inet_ntop, inet_pton

from aigate.errors import ConfigError
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from aigate.config.model import Entry

MAX_NAME = 253
MAX_LABEL = 63
MAX_PORT = 65535
LABEL_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")
LOOPBACK = "localhost"
MAPPED_PREFIX = bytes(10) + b"\xff\xff"
# IDNA 2003 (Python's codec) sends these to another domain than IDNA 2008 (browsers) does: ask for the A-label instead.
DEVIATIONS = frozenset("ßςẞ\u200c\u200d")


@record
class Network:
    """A range of addresses. packed: the first address, 4 or 16 bytes. prefix: length in bits."""

    packed: bytes
    prefix: int

    def __contains__(self, address: bytes) -> bool:
        """Tell whether a packed address of the same family lies in the range."""
        if len(address) != len(self.packed):
            return False
        spare = 8 * len(address) - self.prefix
        return int.from_bytes(address, "big") >> spare == int.from_bytes(self.packed, "big") >> spare

    def __str__(self) -> str:
        """Return `address/prefix`."""
        return f"{inet_ntop(AF_INET if len(self.packed) == 4 else AF_INET6, self.packed)}/{self.prefix}"  # noqa: PLR2004


@record
class HostRule:
    """One entry of `allow_net`; exactly one of name, suffix and network is set.

    name: an exact host name; `localhost`, which always has a port, stands for the loopback of the host that aigate runs
    on. suffix: `.example.com` for `*.example.com` (any depth, not the host itself).
    port: the only port allowed, or None for every port.
    """

    entry: Entry
    name: str | None = None
    suffix: str | None = None
    network: Network | None = None
    port: int | None = None


@record
class Ports:
    """The ports that are open to a name or an address. every: all of them, whatever `numbers` says."""

    every: bool = False
    numbers: tuple[int, ...] = ()

    def __contains__(self, port: int) -> bool:
        """Tell whether a port is open."""
        return self.every or port in self.numbers

    def __bool__(self) -> bool:
        """Tell whether any port is open."""
        return self.every or bool(self.numbers)


def parse_hosts(entries: tuple[Entry, ...]) -> tuple[HostRule, ...]:
    """Read `allow_net`; ConfigError with path, line and hint for the first entry that makes no sense."""
    return tuple(parse_host(entry) for entry in entries)


def parse_host(entry: Entry) -> HostRule:
    """Read one entry: `host`, `*.host`, an address or a range, each with or without `:port`, or `localhost:port`."""
    text = entry.text
    _reject_foreign(entry, text)
    host, port = _split_port(entry, text)
    network = _network(entry, host)
    if _is_loopback(host.lower(), network):
        return HostRule(entry, name=LOOPBACK, port=_loopback_port(entry, host, port))
    if network is not None:
        return HostRule(entry, network=network, port=port)
    if host.startswith("*."):
        return HostRule(entry, suffix="." + _name(entry, host[2:]), port=port)
    return HostRule(entry, name=_name(entry, host), port=port)


def normal_name(name: str) -> str | None:
    """Return a question's name in the form that rules use (lower case, no trailing dot), or None if it is no host name.

    Whatever is not made of plain labels (an escaped dot inside a label, say) can therefore match no rule.
    """
    name = name.lower().removesuffix(".")
    return name if name.isascii() and len(name) <= MAX_NAME and all(map(_is_label, name.split("."))) else None


def ports_of_name(rules: Iterable[HostRule], name: str) -> Ports:
    """Return the ports that the rules open to a host name (in any case, with or without the trailing dot)."""
    return _ports(rules_of_name(rules, name))


def rules_of_name(rules: Iterable[HostRule], name: str) -> list[HostRule]:
    """Return the rules that open anything to a host name, in order."""
    normal = normal_name(name)
    if normal is None:
        return []
    return [
        rule
        for rule in rules
        if rule.name == normal or (rule.suffix is not None and normal.endswith(rule.suffix) and normal != rule.suffix)
    ]


def ports_of_address(rules: Iterable[HostRule], address: bytes) -> Ports:
    """Return the ports that the rules open to a packed address by naming it or its range (not by a name)."""
    return _ports(rules_of_address(rules, address))


def rules_of_address(rules: Iterable[HostRule], address: bytes) -> list[HostRule]:
    """Return the rules that open anything to a packed address, in order."""
    return [rule for rule in rules if rule.network is not None and address in rule.network]


def loopback_ports(rules: Iterable[HostRule]) -> tuple[int, ...]:
    """Return the ports of the host's loopback that the rules name, in order."""
    return tuple(dict.fromkeys(rule.port for rule in rules if rule.name == LOOPBACK and rule.port is not None))


def is_here(address: bytes) -> bool:
    """Tell whether a packed address means the loopback of the machine where it is used, or just "this host"."""
    if len(address) == 4:  # noqa: PLR2004
        return address[0] in (0, 127)
    return address[:12] == bytes(12) or (address[:12] == MAPPED_PREFIX and is_here(address[12:]))


def with_search_domains(rules: tuple[HostRule, ...], domains: Iterable[str]) -> tuple[HostRule, ...]:
    """Return the rules, with `wiki` also meaning `wiki.corp.example` where corp.example is a search domain."""
    known = tuple(normal for domain in domains if (normal := normal_name(domain)) is not None)
    longer = (
        HostRule(rule.entry, name=f"{rule.name}.{domain}", port=rule.port)
        for rule in rules
        if rule.name not in (None, LOOPBACK) and "." not in str(rule.name)
        for domain in known
    )
    return rules + tuple(longer)


def _is_loopback(host: str, network: Network | None) -> bool:
    if network is not None:
        return is_here(network.packed) and network.prefix >= (8 if len(network.packed) == 4 else 96)  # noqa: PLR2004
    return host.removesuffix(".") == LOOPBACK or host.removesuffix(".").endswith("." + LOOPBACK)


def _loopback_port(entry: Entry, host: str, port: int | None) -> int:
    if host.lower() not in (LOOPBACK, "127.0.0.1", "::1") or port is None:
        raise _wrong(
            entry,
            "is the host's own loopback, of which single ports can be opened",
            f"write localhost:{port or 11434} for a server on the host; servers inside need no entry",
        )
    return port


def _ports(rules: Iterable[HostRule]) -> Ports:
    numbers: list[int] = []
    for rule in rules:
        if rule.port is None:
            return Ports(every=True)
        if rule.port not in numbers:
            numbers.append(rule.port)
    return Ports(numbers=tuple(sorted(numbers)))


def _reject_foreign(entry: Entry, text: str) -> None:
    """Refuse what looks like something else than a host, with a hint for each kind."""
    if not text:
        raise _wrong(entry, "is empty", "write a host name, an address or a range; allow_net: [] means no network")
    if any(character.isspace() or not character.isprintable() for character in text):
        raise _wrong(entry, "has spaces or control characters in it", "one host per entry")
    if text.startswith("!"):
        raise _wrong(entry, "takes something back, which allow_net cannot", "list only what is allowed")
    if "://" in text:
        host = text.partition("://")[2].partition("/")[0].rpartition("@")[2]
        raise _wrong(entry, "is a URL", f"write only the host: {host}" if host else "write only the host")
    if "@" in text:
        raise _wrong(entry, "has a user name in it", f"write only the host: {text.rpartition('@')[2]}")
    if text in {"*", "*.", "**"}:
        raise _wrong(entry, "would allow everything", "leave allow_net out to allow every host")


def _split_port(entry: Entry, text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or ":" not in host or (rest and not rest.startswith(":")):
            raise _wrong(entry, "is not an address in brackets", "write [2001:db8::1]:443")
        return host, _port(entry, rest[1:]) if rest else None
    if text.count(":") > 1:
        return text, None
    host, colon, port = text.partition(":")
    return host, _port(entry, port) if colon else None


def _port(entry: Entry, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or text.startswith("0") or not 1 <= int(text[:6]) <= MAX_PORT:
        raise _wrong(entry, "has no valid port", f"ports are 1 to {MAX_PORT}")
    return int(text)


def _network(entry: Entry, host: str) -> Network | None:
    """Return the range that `host` names, or None if it is a name."""
    address, slash, length = host.partition("/")
    packed = _packed(address)
    if packed is None:
        if slash:
            raise _wrong(entry, "is neither a host nor a range of addresses", "write host, address or address/length")
        if ":" in host:
            raise _wrong(entry, "is not an IPv6 address", "write 2001:db8::1, or [2001:db8::1]:443 with a port")
        return None
    if packed.startswith(MAPPED_PREFIX) and len(packed) == 16:  # noqa: PLR2004
        raise _wrong(entry, "is an IPv4 address in IPv6 clothes", f"write {inet_ntop(AF_INET, packed[12:])}")
    bits = 8 * len(packed)
    if not slash:
        return Network(packed, bits)
    if not (length.isascii() and length.isdigit()) or (length != "0" and length.startswith("0")) or len(length) > 3:  # noqa: PLR2004
        raise _wrong(entry, "has no valid prefix length", f"lengths are 0 to {bits}")
    prefix = int(length)
    if prefix > bits:
        raise _wrong(entry, "has no valid prefix length", f"lengths are 0 to {bits}")
    spare = bits - prefix
    first = (int.from_bytes(packed, "big") >> spare << spare).to_bytes(len(packed), "big")
    if first != packed:
        raise _wrong(entry, "has bits set behind its prefix", f"did you mean {Network(first, prefix)}?")
    return Network(packed, prefix)


def _packed(text: str) -> bytes | None:
    """Return a packed address; the four-part decimal form only (inet_pton(3) takes no octal, hex or short forms)."""
    for family in (AF_INET6, AF_INET):
        try:
            return inet_pton(family, text)
        except (OSError, UnicodeEncodeError, ValueError):
            continue
    return None


def _name(entry: Entry, text: str) -> str:
    name = text.lower().removesuffix(".")
    if not name.isascii():
        name = _to_a_labels(entry, name)
    labels = name.split(".")
    if len(name) > MAX_NAME or not all(map(_is_label, labels)):
        hint = "`*` stands only at the start, as *.example.com" if "*" in name else "write only a host name"
        raise _wrong(entry, "is not a host name", hint)
    if _is_number(labels[-1]):
        raise _wrong(entry, "is not an IPv4 address", "write four decimal numbers without leading zeros")
    return name


def _to_a_labels(entry: Entry, name: str) -> str:
    if not DEVIATIONS.isdisjoint(name):
        raise _wrong(entry, "means different hosts to different programs", "write its A-label, as xn--...")
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise _wrong(entry, "is not a host name", "write its A-label, as xn--...") from None


def _is_label(label: str) -> bool:
    return 0 < len(label) <= MAX_LABEL and label[0] != "-" and label[-1] != "-" and LABEL_CHARACTERS.issuperset(label)


def _is_number(label: str) -> bool:
    """Tell whether a last label makes programs read the host as an IPv4 address (WHATWG URL, "ends in a number")."""
    return label.isdigit() or (label.startswith("0x") and all(digit in "0123456789abcdef" for digit in label[2:]))


def _wrong(entry: Entry, message: str, hint: str) -> ConfigError:
    return ConfigError(f"allow_net: {entry.text!r} {message}", path=entry.path, line=entry.line, hint=hint)
