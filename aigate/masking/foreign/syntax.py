"""Expressions of Go, Rust and Hyperscan, written as RE2 has them. Judges no expression: RE2 does."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FLAGS = re.compile(r"\A\s*\(\?([a-zA-Z]+)\)")
NAMED = "(?P<secret>"
# What RE2 has not, and how to write it.
MISSING = (
    ("(?=", "RE2 has no lookahead: write what follows as a part of the pattern, and the secret as (?P<secret>...)"),
    ("(?!", "RE2 has no lookahead: leave the condition out, or name the characters that may follow"),
    (
        "(?<=",
        "RE2 has no lookbehind: write what stands in front as a part of the pattern, the secret as (?P<secret>...)",
    ),
    ("(?<!", "RE2 has no lookbehind: leave the condition out, or use \\b"),
    ("(?>", "RE2 has no atomic groups: write (?:...)"),
)


def translated(pattern: str) -> str:
    """Return the expression without verbose mode (blanks in classes count, as in Hyperscan), Rust's names and flags."""
    flags = ""
    text = pattern.strip()
    while found := FLAGS.match(text):
        flags += found[1]
        text = text[found.end() :]
    if "x" in flags:
        text = "".join(_without_blanks(text))
    kept = "".join(flag for flag in "ims" if flag in flags)
    text = re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", text)
    return f"(?{kept}){text}" if kept else text


def missing(pattern: str) -> str | None:
    """Tell what an expression needs that RE2 has not, and how to write it; None if nothing is known."""
    plain = "".join(piece for piece, kind in _pieces(pattern) if kind == "plain")
    for sign, reason in MISSING:
        if sign in plain:
            return reason
    if re.search(r"\\[1-9]", "".join(piece for piece, kind in _pieces(pattern) if kind == "escape")):
        return "RE2 has no references to groups: write out what may stand there"
    if "(?x" in plain:
        return "verbose mode is translated where it begins in front of the whole pattern"
    return None


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
