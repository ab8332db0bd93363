"""One run of a command in the sandbox: the only place that composes the parts, and the only one that spawns.

Everything is decided before anything is started: config, policy, masking rules, plan. What cannot be enforced ends the
run with an error before the command exists.
"""

from __future__ import annotations

import gc
import os
import time
from _signal import SIGKILL  # type: ignore[import-not-found]

from aigate import _linux, debug
from aigate.audit.log import AuditLog
from aigate.backends import select
from aigate.backends.seccomp import filter_program
from aigate.config.merge import limit_text
from aigate.errors import EnforcementError, KilledError
from aigate.host import cgroup
from aigate.host.confine import Group
from aigate.host.limits import Place, plan_limits
from aigate.host.namespaces import obstacle
from aigate.host.placeholders import Placeholders
from aigate.host.tools import find_tool
from aigate.launch.child import Surroundings, complaint, scopes_with_landlock
from aigate.launch.input import Input
from aigate.launch.spawning import spawn
from aigate.masking.rules import rules_from
from aigate.network.hostfiles import PROXY_VARIABLES, inner_files, proxy_variables
from aigate.network.link import Network
from aigate.network.plan import look_at_machine, plan_network
from aigate.network.refusals import REPEATED, repeated
from aigate.policy import require
from aigate.policy.model import Overlay
from aigate.policy.resolve import caller, resolve
from aigate.record import replace
from aigate.session.guard import PACKAGE, Guard
from aigate.session.request import Prepared, check_command, check_denied, configuration, masker_of, state_directory
from aigate.streams.relay import CAUGHT, Relay
from aigate.streams.terminal import Terminal, look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate import Masker
    from aigate.config.model import Config, ResourceLimits
    from aigate.host.agent import Account
    from aigate.host.limits import LimitPlan
    from aigate.masking.rule import Rule
    from aigate.network.chain import Chain
    from aigate.network.plan import Machine, NetworkPlan
    from aigate.network.refusals import NetworkReport
    from aigate.policy.model import Policy
    from aigate.policy.resolve import Caller
    from aigate.session.request import Request

ABSTRACT_SOCKETS = (
    "the host's abstract sockets can be reached: before Linux 6.12 only a network of its own keeps them out (allow_net)"
)
INIT = f"{PACKAGE}/native/init"


def run(
    request: Request,
    announce: Callable[[Prepared], None],
    agree: Callable[[tuple[str, ...]], bool],
    conclude: Callable[[NetworkReport], None],
) -> int:
    """Run a command in the sandbox and return its exit status.

    announce is called once, when everything is decided and before anything starts. agree is asked whether what a
    project's file widens, and what was left out for it, shall apply from now on. conclude is called once, after the
    command has ended, with what its network refused. Raises AigateError.
    """
    if not request.as_agent:
        return _run_request(request, caller(), None, announce=announce, agree=agree, conclude=conclude)
    from aigate.host import agent

    owner = agent.caller()
    with agent.FilesOf(owner):
        return _run_request(request, caller(), owner, announce=announce, agree=agree, conclude=conclude)


def _run_request(
    request: Request,
    who: Caller,
    owner: Account | None,
    *,
    announce: Callable[[Prepared], None],
    agree: Callable[[tuple[str, ...]], bool],
    conclude: Callable[[NetworkReport], None],
) -> int:
    """Run a request. owner: whose files it works on, where that is somebody else than this process's user."""
    streams = look()
    if owner is not None:
        who = replace(who, home=os.path.realpath(owner.home), owns_home=False)
    state = state_directory(who.home, owner.uid if owner else os.getuid())
    config = configuration(request, who, agree)
    agent = _agent(request, config)
    if agent is not None:
        who = replace(who, uid=agent.uid, gid=agent.gid)
    rules = rules_from(config.mask_stdout)
    masker = masker_of(rules)
    log = AuditLog(state)
    try:
        with Placeholders(state) as placeholders:
            prepared = _prepare(request, config, rules, who, log=log, state=state, agent=agent)
            announce(prepared)
            if request.dry_run:
                return 0
            signals = _linux.signal_descriptor(CAUGHT)
            terminal = Terminal(streams) if streams.terminals else None
            network = Network(prepared.network, log.write_fields, (log.descriptor,))
            try:
                group = Group(prepared.limits)
                with Guard(state, terminal, group.leftover) as guard:
                    relay = Relay(streams, masker, terminal, guard, group.restrict)
                    started = Started(prepared, masker, log, placeholders, agent)
                    status = _run(started, relay, network, group=group, guard=guard, signals=signals)
                    placeholders.remove()
            finally:
                report = network.close()
                os.close(signals)
                if terminal:
                    terminal.close()
            for event in repeated(report):
                log.write_fields(REPEATED, event)
            conclude(report)
            return status
    finally:
        log.close()


def _agent(request: Request, config: Config) -> Account | None:
    """Return the user to run the command as, where one was asked for."""
    if not request.as_agent:
        return None
    from aigate.host.agent import look_up

    return look_up(config.user)


