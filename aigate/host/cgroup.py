"""Where a control group can be had on this machine. Looks only; `aigate.host.confine` makes it.

Groups of version 2 alone: version 1 has no kill, no group-wide out-of-memory and no safe delegation, and counts as
none. systemd's managers come first, because a tree that systemd owns is systemd's to write to (systemd's
CGROUP_DELEGATION.md); where none runs, as in containers, the tree is written to directly.
"""

from __future__ import annotations

import os

from aigate.host.limits import CONTROLLERS, Machine, Place
from aigate.reading import read_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CAP_SYS_RESOURCE = 1 << 24  # linux/capability.h
NEEDED = tuple(CONTROLLERS.values())
NO_TREE = "this system has no control groups of version 2; boot it with systemd.unified_cgroup_hierarchy=1"
VERSION_1 = "this system's control groups are of version 1; boot it with systemd.unified_cgroup_hierarchy=1"
READ_ONLY = "the control groups belong to someone else here; in a container, make /sys/fs/cgroup writable"
NO_BUS = "systemd's user manager cannot be asked: no {bus}; install dbus-user-session and log in again"
NO_TOOL = "systemd cannot be asked without busctl"


def look(find_tool: Callable[[str], str | None], *, uid: int, root: str = "") -> Place:
    """Return where a control group of ours can be. find_tool: as in host.tools. root: where tests have made a /."""
    mount = _mount(_read(f"{root}/proc/self/mountinfo"))
    if mount is None:
        return Place("none", reason=NO_TREE)
    tree, visible = mount
    tree = root + tree
    if not set(NEEDED) & set(_words(f"{tree}/cgroup.controllers")):
        return Place("none", reason=VERSION_1)
    managed = _by_systemd(find_tool, tree, uid, root) if os.path.isdir(f"{root}/run/systemd/system") else None
    if managed and managed.way != "none":
        return managed
    return _directly(tree, visible, root) or managed or Place("none", reason=READ_ONLY)


def may_limit_others() -> bool:
    """Tell whether this process may set limits of other users' processes: a container's root often may not."""
    with open("/proc/self/status", "rb") as file:
        _, _, rest = read_from(file).partition(b"\nCapEff:\t")
    return bool(int(rest.partition(b"\n")[0] or b"0", 16) & CAP_SYS_RESOURCE)


def machine() -> Machine:
    """Return the facts that the values depend on."""
    system = os.uname()
    numbers = [int(text) if text.isdecimal() else 0 for text in (*system.release.split(".")[:2], "0")][:2]
    swap = len(_read("/proc/swaps").splitlines()) > 1
    return Machine(os.cpu_count() or 1, os.sysconf("SC_PAGE_SIZE"), os.getuid(), (numbers[0], numbers[1]), swap)


def own_group(text: str) -> str | None:
    """Return the group of version 2 that /proc/PID/cgroup names (cgroups(7)), None when there is none."""
    return next((line[3:] for line in text.splitlines() if line.startswith("0::/")), None)


def are_others() -> bool:
    """Tell whether every group that this process is in, in whatever hierarchy, is seen here and is not this user's."""
    text = _read("/proc/self/mountinfo")
    mounts = [line.partition(" - ") for line in text.splitlines() if " - cgroup" in line]
    for line in _read("/proc/self/cgroup").splitlines():
        names, group = line.split(":", 2)[1:]
        seen = [fields.split(" ") for fields, _, rest in mounts if _is_of(rest.split(" "), names)]
        found = [_inside(fields[4], fields[3], group) for fields in seen]
        if not found or any(place is None or _is_ours(place) for place in found):
            return False
    return True


def _is_of(mount: list[str], names: str) -> bool:
    """Tell whether a mount, as type, source and options, shows the hierarchy of these controllers: none, version 2."""
    if not names:
        return mount[0] == "cgroup2"
    return mount[0] == "cgroup" and set(names.split(",")) <= set(mount[2].split(","))


