"""Config plus this machine, this user and this directory, resolved into one frozen Policy.

Looks, and changes nothing but a cache.
"""

from __future__ import annotations

import os
import sys

from aigate.errors import PolicyError
from aigate.isolation import callers_environment
from aigate.policy.commands import find_programs, parse_commands, search_path
from aigate.policy.git import find_indexes, git_directory, git_programs
from aigate.policy.home import CLOSED, NEVER, bare, view_of, writable_in
from aigate.policy.linked import Linked
from aigate.policy.model import Hidden, Policy, Protected
from aigate.policy.mounts import kernel_mounts, other_paths, read_mounts
from aigate.policy.moved import followed
from aigate.policy.patterns import parse_patterns
from aigate.policy.places import below, is_replaced, within
from aigate.policy.protect import Place, is_read_only, protected_besides
from aigate.policy.roots import find_roots, rooted
from aigate.policy.sockets import NEEDED_IN_RUNTIME, find_sockets, pinned
from aigate.policy.variables import removed as removed_variables
from aigate.policy.walk import components, find_paths, find_sockets_in
from aigate.policy.ways import fixed
from aigate.record import record, replace
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import TypeVar

    from aigate.config.model import Config, Entry
    from aigate.policy.home import Offer
    from aigate.policy.model import HomeView
    from aigate.policy.mounts import Mount
    from aigate.policy.walk import Repository, Tell

    PathItem = TypeVar("PathItem", Hidden, Protected)

TEMPORARY = ("/tmp", "/var/tmp", "/private/tmp", "/private/var/tmp")  # noqa: S108 -- never opened; macOS's names, too
OWN = ("/run", "/var/run", "/dev") if sys.platform == "linux" else ()  # likewise: nothing of the host's is shown there
OWN_BUT_ROOMY = "/dev/shm"  # noqa: S108 -- likewise
SWITCHES = "its files are switches of the kernel"
PROCESSES = ("self", "thread-self")


@record
class Caller:
    """Who runs aigate, and from where. home: real path. environment: as the caller has it.

    owns_home: the command may write to the home; not where it runs as somebody else than whose config is in force.
    """

    uid: int
    gid: int
    home: str
    cwd: str
    environment: Mapping[str, str]
    owns_home: bool = True


def caller() -> Caller:
    """Return the calling process's identity. Raises PolicyError when its directory or home is gone."""
    try:
        cwd = os.getcwd()
    except OSError:
        raise PolicyError("the current directory no longer exists", hint="cd somewhere else") from None
    return Caller(os.getuid(), os.getgid(), os.path.realpath(home_directory()), cwd, callers_environment())


def home_directory() -> str:
    """Return $HOME if it is an absolute path, else the account's home. Raises PolicyError when there is none."""
    home = os.environ.get("HOME", "")
    if home.startswith("/"):
        return home
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        raise PolicyError("HOME is not set and this user has no account", hint="set HOME") from None


def project_of(who: Caller) -> str:
    """Return the directory that relative patterns cover, for this caller."""
    return find_roots(os.path.realpath(who.cwd), who.home).project


