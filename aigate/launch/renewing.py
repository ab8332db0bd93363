"""Puts what stands over a sandbox's places there again, by the steps that were planned. Decides nothing.

For a process in the outer mount namespace, in which the mounts were made: that tree is shared, so what is mounted here
shows in every namespace below. A mount sits on a directory entry, and goes when anybody outside removes or replaces it.
"""

from __future__ import annotations

import os
import stat

from aigate import _events, _linux
from aigate.backends.layout import Bind, Closed, File, Layer, Redirect, Temporary, below
from aigate.errors import EnforcementError
from aigate.launch.masks import NO_DEV, NO_SUID, PLACE, READ_ONLY
from aigate.launch.mounting import Mounting
from aigate.launch.places import REMOVED
from aigate.policy.mounts import parse_mounts
from aigate.reading import read_from
from aigate.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from aigate.backends.layout import Step
    from aigate.policy.mounts import Mount


OVERLAY = "overlay"


class Renewing:
    """The covers of one sandbox. steps: of its plan. paths: what something stands over."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._steps = steps
        self._groups = _groups(steps)
        self.paths = frozenset(self._groups)
        layers = [step for step in steps if isinstance(step, Layer)]
        self._layers = [path for step in layers for path in (step.path, *step.pieces.layered)]
        self._mounting: Mounting | None = None
        self._root = -1

    def attach(self, descriptors: tuple[int, ...]) -> None:
        """Begin, in the outer namespace. descriptors: what `Mounting.held` gave there."""
        self._root = os.open("/", PLACE | os.O_DIRECTORY | os.O_CLOEXEC)
        self._mounting = Mounting.continued(self._root, descriptors, self._steps)

    def renew(self, path: str) -> bool:
        """Cover a path again where nothing stands over it any more. Tell whether that was so. Raises OSError."""
        place = self._bare(path)
        if place < 0:
            return False
        is_directory = stat.S_ISDIR(os.fstat(place).st_mode)
        os.close(place)
        for step in self._groups[path]:
            self._act(_fitting(step, is_directory))
        return True

    def below(self, path: str) -> list[str]:
        """Return what something stood over below a directory, outer ones first."""
        return sorted(each for each in self.paths if below(each, path))

    def hide(self, path: str) -> bool:
        """Cover something that nothing was planned for, so that it cannot be read. Tell whether it was bare."""
        place = self._bare(path)
        if place < 0:
            return False
        is_directory = stat.S_ISDIR(os.fstat(place).st_mode)
        os.close(place)
        self._act(Closed(path, is_directory))
        return True

    def stands(self, path: str) -> bool:
        """Tell whether something stands over a path, or nothing is there."""
        return not self._is_bare(self._root, path)

    def pin(self, path: str) -> bool:
        """Let a directory that nothing was planned for keep its place. Tell whether it was bare. Raises OSError."""
        place = self._bare(path)
        if place < 0:
            return False
        os.close(place)
        self._act(Bind(path, path, writable=True))
        return True

    def protect(self, path: str) -> bool:
        """Let something that nothing was planned for not be changed. Tell whether it was bare."""
        place = self._bare(path)
        if place < 0:
            return False
        try:
            mount = _linux.clone_mount(place)
            _linux.mount_attributes(mount, set=READ_ONLY | NO_SUID | NO_DEV, everything=True)
            _linux.attach_mount(mount, place)
            os.close(mount)
        finally:
            os.close(place)
        return True

    def cover_in(self, process: int, covers: dict[str, bool]) -> None:
        """Cover paths in another thread's mount namespace, which descends from this one, wherever they are seen there.

        What was mounted here shows there too, unless its mounts were made private. covers: whether each path is hidden,
        else it is protected. Raises OSError.
        """
        there = os.open(f"proc/{process}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        here = os.open("proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        working = os.open(".", PLACE | os.O_DIRECTORY | os.O_CLOEXEC)
        root = -1
        try:
            # What whoever is in it has for a root may be any directory: who enters a namespace gets the whole.
            _linux.setns(there)
            root = os.open("/", PLACE | os.O_DIRECTORY | os.O_CLOEXEC)
            os.fchdir(working)
            elsewhere = _mounts("proc/self/mountinfo")
            _linux.setns(here)
            os.fchdir(working)
            seen = _seen_elsewhere(list(covers), _mounts("proc/self/mountinfo"), elsewhere)
            bare = [(path, covers[known]) for path, known in seen if self._is_bare(root, path)]
            masks = [self._mask(root, path) if hidden else -1 for path, hidden in bare]
            _linux.setns(there)
            for (path, _), mask in zip(bare, masks, strict=True):
                _cover_at(root, path, mask)
        finally:
            _linux.setns(here)
            os.fchdir(working)
            for descriptor in (there, here, working, *((root,) if root >= 0 else ())):
                os.close(descriptor)

    def cover_from(self, directory: int, path: str, *, hidden: bool) -> bool:
        """Cover a path below an opened directory, wherever that is by now. Tell whether it was bare. Raises OSError."""
        if not self._is_bare(directory, path):
            return False
        _cover_at(directory, path, self._mask(directory, path) if hidden else -1)
        return True

    def _is_bare(self, root: int, path: str) -> bool:
        place = self._bare(path, root)
        if place >= 0:
            os.close(place)
        return place >= 0

    def _mask(self, root: int, path: str) -> int:
        """Return a mount, attached nowhere, of what hides a path."""
        assert self._mounting is not None and self._mounting.masks is not None, "attach comes first"  # noqa: S101, PT018
        place = _linux.open_in(root, os.fsencode(path).strip(b"/"), PLACE)
        is_directory = stat.S_ISDIR(os.fstat(place).st_mode)
        os.close(place)
        masks = self._mounting.masks
        return _linux.clone_mount(masks.directory if is_directory else masks.file)

    def _bare(self, path: str, root: int = -1) -> int:
        """Open a path over which nothing stands; -1 where something does, or nothing is, or it is a link."""
        try:
            place = _linux.open_in(self._root if root < 0 else root, os.fsencode(path).strip(b"/"), PLACE)
        except OSError as error:
            place = self._remembered(path) if root < 0 and error.errno in REMOVED else -1
            if place < 0:
                return -1
        if _events.is_mount_root(place):
            os.close(place)
            return -1
        return place

    def _remembered(self, path: str) -> int:
        """Open what is there outside by now, and what a layer remembers as missing; -1 where the layer removes it.

        Raises OSError where that is not known: the layer is another run's.
        """
        layer = max((place for place in self._layers if below(path, place)), key=len, default="")
        if not layer or not os.path.lexists(path.lstrip("/")):  # from the host's root
            return -1
        mount = _linux.open_in(self._root, os.fsencode(layer).strip(b"/"), PLACE)
        try:
            _linux.forget_names(mount)
            return _linux.open_in(self._root, os.fsencode(path).strip(b"/"), PLACE)
        except FileNotFoundError:
            return -1
        finally:
            os.close(mount)

    def _act(self, step: Step) -> None:
        assert self._mounting is not None, "attach comes first"  # noqa: S101
        try:
            self._mounting.act(step)
        except EnforcementError as error:
            raise OSError(error.message) from None


def _mounts(path: str) -> tuple[Mount, ...]:
    with open(path, "rb") as file:
        return parse_mounts(os.fsdecode(read_from(file)))


def _seen_elsewhere(paths: list[str], here: tuple[Mount, ...], there: tuple[Mount, ...]) -> Iterator[tuple[str, str]]:
    """Yield where in another table of mounts the files of paths are seen, as (path there, path here).

    An overlay does not say which directory it shows: what ends like a path is taken for it.
    """
    own = {mount.device for mount in here}
    for path in paths:
        above = [mount for mount in here if below(path, mount.point)]
        holder = max(reversed(above), key=lambda mount: len(mount.point), default=None)
        if holder is None:
            continue
        within = f"{holder.root.rstrip('/')}/{path.removeprefix(holder.point).strip('/')}"
        for mount in there:
            if mount.device == holder.device and below(within, mount.root):
                yield f"{mount.point.rstrip('/')}/{within.removeprefix(mount.root).strip('/')}", path
            elif mount.kind == OVERLAY and mount.device not in own:
                yield from ((f"{mount.point.rstrip('/')}/{end}", path) for end in _ends(path))


def _ends(path: str) -> Iterator[str]:
    """Yield what a path is called from each directory that it lies in."""
    parts = path.strip("/").split("/")
    return ("/".join(parts[count:]) for count in range(len(parts)))


def _cover_at(root: int, path: str, mask: int) -> None:
    """Mount what hides, or with none (-1) the thing itself, read-only, over a path in this process's namespace."""
    place = _linux.open_in(root, os.fsencode(path).strip(b"/"), PLACE)
    try:
        if mask < 0:
            mask = _linux.clone_mount(place)
            _linux.mount_attributes(mask, set=READ_ONLY | NO_SUID | NO_DEV, everything=True)
        _linux.attach_mount(mask, place)
    finally:
        os.close(mask)
        os.close(place)


