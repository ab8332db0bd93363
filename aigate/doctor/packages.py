"""How to install what is missing: the command for the package manager that this system has. Data and two look-ups."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

COMMANDS = {
    "apt": ("apt-get", "sudo apt-get install -y {}"),
    "dnf": ("dnf", "sudo dnf install -y {}"),
    "pacman": ("pacman", "sudo pacman -S --noconfirm {}"),
    "apk": ("apk", "sudo apk add {}"),
    "brew": ("brew", "brew install {}"),
}
# Names differ where a name is given; the tool's entry without one is the package's name everywhere.
PACKAGES: dict[str, dict[str, str]] = {
    "bwrap": {"": "bubblewrap"},
    "slirp4netns": {"": "slirp4netns"},
    "iptables-restore": {"": "iptables", "dnf": "iptables-nft", "pacman": "iptables-nft"},
    "ip6tables-restore": {"": "iptables", "dnf": "iptables-nft", "pacman": "iptables-nft"},
    "setfacl": {"": "acl"},
    "busctl": {"": "systemd", "apk": ""},
    "dbus": {"": "dbus-user-session", "dnf": "dbus-daemon", "pacman": "dbus", "apk": "dbus"},
}


def manager(find_tool: Callable[[str], str | None]) -> str | None:
    """Return which package manager this system has: apt, dnf, pacman, apk or brew."""
    if sys.platform == "darwin":
        return "brew"
    return next((name for name, (program, _) in COMMANDS.items() if find_tool(program)), None)


def install_command(tool: str, manager_name: str | None) -> str:
    """Return the command that installs a tool; in words where the manager is not known."""
    names = PACKAGES.get(tool, {"": tool})
    package = names.get(manager_name or "", names[""])
    if manager_name is None or not package:
        return f"install the package {names['']}"
    return COMMANDS[manager_name][1].format(package)
