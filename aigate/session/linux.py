"""One run of a command in the sandbox, on Linux: everything is decided here, then `session/life.py` acts on it.

What cannot be enforced ends the run with an error before the command exists.
"""

from __future__ import annotations

import os

from aigate import debug
from aigate.backends import select
from aigate.backends.layout import pinned
from aigate.backends.seccomp import filter_program
from aigate.config.files import shown
from aigate.errors import EnforcementError, remedy
from aigate.host.nesting import keeps_switches_from_their_maker
from aigate.isolation import is_interrupt_waiting
from aigate.launch.child import scopes_with_landlock
from aigate.layers.place import layer_of
from aigate.layers.probe import look as look_for_layers
from aigate.network.hostfiles import PROXY_VARIABLES, inner_files, proxy_variables
from aigate.network.refusals import REPEATED, repeated
from aigate.policy import require
from aigate.policy.git import find_settings
from aigate.policy.home import Offer
from aigate.policy.model import Overlay
from aigate.policy.places import inner_variables, seen_in
from aigate.policy.resolve import caller, project_of, resolve
from aigate.policy.signing import WHAT, unsigned
from aigate.policy.worktree import apart
from aigate.reading import read_from
from aigate.record import replace
from aigate.session.guard import PACKAGE
from aigate.session.known import with_known
from aigate.session.layer import let_pass, obeyed_later
from aigate.session.life import Life
from aigate.session.machine import chain_of, divides_groups, look_at_backends, look_at_limits, look_at_network
from aigate.session.opening import open_run, with_profiles
from aigate.session.request import Prepared, check_command, check_denied, lacking
from aigate.session.sandboxes import CLAUDE, obstacle, switched_on
from aigate.streams.system import await_children
from aigate.streams.terminal import look
from aigate.suppress import suppress
from aigate.watch.link import leave_nobody_behind
from aigate.watch.notices import summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.host.agent import Account
    from aigate.host.limits import LimitPlan
    from aigate.network.chain import Chain
    from aigate.network.plan import NetworkPlan
    from aigate.policy.model import Policy
    from aigate.session.opening import Opening
    from aigate.session.request import Request, Talk

SOCKETS = "the host's abstract sockets can be reached"
ABSTRACT_SOCKETS = f"{SOCKETS}: before Linux 6.12 only a network of its own keeps them out (allow_net)"
SET_ID = "only a set-id bwrap can make the sandbox here, and behind Landlock it could not begin"
UNCHAINED = "with network: slirp hosts are reached without the proxy of HTTPS_PROXY"
UNWATCHED = "what is replaced outside during the run is not covered again: only bwrap can make the mounts here"
INIT = f"{PACKAGE}/native/init"
GIT_GUARD = f"{PACKAGE}/inside/git.sh"
UNATTENDED = (
    "--ask: nobody could answer here, where input or output is no terminal: hosts that are not listed are refused"
)


def run(request: Request, talk: Talk) -> int:
    """Run a command in the sandbox and return its exit status. Raises AigateError."""
    if not request.as_agent:
        return _run(request, talk, None)
    from aigate.host import agent

    owner = agent.caller()
    with agent.FilesOf(owner):
        return _run(request, talk, owner)


def _run(request: Request, talk: Talk, owner: Account | None) -> int:
    """Run a request. owner: whose files it works on, where that is somebody else than this process's user."""
    await_children()
    streams = look()
    if request.ask and not streams.interactive:
        request = replace(request, ask=False)
        if not talk.quiet:
            talk.tell([UNATTENDED])
    who = caller()
    if owner is not None:
        who = replace(who, home=os.path.realpath(owner.home), owns_home=False)
    opening = with_profiles(open_run(request, talk, who, owner=owner.uid if owner else os.getuid()))
    life: Life | None = None
    try:
        agent = _agent(opening)
        opening, prepared = with_known(opening, prepare(opening, agent))
        talk.announce(prepared)
        if request.dry_run:
            return 0
        life = Life(opening, prepared, streams, agent)
        status = _live(life)
        for event in repeated(life.report):
            life.afterwards(lambda: opening.log.write_fields(REPEATED, event))  # noqa: B023 -- at once
        life.afterwards(lambda: talk.conclude(life.report))
        if life.always and talk.allow is not None:
            life.afterwards(lambda: talk.allow and talk.allow(life.always))
        if life.never:
            life.afterwards(lambda: talk.tell(_never_again(life.never, opening)))
        life.afterwards(lambda: _hand_over(prepared.policy.project, agent, owner))
        life.afterwards(lambda: let_pass(prepared.policy, opening.state))
        later: list[str] = []
        if not talk.quiet:
            life.afterwards(lambda: later.extend(obeyed_later(prepared.policy, opening.since)))
        talk.tell([*summary(life.watched, prepared.policy.project), *later, *life.troubles])
        return status
    finally:
        with suppress(OSError, EnforcementError):
            if life is not None:
                life.events.tell_head()
        with suppress(OSError):
            opening.log.close()
        leave_nobody_behind()


