"""One run of a command in the sandbox: the only place that composes the parts, and the only one that spawns.

Everything is decided before anything is started: config, policy, masking rules, plan. What cannot be enforced ends the
run with an error before the command exists.
"""

from __future__ import annotations

import os
import time

from aigate import _linux, debug, terminal
from aigate.audit import AuditLog
from aigate.backends import bwrap
from aigate.config.load import load_config
from aigate.errors import CommandNotFoundError, EnforcementError, NotExecutableError, PolicyError
from aigate.host.placeholders import Placeholders
from aigate.host.tools import require_tool
from aigate.masking.rules import rules_from
from aigate.policy.commands import is_denied
from aigate.policy.resolve import caller, resolve
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aigate import Masker
    from aigate.backends.base import Plan
    from aigate.config.model import Config
    from aigate.masking.rules import Rule
    from aigate.policy.model import Policy
    from aigate.policy.resolve import Caller

FIRST_FREE_DESCRIPTOR = 3
LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, LANDLOCK_SCOPE_SIGNAL = 1, 2  # linux/landlock.h


@record
class Request:
    """What the command line asked for. config: an explicit config file, or None."""

    command: tuple[str, ...]
    config: str | None = None
    dry_run: bool = False


@record
class Prepared:
    """A run that has been decided: nothing of it has started."""

    policy: Policy
    rules: tuple[Rule, ...]
    plan: Plan


def run(request: Request, announce: Callable[[Prepared], None]) -> int:
    """Run a command in the sandbox and return its exit status.

    announce is called once, when everything is decided and before anything starts. Raises AigateError.
    """
    who = caller()
    state = state_directory(who.home)
    config = load_config(request.config, who.cwd, home=who.home)
    rules = rules_from(config.mask_stdout)
    masker = _masker(rules)
    log = AuditLog(state)
    try:
        with Placeholders(state) as placeholders:
            prepared = _prepare(request, config, rules, who, log)
            announce(prepared)
            if request.dry_run:
                return 0
            placeholders.create(prepared.plan.placeholders)
            return _run(prepared, masker, log)
    finally:
        log.close()


def state_directory(home: str) -> str:
    """Return `~/.aigate`, made if need be (0700). Raises EnforcementError when it is not to be had or not ours."""
    path = f"{home}/.aigate"
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise EnforcementError(
            f"{path} cannot be made: {error.strerror}", hint="aigate needs a home directory"
        ) from None
    if os.stat(path).st_uid != os.getuid():
        raise EnforcementError(f"{path} belongs to someone else", hint="set HOME to your own home directory")
    return path


def _masker(rules: tuple[Rule, ...]) -> Masker | None:
    if not rules:
        return None
    from aigate import Masker

    return Masker(rules)


def _prepare(request: Request, config: Config, rules: tuple[Rule, ...], who: Caller, log: AuditLog) -> Prepared:
    policy = resolve(config, who)
    denied = is_denied(request.command, policy.denied_commands)
    if denied is not None:
        log.write("refused", reason="deny_exec", entry=" ".join(denied))
        raise PolicyError(
            f"{' '.join(denied)} is denied by policy (deny_exec)",
            hint=f'aigate allow exec "{" ".join(denied)}" takes that back',
        )
    debug.log(f"config {', '.join(config.sources)}; project {policy.project}; {len(policy.hidden)} paths hidden")
    check_command(request.command[0], policy)
    names = tuple(dict.fromkeys(rule.name for rule in rules))
    plan = bwrap.plan(policy, request.command, bwrap=require_tool("bwrap"), masked=names, machine=os.uname().machine)
    return Prepared(policy, rules, plan)


def check_command(name: str, policy: Policy) -> None:
    """Raise CommandNotFoundError (127) or NotExecutableError (126) as a shell would tell them apart."""
    if "/" in name:
        candidates = [os.path.join(policy.cwd, name)]
    else:
        path = dict(policy.environment).get("PATH", os.defpath)
        candidates = [os.path.join(directory or policy.cwd, name) for directory in path.split(":")]
    files = [path for path in candidates if os.path.exists(path) and ("/" in name or not os.path.isdir(path))]
    if not files:
        raise CommandNotFoundError(f"{name}: command not found", hint="is it installed, and on PATH?")
    if not any(os.access(path, os.X_OK) and not os.path.isdir(path) for path in files):
        raise NotExecutableError(f"{name}: not executable", hint=f"chmod +x {files[0]}")


def _run(prepared: Prepared, masker: Masker | None, log: AuditLog) -> int:
    started = time.monotonic()
    shown = " ".join(prepared.plan.command).encode("utf-8", "surrogateescape")
    log.write(
        "started",
        command=(masker.mask(shown) if masker else shown).decode("utf-8", "replace"),
        directory=prepared.policy.cwd,
        hidden=len(prepared.policy.hidden),
        protected=len(prepared.policy.protected),
        denied_commands=len(prepared.policy.denied_commands),
        rules=len(prepared.rules),
    )
    relay = terminal.PipeRelay(masker) if masker else None
    debug.log(f"starting {prepared.plan.tool} with {len(prepared.plan.options)} options")
    child = spawn(prepared.plan, relay.redirections() if relay else ())
    if relay:
        relay.carry()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 128 - status if status < 0 else status
    counts = relay.counts if relay else {}
    log.write("ended", status=status, seconds=round(time.monotonic() - started, 3), masked=counts)
    if relay and relay.failure:
        raise EnforcementError(f"output cannot be written: {relay.failure.strerror}") from relay.failure
    return status


def spawn(plan: Plan, redirections: Sequence[tuple[int, int]]) -> int:
    """Start the launcher and return its process id.

    redirections: (descriptor, number it gets in the child). Every other descriptor from 3 up is closed there, but for
    those that the plan's contents are read from.
    """
    descriptors = [_blob(content) for content in plan.blobs]
    words = [str(descriptors[word]) if isinstance(word, int) else word for word in plan.options]
    options = _blob(b"".join(os.fsencode(word) + b"\0" for word in words))
    argv = [plan.tool, "--args", str(options), "--", *plan.command]
    try:
        child = os.fork()
        if child == 0:
            _become(plan, argv, redirections, {*descriptors, options})
    finally:
        for descriptor in (*descriptors, options):
            os.close(descriptor)
    return child


def _become(plan: Plan, argv: list[str], redirections: Sequence[tuple[int, int]], kept: set[int]) -> None:
    """Turn this forked process into the launcher. Never returns."""
    try:
        for source, target in redirections:
            os.dup2(source, target)
        last = FIRST_FREE_DESCRIPTOR
        for descriptor in sorted(kept):
            os.closerange(last, descriptor)
            os.set_inheritable(descriptor, True)
            last = descriptor + 1
        os.closerange(last, os.sysconf("SC_OPEN_MAX"))
        scope_with_landlock()
        os.execve(plan.tool, argv, dict(plan.environment))
    except OSError as error:
        os.write(2, f"aigate: {plan.tool} cannot be started: {error.strerror}\n".encode())
    finally:
        os._exit(1)


def scope_with_landlock() -> bool:
    """Forbid abstract sockets and signals that lead out (a second layer); tell whether this kernel can (6.12)."""
    try:
        _linux.landlock_scope(LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL)
    except OSError:
        return False
    return True


def _blob(content: bytes) -> int:
    """Return a descriptor on an anonymous file with this content, at its start (memfd_create(2))."""
    descriptor = os.memfd_create("aigate", os.MFD_CLOEXEC)
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
