"""What a sandbox's file tree is made of: a Policy becomes mounts, in order. Pure; every Linux backend renders them.

Order is meaning here: later mounts cover earlier ones. First the host's root and a private /dev, /tmp and /var/tmp, all
read-only but for those, then layers and what is writable, outer places first, then what is protected, and what is
hidden last, so that nothing can bring it back. /proc comes by itself: it shows the namespace that it is mounted in.
"""

from __future__ import annotations

import os

from aigate.backends.memory import MEGABYTE, PRIVATE_DEV, PRIVATE_TMP, PRIVATE_VAR_TMP, in_memory
from aigate.backends.stubs import SUMMARY_PATH, git_guard, git_list, program_stub, summary, tried_at
from aigate.policy.model import Pieces
from aigate.policy.sockets import RUNTIME_DIRECTORY
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aigate.policy.model import Hidden, Identity, Policy

# Root owns these files, and their owner may write to them without any capability (core_pattern runs a program outside).
# Below /proc/sys/net the owner is whoever made the network namespace: the caller, when allow_net is set.
# bwrap 0.8 covers /proc/sys only where its own test says that the directory itself is writable, which it never is.
KERNEL_SWITCHES = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/acpi", "/proc/scsi")
PRIVATE_PROC = "/proc"
DEVICE_NAMES = ("null", "zero", "full", "random", "urandom", "tty")  # the host's, in a /dev of the sandbox's own
ORIGINALS = "/tmp/.aigate-programs"  # noqa: S108 -- in a file system of the sandbox's own
GIT, GIT_LIST, INIT = "/tmp/.aigate-git", "/tmp/.aigate-git-list", "/tmp/.aigate-init"  # noqa: S108 -- likewise
WHOLE_PROC, SETTINGS = "/tmp/.aigate-proc", "/tmp/.aigate-settings"  # noqa: S108 -- likewise


@record
class Bind:
    """What the host has at `source` stands at `path`, with everything mounted below it.

    made: the place is made, in a file system of the sandbox's own; otherwise it is there, and is the same file as the
    source. optional: left out where the source does not exist. identity: device and inode number that it must have.
    """

    path: str
    source: str
    writable: bool
    made: bool = False
    optional: bool = False
    identity: Identity | None = None


@record
class Layer:
    """What the host has at `path`, and what the sandbox has changed of it, as one (overlayfs).

    directory: where the changes lie, in `upper` and `work`; "" for memory, which is gone at the end. size: the most
    that is kept in memory, in bytes; 0 for half of the machine's. pieces: how it is put together, where it is.
    """

    path: str
    directory: str
    size: int = 0
    pieces: Pieces = Pieces()


@record
class Devices:
    """A directory with the harmless devices, the command's terminal, and pseudo-terminals of its own; size: below."""

    path: str
    size: int = 0


@record
class Processes:
    """The kernel's view of the sandbox's processes (proc(5)). made: see `Bind`."""

    path: str
    made: bool = False


@record
class Temporary:
    """An empty file system of the sandbox's own, with the permissions of its root; made, identity: see `Bind`.

    links: the place is one of the machine's own and may be a link (/var/tmp to /tmp), which is followed.
    size: the most bytes that it holds; 0: as the kernel has it, half of the memory.
    """

    path: str
    mode: int
    made: bool = False
    identity: Identity | None = None
    links: bool = False
    size: int = 0


@record
class Directory:
    """An empty directory of the caller's, in a file system of the sandbox's own; optional: see `Closed`."""

    path: str
    mode: int = 0o700
    optional: bool = True


@record
class File:
    """A read-only file, mounted over what is at `path`; made, identity: see `Bind`; optional: see `Closed`."""

    path: str
    content: bytes
    mode: int
    made: bool = False
    identity: Identity | None = None
    optional: bool = False


@record
class Closed:
    """A file or a directory that nobody can open, read-only, mounted over what is at `path`; identity: see `Bind`.

    Left out where the caller, with every right over what is his, could not get there. optional: also where nothing is.
    """

    path: str
    directory: bool
    identity: Identity | None = None
    optional: bool = False


