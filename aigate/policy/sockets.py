"""Sockets through which a sandbox could ask the host for help: who offers them, and where they lie. Pure look-up.

Whoever can talk to docker, systemd, a D-Bus session, an ssh agent or an X server can do what they can do, outside.
"""

from __future__ import annotations

import os
import stat
import sys

from aigate.policy.model import Hidden

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Below /run lie D-Bus, systemd, docker, podman, containerd, ssh and gpg agents, Wayland, and whatever comes next: all
# of it is hidden, and these come back, because name resolution and system layouts need them.
RUNTIME_DIRECTORY = "/run"
LIST, FIELDS_BEFORE_PATH = "/proc/net/unix", 7
NEEDED_IN_RUNTIME = (
    "/run/systemd/resolve/resolv.conf",
    "/run/systemd/resolve/stub-resolv.conf",
    "/run/resolvconf",
    "/run/NetworkManager/resolv.conf",
    "/run/connman/resolv.conf",
    "/run/current-system",
    "/run/opengl-driver",
    "/run/wrappers",
)
IN_HOME = (
    ".docker/run",
    ".docker/desktop",
    ".colima",
    ".lima",
    ".rd",
    ".orbstack/run",
    ".local/share/containers/podman/machine",
    ".1password",
    ".gnupg",
    ".tmux",
    ".Xauthority",
    ".ICEauthority",
    ".cache/keyring",
    ".config/emacs/server",
    ".emacs.d/server",
)
# On macOS no directory is for sockets alone, and the backend opens no socket but the project's: these hold more.
IN_MACOS_HOME = (
    "Library/Containers/com.docker.docker/Data",
    "Library/Group Containers/2BUA8C4S2C.com.1password",
    "Library/Group Containers/group.com.docker",
)
VARIABLES = (
    "SSH_AUTH_SOCK",
    "DBUS_SESSION_BUS_ADDRESS",
    "DBUS_SYSTEM_BUS_ADDRESS",
    "DOCKER_HOST",
    "CONTAINER_HOST",
    "CONTAINERD_ADDRESS",
    "GPG_AGENT_INFO",
    "TMUX",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "PULSE_SERVER",
    "GNOME_KEYRING_CONTROL",
    "VSCODE_IPC_HOOK",
    "VSCODE_IPC_HOOK_CLI",
    "VSCODE_GIT_IPC_HANDLE",
    "KITTY_LISTEN_ON",
    "ALACRITTY_SOCKET",
    "WEZTERM_UNIX_SOCKET",
    "NVIM",
    "NVIM_LISTEN_ADDRESS",
)
REASON = "services of the host; allow_sockets brings one back"


def find_sockets(environment: Mapping[str, str], home: str) -> tuple[Hidden, ...]:
    """Return what hides the host's sockets: directories as a whole where only sockets live, else single paths.

    Whatever else is bound to a path right now, and could be talked to, is hidden wherever it lies.
    """
    found: dict[str, Hidden] = {}
    for path in (*_places(home), *_named(environment)):
        real = os.path.realpath(path)
        try:
            mode = os.stat(real).st_mode
        except OSError:
            continue
        if stat.S_ISDIR(mode) or stat.S_ISSOCK(mode) or stat.S_ISREG(mode):
            found[real] = Hidden(real, stat.S_ISDIR(mode), REASON)
    for path in _bound():
        real = os.path.realpath(path)
        if not real.startswith(f"{RUNTIME_DIRECTORY}/") and _is_open(real):
            found[real] = Hidden(real, directory=False, reason=REASON)
    return tuple(found.values())


def _places(home: str) -> list[str]:
    if sys.platform == "darwin":  # what is in /var/run there is read by everything: resolv.conf, who is logged in
        return [f"{home}/{name}" for name in (*IN_HOME, *IN_MACOS_HOME)]
    return [RUNTIME_DIRECTORY, "/var/run", *(f"{home}/{name}" for name in IN_HOME)]


def _bound() -> set[str]:
    """Return the paths of the sockets that the kernel lists, proc_net(5)."""
    try:
        with open(LIST, "rb") as file:
            lines = file.read().split(b"\n")
    except OSError:
        return set()
    paths = (b"".join(line.split(None, FIELDS_BEFORE_PATH)[FIELDS_BEFORE_PATH:]) for line in lines)
    return {os.fsdecode(path) for path in paths if path.startswith(b"/")}


def _is_open(path: str) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    return stat.S_ISSOCK(status.st_mode) and (os.access(path, os.W_OK) or status.st_uid == os.getuid())


def _named(environment: Mapping[str, str]) -> list[str]:
    """Return the socket paths that variables name: plain, after `unix:path=` or `unix://`, with `,` or `;` behind."""
    paths = []
    for name in VARIABLES:
        value = environment.get(name, "")
        start = value.find("/") if not value.startswith("unix://") else len("unix://")
        path = value[start:].split(",")[0].split(";")[0] if start >= 0 else ""
        if path.startswith("/") and not os.path.isdir(path):
            paths.append(path)
    return paths
