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
B64TOKEN = "[A-Za-z0-9._~+/=-]"  # b64token of RFC 6750
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


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


def preset(name: str, about: str, source: str, example: str, *rules: tuple[str, int] | str) -> Preset:
    """Return one line of the table.

    rules: a token's pattern and how many of its bytes show; it begins where a token can. Or a pattern that looks after
    its beginning itself, in which a group `secret` is what to hide.
    """
    made = (_found(name, rule) if isinstance(rule, str) else _token(name, *rule) for rule in rules)
    return Preset(name, about, source, example, tuple(made))


def block(name: str, about: str, source: str, example: str, *, begin: str, end: str) -> Preset:
    """Return a line of the table for secrets that go over many lines, between `begin` and `end`."""
    return Preset(name, about, source, example, (Rule(name, begin, source=BUILT_IN, until=end),))


def _token(name: str, regex: str, show: int) -> Rule:
    return Rule(name, regex, show, source=BUILT_IN, token=True)


def _found(name: str, regex: str) -> Rule:
    return Rule(name, regex, source=BUILT_IN)
