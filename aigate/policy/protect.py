"""What must not change besides what patterns find: what is not there yet, and what would run outside, later.

Only paths that the sandbox could write to matter; `resolve` leaves out the others. Looks, never changes.
"""

from __future__ import annotations

import os

from aigate.errors import PolicyError
from aigate.policy.gitconfig import led_to
from aigate.policy.model import Protected
from aigate.policy.own import check_place, copies_in_caches, own_code
from aigate.policy.patterns import ANY_DEPTH, Pattern, is_literal, names_one_path
from aigate.reading import read_from
from aigate.record import record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aigate.config.model import Entry

    Parents = dict[str, tuple[str, str, bool]]

GIT_FILE_BYTES = 4096
LINK_DEPTH, LINK_DIRECTORIES = 3, 200  # how far links are looked for in a protected directory
HISTORIES = ("_history", "histfile")
CODE = "it holds programs, or code of aigate's own"
SETTINGS = "it is a config file of aigate's"
ON_PATH = "whoever makes this directory of PATH chooses what runs"
GITS_OWN = "git finds by it what it runs and obeys"
LINKED = "what is read-only leads to it"


@record
class Place:
    """Where a run takes place. directories: existing ones in which programs are looked for. path: the variable PATH.

    settings: git's own files of this user. git_files: files in place of a `.git`, which say where a repository is.
    bare: repositories of the project's without a work tree.
    """

    home: str
    project: str
    path: str
    directories: tuple[str, ...]
    settings: tuple[str, ...] = ()
    git_files: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()


@record
class Besides:
    """What must not change besides what was found. ways: paths of these that may lead through links."""

    items: list[Protected]
    ways: list[str]


def protected_besides(
    hiding: Sequence[Pattern],
    protecting: Sequence[Pattern],
    found: Sequence[Protected],
    sources: Iterable[str],
    at: Place,
) -> Besides:
    """Return what must not change besides what was found. sources: the config files in force. Raises PolicyError."""
    ways = list(sources)
    code = [_existing(path, CODE) for path in _trusted_code(at)]
    configs = [_existing(os.path.realpath(path), SETTINGS) for path in sources if os.path.exists(path)]
    guarded = [*_placeholders(hiding, protecting, found, at, ways), *_missing_on_path(at), *code, *configs]
    if protecting:
        guarded += [*_git_directories(found, at, ways), *_git_settings(found, at, ways)]
    return Besides([*guarded, *_link_targets([*found, *guarded], at, ways)], ways)


def _existing(path: str, reason: str = "", entry: Entry | None = None) -> Protected:
    return Protected(path, directory=os.path.isdir(path), placeholder=False, reason=reason, entry=entry)


def _placeholders(
    hiding: Sequence[Pattern], protecting: Sequence[Pattern], found: Sequence[Protected], at: Place, ways: list[str]
) -> list[Protected]:
    """Return the protected paths that do not exist yet, for patterns that name exactly one path.

    What is to be hidden in the home is among them, see `is_obeyed`. A `.git` is never made up.
    """
    wanted: dict[str, Protected] = {}
    existing = {item.path for item in found}
    parents: Parents = {}
    for pattern in (*(pattern for pattern in hiding if is_obeyed(pattern)), *protecting):
        if pattern.entry.text.startswith("**/"):
            continue  # any repository below, not this one in particular
        segments = pattern.segments[1:] if pattern.segments[0] == ANY_DEPTH else pattern.segments
        name = "/".join(segments)
        if not is_literal(name):  # nor ** then
            continue
        path = f"{'' if pattern.absolute else at.project}/{name}"
        if pattern.negated:
            wanted.pop(path, None)
        elif path in existing or _without_repository(path):
            continue
        elif os.path.lexists(path):
            # It was not there when it was looked for, and has just been made.
            # A link that leads nowhere stays one, and what it leads to must not appear.
            ways.append(path)
            item = _led_to(path, pattern.directory_only, at, parents)
            if item is not None:
                wanted[path] = replace(item, entry=pattern.entry)
        else:
            item = _missing(path, pattern.directory_only, at, parents)
            if item is not None:
                wanted[path] = replace(item, entry=pattern.entry)
    return list(wanted.values())


