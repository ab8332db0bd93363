"""The agents' group and user: how the system's own tools make and remove them, and which ones aigate made.

Deciding is pure: commands are argument lists. Only what is on record in /var/lib/aigate (on macOS
/var/db/aigate), where root alone writes, is ever removed, and only while it still has the id it was made with: a config
cannot name somebody else's account away.
"""

from __future__ import annotations

import contextlib
import grp
import json
import os
import pwd
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from aigate.errors import AigateError, EnforcementError
from aigate.host.tools import find_tool
from aigate.reading import read_from
from aigate.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

STATE = "/var/db/aigate" if sys.platform == "darwin" else "/var/lib/aigate"
RECORD = "accounts"
COMMENT = "runs AI agents"
FIRST_MACOS_ID, LAST_MACOS_ID = 300, 499  # hidden accounts; Apple's own end below 300
TIMEOUT = 60
# Below are those of the system and its services, such as docker (login.defs(5)); macOS counts people from 501.
FIRST_FREE_ID, FIRST_FREE_ON_MACOS = 1000, 500
NO_LOGIN = ("/nologin", "/false")
NOBODY = (65534, 65533, 99)  # services share it, and files of users that a namespace or a server does not know
MOST_NAMED = 3

Command = tuple[str, ...]


@record
class Account:
    """Whoever is meant: the caller, or under sudo the one who called it."""

    name: str
    uid: int
    gid: int
    home: str


@record
class Existing:
    """What the system has. gid, uid: None where there is no such group or user. members: of the group."""

    gid: int | None
    uid: int | None
    members: tuple[str, ...] = ()


def invoking() -> Account:
    """Return the account whose config is meant. Raises AigateError when it does not exist."""
    number = os.environ.get("SUDO_UID", "") if os.geteuid() == 0 else ""
    uid = int(number) if number.isdecimal() else os.geteuid()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise AigateError(f"there is no account with the user id {uid}") from None
    home = entry.pw_dir if number.isdecimal() else os.environ.get("HOME") or entry.pw_dir
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, home)


def existing(group: str, user: str) -> Existing:
    """Look up a group and a user."""
    gid = uid = None
    members: tuple[str, ...] = ()
    with contextlib.suppress(KeyError):
        found = grp.getgrnam(group)
        gid, members = found.gr_gid, tuple(found.gr_mem)
    with contextlib.suppress(KeyError):
        account = pwd.getpwnam(user)
        uid = account.pw_uid
        if account.pw_gid == gid:
            members += (user,)
    return Existing(gid, uid, members)


def check_use(group: str, user: str) -> None:
    """Raise EnforcementError for a group or a user that serves something else: agents would get what it may do.

    Fine is what is not there yet, what aigate made, and what nobody can have another use for: a group that is not the
    system's and has no members but that user, a user who cannot log in and is in no other group.
    """
    found, ours = existing(group, user), made()
    if found.uid == 0:
        return  # `creation` refuses that
    known = found.uid is not None and pwd.getpwnam(user).pw_gecos == COMMENT
    if found.gid is not None and ours.get("group", ("", -1))[1] != found.gid:
        others = sorted({*found.members, *_with_primary_group(found.gid)} - {user})
        if others or (found.gid < _first_free() and not (known and pwd.getpwnam(user).pw_gid == found.gid)):
            why = f"has members ({', '.join(others[:MOST_NAMED])})" if others else "is the system's own"
            raise EnforcementError(f"the group {group} {why}", hint="name a group that agents have to themselves")
    if found.uid is not None and ours.get("user", ("", -1))[1] != found.uid:
        others = sorted(entry.gr_name for entry in grp.getgrall() if user in entry.gr_mem and entry.gr_name != group)
        if others:
            why = f"is in other groups ({', '.join(others[:MOST_NAMED])})"
            raise EnforcementError(f"the user {user} {why}", hint="name a user that agents have to themselves")
        if found.uid in NOBODY or (not known and (found.uid < _first_free() or _is_lived_in(user))):
            why = "is an account with another use: it can log in, and has a home"
            why = "is everybody's who is nobody else" if found.uid in NOBODY else why
            raise EnforcementError(f"the user {user} {why}", hint="name a user that agents have to themselves")


def _first_free() -> int:
    return FIRST_FREE_ON_MACOS if sys.platform == "darwin" else FIRST_FREE_ID


def _is_lived_in(user: str) -> bool:
    entry = pwd.getpwnam(user)
    return not entry.pw_shell.endswith(NO_LOGIN) and os.path.isdir(entry.pw_dir)


