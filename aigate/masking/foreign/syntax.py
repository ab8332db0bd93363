"""Expressions of Go, Rust and Hyperscan, written as RE2 has them. Judges no expression: RE2 does."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FLAGS = re.compile(r"\A\s*\(\?([a-zA-Z]+)\)")
NAMED = "(?P<secret>"
# What RE2 has not, and how to write it. Looked for where classes and escapes are an `x`.
MISSING = (
    ("(?=", "RE2 has no lookahead: write what follows as a part of the pattern, and the secret as (?P<secret>...)"),
    ("(?!", "RE2 has no lookahead: leave the condition out, or name the characters that may follow"),
    (
        "(?<=",
        "RE2 has no lookbehind: write what stands in front as a part of the pattern, the secret as (?P<secret>...)",
    ),
    ("(?<!", "RE2 has no lookbehind: leave the condition out, or use \\b"),
    ("(?(", "RE2 has no conditions: write two rules"),
    ("(?|", "RE2 has no groups that share a number: write (?:...), and the secret as (?P<secret>...)"),
    ("(?R)", "RE2 has no recursion: write out as deep as it may go"),
    ("(?&", "RE2 has no recursion: write the group out where it is called"),
    ("(?P>", "RE2 has no recursion: write the group out where it is called"),
    ("(?P=", "RE2 has no references to groups: write out what may stand there"),
)
ESCAPES = (
    (re.compile(r"\\(?:[1-9]|[gk][{<'1-9-])"), "RE2 has no references to groups: write out what may stand there"),
    (re.compile(r"\\K"), "RE2 cannot move where a match begins: write the secret as (?P<secret>...)"),
    (re.compile(r"\\[GZ]"), "RE2 knows \\A and \\z only: write ^ or $"),
    (re.compile(r"\\[RXhHNV]"), "RE2 has no escape for that kind of character: write the class out, as [ \\t] for \\h"),
)
RENAMED = re.compile(r"\\u\{?([0-9a-fA-F]{4,6})\}?|\\.|\(\?<(?=[A-Za-z_])", re.DOTALL)
VERBOSE = re.compile(r"\(\?[a-zA-Z]*x")
MOST_REPETITIONS = 1000
REPETITION = re.compile(r"\{(\d+)(,?)(\d*)\}")
OPERATIONS = re.compile(r"&&|--|~~|\[(?!:)")
TOO_OFTEN = f"RE2 repeats {MOST_REPETITIONS} times at most: write x{{1000}}x{{24}} for x{{1024}}, or x+"


def translated(pattern: str) -> str:
    """Return the expression without verbose mode (blanks in classes count, as in Hyperscan), Rust's names and flags."""
    flags = ""
    text = pattern.strip()
    while found := FLAGS.match(text):
        flags += found[1]
        text = text[found.end() :]
    if "x" in flags:
        text = "".join(_without_blanks(text))
    kept = "".join(flag for flag in "imsU" if flag in flags)
    text = RENAMED.sub(_renamed, text)
    return f"(?{kept}){text}" if kept else text


def _renamed(found: re.Match[str]) -> str:
    if found[1]:
        return f"\\x{{{found[1]}}}"
    return "(?P<" if found[0] == "(?<" else found[0]


def wider(pattern: str) -> tuple[str, tuple[str, ...]]:
    """Return the expression without what only makes matches fewer or shorter and RE2 has not, and what that was."""
    out, notes = "", []
    text = re.sub(r"\(\?#[^)]*\)", "", pattern)
    for piece in _quantified(text):
        plain = piece
        if plain == "(?>":
            plain = "(?:"
            notes.append("atomic groups are written as (?:...), so more may match")
        elif (plain[-1:] == "+" and plain[:-1] in ("*", "+", "?")) or REPETITION.fullmatch(plain[:-1]):
            plain = plain[:-1] if plain[-1] == "+" else plain
            notes.append("possessive quantifiers are written without the second +, so more may match")
        found = REPETITION.fullmatch(plain)
        if found and found[2] and found[3] and int(found[3]) > MOST_REPETITIONS >= int(found[1]):
            plain = f"{{{found[1]},}}"
            notes.append(
                f"{found[0]} is written as {plain}, since RE2 repeats {MOST_REPETITIONS} times at most: more may match"
            )
        out += plain
    return out, tuple(dict.fromkeys(notes))


