"""Which command changes what a run denies: `aigate allow` with the word that helps, tried on the patterns themselves.

Pure but for the place of config files. What no command changes is told in words.
"""

from __future__ import annotations

import os
import shlex

from aigate.config import files
from aigate.config.model import Entry
from aigate.policy.patterns import PatternSet, literal, parse_patterns
from aigate.policy.roots import find_roots, rooted
from aigate.policy.walk import components

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from aigate.config.model import Config
    from aigate.policy.model import Hidden, Policy, Protected
    from aigate.policy.patterns import Pattern

SOCKETS = "services of the host"


class Remedies:
    """The remedies of one policy. config_file: the config that was named on the command line, or None."""

    def __init__(self, config: Config, policy: Policy, config_file: str | None) -> None:
        self._config, self._policy, self._file = config, policy, config_file
        self._projects = config.sources[1:]

    def of_hidden(self, item: Hidden, path: str) -> str:
        """Return what makes a hidden path readable. path: it, or what lies in it."""
        if item.entry is not None:
            return self._allow("read", item.entry, item.path, path, self._policy.deny_read)
        if item.reason.startswith(SOCKETS):
            return f"add {path} to allow_sockets in {self._config.sources[0]}, if it is a socket"
        return ""

    def of_protected(self, item: Protected, path: str) -> str:
        """Return what makes a read-only path writable. path: it, or what lies in it."""
        if item.entry is None or item.reason:
            return ""
        return self._allow("write", item.entry, item.path, path, self._policy.deny_write)

    def of_unwanted(self, entry: Entry | None, path: str) -> str:
        """Return what lets something appear."""
        if entry is None:
            return ""
        hidden = any(pattern.entry == entry for pattern in self._policy.deny_read)
        patterns = self._policy.deny_read if hidden else self._policy.deny_write
        return self._allow("read" if hidden else "write", entry, path, path, patterns)

    def of_command(self, entry: Entry) -> str:
        """Return what lets a command run."""
        return self._command("exec", entry, entry.text)

    def of_host(self, what: str, origin: Entry | None) -> str:
        """Return what opens a host. origin: where it was said that the network is restricted."""
        return self._command("net", origin or Entry("", "", 0), what)

    def _allow(self, what: str, entry: Entry, place: str, path: str, patterns: Sequence[Pattern]) -> str:
        """Return the narrowest command that helps: an exception for the path, for what covers it, or no entry."""
        for one in dict.fromkeys((path, place)):
            word = self._word(one)
            if word and self._helps(word, one, entry, patterns):
                return self._command(what, entry, word)
        return self._command(what, entry, entry.text)

    def _word(self, path: str) -> str:
        """Spell a path so that it means nothing else, wherever it is typed; "" where that cannot be."""
        if literal(path) != path:
            return ""
        home = self._policy.home
        return f"~{path[len(home) :]}" if path.startswith(f"{home}/") else path

    def _helps(self, word: str, path: str, entry: Entry, patterns: Sequence[Pattern]) -> bool:
        """Tell whether an exception behind a file's other entries frees a path that its entry denies."""
        directory = os.path.isdir(path)
        denies = self._deciding(patterns, path, directory=directory)
        if denies is None or denies.negated or denies.entry != entry:
            return False  # something else than this path was named: a link, or another name of the file
        roots = find_roots(self._policy.cwd, self._policy.home)
        added = rooted(parse_patterns([Entry(f"!{word}", entry.path, entry.line)], self._policy.home), roots)
        last = max((number for number, one in enumerate(patterns) if one.entry.path == entry.path), default=-1)
        after = self._deciding((*patterns[: last + 1], *added, *patterns[last + 1 :]), path, directory=directory)
        return after is None or after.negated

    def _deciding(self, patterns: Sequence[Pattern], path: str, *, directory: bool) -> Pattern | None:
        root, parts = components(self._policy.project), components(path)
        relative = parts[len(root) :] if parts[: len(root)] == root else None
        return PatternSet(patterns).deciding(parts, relative or None, directory)

    def _command(self, what: str, entry: Entry, word: str) -> str:
        """Return the command that edits the file of an entry, or words where none would edit that one."""
        where: tuple[str, ...] = ()
        if entry.path in self._projects:
            nearest = files.own_project_file(self._policy.cwd, self._policy.home)
            if nearest is None or files.shown(nearest) != entry.path:
                return f"change {entry.path}:{entry.line}"
            where = ("--project",)
        elif self._file is not None:
            where = ("--config", self._file)
        return shlex.join(("aigate", "allow", what, *where, word))