def _with_primary_group(gid: int) -> list[str]:
    return [entry.pw_name for entry in pwd.getpwall() if entry.pw_gid == gid]


def creation(group: str, user: str, found: Existing, tool: Callable[[str], str | None]) -> tuple[Command, ...]:
    """Return the commands that make a group, and a user in it without login and home, as far as they are missing.

    tool: where a program is, or None. Raises EnforcementError when neither shadow's tools nor busybox are there, or
    when the user is root.
    """
    if found.uid == 0:
        raise EnforcementError(f"the user {user} is root: agents must not run as root", hint="set another user")
    groupadd, useradd, usermod = tool("groupadd"), tool("useradd"), tool("usermod")
    box = tool("busybox")
    if groupadd and useradd and usermod:
        make_group: Command = (groupadd, "--system", group)
        make_user: Command = (
            useradd, "--system", "--gid", group, "--no-create-home", "--home-dir", "/nonexistent",
            "--shell", tool("nologin") or "/bin/false", "--comment", COMMENT, user,
        )  # fmt: skip
        join: Command = (usermod, "--append", "--groups", group, user)
    elif box:
        make_group = (box, "addgroup", "-S", group)
        make_user = (
            box, "adduser", "-S", "-D", "-H", "-h", "/nonexistent", "-s", tool("nologin") or "/bin/false",
            "-g", COMMENT, "-G", group, user,
        )  # fmt: skip
        join = (box, "addgroup", user, group)
    else:
        raise EnforcementError("there is neither groupadd nor busybox", hint="install the package passwd")
    commands = [make_group] if found.gid is None else []
    if found.uid is None:
        commands.append(make_user)
    elif user not in found.members:
        commands.append(join)
    return tuple(commands)


def removal(group: str | None, user: str | None, tool: Callable[[str], str | None]) -> tuple[Command, ...]:
    """Return the commands that remove a user and a group; None: not this one. Raises EnforcementError without tools."""
    userdel, groupdel, box = tool("userdel"), tool("groupdel"), tool("busybox")
    if not (userdel and groupdel) and not box:
        raise EnforcementError("there is neither groupdel nor busybox", hint="install the package passwd")
    shadow = bool(userdel and groupdel)
    commands: list[Command] = []
    if user:
        commands.append((str(userdel), user) if shadow else (str(box), "deluser", user))
    if group:
        commands.append((str(groupdel), group) if shadow else (str(box), "delgroup", group))
    return tuple(commands)


def macos_creation(group: str, user: str, found: Existing, ids: Collection[int]) -> tuple[Command, ...]:
    """Return the dscl(1) calls that make group and user. ids: all user and group ids in use."""
    free = (number for number in range(LAST_MACOS_ID, FIRST_MACOS_ID - 1, -1) if number not in ids)
    gid = found.gid if found.gid is not None else next(free, None)
    uid = found.uid if found.uid is not None else next(free, None)
    if gid is None or uid is None:
        raise EnforcementError(f"no id from {FIRST_MACOS_ID} to {LAST_MACOS_ID} is free")
    group_path, user_path = f"/Groups/{group}", f"/Users/{user}"
    commands: list[Command] = []
    if found.gid is None:
        commands += [_dscl("-create", group_path), _dscl("-create", group_path, "PrimaryGroupID", str(gid))]
    if found.uid is None:
        commands.append(_dscl("-create", user_path))
        facts = {
            "UniqueID": str(uid), "PrimaryGroupID": str(gid), "UserShell": "/usr/bin/false",
            "NFSHomeDirectory": "/var/empty", "RealName": COMMENT, "IsHidden": "1", "Password": "*",
        }  # fmt: skip
        commands += [_dscl("-create", user_path, name, value) for name, value in facts.items()]
    elif user not in found.members:
        commands.append(_dscl("-append", group_path, "GroupMembership", user))
    return tuple(commands)


def macos_removal(group: str | None, user: str | None) -> tuple[Command, ...]:
    """Return the dscl(1) calls that remove user and group; None: not this one."""
    paths = [f"/Users/{user}"] if user else []
    paths += [f"/Groups/{group}"] if group else []
    return tuple(_dscl("-delete", path) for path in paths)


def macos_ids(listing: str) -> frozenset[int]:
    """Return the ids in the output of `dscl . -list /Users UniqueID` (name, blanks, number on each line)."""
    words = (line.split() for line in listing.splitlines())
    return frozenset(int(parts[-1]) for parts in words if len(parts) > 1 and parts[-1].lstrip("-").isdecimal())