def resolve(config: Config, who: Caller, offer: Offer, tell: Tell | None = None) -> Policy:
    """Return what is enforced for this caller, here and now.

    offer: which layers this machine has. tell: as for `find_paths`. Raises ConfigError for an entry without meaning,
    PolicyError when the project itself would be hidden.
    """
    roots = find_roots(os.path.realpath(who.cwd), who.home)
    project = roots.project
    view = view_of(config, who, project, offer)
    view = _as_found(view, who.home)
    layered = tuple(item.path for item in view.layered)
    if project in layered and project in view.shared:
        raise PolicyError(
            f"share names {project}, whose changes are to stay in a layer",
            hint="take the entry out, or set project: writable",
        )
    roots = replace(roots, shared=tuple(path for path in view.shared if not within(path, project)))
    writable = writable_in(view, who, project)
    _reject_temporary((*writable, *layered))
    linked = Linked(project, who.home)
    hiding, protecting = (
        linked.followed(followed(rooted(parse_patterns(entries, who.home), roots), who.environment, who.home, who.cwd))
        for entries in (config.deny_read, config.deny_write)
    )
    found = find_paths(hiding, protecting, project, tell)
    denied = parse_commands(config.deny_exec)
    directories = search_path(who.environment.get("PATH", ""), who.home)
    pins = pinned(config.allow_sockets, who.home, writable)
    exposed = (*pins, *(path for path in NEEDED_IN_RUNTIME if os.path.exists(path)))
    theirs = (who.home, *writable, *exposed, *layered)
    seen_bare = () if offer.kind == NEVER else bare(view, who.home)
    sockets = [
        item
        for item in find_sockets(who.environment, who.home, (*found.sockets, *find_sockets_in(seen_bare, tell)))
        if item.path not in pins and not (item.fleeting and is_replaced(item.path, theirs))
    ]
    mounts = read_mounts()
    hidden = _outermost(
        (
            *_everywhere((*found.hidden, *sockets, *_own_state(who.home)), mounts),
            *_closed(view, who.home, project, mounts),
        )
    )
    _reject_processes(hidden)
    removed = removed_variables(config.deny_env, who.environment)
    git_files = tuple(item.path for item in found.repositories if item.kind == "file")
    bare_ones = tuple(item.path for item in found.repositories if item.kind == "bare")
    place = Place(
        who.home, project, who.environment.get("PATH", ""), directories, _settings_of_git(who), git_files, bare_ones
    )
    besides = protected_besides(hiding, protecting, found.protected, config.sources, place)
    switches = [Protected(path, True, False, reason=SWITCHES) for path in kernel_mounts(mounts)]
    links = fixed((*found.ways, *besides.ways))
    everywhere = [*_everywhere((*found.protected, *besides.items, *switches), mounts), *links]
    protected = _outermost(item for item in everywhere if _changeable(item, hidden, writable, layered))

    def seen(path: str) -> bool:
        """Tell whether a program can be got at; else nothing can stand in its place, nor has to."""
        return not _is_hidden(path, hidden) or any(below(path, place) for place in exposed)

    return Policy(
        project=project,
        cwd=os.path.realpath(who.cwd),
        home=who.home,
        uid=who.uid,
        gid=who.gid,
        hidden=hidden,
        protected=protected,
        programs=tuple(item for item in find_programs(denied, directories, f"{who.home}/.aigate") if seen(item.path)),
        denied_commands=tuple(denied),
        denials=tuple(denied.values()),
        writable=writable,
        exposed=exposed,
        environment=tuple((k, v) for k, v in who.environment.items() if k not in removed),
        removed=removed,
        hosts=_hosts(config.allow_net),
        network=config.network,
        ports=tuple(dict.fromkeys(int(entry.text) for entry in config.ports)),
        limits=config.resource_limits,
        withheld=config.withheld,
        indexes=find_indexes(hidden, writable),
        git=tuple(path for path in git_programs(directories, project) if seen(path)),
        deny_read=hiding,
        deny_write=protecting,
        pins=tuple(pins.items()),
        view=view,
        repositories=tuple(_directories_of(found.repositories, project)),
        stiff=tuple(path for path in writable if is_read_only(path)),
    )


def _closed(view: HomeView, home: str, project: str, mounts: Sequence[Mount]) -> Iterator[Hidden]:
    """Yield where else a home that is closed is seen, whole or in part, but for what holds the project."""
    if view.kind == CLOSED:
        for path in other_paths(home, mounts):
            if not within(project, path):
                yield Hidden(path, os.path.isdir(path), "home: closed")


def _directories_of(repositories: Iterable[Repository], project: str) -> Iterator[str]:
    """Yield git's directories that lie in the project: what a file there names may be anywhere, and not git's."""
    for item in repositories:
        if item.kind != "file":
            yield item.path
            continue
        with suppress(OSError):  # it cannot be read, by git neither
            directory = git_directory(os.path.dirname(item.path))
            if below(directory, project):
                yield directory


