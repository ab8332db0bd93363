"""What was refused on the network, and how it is told: audit events, and one line at the end. Prints nothing.

Names come from the agent and end up on a terminal, so only what is a host name is ever shown as one.
"""

from __future__ import annotations

from aigate.policy.hosts import MAX_NAME, normal_name
from aigate.record import record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Field = str | int | float
    Mask = Callable[[str], str]
    OnEvent = Callable[[str, Mapping[str, Field]], None]

EVENT = "net_refused"
REPEATED = "net_repeated"
MOST_KINDS = 1000
NOT_ALLOWED = "is not in allow_net"
MOST_SHOWN = 6


@record
class Refusal:
    """One thing that was refused. subject: host name, or address. reason: why, a few words. count: how often.

    port: None for a name. protocol: `dns` for a name, else `tcp`, `udp`, `icmp`, or the IP protocol's number.
    seconds: when it was first asked for, seconds since the epoch. length: of the first packet, bytes (0 for a name).
    remedy: what to add to allow_net so that it would be allowed, or None.
    """

    subject: str
    port: int | None
    protocol: str
    reason: str
    seconds: float
    length: int = 0
    remedy: str | None = None
    count: int = 1


@record
class NetworkReport:
    """What a run's network refused, and which names it asked for if it was learning.

    learned: what can be pasted. hidden: the names of it that hold a secret, masked. lost: refusals beyond the number of
    kinds that are kept. failed: the guard ended early, so the network was closed.
    """

    refused: tuple[Refusal, ...] = ()
    learned: tuple[str, ...] = ()
    lost: int = 0
    failed: bool = False
    hidden: tuple[str, ...] = ()


class Refusals:
    """Counts refusals by kind, and tells each kind once when it is new. An agent cannot make it grow without end."""

    def __init__(self, on_event: OnEvent, mask: Mask | None = None) -> None:
        """on_event: called with a kind of event and its fields. mask: takes the secrets out of a line of text."""
        self.on_event = on_event
        self._mask = mask
        self._first: dict[tuple[str, int | None, str, str], Refusal] = {}
        self._count: dict[tuple[str, int | None, str, str], int] = {}
        self._lost = 0

    def masked(self, name: str, asked: str = "") -> str | None:
        """Return a name without the secret that it holds, or None if it holds none. asked: as a program wrote it.

        Many programs write names in small letters, so what would be a secret in capitals is taken for one.
        """
        if self._mask is None:
            return None
        for form in (asked or name, name, name.upper()):
            text = printable(form)
            if (without := self._mask(text)) != text:
                return without
        return None

    def add(self, refusal: Refusal, asked: str = "") -> None:
        """Count a refusal; the first of its kind becomes an event. asked: the subject as a program wrote it."""
        without = self.masked(refusal.subject, asked)
        if without is not None:
            refusal = replace(refusal, subject=without, remedy=None)
        refusal = replace(refusal, subject=printable(refusal.subject))
        kind = (refusal.subject, refusal.port, refusal.protocol, refusal.reason)
        if kind in self._count:
            self._count[kind] += 1
        elif len(self._count) >= MOST_KINDS:
            self._lost += 1
        else:
            self._first[kind] = refusal
            self._count[kind] = 1
            self.on_event(EVENT, fields(refusal))

    def report(self, learned: tuple[str, ...] = (), drops: Callable[[str], bool] = lambda _: False) -> NetworkReport:
        """Return everything counted, in the order of first appearance. drops: tells a name that is not offered."""
        counted = []
        for kind, refusal in self._first.items():
            dropped = refusal.protocol == "dns" and refusal.remedy is not None and drops(refusal.remedy)
            counted.append(replace(refusal, count=self._count[kind], remedy=None if dropped else refusal.remedy))
        pasted = tuple(what for what in learned if _can_be_pasted(what))
        hidden = tuple(what for what in learned if what not in pasted)
        return NetworkReport(tuple(counted), pasted, self._lost, hidden=hidden)


def repeated(report: NetworkReport) -> tuple[dict[str, Field], ...]:
    """Return the fields of the events for the end of a run: what was refused more than once, and how often."""
    return tuple(fields(refusal) for refusal in report.refused if refusal.count > 1)


def fields(refusal: Refusal) -> dict[str, Field]:
    """Return a refusal as an audit event's fields; what does not apply is left out."""
    values = {name: getattr(refusal, name) for name in ("subject", "port", "protocol", "reason", "length", "count")}
    return {name: value for name, value in values.items() if value is not None}


def summary(report: NetworkReport) -> str | None:
    """Return the line for the end of a run: what was refused and the command that would allow it. None: nothing was."""
    if report.failed:
        return "network: its guard ended early, so the network was closed from then on"
    named = [refusal for refusal in report.refused if refusal.remedy is not None]
    if not named:
        return None
    whole = {refusal.remedy for refusal in named}
    named = [
        refusal
        for refusal in named
        if refusal.remedy != f"{refusal.subject}:{refusal.port}" or refusal.subject not in whole
    ]
    shown = _unique(_shown(refusal) for refusal in named)
    remedies = _unique(str(refusal.remedy) for refusal in named)
    more = f" and {len(shown) - MOST_SHOWN} more (see the audit log)" if len(shown) > MOST_SHOWN else ""
    return (
        f"network: refused {', '.join(shown[:MOST_SHOWN])}{more}; "
        f"to allow: aigate allow net {' '.join(remedies[:MOST_SHOWN])}"
    )


def learned_text(names: tuple[str, ...], hidden: tuple[str, ...] = ()) -> str:
    """Return what a --learn-net run prints: the list to paste into a config file. hidden: masked names, left out."""
    left_out = "".join(f"# left out, since it holds a secret: {name}\n" for name in hidden)
    if not names:
        return f"network: no host was asked for\nallow_net: []\n{left_out}"
    listed = "".join(f"  - {_quoted(name)}\n" for name in names)
    return f"network: these hosts were asked for; to allow them and nothing else:\nallow_net:\n{listed}{left_out}"


def is_remedy(name: str) -> bool:
    """Tell whether it makes sense to offer a name as something to allow.

    It does not for what no address is asked for (a reverse lookup; a service, as _http._tcp.deb.example), and for what
    this machine alone would know.
    """
    if normal_name(name) != name or "." not in name or name.endswith((".arpa", ".local", ".localhost")):
        return False
    return not any(label.startswith("_") for label in name.split("."))


def printable(name: str) -> str:
    """Return a name from a question, safe to write to a terminal or a log, and no longer than names are."""
    return (name if name.isascii() and name.isprintable() else ascii(name)[1:-1])[:MAX_NAME]


def explanation(place: str, remedy: str | None, why: str = NOT_ALLOWED) -> str:
    """Return what a client is told of a refusal: what, why, and what helps. remedy: see `Refusal`."""
    helps = "" if remedy is None else f"; to allow it, outside of the sandbox: aigate allow net {remedy}"
    return f"{place} {why}{helps}"


def _shown(refusal: Refusal) -> str:
    port = "" if refusal.port is None else f":{refusal.port}"
    subject = f"[{refusal.subject}]" if port and ":" in refusal.subject else refusal.subject
    count = f" ({refusal.count}x)" if refusal.count > 1 else ""
    return f"{subject}{port}{count}"


def _can_be_pasted(what: str) -> bool:
    """Tell whether what was asked for is an entry for a config file; what is left of a masked name is none."""
    return normal_name(what) == what or ":" in what


def _quoted(name: str) -> str:
    return f'"{name}"' if ":" in name or name.startswith("*") else name


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
