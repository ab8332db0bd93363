"""`aigate status`: the config in force in this directory, in plain words or as JSON."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import click

from aigate.config import files
from aigate.config.load import load_config
from aigate.config.merge import limit_text
from aigate.config.model import TERMINAL
from aigate.policy.resolve import home_directory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aigate.config.model import Config, Entry, MaskStdout, ResourceLimits, TerminalReach

MACOS_PLACES = ("~/Library/", "/Library/", "/System/", "/private/", "/Applications/")
LISTS = {
    "deny_read": ("Cannot read", "nothing is hidden"),
    "deny_write": ("Cannot change", "nothing is read-only"),
    "deny_exec": ("Cannot run", "every command runs"),
    "deny_env": ("Is not given", "all environment variables are passed on"),
    "allow_sockets": ("Can use the sockets", "none but its own"),
    "ports": ("Its ports on your localhost", "none"),
}


@click.command()
@click.option("--config", "config_file", metavar="FILE", help="Use this file instead of ~/.aigate/config.yaml.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; null is 'not restricted'.")
def command(config_file: str | None, as_json: bool) -> None:
    """Say what is in force in this directory, from which file, and what was left out."""
    home = home_directory()
    config = load_config(config_file, os.getcwd(), home=home)
    if as_json:
        click.echo(json.dumps(_as_json(config), indent=2))
        return
    width = max(40, min(shutil.get_terminal_size().columns, 120))
    click.echo("\n".join(_lines(config, home, width)))


def _lines(config: Config, home: str, width: int) -> list[str]:
    lines = [f"Config: {', '.join(_short(path, home) for path in config.sources)}", ""]
    for key, (title, empty) in LISTS.items():
        lines += _listed(title, empty, getattr(config, key), home, width)
    lines += _network(config, home, width)
    lines += [f"Limits: {_limits(config.resource_limits)}", f"Masked: {_masked(config.mask_stdout)}"]
    lines.append(f"Terminal: {_terminal(config.terminal)}")
    lines.append(f"Required: {', '.join(config.require) or 'nothing; what is not active is said before each run'}")
    if config.withheld:
        lines += ["", "Left out until you agree (aigate trust):", *(f"  {line}" for line in config.withheld)]
    return lines


def _listed(title: str, empty: str, entries: Sequence[Entry], home: str, width: int) -> list[str]:
    entries = [entry for entry in entries if _concerns(entry.text)]
    if not entries:
        return [f"{title}: {empty}"]
    lines = [f"{title}:"]
    for path in dict.fromkeys(entry.path for entry in entries):
        words = "  ".join(entry.text.replace(" ", "\xa0") for entry in entries if entry.path == path)
        lines.append(f"  {_short(path, home)}")
        lines += (line.replace("\xa0", " ") for line in _wrapped(words, width))
    return lines


def _concerns(text: str) -> bool:
    """Tell whether an entry can mean something on this system: the built-in lists name places of macOS, too."""
    return sys.platform == "darwin" or not text.removeprefix("!").startswith(MACOS_PLACES)


def _wrapped(words: str, width: int) -> list[str]:
    indent = "    "
    return textwrap.wrap(
        words, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _network(config: Config, home: str, width: int) -> list[str]:
    if config.allow_net is None:
        return ["Can reach: everything; the network is not restricted, because allow_net is left out"]
    how = "" if config.network == "auto" else f" (network: {config.network})"
    return _listed(
        f"Can reach{how}", "nothing; there is no network, because allow_net is []", config.allow_net, home, width
    )


def _limits(limits: ResourceLimits) -> str:
    said = {"max_memory": "{} of memory", "max_cpu_percent": "{} % of the processors", "max_pids": "{} processes"}
    set_ones = [(name, getattr(limits, name)) for name in said if getattr(limits, name) is not None]
    return ", ".join(said[name].format(limit_text(name, value)) for name, value in set_ones) or "none"


def _masked(mask: MaskStdout | None) -> str:
    if mask is None:
        return "nothing; output is passed on as it is, because mask_stdout is left out"
    parts = [entry.text for entry in mask.presets]
    if mask.patterns:
        parts.append(f"{len(mask.patterns)} own pattern{'s' if len(mask.patterns) > 1 else ''}")
    parts += [f"values of {entry.text}" for entry in mask.values or ()]
    return ", ".join(parts) or "nothing; mask_stdout is empty"


def _terminal(reach: TerminalReach) -> str:
    return ", ".join(f"{key} {getattr(reach, key)}" for key in (*TERMINAL, "reveal"))


def _short(path: str, home: str) -> str:
    shown = files.shown(path)
    return "~" + shown[len(home) :] if shown.startswith(home.rstrip("/") + "/") else shown


def _as_json(config: Config) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if hasattr(value, "__match_args__"):
            return {name: plain(getattr(value, name)) for name in value.__match_args__}
        return [plain(item) for item in value] if isinstance(value, tuple) else value

    result: dict[str, Any] = plain(config)
    return result