@record
class Fixed:
    """The symbolic link at `path` stays what it is, and leads where it leads; identity: see `Bind`."""

    path: str
    identity: Identity | None = None


@record
class Link:
    """A symbolic link in a file system of the sandbox's own."""

    path: str
    target: str


@record
class Copy:
    """A writable copy, in a file system of the sandbox's own, of what the host's file `source` holds."""

    path: str
    source: str


@record
class Redirect:
    """A symbolic link to `target`, mounted over what is at `path`; identity: see `Bind`.

    Whoever replaces the file as git does (a lock beside the target, renamed over it) replaces the target.
    """

    path: str
    target: str
    identity: Identity | None = None


@record
class ReadOnly:
    """The file system at `path`, which is the sandbox's own, can be written to no longer."""

    path: str


if TYPE_CHECKING:
    Own = Devices | Processes | Temporary | Directory | File | Copy | ReadOnly
    Step = Own | Bind | Layer | Closed | Fixed | Link | Redirect


@record
class Layout:
    """A sandbox's file tree. steps: mounts, in order. processes: those that need its process namespace, afterwards."""

    steps: tuple[Step, ...]
    processes: tuple[Step, ...]


def layout(policy: Policy, *, init: bytes, masked: tuple[str, ...], guard: bytes = b"", nests: bool = False) -> Layout:
    """Return the file tree of a policy.

    nests: the kernel itself keeps its switches from who is no root, so a /proc without covers shows nothing more.
    init: the program that is process 1 inside. guard: the script that stands in front of git (`inside/git.sh`).
    masked: names of the masking rules, for the summary inside.
    """
    steps = [*_base(policy), *_protect(policy)]
    steps += [File(overlay.path, overlay.content, 0o444) for overlay in policy.overlays]
    steps += _hide(policy)
    steps += [File(overlay.path, overlay.content, 0o444) for overlay in policy.resolver_files]
    steps += _deny_programs(policy, guard)
    steps += [File(SUMMARY_PATH, summary(policy, masked), 0o444, made=True), File(INIT, init, 0o555, made=True)]
    return Layout(tuple(steps), _processes(policy, nests=nests))


def _processes(policy: Policy, *, nests: bool) -> tuple[Step, ...]:
    """Return what stands in /proc's place.

    Where something covers parts of every /proc that can be seen, the kernel lets nobody mount another
    (mount_namespaces(7)), and sandboxes within this one need theirs. So a whole one stands aside, where that may be.
    """
    covered = KERNEL_SWITCHES if policy.uid == 0 or policy.hosts or policy.resolver_files else ()
    hidden = [item for item in policy.hidden if below(item.path, PRIVATE_PROC)]
    whole = nests and covered and not hidden and policy.uid != 0
    return (
        Processes(PRIVATE_PROC),
        *(Bind(path, path, writable=False, optional=True) for path in covered),
        *(Closed(item.path, item.directory) for item in hidden),
        *((Processes(WHOLE_PROC, made=True),) if whole else ()),
    )


def _base(policy: Policy) -> list[Step]:
    layered = [item.path for item in policy.view.layered]
    sizes = in_memory(policy)
    own = [PRIVATE_TMP, PRIVATE_VAR_TMP, PRIVATE_DEV, *layered, *((policy.home,) if policy.view.replaced else ())]
    over = policy.view.over
    writable = (
        Bind(path, path, writable=path not in policy.stiff, made=any(below(path, place) for place in own))
        for path in _with_parents(policy.writable)
    )
    pins: list[Step] = []
    for path in layered:
        _pin_above(pins, path, policy, set(_with_parents(policy.writable)))
    # Of two places the one that holds the other comes first: a layer within what is shared stays a layer.
    return [
        Bind("/", "/", writable=False),
        Devices("/dev", sizes.get(PRIVATE_DEV, 0)),
        Temporary(PRIVATE_TMP, 0o1777, links=True, size=sizes.get(PRIVATE_TMP, 0)),
        Temporary(PRIVATE_VAR_TMP, 0o1777, links=True, size=sizes.get(PRIVATE_VAR_TMP, 0)),
        *(Directory(path) for path in policy.rooms),
        *sorted((*_home(policy), *writable, *pins), key=lambda step: step.path.rstrip("/").count("/")),
        # A socket does not answer through a layer: it is another inode there.
        *(Bind(path, path, writable=False, made=True) for path in policy.exposed if not pinned(policy, path)),
        *((ReadOnly(policy.home), *map(ReadOnly, over.layered)) if over is not None else ()),
    ]


