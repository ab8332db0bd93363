"""Which layers can be had on this machine, found out by making one, and remembered for as long as that holds.

A user's own overlay needs Linux 5.11. The upper directory cannot lie on an overlay (most containers' root) nor on NFS;
nothing may be mounted below the lower one that the user could not take away (EINVAL; mount_namespaces(7)).
"""

from __future__ import annotations

import os

from aigate.config.cache import digest
from aigate.host.nesting import CLONE_NEWNS, enter_user_namespace
from aigate.isolation import InterruptsHeld
from aigate.layers.pieces import pieces_of
from aigate.layers.place import HOME, PROJECT, WORK, make
from aigate.policy.home import DISK, MEMORY, Offer
from aigate.policy.model import Pieces
from aigate.policy.mounts import read_mounts
from aigate.reading import content_of, read_from
from aigate.record import replace
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from aigate.layers.place import Layer

TRIED = "tried"
TRYING = "trying-"  # and a process id
ANSWERS = {b"D": DISK, b"M": MEMORY, b"N": ""}
FORBIDDEN = "forbidden"  # no layer could be tried; never remembered, since a switch may be turned
NO_DISK = "no layer can lie on the file system of ~/.aigate"
NO_LAYER = "this kernel has no overlays for users (Linux 5.11 has)"
UNTRIED = "no layer could be tried here"
MOUNTED = "something is mounted in the home: "
HIDDEN_STATE = ".aigate"


def look(layer: Layer, home: str, *, obstacle: str, size: int = 0) -> Offer:
    """Return what can be had. Makes the layer's directories. Raises EnforcementError.

    obstacle: why aigate can make no mounts itself, or "". size: the most that a layer in memory may hold; 0: no limit.
    """
    holds_home = f"{home}/".startswith(f"{layer.project.rstrip('/')}/") and layer.project != "/"
    make(layer, {HOME: layer.project if holds_home else home, PROJECT: layer.project})
    if obstacle:
        return Offer("", obstacle, layer.directory)
    top, points = layer.project if holds_home else home, [mount.point for mount in read_mounts()]
    own = (f"{home}/{HIDDEN_STATE}",)
    pieces = pieces_of(top, points, own if holds_home else (*own, layer.project))
    if pieces is None:
        return Offer("", f"{MOUNTED}{_mounted(points, top)}, beside too many directories", layer.directory)
    of_project = (pieces_of(layer.project, points, own) or Pieces()) if not holds_home else Pieces()
    kind, stiff = _remembered(layer, top, pieces.layered)
    if stiff:
        rest = tuple(path for path in pieces.layered if path not in stiff)
        pieces = replace(pieces, layered=rest, fixed=(*pieces.fixed, *stiff))
    reason = {DISK: "", MEMORY: NO_DISK, "": NO_LAYER}.get(kind) or (_forbidden() if kind == FORBIDDEN else "")
    if kind == DISK and pieces.fixed:
        more = f" and {len(pieces.fixed) - 1} more" if len(pieces.fixed) > 1 else ""
        reason = f"{MOUNTED}{_mounted(points, top)}, so {pieces.fixed[0]}{more} cannot be layered"
    return Offer("" if kind == FORBIDDEN else kind, reason, layer.directory, size, pieces, of_project)


def _forbidden() -> str:
    """Return why no layer could be tried, as far as it can be told."""
    from aigate.host.namespaces import reason_here

    return reason_here() or UNTRIED


def _mounted(points: Iterable[str], top: str) -> str:
    return next(point for point in points if point.startswith(f"{top}/"))


