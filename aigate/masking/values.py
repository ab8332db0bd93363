"""Values that are known to be secret: which of those that files and variables hold count.

A value counts when its name says secret and it has at least 8 characters, 5 of them different, and looks like no name,
no number, no path and no address; or, whatever its name, when it has at least 16 characters, is none of these, and is
random: at least four letters and four digits, and a change from one kind of character to another for every four
characters. Four words or more, joined by dashes, are a passphrase. Of an address the password alone is looked at. A
value that stands in a public text (the project's path, names of its files, the user's or the host's name) never counts,
nor does one whose name says the opposite (PUBLIC, COMMIT ...), nor a line of less than 16 characters of several.
Reads no file; the trusted side brings what it has read.
"""

from __future__ import annotations

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SECRET_WORDS = frozenset(("PWD", "PASS", "AUTH", "KEY", "KEYS", "TOKEN", "TOKENS", "DSN", "CREDS"))
SECRET_PARTS = ("PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "CREDENTIAL", "APIKEY", "ACCESSKEY", "PRIVATEKEY")
SECRET_ENDS = ("TOKEN", "PWD")
PUBLIC_WORDS = frozenset(
    ("PUBLIC", "PUBLISHABLE", "COMMIT", "REVISION", "SHA", "DIGEST", "CHECKSUM", "IMAGE", "VERSION", "TAG", "BUILD")
)
SHORTEST, RANDOM, DIFFERENT = 8, 16, 5
FEWEST = EVERY = 4  # letters and digits of what is random, and characters for each change of kind
WORDS = 4  # of a passphrase
COLOUR = 9  # characters of #rrggbbaa
JOINTS = "-_.:/"
CLOSING = ";,()[]{}<>\"'"
MOST = 10_000  # values
LONGEST = 4096  # bytes, as the masker has it


@record
class Value:
    """A value that must not be shown, and the name that it has where it was found."""

    name: str
    text: str


def chosen(pairs: Iterable[tuple[str, str]]) -> tuple[Value, ...]:
    """Return which values count as secret by what they look like, each once."""
    kept: dict[str, Value] = {}
    for name, whole in pairs:
        said = says_secret(name)
        if not said and PUBLIC_WORDS & set(_words(name)):
            continue
        for text, told in _parts(whole, said=said):
            if _counts(text, said=told):
                kept.setdefault(text, Value(name, text))
    return tuple(kept.values())


def says_secret(name: str) -> bool:
    """Tell whether a name says that its value is secret: DEPLOY_KEY, signingKey, db.password, not AUTHOR."""
    words = _words(name)
    if "PUBLIC" in words or "PUBLISHABLE" in words:
        return False
    whole = "".join(words)
    return (
        not SECRET_WORDS.isdisjoint(words)
        or any(part in whole for part in SECRET_PARTS)
        or any(word.endswith(SECRET_ENDS) for word in words)
    )


def _words(name: str) -> list[str]:
    """Return the words of a name in capitals, whatever joins them."""
    words, last = [""], ""
    for letter in name:
        if not letter.isalnum() or (letter.isupper() and last.islower()):
            words.append("")
        words[-1] += letter.upper() if letter.isalnum() else ""
        last = letter
    return [word for word in words if word]


def _parts(whole: str, *, said: bool) -> Iterator[tuple[str, bool]]:
    """Yield what of a value may be secret, and whether that is said: its lines, or the password of an address."""
    lines = whole.splitlines()
    for line in lines:
        text = line.strip()
        if len(lines) > 1 and len(text) < RANDOM:
            continue
        if "://" in text:
            yield from ((password, True) for password in _passwords(text))
        else:
            yield text, said


def _passwords(address: str) -> Iterator[str]:
    """Yield the password of `scheme://user:password@host`, as it is written and as it is meant."""
    authority = address.partition("://")[2].partition("/")[0]
    login, at, _ = authority.rpartition("@")
    password = login.partition(":")[2]
    if at and password:
        yield password
        if "%" in password:
            from urllib.parse import unquote

            yield unquote(password)


def _counts(text: str, *, said: bool) -> bool:
    if not text.isprintable() or len(text.encode()) > LONGEST or len(set(text)) < DIFFERENT:
        return False
    if len(text) < (SHORTEST if said else RANDOM) or " " in text or text[0] in "/~.<$" or text.isdigit():
        return False
    if _is_name(text):
        return said and _is_passphrase(text)
    if _is_host(text) or not any(map(str.isalpha, text)) or (text[0] == "#" and len(text) <= COLOUR):
        return False
    return said or _is_random(text)


def _is_name(text: str) -> bool:
    """Tell whether a text is put together of words and numbers, as names of things and pieces of code are."""
    bare = text.rstrip(CLOSING)
    for joint in JOINTS[1:]:
        bare = bare.replace(joint, JOINTS[0])
    return all(_is_word(part) for part in bare.split(JOINTS[0]))


def _is_word(part: str) -> bool:
    if not part.isalpha():
        return not part.lstrip("v") or part.lstrip("v").isdigit()
    humps = [""]
    for at, letter in enumerate(part):
        if letter.isupper() and at and part[at - 1].islower():
            humps.append("")
        humps[-1] += letter
    return all(len(hump) > 1 and (hump[1:].islower() or hump.isupper()) for hump in humps)


def _is_passphrase(text: str) -> bool:
    return len(text) >= RANDOM and any(
        len(words) >= WORDS and all(len(word) > 2 and word.isalpha() for word in words)  # noqa: PLR2004
        for words in (text.split("-"), text.split("_"))
    )


def _is_host(text: str) -> bool:
    """Tell whether it is the name of a host, maybe with a port, or an address of mail."""
    host = text.rpartition("@")[2].partition(":")[0]
    local = text.rpartition("@")[0]
    labels = host.split(".")
    plain = host.isascii() and host == host.lower() and all(c.isalnum() or c in ".-" for c in host)
    return plain and len(labels) > 1 + (not local) and labels[-1].isalpha() and (not local or _is_name(local))


def _is_random(text: str) -> bool:
    if text.count("/") > 1 + len(text) // 12:
        return False
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    kinds = [(letter.isdigit(), letter.islower(), letter.isupper()) for letter in text]
    changes = sum(kinds[at] != kinds[at - 1] for at in range(1, len(kinds)))
    return min(letters, digits) >= FEWEST and changes * EVERY >= len(text)
