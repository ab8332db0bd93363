"""slirp4netns: the packets' way out. Owns its command line and its process.

See slirp4netns(1). It is started outside and enters the namespaces of a process (not by descriptor: its --userns-path
and --enable-sandbox do not go together for ordinary users in 1.2). It ends when the write end of its exit descriptor is
gone, so it cannot outlive aigate, however aigate ends.
"""

from __future__ import annotations

import os
from _socket import AF_INET6, inet_pton

from aigate.errors import EnforcementError
from aigate.host.tools import find_tool
from aigate.policy.hosts import Network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from aigate.policy.hosts import HostRule

DEVICE = "tap0"
MTU = 65520
IPV6_ADDRESS = "fd00::100"
IPV6_ROUTER = "fd00::2"
IPV6_PREFIX = 64
OWN_NUMBER = 100
# Where the virtual router lives. The first is slirp4netns' own default; the next are for those who use that range.
SUBNETS = tuple(Network(bytes(packed), 24) for packed in ((10, 0, 2, 0), (10, 229, 77, 0), (172, 30, 201, 0)))


def choose_subnet(rules: Iterable[HostRule]) -> Network:
    """Return a subnet for the virtual router that no allowed address lies in, so that none is taken by the router."""
    allowed = [rule.network for rule in rules if rule.network is not None and rule.network.prefix > 0]
    for subnet in SUBNETS:
        if not any(subnet.packed in network or network.packed in subnet for network in allowed):
            return subnet
    return SUBNETS[0]


def own_addresses(rules: Iterable[HostRule]) -> tuple[bytes, bytes]:
    """Return the packed addresses that the sandbox has: slirp4netns gives its device the first one (--configure)."""
    return choose_subnet(rules).packed[:3] + bytes([OWN_NUMBER]), inet_pton(AF_INET6, IPV6_ADDRESS)


def slirp_argv(program: str, target: int, pipes: tuple[int, int], subnet: Network, *, ipv6: bool) -> list[str]:
    """Return the command line. target: a process id. pipes: what it writes 1 to when up, and what keeps it.

    It locks itself up, with an empty root and a system call filter: it reads hostile packets.
    """
    return [
        program,
        "--configure",
        f"--mtu={MTU}",
        f"--cidr={subnet}",
        "--disable-host-loopback",
        "--disable-dns",
        *(("--enable-ipv6",) if ipv6 else ()),
        "--enable-sandbox",
        "--enable-seccomp",
        f"--ready-fd={pipes[0]}",
        f"--exit-fd={pipes[1]}",
        str(target),
        DEVICE,
    ]


def with_own_mounts(argv: list[str], unshare: str | None) -> list[str]:
    """Return the command line for root, whose mounts slirp4netns must not share with the host's.

    Its --enable-sandbox makes only / private before it unmounts everything. Where mounts are shared, as systemd makes
    them, that takes /sys/fs/cgroup, /dev/pts, /dev/shm and their like away from the whole system. An ordinary user's
    mounts are cut off by the user namespace. unshare: path of unshare(1); without it there is no inner sandbox.
    """
    if unshare is None:
        return [word for word in argv if word != "--enable-sandbox"]
    return [unshare, "--mount", "--propagation", "private", *argv]


def start_slirp(program: str, target: int, subnet: Network, *, ipv6: bool) -> tuple[int, int, int]:
    """Start slirp4netns; returns its process id, the descriptor that it reports to and the one that keeps it alive."""
    ready_read, ready_write = os.pipe2(os.O_CLOEXEC)
    exit_read, exit_write = os.pipe2(os.O_CLOEXEC)
    for descriptor in (ready_write, exit_read):
        os.set_inheritable(descriptor, True)
    try:
        argv = slirp_argv(program, target, (ready_write, exit_read), subnet, ipv6=ipv6)
        if os.geteuid() == 0:
            argv = with_own_mounts(argv, find_tool("unshare"))
        process = os.posix_spawn(argv[0], argv, {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    except OSError as error:
        raise EnforcementError(f"{program} cannot be started: {error.strerror}") from None
    finally:
        os.close(ready_write)
        os.close(exit_read)
    return process, ready_read, exit_write


def wait_ready(ready: int) -> None:
    """Wait until slirp4netns says that the device is up. Raises EnforcementError if it ends first."""
    said = os.read(ready, 1)
    os.close(ready)
    if said != b"1":
        raise EnforcementError(
            "slirp4netns could not set up the network", hint="see aigate doctor, or set network: gateway"
        )
