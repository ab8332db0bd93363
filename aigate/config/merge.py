"""The user's config and a project's, made into one. Pure: reads no file; what was agreed to is told to it.

A project extends. What it forbids always applies: `deny_*` entries, `allow_net: []`, lower limits, more masking, more
`require`. What it widens applies only when the user agreed to exactly that content, else it is named in `withheld`:
`!` entries, names in `allow_net`, higher limits, `allow_sockets`, another `network`.
"""

from __future__ import annotations

from aigate.config.model import DEFAULT_GROUP, DEFAULT_USER, Config, Entry, Layer, MaskStdout, ResourceLimits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    Number = TypeVar("Number", int, float)


def merge(base: Layer, defaults: Layer | None, project: Layer | None, *, trusted: bool) -> Config:
    """Return the config in force.

    defaults: the built-in file; its `deny_write` and `deny_env` stand in where the user's file leaves these out, so
    it may be None only when the file has both. trusted: the user agreed to the project's content.
    """
    merger = _Merger(project, trusted=trusted)
    return Config(
        group=base.group.text if base.group else DEFAULT_GROUP,
        user=base.user.text if base.user else DEFAULT_USER,
        deny_read=merger.deny("deny_read", base.deny_read),
        deny_write=merger.deny("deny_write", _standing_in(base.deny_write, defaults.deny_write if defaults else None)),
        deny_exec=merger.deny("deny_exec", base.deny_exec),
        deny_env=merger.deny("deny_env", _standing_in(base.deny_env, defaults.deny_env if defaults else None)),
        allow_net=merger.allow_net(base.allow_net),
        allow_sockets=merger.allow_sockets(base.allow_sockets),
        network=merger.network(base.network),
        resource_limits=merger.limits(base.resource_limits),
        mask_stdout=merger.mask(base.mask_stdout),
        require=merger.require(base.require),
        sources=(base.path, *((project.path,) if project else ())),
        withheld=tuple(merger.withheld),
    )


def widenings(base: Layer, project: Layer) -> tuple[str, ...]:
    """Return one line for each thing in a project's file that needs the user's word."""
    return merge(base, Layer(""), project, trusted=False).withheld


def limit_text(name: str, value: float) -> str:
    """Return a limit as one writes it: `4G`, `80`."""
    unit = ""
    if name == "max_memory":
        for unit in ("", "K", "M", "G", "T"):
            if value % 1024 or unit == "T":
                break
            value /= 1024
    return f"{value:.0f}{unit}" if value == int(value) else f"{value}{unit}"


class _Merger:
    """Applies one project file, field by field; `withheld` collects what was left out."""

    def __init__(self, project: Layer | None, *, trusted: bool) -> None:
        self.project = project or Layer("")
        self.trusted = trusted
        self.withheld: list[str] = []

    def agreed(self, what: str, line: int | None = None) -> bool:
        if not self.trusted:
            where = self.project.path if line is None else f"{self.project.path}:{line}"
            self.withheld.append(f"{where}: {what}")
        return self.trusted

    def deny(self, name: str, base: tuple[Entry, ...] | None) -> tuple[Entry, ...]:
        added: tuple[Entry, ...] = getattr(self.project, name) or ()
        kept = (e for e in added if not e.text.startswith("!") or self.agreed(f"{name} {e.text}", e.line))
        return (*(base or ()), *kept)

    def allow_net(self, base: tuple[Entry, ...] | None) -> tuple[Entry, ...] | None:
        added = self.project.allow_net
        if added is None:
            return base
        if not added:
            return ()
        if base is None:
            return added  # from everything to these names: that forbids
        return (*base, *self.added("allow_net", base, added))

    def allow_sockets(self, base: tuple[Entry, ...] | None) -> tuple[Entry, ...]:
        return (*(base or ()), *self.added("allow_sockets", base or (), self.project.allow_sockets or ()))

    def added(self, name: str, base: tuple[Entry, ...], added: tuple[Entry, ...]) -> list[Entry]:
        present = {entry.text for entry in base}
        return [e for e in added if e.text not in present and self.agreed(f"{name} {e.text}", e.line)]

    def network(self, base: Entry | None) -> str:
        mode = base.text if base else "auto"
        asked = self.project.network
        if asked is None or asked.text == mode or not self.agreed(f"network {asked.text}", asked.line):
            return mode
        return asked.text

    def limits(self, base: ResourceLimits | None) -> ResourceLimits:
        base = base or ResourceLimits()
        asked = self.project.resource_limits or ResourceLimits()
        return ResourceLimits(
            self.limit("max_memory", base.max_memory, asked.max_memory),
            self.limit("max_cpu_percent", base.max_cpu_percent, asked.max_cpu_percent),
            self.limit("max_pids", base.max_pids, asked.max_pids),
        )

    def limit(self, name: str, base: Number | None, asked: Number | None) -> Number | None:
        if asked is None or base is None:
            return base if asked is None else asked
        if asked > base and not self.agreed(f"{name} {limit_text(name, asked)}"):
            return base
        return asked

    def mask(self, base: MaskStdout | None) -> MaskStdout | None:
        added = self.project.mask_stdout
        if added is None or base is None:
            return added or base
        return MaskStdout((*base.presets, *added.presets), (*base.patterns, *added.patterns))

    def require(self, base: tuple[Entry, ...] | None) -> tuple[str, ...]:
        return tuple(dict.fromkeys(entry.text for entry in (*(base or ()), *(self.project.require or ()))))


def _standing_in(own: tuple[Entry, ...] | None, default: tuple[Entry, ...] | None) -> tuple[Entry, ...] | None:
    return default if own is None else own