def _never_again(hosts: list[str], opening: Opening) -> list[str]:
    """Keep what the user never wants to be asked about again, and return the lines that say so."""
    from aigate.config import never

    never.add(hosts, home=opening.who.home)
    return [f"never asked about again: {host} (aigate allow net {host} takes that back)" for host in hosts]


def _declined(opening: Opening) -> tuple[str, ...]:
    """Return the hosts that the user never wants to be asked about."""
    from aigate.config import never

    return tuple(never.lines(opening.who.home))


def _live(life: Life) -> int:
    """Run the command. Raises KeyboardInterrupt where that is what ended the start: helpers get the signal as well."""
    try:
        with life:
            status = life.run()
    except EnforcementError:
        if is_interrupt_waiting():
            raise KeyboardInterrupt from None
        raise
    return status


def _hand_over(project: str, agent: Account | None, owner: Account | None) -> None:
    """Let who called change what the agents' user, if the command was that, has made in the project."""
    if agent is None or owner is None:
        return
    from aigate.host.agent import ROOT, ROOTS_FILES, FilesOf
    from aigate.host.handover import hand_over

    if ROOT not in (owner.uid, agent.uid):
        with FilesOf(ROOTS_FILES):
            hand_over(project, agent.uid, owner.uid)


def _agent(opening: Opening) -> Account | None:
    """Return the user to run the command as, where one was asked for."""
    if not opening.request.as_agent:
        return None
    from aigate.host.agent import look_up

    return look_up(opening.config.user)


def prepare(opening: Opening, agent: Account | None) -> Prepared:
    """Return everything that a run comes to, on this machine and in this directory. Raises AigateError."""
    policy = policy_of(opening, agent)
    check_denied(opening.request, policy, opening.log)
    check_command(opening.request.command[0], policy, opening.masked)
    return prepare_under(policy, opening, agent)


def _agent_lacking(policy: Policy, agent: Account | None) -> tuple[tuple[str, str], ...]:
    if agent is None:
        return ()
    from aigate.host.agent import caller as owner
    from aigate.host.agent import lacking as lacking_of

    return tuple(lacking_of(agent, owner(), policy.project))


def prepare_under(policy: Policy, opening: Opening, agent: Account | None = None) -> Prepared:
    """Return everything that a run under a policy comes to, whatever its command is. Raises AigateError."""
    request, config = opening.request, opening.config
    debug.log(f"config {', '.join(config.sources)}; project {policy.project}; {len(policy.hidden)} paths hidden")
    chain, unused = chain_of(policy)
    variables, rooms = inner_variables(policy.environment, seen_in(policy), os.path.isdir)
    policy = replace(policy, environment=variables, rooms=rooms)
    signed = policy.environment
    policy = replace(policy, environment=unsigned(policy))
    signing = [("signing", WHAT)] if policy.environment != signed else []
    network = look_at_network(policy, chain, learning=request.learn_net, state=opening.state, asking=request.ask)
    if request.ask:
        network = replace(network, declined=_declined(opening))
    policy = _with_network(policy, network)
    limits = look_at_limits(policy.limits, policy.uid)
    choice = select.choose(config.backend, look_at_backends(policy.uid))
    inactive = (*_home_lacking(policy), *_limits_lacking(limits), *_network_lacking(network, chain, unused))
    inactive += _landlock_lacking(network, choice)
    own = switched_on(policy, request.command, opening.profiles)
    inactive += (*_watch_lacking(choice), *_git_lacking(policy), *signing, *apart(policy), *obstacle(policy, own))
    inactive += _agent_lacking(policy, agent)
    copied = _settings(policy, choice, agent) if own != CLAUDE else ()  # it covers a link there by what cannot be read
    policy = replace(policy, inactive=inactive, settings=copied)
    if required := (*config.require, *request.require):
        require.check(required, _lacking(policy, opening, network, limits, choice))
    names = tuple(dict.fromkeys(rule.name for rule in opening.rules))
    guard = _part(GIT_GUARD) if policy.git else b""
    filtered = bool(policy.hosts or policy.resolver_files)
    nests = filtered and 0 != policy.uid == os.getuid() and keeps_switches_from_their_maker()
    plan = select.make_plan(choice, policy, request.command, init=_part(INIT), masked=names, guard=guard, nests=nests)
    plan = replace(plan, divides_groups=divides_groups(policy, limits))
    return Prepared(policy, opening.rules, network, limits, plan, agent.name if agent else "", opening.profiles)


