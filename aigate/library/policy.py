"""A policy that a program makes: the keys of the config, as values. Decides nothing; files say what they mean.

It stands in the place of `~/.aigate/config.yaml`. What a project's own `.aigate.yaml` forbids holds besides, as always.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO, Self

OWN = ("file", "profiles")  # the fields that are no keys of the config


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a run may do. Every field is the config's key of that name; None leaves the key out, which is not empty.

    deny_read, deny_write: patterns (gitignore(5)). deny_exec: `name`, `/path` or `name subcommand`. deny_env: globs.
    allow_net: hosts; None lets every host be reached, an empty list none. allow_sockets: paths. ports: TCP ports.
    share: of the home, common to all projects and you. resource_limits: `max_memory` ("4G"), `max_cpu_percent`,
    `max_pids`. mask_stdout: `presets`, `patterns`, `values`. require: protections without which nothing runs.
    profiles: names of profiles, besides the command's own.

    Nothing is checked here: `run` and `explain` raise ConfigError for what a config could not hold.

        policy = aigate.Policy.defaults(allow_net=["api.example.com"], require=["net"])
    """

    deny_read: Sequence[str] | None = None
    deny_write: Sequence[str] | None = None
    deny_exec: Sequence[str] | None = None
    deny_env: Sequence[str] | None = None
    allow_net: Sequence[str] | None = None
    allow_sockets: Sequence[str] | None = None
    ports: Sequence[int] | None = None
    share: Sequence[str] | None = None
    home: Literal["layer", "readonly", "closed", "writable"] | None = None
    project: Literal["writable", "layer"] | None = None
    late: Literal["tell", "hide"] | None = None
    network: Literal["auto", "slirp", "gateway"] | None = None
    backend: Literal["auto", "bwrap", "unshare"] | None = None
    resource_limits: Mapping[str, str | int] | None = None
    mask_stdout: Mapping[str, Any] | None = None
    require: Sequence[str] | None = None
    profiles: Sequence[str] = ()
    file: str | None = field(default=None)

    @classmethod
    def defaults(cls, **changes: Any) -> Self:
        """Return the config that `aigate init` writes, with some of its keys replaced."""
        import yaml

        from aigate.config.load import default_bytes

        keys = yaml.safe_load(default_bytes())
        known = {item.name for item in fields(cls)}
        return cls(**{**{name: value for name, value in keys.items() if name in known}, **changes})

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], *, profiles: Sequence[str] = ()) -> Self:
        """Return the policy that a config file holds, which is read when it is used."""
        return cls(file=os.path.abspath(path), profiles=profiles)

    def text(self) -> str:
        """Return it as a config file holds it (JSON, which is YAML)."""
        named = {item.name: getattr(self, item.name) for item in fields(self) if item.name not in OWN}
        given = {name: _plain(value) for name, value in named.items() if value is not None}
        return json.dumps(given, indent=2) + "\n"


class Handed:
    """A policy on its way to aigate: as words of a command line, and the descriptors that go with them."""

    def __init__(self, policy: Policy | None) -> None:
        """policy: None for the user's own config."""
        self._policy = policy
        self._file: IO[bytes] | None = None
        self.descriptors: tuple[int, ...] = ()

    def __enter__(self) -> Self:
        """Write it into a file that has no name, so that nobody else can put something else there."""
        if self._policy is not None and self._policy.file is None:
            self._file = tempfile.TemporaryFile()
            self._file.write(self._policy.text().encode())
            self._file.flush()
            self.descriptors = (self._file.fileno(),)
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        if self._file is not None:
            self._file.close()

    @property
    def words(self) -> list[str]:
        """The options that name it."""
        if self._policy is None:
            return []
        path = self._policy.file or f"/dev/fd/{self.descriptors[0]}"
        profiles = ["--profile", ",".join(self._policy.profiles)] if self._policy.profiles else []
        return ["--config", path, *profiles]

    def told(self, text: str) -> str:
        """Return a message with the policy called what it is, where the message names its file."""
        return text.replace(f"/dev/fd/{self.descriptors[0]}", "Policy") if self.descriptors else text


def _plain(value: Any) -> Any:
    """Return a value with lists for what is only like one."""
    if isinstance(value, (str, int, float)):
        return value
    if hasattr(value, "items"):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value]
