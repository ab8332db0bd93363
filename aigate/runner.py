"""One run of a command in the sandbox: the only place that composes the parts, and the only one that spawns.

Everything is decided before anything is started: config, policy, masking rules, plan. What cannot be enforced ends the
run with an error before the command exists.
"""

from __future__ import annotations

import os
import time
from _signal import SIG_DFL, SIGKILL, SIGPIPE, SIGXFSZ, signal  # type: ignore[import-not-found]

from aigate import _linux, debug
from aigate.audit import AuditLog
from aigate.backends import bwrap
from aigate.backends.seccomp import filter_program
from aigate.config.merge import limit_text
from aigate.errors import EnforcementError, KilledError
from aigate.guard import PACKAGE, Guard
from aigate.host import cgroup
from aigate.host.confine import Group
from aigate.host.limits import Place, plan_limits
from aigate.host.placeholders import Placeholders
from aigate.host.tools import find_tool, require_tool
from aigate.masking.rules import rules_from
from aigate.network.hostfiles import inner_files, proxy_variables
from aigate.network.link import Network
from aigate.network.plan import look_at_machine, plan_network
from aigate.policy import require
from aigate.policy.model import Overlay
from aigate.policy.resolve import caller, resolve
from aigate.record import replace
from aigate.relay import CAUGHT, Relay
from aigate.request import Prepared, check_command, check_denied, configuration, masker_of, state_directory
from aigate.terminal import Terminal, look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate import Masker
    from aigate.backends.base import Plan
    from aigate.config.model import Config, ResourceLimits
    from aigate.host.agent import Account
    from aigate.host.limits import LimitPlan
    from aigate.masking.rules import Rule
    from aigate.network.plan import NetworkPlan
    from aigate.network.refusals import NetworkReport
    from aigate.policy.model import Policy
    from aigate.policy.resolve import Caller
    from aigate.request import Request

FIRST_FREE_DESCRIPTOR = 3
SPARE_DESCRIPTORS = 128  # for everything that is not a stub
LOWEST_LIMIT = 256  # of open files, on any system that matters
LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, LANDLOCK_SCOPE_SIGNAL = 1, 2  # linux/landlock.h
LANDLOCK_WITH_SCOPES = 6  # landlock(7)
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
            prepared = _prepare(request, config, rules, who, log=log, agent=agent)
            announce(prepared)
            if request.dry_run:
                return 0
            signals = _linux.signal_descriptor(CAUGHT)
            terminal = Terminal(streams) if streams.terminals else None
            network = Network(prepared.network, log.write_fields, (log.descriptor,))
            try:
                group = Group(prepared.limits)
                with Guard(state, terminal, group.leftover) as guard:
                    placeholders.create(prepared.plan.placeholders)
                    relay = Relay(streams, masker, terminal, guard, group.restrict)
                    status = _run(
                        prepared,
                        masker,
                        relay,
                        network,
                        log,
                        group=group,
                        guard=guard.process,
                        signals=signals,
                        agent=agent,
                    )
                    placeholders.remove()
            finally:
                report = network.close()
                os.close(signals)
                if terminal:
                    terminal.close()
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
    request: Request, config: Config, rules: tuple[Rule, ...], who: Caller, *, log: AuditLog, agent: Account | None
) -> Prepared:
    policy = resolve(config, who)
    if agent is not None:
        from aigate.host.agent import as_seen_by

        policy = as_seen_by(agent, policy)
    check_denied(request, policy, log)
    debug.log(f"config {', '.join(config.sources)}; project {policy.project}; {len(policy.hidden)} paths hidden")
    check_command(request.command[0], policy)
    network = plan_network(policy.hosts, policy.network, lambda: look_at_machine(find_tool), learning=request.learn_net)
    policy = _with_network(policy, network)
    limits = look_at_limits(policy.limits, policy.uid)
    inactive = [("limits", reason) for reason in limits.inactive]
    if network.way == "host" and not scopes_with_landlock():
        inactive.append(("landlock", ABSTRACT_SOCKETS))
    policy = replace(policy, inactive=tuple(inactive))
    if required := (*config.require, *request.require):
        require.check(required, _lacking(policy, rules, network, limits))
    names = tuple(dict.fromkeys(rule.name for rule in rules))
    plan = bwrap.plan(
        policy,
        request.command,
        bwrap=require_tool("bwrap"),
        init=_init_program(),
        masked=names,
        machine=os.uname().machine,
    )
    return Prepared(policy, rules, network, limits, plan, agent.name if agent else "")


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
    kept = tuple((name, value) for name, value in policy.environment if name not in dict(variables))
    return replace(policy, hosts=network.rules or None, resolver_files=files, environment=kept + variables)


def _init_program() -> bytes:
    try:
        with open(INIT, "rb") as file:
            return file.read()
    except OSError as error:
        raise EnforcementError(f"{INIT}: {error.strerror}", hint="install aigate again") from None


