"""What a sandbox shows at one path: the last of its mounts that covers it. Looks, and changes nothing.

It reads the very file tree that is going to be mounted (`backends.layout`), by the rules that mounts follow.
"""

from __future__ import annotations

import os
import stat

from aigate.backends.layout import (
    DEVICE_NAMES,
    Bind,
    Closed,
    Copy,
    Devices,
    Directory,
    File,
    Fixed,
    Layer,
    Link,
    Processes,
    ReadOnly,
    Redirect,
    Temporary,
    below,
)
from aigate.policy.ways import leads_to
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from aigate.backends.layout import Layout, Step

HOST, LAYER, OWN, CLOSED, TEXT, COPY = "host", "layer", "own", "closed", "text", "copy"
DIRECTORIES = (Bind, Layer, Devices, Processes, Temporary, Directory)


@record
class Sight:
    """What stands at a path.

    kind: `host` (the host's own file, at `source`), `layer` (the same, with changes kept apart), `own` (of the
    sandbox's own), `closed` (nobody can open it), `text` (a file that aigate put there) or `copy`. writable: as far as
    the mount goes. step: the mount that decides.
    """

    kind: str
    writable: bool
    step: Step
    source: str = ""


def seen_at(tree: Layout, path: str) -> Sight:
    """Return what a file tree shows at a path that leads through no link."""
    return _seen((*tree.steps, *tree.processes), path)


def led_to(tree: Layout, path: str) -> str:
    """Return what an absolute path leads to, by the links that can be followed inside."""

    def readlink(place: str) -> str:
        return os.readlink(seen_at(tree, place).source)

    return leads_to(path, readlink)


def is_there(path: str, sight: Sight) -> bool:
    """Tell whether there is anything at a path. sight: what stands there."""
    if sight.kind in (HOST, LAYER):
        return bool(sight.source) and os.path.exists(sight.source)
    if isinstance(sight.step, Devices) and path != sight.step.path:
        return os.path.basename(path) in DEVICE_NAMES and os.path.exists(path)
    return sight.step.path == path or (isinstance(sight.step, Processes) and os.path.exists(path))


def _seen(steps: Sequence[Step], path: str) -> Sight:
    found: Step = steps[0]
    sealed: set[str] = set()
    for number, step in enumerate(steps):
        if isinstance(step, ReadOnly):
            sealed.add(step.path)
        elif not isinstance(step, Fixed) and _covers(step, path) and _is_made(step, steps[:number]):
            found = step
            sealed.discard(step.path)
    return _sight(found, path, sealed=found.path in sealed)


def _covers(step: Step, path: str) -> bool:
    if step.path == path:
        return True
    directory = isinstance(step, DIRECTORIES) or (isinstance(step, Closed) and step.directory)
    return directory and below(path, step.path)


def _is_made(step: Step, before: Sequence[Step]) -> bool:
    """Tell whether a mount that is left out where nothing is has something to stand on. before: the earlier mounts."""
    if not getattr(step, "optional", False):
        return True
    return os.path.lexists(step.source) if isinstance(step, Bind) else is_there(step.path, _seen(before, step.path))


def _sight(step: Step, path: str, *, sealed: bool) -> Sight:
    if isinstance(step, Bind):
        source = step.source.rstrip("/") + path[len(step.path.rstrip("/")) :]
        return Sight(HOST, step.writable, step, source)
    if isinstance(step, Layer):
        return Sight(LAYER, not sealed, step, _in_layer(step, path))
    if isinstance(step, Closed):
        return Sight(CLOSED, False, step)
    if isinstance(step, (Copy, Redirect)):
        return Sight(COPY, True, step)
    if isinstance(step, (File, Link)):
        return Sight(TEXT, False, step)
    return Sight(OWN, not sealed and not isinstance(step, Processes), step)


def _in_layer(step: Layer, path: str) -> str:
    """Return where the file lies that a layer shows: among the changes, or where the user has it; "" for deleted."""
    changed = f"{step.directory}/upper{path[len(step.path) :]}"
    try:
        status = os.lstat(changed) if step.directory else None
    except OSError:
        status = None
    if status is None:
        return path
    return "" if stat.S_ISCHR(status.st_mode) and status.st_rdev == 0 else changed
