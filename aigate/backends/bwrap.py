"""The bubblewrap backend: a Policy becomes bwrap(1)'s arguments. Pure; `aigate.launch` starts it.

bwrap reads the whole table of mounts for each one that it makes, so its time grows with the square of their number. So
the mounts are made before it, by `aigate.launch`, and bwrap starts in their namespace. It makes them itself only where
nothing else may have a user namespace.
"""

from __future__ import annotations

from aigate.backends.base import Plan
from aigate.backends.layout import (
    INIT,
    Bind,
    Closed,
    Devices,
    Directory,
    File,
    Fixed,
    Link,
    Processes,
    ReadOnly,
    Temporary,
)
from aigate.backends.seccomp import filter_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from aigate.backends.layout import Layout, Step
    from aigate.policy.model import Policy


OWNER_MAKES, OWNER_ALL = 0o200, 0o700


class _Arguments:
    """bwrap's options under construction, with the contents that go over descriptors."""

    def __init__(self) -> None:
        self.words: list[str | int] = []
        self.blobs: list[bytes] = []
        self._to_close: dict[str, int] = {}

    def add(self, *words: str) -> None:
        self.words += words

    def content(self, option: str, content: bytes) -> None:
        """Add an option whose first value is a descriptor."""
        self.words += [option, len(self.blobs)]
        self.blobs.append(content)

    def mount(self, step: Step) -> None:
        """Render one step."""
        match step:
            case Bind(path, source, writable, _, optional):
                self.add(f"--{'' if writable else 'ro-'}bind{'-try' if optional else ''}", source, path)
            case Devices(path, _):
                self.add("--dev", path)
            case Processes(path):
                self.add("--proc", path)
            case Temporary(path, mode) | Directory(path, mode):
                self._begin(path, mode, "--dir" if isinstance(step, Directory) else "--tmpfs")
            case File(path, content, mode):
                self.add("--perms", f"{mode:04o}")
                self.content("--ro-bind-data", content)
                self.add(path)
            case Closed(path, directory):
                self.add("--perms", "0000")
                if directory:
                    self.add("--tmpfs", path, "--remount-ro", path)
                else:
                    self.content("--ro-bind-data", b"")
                    self.add(path)
            case Link(path, target):
                self.add("--symlink", target, path)
            case ReadOnly(path):
                self._end(path)

    def _begin(self, path: str, mode: int, option: str) -> None:
        """Make a directory in which its owner may make something: a setuid bwrap has no more right to it than he."""
        if not mode & OWNER_MAKES:
            self._to_close[path], mode = mode, mode | OWNER_ALL
        self.add("--perms", f"{mode:04o}", option, path)

    def _end(self, path: str) -> None:
        if path in self._to_close:
            self.add("--chmod", f"{self._to_close.pop(path):04o}", path)
        self.add("--remount-ro", path)


def plan(
    policy: Policy,
    tree: Layout,
    command: Sequence[str],
    *,
    bwrap: str,
    machine: str,
    prepared: bool = True,
    privileged: bool = False,
) -> Plan:
    """Return how to run a command under a policy.

    tree: the policy's file tree. bwrap: path of the tool. machine: as `uname -m`. prepared: the mounts are made before
    bwrap starts, and not by it. privileged: it is set-id, and needs to be.
    """
    arguments = _Arguments()
    _isolation(arguments, policy, prepared)
    seccomp = filter_program(machine)
    if seccomp is not None:
        arguments.content("--seccomp", seccomp)
    if prepared:
        arguments.add("--dev-bind", "/", "/")
    for step in (*(() if prepared else tree.steps), *tree.processes):
        if not isinstance(step, Fixed):  # bwrap would mount on what the link leads to
            arguments.mount(step)
    arguments.add("--chdir", policy.cwd)
    return Plan(
        "bwrap",
        bwrap,
        tuple(arguments.words),
        tuple(arguments.blobs),
        INIT,
        tuple(command),
        (*policy.environment, ("AIGATE_SANDBOX", "bwrap")),
        steps=tree.steps if prepared else (),
        privileged=privileged,
    )


def _isolation(arguments: _Arguments, policy: Policy, prepared: bool) -> None:
    arguments.add("--unshare-user", "--uid", str(policy.uid), "--gid", str(policy.gid), "--cap-drop", "ALL")
    arguments.add("--unshare-pid", "--unshare-ipc", "--unshare-uts")
    if not prepared:  # else it starts in one, and none can be made any more
        arguments.add("--unshare-cgroup-try")
    arguments.add("--die-with-parent", "--new-session", "--as-pid-1")
    if policy.hosts == ():
        arguments.add("--unshare-net")