def _run(
    prepared: Prepared,
    masker: Masker | None,
    relay: Relay,
    network: Network,
    log: AuditLog,
    *,
    group: Group,
    guard: int,
    signals: int,
    agent: Account | None,
) -> int:
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
        network=prepared.network.way,
        **({"user": agent.name} if agent else {}),
    )
    debug.log(f"starting {prepared.plan.tool} with {len(prepared.plan.options)} options")
    child = spawn(prepared.plan, relay, network, group, agent)
    try:
        try:
            _as_root(agent, lambda: group.admit(child, guard))
            network.attach()
        except EnforcementError:
            os.kill(child, SIGKILL)
            os.waitpid(child, 0)
            raise
        status = relay.carry(child, signals)
        killed, refused = group.out_of_memory, group.refused_processes
    finally:
        _as_root(agent, group.close)
    if refused:
        log.write("limited", limit="max_pids", times=refused)
    if killed:
        log.write("killed", limit="max_memory")
        status = KilledError.exit_status
    log.write("ended", status=status, seconds=round(time.monotonic() - started, 3), masked=relay.counts)
    if killed:
        raise KilledError(f"killed: over max_memory {limit_text('max_memory', prepared.policy.limits.max_memory or 0)}")
    if status == 1 and not relay.started:
        from aigate.host.namespaces import why_not

        raise EnforcementError("bubblewrap could not set up the sandbox, and nothing was run", hint=why_not())
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


def spawn(plan: Plan, relay: Relay, network: Network, group: Group, agent: Account | None) -> int:
    """Start the launcher, which waits until the group admits it, and return its process id.

    relay: says which descriptors the command gets as 0, 1 and 2, and which ones process 1 inside gets. Every other
    descriptor from 3 up is closed there, but for those that the plan's contents are read from. agent: whom to be.
    """
    _need_descriptors(len(plan.blobs) + SPARE_DESCRIPTORS)
    descriptors = [_blob(content) for content in plan.blobs]
    words = [str(descriptors[word]) if isinstance(word, int) else word for word in plan.options]
    options = _blob(b"".join(os.fsencode(word) + b"\0" for word in words))
    argv = [plan.tool, "--args", str(options), "--", plan.init, *relay.init_arguments(), *plan.command]
    parent = os.getpid()
    group.close_gate()
    try:
        child = os.fork()
        if child == 0:
            group.wait()
            if agent is not None:
                _become_agent(agent, relay)
            kept = {*descriptors, options, *relay.handed_over()}
            _become(plan, argv, network, relay, parent=parent, kept=kept)
    finally:
        for descriptor in (*descriptors, options):
            os.close(descriptor)
    return child


def _become_agent(agent: Account, relay: Relay) -> None:
    """Give this forked process over to the agents' user, or end it."""
    from aigate.host.agent import become

    try:
        become(agent, [source for source, _ in relay.redirections() if os.isatty(source)])
    except OSError as error:
        os.write(2, f"aigate: this cannot run as {agent.name}: {error.strerror}\n".encode())
        os._exit(1)


def _need_descriptors(count: int) -> None:
    """Raise the soft limit on open files where every stub needs one. Raises EnforcementError at the hard limit."""
    if count <= LOWEST_LIMIT:
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and count > hard:
        raise EnforcementError(
            f"{count} descriptors are needed to hide everything that is denied here, and the hard limit is {hard}",
            hint="raise it (ulimit -Hn), or deny a directory instead of each file in it",
        )
    if soft != resource.RLIM_INFINITY and count > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def _become(plan: Plan, argv: list[str], network: Network, relay: Relay, *, parent: int, kept: set[int]) -> None:
    """Turn this forked process into the launcher, in a session of its own. Never returns."""
    try:
        os.setsid()
        relay.launching()
        network.enter()
        for source, target in relay.redirections():
            os.dup2(source, target)
        last = FIRST_FREE_DESCRIPTOR
        for descriptor in sorted(kept):
            os.closerange(last, descriptor)
            os.set_inheritable(descriptor, True)
            last = descriptor + 1
        os.closerange(last, os.sysconf("SC_OPEN_MAX"))
        for number in (SIGPIPE, SIGXFSZ):
            signal(number, SIG_DFL)  # Python ignores them, and so would the command
        scope_with_landlock()
        _linux.die_with_parent(SIGKILL)
        _linux.restore_signal_mask()
        if os.getppid() == parent:
            os.execve(plan.tool, argv, dict(plan.environment))
    except EnforcementError:
        pass  # `attach` tells the parent why
    except OSError as error:
        os.write(2, f"aigate: {plan.tool} cannot be started: {error.strerror}\n".encode())
    finally:
        os._exit(1)


def scopes_with_landlock() -> bool:
    """Tell whether `scope_with_landlock` works on this kernel."""
    try:
        return _linux.landlock_version() >= LANDLOCK_WITH_SCOPES
    except OSError:
        return False


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
