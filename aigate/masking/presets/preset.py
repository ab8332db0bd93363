"""One line of the table of presets, and pieces of expressions that several of them share. Holds no format itself."""

from __future__ import annotations

from aigate.masking.rule import BUILT_IN, Rule
from aigate.record import record

# Between a name and its value in shell, YAML, TOML and JSON.
IS = r"[\"']?\s*[=:]\s*[\"']?"
# Likewise, and in the prompts of `aws configure`, in XML and in tables; and with blanks alone. Written so that the next
# byte always decides: RE2 finds the group several times as fast then.
BESIDE = r"[\"']?\s*(?:[=:]\s*[\"']?|\[[^\]\n]{0,24}\]:\s*|[>|]\s*)"
BEHIND = r"[\"']?(?:\s+(?:[=:]\s*)?|[=:]\s*)[\"']?"
B64TOKEN = "[A-Za-z0-9._~+/=-]"


@record
class Preset:
    """One built-in kind of secret.

    about: one line for listings. source: where the vendor describes the format. example: text that contains one, made
    up. rules: what finds it.
    """

    name: str
    about: str
    source: str
    example: str
    rules: tuple[Rule, ...]


def preset(name: str, about: str, source: str, example: str, *rules: tuple[str, int]) -> Preset:
    """Return one line of the table. rules: patterns, and how many of a match's bytes show."""
    return Preset(
        name, about, source, example, tuple(Rule(name, regex, show, source=BUILT_IN) for regex, show in rules)
    )


def block(name: str, about: str, source: str, example: str, *, begin: str, end: str) -> Preset:
    """Return a line of the table for secrets that go over many lines, between `begin` and `end`."""
    return Preset(name, about, source, example, (Rule(name, begin, source=BUILT_IN, until=end),))
