"""The messages of aigate's errors, taken out of its source: what of each is always the same."""

from __future__ import annotations

import ast
import pathlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = pathlib.Path(__file__).parents[2] / "aigate"
KINDS = frozenset(
    {"AigateError", "EnforcementError", "ConfigError", "PolicyError", "UsageError", "MissingConfigError", "RuleError"}
    | {"CommandNotFoundError", "NotExecutableError", "KilledError"}
)


def messages() -> dict[str, str]:
    """Return the fixed part of each error's message, with the place in the source where it stands."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and node.args:
                for text in _texts(node.args[0], tree):
                    found.setdefault(text, f"{path.relative_to(PACKAGE.parent)}:{node.lineno}")
    return found


def _texts(message: ast.expr, tree: ast.Module) -> Iterator[str]:
    """Yield the longest piece without variables of what a message may be."""
    if isinstance(message, ast.Name):
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and _sets(node, message.id) and not isinstance(node.value, ast.Name):
                yield from _texts(node.value, tree)
    elif isinstance(message, ast.IfExp):
        yield from _texts(message.body, tree)
        yield from _texts(message.orelse, tree)
    else:
        parts = message.values if isinstance(message, ast.JoinedStr) else [message]
        pieces = [
            part.value.strip(" :;,'") for part in parts if isinstance(part, ast.Constant) and str(part.value).strip()
        ]
        if longest := max(map(str, pieces), key=len, default=""):
            yield longest


def _sets(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