def is_obeyed(pattern: Pattern) -> bool:
    """Tell whether something that is to be hidden must not come from the agent either: `~/.ssh/config` names programs.

    Not what a wildcard takes in, nor what was typed: programs outside make such files all day.
    """
    return pattern.absolute and names_one_path(pattern) and not pattern.segments[-1].endswith(HISTORIES)


def _led_to(path: str, directory: bool, at: Place, parents: Parents) -> Protected | None:
    """Return what keeps from changing, or from appearing, what a path that is there leads to."""
    real = os.path.realpath(path)
    if os.path.islink(real):
        return None  # in a circle
    if not os.path.lexists(real):
        return _missing(real, directory, at, parents)
    return _existing(real) if not directory or os.path.isdir(real) else None


def _without_repository(path: str) -> bool:
    repository, found, _ = path.partition("/.git/")
    return bool(found) and not os.path.isdir(f"{repository}/.git")


def _look_at_parent(named: str, at: Place) -> tuple[str, str, bool]:
    """Return the real path of a directory, the one that is there of it and its parent, and whether that is writable.

    There is none ("") where nothing could be made.
    """
    above = os.path.realpath(named)
    parent = above if os.path.lexists(above) else os.path.dirname(above)
    if not os.path.isdir(parent) or not _inside(above, (at.home, at.project)):
        return above, "", False
    return above, parent, os.access(parent, os.W_OK)


def _missing(path: str, directory: bool, at: Place, parents: Parents) -> Protected | None:
    """Return what keeps a path from appearing, or None where the caller could not make it.

    It may not appear in a directory that is there or that one `mkdir` makes: what is further away is the start file of
    a program that this user does not have. Nor can anything appear on a file system that is mounted read-only. Where
    the caller has closed his own directory, which the agent could open again, it is that directory. Raises PolicyError
    when that is the home or the project. parents: what was found out about directories before.
    """
    named = os.path.dirname(path)
    if named not in parents:
        parents[named] = _look_at_parent(named, at)
    above, parent, writable = parents[named]
    if not parent:
        return None
    if writable:
        real = f"{above}/{os.path.basename(path)}"
        return None if os.path.lexists(real) else Protected(real, directory, placeholder=True)
    if os.lstat(parent).st_uid != os.getuid() or is_read_only(parent):
        return None
    if _contains(parent, at.project) or _contains(parent, at.home):
        raise PolicyError(
            f"{parent} is yours and closed to writing, so {path} cannot be kept from appearing",
            hint=f"chmod u+w {parent}",
        )
    return Protected(parent, directory=True, placeholder=False)


def is_read_only(path: str) -> bool:
    """Tell whether the file system itself refuses every change (statvfs(3))."""
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _trusted_code(at: Place) -> list[str]:
    """Return what holds code that runs outside later: aigate's own, and PATH's directories outside of the project.

    Raises PolicyError where aigate's own lies so that it cannot be protected.
    """
    own = own_code()
    check_place(own, at.home, at.project)
    around = [path for path in at.directories if not _inside(path, (at.project,))]
    candidates = dict.fromkeys((*own, *copies_in_caches(at.home), *around))
    return [path for path in candidates if _ours(path) and not _contains(path, at.project)]


def _ours(path: str) -> bool:
    """Tell whether the caller can write there, or could after a chmod."""
    try:
        return os.access(path, os.W_OK) or os.stat(path).st_uid == os.getuid()
    except OSError:
        return False


def _missing_on_path(at: Place) -> list[Protected]:
    """Return the directories on PATH, in the home, that are not there: whoever makes one chooses what runs."""
    missing = []
    for path in at.path.split(":"):
        plain = path.rstrip("/")
        if _inside(plain, (at.home,)) and not _inside(plain, (at.project,)) and not os.path.lexists(plain):
            missing.append(_missing(plain, directory=True, at=at, parents={}))
    return [replace(item, reason=ON_PATH) for item in missing if item is not None]


