"""aigate's entries in an agent's settings file: put in, taken out, found. Everything else there stays as it is."""

from __future__ import annotations

import json
import os
import shlex

from aigate.config.files import shown
from aigate.errors import AigateError, UsageError
from aigate.hook.agents import Agent
from aigate.hook.own import FAILED, put
from aigate.reading import read_from

LAUNCHER = "AIGATE_LAUNCHER"


class Settings:
    """An agent's settings file. Raises AigateError for one that is no JSON, with the line."""

    def __init__(self, agent: Agent, path: str) -> None:
        """Read the file, which need not be there."""
        self.agent, self.path = agent, os.path.realpath(path)
        self.text = ""
        try:
            with open(self.path, "rb") as file:
                self.text = read_from(file).decode("utf-8").replace("\r\n", "\n")
        except FileNotFoundError:
            pass
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise AigateError(f"{shown(path)} cannot be read: {reason}") from None
        try:
            self.content = json.loads(self.text or "{}")
        except json.JSONDecodeError as error:
            raise AigateError(f"{shown(path)}:{error.lineno}: {error.msg}; nothing was changed") from None
        if not isinstance(self.content, dict) or not isinstance(self.content.get("hooks", {}), dict):
            raise AigateError(f"{shown(path)}:1: is no object with an object `hooks`; nothing was changed")
        if not isinstance(self.content.get("env", {}), dict):
            raise AigateError(f"{shown(path)}:1: `env` is no object; nothing was changed")

    def install(self, hook: str, shell: str, launcher: str) -> bool:
        """Put aigate's entries in, in place of older ones; return whether anything changed.

        Raises UsageError where another program runs the shell commands.
        """
        other = self.content.get("env", {}).get(self.agent.shell)
        if self.agent.shell and other not in (None, shell) and not self._ours(str(other)):
            raise UsageError(
                f"{shown(self.path)}: {self.agent.shell} is {shown(str(other))} already",
                hint="aigate would have to take its place: remove it first",
            )
        before = json.dumps(self.content)
        self._take_out()
        command = self._command(hook, launcher)
        hooks = self.content.setdefault("hooks", {})
        for event, timeout in zip(self.agent.events, self.agent.timeouts, strict=True):
            entry = {"type": "command", "command": command, "timeout": timeout}
            hooks.setdefault(event, []).append({"matcher": "*", "hooks": [entry]})
        if self.agent.shell:
            self.content.setdefault("env", {}).update({self.agent.shell: shell, LAUNCHER: launcher})
        return json.dumps(self.content) != before

    def _command(self, hook: str, launcher: str) -> str:
        """Return the shell command that the agent runs. Status 2 stands for a refusal, with its reason on stderr."""
        if self.agent.shell:
            return f"{shlex.quote(hook)} {self.agent.name}"
        words = shlex.join([hook, self.agent.name, launcher])
        return f"{words} || {{ echo {shlex.quote(FAILED)} >&2; exit 2; }}"

    def remove(self) -> bool:
        """Take aigate's entries out; return whether there were any."""
        before = json.dumps(self.content)
        self._take_out()
        return json.dumps(self.content) != before

    def installed(self) -> bool:
        """Tell whether all of aigate's entries are there."""
        hooks = self.content.get("hooks", {})
        return all(any(self._is_ours(group) for group in _groups(hooks, event)) for event in self.agent.events)

    def write(self) -> None:
        """Put the file in place, with the mode it had. Raises AigateError when it cannot be written."""
        put(self.path, json.dumps(self.content, indent=2, ensure_ascii=False) + "\n")

    def _take_out(self) -> None:
        hooks = self.content.get("hooks", {})
        for event in list(hooks):
            groups = [group for group in _groups(hooks, event) if not self._is_ours(group)]
            if groups or not isinstance(hooks[event], list):
                hooks[event] = groups or hooks[event]
            else:
                del hooks[event]
        if "hooks" in self.content and not hooks:
            del self.content["hooks"]
        variables = self.content.get("env", {})
        if self.agent.shell and self._ours(str(variables.get(self.agent.shell, ""))):
            del variables[self.agent.shell]
            variables.pop(LAUNCHER, None)
            if not variables:
                del self.content["env"]

    def _is_ours(self, group: object) -> bool:
        entries = group.get("hooks") if isinstance(group, dict) else None
        return isinstance(entries, list) and any(
            isinstance(entry, dict) and self._ours(str(entry.get("command", ""))) for entry in entries
        )

    def _ours(self, command: str) -> bool:
        return "aigate/native/" in command


def _groups(hooks: dict[str, object], event: str) -> list[object]:
    groups = hooks.get(event, [])
    return groups if isinstance(groups, list) else []
