"""The user's config and those of projects, made into one. Pure: reads no file, and asks the caller what was agreed to.

A project extends. What it forbids always applies: `deny_*` entries, `allow_net: []`, lower limits, more masking, more
`require`. What it widens applies only when the user agreed to exactly that content, else it is named in `withheld`:
`!` entries, names in `allow_net`, higher limits, `allow_sockets`, `ports`, another `network`, more of the
terminal. Where project files lie inside one another, each is judged by itself, from the outermost inwards.
"""

from __future__ import annotations

from aigate.config.model import (
    DEFAULT_GROUP,
    DEFAULT_USER,
    DENIED,
    HOMES,
    LATES,
    PROJECTS,
    TERMINAL,
    Config,
    Entry,
    Layer,
    MaskStdout,
    ProjectFile,
    ResourceLimits,
    TerminalReach,
)
from aigate.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    Number = TypeVar("Number", int, float)

DEFAULT_NETWORK = DEFAULT_BACKEND = "auto"
WORDS = ("home", "project", "late", "network")
DEFAULT_HOME, DEFAULT_PROJECT, DEFAULT_LATE = "layer", "writable", "tell"


def merge(
    base: Layer, defaults: Layer | None, projects: Sequence[ProjectFile], is_trusted: Callable[[ProjectFile], bool]
) -> Config:
    """Return the config in force.

    defaults: the built-in file; its `deny_write` and `deny_env` stand in where the user's file leaves these out, so
    it may be None only when the file has both. projects: outermost first. is_trusted: whether the user agreed to a
    file's content; asked only about a file that widens something.
    """
    layer = base
    if defaults is not None:
        layer = replace(
            base, deny_write=_or(base.deny_write, defaults.deny_write), deny_env=_or(base.deny_env, defaults.deny_env)
        )
    withheld: list[str] = []
    files: list[tuple[str, str]] = []
    for project in projects:
        extension = _Extension(layer, project, is_trusted)
        layer = extension.extended()
        withheld += extension.withheld
        files += [(project.path, project.digest)] if extension.withheld else []
    if any(project.layer.allow_net == () for project in projects):
        layer = replace(layer, allow_net=())  # whatever another one was trusted with
    sources = (base.path, *(project.layer.path for project in projects))
    config = replace(_config(layer), sources=sources, withheld=tuple(withheld), withheld_files=tuple(files))
    return replace(config, settled=_settled(layer, (base, *(project.layer for project in projects))))


def _settled(layer: Layer, files: Sequence[Layer]) -> tuple[tuple[str, Entry], ...]:
    """Return where the words of the config come from, and where it was said that the network is restricted."""
    words = [(name, getattr(layer, name)) for name in WORDS]
    found = [(name, entry) for name, entry in words if entry is not None]
    empty = [file for file in files[1:] if file.allow_net == ()]
    for file in (*empty, *files):
        if layer.allow_net is not None and file.allow_net is not None:
            found.append(("allow_net", Entry("allow_net", file.path, dict(file.lines).get("allow_net", 0))))
            break
    return tuple(found)


def widenings(base: Layer, project: ProjectFile) -> tuple[str, ...]:
    """Return one line for each thing in a project's file that needs the user's word."""
    return merge(base, None, (project,), lambda _: False).withheld


def _config(layer: Layer) -> Config:
    return Config(
        group=layer.group.text if layer.group else DEFAULT_GROUP,
        user=layer.user.text if layer.user else DEFAULT_USER,
        deny_read=layer.deny_read or (),
        deny_write=layer.deny_write or (),
        deny_exec=layer.deny_exec or (),
        deny_env=layer.deny_env or (),
        allow_net=layer.allow_net,
        allow_sockets=layer.allow_sockets or (),
        ports=layer.ports or (),
        share=layer.share or (),
        home=layer.home.text if layer.home else DEFAULT_HOME,
        project=layer.project.text if layer.project else DEFAULT_PROJECT,
        late=layer.late.text if layer.late else DEFAULT_LATE,
        network=layer.network.text if layer.network else DEFAULT_NETWORK,
        backend=layer.backend.text if layer.backend else DEFAULT_BACKEND,
        resource_limits=layer.resource_limits or ResourceLimits(),
        mask_stdout=layer.mask_stdout,
        terminal=TerminalReach(**{key: entry.text for key, entry in layer.terminal or ()}),
        require=tuple(dict.fromkeys(entry.text for entry in layer.require or ())),
    )


def limit_text(name: str, value: float) -> str:
    """Return a limit as one writes it: `4G`, `80`."""
    unit = ""
    if name == "max_memory":
        for unit in ("", "K", "M", "G", "T"):
            if value % 1024 or unit == "T":
                break
            value /= 1024
    return f"{value:.0f}{unit}" if value == int(value) else f"{value}{unit}"


