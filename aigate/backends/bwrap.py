"""The bubblewrap backend: a Policy becomes bwrap(1)'s arguments. Pure; the runner starts it.

Order is meaning here: later mounts cover earlier ones. First the host's root, then kernel file systems and a private
/tmp, all read-only but for that, then the home and the project writable, then what is protected, and what is hidden
last, so that nothing can bring it back.
"""

from __future__ import annotations

import os

from aigate.backends.base import Plan
from aigate.backends.seccomp import filter_program
from aigate.backends.stubs import (
    MARKER,
    SUMMARY_PATH,
    directory_marker,
    file_stub,
    placeholder_content,
    program_stub,
    summary,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from aigate.policy.model import DeniedProgram, Hidden, Policy, Protected

# Root owns these files, and their owner may write to them without any capability (core_pattern runs a program outside).
# Below /proc/sys/net the owner is whoever made the network namespace: the caller, when allow_net is set.
# bwrap 0.8 covers /proc/sys only where its own test says that the directory itself is writable, which it never is.
KERNEL_SWITCHES = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/acpi", "/proc/scsi")
PRIVATE_TMP = "/tmp"  # noqa: S108 -- a file system of the sandbox's own
PRIVATE_VAR_TMP = "/var/tmp"  # noqa: S108 -- likewise
ORIGINALS = "/tmp/.aigate-programs"  # noqa: S108 -- likewise
INIT = "/tmp/.aigate-init"  # noqa: S108 -- likewise


class _Arguments:
    """bwrap's options under construction, with the contents that go over descriptors."""

    def __init__(self) -> None:
        self.words: list[str | int] = []
        self.blobs: list[bytes] = []

    def add(self, *words: str) -> None:
        self.words += words

    def mount_file(self, content: bytes, path: str, mode: str) -> None:
        """Mount a read-only file with this content over `path`."""
        self.add("--perms", mode, "--ro-bind-data")
        self._blob(content)
        self.add(path)

    def write_file(self, content: bytes, path: str, mode: str) -> None:
        """Write a file into a directory that is the sandbox's own."""
        self.add("--perms", mode, "--file")
        self._blob(content)
        self.add(path)

    def seccomp(self, program: bytes) -> None:
        self.add("--seccomp")
        self._blob(program)

    def _blob(self, content: bytes) -> None:
        self.words.append(len(self.blobs))
        self.blobs.append(content)


def plan(
    policy: Policy, command: Sequence[str], *, bwrap: str, init: bytes, masked: tuple[str, ...], machine: str
) -> Plan:
    """Return how to run a command under a policy.

    bwrap: path of the tool. init: the program that is process 1 inside. masked: names of the masking rules, for the
    summary inside. machine: as `uname -m`.
    """
    arguments = _Arguments()
    _isolation(arguments, policy)
    seccomp = filter_program(machine)
    if seccomp is not None:
        arguments.seccomp(seccomp)
    _base(arguments, policy)
    _protect(arguments, policy)
    for overlay in policy.overlays:
        arguments.mount_file(overlay.content, overlay.path, "0444")
    _hide(arguments, policy)
    for overlay in policy.resolver_files:
        arguments.mount_file(overlay.content, overlay.path, "0444")
    _deny_programs(arguments, policy.programs)
    arguments.mount_file(summary(policy, masked), SUMMARY_PATH, "0444")
    arguments.mount_file(init, INIT, "0555")
    arguments.add("--chdir", policy.cwd)
    placeholders = tuple(
        (item.path, item.directory, placeholder_content(item.path)) for item in policy.protected if item.placeholder
    )
    environment = (*policy.environment, ("AIGATE_SANDBOX", "bwrap"))
    return Plan(bwrap, tuple(arguments.words), tuple(arguments.blobs), INIT, tuple(command), environment, placeholders)


def _isolation(arguments: _Arguments, policy: Policy) -> None:
    arguments.add("--unshare-user", "--uid", str(policy.uid), "--gid", str(policy.gid), "--cap-drop", "ALL")
    arguments.add("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
    arguments.add("--die-with-parent", "--new-session", "--as-pid-1")
    if policy.hosts == ():
        arguments.add("--unshare-net")


def _base(arguments: _Arguments, policy: Policy) -> None:
    arguments.add("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
    for path in KERNEL_SWITCHES if policy.uid == 0 or policy.hosts or policy.resolver_files else ():
        arguments.add("--ro-bind-try", path, path)
    arguments.add("--perms", "1777", "--tmpfs", PRIVATE_TMP, "--perms", "1777", "--tmpfs", PRIVATE_VAR_TMP)
    for path in _with_parents(policy.writable):
        arguments.add("--bind", path, path)


def _with_parents(paths: Sequence[str]) -> list[str]:
    """Return the paths, and the directories between one and the next: a mount point cannot be renamed away."""
    found: dict[str, None] = {}
    outer = [path for path in paths if not any(_below(path, other) for other in paths)]
    for path in paths:
        between = [path]
        while between[-1] not in outer:
            between.append(os.path.dirname(between[-1]))
        found.update(dict.fromkeys(reversed(between)))
    return list(found)


def _protect(arguments: _Arguments, policy: Policy) -> None:
    """Make paths read-only, and pin the directories above them, so that no renamed parent takes them along."""
    pinned = set(_with_parents(policy.writable))
    for hidden in policy.hidden:
        if hidden.anchored:
            _pin_above(arguments, hidden.path, policy.writable, pinned)
    for item in policy.protected:
        _pin_above(arguments, item.path, policy.writable, pinned)
        _read_only(arguments, item)


def _pin_above(arguments: _Arguments, path: str, writable: Sequence[str], pinned: set[str]) -> None:
    outer = max((directory for directory in writable if _below(path, directory)), key=len, default=None)
    if outer is not None:
        _pin(arguments, os.path.dirname(path), outer, pinned)


def _pin(arguments: _Arguments, directory: str, outer: str, pinned: set[str]) -> None:
    if directory in pinned or not _below(directory, outer):
        return
    _pin(arguments, os.path.dirname(directory), outer, pinned)
    pinned.add(directory)
    arguments.add("--bind", directory, directory)


def _read_only(arguments: _Arguments, item: Protected) -> None:
    arguments.add("--ro-bind", item.path, item.path)


def _hide(arguments: _Arguments, policy: Policy) -> None:
    for item in policy.hidden:
        if _below(item.path, PRIVATE_TMP) and not any(_below(item.path, path) for path in policy.writable):
            continue
        if item.directory:
            _hide_directory(arguments, item, [path for path in policy.exposed if _below(path, item.path)])
        else:
            arguments.mount_file(file_stub(item.reason), item.path, "0444")


def _hide_directory(arguments: _Arguments, item: Hidden, exposed: Sequence[str]) -> None:
    arguments.add("--perms", "0555", "--tmpfs", item.path)
    arguments.write_file(directory_marker(item.reason), f"{item.path}/{MARKER}", "0444")
    for path in exposed:
        arguments.add("--ro-bind", path, path)
    arguments.add("--remount-ro", item.path)


def _below(path: str, directory: str) -> bool:
    return path != directory and path.startswith(directory.rstrip("/") + "/")


def _deny_programs(arguments: _Arguments, programs: Sequence[DeniedProgram]) -> None:
    """Mount a stub over each file; the real one of a partly allowed program stays reachable, for the stub to start."""
    partly = [program for program in programs if program.innocent]
    if partly:
        arguments.add("--perms", "0555", "--tmpfs", ORIGINALS)
    for number, program in enumerate(partly):
        own = os.path.basename(program.path)
        arguments.add("--ro-bind", program.path, f"{ORIGINALS}/{number}/{own}")
        for name in program.innocent:
            if name != own:
                arguments.add("--symlink", own, f"{ORIGINALS}/{number}/{name}")
    if partly:
        arguments.add("--remount-ro", ORIGINALS)
    for program in programs:
        original = f"{ORIGINALS}/{partly.index(program)}" if program.innocent else None
        arguments.mount_file(program_stub(program, original), program.path, "0555")
