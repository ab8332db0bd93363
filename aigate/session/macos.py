"""One run of a command where the kernel has neither namespaces nor mounts of one's own: macOS, by sandbox-exec(1).

Composes the same parts as `session/linux.py`: policy, masker, relay, audit log. The rules are a text that the launcher
reads; the command is kept by `session/keeper.py`; hosts are filtered by a proxy on loopback. What such a system cannot
enforce is named before the command starts, and `require:` turns it into a refusal.
"""

from __future__ import annotations

import fcntl
import os

from aigate import debug
from aigate.backends import seatbelt
from aigate.errors import EnforcementError, told
from aigate.host.descriptors import MOST_DESCRIPTORS, close_all_but
from aigate.host.limits import Place, plan_by_rlimits
from aigate.host.placeholders import Placeholders
from aigate.host.sweep import sweep
from aigate.network.hostfiles import proxy_variables
from aigate.network.loopback import WAY, Loopback
from aigate.network.plan import NetworkPlan
from aigate.policy import require
from aigate.policy.home import NEVER, Offer
from aigate.policy.resolve import caller, resolve
from aigate.record import replace
from aigate.session.events import Events, check_output
from aigate.session.keeper import BY_SIGNAL, Command, Keeper
from aigate.session.known import with_known
from aigate.session.opening import open_run
from aigate.session.request import Prepared, check_command, check_denied, lacking
from aigate.session.using import permits_of
from aigate.session.workspace import Workspace
from aigate.streams import posix
from aigate.streams.relay import Relay
from aigate.streams.signals import CAUGHT, caught
from aigate.streams.system import await_children, ignored_again
from aigate.streams.terminal import Terminal, look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from aigate.backends.base import Plan
    from aigate.config.model import Config
    from aigate.policy.model import Policy
    from aigate.session.opening import Opening
    from aigate.session.request import Request, Talk
    from aigate.streams.terminal import Streams

LANDLOCK = "Landlock is Linux's"
SECCOMP = "there are no system call filters on this system"
LIMITS = "this system has no control groups"
NO_LAYERS = "this system has no layers: it can be written to, but for what deny_write names"
ESCAPED = "what starts a session of its own (setsid) is not ended with the command: there is no process namespace"
TRIED = "/usr/bin/true"


def run(request: Request, talk: Talk) -> int:
    """Run a command in the sandbox and return its exit status: see `session/linux.py`. Raises AigateError."""
    if request.as_agent:
        raise EnforcementError(
            "--as-agent-user works on Linux alone: only there can your files stay yours while root works",
            hint="run aigate itself as that user: sudo -u ai-runner env HOME=DIRECTORY aigate run -- COMMAND",
        )
    await_children()
    streams = look()
    who = caller()
    opening = open_run(request, talk, who, owner=who.uid)
    try:
        temporary = who.environment.get("TMPDIR", "")
        with Placeholders(opening.state) as placeholders, Workspace(opening.state, temporary) as workspace:
            network = Loopback(_network_plan(opening.config, request))
            try:
                opening, prepared = with_known(opening, _prepare(opening, workspace, network))
                talk.announce(prepared)
                if request.dry_run:
                    return 0
                placeholders.create(_missing_directories(prepared.policy))
                workspace.write_profile(prepared.plan)
                workspace.write_guards(prepared)
                _try_profile(prepared.plan, workspace)
                network.start(opening.log.write_fields, opening.log.descriptors, opening.masked)
                running = _Run(opening, prepared, streams, workspace)
                status = running.go()
                placeholders.remove()
            finally:
                report = network.close()
            talk.conclude(report)
            running.events.tell_head()
            return status
    finally:
        opening.log.close()


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