def _settings_of_git(who: Caller) -> tuple[str, ...]:
    """Return the paths of git's settings of this user, git-config(1), FILES."""
    config = who.environment.get("XDG_CONFIG_HOME", "") or f"{who.home}/.config"
    return who.environment.get("GIT_CONFIG_GLOBAL", "") or f"{who.home}/.gitconfig", f"{config}/git/config"


def _reject_processes(hidden: Iterable[Hidden]) -> None:
    """Raise PolicyError for what shows processes: inside these are the sandbox's own, and nothing of the host's."""
    for item in hidden:
        first = item.path.removeprefix("/proc/").split("/")[0]
        if item.path == "/proc" or (below(item.path, "/proc") and (first.isdigit() or first in PROCESSES)):
            raise PolicyError(
                f"{item.path} cannot be hidden ({item.reason}): inside, it is about the sandbox's own processes",
                hint="take the entry out; nothing of the host's processes can be seen inside",
            )


def _as_found(view: HomeView, home: str) -> HomeView:
    """Return the view with what is there of it: nothing of the user's is made up for a sandbox's sake."""
    shared = (os.path.realpath(path) for path in view.shared)
    return replace(
        view,
        caches=tuple(cache for cache in view.caches if os.path.isdir(cache[0])),
        shared=tuple(path for path in shared if below(path, home) and os.path.isdir(path)),
    )


def _reject_temporary(writable: Iterable[str]) -> None:
    """Raise PolicyError where the machine's temporary directory, with everybody's sockets, would be let in."""
    for path in writable:
        if any(path == place or below(place, path) for place in TEMPORARY):
            raise PolicyError(
                f"{path} is or holds the temporary directory, which a sandbox has to itself",
                hint="run in a directory of its own, such as one below it",
            )
        if any(within(path, place) for place in OWN) and not below(path, OWN_BUT_ROOMY):
            raise PolicyError(
                f"{path} lies where a sandbox has something of its own",
                hint="move it elsewhere: /tmp, /var/tmp and /dev/shm will do",
            )


def _changeable(item: Protected, hidden: Sequence[Hidden], writable: Sequence[str], layered: Sequence[str]) -> bool:
    """Tell whether a path could be changed if it were not protected: writable, neither hidden nor layered anyway."""
    own = max((len(place) for place in writable if below(item.path, place)), default=0)
    deeper = any(len(place) > own and below(item.path, place) for place in layered)
    return bool(own) and not deeper and not _is_hidden(item.path, hidden)


def _is_hidden(path: str, hidden: Iterable[Hidden]) -> bool:
    return any(item.path == path or (item.directory and below(path, item.path)) for item in hidden)


def _hosts(entries: tuple[Entry, ...] | None):  # type: ignore[no-untyped-def]  # noqa: ANN202
    if entries is None:
        return None
    from aigate.policy.hosts import parse_hosts

    return parse_hosts(entries)


def _everywhere(items: Sequence[PathItem], mounts: Sequence[Mount]) -> list[PathItem]:
    """Add the paths that lead to the same files through another mount."""
    if len({mount.device for mount in mounts}) == len(mounts):
        return list(items)
    found = list(items)
    for item in items:
        found += [replace(item, path=other, directory=os.path.isdir(other)) for other in other_paths(item.path, mounts)]
    return found


def _outermost(items: Iterable[PathItem]) -> tuple[PathItem, ...]:
    """Sort, and leave out doubles and what lies inside another directory among them."""
    kept: list[PathItem] = []
    for item in sorted(items, key=lambda item: components(item.path)):
        if kept and (item.path == kept[-1].path or (kept[-1].directory and below(item.path, kept[-1].path))):
            continue
        kept.append(item)
    return tuple(kept)


def _own_state(home: str) -> tuple[Hidden, ...]:
    """Hide aigate's own config, trust and audit log, which the agent must neither read nor write."""
    path = f"{home}/.aigate"
    return (Hidden(os.path.realpath(path), directory=True, reason="aigate's own state"),) if os.path.isdir(path) else ()