def policy_of(opening: Opening, agent: Account | None = None) -> Policy:
    """Return what is enforced in a run. Raises AigateError."""
    if agent is None:
        return resolve(opening.config, opening.who, _offer(opening), opening.talk.searching)
    from aigate.host.agent import as_seen_by

    who = replace(opening.who, uid=agent.uid, gid=agent.gid)
    return as_seen_by(agent, resolve(opening.config, who, Offer(), opening.talk.searching))


def _offer(opening: Opening) -> Offer:
    """Return which layers can be had, looking only if one is wanted."""
    config, who = opening.config, opening.who
    layer = layer_of(opening.state, project_of(who))
    if config.home != "readonly" and "layer" not in (config.home, config.project):
        return Offer(directory=layer.directory)
    return look_for_layers(
        layer,
        who.home,
        obstacle=look_at_backends(who.uid).obstacle,
        size=config.resource_limits.max_memory or 0,
    )


def _settings(policy: Policy, choice: select.Choice, agent: Account | None) -> tuple[str, ...]:
    """Return which config files of git's the sandbox has copies of: where somebody can bring back what is harmless."""
    if not choice.prepared or agent is not None or not policy.git:
        return ()
    found = find_settings(policy.protected, policy.writable)
    return tuple(path for path in found if pinned(policy, path))


def _home_lacking(policy: Policy) -> list[tuple[str, str]]:
    """Return that the home is not seen as it was asked for, where it is not."""
    view = policy.view
    how = {"memory": "its layer lies in memory and is gone at the end", "readonly": "it is read-only"}
    how |= {"layer": "parts of it are read-only"}
    lacking = [("home", f"{how.get(view.kind, view.kind)}: {view.reason}")] if view.reason else []
    if view.kind == "closed" and view.files:
        lacking.append(("share", f"{shown(view.files[0][0])}: a single file is not there in a home that is closed"))
    return lacking


def _limits_lacking(limits: LimitPlan) -> list[tuple[str, str]]:
    return [("limits", reason) for reason in limits.inactive]


def _git_lacking(policy: Policy) -> list[tuple[str, str]]:
    return [
        ("git", f"{index.top}: {index.reason}, so git refuses to add or commit while files are hidden from it")
        for index in policy.indexes
        if index.reason
    ]


def _network_lacking(network: NetworkPlan, chain: Chain | None, unused: str) -> list[tuple[str, str]]:
    """Return what a way of the network leaves open. unused: why the host's proxy is not used, or ""."""
    if network.way in ("slirp", "gateway") and (unused or (chain and not network.chain)):
        return [("proxy", unused or UNCHAINED)]
    return []


def _landlock_lacking(network: NetworkPlan, choice: select.Choice) -> tuple[tuple[str, str], ...]:
    """Return that abstract sockets are open, where neither Landlock nor a network of its own closes them."""
    if network.way != "host" or (scopes_with_landlock() and not choice.privileged):
        return ()
    return (("landlock", f"{SET_ID}: {SOCKETS}" if choice.privileged else ABSTRACT_SOCKETS),)


def _watch_lacking(choice: select.Choice) -> list[tuple[str, str]]:
    return [] if choice.prepared else [("watch", UNWATCHED)]


def _lacking(
    policy: Policy, opening: Opening, network: NetworkPlan, limits: LimitPlan, choice: select.Choice
) -> dict[str, str]:
    """Return the protections that this run does not have, with the reason: name to reason."""
    limited = bool(limits.settings) or limits.processes is not None
    found = lacking(policy, opening.rules, network, limited=limited)
    if opening.config.late != "hide":
        found["late"] = "late: tell only reports what comes to match deny_read"
    elif "watch" in found:
        found["late"] = found["watch"]
    if not scopes_with_landlock():
        found["landlock"] = "this kernel has no Landlock that scopes sockets and signals (Linux 6.12 has)"
    elif choice.privileged:
        found["landlock"] = SET_ID
    if filter_program(os.uname().machine) is None:
        found["seccomp"] = f"there is no system call filter for {os.uname().machine}"
    return found


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


def _part(path: str) -> bytes:
    """Return a file of aigate's own that has its place inside."""
    try:
        with open(path, "rb") as file:
            return read_from(file)
    except OSError as error:
        raise EnforcementError(f"{path}: {error.strerror}", hint=remedy(error) or "install aigate again") from None
