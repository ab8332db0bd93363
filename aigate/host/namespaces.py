"""Why a sandbox could not be set up here: what forbids user namespaces, told apart, each with its remedy.

`look` collects the facts, by reading /proc and by trying in a process of its own; `explain` is pure.
"""

from __future__ import annotations

import os
import stat

from aigate import _linux, scarce
from aigate.errors import EnforcementError
from aigate.errors import remedy as remedy_for
from aigate.reading import text_of
from aigate.record import record

CLONE_NEWNS, CLONE_NEWUSER, NONSENSE = 0x20000, 0x10000000, 1
ENOSPC, EPERM, EINVAL, EAGAIN, ENOMEM = 28, 1, 22, 11, 12
SWITCHES = (
    # file, value that forbids, what it means, what to do (user_namespaces(7), Debian's and Ubuntu's kernels)
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "user namespaces are switched off",
        "sudo sysctl user.max_user_namespaces=15000",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "user namespaces are switched off for ordinary users",
        "sudo sysctl kernel.unprivileged_userns_clone=1",
    ),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor allows user namespaces to named programs only",
        "aigate doctor --fix names aigate; for all programs sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    ),
)
BY_ERROR = {
    ENOSPC: ("no more user namespaces can be made", "sudo sysctl user.max_user_namespaces=15000"),
    EINVAL: ("this kernel has no user namespaces", "boot one with CONFIG_USER_NS"),
}
MASKED = (
    "a container may mask parts of its /proc, and then no new one can be mounted",
    "docker run --security-opt systempaths=unconfined",
)
UNKNOWN = (
    "namespaces can be made here, so it is something else: what bubblewrap printed tells; aigate doctor tries all parts"
)
UNMOUNTED = "a security module (SELinux, AppArmor) may forbid it; aigate doctor tries all parts"
MOUNTED_ANYWAY = "/proc/sys/fs/binfmt_misc"  # systemd's, also where nothing is masked
UNCONFINED = "--security-opt seccomp=unconfined --security-opt systempaths=unconfined"
CONTAINER_MARKS = (("/.dockerenv", "docker"), ("/run/.containerenv", "podman"))


@record
class Facts:
    """What was found. made, mounted: errno of making a user namespace, and of mounting in it; 0 when it works.

    switches: values of the files in SWITCHES. container: its kind, "" outside. filtered: a system call filter refuses
    the call, so that the kernel is not even asked. nested: errno of making another user namespace inside.
    """

    made: int
    mounted: int
    switches: tuple[str, ...]
    uid: int
    container: str
    filtered: bool
    nested: int = 0


def obstacle(uid: int, bwrap: str | None) -> str:
    """Return why aigate cannot make a sandbox's mounts itself here though bwrap may be able to, or "".

    Looks at what makes a difference between the two: a setuid bwrap, AppArmor's list of programs, the kernel's age.
    """
    if is_set_id(bwrap) and not (uid == os.getuid() and can_make()):
        return "bwrap is setuid here, and nothing else can make user namespaces"
    for path, forbidding, reason, _ in SWITCHES[1:]:
        if text_of(path).strip() == forbidding and not (uid == os.getuid() and can_make()):
            return reason
    return "" if _linux.can_mount() else "this kernel has no mount_setattr(2), which Linux 5.12 has"


def is_set_id(bwrap: str | None) -> bool:
    """Tell whether bwrap runs as root whoever starts it."""
    return bwrap is not None and bool(os.stat(bwrap).st_mode & stat.S_ISUID)


def can_make() -> bool:
    """Tell whether this process may make user namespaces, mount in them and make others in there, as a run does.

    By trying: AppArmor goes by the program, and Debian's switch lets root make the first one alone.
    """
    return not any(_try()[1:])


def forbidding() -> tuple[tuple[str, str], ...]:
    """Return the reason and the remedy of each switch that forbids ordinary users user namespaces."""
    return tuple((reason, remedy) for path, value, reason, remedy in SWITCHES if text_of(path).strip() == value)


def why_not() -> str:
    """Return what most likely keeps bubblewrap from working here, and the remedy."""
    try:
        facts = look()
    except OSError as error:  # no process for it, say
        return remedy_for(error) or UNKNOWN
    short = scarce.of_processes() or scarce.memory()
    if short and {facts.made, facts.mounted, facts.nested} & {EAGAIN, ENOMEM}:
        return short
    found = explain(facts)
    if found is None and not _is_proc_masked():
        return short or UNKNOWN
    reason, remedy = found or MASKED
    return f"{reason}: {remedy}"