def _home(policy: Policy) -> list[Step]:
    """Return what stands in the home's place, and in that of whatever else is layered."""
    view = policy.view
    steps: list[Step] = [Layer(item.path, item.directory, item.size, item.pieces) for item in view.layered]
    steps += [Bind(path, source, writable=True, made=True) for path, source in view.caches]
    if view.over is not None:
        steps.insert(0, Layer(policy.home, "", MEGABYTE, view.over))
    if view.kind == "closed":
        steps.insert(0, Temporary(policy.home, 0o755, made=True, size=in_memory(policy).get(policy.home, 0)))
    return steps


def _with_parents(paths: Sequence[str]) -> list[str]:
    """Return the paths, and the directories between one and the next: a mount point cannot be renamed away."""
    found: dict[str, None] = {}
    outer = [path for path in paths if not any(below(path, other) for other in paths)]
    for path in paths:
        between = [path]
        while between[-1] not in outer:
            between.append(os.path.dirname(between[-1]))
        found.update(dict.fromkeys(reversed(between)))
    return list(found)


def _protect(policy: Policy) -> list[Step]:
    """Make paths read-only, and pin the directories above them, so that no renamed parent takes them along."""
    steps: list[Step] = []
    pinned = set(_with_parents(policy.writable))
    copies = settings_copies(policy)
    steps += [Temporary(SETTINGS, 0o755, made=True)] if copies else []
    for hidden in policy.hidden:
        if hidden.anchored:
            _pin_above(steps, hidden.path, policy, pinned)
    for item in policy.protected:
        _pin_above(steps, item.path, policy, pinned)
        bind = Bind(item.path, item.path, writable=False, identity=item.identity)
        if item.path in copies:
            steps += _redirect(item.path, copies[item.path], item.identity)
        elif not item.placeholder:
            steps.append(Fixed(item.path, item.identity) if item.link else bind)
    return steps


def settings_copies(policy: Policy) -> dict[str, str]:
    """Return where inside each config file of git's is that the sandbox writes to a copy of."""
    return {path: f"{SETTINGS}/{number}/config" for number, path in enumerate(policy.settings)}


def _redirect(path: str, copy: str, identity: Identity | None) -> list[Step]:
    return [Temporary(os.path.dirname(copy), 0o700, made=True), Copy(copy, path), Redirect(path, copy, identity)]


def _pin_above(steps: list[Step], path: str, policy: Policy, pinned: set[str]) -> None:
    """Pin what is above a path, up to what can be written to; nothing of a layer, which keeps what is renamed in it."""
    places = (*policy.writable, *(layer.path for layer in policy.view.layered))
    outer = max((directory for directory in places if below(path, directory)), key=len, default=None)
    if outer in policy.writable:
        _pin(steps, os.path.dirname(path), outer, pinned)


def _pin(steps: list[Step], directory: str, outer: str, pinned: set[str]) -> None:
    above = []
    while directory not in pinned and below(directory, outer):
        above.append(directory)
        directory = os.path.dirname(directory)
    pinned.update(above)
    steps += [Bind(path, path, writable=True, optional=True) for path in reversed(above)]


def _hide(policy: Policy) -> list[Step]:
    steps: list[Step] = []
    pins = dict(policy.pins)
    kept = (*policy.writable, *(layer.path for layer in policy.view.layered))
    for item in policy.hidden:
        if _replaced(item.path, kept) or _in(item.path, PRIVATE_PROC):
            continue
        exposed = [path for path in policy.exposed if below(path, item.path)]
        if exposed or item.path == RUNTIME_DIRECTORY:
            steps += _hide_but_for(item, exposed, pins, loose=not pinned(policy, item.path))
        else:
            free = not pinned(policy, item.path)
            steps.append(Closed(item.path, item.directory, None if free else item.identity, item.fleeting or free))
    return steps


