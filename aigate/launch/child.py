"""The forked process that becomes the launcher or, without one, the sandbox. Owns the order of its last steps.

It is alone in its namespaces until the very end: nothing foreign runs, and nothing can be sent to it. What goes wrong
is said over a pipe, in one line, and ends it; then nothing was run.
"""

from __future__ import annotations

import fcntl
import os
import stat
from _signal import SIG_DFL, SIGKILL, SIGPIPE, SIGXFSZ, signal  # type: ignore[import-not-found]

from aigate import _events, _linux
from aigate.backends.seccomp import mount_program
from aigate.errors import EnforcementError, remedy_of_words, told
from aigate.host.nesting import (
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUTS,
    enter_control_group_namespace,
    enter_user_namespace,
    limit_notices,
)
from aigate.isolation import bring_umask_back
from aigate.launch.input import INPUT
from aigate.launch.mounting import Mounting
from aigate.record import record
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from aigate.backends.base import OwnLaunch, Plan
    from aigate.launch.input import Input
    from aigate.launch.masks import Masks

FIRST_FREE_DESCRIPTOR = 3
MOST_SAID = 4096  # bytes of an error
LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, LANDLOCK_SCOPE_SIGNAL = 1, 2  # linux/landlock.h
LANDLOCK_WITH_SCOPES = 6  # landlock(7)
BY_SIGNAL = 128
EBUSY = 16
E2BIG = 7
NO_LANDLOCK = (38, 95)  # ENOSYS, EOPNOTSUPP: not built in, not switched on
JUDGED = "a filter of system calls outside, of a container or another sandbox, stands in the way"
TOO_MANY = "the kernel allows 16 Landlock layers; start aigate outside of the sandboxes that it is in"
_landlock: list[bool] = []  # the kernel's answer


@record
class Surroundings:
    """What the child is given besides its plan. All of it is made before the fork.

    announce: called when it leads a session. network: whether it needs a network namespace, and what is then done in
    it. redirections: (descriptor, number it gets). kept: descriptors above 2 that what is executed inherits. life: the
    one of them that a process which only waits keeps open. errors: where what went wrong is said. gate: a pipe's two
    ends; what comes through tells that everything the mounts need is there. console: path of the command's terminal, or
    None. hand_over: given what another process needs to keep the mounts up, as soon as they are made.
    hand_over_calls: given where it hears of calls that change mounts, when it must judge them. parent: process
    id of aigate. input: brings the standard input's offset back, should it be opened anew.
    layers: path to a descriptor of a mount, for each layer that another run has made. watch_required: nothing is to run
    unless what is covered late stays covered. waiter: a descriptor of the program that waits for the end, or -1.
    """

    announce: Callable[[], None]
    network: bool
    enter_network: Callable[[], None]
    redirections: tuple[tuple[int, int], ...]
    kept: frozenset[int]
    life: int
    errors: int
    gate: tuple[int, int]
    console: str | None
    hand_over: Callable[[tuple[int, ...]], None]
    hand_over_calls: Callable[[int], None]
    parent: int
    input: Input
    layers: dict[str, int]
    watch_required: bool
    waiter: int = -1


def become(plan: Plan, argv: list[str], around: Surroundings, wait: Callable[[], None]) -> NoReturn:
    """Turn this forked process into the launcher, or into the sandbox and one that waits for its end.

    argv: what is executed in the end: the launcher with its options, or process 1 of the sandbox. wait: returns when
    it may begin.
    """
    try:
        wait()
        os.setsid()
        around.announce()
        if plan.steps or around.network:
            _enter(plan, around)
        around.enter_network()
        masks = _mount(plan, around)
        if plan.own is not None:
            _divide(plan.own, around, masks)
        if plan.steps:
            _let_mounts_be_judged(around)
        _inherit(around)
        if scopes_with_landlock() and not plan.privileged:  # it forbids new privileges
            _sealed("Landlock cannot be put in force", scope_with_landlock)
        if plan.own is not None and plan.own.seccomp is not None:
            filter_program = plan.own.seccomp
            _sealed("the system call filter cannot be put in force", lambda: _linux.filter_calls(filter_program))
        _linux.die_with_parent(SIGKILL)
        _linux.restore_signal_mask()
        bring_umask_back()
        if plan.own is not None or os.getppid() == around.parent:
            os.execve(argv[0], argv, {})  # what the command's variables name may be an agent's: bwrap must obey none
    except EnforcementError as error:
        _complain(around.errors, error.message, error.hint)
    except OSError as error:
        _complain(around.errors, f"{error.filename or argv[0]} cannot be started: {error.strerror}", None)
    except Exception as error:  # noqa: BLE001 -- nothing may escape from a forked child
        _complain(around.errors, f"the sandbox could not be set up: {told(error)}", None)
    finally:
        os._exit(1)


