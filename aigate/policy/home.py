"""How the home and the project are seen: `home`, `project` and `share`, as far as the machine has it. Pure.

A layer keeps the user's own files as they are; where none can be had, the home is read-only. It is never writable but
where the config asks for that by name.
"""

from __future__ import annotations

import os

from aigate.config.cache import digest
from aigate.errors import ConfigError, EnforcementError
from aigate.policy.model import HomeView, Layered, Pieces
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from aigate.config.model import Config, Entry
    from aigate.policy.resolve import Caller

LAYER, MEMORY, READONLY, CLOSED, WRITABLE = "layer", "memory", "readonly", "closed", "writable"
DISK, NEVER = "disk", "never"
# What tools fill again by themselves: in a home that is read-only, a place of the project's own stands there.
CACHES = (
    ".cache",
    ".npm",
    ".bun/install/cache",
    ".cargo/registry",
    ".cargo/git",
    "go/pkg",
    ".gradle/caches",
    ".m2/repository",
    ".nuget/packages",
    ".local/share/pnpm",
    ".local/share/uv",
    ".local/state",
)


@record
class Offer:
    """What this machine has to offer.

    kind: `disk`, `memory`, "" (no layers now) or `never` (a system without layers, where the home is the user's own).
    reason: why it is not `disk`, or "". directory: where the project's layer lies. size: the most that a layer in
    memory may hold, in bytes; 0 for no limit. pieces, of_project: how the home (or the project that holds it)
    and the project are put together.
    """

    kind: str = ""
    reason: str = ""
    directory: str = ""
    size: int = 0
    pieces: Pieces = Pieces()
    of_project: Pieces = Pieces()


def view_of(config: Config, who: Caller, project: str, offer: Offer) -> HomeView:
    """Return how the home and the project are seen. Raises ConfigError and EnforcementError."""
    holds_home = who.home == project or who.home.startswith(f"{project.rstrip('/')}/")
    if not who.owns_home:
        return HomeView(READONLY, layered=_project_layer(config, project, offer))
    kind = _kind(config.home, offer)
    reason = offer.reason if kind != config.home or (kind != READONLY and offer.pieces.fixed) else ""
    layered: tuple[Layered, ...] = ()
    if kind in (LAYER, MEMORY):
        layered = (_layered(project if holds_home and project != "/" else who.home, "home", offer),)
    elif holds_home and kind != WRITABLE:
        raise EnforcementError(
            f"{project} is or holds your home, and {_shown(kind, offer)}",
            hint="run in a directory of the project's own, or set home: writable",
        )
    if not (holds_home and layered):
        layered += _project_layer(config, project, offer)
    shared, files = _shared(config.share, who)
    caches = tuple((f"{who.home}/{name}", f"{offer.directory}/cache/{name}") for name in CACHES)
    if kind != READONLY:
        return HomeView(kind, reason, layered, (), shared, files)
    over = offer.pieces if offer.kind in (DISK, MEMORY) else None
    return HomeView(kind, reason, layered, caches if offer.directory else (), shared, files, over)


def writable_in(view: HomeView, who: Caller, project: str) -> tuple[str, ...]:
    """Return the directories of the user's own that can be written to, the home before what it holds."""
    homes = (who.home,) if view.kind == WRITABLE and who.owns_home else ()
    layered = {item.path for item in view.layered}
    own = () if project in layered or project == "/" else (project,)
    return tuple(dict.fromkeys((*homes, *own, *view.shared)))


def bare(view: HomeView, home: str) -> tuple[str, ...]:
    """Return the user's own directories, besides the project, that are seen without a layer: sockets answer there."""
    whole = view.kind == WRITABLE or (view.kind == READONLY and view.over is None)
    pieces = [*(item.pieces for item in view.layered), *((view.over,) if view.over else ())]
    fixed = (path for piece in pieces for path in piece.fixed)
    return tuple(dict.fromkeys((*((home,) if whole else ()), *view.shared, *fixed)))


def _kind(wanted: str, offer: Offer) -> str:
    if wanted != LAYER:
        return wanted
    return {DISK: LAYER, MEMORY: MEMORY, NEVER: WRITABLE}.get(offer.kind, READONLY)


def _shown(kind: str, offer: Offer) -> str:
    return f"no layer can be had of it ({offer.reason})" if kind == READONLY and offer.reason else f"home is {kind}"


def _layered(path: str, part: str, offer: Offer) -> Layered:
    pieces = offer.pieces if part == "home" else offer.of_project
    return Layered(path, f"{offer.directory}/{part}" if offer.kind == DISK else "", offer.size, pieces)


def _project_layer(config: Config, project: str, offer: Offer) -> tuple[Layered, ...]:
    if config.project != LAYER:
        return ()
    if offer.kind != DISK:
        raise EnforcementError(
            f"project: layer cannot be had: {offer.reason or 'there are no layers here'}", hint="set project: writable"
        )
    return (_layered(project, "project", offer),)


def _plain(path: str) -> str:
    """Return a path as Claude Code names a directory after it: what is no letter and no digit becomes `-`."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in path)


def _shared(entries: Iterable[Entry], who: Caller) -> tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the directories and the files, with their keys, that `share` names. Raises ConfigError."""
    directories: dict[str, None] = {}
    files: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        name, _, keys = entry.text.partition("#")
        for mark, spelled in (("{cwd}", _plain(who.cwd)), ("{cwd-sha256}", digest(os.fsencode(who.cwd)))):
            name = name.replace(mark, spelled)
        home = who.home
        path = os.path.normpath(home + name[1:])
        if not name.startswith("~/") or path == home or "/.." in name or any(mark in name for mark in "*?["):
            raise ConfigError(
                f"share entry {entry.text!r} is not a place in your home",
                path=entry.path,
                line=entry.line,
                hint="~/directory/ or ~/file.json#key,key",
            )
        if name.endswith("/"):
            directories[path] = None
        else:
            files[path] = tuple(key for key in keys.split(",") if key)
    return tuple(directories), tuple(files.items())