def _remembered(layer: Layer, home: str, pieces: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the kind, tried out where nothing is known of this kernel, user and file system.

    pieces: directories that are to have a layer each. And return those that can have none.
    """
    path = f"{os.path.dirname(layer.directory)}/{TRIED}"
    devices = " ".join(_device(place) for place in (home, layer.directory, *pieces))
    devices += f" {digest(os.fsencode(chr(0).join(pieces)))}" if pieces else ""
    key = f"{os.uname().release} {_boot()} {os.geteuid()} {devices}".encode()
    try:
        known, _, kind = content_of(path).rpartition(b"\n")
    except OSError:
        known = kind = b""
    if known != key or kind[:1] not in ANSWERS:
        kind = _try(layer, home, pieces)
        if not kind:
            return FORBIDDEN, ()
        _remember(path, key + b"\n" + kind)
    return ANSWERS[kind[:1]], tuple(pieces[int(number)] for number in kind[1:].split())


def _device(place: str) -> str:
    try:
        return f"{os.stat(place).st_dev}"
    except OSError as error:  # a network directory that does not answer
        return f"-{error.errno}"


def _boot() -> str:
    """Return what tells one start of the machine from another (random(4)): devices are numbered anew."""
    with open("/proc/sys/kernel/random/boot_id", "rb") as file:
        return read_from(file).decode("ascii").strip()


def _remember(path: str, content: bytes) -> None:
    """Write down what was found. Where that fails, the next run tries again; another may do the same now."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    with suppress(OSError):
        with open(os.open(f"{path}.new", flags, 0o600), "wb") as file:
            file.write(content)
        os.rename(f"{path}.new", path)


def _try(layer: Layer, home: str, pieces: tuple[str, ...]) -> bytes:
    """Make a layer in a process of its own and return what worked: see ANSWERS, and the numbers of failed pieces.

    Nothing where it did not come to that.
    """
    with InterruptsHeld():
        reader, writer = os.pipe2(os.O_CLOEXEC)
        child = os.fork()
        if child == 0:
            try:
                os.write(writer, _trial(layer, home, pieces))
            finally:
                os._exit(0)
        os.close(writer)
        with open(reader, "rb") as pipe:
            answer = read_from(pipe)
        os.waitpid(child, 0)
    return answer if answer[:1] in ANSWERS else b""


def _trial(layer: Layer, home: str, pieces: tuple[str, ...]) -> bytes:
    """Find out, in a process that is alone, what can be had. The trial's upper directory is not the layer's own."""
    layers = os.path.dirname(layer.directory)
    _sweep(layers)
    try:
        enter_user_namespace(CLONE_NEWNS)
    except OSError:
        return b""
    trial = f"{layers}/{TRYING}{os.getpid()}"
    try:
        if pieces:
            home = f"{trial}/empty"
            os.makedirs(home, 0o700)
        if _works(home, trial):
            return b"D" + _failing(pieces, trial)
        memory = _memory()
        if memory and _works(home, memory):
            return b"M" + _failing(pieces, memory)
    finally:
        _remove(trial)
    return b"N"


def _failing(pieces: tuple[str, ...], above: str) -> bytes:
    """Return the numbers of the directories that can have no layer. above: where its changes would lie."""
    failed = [number for number, path in enumerate(pieces) if not _works(path, f"{above}/{number}")]
    return b"".join(b" %d" % number for number in failed)


def _sweep(layers: str) -> None:
    """Remove what a trial has left that was killed; then nothing was remembered, so the next run comes here, too."""
    for name in os.listdir(layers):
        if name.startswith(TRYING) and not os.path.exists(f"/proc/{name.removeprefix(TRYING)}"):
            _remove(f"{layers}/{name}")


def _works(home: str, above: str) -> bool:
    """Tell whether a layer there can be made and written to."""
    from aigate.launch.overlays import overlay

    for name in ("upper", WORK):
        os.makedirs(f"{above}/{name}", 0o700)
    flags = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
    try:
        mount = overlay(*(os.open(path, flags) for path in (home, f"{above}/upper", f"{above}/{WORK}")))
        name = f".aigate-{os.urandom(8).hex()}"
        os.mkdir(name, 0o700, dir_fd=mount)
        os.rmdir(name, dir_fd=mount)
    except OSError:
        return False
    return True


def _memory() -> str:
    """Return a place in memory, as a path; "" where there is none."""
    from aigate import _linux

    try:
        mount = _linux.new_file_system(b"tmpfs", ((b"mode", b"0700"),), 0)
        place = os.open("/tmp", os.O_PATH | os.O_CLOEXEC)  # noqa: S108 -- in a namespace that ends with this process
        _linux.attach_mount(mount, place)
    except OSError:
        return ""
    return f"/proc/self/fd/{mount}"


def _remove(directory: str) -> None:
    import shutil

    shutil.rmtree(directory, ignore_errors=True)
