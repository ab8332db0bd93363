"""One run of a command where the kernel has neither namespaces nor mounts of one's own: macOS, by sandbox-exec(1).

Composes the same parts as `session/linux.py`: policy, masker, relay, audit log. The rules are a text that the launcher
reads; the command is kept by `session/keeper.py`; hosts are filtered by a proxy on loopback. What such a system cannot
enforce is named before the command starts, and `require:` turns it into a refusal.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time

from aigate import debug
from aigate.audit.log import AuditLog
from aigate.backends import seatbelt
from aigate.errors import EnforcementError
from aigate.host.limits import Place, plan_by_rlimits
from aigate.host.placeholders import Placeholders
from aigate.host.sweep import sweep
from aigate.masking.rules import rules_from
from aigate.network.hostfiles import proxy_variables
from aigate.network.loopback import WAY, Loopback
from aigate.network.plan import NetworkPlan
from aigate.policy import require
from aigate.policy.resolve import caller, resolve
from aigate.record import replace
from aigate.session.keeper import BY_SIGNAL, Command, Keeper
from aigate.session.request import Prepared, check_command, check_denied, configuration, masker_of, state_directory
from aigate.streams import posix
from aigate.streams.relay import CAUGHT, Relay
from aigate.streams.terminal import Terminal, look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, Self

    from aigate import Masker
    from aigate.backends.base import Plan
    from aigate.config.model import Config
    from aigate.host.limits import LimitPlan
    from aigate.masking.rule import Rule
    from aigate.network.refusals import NetworkReport
    from aigate.policy.model import Policy
    from aigate.policy.resolve import Caller
    from aigate.session.request import Request
    from aigate.streams.terminal import Streams

LANDLOCK = "Landlock is Linux's"
SECCOMP = "there are no system call filters on this system"
LIMITS = "this system has no control groups"
ESCAPED = "what starts a session of its own (setsid) is not ended with the command: there is no process namespace"
PROFILE, WORKSPACE = "profile-", "aigate-"
DEFAULT_TEMPORARY = "/tmp"  # noqa: S108 -- where TMPDIR is not set
LONGEST_LINE = 1 << 13
FIRST_FREE_DESCRIPTOR, MOST_DESCRIPTORS = 3, 1 << 16
TRIED = "/usr/bin/true"


def run(
    request: Request,
    announce: Callable[[Prepared], None],
    agree: Callable[[tuple[str, ...]], bool],
    conclude: Callable[[NetworkReport], None],
) -> int:
    """Run a command in the sandbox and return its exit status: see `aigate.session.linux.run`. Raises AigateError."""
    if request.as_agent:
        raise EnforcementError(
            "--as-agent-user works on Linux alone: only there can your files stay yours while root works",
            hint="run aigate itself as that user: sudo -u ai-runner env HOME=DIRECTORY aigate run -- COMMAND",
        )
    streams = look()
    who = caller()
    state = state_directory(who.home, who.uid)
    config = configuration(request, who, agree)
    rules = rules_from(config.mask_stdout)
    masker = masker_of(rules)
    log = AuditLog(state)
    try:
        with Placeholders(state) as placeholders, _Workspace(state, who.environment.get("TMPDIR", "")) as workspace:
            network = Loopback(_network_plan(config, request))
            try:
                prepared = _prepare(request, config, rules, who, log=log, workspace=workspace, network=network)
                announce(prepared)
                if request.dry_run:
                    return 0
                placeholders.create(_missing_directories(prepared.policy))
                workspace.write_profile(prepared.plan)
                workspace.write_guards(prepared)
                _try_profile(prepared.plan, workspace)
                network.start(log.write_fields, (log.descriptor,))
                status = _Run(prepared, streams, masker, log=log, workspace=workspace).go()
                placeholders.remove()
            finally:
                report = network.close()
            conclude(report)
            return status
    finally:
        log.close()


class _Workspace:
    """The files of one run: a temporary directory for the command, and the profile, which the command cannot see.

    The profile begins with the directory's path, as a comment, and is locked while aigate lives. So a later run finds
    what a killed one left behind, also where it was killed before anyone stood by.
    """

    def __init__(self, state: str, temporary: str) -> None:
        self.state = state
        self._above = os.path.realpath(temporary if os.path.isdir(temporary) else DEFAULT_TEMPORARY)
        self.temporary = self.profile = ""
        self._file = -1

    def __enter__(self) -> Self:
        _remove_forgotten(self.state)
        self.profile, self._file = _locked_profile(self.state)
        self.temporary = f"{self._above}/{WORKSPACE}{os.urandom(8).hex()}"
        os.write(self._file, b"; " + os.fsencode(self.temporary).replace(b"\n", b"\\n") + b"\n")
        os.mkdir(self.temporary, 0o700)
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
        os.close(self._file)

    def write_profile(self, plan: Plan) -> None:
        """Write the launcher's rules where the command can neither read nor change them."""
        view = memoryview(plan.blobs[0])
        while view:
            view = view[os.write(self._file, view) :]

    def write_guards(self, prepared: Prepared) -> None:
        """Write what the command finds of ours in its temporary directory."""
        masked = tuple(dict.fromkeys(rule.name for rule in prepared.rules))
        for path, content in seatbelt.guards(prepared.policy, self.temporary, masked):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o555), "wb") as file:
                file.write(content)

    def remove(self) -> None:
        """Remove everything. Never raises: what the command has closed to itself stays."""
        _remove_workspace(self.profile, self.temporary)


