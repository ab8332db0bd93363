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

def borrow(process: int, descriptor: int) -> int:
    """Return a descriptor of another process as one of ours, closed on exec (pidfd_getfd(2), Linux 5.6).

    process: as pidfd_open(2) gives it. What it leads to is the same open file, with its position and its rights.
    """

def start_writing(descriptor: int) -> None:
    """Let the disk begin with what a file holds that is not written yet, without waiting (sync_file_range(2))."""

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

def open_in(directory: int, path: bytes, flags: int, mode: int = 0, *, links: bool = False) -> int:
    """Open a relative path below a directory, closed on exec (openat2(2)).

    No part of it may be a symbolic link (ELOOP) or lead out of the directory (EXDEV); with links, they are followed as if
    the directory were the root.
    """

def clone_mount(place: int, *, children: bool = True) -> int:
    """Return a mount, attached nowhere, of what is at a descriptor and, with children, of all that is mounted below.

    See open_tree(2).
    """

def forget_names(mount: int) -> None:
    """Let the file system of a mount look again for what it remembers as missing. Raises OSError: EPERM for another's.

    An overlay remembers that a name was not there, and does not see what a directory below it has got since
    (Documentation/filesystems/overlayfs.rst, "Changes to underlying filesystems"), until the memory is wanted for
    something else. A remount without options makes it forget (fspick(2), FSCONFIG_CMD_RECONFIGURE).
    """

def attach_mount(mount: int, place: int) -> None:
    """Attach a mount to the place that a descriptor stands for (move_mount(2))."""

def mount_attributes(
    mount: int, *, set: int = 0, clear: int = 0, propagation: int = 0, everything: bool = False
) -> None:
    """Set and clear MOUNT_ATTR_* of a mount, or of everything below it too, all or nothing (mount_setattr(2)).

    propagation: MS_PRIVATE, MS_SLAVE or 0. EPERM where another user namespace's flag would be cleared.
    """

def map_mount(mount: int, namespace: int) -> None:
    """Show a mount's owners as a user namespace maps them (MOUNT_ATTR_IDMAP); who is not in the map is nobody at all.

    The mount is attached nowhere yet. EINVAL where the kernel cannot do it for this file system (tmpfs: 6.3).
    """

def new_user_namespace(users: bytes, groups: bytes) -> int:
    """Return a descriptor of a new user namespace below this one, in which no process is (user_namespaces(7)).

    users, groups: its maps, a line each. Not for a process that has left its process namespace by unshare(2): what makes
    it would be process 1 of the new one.
    """

def new_file_system(kind: bytes, options: tuple[tuple[bytes, bytes | None], ...], attributes: int) -> int:
    """Return a mount, attached nowhere, of a new file system (fsopen(2), fsmount(2)).

    options: up to 8, as (name, value), None for a switch. attributes: MOUNT_ATTR_*.
    """

def pivot(root: int) -> None:
    """Make the mount at a descriptor the root of this mount namespace, and take away the one before (pivot_root(2))."""

def can_mount() -> bool:
    """Tell whether the kernel has these calls (5.12) and allows them; changes nothing."""

def drop_capabilities() -> None:
    """Give up every capability, for good: bounding set too, and with no_new_privs (capabilities(7))."""

def filter_calls(program: bytes) -> None:
    """Filter this process's system calls by a classic BPF program (struct sock_filter, seccomp(2)). Needs no_new_privs."""

def ask_for_short_turns(nanoseconds: int) -> None:
    """Ask for the processor in short turns, which come sooner (sched_setattr(2), the slice of EEVDF, Linux 6.12).

    For this thread and what it forks later. Anybody may, since the share of time stays as it is.
    Kernels before take it and heed it not.
    """
