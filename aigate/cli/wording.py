"""Words about what a project's file asks for, made so that a person reads what a program will do. Pure."""

from __future__ import annotations

from aigate.config.files import shown
from aigate.config.model import Entry
from aigate.errors import ConfigError

HOSTS = ": allow_net "


def counted(number: int, noun: str) -> str:
    """Return `1 host`, `2 hosts`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def plain(line: str) -> str:
    """Return one widening as it can be shown: one printable line, a host as the name that is really asked for.

    Letters of other alphabets look like Latin ones; the A-label (RFC 5890) does not.
    """
    where, mark, host = line.rpartition(HOSTS)
    if not mark or host.isascii():
        return shown(line)
    foreign = " ".join(dict.fromkeys(f"U+{ord(letter):04X}" for letter in host if not letter.isascii()))
    return f"{shown(where)}{HOSTS}{_a_label(host)}  (warning: not written in plain letters: {foreign})"


def _a_label(host: str) -> str:
    from aigate.policy.hosts import parse_host

    try:
        rule = parse_host(Entry(host, "", 0))
    except ConfigError:
        return ascii(host)[1:-1]
    name = f"*{rule.suffix}" if rule.suffix else rule.name or ascii(host)[1:-1]
    return name if rule.port is None else f"{name}:{rule.port}"
