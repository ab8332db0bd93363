"""Values that are known to be secret: which of those in KEY=value files and variables count.

A value counts when its name says secret and it has at least 8 characters, 5 of them different, and a digit, a mark
or both cases; or, whatever its name, when it has at least 16 characters, is no path and no address, and is random: at
least four letters and four digits, and a change from one kind of character to another for every four characters. One
that stands in a public text (the project's path, names of its files, the user's or the host's name) never counts, nor
do lines of less than 16 characters of a value that has several.
Reads no file; the trusted side brings what it has read.
"""

from __future__ import annotations

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NAMES = ("PASSWORD", "PASSWD", "PASSPHRASE", "PWD", "SECRET", "TOKEN", "CREDENTIAL", "AUTH", "KEY", "DSN")
SHORTEST, RANDOM, DIFFERENT = 8, 16, 5
FEWEST = EVERY = 4  # letters and digits of what is random, and characters for each change of kind
ASCII = 0x80
MOST = 10_000  # values
LONGEST = 4096


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
