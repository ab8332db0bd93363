"""Config files to one frozen `Config`. The last place that sees dicts; each file is read once and hashed as read.

On a second run nothing is parsed: `cache` holds what came of these very bytes, and neither yaml nor anything heavier
than marshal is imported.
"""

from __future__ import annotations

import os

from aigate.config import cache, files
from aigate.config.merge import merge
from aigate.config.model import Config, Entry, Layer, MaskPattern, MaskStdout, ProjectFile, ResourceLimits
from aigate.errors import ConfigError, MissingConfigError
from aigate.reading import read_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEFAULTS = os.path.join(os.path.dirname(__file__), "defaults.yaml")
SCHEMA = "7"  # change it whenever `schema.check` returns something else for the same file
LISTS = ("deny_read", "deny_write", "deny_exec", "deny_env", "allow_net", "allow_sockets", "ports", "share", "require")
WORDS = ("group", "user", "network", "backend", "home", "project", "late")


def load_config(explicit_path: str | None, directory: str, *, home: str | None) -> Config:
    """Return the config in force in `directory`.

    explicit_path: read instead of ~/.aigate/config.yaml. home: None where there is none; nothing is then cached, and
    no project's widening is trusted.
    Raises MissingConfigError when the user has no config, ConfigError when a file is not as it must be.
    """
    state = os.path.join(home, files.DIRECTORY) if home else None
    base = global_layer(explicit_path, home)
    defaults = default_layer(state) if base.deny_write is None or base.deny_env is None else None
    projects = [project_of(path, state) for path in files.project_files(directory, home)]

    def is_trusted(project: ProjectFile) -> bool:
        from aigate.config import trust

        return trust.is_trusted(project.path, project.digest, home=home)

    return merge(base, defaults, projects, is_trusted)


def project_of(path: str, state: str | None) -> ProjectFile:
    """Return a project's file. state: the user's ~/.aigate, or None. Raises ConfigError."""
    data = files.read_project(path)
    try:
        return ProjectFile(path, cache.digest(data), layer_of(data, path, state, project=True))
    except ConfigError as error:
        error.hint = "; ".join(filter(None, (error.hint, files.without(path))))
        raise


def global_layer(explicit_path: str | None, home: str | None) -> Layer:
    """Return the user's own config. Raises as `load_config` does."""
    if explicit_path is None and home is None:
        raise MissingConfigError("there is no home directory to look for a config in", hint="use --config FILE")
    path = explicit_path or files.global_path(home or "")
    data = files.read_global(path, explicit=explicit_path is not None)
    return layer_of(data, path, os.path.join(home, files.DIRECTORY) if home else None, project=False)


def default_layer(state: str | None) -> Layer:
    """Return the built-in config: what `aigate init` writes. state: the user's ~/.aigate, or None."""
    return layer_of(default_bytes(), DEFAULTS, state, project=False)


def default_bytes() -> bytes:
    """Return the text of the config that `aigate init` writes; read once."""
    if not _default_bytes:
        with open(DEFAULTS, "rb") as file:
            _default_bytes.append(read_from(file))
    return _default_bytes[0]


_default_bytes: list[bytes] = []


def layer_of(data: bytes, path: str, state: str | None, *, project: bool) -> Layer:
    """Return one file's content, from the cache where it was checked before. Raises ConfigError; errors are not kept.

    path: for messages. state: the folder that holds the cache, None for no cache. project: the rules for a project's
    file.
    """
    shown = files.shown(path)
    key = cache.key_of(data, f"{SCHEMA} {'project' if project else 'global'}")
    plain = cache.get(state, key)
    if plain is None:
        from aigate.config import schema

        plain = schema.check(data, shown, project=project)
        cache.put(state, key, plain)
    return _layer(plain, shown)


def _layer(plain: dict[str, Any], path: str) -> Layer:
    fields: dict[str, Any] = {}
    for name, value in plain.items():
        if name in LISTS:
            fields[name] = _entries(value, path)
        elif name in WORDS:
            fields[name] = Entry(value[0], path, value[1])
        elif name == "lines":
            fields[name] = value
        elif name == "terminal":
            fields[name] = tuple((key, Entry(text, path, line)) for key, (text, line) in value)
        elif name == "resource_limits":
            fields[name] = ResourceLimits(**dict(value))
        else:
            fields[name] = _mask(value, path)
    return Layer(path, **fields)


def _entries(pairs: tuple[tuple[str, int], ...] | None, path: str) -> tuple[Entry, ...]:
    return tuple(Entry(text, path, line) for text, line in pairs or ())


def _mask(value: tuple[Any, Any, Any], path: str) -> MaskStdout:
    presets, patterns, values = value
    own = (MaskPattern(regex, shown, blind, path, line) for regex, shown, blind, line in patterns or ())
    return MaskStdout(_entries(presets, path), tuple(own), None if values is None else _entries(values, path))
