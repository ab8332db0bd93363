"""Permanent access lists: keeping the agents' group out of files also when no sandbox runs, and taking that back.

Owns ~/.aigate/acls, the record of what was changed and how it was before. A list that cannot be set is a warning with
its remedy, never an error: the rule is in the config, and the sandbox does not rest on these lists.
"""

from __future__ import annotations

import contextlib
import errno
import grp
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from aigate.config import rewrite
from aigate.errors import AigateError
from aigate.host import acl
from aigate.host.tools import find_tool
from aigate.reading import read_from
from aigate.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

RECORD = "acls"
TIMEOUT = 60


@record
class Target:
    """A file or directory to keep the group out of. entry: the deny_read entry that names it."""

    path: str
    directory: bool
    entry: str


@record
class Report:
    """What came of it. changed: paths whose lists are now as wanted. warnings: one line each, remedy included."""

    changed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def deny(targets: Sequence[Target], group: str, state: str) -> Report:
    """Keep a group out of files and directories, and remember how they were.

    state: the user's ~/.aigate. Raises ConfigError when the record cannot be written; then nothing was changed.
    """
    if not targets:
        return Report()
    try:
        gid = grp.getgrnam(group).gr_gid
    except KeyError:
        remedy = "sudo aigate setup makes it"
        return Report((), (f"no permanent access lists: the group {group} does not exist; {remedy}",))
    if sys.platform == "darwin":
        return _deny_on_macos(targets, group, gid, state)
    wanted, warnings = _wanted(targets, gid, recorded(state))
    _remember(state, [(target, gid, before, after) for target, before, after in wanted])
    done, failed = _set([(target.path, after) for target, _, after in wanted])
    return Report(done, (*warnings, *failed))


def allow(no_longer: Callable[[str, str], bool], state: str) -> Report:
    """Give back what `deny` took.

    no_longer: tells, of a path on record and the entry on whose behalf it was denied, whether that is over.
    Raises ConfigError when the record cannot be written, AigateError when it is damaged.
    """
    chosen = {path: item for path, item in recorded(state).items() if no_longer(path, item["entry"])}
    if not chosen:
        return Report()
    done, warnings = _release_on_macos(chosen) if sys.platform == "darwin" else _release(chosen)
    _forget(state, done)
    return Report(tuple(path for path in done if os.path.lexists(path)), tuple(warnings))


def recorded(state: str) -> dict[str, dict[str, Any]]:
    """Return what is on record, by path. Raises AigateError when the record is damaged."""
    try:
        with open(os.path.join(state, RECORD), "rb") as file:
            return _parsed(read_from(file))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise AigateError(f"{state}/{RECORD}: {error.strerror}") from None


def _wanted(
    targets: Iterable[Target], gid: int, held: dict[str, dict[str, Any]]
) -> tuple[list[tuple[Target, acl.Acl, acl.Acl]], list[str]]:
    umask = os.umask(0)
    os.umask(umask)
    wanted = []
    warnings = []
    for target in targets:
        try:
            before = _as_before(acl.read_acl(target.path), held.get(target.path))
        except OSError as error:
            warnings.append(_why_not(target.path, error.errno))
            continue
        wanted.append((target, before, acl.denied(before, gid, directory=target.directory, umask=umask)))
    return wanted, warnings


def _as_before(present: acl.Acl, item: dict[str, Any] | None) -> acl.Acl:
    """Return what a file's lists are without us, when it was denied before."""
    return acl.released(present, item["gid"], _acl(item["before"]), _acl(item["after"])) if item else present


def _set(acls: Sequence[tuple[str, acl.Acl]]) -> tuple[tuple[str, ...], list[str]]:
    """Give files their lists in one call of setfacl; return the paths that have them now, and warnings."""
    if not acls:
        return (), []
    tool = find_tool("setfacl")
    if tool is None:
        return (), ["no permanent access lists: setfacl is not installed; install the package acl"]
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            [tool, "--restore=-"], input=acl.restore_text(acls), capture_output=True, check=False, env=environment,
            timeout=TIMEOUT,
        )  # fmt: skip
    # Which files it could not change is asked of the files: its messages differ from version to version.
    wrong = [path for path, wanted in acls if _present(path) != wanted]
    return tuple(path for path, _ in acls if path not in wrong), [_why_not(path, _reason(path)) for path in wrong]


def _present(path: str) -> acl.Acl | None:
    try:
        return acl.read_acl(path)
    except OSError:
        return None


def _reason(path: str) -> int | None:
    try:
        status = os.lstat(path)
    except OSError as error:
        return error.errno
    if os.geteuid() not in (0, status.st_uid):
        return errno.EPERM
    return errno.EROFS if os.statvfs(path).f_flag & os.ST_RDONLY else errno.ENOTSUP


def _why_not(path: str, number: int | None) -> str:
    shown = path if path.isprintable() else ascii(path)[1:-1]
    if number == errno.ENOTSUP:
        return f"{shown}: no permanent access list, its file system keeps none; the sandbox hides it all the same"
    if number == errno.EPERM:
        return f"{shown}: no permanent access list, it belongs to someone else; run this as its owner"
    reason = os.strerror(number) if number else "unknown reason"
    return f"{shown}: no permanent access list ({reason}); the sandbox hides it all the same"


