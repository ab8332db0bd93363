"""The resolved policy: what is denied here and now, as paths and names. Pure data; nothing in it needs the config."""

from __future__ import annotations

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.config.model import Entry, ResourceLimits
    from aigate.policy.hosts import HostRule
    from aigate.policy.patterns import Pattern

    Identity = tuple[int, int]


@record
class Hidden:
    """A path whose content is out of reach.

    path: real path. reason: in a few words, for the text that stands there. anchored: found by where it is and not by
    its name alone, so that the directories above must stay where they are, for the next run to find it.
    identity: device and inode number of what was found there, so that nothing else can be put in its place; or None.
    fleeting: it may end at any time, and needs no cover then: a service's socket.
    entry: of the config, by which it was found; None for what aigate hides by itself.
    """

    path: str
    directory: bool
    reason: str
    anchored: bool = False
    identity: Identity | None = None
    fleeting: bool = False
    entry: Entry | None = None


@record
class Protected:
    """A path that cannot be changed. placeholder: it does not exist and must not appear.

    identity: as for what is hidden. link: it is a symbolic link, which stays what it is; otherwise a real path.
    reason: in a few words, where it is not that an entry names it. entry: of the config, if one led to it.
    """

    path: str
    directory: bool
    placeholder: bool
    identity: Identity | None = None
    link: bool = False
    reason: str = ""
    entry: Entry | None = None


@record
class DeniedProgram:
    """A program file that is replaced inside.

    path: real path of the file. names: names under which it must not run at all.
    subcommands: (name, words) that must not run. innocent: other names that lead to the same file and must work;
    empty, with no subcommands, means that the file as a whole is denied.
    """

    path: str
    names: tuple[str, ...]
    subcommands: tuple[tuple[str, tuple[str, ...]], ...] = ()
    innocent: tuple[str, ...] = ()


@record
class GitIndex:
    """An index of git that tracks hidden files (`policy.git`).

    top: the work tree. directory: the repository's, with that identity; the index lies in it. id_bytes: length of
    object ids. hidden: tracked paths that are hidden, from the top. reason: why git cannot be told to leave them alone,
    or "".
    """

    top: str
    directory: str
    identity: Identity
    id_bytes: int
    hidden: tuple[str, ...]
    reason: str


@record
class Overlay:
    """A file that exists and reads differently inside, read-only."""

    path: str
    content: bytes


MOST_COPIED = 1 << 26  # bytes of all files that are copied, for a layer that is put together


@record
class Pieces:
    """How a layered directory is put together in which something is mounted; nothing for one that need not be.

    copied: itself, and the directories on the way to what is mounted, an outer one before what is in it. layered: the
    directories in those that have a layer each. fixed: what is read-only: directories that can have none, large files.
    """

    copied: tuple[str, ...] = ()
    layered: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()


@record
class Layered:
    """A directory of the user's whose changes are kept apart. directory: where; "" for memory. size: see `Layer`."""

    path: str
    directory: str
    size: int = 0
    pieces: Pieces = Pieces()


@record
class HomeView:
    """How a sandbox sees the home, and the project.

    kind: `layer`, `memory` (a layer that is gone at the end), `readonly`, `closed` or `writable`. reason: why it is not
    what was asked for, or "". layered: what lies in layers. caches: (path, what stands there), for a home that is
    read-only. shared: directories of the home that are the user's own inside, too. files: likewise, with the keys that
    may come out of each; no keys for the whole file. over: how an empty layer is put above a home that is read-only,
    through which no socket answers; None where there is none.
    """

    kind: str
    reason: str = ""
    layered: tuple[Layered, ...] = ()
    caches: tuple[tuple[str, str], ...] = ()
    shared: tuple[str, ...] = ()
    files: tuple[tuple[str, tuple[str, ...]], ...] = ()
    over: Pieces | None = None

    @property
    def replaced(self) -> bool:
        """Tell whether something of the sandbox's own stands where the home is, and nothing in it is kept."""
        return self.kind == "closed" or self.over is not None


@record
class Policy:
    """Everything that one run enforces. All paths are absolute and free of symbolic links.

    project: the directory whose files the relative patterns cover. cwd: where the command starts.
    writable: the only directories of the user's own that can be written to: the project, what is shared, and the home
    where that is asked for. view: how the home is seen.
    exposed: sockets and their like that stay reachable under a hidden directory. pins: which files those are that the
    config names, by path.
    denials: the entries that the denied commands come from, one each.
    environment: what the command gets. removed: names of variables that it does not get.
    hosts: None unrestricted, () no network. resolver_files: what inside stands for resolv.conf and its like.
    ports: of the sandbox's loopback, reachable on the host's.
    repositories: directories of git's in the project that were there before the run.
    rooms: directories that variables name, made empty below the temporary ones. stiff: what of `writable` lies on a
    file system that is mounted read-only.
    indexes: where git tracks what is hidden. git: program files of git, which are kept from starting what would end
    half-way. settings: protected config files of git's, of which the sandbox writes to a copy of its own.
    inactive: protections that were asked for and are not in force, as (name, reason).
    deny_read, deny_write: the patterns that `hidden` and `protected` were found by, for backends that can hold them
    against what appears later.
    """

    project: str
    cwd: str
    home: str
    uid: int
    gid: int
    hidden: tuple[Hidden, ...]
    protected: tuple[Protected, ...]
    programs: tuple[DeniedProgram, ...]
    denied_commands: tuple[tuple[str, ...], ...]
    writable: tuple[str, ...]
    exposed: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    removed: tuple[str, ...]
    hosts: tuple[HostRule, ...] | None
    network: str
    limits: ResourceLimits
    withheld: tuple[str, ...]
    overlays: tuple[Overlay, ...] = ()
    resolver_files: tuple[Overlay, ...] = ()
    ports: tuple[int, ...] = ()
    indexes: tuple[GitIndex, ...] = ()
    git: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    denials: tuple[Entry, ...] = ()
    inactive: tuple[tuple[str, str], ...] = ()
    deny_read: tuple[Pattern, ...] = ()
    deny_write: tuple[Pattern, ...] = ()
    pins: tuple[tuple[str, Identity], ...] = ()
    view: HomeView = HomeView("writable")
    repositories: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    stiff: tuple[str, ...] = ()
