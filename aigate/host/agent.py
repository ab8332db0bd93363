"""The user that `run --as-agent-user` runs a command as: looked up, become, and what of the machine it can see.

Three identities take part. Root starts and ends things. The files of whoever called (sudo's caller) are read and
written as that user, so that state stays theirs and no link of theirs leads root astray. The command is the agents'
user, with its own groups and nothing of root's. Owns the changes between them; decides no policy.
"""

from __future__ import annotations

import os
import pwd

from aigate import _linux
from aigate.errors import EnforcementError
from aigate.policy.model import Hidden
from aigate.policy.signing import with_settings
from aigate.record import record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from aigate.policy.model import Policy, Protected

ROOT = 0
HOME = "/tmp"  # noqa: S108 -- the sandbox's own, empty at the start and gone at the end
DROPPED = ("SUDO_COMMAND", "SUDO_USER", "SUDO_UID", "SUDO_GID", "MAIL", "XAUTHORITY")
CLOSED = "it could not be searched"
OTHERS_REPOSITORIES = ("safe.directory", "*")  # git refuses those of another user's; nothing here is the account's own
USAGE = "sudo aigate run --as-agent-user -- COMMAND"
SETUP = "sudo aigate setup"


@record
class Account:
    """A user with what the kernel knows of it. groups: all of them, the main one too. home: where its files are."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str


def look_up(name: str) -> Account:
    """Return the agents' user. Raises EnforcementError where it is missing, or root."""
    try:
        found = _account(pwd.getpwnam(name))
    except KeyError:
        raise EnforcementError(f"there is no user {name}", hint=f"{SETUP} makes it") from None
    if found.uid == ROOT or ROOT in found.groups:
        raise EnforcementError(f"{name} is root, or in root's group", hint="set another user in the config")
    return found


def caller() -> Account:
    """Return whose config and state are meant: root, or who called sudo. EnforcementError for everyone but root."""
    if os.geteuid() != ROOT:
        raise EnforcementError("only root can run a command as another user", hint=USAGE)
    number = os.environ.get("SUDO_UID", "")
    uid = int(number) if number.isdecimal() else os.geteuid()
    try:
        found = _account(pwd.getpwuid(uid))
    except KeyError:
        raise EnforcementError(f"there is no account with the user id {uid}", hint="see SUDO_UID") from None
    if number.isdecimal():
        return found
    return Account(found.name, found.uid, found.gid, found.groups, os.environ.get("HOME") or found.home)


def _account(entry: pwd.struct_passwd) -> Account:
    groups = tuple(sorted({entry.pw_gid, *os.getgrouplist(entry.pw_name, entry.pw_gid)}))
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, groups, entry.pw_dir)


class FilesOf:
    """A context in which this thread reads and writes files as an account. All else, signals too, stays root's."""

    def __init__(self, account: Account | None) -> None:
        """Do nothing yet. account: None for nobody else."""
        self._account = account
        self._before: tuple[list[int], int, int] | None = None

    def __enter__(self) -> Self:
        if self._account is not None:
            self._before = (os.getgroups(), *_present())
            _act_as(self._account.groups, self._account.uid, self._account.gid)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            groups, uid, gid = self._before
            _act_as(groups, uid, gid)


ROOTS_FILES = Account("root", ROOT, ROOT, (ROOT,), "/root")


def _act_as(groups: Iterable[int], uid: int, gid: int) -> None:
    os.setgroups(list(groups))
    _linux.act_on_files_as(uid, gid)


def _present() -> tuple[int, int]:
    """Return whose files this thread acts on: the last number of `Uid:` and `Gid:` in proc_pid_status(5)."""
    found = {}
    with open("/proc/thread-self/status", encoding="ascii", errors="replace") as file:
        for line in file:
            name, _, rest = line.partition(":")
            if name in ("Uid", "Gid"):
                found[name] = int(rest.split()[-1])
    return found["Uid"], found["Gid"]