def _release(chosen: dict[str, dict[str, Any]]) -> tuple[list[str], list[str]]:
    wanted = []
    gone = []
    for path, item in chosen.items():
        present = _present(path)
        if present is None:
            gone.append(path)
            continue
        wanted.append((path, _as_before(present, item)))
    done, warnings = _set(wanted)
    return [*gone, *done], warnings


def _deny_on_macos(targets: Sequence[Target], group: str, gid: int, state: str) -> Report:
    held = recorded(state)
    new = [target for target in targets if target.path not in held]
    none = acl.Acl(())
    _remember(state, [(target, gid, none, none) for target in new], group=group)
    done, warnings = _call([(target.path, target.directory) for target in new], group, add=True)
    _forget(state, [target.path for target in new if target.path not in done])
    return Report(tuple(target.path for target in new if target.path in done), tuple(warnings))


def _release_on_macos(chosen: dict[str, dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Take the group's entry out of files; what that does not succeed with stays on record."""
    warnings: list[str] = []
    done = [path for path in chosen if not os.path.lexists(path)]
    for group in sorted({item["group"] for item in chosen.values()}):
        paths = [path for path, item in chosen.items() if item["group"] == group and path not in done]
        released, failed = _call([(path, os.path.isdir(path)) for path in paths], group, add=False)
        done += released
        warnings += failed
    return done, warnings


def _call(paths: Sequence[tuple[str, bool]], group: str, *, add: bool) -> tuple[list[str], list[str]]:
    """Change macOS's access lists, in as few calls as it takes; return the paths where it worked, and warnings.

    chmod(1) goes on after a file that it cannot change, and says only at the end that there was one. Then each file is
    asked about by itself; an entry that is there already is not added twice (chmod(1), ACL manipulation options).
    """
    done: list[str] = []
    warnings: list[str] = []
    for command in acl.macos_commands(paths, group, add=add):
        files = command[acl.MACOS_WORDS :]
        said = _said(command)
        if said is None:
            done += files
        elif len(files) == 1:
            warnings.append(_why_not(files[0], _meant(said)))
        else:
            for file in files:
                said = _said((*command[: acl.MACOS_WORDS], file))
                if said is None or (not add and _is_gone(said)):
                    done.append(file)
                else:
                    warnings.append(_why_not(file, _meant(said)))
    return done, warnings


def _said(command: Sequence[str]) -> str | None:
    """Run a command and return what it complained of, None when it did not."""
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    try:
        ended = subprocess.run(
            command, capture_output=True, check=False, text=True, timeout=TIMEOUT, env=environment,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if ended.returncode == 0 else ended.stderr or f"status {ended.returncode}"


def _is_gone(said: str) -> bool:
    """Tell whether chmod(1) complained that there is no such entry, as when an earlier call has removed it."""
    return "No ACL present" in said or "not found" in said.lower()


def _meant(said: str) -> int | None:
    """Return the error's number for a message in the C locale (strerror(3)), None for an unknown one."""
    numbers = (errno.ENOTSUP, errno.EPERM, errno.EACCES, errno.ENOENT, errno.EROFS)
    found = next((number for number in numbers if os.strerror(number).lower() in said.lower()), None)
    return errno.EPERM if found == errno.EACCES else found


def _remember(state: str, items: Sequence[tuple[Target, int, acl.Acl, acl.Acl]], *, group: str = "") -> None:
    def change(old: bytes | None) -> bytes:
        held = _parsed(old or b"{}")
        for target, gid, before, after in items:
            held[target.path] = {
                "entry": target.entry, "gid": gid, "group": group, "before": _plain(before), "after": _plain(after),
            }  # fmt: skip
        return _text(held)

    if items:
        rewrite.rewrite(os.path.join(state, RECORD), change, create=True)


def _forget(state: str, paths: Iterable[str]) -> None:
    gone = set(paths)

    def change(old: bytes | None) -> bytes:
        return _text({path: item for path, item in _parsed(old or b"{}").items() if path not in gone})

    if gone:
        rewrite.rewrite(os.path.join(state, RECORD), change, create=True)


def _parsed(data: bytes) -> dict[str, dict[str, Any]]:
    try:
        held: dict[str, dict[str, Any]] = json.loads(data)
        for item in held.values():
            _acl(item["before"]), _acl(item["after"]), int(item["gid"]), str(item["entry"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise AigateError(f"the record of access lists, ~/.aigate/{RECORD}, is damaged") from None
    return held


def _text(held: dict[str, dict[str, Any]]) -> bytes:
    return json.dumps(held, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def _plain(lists: acl.Acl) -> dict[str, Any]:
    return {"access": lists.access, "default": lists.default}


def _acl(plain: dict[str, Any]) -> acl.Acl:
    access, default = (tuple((int(t), int(i), int(r)) for t, i, r in plain[name]) for name in ("access", "default"))
    return acl.Acl(access, default)
