"""What files hold: names and values in lines of KEY=value, in JSON and in YAML. Judges nothing, and opens no file."""

from __future__ import annotations

from aigate.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Pairs = list[tuple[str, str]]

LONGEST_NAME = 200
PGPASS = 5  # host, port, database, user, password
MOST_LINES = 100  # of one quoted value
UNESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def pairs_of(text: str, path: str) -> Pairs:
    """Return the names and values of a file: what it is its name says, or a brace in front.

    Names within others are joined by dots. Raises ConfigError for JSON and YAML that is none.
    """
    if path.endswith((".yaml", ".yml")):
        return _from_yaml(text, path)
    if path.endswith(".json") or text.lstrip()[:1] == "{":
        return _from_json(text, path)
    return assignments(text)


def assignments(text: str) -> Pairs:
    """Return the names and values of `KEY=value` lines, as shells, dotenv, npm and INI files write them.

    A quoted value may go over several lines. A line that is an address (`.git-credentials`) is a password, and so is
    the last of five fields with a port among them (`.pgpass`).
    """
    found = []
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        stripped = lines[at].strip().removeprefix("export ")
        at += 1
        name, separator, value = stripped.partition("=")
        name, value = name.strip(), value.strip()
        fields = stripped.replace("\\:", "\0").split(":")
        if "://" in name:
            found.append(("password", stripped))
        elif len(fields) == PGPASS and (fields[1].isdigit() or fields[1] == "*"):
            found.append(("password", fields[-1].replace("\0", ":")))
        elif separator and name and len(name) < LONGEST_NAME and not any(letter in " \t#;'\"" for letter in name):
            meant, at = _value(value, lines, at)
            found.append((name, meant))
    return found


def _value(value: str, lines: Sequence[str], behind: int) -> tuple[str, int]:
    """Return what is meant, and the number of the line to go on with: a quote may be closed on a later one."""
    quote = value[:1]
    if quote not in {"'", '"'}:
        return value.partition(" #")[0].rstrip(), behind
    whole = value[1:]
    for at in range(behind, min(len(lines), behind + MOST_LINES) + 1):
        end = _end(whole, quote)
        if end >= 0:
            return whole[:end] if quote == "'" else _unescaped(whole[:end]), at
        whole += f"\n{lines[at]}" if at < len(lines) else ""
    return value.partition(" #")[0].rstrip(), behind


def _end(text: str, quote: str) -> int:
    at = text.find(quote)
    while quote == '"' and at > 0 and (len(text[:at]) - len(text[:at].rstrip("\\"))) % 2:
        at = text.find(quote, at + 1)
    return at


def _unescaped(text: str) -> str:
    out, at = [], 0
    while at < len(text):
        pair = text[at] == "\\" and at + 1 < len(text)
        out.append(UNESCAPED.get(text[at + 1], text[at + 1]) if pair else text[at])
        at += 2 if pair else 1
    return "".join(out)


def _from_json(text: str, path: str) -> Pairs:
    import json

    try:
        return _leaves(json.loads(text, parse_int=str, parse_float=str))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"is not valid JSON: {error}", path=path) from None


def _from_yaml(text: str, path: str) -> Pairs:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return _leaves(list(yaml.load_all(text, Loader=loader)))
    except (yaml.YAMLError, RecursionError) as error:
        where = getattr(error, "problem", None) or "it is nested too deeply"
        raise ConfigError(f"is not valid YAML: {where}", path=path) from None


def _leaves(root: Any) -> Pairs:
    """Return the texts of a tree. What several aliases name is looked at once."""
    found: Pairs = []
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("", root)]
    while waiting:
        name, node = waiting.pop()
        if isinstance(node, str):
            found.append((name, node))
        elif isinstance(node, dict | list) and id(node) not in seen:
            seen.add(id(node))
            pairs = node.items() if isinstance(node, dict) else [("", item) for item in node]
            waiting += [(f"{name}.{key}".strip("."), item) for key, item in pairs]
    return found[::-1]