def _groups(steps: tuple[Step, ...]) -> dict[str, list[Step]]:
    """Return the steps that stand over places of the host's, each with those that fill what it mounts."""
    groups: dict[str, list[Step]] = {}
    holder = ""  # what was mounted last and is filled by further steps
    for step in steps:
        own = isinstance(step, Temporary) and not step.links and not step.made
        if holder and (below(step.path, holder) or step.path == holder):
            groups[holder].append(step)
        elif own or (isinstance(step, Closed | Bind | File | Redirect) and not _is_made(step)):
            groups.setdefault(step.path, []).append(replace(step, identity=None) if _identified(step) else step)
            holder = step.path if own else ""
    return groups


def _is_made(step: Step) -> bool:
    """Tell whether a step's place is in a file system of the sandbox's own, or the root."""
    return getattr(step, "made", False) or step.path == "/"


def _identified(step: Step) -> bool:
    return getattr(step, "identity", None) is not None


def _fitting(step: Step, directory: bool) -> Step:
    """Return a step as it fits what is there now: a file can have become a directory, or the other way round."""
    if isinstance(step, Closed) or (isinstance(step, File | Temporary) and isinstance(step, File) is directory):
        return Closed(step.path, directory)
    return Bind(step.path, step.path, writable=False) if isinstance(step, Redirect) and directory else step
