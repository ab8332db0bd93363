"""What `aigate deny` and `aigate allow` mean for a list: its present entries in, a change and what to say out. Pure."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from aigate.config.edit import Change
from aigate.errors import ConfigError, UsageError
from aigate.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KEYS = {"read": "deny_read", "write": "deny_write", "exec": "deny_exec", "env": "deny_env", "net": "allow_net"}
NEAR = 0.5  # as difflib counts: below, what is nearest has nothing to do with it


@record
class Outcome:
    """change: None when there is nothing to do. notes: lines for the user."""

    change: Change | None
    notes: tuple[str, ...]


def deny(key: str, present: Sequence[str] | None, entries: Sequence[str], default: Sequence[str]) -> Outcome:
    """Put entries into a deny list; an exception (`!entry`) for the same is taken out.

    default: what holds when the file leaves the list out.
    """
    held = list(default if present is None else present)
    back = [f"!{entry}" for entry in entries if f"!{entry}" in held]
    new = [entry for entry in dict.fromkeys(entries) if entry not in held]
    old = [entry for entry in dict.fromkeys(entries) if entry in held]
    notes = [f"{key}: {entry} is there already" for entry in old if f"!{entry}" not in back]
    notes += [f"{key}: removed the exception {entry}" for entry in back]
    notes += [f"{key}: added {entry}" for entry in new]
    return Outcome(Change(back, new, default) if back or new else None, tuple(notes))


def allow(
    key: str,
    present: Sequence[str] | None,
    entries: Sequence[str],
    default: Sequence[str],
    covering: Callable[[str, Sequence[str]], str | None] = lambda *_: None,
) -> Outcome:
    """Take entries out of a deny list, and make an exception of what another entry denies.

    covering: which of some entries denies what a word names, None for none of them. Raises ConfigError, naming the
    nearest entry, when a word is neither there nor denied by another one.
    """
    held = list(default if present is None else present)
    gone = [entry for entry in dict.fromkeys(entries) if entry in held]
    new, notes = [], [f"{key}: removed {entry}" for entry in gone]
    for entry in dict.fromkeys(entries):
        if entry in held:
            continue
        by = covering(entry, held)
        if by is None and f"!{entry}" in held:
            notes.append(f"{key}: the exception !{entry} is there already")
        elif by is None:
            raise ConfigError(f"{entry} is not in {key}{_nearest(entry, held)}", hint=f"nothing in {key} denies it")
        else:
            new.append(f"!{entry}")
            notes.append(f"{key}: added the exception !{entry}; {by} stays, and denies the rest")
    return Outcome(Change(gone, new, default) if gone or new else None, tuple(notes))


def allow_net(present: Sequence[str] | None, entries: Sequence[str]) -> Outcome:
    """Add names to `allow_net`. Where it is left out, everything can be reached, and adding would take that away."""
    if present is None:
        return Outcome(None, ("allow_net is left out: the network is not restricted, so everything is reachable",))
    new = [entry for entry in dict.fromkeys(entries) if not _there(entry, present)]
    notes = [f"allow_net: {entry} is there already" for entry in dict.fromkeys(entries) if entry not in new]
    notes += [f"allow_net: added {entry}" for entry in new]
    return Outcome(Change(add=new) if new else None, tuple(notes))


def add_net(present: Sequence[str] | None, entries: Sequence[str]) -> Outcome:
    """Add names to a project's `allow_net`, which may be left out and still only adds."""
    return allow_net(present or (), entries)


def deny_net(present: Sequence[str] | None, entries: Sequence[str], *, drop: bool) -> Outcome:
    """Take names out of `allow_net`. drop: an empty list would say "no network", so take the key out instead.

    Raises ConfigError when a name is not there, with the nearest, or when the list is left out.
    """
    if present is None:
        hint = "to restrict it to some hosts: aigate deny net --except HOST"
        raise ConfigError("allow_net is left out: the network is not restricted", hint=hint)
    found = []
    for entry in entries:
        same = [other for other in present if _same(entry, other)]
        if not same:
            raise ConfigError(f"{entry} is not in allow_net{_nearest(entry, present)}")
        found += same
    return _removal("allow_net", found, (), drop=drop)


def deny_all_net(present: Sequence[str] | None, kept: Sequence[str]) -> Outcome:
    """Make `allow_net` exactly `kept`; none: no network at all."""
    held = present or ()
    gone = [entry for entry in held if not _there(entry, kept)]
    new = [entry for entry in dict.fromkeys(kept) if not _there(entry, held)]
    says = f"only {', '.join(kept)}" if kept else "no network at all"
    if present is not None and not gone and not new:
        return Outcome(None, (f"allow_net: {says}, as before",))
    return Outcome(Change(gone, new), (f"allow_net: {says}",))


def checked(what: str, entries: Sequence[str], parse: Callable[[], object]) -> None:
    """Call the parser that gives `what` its meaning. Raises UsageError with what it says about the user's words."""
    try:
        parse()
    except ConfigError as error:
        where = f"{error.path}:{error.line}: "
        raise UsageError(f"{what} {' '.join(entries)}: {error.message.removeprefix(where)}", hint=error.hint) from None


def _removal(key: str, entries: Sequence[str], default: Sequence[str], *, drop: bool) -> Outcome:
    gone = tuple(dict.fromkeys(entries))
    return Outcome(Change(gone, (), default, drop), tuple(f"{key}: removed {entry}" for entry in gone))


def _there(entry: str, entries: Sequence[str]) -> bool:
    return any(_same(entry, other) for other in entries)


def _same(left: str, right: str) -> bool:
    return left.lower().rstrip(".") == right.lower().rstrip(".")


def _nearest(entry: str, entries: Sequence[str]) -> str:
    near = difflib.get_close_matches(entry, entries, n=1, cutoff=NEAR)
    return f"; the nearest entry is {near[0]}" if near else "" if entries else ", which is empty"
