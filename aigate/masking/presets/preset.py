"""One line of the table of presets, and pieces of expressions that several of them share. Holds no format itself."""

from __future__ import annotations

from aigate.masking.rule import BUILT_IN, Rule
from aigate.record import record

# Between a name and its value in shell, YAML, TOML and JSON.
IS = r"[\"']?\s*(?:=>|[=:])\s*[\"']?"
# Likewise, and in the prompts of `aws configure`, in XML and in tables; and with blanks alone. Written so that the next
# byte always decides: RE2 finds the group several times as fast then.
BESIDE = r"[\"']?\s*(?:[=:]\s*[\"']?|\[[^\]\n]{0,24}\]:\s*|[>|]\s*)"
BEHIND = r"[\"']?(?:\s+(?:[=:]\s*)?|[=:]\s*)[\"']?"
B64TOKEN = "[A-Za-z0-9._~+/=-]"  # b64token of RFC 6750
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

# A quote within a word, as shells print it: bash and zsh the first way, busybox the second, dash as it is.
QUOTE_IN_WORD = r"(?:'(?:\\'|\"'\")'|'[A-Za-z0-9])"


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


def preset(
    name: str,
    about: str,
    source: str,
    example: str,
    *rules: tuple[str, int | str] | tuple[str, int, str] | str,
    armored: str | tuple[str, ...] = (),
    below: tuple[tuple[str, str, str], ...] = (),
) -> Preset:
    """Return one line of the table.

    rules: a token's pattern, how many of its bytes show, and perhaps the check that it must pass as a whole; it begins
    where a token can. Or a pattern that looks after its beginning itself, in which a group `secret` is what to hide,
    alone or with the check that this must pass.
    armored: the BEGIN of keys of several lines, or several such.
    below: patterns of a name at the end of a line, with the check of the value and the pattern of the line with it.
    """
    made = [_rule(name, *((rule,) if isinstance(rule, str) else rule)) for rule in rules]
    begins = (armored,) if isinstance(armored, str) else armored
    made += [Rule(name, begin, source=BUILT_IN, armored=True) for begin in begins]
    made += [Rule(name, regex, source=BUILT_IN, check=check, below=line) for regex, check, line in below]
    return Preset(name, about, source, example, tuple(made))


def _rule(name: str, regex: str, more: int | str | None = None, check: str | None = None) -> Rule:
    if isinstance(more, int):
        return Rule(name, regex, more, source=BUILT_IN, token=True, check=check)
    return Rule(name, regex, source=BUILT_IN, check=more)