def _mount(plan: Plan, around: Surroundings) -> Masks | None:
    """Make the mounts that are aigate's own to make, and hand over what keeps them up; return what hides."""
    if not plan.steps:
        _wait_at(around.gate)
        around.hand_over(())
        return None
    mounting = Mounting(around.console, plan.steps, borrowed=around.layers)
    _take_input(mounting, around)
    _wait_at(around.gate)
    mounting.make()
    around.hand_over(mounting.held)
    return mounting.masks


def _let_mounts_be_judged(around: Surroundings) -> None:
    """Have what changes mounts, from here on, wait for a word of the process that keeps the mounts up.

    Not where somebody judges already: within another sandbox it is the outer one's watch. Raises EnforcementError where
    nobody can, and also in that case where the watch is required.
    """
    program = mount_program(os.uname().machine)
    if program is None:
        return
    try:
        listener = _events.listen_to_calls(program)
    except OSError as error:
        if error.errno == EBUSY and not around.watch_required:
            return
        raise EnforcementError(f"calls that change mounts cannot be judged: {error.strerror}", hint=JUDGED) from None
    around.hand_over_calls(listener)
    os.close(listener)


def _enter(plan: Plan, around: Surroundings) -> None:
    """Move into a user namespace, with one for mounts and one for the network as they are needed."""
    network = around.network or (plan.own is not None and plan.own.network)
    try:
        enter_user_namespace((CLONE_NEWNS if plan.steps else 0) | (CLONE_NEWNET if network else 0))
        if plan.steps:
            enter_control_group_namespace(last=not plan.divides_groups)
            limit_notices()
    except OSError as error:
        from aigate.host.namespaces import refusal

        raise refusal("no sandbox can be made here", error) from None
    if plan.own is not None and plan.own.network:
        _bring_up_loopback()


