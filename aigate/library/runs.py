"""`aigate.run`: a command in the sandbox, started by a program. Owns the process that does it, and how its end is told.

A run forks, makes namespaces and takes signals, so it is a process of its own, alike for programs with threads.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aigate import errors
from aigate.audit.reading import run_of
from aigate.isolation import command_line, own_environment
from aigate.library.policy import Handed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aigate.library.policy import Policy

GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class Finished:
    """A run that has ended.

    status: the command's exit status, 128+n where signal n ended it. stdout, stderr: what it printed, without secrets;
    None where that was not captured. run: its id in the audit log. head: number and hash of the log's last record then.
    """

    command: tuple[str, ...]
    status: int
    stdout: bytes | None
    stderr: bytes | None
    run: str
    head: tuple[int, str]
    _state: str = field(repr=False, compare=False, default="")

    def events(self) -> tuple[dict[str, Any], ...]:
        """Return what the audit log has of this run: see the table in docs/guide.md. Raises OSError."""
        return run_of(self._state, self.run)


def run(
    command: Sequence[str | os.PathLike[str]],
    *,
    policy: Policy | None = None,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    input: bytes | None = None,  # noqa: A002 -- as subprocess.run calls it
    capture: bool = False,
    timeout: float | None = None,
) -> Finished:
    """Run a command in the sandbox and return how it ended.

    policy: None for the user's own config. cwd: the directory that the project is found from. env: the command's
    variables, from which those that the policy denies are taken. input: what it reads; else it has this process's
    standard input. capture: return its output instead of passing it on. timeout: seconds; the run is ended then.

    Raises AigateError's kinds where aigate refused it or could not enforce the policy (PolicyError, EnforcementError,
    ConfigError, CommandNotFoundError, ...), and subprocess.TimeoutExpired. May be called from several threads at once.

        done = aigate.run(["claude", "-p", "fix the tests"], capture=True, timeout=600)
        print(done.status, done.stdout)
    """
    words = [os.fspath(word) for word in command]
    variables = dict(os.environ if env is None else env)
    with Handed(policy) as handed, tempfile.TemporaryFile() as report:
        argv = command_line(["run", "--quiet", f"--report-fd={report.fileno()}", *handed.words, "--", *words])
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=own_environment(variables),
            stdin=None if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE if capture else None,
            stderr=subprocess.PIPE if capture else None,
            pass_fds=(*handed.descriptors, report.fileno()),
        )
        stdout, stderr = _talked(process, input, timeout)
        report.seek(0)
        said = _said(report.read(), process.returncode, handed)
    state = f"{variables.get('HOME') or os.path.expanduser('~')}/.aigate"
    number, digest = said["head"] or (0, "")
    return Finished(tuple(words), said["status"], stdout, stderr, said["run"] or "", (number, digest), state)


def _talked(
    process: subprocess.Popen[bytes], given: bytes | None, timeout: float | None
) -> tuple[bytes | None, bytes | None]:
    """Carry input and output until the end. What is interrupted or takes too long is ended, as by `kill`."""
    try:
        return process.communicate(given, timeout)
    except BaseException:
        process.terminate()
        try:
            process.communicate(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        raise


def _said(report: bytes, status: int, handed: Handed) -> dict[str, Any]:
    """Return what aigate reported. Raises the error that it met."""
    if not report:
        raise errors.AigateError(f"aigate ended with {status} and did not say how the run did")
    said: dict[str, Any] = json.loads(report)
    if said["error"] is None:
        return said
    kind = getattr(errors, said["error"]["kind"], errors.AigateError)
    error = errors.AigateError.__new__(kind)
    errors.AigateError.__init__(error, handed.told(said["error"]["message"]), hint=said["error"]["hint"])
    error.exit_status = said["error"]["exit_status"]
    raise error
