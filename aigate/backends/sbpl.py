"""Text of a Seatbelt profile (SBPL, the language of sandbox-exec(1)): strings, regular expressions, rules.

Owns how a path or a pattern is spelt so that it means itself, whatever characters are in it. Decides nothing, reads no
file. A string ends at a quote, and a backslash takes the next character as it is; everything else, line ends too,
stands for itself. Of regular expressions only what every engine has is used: `. * ? [] () | ^ $` and the backslash.
"""

from __future__ import annotations

from aigate.policy.patterns import ANY_DEPTH, POSIX_CLASSES, is_literal, segment_matcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aigate.policy.patterns import Pattern

SPECIAL = frozenset(".^$*+?()[]{}|\\")
LINKED = ("tmp", "var", "etc")  # /tmp is a link to /private/tmp, and so on
ONE, ANY = "[^/]", "[^/]*"
BELOW = "(/.*)?"


def string(text: str) -> str:
    """Return a string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def regex(text: str) -> str:
    """Return the filter for paths that a regular expression matches somewhere."""
    return f"(regex {string(text)})"


def literal(path: str) -> str:
    """Return the filter for one path."""
    return f"(literal {string(path)})"


def subpath(path: str) -> str:
    """Return the filter for a path and everything below."""
    return f"(subpath {string(path)})"


def parameter(kind: str, name: str) -> str:
    """Return a filter whose path comes over `-D NAME=PATH`."""
    return f"({kind} (param {string(name)}))"


def all_of(*filters: str) -> str:
    """Return the filter for what every one of the filters lets through."""
    return filters[0] if len(filters) == 1 else f"(require-all {' '.join(filters)})"


def none_of(filters: Iterable[str]) -> list[str]:
    """Return filters for what none of the filters lets through."""
    return [f"(require-not {text})" for text in filters]


DIRECTORY = "(vnode-type DIRECTORY)"


def rule(verdict: str, operations: str, filters: Sequence[str] | None = None, why: str = "") -> str:
    """Return one rule, a filter a line. filters: None for all there is, () makes no rule at all. why: a comment."""
    if filters is not None and not filters:
        return ""
    head = f"; {why}\n" if why else ""
    return head + f"({verdict} {operations}" + "".join(f"\n  {text}" for text in filters or ()) + ")\n"


def spellings(path: str) -> tuple[str, ...]:
    """Return a path in both forms: the kernel knows /private/tmp, people and programs say /tmp."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    if first in LINKED:
        return (path, f"/private{path}")
    inner = path.removeprefix("/private/")
    if inner != path and inner.split("/", 1)[0] in LINKED:
        return (path, f"/{inner}")
    return (path,)


def path_regex(path: str) -> str:
    """Return what matches one path, begun but not ended, whatever its case and in both forms.

    The usual file systems of macOS take `~/.ZSHENV` for `~/.zshenv` and do not tell composed letters from decomposed
    ones, so a file that is not there yet must be kept from appearing under all of its names.
    """
    return _both_forms([folded(part) for part in path.split("/") if part])


def _both_forms(parts: list[str]) -> str:
    """Join components; the first one may have /private before it, where there are two forms."""
    names = [folded(name) for name in LINKED]
    if len(parts) > 1 and parts[0] == folded("private") and parts[1] in names:
        parts = parts[1:]
    if parts and parts[0] in names:
        return f"^(/{folded('private')})?/" + "/".join(parts)
    return "^/" + "/".join(parts)


def folded(text: str) -> str:
    """Return what matches a text in upper and lower case, and composed or not."""
    if not text.isascii():
        import unicodedata

        text = unicodedata.normalize("NFC", text)
    return "".join(_folded(character) for character in text)


def _folded(character: str) -> str:
    if character.isascii():
        if character.isalpha():
            return f"[{character.lower()}{character.upper()}]"
        return f"\\{character}" if character in SPECIAL else character
    return _alternatives(_spelt(character))


def _spelt(character: str) -> list[str]:
    import unicodedata

    cases = dict.fromkeys((character, character.lower(), character.upper()))
    forms = (unicodedata.normalize(form, case) for case in cases for form in ("NFC", "NFD"))
    return list(dict.fromkeys(forms))


