"""The files of one run on macOS: a temporary directory for the command, and the profile that sandbox-exec(1) reads."""

from __future__ import annotations

import contextlib
import fcntl
import os

from aigate.backends import seatbelt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from aigate.backends.base import Plan
    from aigate.session.request import Prepared

PROFILE, WORKSPACE = "profile-", "aigate-"
DEFAULT_TEMPORARY = "/tmp"  # noqa: S108 -- where TMPDIR is not set
LONGEST_LINE = 1 << 13


class Workspace:
    """The files of one run: a temporary directory for the command, and the profile, which the command cannot see.

    The profile begins with the directory's path, as a comment, and is locked while aigate lives. So a later run finds
    what a killed one left behind, also where it was killed before anyone stood by.
    """

    def __init__(self, state: str, temporary: str) -> None:
        self.state = state
        self._above = os.path.realpath(temporary if os.path.isdir(temporary) else DEFAULT_TEMPORARY)
        self.temporary = self.profile = ""
        self._file = -1

    def __enter__(self) -> Self:
        _remove_forgotten(self.state)
        self.profile, self._file = _locked_profile(self.state)
        self.temporary = f"{self._above}/{WORKSPACE}{os.urandom(8).hex()}"
        os.write(self._file, b"; " + os.fsencode(self.temporary).replace(b"\n", b"\\n") + b"\n")
        os.mkdir(self.temporary, 0o700)
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
        os.close(self._file)

    def write_profile(self, plan: Plan) -> None:
        """Write the launcher's rules where the command can neither read nor change them."""
        view = memoryview(plan.blobs[0])
        while view:
            view = view[os.write(self._file, view) :]

    def write_guards(self, prepared: Prepared) -> None:
        """Write what the command finds of ours in its temporary directory."""
        masked = tuple(dict.fromkeys(rule.name for rule in prepared.rules))
        for path, content in seatbelt.guards(prepared.policy, self.temporary, masked):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o555), "wb") as file:
                file.write(content)

    def remove(self) -> None:
        """Remove everything. Never raises: what the command has closed to itself stays."""
        _remove_workspace(self.profile, self.temporary)


def _locked_profile(state: str) -> tuple[str, int]:
    """Return the path and descriptor of a new file that this process holds locked."""
    while True:
        path = f"{state}/{PROFILE}{os.getpid()}-{os.urandom(4).hex()}"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_nlink:
            return path, file
        os.close(file)  # another run was quicker, and took it for forgotten


def _remove_forgotten(state: str) -> None:
    """Remove what killed runs have left: profiles that nobody holds locked, and the directories that they name."""
    for name in os.listdir(state):
        if not name.startswith(PROFILE):
            continue
        try:
            file = os.open(f"{state}/{name}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            first = os.read(file, LONGEST_LINE).partition(b"\n")[0].removeprefix(b"; ")
            path = os.fsdecode(first)
            ours = os.path.basename(path).startswith(WORKSPACE)
            _remove_workspace(f"{state}/{name}", path if ours else "")
        except BlockingIOError:
            continue  # that run goes on
        finally:
            os.close(file)


def _remove_workspace(profile: str, temporary: str) -> None:
    import shutil

    if temporary:
        shutil.rmtree(temporary, ignore_errors=True)
    with contextlib.suppress(OSError):
        os.unlink(profile)