def _locked_profile(state: str) -> tuple[str, int]:
    """Return the path and descriptor of a new file that this process holds locked."""
    while True:
        path = f"{state}/{PROFILE}{os.getpid()}-{os.urandom(4).hex()}"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_nlink:
            return path, file
        os.close(file)  # another run was quicker, and took it for forgotten


def _remove_forgotten(state: str) -> None:
    """Remove what killed runs have left: profiles that nobody holds locked, and the directories that they name."""
    for name in os.listdir(state):
        if not name.startswith(PROFILE):
            continue
        try:
            file = os.open(f"{state}/{name}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            first = os.read(file, LONGEST_LINE).partition(b"\n")[0].removeprefix(b"; ")
            path = os.fsdecode(first)
            ours = os.path.basename(path).startswith(WORKSPACE)
            _remove_workspace(f"{state}/{name}", path if ours else "")
        except BlockingIOError:
            continue  # that run goes on
        finally:
            os.close(file)


def _remove_workspace(profile: str, temporary: str) -> None:
    import shutil

    if temporary:
        shutil.rmtree(temporary, ignore_errors=True)
    with contextlib.suppress(OSError):
        os.unlink(profile)


def _network_plan(config: Config, request: Request) -> NetworkPlan:
    from aigate.policy.hosts import parse_hosts

    if config.backend != "auto":
        raise EnforcementError(f"backend: {config.backend} is Linux's", hint="set backend: auto")
    if config.network == "slirp":
        raise EnforcementError("network: slirp is Linux's", hint="set network: auto, or gateway")
    if request.learn_net:
        return NetworkPlan(WAY, learning=True)
    if config.allow_net is None:
        return NetworkPlan("host")
    rules = parse_hosts(config.allow_net)
    return NetworkPlan(WAY, rules) if rules else NetworkPlan("none")


def _prepare(
    request: Request,
    config: Config,
    rules: tuple[Rule, ...],
    who: Caller,
    *,
    log: AuditLog,
    workspace: _Workspace,
    network: Loopback,
) -> Prepared:
    policy = resolve(config, who)
    check_denied(request, policy, log)
    check_command(request.command[0], policy)
    if network.plan.way == WAY:
        variables = proxy_variables(network.ports[0])
        kept = tuple((name, value) for name, value in policy.environment if name not in dict(variables))
        policy = replace(policy, hosts=network.plan.rules, environment=kept + variables)
    limits = plan_by_rlimits(policy.limits, Place("none", reason=LIMITS), who.uid)
    inactive = [("limits", reason) for reason in limits.inactive]
    inactive += [*seatbelt.unenforced(policy), ("processes", ESCAPED)]
    policy = replace(policy, inactive=tuple(inactive))
    if required := (*config.require, *request.require):
        require.check(required, _lacking(policy, rules, network.plan, limits))
    plan = seatbelt.plan(
        policy, request.command, temporary=workspace.temporary, terminal=seatbelt.PSEUDO, ports=network.ports
    )
    return Prepared(policy, rules, network.plan, limits, plan)


def _lacking(policy: Policy, rules: tuple[Rule, ...], network: NetworkPlan, limits: LimitPlan) -> dict[str, str]:
    """Return the protections that this run does not have, with the reason: name to reason."""
    lacking = {"landlock": LANDLOCK, "seccomp": SECCOMP, **dict(policy.inactive)}
    if network.way == "host":
        lacking["net"] = "allow_net is left out: every host can be reached"
    elif network.learning:
        lacking["net"] = "--learn-net allows every host"
    if limits.processes is None:
        lacking.setdefault("limits", "resource_limits is left out: nothing is limited")
    if not rules:
        lacking["mask"] = "mask_stdout is left out: nothing is masked"
    return lacking


def _missing_directories(policy: Policy) -> list[tuple[str, bool, bytes]]:
    """Return the directories that something read-only may come to lie in, and that are not there, as placeholders.

    Nobody can be kept from making one and from renaming another to its name at once, so they are there beforehand.
    """
    return [(path, True, b"") for path in seatbelt.above_protected(policy) if not os.path.lexists(path)]


def _try_profile(plan: Plan, workspace: _Workspace) -> None:
    """Have the launcher take the profile once, for nothing: a failure later would look like the command's own.

    Raises EnforcementError with what it says.
    """
    import subprocess

    argv = _argv(plan, workspace, os.devnull, (TRIED,))
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, env=dict(plan.environment), text=True
        )
    except OSError as error:
        raise EnforcementError(f"{plan.tool} cannot be started: {error.strerror}", hint="it is part of macOS") from None
    if done.returncode:
        said = " ".join(done.stderr.split()) or f"status {done.returncode}"
        raise EnforcementError(
            f"the sandbox could not be set up, and nothing was run: {said}",
            hint="a sandbox inside of a sandbox is not possible; else report this with the output of --dry-run",
        )


