"""Starts a planned sandbox: forks the process that becomes it, with the contents that its launcher reads."""

from __future__ import annotations

import os

from aigate.errors import EnforcementError
from aigate.launch.child import become, scopes_with_landlock
from aigate.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aigate.backends.base import Plan
    from aigate.launch.child import Surroundings

WAITER = f"{os.path.dirname(os.path.dirname(os.path.abspath(__file__)))}/native/waiter"
SPARE_DESCRIPTORS = 128  # for everything that is not a stub
LOWEST_LIMIT = 256  # of open files, on any system that matters


def spawn(plan: Plan, init_arguments: tuple[str, ...], around: Surroundings, wait: Callable[[], None]) -> int:
    """Start the sandbox in a forked process, once `wait` returns there, and return its process id.

    init_arguments: of process 1 inside, before the descriptor with the command and its variables. around: what the
    process is given; the descriptors of the plan's contents are added. Raises EnforcementError.
    """
    scopes_with_landlock()
    _need_descriptors(len(plan.blobs) + SPARE_DESCRIPTORS)
    descriptors = [_blob(content) for content in plan.blobs]
    words = (*(f"{name}={value}" for name, value in plan.environment), "", *plan.command)
    descriptors.append(_blob(_terminated(words)))
    command = [plan.init, *init_arguments, str(descriptors[-1])]
    if plan.tool:
        options = [str(descriptors[word]) if isinstance(word, int) else word for word in plan.options]
        descriptors.append(_blob(_terminated(options)))
        command = [plan.tool, "--args", str(descriptors[-1]), "--", *command]
    waiter = _waiter()
    try:
        child = os.fork()
        if child == 0:
            try:
                become(plan, command, replace(around, kept=around.kept | frozenset(descriptors), waiter=waiter), wait)
            finally:
                os._exit(1)
    finally:
        for descriptor in (*descriptors, *((waiter,) if waiter >= 0 else ())):
            os.close(descriptor)
    return child


def _waiter() -> int:
    """Open the program that waits for a sandbox's end: later, its place cannot be seen any more. -1: there is none."""
    try:
        return os.open(WAITER, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return -1


def _need_descriptors(count: int) -> None:
    """Raise the soft limit on open files where every stub needs one. Raises EnforcementError at the hard limit."""
    if count <= LOWEST_LIMIT:
        return
    from aigate.host.rlimits import OPEN_FILES, UNLIMITED, limits_of, set_limits

    soft, hard = limits_of(OPEN_FILES)
    if hard != UNLIMITED and count > hard:
        raise EnforcementError(
            f"{count} descriptors are needed to hide everything that is denied here, and the hard limit is {hard}",
            hint="raise it (ulimit -Hn), or deny a directory instead of each file in it",
        )
    if soft != UNLIMITED and count > soft:
        set_limits(OPEN_FILES, (count, hard))


def _terminated(words: Iterable[str]) -> bytes:
    return b"".join(os.fsencode(word) + b"\0" for word in words)


def _blob(content: bytes) -> int:
    """Return a descriptor on an anonymous file with this content, at its start (memfd_create(2))."""
    descriptor = os.memfd_create("aigate", os.MFD_CLOEXEC)
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