def _prepare(opening: Opening, workspace: Workspace, network: Loopback) -> Prepared:
    request, config = opening.request, opening.config
    policy = resolve(config, opening.who, Offer(NEVER, NO_LAYERS), opening.talk.searching)
    check_denied(request, policy, opening.log)
    check_command(request.command[0], policy, opening.masked)
    if network.plan.way == WAY:
        variables = proxy_variables(network.ports[0])
        kept = tuple((name, value) for name, value in policy.environment if name not in dict(variables))
        policy = replace(policy, hosts=network.plan.rules, environment=kept + variables)
    limits = plan_by_rlimits(policy.limits, Place("none", reason=LIMITS), opening.who.uid)
    inactive = [("limits", reason) for reason in limits.inactive]
    inactive += [("home", policy.view.reason)] if policy.view.reason else []
    inactive += [*seatbelt.unenforced(policy), ("processes", ESCAPED)]
    policy = replace(policy, inactive=tuple(inactive))
    if required := (*config.require, *request.require):
        found = lacking(policy, opening.rules, network.plan, limited=limits.processes is not None)
        require.check(required, {"landlock": LANDLOCK, "seccomp": SECCOMP, **found})
    plan = seatbelt.plan(
        policy, request.command, temporary=workspace.temporary, terminal=seatbelt.PSEUDO, ports=network.ports
    )
    return Prepared(policy, opening.rules, network.plan, limits, plan)


def _missing_directories(policy: Policy) -> list[tuple[str, bool, bytes]]:
    """Return the directories that something read-only may come to lie in, and that are not there, as placeholders.

    Nobody can be kept from making one and from renaming another to its name at once, so they are there beforehand.
    """
    return [(path, True, b"") for path in seatbelt.above_protected(policy) if not os.path.lexists(path)]


def _try_profile(plan: Plan, workspace: Workspace) -> None:
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


def _argv(plan: Plan, workspace: Workspace, terminal: str, command: tuple[str, ...]) -> tuple[str, ...]:
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

    def __init__(self, opening: Opening, prepared: Prepared, streams: Streams, workspace: Workspace) -> None:
        self._prepared, self._streams, self._workspace = prepared, streams, workspace
        self.events = Events(opening, prepared)
        permits = permits_of(opening.config.terminal, opening.who.environment)
        self._terminal = Terminal(streams, permits) if streams.terminals else None
        if self._terminal:
            self._terminal.on_reveal = self.events.revealed
        self._nobody = _Nobody()
        self._relay = Relay(streams, opening.masker, self._terminal, self._nobody, lambda _: None, system=posix)

    def go(self) -> int:
        """Run the command and return its exit status."""
        self.events.started()
        debug.log(f"starting {self._prepared.plan.tool}")
        wanted = caught()
        signals = posix.signal_descriptor(wanted)
        try:
            child = self._fork(tuple({*CAUGHT} - {*wanted}), signals)
            os.close(self._nobody.life)
            status = self._relay.carry(child, signals, self._nobody.ended)
        finally:
            posix.forget_signals()
            os.close(signals)
            if self._terminal:
                self._terminal.close()
        self.events.ended(status, self._relay.counts, self._terminal.taken if self._terminal else {})
        check_output(self._relay)
        return status

    def _fork(self, ignored: tuple[int, ...], signals: int) -> int:
        """Start the keeper and return its process id."""
        child = os.fork()
        if child:
            return child
        try:
            posix.forget_signals()
            os.close(signals)
            self._keep(ignored)
        except Exception as error:  # noqa: BLE001 -- nothing may escape from a forked child
            os.write(2, f"aigate: {told(error)}\n".encode())
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
        close_all_but({control, life, *pseudo, *((outside,) if outside >= 0 else ())}, MOST_DESCRIPTORS)
        command = Command(
            _argv(self._prepared.plan, self._workspace, shown, self._prepared.plan.command),
            dict(self._prepared.plan.environment),
            self._streams.closed,
            (*ignored, *ignored_again()),
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
    import termios

    fcntl.ioctl(pseudo, termios.TIOCSCTTY, 0)