def _take_input(mounting: Mounting, around: Surroundings) -> None:
    """Take care that a file which the caller gave to be read cannot be written to, by opening it anew.

    Not where the standard input is something else, was opened for writing as well, or is a file that has no name left.
    """
    found = os.fstat(INPUT)
    given = any(target == INPUT for _, target in around.redirections)
    if given or not found.st_nlink or fcntl.fcntl(INPUT, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
        return
    is_file, is_disk = stat.S_ISREG(found.st_mode), stat.S_ISBLK(found.st_mode)
    if is_file and _open_again(mounting, around.input):
        return
    writable = found.st_uid == os.getuid() or os.access(f"/proc/self/fd/{INPUT}", os.W_OK)
    if (is_file or is_disk) and writable:
        message = "the standard input is a file that could be opened anew, and written to"
        raise EnforcementError(message, hint="give it through a pipe: cat FILE | aigate run ...")


def _open_again(mounting: Mounting, given: Input) -> bool:
    try:
        given.replace(mounting.open_again(INPUT))
    except OSError:
        return False
    return True


def _wait_at(gate: tuple[int, int]) -> None:
    """Wait at a pipe. Ends this process when nothing comes through: the one that would have sent it is gone."""
    os.close(gate[1])
    if not os.read(gate[0], 1):
        os._exit(1)


def _bring_up_loopback() -> None:
    from _socket import AF_INET, SOCK_DGRAM
    from _socket import socket as Socket  # noqa: N812

    from aigate.network.interfaces import bring_up

    socket = Socket(AF_INET, SOCK_DGRAM)
    bring_up(socket, "lo")
    socket.close()


def _divide(own: OwnLaunch, around: Surroundings, masks: Masks | None) -> None:
    """Go on as process 1 of a process namespace, in which everything is locked; the one outside waits for its end."""
    try:
        _linux.unshare(CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS)  # late: the first child from now on is process 1
    except OSError as error:
        raise EnforcementError(f"no process namespace can be made: {error.strerror}") from None
    child = os.fork()
    if child:
        _wait(child, around)
    _linux.die_with_parent(SIGKILL)
    Mounting(None, own.processes, masks).make()
    try:
        enter_user_namespace(CLONE_NEWNS, inside=(own.uid, own.gid))
        os.chdir(own.cwd)
    except OSError as error:
        where = error.filename or "the inner user namespace"
        raise EnforcementError(f"{where} cannot be entered: {error.strerror}") from None
    _sealed("the capabilities cannot be given up", _linux.drop_capabilities)


def _wait(child: int, around: Surroundings) -> NoReturn:
    """Hold nothing open but what tells that the sandbox lives, and end as the sandbox does."""
    _linux.die_with_parent(SIGKILL)
    if os.getppid() != around.parent:
        os.kill(child, SIGKILL)
    if around.waiter >= 0:
        with suppress(OSError):  # it takes a thousandth of this process's memory; else this one waits itself
            os.set_inheritable(around.life, True)
            os.execve(around.waiter, ["aigate-waiter", str(child), str(around.life)], {})
    os.closerange(0, around.life)
    os.closerange(around.life + 1, os.sysconf("SC_OPEN_MAX"))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os._exit(status if status >= 0 else BY_SIGNAL - status)


def _inherit(around: Surroundings) -> None:
    """Put the standard streams in place and close what is not handed on."""
    for source, target in around.redirections:
        os.dup2(source, target)
    last = FIRST_FREE_DESCRIPTOR
    for descriptor in sorted({*around.kept, around.errors}):
        os.closerange(last, descriptor)
        last = descriptor + 1
    os.closerange(last, os.sysconf("SC_OPEN_MAX"))
    for descriptor in around.kept:
        os.set_inheritable(descriptor, True)
    for number in (SIGPIPE, SIGXFSZ):
        signal(number, SIG_DFL)  # Python ignores them, and so would the command


def scopes_with_landlock() -> bool:
    """Tell whether this kernel has a Landlock that scopes (6.12). Asked once, so that what is said is what is done.

    Raises EnforcementError when the kernel gives another answer than yes or no.
    """
    if not _landlock:
        try:
            _landlock.append(_linux.landlock_version() >= LANDLOCK_WITH_SCOPES)
        except OSError as error:
            if error.errno not in NO_LANDLOCK:
                raise EnforcementError(f"the kernel does not say whether it has Landlock: {error.strerror}") from None
            _landlock.append(False)
    return _landlock[0]


def scope_with_landlock() -> None:
    """Forbid abstract sockets and signals that lead out (a second layer). Raises OSError: E2BIG below 16 layers."""
    _linux.landlock_scope(LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL)


def _sealed(problem: str, act: Callable[[], None]) -> None:
    """Do what protects, or end the start: nothing that was said to be in force may be missing in silence."""
    try:
        act()
    except OSError as error:
        raise EnforcementError(
            f"{problem}: {error.strerror}", hint=TOO_MANY if error.errno == E2BIG else None
        ) from None


def _complain(descriptor: int, message: str, hint: str | None) -> None:
    os.write(descriptor, f"{message}\n{hint or ''}".encode("utf-8", "surrogateescape")[:MOST_SAID])


def complaint(descriptor: int) -> EnforcementError | None:
    """Return what a child that has ended said, or None if it said nothing. descriptor: the pipe's other end."""
    os.set_blocking(descriptor, False)
    try:
        said = os.read(descriptor, MOST_SAID)
    except BlockingIOError:
        return None
    message, _, hint = said.decode("utf-8", "surrogateescape").partition("\n")
    return EnforcementError(message, hint=hint or remedy_of_words(message)) if message else None
