"""Linux system calls that Python 3.11 does not offer. Each raises OSError with the kernel's errno."""

from collections.abc import Iterable

def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` (CLONE_NEW*, see unshare(2))."""

def setns(fd: int, nstype: int = 0) -> None:
    """Enter the namespace that `fd` refers to (see setns(2))."""

def landlock_scope(scoped: int) -> None:
    """Keep this process and its children from reaching out: `scoped` is LANDLOCK_SCOPE_* (landlock(7), ABI 6).

    Sets no_new_privs. OSError with ENOSYS or EOPNOTSUPP without Landlock, EINVAL or E2BIG before ABI 6.
    """

def landlock_version() -> int:
    """Return which version of Landlock's interface the kernel has (landlock(7)); scopes are in 6. OSError without any."""

def act_on_files_as(user: int, group: int) -> None:
    """Have this thread open, make and change files as another user and group (setfsuid(2)); OSError where it may not.

    Rights over files that root has (CAP_DAC_OVERRIDE and its like) are gone for as long as the user is not root.
    """

def open_to_itself() -> None:
    """Let this process write to its own files in /proc again, which a change of user closed (PR_SET_DUMPABLE, prctl(2))."""

def signal_descriptor(signals: Iterable[int]) -> int:
    """Block signals in this thread and those it will start; return a descriptor to read them from (signalfd(2)).

    The descriptor is non-blocking and closed on exec. A signal that is ignored is not reported.
    """

def restore_signal_mask() -> None:
    """Put the signal mask back to what it was before `signal_descriptor`: for a forked child, before it execs."""

def read_signal(descriptor: int) -> tuple[int, bool]:
    """Return the next signal, and whether the kernel sent it (a key on the terminal, say) and not some process.

    Raises BlockingIOError when there is none.
    """

def stop(number: int, group: bool) -> None:
    """Stop this process, or its whole group, with a stop signal even if that is blocked; return when continued.

    An orphaned group does not stop, except for SIGSTOP: then this returns at once.
    """

def die_with_parent(number: int) -> None:
    """Have the kernel send this process a signal when its parent's thread ends (PR_SET_PDEATHSIG, prctl(2)).

    A parent that ended before the call is not noticed: look at the parent's process id afterwards.
    """

def message_pair() -> tuple[int, int]:
    """Return the two ends of a socket that keeps messages apart (SOCK_SEQPACKET, unix(7)), both closed on exec.

    The first one learns who sends: see `receive`.
    """

def send(descriptor: int, message: bytes) -> None:
    """Send one message. Never waits: BlockingIOError when there is no room, BrokenPipeError when nobody reads."""

def receive(descriptor: int) -> tuple[bytes, int]:
    """Return the next message of up to 64 bytes and its sender's process id; b"" when the other end is closed.

    Raises BlockingIOError when there is none, ConnectionResetError when the other end was closed with messages unread.
    """
