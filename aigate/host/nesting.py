"""User namespaces of one user, entered by this process itself (user_namespaces(7))."""

from __future__ import annotations

import os

from aigate import _linux
from aigate.reading import read_from
from aigate.suppress import suppress

CLONE_NEWNS = 0x20000
CLONE_NEWCGROUP = 0x2000000
CLONE_NEWUTS = 0x4000000
CLONE_NEWIPC = 0x8000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
EACCES, EINVAL = 13, 22
NETWORK_SWITCH = "/proc/sys/net/ipv4/ip_forward"
CONTROL_GROUPS = "/proc/self/ns/cgroup"
MOST_CONTROL_GROUP_NAMESPACES = "/proc/sys/user/max_cgroup_namespaces"  # of the writer's user namespace, namespaces(7)


def enter_user_namespace(others: int, *, inside: tuple[int, int] = (0, 0)) -> None:
    """Move this process, which has one thread, into a new user namespace and into others that it owns.

    others: CLONE_NEW*. inside: user and group id that the caller's own become; no other id exists there.
    Raises OSError.
    """
    user, group = os.geteuid(), os.getegid()
    _linux.unshare(CLONE_NEWUSER | others)
    write_file("/proc/self/setgroups", "deny")
    write_file("/proc/self/gid_map", f"{inside[1]} {group} 1")
    write_file("/proc/self/uid_map", f"{inside[0]} {user} 1")


def enter_control_group_namespace(*, last: bool) -> None:
    """Move this process into a cgroup namespace of its own. last: none can be made in its user namespace and below.

    Whoever has made a cgroup namespace can mount the control groups from his own on, and write to what is his by its
    owner: root's, or what systemd has delegated. For a process with every right over the present user namespace.
    Raises OSError.
    """
    try:
        _linux.unshare(CLONE_NEWCGROUP)
    except OSError as error:
        if error.errno != EINVAL or os.path.exists(CONTROL_GROUPS):  # else a kernel without them
            raise
    if last:
        write_file(MOST_CONTROL_GROUP_NAMESPACES, "0")


def keeps_switches_from_their_maker() -> bool:
    """Tell whether who made a network namespace cannot change its switches any more from a user namespace below.

    They are his by the look of them, and kernels differ in what that means. Found out by opening one, in a process of
    its own; nothing is written.
    """
    who = os.geteuid(), os.getegid()
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    kept = False
    try:
        enter_user_namespace(CLONE_NEWNET)
        enter_user_namespace(0, inside=who)
        os.open(NETWORK_SWITCH, os.O_WRONLY | os.O_CLOEXEC)
    except OSError as error:
        kept = error.errno == EACCES and error.filename == NETWORK_SWITCH
    finally:
        os._exit(0 if kept else 1)


def limit_notices() -> None:
    """Leave half of the user's inotify instances and watches to what runs outside (inotify(7), namespaces(7)).

    They are counted for the user on the whole machine, and a namespace has no limit of its own until it is given one.
    For a process with every right over the present user namespace, which nothing that comes below can exceed. OSError.
    """
    for name in ("instances", "watches"):
        with suppress(FileNotFoundError):  # a kernel without inotify
            with open(f"/proc/sys/fs/inotify/max_user_{name}", "rb") as file:
                most = int(read_from(file))
            write_file(f"/proc/sys/user/max_inotify_{name}", str(max(most // 2, 1)))


def write_file(path: str, text: str) -> None:
    """Write to a file of the kernel's, in one call. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
