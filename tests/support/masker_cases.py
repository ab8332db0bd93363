"""One table of masker cases, run through every way in: `mask`, `stream`, `pump` and the command.

A case is a name, the rules (names of presets, or rules), the input and what must come out.
"""

from __future__ import annotations

from aigate.masking.rules import Rule, preset_rules
from aigate.record import record


@record
class Case:
    """See the module's docstring. max_line: None for the default."""

    name: str
    rules: tuple[Rule, ...]
    data: bytes
    masked: bytes
    max_line: int | None = None


def _preset(names: str, data: str, masked: str) -> Case:
    rules = tuple(rule for name in names.split() for rule in preset_rules(name))
    return Case(f"{names}: {data[:40]!r}", rules, data.encode(), masked.encode())


CASES = (
    _preset("all", "", ""),
    _preset("all", "nothing to see", "nothing to see"),
    _preset("all", "key sk-proj-abcdefghij0123456789 end\n", "key sk-*** end\n"),
    _preset("all", "key sk-ant-api03-abcdefghij0123456789\n", "key sk-ant-***\n"),
)
