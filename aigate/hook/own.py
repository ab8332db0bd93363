"""Files that are aigate's alone among an agent's settings: a plugin, a file of hooks. Put in place whole or taken away.

Owns what stands in them, and how a settings file is replaced. Never touches a file that somebody else wrote.
"""

from __future__ import annotations

import json
import os
import shlex
import tempfile

from aigate.config.files import shown
from aigate.errors import AigateError, UsageError
from aigate.reading import read_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.hook.agents import Agent

OURS = "aigate/native/"  # stands in each of them: the path of the program
# For agents without a place behind this one: who kills the hook itself does not let the result through.
FAILED = "aigate could not look for secrets in what the tool returned, so it is not shown. aigate hook status says why."


class OwnFile:
    """Such a file, with the calls of `Settings`. Raises AigateError for one that cannot be read."""

    def __init__(self, agent: Agent, path: str) -> None:
        """Read the file, which need not be there."""
        self.agent, self.path = agent, os.path.realpath(path)
        self.text = ""
        try:
            with open(self.path, "rb") as file:
                self.text = read_from(file).decode("utf-8", "replace")
        except FileNotFoundError:
            pass
        except OSError as error:
            raise AigateError(f"{shown(path)} cannot be read: {error.strerror}") from None
        if self.text and OURS not in self.text:
            raise UsageError(
                f"{shown(self.path)} is none of aigate's files; nothing was changed",
                hint="give it another name, or take it away",
            )

    def install(self, hook: str, shell: str, launcher: str) -> bool:  # noqa: ARG002 -- as `Settings` is called
        """Take the content that belongs there; return whether it is another one."""
        before, self.text = self.text, CONTENTS[self.agent.name](self.agent, [hook, self.agent.name, launcher])
        return self.text != before

    def remove(self) -> bool:
        """Take the content away; return whether there was any."""
        before, self.text = self.text, ""
        return bool(before)

    def installed(self) -> bool:
        """Tell whether it is there."""
        return bool(self.text)

    def write(self) -> None:
        """Put the file in place, or take it away. Raises AigateError when that cannot be done."""
        if self.text:
            put(self.path, self.text)
            return
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise AigateError(f"{shown(self.path)} cannot be taken away: {error.strerror}") from None


def put(path: str, text: str) -> None:
    """Replace a file, or make it, with the mode it had. Raises AigateError when it cannot be written."""
    directory = os.path.dirname(path)
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o600
        descriptor, temporary = tempfile.mkstemp(dir=directory, prefix=".settings-")
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, mode)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise AigateError(f"{shown(path)} cannot be written: {error.strerror}") from None


def _plugin(_: Agent, words: list[str]) -> str:
    """Return opencode's plugin, which is JavaScript."""
    with open(os.path.join(os.path.dirname(__file__), "opencode.js"), "rb") as file:
        template = read_from(file).decode()
    return template.replace('"@WORDS@"', json.dumps(words)).replace('"@FAILED@"', json.dumps(FAILED))


def _hooks(agent: Agent, words: list[str]) -> str:
    """Return Copilot CLI's file of hooks. It does not heed one that fails, so another command answers then."""
    refused = json.dumps({"decision": "block", "reason": FAILED})
    command = f"{shlex.join(words)} || printf %s {shlex.quote(refused)}"
    hooks = {
        event: [{"type": "command", "bash": command, "timeoutSec": timeout}]
        for event, timeout in zip(agent.events, agent.timeouts, strict=True)
    }
    return json.dumps({"version": 1, "hooks": hooks}, indent=2) + "\n"


CONTENTS = {"opencode": _plugin, "copilot": _hooks}
