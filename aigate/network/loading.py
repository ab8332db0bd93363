"""Loads the rules into the sandbox's network namespace, from outside, while the sandbox is still being set up.

Each step runs in a forked process that enters the namespaces first (setns(2)); as their maker's user it has every right
there, and it is gone before the command starts. Owns no rule: `firewall` writes them.
"""

from __future__ import annotations

import os

from aigate import _linux
from aigate.errors import EnforcementError
from aigate.network import firewall
from aigate.network.addresses import text_of
from aigate.network.firewall import SYNTHETIC_IPV4, SYNTHETIC_IPV6
from aigate.network.namespace import RELAY_PORT
from aigate.network.slirp import own_addresses
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate.network.plan import NetworkPlan

# iptables takes a lock for the whole machine, which an ordinary user may not even open; here nobody else loads rules.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "XTABLES_LOCKFILE": "/dev/null"}
FAMILIES = {"4": 1, "6": 2}
LOADED = 8  # what the process that loads ends with, and with the numbers of the families whose rules it could not
IPV6_SWITCHES = ("/proc/sys/net/ipv6/conf/all/disable_ipv6", "/proc/sys/net/ipv6/conf/default/disable_ipv6")


@record
class Namespaces:
    """Descriptors of a user namespace and of a network namespace that it owns."""

    user: int
    net: int


def load_rules(plan: NetworkPlan, namespaces: Namespaces, *, queue: bool) -> str:
    """Load both rule sets at once and return what is filtered now: `46`, `4`, or nothing.

    Tries every kind of iptables there is, for the gateway with rules that need no packet queue at last. queue: there is
    one. IPv6 is switched off where it cannot be filtered. Raises EnforcementError when packets could get out and IPv4
    cannot be filtered.
    """
    kinds = [True] if plan.way == "slirp" else [True, False] if queue else [False]
    left = {
        family: [(program, kind) for kind in kinds for program in programs]
        for family, programs in (("4", plan.machine.restore4), ("6", plan.machine.restore6))
    }
    loaded = ""
    while any(left.values()):
        turns = {family: ways.pop(0) for family, ways in left.items() if ways}
        for family in _loaded(namespaces, plan, turns):
            loaded += family
            left[family] = []
    if "6" not in loaded:
        os.waitpid(_inside(namespaces, _switch_off_ipv6), 0)
    if "4" not in loaded and plan.way == "slirp":
        raise EnforcementError("no iptables here can load rules in a network namespace", hint="set network: gateway")
    return loaded


def turn(plan: NetworkPlan, namespaces: Namespaces, standing: bytes, real: bytes) -> bool:
    """Turn an address that stands for a name to a real one of its family, and tell whether that is so now."""
    text = firewall.turned_rule(text_of(standing), text_of(real))
    programs = plan.machine.restore4 if len(standing) == 4 else plan.machine.restore6  # noqa: PLR2004
    for program in programs:

        def load(program: str = program) -> None:
            os._exit(0 if _is_well(_restoring(program, text, "--noflush")) else 1)

        if os.waitpid(_inside(namespaces, load), 0)[1] == 0:
            return True
    return False


def _loaded(namespaces: Namespaces, plan: NetworkPlan, turns: dict[str, tuple[str, bool]]) -> list[str]:
    """Load the rules of several families side by side, from one process inside; return those that could be.

    turns: by family, the program, and whether the rules are those with a queue.
    """

    def load() -> None:
        started = {
            family: _restoring(program, rules_text(plan, ipv6=family == "6", queue=queue))
            for family, (program, queue) in turns.items()
        }
        failed = sum(FAMILIES[family] for family, process in started.items() if not _is_well(process))
        os._exit(LOADED + failed)

    failed = os.waitstatus_to_exitcode(os.waitpid(_inside(namespaces, load), 0)[1]) - LOADED
    return [family for family in turns if failed in range(LOADED) and not failed & FAMILIES[family]]


def join(namespaces: Namespaces) -> None:
    """Enter the namespaces, for good."""
    _linux.setns(namespaces.user)
    _linux.setns(namespaces.net)
    if os.getuid():  # root, in the namespace of another user: unmapped, it would lose its rights at the next exec
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)


def _inside(namespaces: Namespaces, act: Callable[[], None]) -> int:
    """Start a process that acts inside the namespaces and ends with 0 if nothing was raised; returns its id."""
    process = os.fork()
    if process:
        return process
    try:
        join(namespaces)
        act()
        os._exit(0)
    finally:
        os._exit(1)


def _restoring(program: str, text: str, *options: str) -> int:
    """Start the program that loads rules from its standard input; 0: it cannot. options: of iptables-restore(8)."""
    reader, writer = os.pipe()
    try:
        os.write(writer, text.encode())
        os.close(writer)
        input_from = [(os.POSIX_SPAWN_DUP2, reader, 0)]
        return os.posix_spawn(program, [program, *options], ENVIRONMENT, file_actions=input_from)
    except OSError:
        return 0
    finally:
        os.close(reader)


def _is_well(process: int) -> bool:
    """Wait for a process, and tell whether it ended with 0."""
    return process != 0 and os.waitpid(process, 0)[1] == 0


def rules_text(plan: NetworkPlan, *, ipv6: bool, queue: bool) -> str:
    """Return the rules of one family for a plan."""
    if plan.way == "slirp":
        return firewall.slirp_rules(ipv6=ipv6, address=text_of(own_addresses(plan.rules)[ipv6]), asking=plan.asking)
    own = SYNTHETIC_IPV6[0] if ipv6 else SYNTHETIC_IPV4[0]
    return firewall.gateway_rules(ipv6=ipv6, port=RELAY_PORT, address=own, queue=queue)


def _switch_off_ipv6() -> None:
    """Take IPv6 away from every device, loopback too: what cannot be filtered is not there."""
    for path in IPV6_SWITCHES:
        if os.path.exists(path):
            with open(path, "w", encoding="ascii") as file:
                file.write("1")
