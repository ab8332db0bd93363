"""What became of one file, as records. Holds no byte of what was hidden."""

from __future__ import annotations

from aigate.record import record


@record
class Finding:
    """Where a rule would hide something. Lines and columns (characters) count from 1; the end is behind it."""

    rule: str
    line: int
    column: int
    end_line: int
    end_column: int


@record
class Outcome:
    """A file: how large its content is, matches by rule, where they are, why it was left alone, whether it was changed.

    more: matches that have no place in `findings`.
    """

    path: str
    size: int = 0
    counts: dict[str, int] | None = None
    findings: tuple[Finding, ...] = ()
    more: int = 0
    left: str | None = None
    changed: bool = False
