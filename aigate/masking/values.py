"""Values that are known to be secret: which of those in KEY=value files and variables count, and the rules for them.

A value counts when its name says secret and it has at least 8 characters, 5 of them different, and a digit, a mark
or both cases; or, whatever its name, when it has at least 16 characters, is no path and no address, and is random: at
least four letters and four digits, and a change from one kind of character to another for every four characters. One
that stands in a public text (the project's path, names of its files, the user's or the host's name) never counts, nor
do lines of less than 16 characters of a value that has several.
Reads no file; the trusted side brings what it has read.
"""

from __future__ import annotations

from aigate.masking.rule import BUILT_IN, Rule
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NAMES = ("PASSWORD", "PASSWD", "PASSPHRASE", "PWD", "SECRET", "TOKEN", "CREDENTIAL", "AUTH", "KEY", "DSN")
SHORTEST, RANDOM, DIFFERENT = 8, 16, 5
FEWEST = EVERY = 4  # letters and digits of what is random, and characters for each change of kind
ASCII = 0x80
MOST = 200  # values; more of them would cost more than they hide
LONGEST = 4096
ESCAPED = "\\.+*?()|[]{}^$"


@record
class Value:
    """A value that must not be shown, and the name that it has where it was found."""

    name: str
    text: str


def assignments(text: str) -> list[tuple[str, str]]:
    """Return the names and values of a file of `KEY=value` lines, as shells and dotenv write them."""
    found = []
    for line in text.splitlines():
        name, separator, value = line.strip().removeprefix("export ").partition("=")
        name, value = name.strip(), value.strip()
        if not separator or not name or not all(letter.isalnum() or letter in "_.-" for letter in name):
            continue
        if value[:1] in {"'", '"'} and value.find(value[0], 1) > 0:
            value = value[1 : value.find(value[0], 1)]
        elif " #" in value:
            value = value.partition(" #")[0].rstrip()
        found.append((name, value))
    return found


def chosen(pairs: Iterable[tuple[str, str]], public: Sequence[str] = ()) -> tuple[Value, ...]:
    """Return which values count as secret, each once, at most MOST. public: texts that everybody may see."""
    kept: dict[str, Value] = {}
    for name, whole in pairs:
        lines = whole.split("\n")
        for text in lines:
            if len(lines) > 1 and len(text) < RANDOM:
                continue
            if len(kept) < MOST and _counts(name, text) and not any(text in known for known in public):
                kept.setdefault(text, Value(name, text))
    return tuple(kept.values())


def rules_for(values: Iterable[Value]) -> tuple[Rule, ...]:
    """Return a rule for each value: as it is, escaped, %-encoded, in base64 at each alignment, and in hexadecimal."""
    return tuple(Rule("value", "|".join(map(_literal, _spellings(value.text))), source=BUILT_IN) for value in values)


def _counts(name: str, text: str) -> bool:
    if len(text) > LONGEST or len(set(text)) < DIFFERENT or not text.isprintable():
        return False
    said = any(word in name.upper() for word in NAMES)
    if said and len(text) >= SHORTEST and not text.isdigit() and " " not in text and "/" not in text[:1]:
        return not text.isalpha() or text not in {text.lower(), text.upper(), text.capitalize()}
    return len(text) >= RANDOM and _is_random(text)


def _is_random(text: str) -> bool:
    if "://" in text or " " in text or text[0] in "/~." or text.count("/") > 1 + len(text) // 12:
        return False
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    kinds = [(letter.isdigit(), letter.islower(), letter.isupper()) for letter in text]
    changes = sum(kinds[at] != kinds[at - 1] for at in range(1, len(kinds)))
    return min(letters, digits) >= FEWEST and changes * EVERY >= len(text)


def _spellings(text: str) -> list[str]:
    from binascii import b2a_base64, b2a_hex

    raw = text.encode("utf-8", "surrogateescape")
    found = {text: None, _json(text): None, text.replace("'", "'\\''"): None, _html(text): None}
    for hexadecimal in ("%{:02X}", "%{:02x}"):
        found["".join(_percent(byte, hexadecimal) for byte in raw)] = None
    found[b2a_hex(raw).decode()] = found[b2a_hex(raw).decode().upper()] = None
    for before in range(3):
        whole = b2a_base64(bytes(before) + raw, newline=False).decode().rstrip("=")
        core = whole[(0, 2, 3)[before] : (before + len(raw)) * 8 // 6]
        found[core] = found[core.replace("+", "-").replace("/", "_")] = None
    return [spelling for spelling in found if spelling]


def _json(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _html(text: str) -> str:
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
    )


def _percent(byte: int, hexadecimal: str) -> str:
    return chr(byte) if byte < ASCII and (chr(byte).isalnum() or chr(byte) in "-._~") else hexadecimal.format(byte)


def _literal(text: str) -> str:
    """Return an expression for a text as it is."""
    return "".join("\\" + letter if letter in ESCAPED else letter for letter in text)