def _argv(plan: Plan, workspace: _Workspace, terminal: str, command: tuple[str, ...]) -> tuple[str, ...]:
    words = (workspace.profile if isinstance(word, int) else word for word in plan.options)
    return (plan.tool, *(word.replace(seatbelt.PSEUDO, terminal) for word in words), "--", *command)


class _Nobody:
    """Stands where the guard does elsewhere: the keeper puts things right here. life: held open by the keeper."""

    def __init__(self) -> None:
        self.ended, self.life = os.pipe()

    def launching(self) -> None:
        """Nobody has to be told."""

    def watch(self, process: int) -> None:
        """Nobody has to be told."""

    def remember(self, settings: bytes) -> None:
        """Nobody has to be told."""

    def undo(self, text: bytes) -> None:
        """Nobody has to be told."""


class _Run:
    """The command's run, from the pseudo-terminal to the exit status."""

    def __init__(
        self,
        prepared: Prepared,
        streams: Streams,
        masker: Masker | None,
        *,
        log: AuditLog,
        workspace: _Workspace,
    ) -> None:
        self._prepared, self._streams, self._masker = prepared, streams, masker
        self._log, self._workspace = log, workspace
        self._terminal = Terminal(streams) if streams.terminals else None
        self._nobody = _Nobody()
        self._relay = Relay(streams, masker, self._terminal, self._nobody, lambda _: None, system=posix)

    def go(self) -> int:
        """Run the command and return its exit status."""
        started = time.monotonic()
        self._note_start()
        ignored = tuple(number for number in CAUGHT if signal.getsignal(number) == signal.SIG_IGN)
        signals = posix.signal_descriptor(CAUGHT)
        try:
            child = self._fork(ignored, signals)
            os.close(self._nobody.life)
            status = self._relay.carry(child, signals, self._nobody.ended)
        finally:
            posix.forget_signals()
            os.close(signals)
            if self._terminal:
                self._terminal.close()
        self._log.write("ended", status=status, seconds=round(time.monotonic() - started, 3), masked=self._relay.counts)
        if self._relay.failure:
            failure = self._relay.failure
            reason = failure.strerror if isinstance(failure, OSError) else repr(failure)
            raise EnforcementError(f"output cannot be written: {reason}") from failure
        return status

    def _note_start(self) -> None:
        plan, policy = self._prepared.plan, self._prepared.policy
        shown = " ".join(plan.command).encode("utf-8", "surrogateescape")
        self._log.write(
            "started",
            command=(self._masker.mask(shown) if self._masker else shown).decode("utf-8", "replace"),
            directory=policy.cwd,
            hidden=len(policy.hidden),
            protected=len(policy.protected),
            denied_commands=len(policy.denied_commands),
            rules=len(self._prepared.rules),
            network=self._prepared.network.way,
        )
        debug.log(f"starting {plan.tool}")

    def _fork(self, ignored: tuple[int, ...], signals: int) -> int:
        """Start the keeper and return its process id."""
        child = os.fork()
        if child:
            return child
        try:
            posix.forget_signals()
            os.close(signals)
            self._keep(ignored)
        except OSError as error:
            os.write(2, f"aigate: {error.strerror}\n".encode())
        finally:
            os._exit(BY_SIGNAL - 1)

    def _keep(self, ignored: tuple[int, ...]) -> NoReturn:
        """Be the keeper, in the forked child."""
        os.setsid()
        control, life, *pseudo = self._relay.handed_over()
        terminal = pseudo[0] if pseudo else -1
        shown = os.ttyname(terminal) if pseudo else os.devnull
        if pseudo:
            _take_terminal(terminal)
        outside = os.dup(self._terminal.input) if self._terminal else -1
        for source, target in self._relay.redirections():
            os.dup2(source, target)
        _close_all_but({control, life, *pseudo, *((outside,) if outside >= 0 else ())})
        command = Command(
            _argv(self._prepared.plan, self._workspace, shown, self._prepared.plan.command),
            dict(self._prepared.plan.environment),
            self._streams.closed,
            ignored,
            self._prepared.limits.processes,
        )
        os.chdir(self._prepared.policy.cwd)
        Keeper(control, terminal, command, lambda: self._put_right(outside)).serve()

    def _put_right(self, outside: int) -> None:
        """Do what aigate would have done at its end, had it not been killed."""
        if outside >= 0 and self._terminal:
            self._terminal.put_back(outside)
        self._workspace.remove()
        sweep(self._workspace.state)


def _take_terminal(pseudo: int) -> None:
    """Make a pseudo-terminal the controlling one of this session, which has none."""
    import fcntl
    import termios

    fcntl.ioctl(pseudo, termios.TIOCSCTTY, 0)


def _close_all_but(kept: set[int]) -> None:
    last = FIRST_FREE_DESCRIPTOR
    for descriptor in sorted(kept):
        os.closerange(last, descriptor)
        last = descriptor + 1
    os.closerange(last, min(os.sysconf("SC_OPEN_MAX"), MOST_DESCRIPTORS))