def _quantified(pattern: str) -> Iterator[str]:
    """Yield the expression in pieces, of which quantifiers with their second sign and `(?>` are whole ones."""
    kept = ""
    for piece, kind in _pieces(pattern):
        if kind != "plain":
            yield from _split(kept)
            yield piece
            kept = ""
        else:
            kept += piece
    yield from _split(kept)


def _split(plain: str) -> Iterator[str]:
    return (found[0] for found in re.finditer(r"\(\?>|(?:\{\d+(?:,\d*)?\}|[*+?])\+?|.", plain, re.DOTALL))


def missing(pattern: str, *, sets: bool = False) -> str | None:
    """Tell what an expression needs that RE2 has not, and how to write it; None if nothing is known.

    sets: it was written for an engine that knows operations on classes, which RE2 would read in another way.
    """
    pieces = list(_pieces(pattern))
    plain = "".join(piece if kind == "plain" else "x" for piece, kind in pieces)
    for sign, reason in MISSING:
        if sign in plain:
            return reason
    escapes = [
        piece + pieces[at + 1][0][:1] if at + 1 < len(pieces) else piece
        for at, (piece, kind) in enumerate(pieces)
        if kind == "escape"
    ]
    for wanted, reason in ESCAPES:
        if any(wanted.match(escape) for escape in escapes):
            return reason
    if VERBOSE.search(plain):
        return "verbose mode is translated where it begins in front of the whole pattern"
    if any(int(found[1]) > MOST_REPETITIONS for found in REPETITION.finditer(plain)):
        return TOO_OFTEN
    if sets and any(OPERATIONS.search(piece[1:-1]) for piece, kind in pieces if kind == "class"):
        return "RE2 has no operations on classes and no class within a class: write the characters out, [ as \\["
    return None


def groups(pattern: str) -> int:
    """Return how many groups an expression has."""
    return len(
        re.findall(r"\((?!\?)|\(\?P<", "".join(piece if kind == "plain" else "x" for piece, kind in _pieces(pattern)))
    )


def with_secret(pattern: str, number: int = 1) -> str:
    """Return the expression with its group of that number, or the one called TOKEN, as the group `secret`."""
    if "(?P<secret>" in pattern:
        return pattern
    if "(?P<TOKEN>" in pattern:
        return pattern.replace("(?P<TOKEN>", NAMED, 1)
    out, seen, pieces = "", 0, list(_pieces(pattern))
    for at, (piece, kind) in enumerate(pieces):
        out += piece
        if kind != "plain" or piece != "(":
            continue
        behind = "".join(one for one, _ in pieces[at + 1 : at + 4])
        if behind.startswith("?") and not behind.startswith("?P<"):
            continue
        seen += 1
        if seen == number:
            rest = "".join(one for one, _ in pieces[at + 1 :])
            return out[:-1] + NAMED + (rest.partition(">")[2] if behind.startswith("?P<") else rest)
    return out


def _pieces(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield the expression in pieces: `plain` characters, `escape`s, whole `class`es."""
    at = 0
    while at < len(pattern):
        stop = at + 1
        kind = "plain"
        if pattern[at] == "\\":
            stop, kind = at + 2, "escape"
        elif pattern[at] == "[":
            stop, kind = _class_end(pattern, at), "class"
        yield pattern[at:stop], kind
        at = stop


def _class_end(pattern: str, at: int) -> int:
    stop = at + 1
    if pattern[stop : stop + 1] == "^":
        stop += 1
    if pattern[stop : stop + 1] == "]":
        stop += 1
    while stop < len(pattern) and pattern[stop] != "]":
        if pattern.startswith("[:", stop) and ":]" in pattern[stop:]:
            stop = pattern.index(":]", stop) + 2
        else:
            stop += 2 if pattern[stop] == "\\" else 1
    return stop + 1


def _without_blanks(text: str) -> Iterator[str]:
    comment = False
    for piece, kind in _pieces(text):
        if comment:
            comment = "\n" not in piece
        elif kind == "plain" and piece == "#":
            comment = True
        elif kind == "escape" and piece in ("\\ ", "\\#"):
            yield "[ ]" if piece == "\\ " else "[#]"
        elif kind != "plain" or not piece.isspace():
            yield piece