def become(account: Account, terminals: Iterable[int] = ()) -> None:
    """Make this process the account's, for good: user, groups and main group, real, effective, saved and for files.

    terminals: descriptors of pseudo-terminals that shall be the account's too. Raises OSError, and PermissionError
    where something of the former identity would be left.
    """
    _linux.act_on_files_as(ROOT, ROOT)
    for descriptor in terminals:
        os.fchown(descriptor, account.uid, -1)
    os.setgroups(account.groups)
    os.setresgid(account.gid, account.gid, account.gid)
    os.setresuid(account.uid, account.uid, account.uid)
    now = (os.getresuid(), os.getresgid(), tuple(sorted(os.getgroups())))
    if now != ((account.uid,) * 3, (account.gid,) * 3, account.groups):
        raise PermissionError(1, "not everything of the former user is given up")
    _linux.open_to_itself()  # or the maps of its user namespace could not be written


def as_seen_by(account: Account, policy: Policy) -> Policy:
    """Return the policy for a command of the account: what it cannot get to needs no mount, and could not have one.

    Raises EnforcementError where it cannot work in the project.
    """
    with FilesOf(account):
        for directory in (policy.project, policy.cwd):
            if not can_use(directory):
                hint = f"setfacl -R -m u:{account.name}:rwX on it, and -m u:{account.name}:x on what is above"
                raise EnforcementError(f"{account.name} cannot enter {directory}", hint=hint)
        hidden = [*policy.hidden, *_closed_by(account, [*policy.hidden, *policy.protected])]
        return replace(
            policy,
            hidden=tuple(item for item in hidden if can_reach(item.path)),
            protected=tuple(item for item in policy.protected if can_reach(_place(item))),
            programs=tuple(program for program in policy.programs if can_reach(program.path)),
            exposed=tuple(path for path in policy.exposed if can_reach(path)),
            overlays=tuple(overlay for overlay in policy.overlays if can_reach(overlay.path)),
            environment=environment_of(account, policy.environment),
        )


def _closed_by(account: Account, items: Iterable[Hidden | Protected]) -> list[Hidden]:
    """Return what hides the directories that the account owns and has closed to itself, above any of the items.

    It cannot get to what is in them now, so nothing can be mounted there; but it could open them again.
    """
    found: dict[str, Hidden] = {}
    for item in items:
        directory = "/"
        for name in item.path.split("/")[1:]:
            try:
                status = os.lstat(directory)
            except OSError:
                break
            if not os.access(directory, os.X_OK, effective_ids=True):
                if status.st_uid == account.uid:
                    found[directory] = Hidden(directory, True, CLOSED, identity=(status.st_dev, status.st_ino))
                break
            directory = os.path.join(directory, name)
    return list(found.values())


def _place(item: Protected) -> str:
    return os.path.dirname(item.path) if item.placeholder else item.path


def can_reach(path: str) -> bool:
    """Tell whether there is something at a path, for the identity that is in force."""
    try:
        os.lstat(path)
    except OSError:
        return False
    return True


def can_use(directory: str) -> bool:
    """Tell whether a directory can be listed and entered, for the identity that is in force."""
    try:
        os.listdir(directory)
        os.lstat(f"{directory}/.")
    except OSError:
        return False
    return True


def environment_of(account: Account, environment: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the variables for a command of the account: its own name, and a home that the sandbox has to itself."""
    own = {"HOME": HOME, "USER": account.name, "LOGNAME": account.name}
    kept = (
        (name, value)
        for name, value in environment
        if name not in own and name not in DROPPED and not name.startswith("XDG_")
    )
    return with_settings((*kept, *own.items()), [OTHERS_REPOSITORIES])


def lacking(account: Account, owner: Account, project: str) -> list[tuple[str, str]]:
    """Return that the account cannot write in a project, or that its owner could not change what the account makes."""
    with FilesOf(account):
        if not os.access(project, os.W_OK, effective_ids=True):
            return [("writing", f"{account.name} cannot write here: setfacl -R -m u:{account.name}:rwX {project}")]
    if ROOT in (owner.uid, account.uid):
        return []
    from aigate.host.acl import READ_WRITE, grants

    if grants(project, owner.uid, READ_WRITE):
        return []
    command = f"setfacl -R -d -m u:{owner.name}:rwX {project}"
    return [
        ("sharing", f"{owner.name} could not change what {account.name} makes here before the run has ended: {command}")
    ]
