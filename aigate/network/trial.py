"""Whether the filtered network can be had here, found out by making one. Changes nothing but the file it remembers in.

Looking for files does not tell whether the kernel takes the rules, hands packets out (NFQUEUE) and lets slirp4netns in.
What has worked is remembered until the next boot; what has not is tried again each time.
"""

from __future__ import annotations

import os
from _signal import SIGKILL  # type: ignore[import-not-found]

from aigate.errors import EnforcementError
from aigate.isolation import InterruptsHeld
from aigate.network.link import Network
from aigate.network.plan import Machine, NetworkPlan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

BOOT = "/proc/sys/kernel/random/boot_id"
REMEMBERED = "network"
FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def attempt(plan: NetworkPlan) -> str:
    """Start a network around a process that only waits, end it, and return which families it filtered: `46`, `4`, ``.

    It must be called before any thread exists. Raises EnforcementError.
    """
    network = Network(plan, _ignore)
    reader, writer = os.pipe2(os.O_CLOEXEC)
    child = os.fork()
    if child == 0:
        try:
            os.close(writer)
            network.enter(alone=True)
            os.read(reader, 1)
        finally:
            os._exit(0)
    os.close(reader)
    try:
        network.attach()
    finally:
        os.close(writer)
        os.kill(child, SIGKILL)
        os.waitpid(child, 0)
        network.close()
    return network.families


def why_not_slirp(machine: Machine) -> str:
    """Return why slirp4netns' way does not work here, having tried it, or ""."""
    try:
        with InterruptsHeld():
            attempt(NetworkPlan("slirp", (), machine))
    except EnforcementError as error:
        return error.message
    return ""


def remembering(directory: str) -> Callable[[Machine], str]:
    """Return `why_not_slirp` that tries once for each boot and set of tools. directory: hidden from the sandbox."""
    path = f"{directory}/{REMEMBERED}"

    def trial(machine: Machine) -> str:
        key = _key(machine)
        if _content(path) == key:
            return ""
        reason = why_not_slirp(machine)
        if not reason:
            _remember(path, key)
        return reason

    return trial


def _key(machine: Machine) -> bytes:
    """Return what the outcome depends on: the boot, and the tools as they are now."""
    tools = (machine.slirp or "", *machine.restore4, *machine.restore6)
    return b"\n".join((_content(BOOT).strip(), *map(_state, tools), b""))


def _state(path: str) -> bytes:
    try:
        status = os.stat(path)
    except OSError:
        return b"-"
    return f"{path} {status.st_ino} {status.st_size} {status.st_mtime_ns}".encode("utf-8", "surrogateescape")


def _content(path: str) -> bytes:
    try:
        descriptor = os.open(path, FLAGS | os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _remember(path: str, key: bytes) -> None:
    """Write the key; half a key is no key, and what cannot be written is tried again."""
    try:
        descriptor = os.open(path, FLAGS | os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:
        return
    try:
        os.write(descriptor, key)
    except OSError:
        return
    finally:
        os.close(descriptor)


def _ignore(_kind: str, _fields: object) -> None:
    """Take no notice: a trial refuses nothing."""
