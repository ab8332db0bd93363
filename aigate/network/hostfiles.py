"""The host's resolver files, and what the sandbox sees in their place. Reads text; opens only what it is told to.

Formats: resolv.conf(5), hosts(5), nsswitch.conf(5).
"""

from __future__ import annotations

import os
from _socket import AF_INET, AF_INET6, inet_pton

from aigate.policy.hosts import normal_name
from aigate.reading import read_from
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

RESOLVER = "127.0.0.1"  # also where resolvers look when there is no resolv.conf
PROXY_PORT = 61080
RESOLV_CONF = "/etc/resolv.conf"
HOSTS = "/etc/hosts"
NSSWITCH = "/etc/nsswitch.conf"
MOST_SERVERS = 3
LARGEST_FILE = 4 << 20
KEPT_OPTIONS = ("ndots:",)
BY_STREAM = "use-vc"
NODE = ("NODE_USE_ENV_PROXY", "1")  # without it Node.js, 22.21 and later, passes by what the others name
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@record
class ResolvConf:
    """A resolv.conf. nameservers: addresses as written, at most three. options: those that concern the asking side.

    stream: servers are asked by TCP alone (`use-vc`), for networks that let nothing else through.
    """

    nameservers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    stream: bool = False


def read(path: str) -> str:
    """Return a file's text, empty if it cannot be read: resolvers treat a missing file in the same way."""
    try:
        return load(path)
    except OSError:
        return ""


def load(path: str) -> str:
    """Return a file's text; raises OSError if it cannot be read."""
    with open(path, "rb") as file:
        return read_from(file, LARGEST_FILE).decode("utf-8", "replace")


def parse_resolv_conf(text: str) -> ResolvConf:
    """Read a resolv.conf as resolv.conf(5) tells: the last `search` or `domain` counts, no name server is localhost."""
    servers: list[str] = []
    search: tuple[str, ...] = ()
    options: list[str] = []
    stream = False
    for line in text.splitlines():
        words = line.split()
        if len(words) < 2 or words[0][0] in "#;":  # noqa: PLR2004
            continue
        if words[0] == "nameserver":
            servers.append(words[1])
        elif words[0] in ("search", "domain"):
            found = (normal_name(word) for word in words[1:])
            search = tuple(name for name in found if name is not None)
        elif words[0] == "options":
            options += [word for word in words[1:] if word.startswith(KEPT_OPTIONS)]
            stream = stream or BY_STREAM in words
    return ResolvConf(tuple(servers[:MOST_SERVERS]) or ("127.0.0.1",), search, tuple(options), stream)


def parse_hosts(text: str) -> dict[str, tuple[bytes, ...]]:
    """Return the packed addresses of every name in a hosts file; names in normal form."""
    found: dict[str, tuple[bytes, ...]] = {}
    for address, names in _host_lines(text):
        packed = pack_address(address)
        if packed is None:
            continue
        for name in names:
            normal = normal_name(name)
            if normal is not None and packed not in found.get(normal, ()):
                found[normal] = (*found.get(normal, ()), packed)
    return found


def inner_resolv_conf(conf: ResolvConf) -> bytes:
    """Return the resolv.conf for inside: our resolver, the host's search domains."""
    lines = [f"nameserver {RESOLVER}"]
    if conf.search:
        lines.append("search " + " ".join(conf.search))
    lines.append(" ".join(("options", "edns0", *conf.options)))
    return "".join(f"{line}\n" for line in lines).encode()


def inner_hosts(text: str) -> bytes:
    """Return the hosts file for inside: names of this machine's loopback only, so that every other name is asked for.

    A name that the host's file sends elsewhere is answered by our resolver, who then also opens its address.
    """
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"]
    for address, names in _host_lines(text):
        packed = pack_address(address)
        own = packed is not None and (packed[0] == 127 if len(packed) == 4 else packed == bytes(15) + b"\x01")  # noqa: PLR2004
        known = [name for name in names if normal_name(name) is not None]
        if own and known:
            lines.append(f"{address} {' '.join(known)}")
    return "".join(f"{line}\n" for line in dict.fromkeys(lines)).encode()


def inner_nsswitch(text: str) -> bytes:
    """Return the nsswitch.conf for inside: names from files and DNS, whatever daemon the host asks."""
    lines = [line for line in text.splitlines() if line.split(":")[0].strip() != "hosts"]
    return "".join(f"{line}\n" for line in (*lines, "hosts: files dns")).encode()


def inner_files() -> tuple[tuple[str, bytes], ...]:
    """Return (path, content) for what the sandbox must see, read-only, in place of the host's resolver files.

    A file that the host lacks is left out: without resolv.conf resolvers ask 127.0.0.1, and there we are.
    """
    files = (
        (RESOLV_CONF, inner_resolv_conf(parse_resolv_conf(read(RESOLV_CONF)))),
        (HOSTS, inner_hosts(read(HOSTS))),
        (NSSWITCH, inner_nsswitch(read(NSSWITCH))),
    )
    return tuple((os.path.realpath(path), content) for path, content in files if os.path.isfile(path))


def proxy_variables(port: int = PROXY_PORT) -> tuple[tuple[str, str], ...]:
    """Return the environment variables that name the gateway's proxy, in both spellings that programs look for.

    Node.js follows them where a variable of its own says so (nodejs.org's command-line page: NODE_USE_ENV_PROXY=1).
    """
    proxy = f"http://127.0.0.1:{port}"
    pairs = [(name, proxy) for name in PROXY_VARIABLES[:-1]]
    pairs.append((PROXY_VARIABLES[-1], "localhost,127.0.0.1,::1"))
    return (*((spelled, value) for name, value in pairs for spelled in (name, name.lower())), NODE)


def pack_address(text: str) -> bytes | None:
    """Return a packed address, or None for what is none (a zone, as in fe80::1%eth0, is not part of it)."""
    for family in (AF_INET, AF_INET6):
        try:
            return inet_pton(family, text)
        except (OSError, ValueError):
            continue
    return None


def _host_lines(text: str) -> Iterator[tuple[str, list[str]]]:
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if len(words) > 1:
            yield words[0], words[1:]