def _prepare(
    request: Request,
    config: Config,
    rules: tuple[Rule, ...],
    who: Caller,
    *,
    log: AuditLog,
    state: str,
    agent: Account | None,
) -> Prepared:
    policy = resolve(config, who)
    if agent is not None:
        from aigate.host.agent import as_seen_by

        policy = as_seen_by(agent, policy)
    check_denied(request, policy, log)
    debug.log(f"config {', '.join(config.sources)}; project {policy.project}; {len(policy.hidden)} paths hidden")
    check_command(request.command[0], policy)
    chain, unused = chain_of(policy)
    network = _plan_network(policy, chain, learning=request.learn_net, state=state)
    policy = _with_network(policy, network)
    limits = look_at_limits(policy.limits, policy.uid)
    inactive = [("limits", reason) for reason in limits.inactive]
    if network.way == "host" and not scopes_with_landlock():
        inactive.append(("landlock", ABSTRACT_SOCKETS))
    if network.way in ("slirp", "gateway") and (unused or (chain and not network.chain)):
        inactive.append(("proxy", unused or "with network: slirp hosts are reached without the proxy of HTTPS_PROXY"))
    policy = replace(policy, inactive=tuple(inactive))
    if required := (*config.require, *request.require):
        require.check(required, _lacking(policy, rules, network, limits))
    names = tuple(dict.fromkeys(rule.name for rule in rules))
    plan = select.make_plan(
        select.choose(config.backend, look_at_backends(policy.uid)),
        policy,
        request.command,
        init=_init_program(),
        masked=names,
    )
    return Prepared(policy, rules, network, limits, plan, agent.name if agent else "")


def chain_of(policy: Policy) -> tuple[Chain | None, str]:
    """Return the proxy that the host is behind, by the user's environment, and why it is not used, or ""."""
    variables = dict(policy.environment)
    if not any(name.upper() in PROXY_VARIABLES for name in variables):
        return None, ""
    from aigate.network.chain import chain_from

    return chain_from(variables)


def _plan_network(policy: Policy, chain: Chain | None, *, learning: bool, state: str) -> NetworkPlan:
    def trial(machine: Machine) -> str:
        from aigate.network.trial import remembering

        return remembering(state)(machine)

    look = lambda: look_at_machine(find_tool)  # noqa: E731
    return plan_network(policy.hosts, policy.network, look, learning=learning, trial=trial, chain=chain)


def look_at_backends(uid: int) -> select.Machine:
    """Return what this machine offers to make a sandbox with, for a user."""
    bwrap = find_tool("bwrap")
    return select.Machine(os.uname().machine, bwrap, obstacle(uid, bwrap))


def look_at_limits(limits: ResourceLimits, uid: int) -> LimitPlan:
    """Return how limits are enforced here for the processes of a user, looking only if there are any."""
    wanted = any(value is not None for value in (limits.max_memory, limits.max_cpu_percent, limits.max_pids))
    place = cgroup.look(find_tool, uid=os.getuid()) if wanted else Place("none")
    return plan_limits(limits, place, replace(cgroup.machine(), uid=uid))


def _lacking(policy: Policy, rules: tuple[Rule, ...], network: NetworkPlan, limits: LimitPlan) -> dict[str, str]:
    """Return the protections that this run does not have, with the reason: name to reason."""
    lacking = dict(policy.inactive)
    if network.way == "host":
        lacking["net"] = "allow_net is left out: every host can be reached"
    elif network.learning:
        lacking["net"] = "--learn-net allows every host"
    if not limits.settings and limits.processes is None:
        lacking.setdefault("limits", "resource_limits is left out: nothing is limited")
    if not rules:
        lacking["mask"] = "mask_stdout is left out: nothing is masked"
    if not scopes_with_landlock():
        lacking["landlock"] = "this kernel has no Landlock that scopes sockets and signals (Linux 6.12 has)"
    if filter_program(os.uname().machine) is None:
        lacking["seccomp"] = f"there is no system call filter for {os.uname().machine}"
    return lacking


def _with_network(policy: Policy, network: NetworkPlan) -> Policy:
    """Return the policy with what the sandbox needs to see to find its network."""
    if network.way not in ("slirp", "gateway"):
        return policy
    covered = [item.path for item in policy.hidden if item.directory]
    files = tuple(
        Overlay(path, content)
        for path, content in inner_files()
        if path in policy.exposed or not any(path.startswith(f"{directory}/") for directory in covered)
    )
    variables = proxy_variables() if network.way == "gateway" else ()
    kept = tuple((name, value) for name, value in policy.environment if name.upper() not in PROXY_VARIABLES)
    return replace(policy, hosts=network.rules or None, resolver_files=files, environment=kept + variables)


def _init_program() -> bytes:
    try:
        with open(INIT, "rb") as file:
            return file.read()
    except OSError as error:
        raise EnforcementError(f"{INIT}: {error.strerror}", hint="install aigate again") from None


