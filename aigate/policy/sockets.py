"""Sockets through which a sandbox could ask the host for help: who offers them, and where they lie. Pure look-up.

Whoever can talk to docker, systemd, a D-Bus session, an ssh agent or an X server can do what they can do, outside.
"""

from __future__ import annotations

import os
import stat
import sys
from _socket import AF_UNIX, SOCK_STREAM
from _socket import socket as Socket  # noqa: N812

from aigate.errors import ConfigError
from aigate.policy.model import Hidden
from aigate.policy.spelling import unexpanded
from aigate.policy.ways import links_on
from aigate.reading import read_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aigate.config.model import Entry
    from aigate.policy.model import Identity

# Below /run lie D-Bus, systemd, docker, podman, containerd, ssh and gpg agents, Wayland, and whatever comes next: all
# of it is hidden, and these come back, because name resolution and system layouts need them.
RUNTIME_DIRECTORY = "/run"
LIST, FIELDS_BEFORE_INODE = "/proc/net/unix", 6
ADDRESS = (8, 16)  # digits of a kernel address in it
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


def find_sockets(environment: Mapping[str, str], home: str, seen: Sequence[str] = ()) -> tuple[Hidden, ...]:
    """Return what hides the host's sockets: directories as a whole where only sockets live, else single paths.

    Whatever else is bound to a path right now, and could be talked to, is hidden wherever it lies. seen: paths of
    sockets that show inside, which may have been bound in any way and any namespace: each is hidden that somebody
    listens at.
    """
    found: dict[str, Hidden] = {}
    for path in (*_places(home), *_named(environment)):
        real = os.path.realpath(path)
        try:
            mode = os.stat(real).st_mode
        except OSError:
            continue
        if stat.S_ISDIR(mode) or stat.S_ISSOCK(mode) or stat.S_ISREG(mode):
            found[real] = Hidden(real, stat.S_ISDIR(mode), REASON, fleeting=stat.S_ISSOCK(mode))
    bound = [real for real in map(os.path.realpath, _bound()) if _is_open(real)]
    for real in (*bound, *(path for path in seen if _answers(path))):
        if not real.startswith(f"{RUNTIME_DIRECTORY}/"):
            found.setdefault(real, Hidden(real, directory=False, reason=REASON, fleeting=True))
    return tuple(found.values())


def pinned(entries: Sequence[Entry], home: str, writable: Sequence[str]) -> dict[str, Identity]:
    """Return what the config keeps reachable: the very files that are there now, by their real paths.

    What is not there is left out. Raises ConfigError for a directory, and for a link below a writable directory: one
    run could so open to the next whatever it likes.
    """
    found = {}
    for entry in entries:
        wrong = unexpanded(entry.text)
        if wrong:
            raise _refused(entry, *wrong)
        path = f"{home}/{entry.text[2:]}" if entry.text.startswith("~/") else entry.text
        real = os.path.realpath(path)
        try:
            status = os.lstat(real)
        except OSError:
            continue
        if stat.S_ISDIR(status.st_mode):
            raise _refused(entry, "is a directory", "name the socket in it that is needed")
        for link in links_on(path):
            if any(link.startswith(f"{directory.rstrip('/')}/") for directory in writable):
                raise _refused(entry, f"leads through the link {link}, which a sandbox can change", f"name {real}")
        found[real] = (status.st_dev, status.st_ino)
    return found


def _refused(entry: Entry, problem: str, hint: str) -> ConfigError:
    return ConfigError(f"allow_sockets: {entry.text} {problem}", path=entry.path, line=entry.line, hint=hint)


def _answers(path: str) -> bool:
    """Tell whether somebody listens at a socket, or may; nobody ever does again where the kernel says that nobody does.

    What a server has left behind stays as it is, for the next one to remove. The path may be longer than an address.
    """
    try:
        descriptor = os.open(path, getattr(os, "O_PATH", 0) | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    asking = Socket(AF_UNIX, SOCK_STREAM)
    asking.setblocking(False)
    try:
        asking.connect(f"/proc/self/fd/{descriptor}")
    except ConnectionRefusedError:
        return False
    except OSError:
        return True
    finally:
        asking.close()
        os.close(descriptor)
    return True


def _places(home: str) -> list[str]:
    if sys.platform == "darwin":  # what is in /var/run there is read by everything: resolv.conf, who is logged in
        return [f"{home}/{name}" for name in (*IN_HOME, *IN_MACOS_HOME)]
    return [RUNTIME_DIRECTORY, "/var/run", *(f"{home}/{name}" for name in IN_HOME)]


def _bound() -> set[str]:
    """Return the paths of the sockets that the kernel lists, proc_net(5). A path may hold line ends."""
    try:
        with open(LIST, "rb") as file:
            lines = read_from(file).split(b"\n")[1:-1]
    except OSError:
        return set()
    paths: list[bytes] = []
    for line in lines:
        if paths and not _begins(line):
            paths[-1] += b"\n" + line
        else:
            paths.append(line.split(None, FIELDS_BEFORE_INODE)[-1].partition(b" ")[2])
    return {os.fsdecode(path) for path in paths if path.startswith(b"/")}


def _begins(line: bytes) -> bool:
    """Tell whether a line begins with a kernel address, as each entry does."""
    address, colon, _ = line.partition(b": ")
    return bool(colon) and len(address) in ADDRESS and not address.strip(b"0123456789abcdef")


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