def why_no_mount() -> str:
    """Return what most likely keeps a process from mounting that has a user namespace, and the remedy.

    It cannot make another one any more, which would say nothing: it has left its root (unshare(2), EPERM).
    """
    for path, value, reason, remedy in SWITCHES:
        if text_of(path).strip() == value:
            return f"{reason}: {remedy}"
    return ": ".join(MASKED) if _is_proc_masked() else UNMOUNTED


def reason_here() -> str:
    """Return what forbids user namespaces here, or "" where nothing does."""
    found = explain(look())
    return found[0] if found else ""


def refusal(what: str, error: OSError) -> EnforcementError:
    """Return that something which needs user namespaces cannot be made, with what forbids it and the remedy."""
    found = explain(look())
    if found is None:
        return EnforcementError(f"{what}: {error.strerror or error}", hint=remedy_for(error) or why_not())
    return EnforcementError(f"{what}: {found[0]}", hint=found[1])


def _is_proc_masked() -> bool:
    """Tell whether something is mounted over parts of /proc, so that no new one can be mounted."""
    points = (line.split(" ")[4] for line in text_of("/proc/self/mountinfo").splitlines())
    return any(point.startswith("/proc/") and not point.startswith(MOUNTED_ANYWAY) for point in points)


def explain(facts: Facts) -> tuple[str, str] | None:
    """Return what forbids user namespaces and the remedy, or None when they work."""
    if not (facts.made or facts.mounted or facts.nested):
        return None
    for (_, forbidding, reason, remedy), value in zip(SWITCHES, facts.switches, strict=True):
        everyone = "user.max" in remedy
        if value == forbidding and (everyone or facts.uid != 0 or facts.nested):
            return reason, remedy
    if facts.made in BY_ERROR:
        return BY_ERROR[facts.made]
    if facts.filtered:
        where = facts.container or "this container"
        return (
            f"{where} forbids user namespaces by its seccomp filter",
            f"{facts.container or 'docker'} run {UNCONFINED}",
        )
    error = os.strerror(facts.made or facts.mounted or facts.nested)
    return (
        f"the kernel refuses user namespaces ({error}), as it does inside of a chroot",
        "start aigate outside of it; a security module (SELinux, AppArmor) may be the reason as well",
    )


def look() -> Facts:
    """Collect the facts."""
    filtered, made, mounted, nested = _try()
    container = next((kind for path, kind in CONTAINER_MARKS if os.path.exists(path)), "")
    return Facts(
        made,
        mounted,
        tuple(text_of(path).strip() for path, *_ in SWITCHES),
        os.getuid(),
        container,
        filtered != EINVAL,
        nested,
    )


def _try() -> tuple[int, int, int, int]:
    """Make a user namespace in a process of its own, a mount namespace and another user namespace in it; return errnos.

    Before them the errno of a call that makes no sense: the kernel says EINVAL before it looks at anything else, and
    a filter that refuses user namespaces something different.
    """
    reader, writer = os.pipe()
    uid, gid = os.getuid(), os.getgid()
    child = os.fork()
    if child == 0:
        results = bytearray((EPERM,) * 4)
        try:
            for number, kind in enumerate((CLONE_NEWUSER | NONSENSE, CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWUSER)):
                try:
                    if number == len(results) - 1 and not _map_ids(uid, gid):
                        results[number] = 0  # it cannot be tried
                        continue
                    _linux.unshare(kind)
                    results[number] = 0
                except OSError as error:
                    results[number] = error.errno or EPERM
            os.write(writer, results)
        finally:
            os._exit(0)
    os.close(writer)
    try:
        data = os.read(reader, 4)
    finally:
        os.close(reader)
        os.waitpid(child, 0)
    return (data[0], data[1], data[2], data[3]) if len(data) == 4 else (EPERM,) * 4  # noqa: PLR2004


def _map_ids(uid: int, gid: int) -> bool:
    """Map this process's user and group as they are in its user namespace; whoever is not mapped makes no other one."""
    lines = (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1"))
    for name, line in lines:
        try:
            with open(f"/proc/self/{name}", "w") as file:
                file.write(line)
        except OSError:
            return False
    return True