def _is_ours(directory: str) -> bool:
    """Tell whether this user may write to a group, or could give himself leave."""
    try:
        owner = os.stat(directory).st_uid
    except OSError:
        return True  # it cannot be told
    return owner == os.getuid() or os.access(directory, os.W_OK) or os.access(f"{directory}/cgroup.procs", os.W_OK)


def tree_of(process: int | str = "self") -> str | None:
    """Return the directory of a process's group, as this process sees it."""
    mount = _mount(_read("/proc/self/mountinfo"))
    group = own_group(_read(f"/proc/{process}/cgroup"))
    return None if mount is None or group is None else _inside(*mount, group)


def _mount(text: str) -> tuple[str, str] | None:
    """Return where the tree of version 2 is mounted, and which group of it is seen there."""
    for line in text.splitlines():
        fields, _, rest = line.partition(" - ")
        if rest.startswith("cgroup2 "):
            return fields.split(" ")[4], fields.split(" ")[3]
    return None


def _inside(tree: str, visible: str, group: str) -> str | None:
    """Return the directory of a group; None when it is outside of what is mounted."""
    if visible not in ("/", group) and not group.startswith(f"{visible}/"):
        return None
    below = group if visible == "/" else group[len(visible) :]
    return None if "/.." in below else tree + below.rstrip("/")


def _by_systemd(find_tool: Callable[[str], str | None], tree: str, uid: int, root: str) -> Place:
    tool = find_tool("busctl")
    if tool is None:
        return Place("none", reason=NO_TOOL)
    if uid == 0:
        bus, group, way = f"{root}/run/dbus/system_bus_socket", tree, "system"
    else:
        bus, way = f"{root}/run/user/{uid}/bus", "user"
        first = own_group(_read(f"{root}/proc/1/cgroup")) or "/"
        group = f"{tree}{first.removesuffix('/init.scope').rstrip('/')}/user.slice/user-{uid}.slice/user@{uid}.service"
    if not os.path.exists(bus):
        return Place("none", reason=NO_BUS.format(bus=bus[len(root) :]))
    have = tuple(name for name in NEEDED if name in _words(f"{group}/cgroup.controllers"))
    lacking = ", ".join(name for name in NEEDED if name not in have)
    reason = f"systemd does not delegate {lacking} to user@{uid}.service (Delegate= in systemd.resource-control(5))"
    return Place(way, have, tool=tool, reason=reason if lacking else "") if have else Place("none", reason=reason)


def _directly(tree: str, visible: str, root: str) -> Place | None:
    """Return a place below or beside our own group, or below after its processes have moved aside.

    A group that is not the root of everything has either processes or controllers for its children, never both.
    """
    group = own_group(_read(f"{root}/proc/self/cgroup"))
    own = None if group is None else _inside(tree, visible, group)
    if own is None:
        return None
    for parent in (own, os.path.dirname(own)) if own != tree else (own,):
        everything = not os.path.exists(f"{parent}/cgroup.type")
        divided = _words(f"{parent}/cgroup.subtree_control") or not _words(f"{parent}/cgroup.procs")
        if _writable(parent) and (everything or divided):
            return _place(parent, crowded=False)
    if own == tree and _writable(own):
        return _place(own, crowded=bool(_read(f"{own}/cgroup.procs")))
    return None


def _place(parent: str, *, crowded: bool) -> Place | None:
    have = tuple(name for name in NEEDED if name in _words(f"{parent}/cgroup.controllers"))
    lacking = ", ".join(name for name in NEEDED if name not in have)
    reason = f"{parent} has no {lacking} controller" if lacking else ""
    return Place("direct", have, parent, crowded, reason=reason) if have else None


def _writable(directory: str) -> bool:
    return all(os.access(f"{directory}{name}", os.W_OK) for name in ("", "/cgroup.procs", "/cgroup.subtree_control"))


def _words(path: str) -> list[str]:
    return _read(path).split()


def _read(path: str) -> str:
    """Return a small file's text, nothing if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return os.fsdecode(read_from(file))
    except OSError:
        return ""
