"""What was refused on the network, and how it is told: audit events, and one line at the end. Prints nothing.

Names come from the agent and end up on a terminal, so only what is a host name is ever shown as one.
"""

from __future__ import annotations

from aigate.policy.hosts import MAX_NAME, normal_name
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Field = str | int | float
    OnEvent = Callable[[str, Mapping[str, Field]], None]

EVENT = "net_refused"
REPEATED = "net_repeated"
MOST_KINDS = 1000
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

    lost: refusals beyond the number of kinds that are kept. failed: the guard ended early, so the network was closed.
    """

    refused: tuple[Refusal, ...] = ()
    learned: tuple[str, ...] = ()
    lost: int = 0
    failed: bool = False


class Refusals:
    """Counts refusals by kind, and tells each kind once when it is new. An agent cannot make it grow without end."""

    def __init__(self, on_event: OnEvent) -> None:
        """on_event: called with a kind of event and its fields."""
        self._on_event = on_event
        self._first: dict[tuple[str, int | None, str, str], Refusal] = {}
        self._count: dict[tuple[str, int | None, str, str], int] = {}
        self._lost = 0

    def add(self, refusal: Refusal) -> None:
        """Count a refusal; the first of its kind becomes an event."""
        kind = (refusal.subject, refusal.port, refusal.protocol, refusal.reason)
        if kind in self._count:
            self._count[kind] += 1
        elif len(self._count) >= MOST_KINDS:
            self._lost += 1
        else:
            self._first[kind] = refusal
            self._count[kind] = 1
            self._on_event(EVENT, fields(refusal))

    def report(self, learned: tuple[str, ...] = ()) -> NetworkReport:
        """Return everything counted, in the order of first appearance."""
        from aigate.record import replace

        counted = tuple(replace(refusal, count=self._count[kind]) for kind, refusal in self._first.items())
        return NetworkReport(counted, learned, self._lost)


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
    shown = _unique(_shown(refusal) for refusal in named)
    remedies = _unique(str(refusal.remedy) for refusal in named)
    more = f" and {len(shown) - MOST_SHOWN} more (see the audit log)" if len(shown) > MOST_SHOWN else ""
    return (
        f"network: refused {', '.join(shown[:MOST_SHOWN])}{more}; "
        f"to allow: aigate allow net {' '.join(remedies[:MOST_SHOWN])}"
    )


def learned_text(names: tuple[str, ...]) -> str:
    """Return what a --learn-net run prints: the list to paste into a config file."""
    if not names:
        return "network: no host was asked for\nallow_net: []\n"
    return "network: these hosts were asked for; to allow them and nothing else:\nallow_net:\n" + "".join(
        f"  - {_quoted(name)}\n" for name in names
    )


def is_remedy(name: str) -> bool:
    """Tell whether it makes sense to offer a name as something to allow (a reverse lookup, say, does not)."""
    return normal_name(name) == name and "." in name and not name.endswith((".arpa", ".local", ".localhost"))


def printable(name: str) -> str:
    """Return a name from a question, safe to write to a terminal or a log, and no longer than names are."""
    return (name if name.isascii() and name.isprintable() else ascii(name)[1:-1])[:MAX_NAME]


def _shown(refusal: Refusal) -> str:
    port = "" if refusal.port is None else f":{refusal.port}"
    subject = f"[{refusal.subject}]" if port and ":" in refusal.subject else refusal.subject
    count = f" ({refusal.count}x)" if refusal.count > 1 else ""
    return f"{subject}{port}{count}"


def _quoted(name: str) -> str:
    return f'"{name}"' if ":" in name or name.startswith("*") else name


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