def commands_to_create(group: str, user: str) -> tuple[Command, ...]:
    """Return what makes the accounts on this system. Raises EnforcementError as `creation` does."""
    found = existing(group, user)
    if sys.platform != "darwin":
        return creation(group, user, found, find_tool)
    ids: set[int] = set()
    for kind, name in (("/Users", "UniqueID"), ("/Groups", "PrimaryGroupID")):
        ids |= macos_ids(run(_dscl("-list", kind, name)))
    return macos_creation(group, user, found, ids)


def commands_to_remove(group: str | None, user: str | None) -> tuple[Command, ...]:
    """Return what removes the accounts on this system."""
    if not group and not user:
        return ()
    return macos_removal(group, user) if sys.platform == "darwin" else removal(group, user, find_tool)


def run(command: Command) -> str:
    """Run one system tool and return what it printed. Raises EnforcementError with what it complained of."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    done = subprocess.run(
        command, capture_output=True, check=False, text=True, env=environment, timeout=TIMEOUT, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())
        raise EnforcementError(f"{' '.join(command)} failed: {said or done.returncode}")
    return done.stdout


def made() -> dict[str, tuple[str, int]]:
    """Return what aigate made and what still is as it was made: `group` and `user`, each (name, id).

    Raises EnforcementError when the record is there and cannot be read.
    """
    items = _recorded()
    lookups: dict[str, Callable[[str], int]] = {
        "group": lambda name: grp.getgrnam(name).gr_gid,
        "user": lambda name: pwd.getpwnam(name).pw_uid,
    }
    still = {}
    for kind, lookup in lookups.items():
        name, number = items.get(kind, ("", -1))
        with contextlib.suppress(KeyError):
            if name and lookup(name) == number != 0:
                still[kind] = (name, number)
    return still


def remember(group: str | None, user: str | None) -> None:
    """Put on record that aigate made a group or a user; None leaves what is on record. Raises OSError."""
    items: dict[str, Any] = dict(_recorded())
    if group:
        items["group"] = (group, grp.getgrnam(group).gr_gid)
    if user:
        items["user"] = (user, pwd.getpwnam(user).pw_uid)
    os.makedirs(STATE, mode=0o755, exist_ok=True)
    path = os.path.join(STATE, RECORD)
    fd = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with open(fd, "w", encoding="utf-8") as file:
        json.dump(items, file)
    os.rename(f"{path}.new", path)


def forget() -> None:
    """Remove the record. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(STATE, RECORD))
    with contextlib.suppress(OSError):
        os.rmdir(STATE)


def _recorded() -> dict[str, tuple[str, int]]:
    try:
        with open(os.path.join(STATE, RECORD), encoding="utf-8") as file:
            items: dict[str, Any] = json.load(file)
            return {kind: (str(name), int(number)) for kind, (name, number) in items.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise EnforcementError(f"{STATE}/{RECORD} cannot be read: {error}") from None


def as_account(account: Account, work: Callable[[], Iterable[str]]) -> list[str]:
    """Do something as an account and return the lines that came of it.

    As root for somebody else, in a child process without root's rights: what lies in a user's folders may lead
    anywhere. The child may be unable to read aigate's own files: what `work` imports must be loaded before. Raises
    AigateError as `work` does.
    """
    if os.geteuid() != 0 or account.uid == 0:
        return list(work())
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(receiver)
            _work_as(account, work, sender)
        finally:
            os._exit(0)
    os.close(sender)
    with open(receiver, "rb") as pipe:
        text = read_from(pipe).decode("utf-8")
    os.waitpid(child, 0)
    if not text:
        raise AigateError(f"working as {account.name} failed")
    lines, error, hint = json.loads(text)
    if error is not None:
        raise AigateError(error, hint=hint)
    return list(lines)


def _work_as(account: Account, work: Callable[[], Iterable[str]], sender: int) -> None:
    try:
        os.initgroups(account.name, account.gid)
        os.setgid(account.gid)
        os.setuid(account.uid)
        os.environ["HOME"] = account.home
        answer: tuple[list[str], str | None, str | None] = (list(work()), None, None)
    except AigateError as error:
        answer = ([], error.message, error.hint)
    except Exception as error:  # noqa: BLE001 - a child that unwinds would run its parent's handlers
        answer = ([], f"working as {account.name} failed: {error!r}", None)
    with open(sender, "w", encoding="utf-8") as pipe:
        json.dump(answer, pipe)


def _dscl(*words: str) -> Command:
    return ("/usr/bin/dscl", ".", *words)
