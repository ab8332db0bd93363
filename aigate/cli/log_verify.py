"""`aigate log verify`: whether the audit log is whole, as a person reads it or as JSON. Changes nothing."""

from __future__ import annotations

import json

import click

from aigate.audit.chain import FILE, is_hash
from aigate.audit.verify import Fault, Verified, verify
from aigate.config.files import shown
from aigate.errors import AigateError, UsageError

SHORTEST = 16  # hex digits of a hash that are enough to tell an accident
DAMAGED = 1


def verified(state: str, heads: tuple[str, ...], *, as_json: bool) -> int:
    """Print what was found in a log and return the exit status. heads: NUMBER:HASH, to be met."""
    noted = [_noted(text) for text in heads]
    try:
        found = verify(state, noted)
    except OSError as error:
        raise AigateError(f"{shown(f'{state}/{FILE}')} cannot be read: {error.strerror}") from None
    if not found.files:
        raise AigateError("there was no run yet", hint="aigate run -- COMMAND")
    click.echo(_as_json(found) if as_json else _as_text(found))
    return DAMAGED if found.faults else 0


def _noted(text: str) -> tuple[int, str]:
    number, _, start = text.partition(":")
    if not number.isdecimal() or len(start) < SHORTEST or not is_hash(f"{start:0<64}"):
        raise UsageError(
            f"log: --head takes NUMBER:HASH, as a run printed it, not {text!r}", hint=f"at least {SHORTEST} hex digits"
        )
    return int(number), start


def _as_text(found: Verified) -> str:
    files = "one file" if found.files == 1 else f"{found.files} files"
    lines = [f"{_place(fault)}{fault.what}" for fault in found.faults]
    if found.before:
        lines.append(f"{found.before} lines are from before the chain, and not covered")
    if found.last:
        lines.append(f"records {found.first} to {found.last} in {files}, head {found.head.number}:{found.head.digest}")
    lines.append("damaged" if found.faults else "whole: nothing was changed, cut or lost")
    return "\n".join(map(shown, lines))


def _place(fault: Fault) -> str:
    return f"{fault.file}:{fault.line}: " if fault.file else ""


def _as_json(found: Verified) -> str:
    faults = [{"file": fault.file or None, "line": fault.line or None, "what": fault.what} for fault in found.faults]
    head = {"number": found.head.number, "hash": found.head.digest}
    numbers = {"first": found.first, "last": found.last, "files": found.files, "before_the_chain": found.before}
    return json.dumps({"whole": not faults, **numbers, "head": head, "faults": faults}, indent=2)
