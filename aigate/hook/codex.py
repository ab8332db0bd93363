"""Whether Codex runs the hooks of a settings file: it passes over those that nobody has agreed to, without a word.

Asks Codex itself, by its app server (JSON-RPC, a line each: `codex app-server`). Decides nothing for the user who did
not ask for it: `trust` is what `aigate hook install codex` means.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import threading

from aigate.isolation import callers_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PATIENCE_SECONDS = 60.0
END_SECONDS = 10.0


class UnansweredError(Exception):
    """Codex is not there or does not say. Its text says why."""


def trust(path: str) -> None:
    """Agree to all hooks of aigate's in a settings file, as `/hooks` in Codex does. Raises UnansweredError."""
    with _Server() as server:
        wanted = {hook["key"]: {"trusted_hash": hook["currentHash"]} for hook in _untrusted(server, path)}
        if wanted:
            edit = {"keyPath": "hooks.state", "value": wanted, "mergeStrategy": "upsert"}
            server.ask("config/batchWrite", {"edits": [edit]})


def is_trusted(path: str) -> bool:
    """Tell whether Codex runs aigate's hooks of a settings file. Raises UnansweredError."""
    with _Server() as server:
        return not _untrusted(server, path)


def _untrusted(server: _Server, path: str) -> list[dict[str, Any]]:
    listed = server.ask("hooks/list", {"cwds": [os.path.dirname(os.path.dirname(path))]})
    try:
        hooks = [hook for place in listed["data"] for hook in place["hooks"]]
        ours = [
            hook
            for hook in hooks
            if os.path.realpath(hook["sourcePath"]) == os.path.realpath(path) and "aigate/native/" in hook["command"]
        ]
        left = [hook for hook in ours if hook["trustStatus"] not in ("trusted", "managed") or not hook["enabled"]]
    except (KeyError, TypeError) as error:
        raise UnansweredError(f"this version of it tells of its hooks in another way ({error})") from None
    if not ours:
        raise UnansweredError("it does not read the hooks, or has them turned off")
    return left


class _Server:
    """Codex's app server, while it is asked."""

    def __enter__(self) -> _Server:  # noqa: PYI034 -- not meant to be subclassed
        program = shutil.which("codex", path=callers_environment().get("PATH"))
        if program is None:
            raise UnansweredError("codex is not in PATH")
        try:
            self.process = subprocess.Popen(
                [program, "app-server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=callers_environment(),
            )
        except OSError as error:
            raise UnansweredError(f"codex cannot be started: {error.strerror}") from None
        self.timer = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        self.timer.start()
        self.asked = 0
        try:
            self.ask("initialize", {"clientInfo": {"name": "aigate", "version": "1"}})
        except UnansweredError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.timer.cancel()
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self.process.terminate()
            self.process.communicate(timeout=END_SECONDS)
            return
        self.process.kill()
        self.process.communicate()

    def ask(self, method: str, parameters: dict[str, Any]) -> Any:
        """Return what it answers."""
        assert self.process.stdin is not None and self.process.stdout is not None  # noqa: PT018, S101 -- both are pipes
        self.asked += 1
        try:
            self.process.stdin.write(json.dumps({"id": self.asked, "method": method, "params": parameters}) + "\n")
            self.process.stdin.flush()
            for line in self.process.stdout:
                said = json.loads(line)
                if isinstance(said, dict) and said.get("id") == self.asked:
                    if "result" not in said:
                        raise UnansweredError(f"codex app-server refuses {method}")
                    return said["result"]
        except (OSError, ValueError):
            pass
        raise UnansweredError("codex app-server does not answer")