def pinned(policy: Policy, path: str) -> bool:
    """Tell whether what was found at a path is what the sandbox shows there: not in a layer, nor in a home left out."""
    view = policy.view
    loose = [item.path for item in view.layered] + ([policy.home] if view.replaced else [])
    own = max((place for place in policy.writable if path == place or below(path, place)), key=len, default="")
    return not any(below(path, place) and len(place) >= len(own) for place in loose)


def _replaced(path: str, writable: Sequence[str]) -> bool:
    """Tell whether a path of the host's is not there inside, where something else stands instead of what holds it."""
    if any(below(path, place) for place in writable):
        return False
    if _in(path, PRIVATE_DEV):
        return path not in [f"{PRIVATE_DEV}/{name}" for name in DEVICE_NAMES]
    return _in(path, PRIVATE_TMP) or _in(path, PRIVATE_VAR_TMP)


def _in(path: str, directory: str) -> bool:
    return path == directory or below(path, directory)


def _hide_but_for(item: Hidden, exposed: Sequence[str], pins: Mapping[str, Identity], *, loose: bool) -> list[Step]:
    """Mount a directory that can be passed through, with some paths below it.

    So is the machine's directory of services: none of a name is an everyday answer there, a closed directory is not.
    """
    return [
        Temporary(item.path, 0o111, made=loose, identity=None if loose else item.identity),
        *(Bind(path, path, writable=False, made=True, identity=pins.get(path)) for path in exposed),
        ReadOnly(item.path),
    ]


def below(path: str, directory: str) -> bool:
    """Tell whether a path lies inside a directory."""
    return path != directory and path.startswith(directory.rstrip("/") + "/")


def _deny_programs(policy: Policy, guard: bytes) -> list[Step]:
    """Mount a stub over each file; the real one of a partly allowed program stays reachable, for the stub to start.

    So does git behind what stands in front of it, which is also what a stub of `git push` starts.
    """
    partly = [program for program in policy.programs if program.innocent]
    covered = {program.path for program in policy.programs if not program.innocent}
    gits = [path for path in policy.git if path not in covered] if guard else []
    steps: list[Step] = [Temporary(ORIGINALS, 0o555, made=True)] if partly else []
    guards: list[Step] = [Temporary(GIT, 0o555, made=True)] if gits else []
    guards += [Bind(f"{GIT}/{number}/git", path, writable=False, made=True) for number, path in enumerate(gits)]
    contents = {path: git_guard(guard, f"{GIT}/{number}/git", path, GIT_LIST) for number, path in enumerate(gits)}
    for number, program in enumerate(partly):
        own = os.path.basename(program.path)
        place = f"{ORIGINALS}/{number}/{own}"
        if program.path in contents:
            steps.append(File(place, contents[program.path], 0o555, made=True))
        else:
            steps.append(Bind(place, program.path, writable=False, made=True))
        steps += [Link(f"{ORIGINALS}/{number}/{name}", own) for name in program.innocent if name != own]
    steps += [ReadOnly(ORIGINALS)] if partly else []
    if gits:
        guards += [ReadOnly(GIT), File(GIT_LIST, git_list(policy), 0o444, made=True)]
    for program, tried in tried_at(policy).items():
        original = f"{ORIGINALS}/{partly.index(program)}" if program.innocent else None
        whole = tried == program.path
        steps += [] if whole else [File(tried, os.fsencode(program.path), 0o444, made=True)]
        text = program_stub(program, original, tried=None if whole else tried)
        steps.append(File(program.path, text, 0o555, optional=not pinned(policy, program.path)))
    denied = {program.path for program in policy.programs}
    left = [(path, text) for path, text in contents.items() if path not in denied]
    return [*guards, *steps, *(File(path, text, 0o555, optional=not pinned(policy, path)) for path, text in left)]
