"""What an event of the audit log says, in words. Pure; whoever shows them escapes what a terminal or a page obeys."""

from __future__ import annotations

import json
from typing import Any

from aigate.audit.chain import BEFORE, NUMBER, OWN

OF_ALL = ("time", "run", "pid", "event", NUMBER, BEFORE)


def told(event: dict[str, Any]) -> str:
    """Return what an event says."""
    said = WORDS.get(event["event"])
    return said(event) if said else f"{event['event']}: {_rest(event)}".removesuffix(": ")


def hidden(event: dict[str, Any]) -> dict[str, int]:
    """Return how many matches each rule hid in a run that has ended."""
    masked = event.get("masked")
    return {str(rule): number(count) for rule, count in masked.items()} if isinstance(masked, dict) else {}


def number(value: Any) -> int:
    """Return a count, 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _started(event: dict[str, Any]) -> str:
    return f"started with network {event.get('network')}, {event.get('hidden')} hidden, {event.get('rules')} rules"


def _not_started(event: dict[str, Any]) -> str:
    return f"refused to start: {event.get('reason')} {event.get('entry') or ''}".rstrip()


def _ended(event: dict[str, Any]) -> str:
    counts = ", ".join(f"{rule} {count}" for rule, count in sorted(hidden(event).items()))
    kept = event.get("terminal")
    taken = ", ".join(f"{kind} {count}" for kind, count in sorted(kept.items())) if isinstance(kept, dict) else ""
    ended = f"ended with {event.get('status')} after {event.get('seconds')} s"
    return ended + (f"; hidden: {counts}" if counts else "") + (f"; kept from the terminal: {taken}" if taken else "")


def _host(event: dict[str, Any]) -> str:
    port = f":{event['port']}" if event.get("port") else ""
    count = f" ({event['count']} times)" if number(event.get("count")) > 1 else ""
    return f"host refused: {event.get('subject')}{port}, {event.get('reason')}{count}"


def _asked(event: dict[str, Any]) -> str:
    return f"asked about {event.get('subject')}:{event.get('port')}: {event.get('answer')}"


def _file(event: dict[str, Any]) -> str:
    return f"{event.get('kind')}: {event.get('path')}" + (f" ({event['why']})" if event.get("why") else "")


def _own(event: dict[str, Any]) -> str:
    up_to = f", up to record {event['up_to']}, to make room" if "up_to" in event else ""
    return f"the log itself: {event.get('kind')}{up_to}"


def _rest(event: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_plain(value)}" for name, value in event.items() if name not in OF_ALL)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


WORDS = {
    "started": _started,
    "refused": _not_started,
    "ended": _ended,
    "net_refused": _host,
    "net_repeated": _host,
    "watched": _file,
    "asked": _asked,
    "revealed": lambda _: "a masked text was shown once, by the user's key",
    OWN: _own,
}