def _alternatives(texts: Sequence[str]) -> str:
    escaped = ["".join(f"\\{letter}" if letter in SPECIAL else letter for letter in text) for text in texts]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def pattern_regex(pattern: Pattern, project: str) -> str:
    """Return what matches the paths that a pattern names, not ended yet: with `$` those, with BELOW also what is in."""
    head = "^" if pattern.absolute else path_regex(project)
    parts = [ANY_DEPTH if segment == ANY_DEPTH else glob(segment) for segment in pattern.segments]
    if pattern.absolute and ANY_DEPTH not in parts[:1]:
        head, parts = _both_forms(parts[:2]), parts[2:]
        if ANY_DEPTH in pattern.segments[1:2]:
            head, parts = _both_forms([glob(pattern.segments[0])]), [ANY_DEPTH, *parts]
    for number, part in enumerate(parts):
        if part != ANY_DEPTH:
            head += part if head.endswith("/)?") else f"/{part}"
        elif number == len(parts) - 1:
            head += "/.*"
        else:
            head += "/(.*/)?"
    return head


def glob(segment: str) -> str:
    """Return what matches one component's glob (fnmatch(3) with FNM_PATHNAME), whatever the case."""
    out: list[str] = []
    position = 0
    while position < len(segment):
        character = segment[position]
        if character == "*":
            out.append("" if out[-1:] == [ANY] else ANY)
        elif character == "?":
            out.append(ONE)
        elif character == "\\" and position + 1 < len(segment):
            position += 1
            out.append(folded(segment[position]))
        elif character == "[" and (bracket := _bracket(segment, position + 1)):
            out.append(bracket[0])
            position = bracket[1]
            continue
        else:
            end = position + 1
            while end < len(segment) and segment[end] not in "*?[\\":
                end += 1
            out.append(folded(segment[position:end]))
            position = end
            continue
        position += 1
    return "".join(out)


def _bracket(segment: str, start: int) -> tuple[str, int] | None:
    """Return what a bracket expression matches, and the position behind it; None where it is never closed."""
    negated = segment[start : start + 1] in ("!", "^")
    position = first = start + negated
    members: list[str] = []
    while position < len(segment) and (segment[position] != "]" or position == first):
        name = segment[position + 2 : segment.find(":]", position)] if segment.startswith("[:", position) else ""
        if name in POSIX_CLASSES:
            members += [chr(code) for code in range(128) if _in_class(name, chr(code))]
            position += len(name) + 4
            continue
        position += segment[position] == "\\" and position + 1 < len(segment)
        low, position = segment[position], position + 1
        if segment[position : position + 1] == "-" and segment[position + 1 : position + 2] not in ("", "]"):
            high = segment[position + 1]
            members += [chr(code) for code in range(ord(low), ord(high) + 1)]
            position += 2
        else:
            members.append(low)
    if position >= len(segment):
        return None
    variants = [form for member in dict.fromkeys(members) for form in _spelt(member) if form != "/"]
    texts = list(dict.fromkeys(variants))
    return (_none_of_letters(texts) if negated else _alternatives(texts) if texts else ONE), position + 1


def _none_of_letters(texts: Sequence[str]) -> str:
    """Return a negated class; a closing bracket stands first in it and a dash last, as regex(7) wants them."""
    letters = "".join(text for text in texts if len(text) == 1 and text not in "]-^\\")
    first, caret, dash = ("]" * ("]" in texts)), "^" * ("^" in texts), "-" * ("-" in texts)
    backslash = "\\\\" * ("\\" in texts)
    return f"[^{first}/{letters}{caret}{backslash}{dash}]"


def _in_class(name: str, character: str) -> bool:
    import re

    return re.fullmatch(f"[{POSIX_CLASSES[name]}]", character) is not None


def may_overlap(one: Pattern, other: Pattern) -> bool:
    """Tell whether a path can have a last component that both patterns take; True where that is not plain."""
    first, second = one.segments[-1], other.segments[-1]
    if ANY_DEPTH in (first, second):
        return True
    if is_literal(second):
        return segment_matcher(first.lower())(second.lower())
    return not is_literal(first) or segment_matcher(second.lower())(first.lower())
