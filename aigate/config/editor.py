"""The config's keys as a JSON Schema (draft 2020-12), with which editors complete and check it. Reads no config.

Made of what `schema` checks, and of the comments of the built-in config. What it cannot say (a size below 1M in words,
a pattern that is no RE2) is said when the file is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from aigate.config.load import default_bytes
from aigate.config.model import HOMES, LATES, PROJECTS, PROTECTIONS, TERMINAL, Layer
from aigate.config.schema import (
    BACKENDS,
    LISTS,
    MAX_MEMORY,
    MAX_PIDS,
    MAX_PORT,
    MAX_PREFIX,
    MIN_MEMORY,
    NETWORKS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE = "config.schema.json"  # beside the user's config
USERS_ALONE = ("group", "user", "backend")
NOT_KEYS = ("path", "lines")
CONTROLS = "\\u0000-\\u001f\\u007f-\\u009f"
ENTRY = f"^(?!!?\\s*$)[^\\s{CONTROLS}]([^{CONTROLS}]*[^\\s{CONTROLS}])?$"
ACCOUNT = "^[A-Za-z_][A-Za-z0-9_.-]{0,31}$"
MEMORY = "^[0-9]{1,18}(\\.[0-9]{1,9})? ?[KMGTkmgt]?[iI]?[bB]?$"
KEY = "^(none|((ctrl|alt|shift)-)+(f[0-9]{1,2}|[!-@\\[-~]))$"
CHOICES = {"home": HOMES, "project": PROJECTS, "late": LATES, "network": NETWORKS, "backend": BACKENDS}
INNER = {
    "max_memory": "Of all processes of one run together: 512M, 4G. K, M, G, T are each 1024 times the one before.",
    "max_cpu_percent": "Of the whole machine, all processors together.",
    "max_pids": "Processes and threads.",
    "presets": "Known kinds of secrets: names, groups, or all; ! takes back.",
    "patterns": "Your own kinds, as RE2 regular expressions.",
    "values": "Values that are known: denied, $NAME, or a file. Left out: [denied].",
    "regex": "What is hidden, as RE2 reads it.",
    "show_prefix": "So many bytes of a match stay readable.",
    "clipboard": "none, write (OSC 52), all (what stands in it is told, too).",
    "titles": "none, all: of window and tab.",
    "notifications": "none, all: of the desktop.",
    "hyperlinks": "none, all, honest: not those whose text is another address than where they lead.",
    "queries": "none, all, safe: not those that are answered with text that a program may have chosen.",
    "window": "none, all: moved, resized, raised, hidden.",
    "files": "none, all: of the user's machine, written and read by the terminal; printing.",
    "other": "none, all: keys, macros, fonts, a terminal around the terminal, what is not known.",
    "reveal": "The key that shows once what is masked on the screen, such as ctrl-f12 or alt-m; none: there is none.",
    "case_insensitive": "Whether capital and small letters are the same.",
}


def json_schema(presets: Iterable[str], *, project: bool) -> Schema:
    """Return the schema of the user's file, or of a project's. presets: their names, with groups and `all`."""
    texts = descriptions()
    keys: list[str] = [
        key for key in Layer.__match_args__ if key not in NOT_KEYS and not (project and key in USERS_ALONE)
    ]
    found = {key: {"description": texts[key], **_of(key, tuple(presets))} for key in keys}
    if project:
        del found["terminal"]["properties"]["reveal"]
    title = "aigate: a project's .aigate.yaml" if project else "aigate: ~/.aigate/config.yaml"
    return {"$schema": DIALECT, "title": title, **_mapping(found), "minProperties": 1}


def descriptions() -> dict[str, str]:
    """Return what the built-in config's comments say of each key."""
    found: dict[str, str] = {}
    block: list[str] = []
    for line in default_bytes().decode().splitlines():
        key = re.match(r"([a-z_]+):", line)
        if line.startswith("#"):
            block.append(line.removeprefix("#").removeprefix(" "))
        elif key:
            found[key[1]] = "\n".join(block)
        else:
            block = []
    return found


def _of(key: str, presets: tuple[str, ...]) -> Schema:
    if key in CHOICES:
        return {"enum": list(CHOICES[key])}
    if key in LISTS:
        return _list({"type": "string", "pattern": ENTRY})
    return {**_special(), "mask_stdout": _mask(presets)}[key]


def _special() -> dict[str, Schema]:
    """Return the schemas of the keys that are unlike all others."""
    account = {"type": "string", "pattern": ACCOUNT}
    memory = {"anyOf": [{"type": "string", "pattern": MEMORY}, _integer(MIN_MEMORY, MAX_MEMORY)]}
    percent = {"type": "number", "exclusiveMinimum": 0, "maximum": 100}
    limits: dict[str, Schema] = {"max_memory": memory, "max_cpu_percent": percent, "max_pids": _integer(1, MAX_PIDS)}
    return {
        "group": account,
        "user": account,
        "require": _list({"enum": list(PROTECTIONS)}),
        "ports": _list(_integer(1, MAX_PORT)),
        "resource_limits": _described(limits),
        "terminal": _described(
            {
                **{key: {"enum": list(words)} for key, words in TERMINAL.items()},
                "reveal": {"type": "string", "pattern": KEY},
            }
        ),
    }


def _mask(presets: tuple[str, ...]) -> Schema:
    pattern = _described(
        {
            "regex": {"type": "string", "pattern": "^[^\\u0000\\n]+$"},
            "show_prefix": _integer(0, MAX_PREFIX),
            "case_insensitive": {"type": "boolean"},
        }
    )
    names = [*presets, *(f"!{name}" for name in presets)]
    values = _list({"type": "string", "pattern": ENTRY})
    return _described(
        {"presets": _list({"enum": names}), "patterns": _list({**pattern, "required": ["regex"]}), "values": values}
    )


def _described(properties: dict[str, Schema]) -> Schema:
    return _mapping({key: {"description": INNER[key], **one} for key, one in properties.items()})


def _mapping(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _integer(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}
