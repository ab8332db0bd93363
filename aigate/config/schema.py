"""The keys and what may stand in them: one file's bytes to plain values that `cache` can keep.

Absent and empty are kept apart here; `merge` says what each means. Whether a regular expression is RE2, a preset
exists, a host name is one, is for those to say who use them: every value carries its line for that.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from aigate.config import chord, tree
from aigate.config.model import HOMES, LATES, NO_KEY, PROJECTS, PROTECTIONS, TERMINAL
from aigate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Checks = dict[str, Callable[[str, tree.Node], Any]]

LISTS = ("deny_read", "deny_write", "deny_exec", "deny_env", "allow_net", "allow_sockets", "share")
NETWORKS = ("auto", "slirp", "gateway")
BACKENDS = ("auto", "bwrap", "unshare")
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
REGISTRIES = ("npm", "pip")
MIN_MEMORY = 1 << 20
MAX_MEMORY = 1 << 60
MAX_PIDS = 1 << 22  # Linux: PID_MAX_LIMIT, see proc(5)
MAX_PORT = 65535
MAX_PREFIX = 1 << 16  # the masker's longest match

_MEMORY = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,9})?) ?([KMGT]?)(?:i?B)?", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_ACCOUNT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")


def check(data: bytes, path: str, *, project: bool) -> dict[str, Any]:
    """Parse and check one file. Raises ConfigError, with path and line, for the first thing that is wrong.

    The result holds the keys that the file has: ("word", line) for single values, ((text, line), ...) for lists,
    ((name, number), ...) for limits, ((name, ("word", line)), ...) for terminal, and (presets or None, ((regex,
    show_prefix, case_insensitive, line), ...) or None, values or None) for mask_stdout. Besides, `lines` holds
    ((key, line), ...).
    """
    root = tree.tree_of(tree.text_of(data, path), path)
    lines = tuple((str(key.value), _line(value)) for key, value in root.pairs)
    return check_tree(root, path, project=project) | {"lines": lines}


def check_tree(root: tree.Mapping, path: str, *, project: bool) -> dict[str, Any]:
    """Check a file that is parsed already; see `check`."""
    return _Checker(path, project=project).top(root)


def check_profile(root: tree.Mapping, path: str) -> dict[str, Any]:
    """Check a profile's file. Raises ConfigError.

    `source` is ("text", line); `share` and `allow_net` are lists as in the config, `hints`, `passing` and `registries`
    likewise; `environment` is ((name, value), ...), `toolchain` true or false.
    """
    checker = _Checker(path, project=False)
    lists = {**dict.fromkeys(("share", "allow_net", "hints"), checker.entries), "passing": checker.places}
    others = {"source": checker.line_of_text, "environment": checker.variables, "toolchain": checker.flag}
    return checker.mapping("", root, {**lists, **others, "registries": checker.registries})


def entry_problem(text: str) -> str | None:
    """Return what is wrong with an entry of any list, or None."""
    if not text.removeprefix("!").strip():
        return "is empty"
    if text != text.strip():
        return "begins or ends with a blank"
    return None if text.isprintable() else "holds a character that cannot be shown"


class _Checker:
    """The checks; they share the path for their messages."""

    def __init__(self, path: str, *, project: bool) -> None:
        self.path = path
        self.project = project

    def top(self, root: tree.Mapping) -> dict[str, Any]:
        checks: Checks = dict.fromkeys(LISTS, self.entries)
        checks |= {"group": self.account, "user": self.account, "network": self.network, "require": self.require}
        checks |= {
            "ports": self.ports,
            "backend": self.backend,
            "home": self.home,
            "project": self.project_kind,
            "late": self.late,
            "resource_limits": self.limits,
            "mask_stdout": self.mask,
            "terminal": self.terminal,
        }
        return self.mapping("", root, checks)

    def mapping(self, name: str, node: tree.Node, checks: Checks) -> dict[str, Any]:
        if not isinstance(node, tree.Mapping):
            raise self.wrong(name, node, "keys and values")
        for key, _ in node.pairs:
            if key.value not in checks:
                where = f" in {name}" if name else ""
                raise self.error(f"unknown key {key.value!a}{where}", key, _nearest(str(key.value), checks))
        pairs = ((str(key.value), value) for key, value in node.pairs)
        return {key: checks[key](f"{name}.{key}".lstrip("."), value) for key, value in pairs}

    def entries(self, name: str, node: tree.Node) -> tuple[tuple[str, int], ...]:
        if not isinstance(node, tree.Sequence):
            raise self.wrong(name, node, "a list")
        return tuple((self.entry(name, item), _line(item)) for item in node.items)

    def places(self, name: str, node: tree.Node) -> tuple[tuple[str, int], ...]:
        """Return a list of directories in the home."""
        found = self.entries(name, node)
        for text, line in found:
            parts = text.removesuffix("/").split("/")
            if parts[0] != "~" or len(parts) == 1 or {"", ".", ".."} & {*parts[1:]}:
                problem = f"{text!a} in {name} is not a directory in your home"
                raise ConfigError(problem, path=self.path, line=line, hint="~/directory/")
        return found

    def entry(self, name: str, node: tree.Node) -> str:
        text = self.text(f"an entry of {name}", node)
        if problem := entry_problem(text):
            raise self.error(f"{text!a} in {name} {problem}", node, "? in a pattern stands for any character")
        return text

    def text(self, name: str, node: tree.Node) -> str:
        if isinstance(node, tree.Scalar) and isinstance(node.value, str):
            return node.value
        if isinstance(node, tree.Scalar) and node.value is not None:
            raise self.error(f"{name} must be text, this is {_kind(node)}", node, "put it in quotes if it is meant")
        raise self.wrong(name, node, "text")

    def line_of_text(self, name: str, node: tree.Node) -> tuple[str, int]:
        return self.text(name, node), _line(node)

    def variables(self, name: str, node: tree.Node) -> tuple[tuple[str, str], ...]:
        if not isinstance(node, tree.Mapping):
            raise self.wrong(name, node, "names and values")
        for key, _ in node.pairs:
            if not _VARIABLE.fullmatch(str(key.value)):
                raise self.error(f"{key.value!a} in {name} is no name of a variable", key)
        return tuple((str(key.value), self.text(f"{name}.{key.value}", value)) for key, value in node.pairs)

    def registries(self, name: str, node: tree.Node) -> tuple[tuple[str, int], ...]:
        if not isinstance(node, tree.Sequence):
            raise self.wrong(name, node, "a list")
        return tuple((self.choice(f"an entry of {name}", item, REGISTRIES), _line(item)) for item in node.items)

    def account(self, name: str, node: tree.Node) -> tuple[str, int]:
        text = self.text(name, node)
        if self.project:
            raise self.error(f"{name} cannot be set by a project", node, "set it in ~/.aigate/config.yaml")
        if not _ACCOUNT.fullmatch(text):
            raise self.error(f"{name} must be an account name, not {text!a}", node)
        return text, _line(node)

    def network(self, name: str, node: tree.Node) -> tuple[str, int]:
        return self.choice(name, node, NETWORKS), _line(node)

    def backend(self, name: str, node: tree.Node) -> tuple[str, int]:
        if self.project:
            raise self.error(f"{name} cannot be set by a project", node, "set it in ~/.aigate/config.yaml")
        return self.choice(name, node, BACKENDS), _line(node)

    def home(self, name: str, node: tree.Node) -> tuple[str, int]:
        return self.choice(name, node, HOMES), _line(node)

    def project_kind(self, name: str, node: tree.Node) -> tuple[str, int]:
        return self.choice(name, node, PROJECTS), _line(node)

    def late(self, name: str, node: tree.Node) -> tuple[str, int]:
        return self.choice(name, node, LATES), _line(node)

    def require(self, name: str, node: tree.Node) -> tuple[tuple[str, int], ...]:
        if not isinstance(node, tree.Sequence):
            raise self.wrong(name, node, "a list")
        return tuple((self.choice(f"an entry of {name}", item, PROTECTIONS), _line(item)) for item in node.items)

    def choice(self, name: str, node: tree.Node, choices: tuple[str, ...]) -> str:
        text = self.text(name, node)
        if text not in choices:
            hint = _nearest(text, choices) or f"one of: {', '.join(choices)}"
            raise self.error(f"{name} cannot be {text!a}", node, hint)
        return text

    def ports(self, name: str, node: tree.Node) -> tuple[tuple[str, int], ...]:
        if not isinstance(node, tree.Sequence):
            raise self.wrong(name, node, "a list")
        each = f"an entry of {name}"
        return tuple((str(self.integer(each, item, 1, MAX_PORT)), _line(item)) for item in node.items)

    def limits(self, name: str, node: tree.Node) -> tuple[tuple[str, float], ...]:
        checks: Checks = {"max_memory": self.memory, "max_cpu_percent": self.percent, "max_pids": self.pids}
        return tuple(self.mapping(name, node, checks).items())

    def memory(self, name: str, node: tree.Node) -> int:
        value = self.scalar(name, node, "a size such as 512M or 4G")
        found = _MEMORY.fullmatch(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
        size = int(float(found[1]) * UNITS[found[2].upper()]) if found else 0
        if not MIN_MEMORY <= size <= MAX_MEMORY:
            raise self.error(f"{name} must be a size such as 512M or 4G, at least 1M, not {_value(value)}", node)
        return size

    def percent(self, name: str, node: tree.Node) -> float:
        value = self.scalar(name, node, "a percentage")
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 100:  # noqa: PLR2004
            raise self.error(f"{name} must be a number over 0 and up to 100, not {_value(value)}", node)
        return float(value)

    def pids(self, name: str, node: tree.Node) -> int:
        return self.integer(name, node, 1, MAX_PIDS)

    def terminal(self, name: str, node: tree.Node) -> tuple[tuple[str, tuple[str, int]], ...]:
        def word(name: str, node: tree.Node) -> tuple[str, int]:
            return self.choice(name, node, TERMINAL[name.removeprefix("terminal.")]), _line(node)

        return tuple(self.mapping(name, node, {**dict.fromkeys(TERMINAL, word), "reveal": self.reveal}).items())

    def reveal(self, name: str, node: tree.Node) -> tuple[str, int]:
        text = self.text(name, node)
        if self.project:
            raise self.error(f"{name} cannot be set by a project", node, "set it in ~/.aigate/config.yaml")
        if text != NO_KEY and (problem := chord.problem(text)):
            raise self.error(f"{name} cannot be {text!a}: {problem}", node, "a key such as ctrl-f12 or alt-m, or none")
        return text, _line(node)

    def mask(self, name: str, node: tree.Node) -> tuple[Any, Any, Any]:
        found = self.mapping(name, node, {"presets": self.entries, "patterns": self.patterns, "values": self.values})
        return found.get("presets"), found.get("patterns"), found.get("values")

    def values(self, name: str, node: tree.Node) -> tuple[tuple[str, int], ...]:
        found = self.entries(name, node)
        for (text, _), item in zip(found, getattr(node, "items", ()), strict=True):
            if text in {"$", "!"} or text.startswith("!"):
                raise self.error(f"{text!a} in {name} names nothing", item, "name a variable ($NAME) or a file")
            if self.project and (text.startswith(("/", "~")) or ".." in text.split("/")):
                hint = "set it in ~/.aigate/config.yaml"
                raise self.error(f"{text!a} in {name} lies outside of the project", item, hint)
        return found

    def patterns(self, name: str, node: tree.Node) -> tuple[tuple[str, int, bool, int], ...]:
        if not isinstance(node, tree.Sequence):
            raise self.wrong(name, node, "a list")
        return tuple(self.pattern("mask_stdout pattern", item) for item in node.items)

    def pattern(self, name: str, node: tree.Node) -> tuple[str, int, bool, int]:
        checks: Checks = {"regex": self.regex, "show_prefix": self.prefix, "case_insensitive": self.flag}
        found = self.mapping(name, node, checks)
        if "regex" not in found:
            raise self.error(f"a {name} has no regex", node)
        return found["regex"], found.get("show_prefix", 0), found.get("case_insensitive", False), _line(node)

    def regex(self, name: str, node: tree.Node) -> str:
        text = self.text(name, node)
        if not text:
            raise self.error(f"{name} is empty", node)
        if "\x00" in text or "\n" in text:
            raise self.error(f"{name} holds a NUL or a line end", node)
        return text

    def prefix(self, name: str, node: tree.Node) -> int:
        return self.integer(name, node, 0, MAX_PREFIX)

    def flag(self, name: str, node: tree.Node) -> bool:
        value = self.scalar(name, node, "true or false")
        if not isinstance(value, bool):
            raise self.error(f"{name} must be true or false, not {_value(value)}", node)
        return value

    def integer(self, name: str, node: tree.Node, least: int, most: int) -> int:
        value = self.scalar(name, node, "a whole number")
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.error(f"{name} must be a whole number from {least} to {most}, not {_value(value)}", node)
        return value

    def scalar(self, name: str, node: tree.Node, wanted: str) -> str | float | bool:
        if not isinstance(node, tree.Scalar) or node.value is None:
            raise self.wrong(name, node, wanted)
        return node.value

    def wrong(self, name: str, node: tree.Node, wanted: str) -> ConfigError:
        name = name or "the file"
        hint = None
        if isinstance(node, tree.Scalar) and node.value is None:
            hint = "write [] for an empty list" if wanted == "a list" else "take the key out or give it a value"
        return self.error(f"{name} must be {wanted}, this is {_kind(node)}", node, hint)

    def error(self, message: str, node: tree.Node, hint: str | None = None) -> ConfigError:
        return ConfigError(message, path=self.path, line=_line(node), hint=hint)


def _line(node: tree.Node) -> int:
    return node.start[0] + 1


def _kind(node: tree.Node) -> str:
    if isinstance(node, tree.Sequence):
        return "a list"
    if isinstance(node, tree.Mapping):
        return "keys and values"
    kinds: dict[type, str] = {str: "text", bool: "a boolean", int: "a number", float: "a number"}
    return kinds.get(type(node.value), "nothing")


def _value(value: object) -> str:
    return f"{value!a}" if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _nearest(word: str, known: Iterable[str]) -> str | None:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {near[0]}?" if near else None