def _link_targets(items: Iterable[Protected], at: Place, ways: list[str]) -> list[Protected]:
    """Return what links in protected directories lead to, outside of the project: start files, programs on PATH.

    ways: gets the links, since one may lead to another that lies elsewhere.
    """
    found: dict[str, Protected] = {}
    for item in items:
        if item.directory and not item.placeholder and _inside(item.path, (at.home,)):
            for link in _links(item.path):
                real = os.path.realpath(link)
                if not _inside(real, (at.project,)) and not _contains(real, at.project) and os.path.lexists(real):
                    found[real] = _existing(real, LINKED, item.entry)
                    ways.append(link)
    return list(found.values())


def _links(directory: str) -> list[str]:
    """Return the links in a directory and a little below it, as deep as systemd's units and a shell's plug-ins lie."""
    found: list[str] = []
    places = [(directory, 1)]
    for place, depth in places:
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        found.append(entry.path)
                    elif depth < LINK_DEPTH and len(places) < LINK_DIRECTORIES and entry.is_dir():
                        places.append((entry.path, depth + 1))
        except OSError:
            continue
    return found


def _git_directories(found: Sequence[Protected], at: Place, ways: list[str]) -> list[Protected]:
    """Return the files by which a repository's settings are found, in each one whose settings are protected.

    `commondir` names another directory whose config and hooks count (gitrepository-layout(5)); so it may not
    appear. A worktree's settings lie in the repository that it belongs to, which may be anywhere.
    """
    configs = [item.path for item in found if item.path.endswith("/config")]
    directories = [os.path.dirname(path) for path in configs if os.path.isfile(f"{os.path.dirname(path)}/HEAD")]
    guarded = []
    named = [place for link in (f"{at.project}/.git", *at.git_files) for place in _repositories_of(link)]
    for directory in dict.fromkeys((*directories, *named, *at.bare)):
        for name in ("config", "config.worktree", "commondir", "hooks"):
            path = f"{directory}/{name}"
            if not os.path.lexists(path):
                guarded.append(_missing_in_git(path, name))
                continue
            ways.append(path)
            item = _led_to(path, False, at, {})
            guarded += [replace(item, reason=GITS_OWN)] if item is not None else []
    return guarded


def _git_settings(found: Sequence[Protected], at: Place, ways: list[str]) -> list[Protected]:
    """Return what the settings that are protected lead to: included files and directories with hooks."""
    configs = [item.path for item in found if item.path.endswith("/config")]
    guarded = []
    for path, directory in led_to([*at.settings, *configs], at.project, at.home):
        real = os.path.realpath(path)
        if _contains(real, at.project) or _contains(real, at.home):
            continue  # all of it would be read-only
        ways.append(path)
        item = _led_to(path, directory, at, {})
        guarded += [replace(item, reason=GITS_OWN)] if item is not None else []
    return guarded


def _missing_in_git(path: str, name: str) -> Protected:
    return Protected(path, directory=name == "hooks", placeholder=True, reason=GITS_OWN)


def _repositories_of(link: str) -> Iterator[str]:
    """Yield the repository that a `.git` file names, and the one that has its settings."""
    target = _read_line(link).partition("gitdir:")[2].strip()
    if not target:
        return
    directory = os.path.realpath(os.path.join(os.path.dirname(link), target))
    if os.path.isfile(f"{directory}/HEAD") and os.access(directory, os.W_OK):
        yield directory
        common = os.path.realpath(os.path.join(directory, _read_line(f"{directory}/commondir") or "."))
        if os.path.isfile(f"{common}/HEAD") and os.path.isdir(f"{common}/objects") and os.access(common, os.W_OK):
            yield common


def _read_line(path: str) -> str:
    if not os.path.isfile(path):
        return ""
    with open(path, "rb") as file:
        return os.fsdecode(read_from(file, GIT_FILE_BYTES).partition(b"\n")[0])


def _inside(path: str, directories: Iterable[str]) -> bool:
    return any(path == directory or path.startswith(directory.rstrip("/") + "/") for directory in directories)


def _contains(path: str, place: str) -> bool:
    return f"{place}/".startswith(f"{path.rstrip('/')}/")