class Started:
    """What has to be done before the command starts, and is done while the sandbox is being made."""

    def __init__(
        self,
        prepared: Prepared,
        masker: Masker | None,
        log: AuditLog,
        placeholders: Placeholders,
        agent: Account | None,
    ) -> None:
        self.prepared, self.log, self.agent = prepared, log, agent
        self._masker, self._placeholders = masker, placeholders
        self.since = time.monotonic()
        self.input = Input()

    def make_placeholders(self) -> None:
        """Make what the sandbox's mounts need. Raises OSError."""
        self._placeholders.create(self.prepared.plan.placeholders)

    def write_down(self) -> None:
        """Write to the audit log that the run starts. Raises AigateError."""
        prepared, masker = self.prepared, self._masker
        shown = " ".join(prepared.plan.command).encode("utf-8", "surrogateescape")
        self.log.write(
            "started",
            command=(masker.mask(shown) if masker else shown).decode("utf-8", "replace"),
            directory=prepared.policy.cwd,
            hidden=len(prepared.policy.hidden),
            protected=len(prepared.policy.protected),
            denied_commands=len(prepared.policy.denied_commands),
            rules=len(prepared.rules),
            network=prepared.network.way,
            **({"user": self.agent.name} if self.agent else {}),
        )


def _run(started: Started, relay: Relay, network: Network, *, group: Group, guard: Guard, signals: int) -> int:
    prepared, log, agent = started.prepared, started.log, started.agent
    debug.log(f"starting {prepared.plan.backend}, {len(prepared.plan.steps)} mounts")
    heard, errors = os.pipe2(os.O_CLOEXEC)
    gate, opening = os.pipe2(os.O_CLOEXEC)
    try:
        child = _start(started, relay, network, group, life=guard.life, errors=errors, gate=(gate, opening))
        try:
            _as_root(agent, lambda: group.admit(child, guard.process))
            started.make_placeholders()
            os.write(opening, b"G")
            started.write_down()
            network.attach()
        except BaseException as error:  # noqa: BLE001 -- whatever it was, the child must not go on
            raise _give_up(child, heard) or error from None
        gc.enable()
        status = relay.carry(child, signals)
        killed, refused = group.out_of_memory, group.refused_processes
        failure = None if relay.started else complaint(heard)
    finally:
        _as_root(agent, group.close)
        started.input.bring_back()
        for descriptor in (heard, errors, gate, opening):
            os.close(descriptor)
    if refused:
        log.write("limited", limit="max_pids", times=refused)
    if killed:
        log.write("killed", limit="max_memory")
        status = KilledError.exit_status
    log.write("ended", status=status, seconds=round(time.monotonic() - started.since, 3), masked=relay.counts)
    if killed:
        raise KilledError(f"killed: over max_memory {limit_text('max_memory', prepared.policy.limits.max_memory or 0)}")
    if failure is not None:
        raise failure
    if status == 1 and not relay.started:
        raise _not_set_up()
    if relay.failure:
        reason = relay.failure.strerror if isinstance(relay.failure, OSError) else repr(relay.failure)
        raise EnforcementError(f"output cannot be written: {reason}") from relay.failure
    return status


def _as_root(agent: Account | None, act: Callable[[], None]) -> None:
    """Do something that is root's where other files are somebody else's matter."""
    if agent is None:
        act()
        return
    from aigate.host.agent import ROOTS_FILES, FilesOf

    with FilesOf(ROOTS_FILES):
        act()


def _become_agent(agent: Account, relay: Relay) -> None:
    """Give this forked process over to the agents' user, or end it."""
    from aigate.host.agent import become

    try:
        become(agent, [source for source, _ in relay.redirections() if os.isatty(source)])
    except OSError as error:
        os.write(2, f"aigate: this cannot run as {agent.name}: {error.strerror}\n".encode())
        os._exit(1)


def _give_up(child: int, heard: int) -> EnforcementError | None:
    """End a child that waits to become the sandbox. Return what it died of by itself, if it did."""
    ended = os.waitpid(child, os.WNOHANG)[0]
    if not ended:
        os.kill(child, SIGKILL)
        os.waitpid(child, 0)
    return complaint(heard) or (_not_set_up() if ended else None)


def _not_set_up() -> EnforcementError:
    from aigate.host.namespaces import why_not

    return EnforcementError("the sandbox could not be set up, and nothing was run", hint=why_not())


def _start(
    started: Started, relay: Relay, network: Network, group: Group, *, life: int, errors: int, gate: tuple[int, int]
) -> int:
    """Start the sandbox, which waits until the group admits it, and return its process id."""
    agent = started.agent

    def wait() -> None:
        group.wait()
        if agent is not None:
            _become_agent(agent, relay)

    redirections = relay.redirections()
    around = Surroundings(
        announce=relay.launching,
        network=network.separate,
        enter_network=network.enter,
        redirections=redirections,
        kept=frozenset(relay.handed_over()),
        life=life,
        errors=errors,
        gate=gate,
        console=next((os.ttyname(source) for source, to in redirections if to == 1 and os.isatty(source)), None),
        parent=os.getpid(),
        input=started.input,
    )
    group.close_gate()
    return spawn(started.prepared.plan, relay.init_arguments(), around, wait)
