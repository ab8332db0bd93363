"""Patterns that look right and can never match, and how to write what is meant. Pure; asks no file.

gitignore(5) takes them silently: it expands neither variables nor braces, knows one home only, and has `/` alone
between directories. Whoever writes one believes a file to be hidden that is not.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHOWN_BRANCHES = 3
BLANKS = " \t\n\r"
QUOTES = "\"'"
SUSPICIOUS = frozenset("$%{\\:" + QUOTES + BLANKS)


def misspelling(text: str) -> tuple[str, str] | None:
    """Return what is wrong with a pattern and how to write it instead, or None. text: without a leading `!`."""
    if SUSPICIOUS.isdisjoint(text) and (text[:1] != "~" or text[:2] == "~/"):
        return None
    for look in LOOKS:
        found = look(text)
        if found:
            return found
    return None


def misspelt_variable(text: str) -> tuple[str, str] | None:
    """Return what is wrong with a glob for names of variables, or None: a shell's way of writing one, mostly."""
    plain = text.strip("$%{}")
    if text[:1] in "$%" and plain:
        return f"begins with {text[0]}, and no name of a variable does", f"write {plain}"
    name, equals, _ = text.partition("=")
    if equals:
        return "has a value behind the name", f"write {name or 'the name'}"
    if text.startswith(("/", "~/", "./")):
        return "is a path, and no name of a variable", "deny_read hides files"
    if text.count("[") != text.count("]"):
        return "has a bracket that stands alone", "write [AB] for one of two letters, * and ? for any"
    return _quoted(text) or _braces(text, escapable=False)


def unexpanded(text: str) -> tuple[str, str] | None:
    """Return what is wrong with a path that names a variable or somebody's home, or None."""
    wrong = _other_home(text) or _variable(text)
    return (wrong[0], wrong[1].partition(";")[0]) if wrong else None


def misspelt_command(text: str) -> tuple[str, str] | None:
    """Return what is wrong with a command that is to be denied, or None."""
    return _quoted(text) or _drive(text) or unexpanded(text) or _braces(text, escapable=False)


def _blank(text: str) -> tuple[str, str] | None:
    if text[:1] in BLANKS:
        return "begins with a blank", "take it away, or write \\ before it if a name begins so"
    if text[-1:] in BLANKS and text[-2:-1] != "\\":
        return "ends in a blank", "take it away, or write \\ before it if a name ends so"
    return None


def _quoted(text: str) -> tuple[str, str] | None:
    if len(text) > 1 and text[0] in QUOTES and text[-1] == text[0]:
        plain = text[1:-1] or "name"
        return (
            "is in quotes, which stand for themselves",
            f"write {plain}; a quote that is part of a name is \\{text[0]}",
        )
    return None


def _address(text: str) -> tuple[str, str] | None:
    scheme, mark, rest = text.partition("://")
    if mark and scheme.isalpha():
        path = f"/{rest.lstrip('/')}" if scheme == "file" else "the path of a file"
        return f"is an address ({scheme}://), and no path", f"write {path}"
    return None


def _drive(text: str) -> tuple[str, str] | None:
    if text[:1].isalpha() and text[1:3] in (":\\", ":/"):
        rest = text[3:].replace("\\", "/")
        return "begins with a drive letter", f"paths begin with /, such as /mnt/{text[0].lower()}/{rest}"
    return None


def _other_home(text: str) -> tuple[str, str] | None:
    name, slash, rest = text[1:].partition("/")
    if text[:1] == "~" and name and slash and name.replace("-", "_").replace(".", "_").isidentifier():
        home = "/root" if name == "root" else f"/home/{name}"
        return f"names the home of {name}, which is not looked up", f"write the path itself, such as {home}/{rest}"
    return None


def _variable(text: str) -> tuple[str, str] | None:
    for part in text.split("/"):
        name = _variable_in(part)
        if name:
            why = f"names the variable {name}, which is not looked up"
            home = name in ("HOME", "USERPROFILE") and text.startswith(part)
            if home:
                return why, f"write ~{text[len(part) :] or '/'}"
            return why, f"write its value; where {part} is a name, write \\{part}"
    return None


def _variable_in(part: str) -> str:
    """Return the name of a variable that a path component is, or that stands in braces in it, or ""."""
    if part[:1] == "$" and part[1:].isidentifier():
        return part[1:]
    if part[:1] == part[-1:] == "%" and part[1:-1].isidentifier():
        return part[1:-1]
    before, start, behind = part.partition("${")
    name, end, _ = behind.partition("}")
    return name if start and end and name.isidentifier() and not before.endswith("\\") else ""


def _braces(text: str, *, escapable: bool = True) -> tuple[str, str] | None:
    branches = list(_branches(text))
    if not branches:
        return None
    shown = " and ".join(branches[:SHOWN_BRANCHES]) + (" and so on" if len(branches) > SHOWN_BRANCHES else "")
    escape = "; a brace in a name is \\{" if escapable else ""
    return "has braces, which stand for themselves", f"write entries of their own: {shown}{escape}"


def _branches(text: str) -> Iterator[str]:
    """Yield what a shell would make of the first pair of braces with a comma in it."""
    start = text.find("{")
    while start >= 0:
        end = text.find("}", start)
        inside = text[start + 1 : end]
        if end > start and "," in inside and text[start - 1 : start] != "\\":
            yield from (f"{text[:start]}{branch}{text[end + 1 :]}" for branch in inside.split(","))
            return
        start = text.find("{", start + 1)


def _backslash(text: str) -> tuple[str, str] | None:
    position = text.find("\\")
    while position >= 0:
        after = text[position + 1 : position + 2]
        if not after:
            return "ends in a backslash, which needs a character behind it", "write \\\\ for a backslash in a name"
        if after.isalnum():
            slashes = text.replace("\\", "/")
            return (
                f"has a backslash before {after!r}, where it means nothing",
                f"between directories write /, as in {slashes}; a backslash in a name is \\\\",
            )
        position = text.find("\\", position + 2)
    return None


LOOKS: tuple[Callable[[str], tuple[str, str] | None], ...] = (
    _blank,
    _quoted,
    _address,
    _drive,
    _other_home,
    _variable,
    _braces,
    _backslash,
)