class _Extension:
    """Applies one project file to what holds outside of it; `withheld` collects what was left out."""

    def __init__(self, base: Layer, project: ProjectFile, is_trusted: Callable[[ProjectFile], bool]) -> None:
        self.base = base
        self.project = project.layer
        self.withheld: list[str] = []
        self._file = project
        self._is_trusted = is_trusted
        self._answer: bool | None = None

    def extended(self) -> Layer:
        return replace(
            self.base,
            deny_read=self.deny("deny_read"),
            deny_write=self.deny("deny_write"),
            deny_exec=self.deny("deny_exec"),
            deny_env=self.deny("deny_env"),
            allow_net=self.allow_net(),
            allow_sockets=self.added("allow_sockets", self.base.allow_sockets or (), self.project.allow_sockets or ()),
            ports=self.added("ports", self.base.ports or (), self.project.ports or ()),
            share=self.added("share", self.base.share or (), self.project.share or ()),
            home=self.stricter("home", HOMES, DEFAULT_HOME),
            project=self.stricter("project", PROJECTS, DEFAULT_PROJECT),
            late=self.stricter("late", LATES, DEFAULT_LATE),
            network=self.network(),
            resource_limits=self.limits(),
            mask_stdout=self.mask(),
            terminal=self.terminal(),
            require=(*(self.base.require or ()), *(self.project.require or ())),
        )

    def agreed(self, what: str, line: int | None = None) -> bool:
        if self._answer is None:
            self._answer = self._is_trusted(self._file)
        if not self._answer:
            where = self.project.path if line is None else f"{self.project.path}:{line}"
            self.withheld.append(f"{where}: {what}")
        return self._answer

    def deny(self, name: str) -> tuple[Entry, ...] | None:
        held: tuple[Entry, ...] | None = getattr(self.base, name)
        added: tuple[Entry, ...] | None = getattr(self.project, name)
        if added is None:
            return held
        kept = (e for e in added if not e.text.startswith("!") or self.agreed(f"{name} {e.text}", e.line))
        return (*(held or ()), *kept)

    def allow_net(self) -> tuple[Entry, ...] | None:
        held, added = self.base.allow_net, self.project.allow_net
        if added is None or held is None:
            return held if added is None else added  # from everything to these names: that forbids
        return self.added("allow_net", held, added) if added else ()

    def added(self, name: str, held: tuple[Entry, ...], added: tuple[Entry, ...]) -> tuple[Entry, ...]:
        present = {entry.text for entry in held}
        new = (e for e in added if e.text not in present and self.agreed(f"{name} {e.text}", e.line))
        return (*held, *new)

    def stricter(self, name: str, order: Sequence[str], default: str) -> Entry | None:
        """Return one of several ways; a project chooses a stricter one by itself. order: the strictest first."""
        held: Entry | None = getattr(self.base, name)
        asked: Entry | None = getattr(self.project, name)
        if asked is None:
            return held
        weaker = order.index(asked.text) > order.index(held.text if held else default)
        return held if weaker and not self.agreed(f"{name} {asked.text}", asked.line) else asked

    def network(self) -> Entry | None:
        held, asked = self.base.network, self.project.network
        if asked is None or asked.text == (held.text if held else DEFAULT_NETWORK):
            return held
        return asked if self.agreed(f"network {asked.text}", asked.line) else held

    def limits(self) -> ResourceLimits:
        held = self.base.resource_limits or ResourceLimits()
        asked = self.project.resource_limits or ResourceLimits()
        return ResourceLimits(
            self.limit("max_memory", held.max_memory, asked.max_memory),
            self.limit("max_cpu_percent", held.max_cpu_percent, asked.max_cpu_percent),
            self.limit("max_pids", held.max_pids, asked.max_pids),
        )

    def limit(self, name: str, held: Number | None, asked: Number | None) -> Number | None:
        if asked is None or held is None:
            return held if asked is None else asked
        if asked > held and not self.agreed(f"{name} {limit_text(name, asked)}"):
            return held
        return asked

    def terminal(self) -> tuple[tuple[str, Entry], ...] | None:
        held, asked = dict(self.base.terminal or ()), dict(self.project.terminal or ())
        for key, entry in asked.items():
            before = held[key].text if key in held else getattr(TerminalReach(), key)
            order = TERMINAL[key]
            weaker = order.index(entry.text) > order.index(before)
            if not weaker or self.agreed(f"terminal {key} {entry.text}", entry.line):
                held[key] = entry
        return tuple(held.items()) or None

    def mask(self) -> MaskStdout | None:
        held, added = self.base.mask_stdout, self.project.mask_stdout
        if added is None or held is None:
            return added or held
        kept = (e for e in added.presets if not e.text.startswith("!") or self.agreed(f"presets {e.text}", e.line))
        return MaskStdout((*held.presets, *kept), (*held.patterns, *added.patterns), _more(held.values, added.values))


def _more(held: tuple[Entry, ...] | None, added: tuple[Entry, ...] | None) -> tuple[Entry, ...] | None:
    """Return what a project adds to where known values come from."""
    if not added:
        return held
    usual = (Entry(DENIED, added[0].path, added[0].line),)
    return (*(usual if held is None else held), *added)


def _or(own: tuple[Entry, ...] | None, default: tuple[Entry, ...] | None) -> tuple[Entry, ...] | None:
    return default if own is None else own
