"""Tries each protection for real: `aigate run` itself, in a throw-away home, with `inside` as the command.

Changes nothing outside of that home, which lies in the user's own (below /tmp a sandbox has a file system of its own)
and is removed at the end.
"""

from __future__ import annotations

import json
import os
import pty
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from aigate import _linux
from aigate.doctor.inside import DENIED, FIXED, SECRET
from aigate.isolation import callers_environment
from aigate.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

PATIENCE_SECONDS = 60
PYTHON = os.path.realpath(sys.executable)  # a virtual environment may lie where the sandbox has something else
LANDLOCK_SCOPE_SIGNAL = 2
TOKEN = "doctor-token-0123456789"  # noqa: S105 -- made up, to be masked
FILES = f"deny_read: [{SECRET}]\ndeny_write: [{FIXED}]\ndeny_exec: [{DENIED}]\nallow_net: []\nresource_limits: {{}}\n"
MASKING = "mask_stdout: {patterns: [{regex: 'doctor-token-[0-9]+'}]}\n"
FILTERED = "allow_net: [aigate-doctor.invalid]\n"


@record
class Outcome:
    """One trial. held: what was tried, and whether the protection held; empty when nothing ran. said: the error."""

    held: tuple[tuple[str, bool], ...] = ()
    said: str = ""

    def works(self, names: Iterable[str]) -> bool:
        """Tell whether all of these were tried and held."""
        held = dict(self.held)
        return all(held.get(name, False) for name in names)


class Trials:
    """A throw-away home with a project in it: a context manager. backend: the config's `backend`."""

    def __init__(self, home: str, backend: str) -> None:
        self._backend = backend
        self._home = Path(tempfile.mkdtemp(prefix=".aigate-doctor-", dir=home))
        self._project = self._home / "project"

    def __enter__(self) -> Self:
        self._project.mkdir()
        (self._project / SECRET).write_text("hidden-content\n")
        (self._project / FIXED).write_text("fixed\n")
        return self

    def __exit__(self, *_: object) -> None:
        for top, names, _files in os.walk(self._home):
            for path in (f"{top}/{name}" for name in names):
                if not os.path.islink(path):
                    os.chmod(path, 0o700)  # overlayfs closes its own to everybody
        shutil.rmtree(self._home, ignore_errors=True)

    def files(self) -> Outcome:
        """Try files, commands, processes, capabilities and the system call filter."""
        return self._run(FILES, ("files", ""))

    def masking(self) -> Outcome:
        """Try whether a secret in the output is masked."""
        done = self._start(FILES + MASKING, (), [PYTHON, "-I", "-S", "-c", f"print({TOKEN!r})"])
        return Outcome((("mask", done.returncode == 0 and TOKEN not in done.stdout),), _error(done))

    def network(self, mode: str) -> Outcome:
        """Try the filtered network with the config's `network:`; what listens on the host must stay out of reach."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            config = f"{FILTERED}network: {mode}\nresource_limits: {{}}\n"
            return self._run(config, ("network", str(server.getsockname()[1])))

    def closed(self) -> Outcome:
        """Try a sandbox without any network."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            return self._run(FILES, ("network", str(server.getsockname()[1])))

    def limits(self, text: str) -> Outcome:
        """Try the config's own limits."""
        done = self._start(f"resource_limits: {text}\nallow_net: []\n", ("--require", "limits"), ["true"])
        return Outcome((("limits", done.returncode == 0),), _error(done).removeprefix("limits is required, and "))

    def terminal(self) -> Outcome:
        """Try a run on a terminal."""
        ours, theirs = pty.openpty()
        try:
            command = self._command(FILES, (), self._inside(("terminal", "")))
            with subprocess.Popen(
                command,
                stdin=theirs,
                stdout=theirs,
                stderr=subprocess.PIPE,
                cwd=self._project,
                env=self._environment(),
                start_new_session=True,
            ) as process:
                os.close(theirs)
                theirs = -1
                output = _read_all(ours)
                said = (process.stderr.read() if process.stderr else b"").decode("utf-8", "replace")
        finally:
            os.close(ours)
            if theirs >= 0:
                os.close(theirs)
        return _outcome(output.decode("utf-8", "replace"), _sentence(said))

    def _run(self, config: str, words: tuple[str, str]) -> Outcome:
        done = self._start(config, (), self._inside(words))
        return _outcome(done.stdout, _error(done))

    def _start(self, config: str, options: tuple[str, ...], command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(config, options, command),
            cwd=self._project,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def _command(self, config: str, options: tuple[str, ...], command: list[str]) -> list[str]:
        path = self._home / "trial.yaml"
        path.write_text(f"backend: {self._backend}\n{config}")
        path.chmod(0o600)
        start = "import sys; sys.path += sys.argv.pop(1).split(':'); from aigate.cli import main; sys.exit(main())"
        places = ":".join(path for path in sys.path if path.startswith("/"))
        ours = [sys.executable, "-I", "-S", "-c", start, places]
        return [*ours, "run", "--quiet", "--config", str(path), *options, "--", *command]

    def _inside(self, words: tuple[str, str]) -> list[str]:
        source = Path(__file__).with_name("inside.py").read_text(encoding="utf-8")
        return [PYTHON, "-I", "-S", "-c", source, *words]

    def _environment(self) -> dict[str, str]:
        given = callers_environment()
        kept = {name: value for name, value in given.items() if name in ("PATH", "LANG", "LC_ALL")}
        return {**kept, "HOME": str(self._home)}


def landlock() -> Outcome:
    """Try Landlock's second layer in a process of its own: it must not be able to signal its parent."""
    child = os.fork()
    if child == 0:
        status = 2
        try:
            _linux.landlock_scope(LANDLOCK_SCOPE_SIGNAL)
            try:
                os.kill(os.getppid(), 0)
            except PermissionError:
                status = 0
        finally:
            os._exit(status)
    works = os.waitpid(child, 0)[1] == 0
    said = "" if works else "this kernel's Landlock scopes neither sockets nor signals"
    return Outcome((("landlock", works),), said)


def _outcome(output: str, said: str) -> Outcome:
    try:
        tried = json.loads(output)
    except ValueError:
        return Outcome((), said or output.strip()[-200:])
    return Outcome(tuple(tried.items()), said)


def _error(done: subprocess.CompletedProcess[str]) -> str:
    """Return what aigate said, in one line."""
    return _sentence(done.stderr) if done.returncode else ""


def _sentence(text: str) -> str:
    """Return aigate's message without its hint: what to do is told from what this machine has."""
    lines = [line.removeprefix("aigate: ") for line in text.splitlines() if line.startswith("aigate: ")]
    return lines[-1] if lines else " ".join(text.split())[-200:]


def _read_all(descriptor: int) -> bytes:
    """Read a pseudo-terminal until nobody has its other end any more (EIO, pty(7))."""
    data = b""
    try:
        while part := os.read(descriptor, 1 << 16):
            data += part
    except OSError:
        pass
    return data
