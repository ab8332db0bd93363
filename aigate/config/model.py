"""The config as records. Owns the shape of what the user asked for; reads no file and decides nothing.

Absent and empty differ where they can: `allow_net` None is "unrestricted", `()` is "no network at all";
`mask_stdout` None is "not masked" and can only come from a file that leaves the key out.
"""

from __future__ import annotations

from aigate.record import record

DEFAULT_GROUP = "ai-agents"
DEFAULT_USER = "ai-runner"
DENIED = "denied"  # among the values: those of what deny_read and deny_env take away
HOMES = ("closed", "readonly", "layer", "writable")  # the strictest first
PROJECTS = ("layer", "writable")  # likewise
LATES = ("hide", "tell")  # likewise
TERMINAL = {  # what of the terminal a program may reach besides its cells: likewise
    "clipboard": ("none", "write", "all"),
    "titles": ("none", "all"),
    "notifications": ("none", "all"),
    "hyperlinks": ("none", "honest", "all"),
    "queries": ("none", "safe", "all"),
    "window": ("none", "all"),
    "files": ("none", "all"),
    "other": ("none", "all"),
}
NO_KEY = "none"  # of terminal.reveal: there is none
PROTECTIONS = ("filesystem", "home", "net", "limits", "mask", "landlock", "seccomp", "watch", "late")


@record
class Entry:
    """One item of a list as it was written, with where it was written (1-based line) for messages."""

    text: str
    path: str
    line: int


@record
class MaskPattern:
    """One of the user's own masking rules.

    regex: RE2 syntax. show_prefix: bytes of a match that stay readable.
    """

    regex: str
    show_prefix: int
    case_insensitive: bool
    path: str
    line: int


@record
class MaskStdout:
    """What is masked in the output: names of presets (`all` is already expanded by masking) and own patterns.

    values: where known values come from; None is what `deny_read` and `deny_env` take away, () is nowhere.
    """

    presets: tuple[Entry, ...] = ()
    patterns: tuple[MaskPattern, ...] = ()
    values: tuple[Entry, ...] | None = None


@record
class TerminalReach:
    """What of the terminal a program may reach besides its cells: a word of TERMINAL for each key.

    reveal: the key that shows the last masked text once, as `streams.chord` reads it, or NO_KEY.
    """

    clipboard: str = "none"
    titles: str = "all"
    notifications: str = "all"
    hyperlinks: str = "honest"
    queries: str = "safe"
    window: str = "none"
    files: str = "none"
    other: str = "none"
    reveal: str = "ctrl-f12"


@record
class ResourceLimits:
    """Limits of one run. max_memory: bytes; max_cpu_percent: of the whole machine; None: not limited."""

    max_memory: int | None = None
    max_cpu_percent: float | None = None
    max_pids: int | None = None


@record
class Layer:
    """One config file by itself. None is a key that the file leaves out; `merge` says what that means for each.

    lines: where the value of each key begins, 1-based.
    """

    path: str
    lines: tuple[tuple[str, int], ...] = ()
    group: Entry | None = None
    user: Entry | None = None
    deny_read: tuple[Entry, ...] | None = None
    deny_write: tuple[Entry, ...] | None = None
    deny_exec: tuple[Entry, ...] | None = None
    deny_env: tuple[Entry, ...] | None = None
    allow_net: tuple[Entry, ...] | None = None
    allow_sockets: tuple[Entry, ...] | None = None
    ports: tuple[Entry, ...] | None = None
    share: tuple[Entry, ...] | None = None
    home: Entry | None = None
    project: Entry | None = None
    late: Entry | None = None
    network: Entry | None = None
    backend: Entry | None = None
    resource_limits: ResourceLimits | None = None
    mask_stdout: MaskStdout | None = None
    terminal: tuple[tuple[str, Entry], ...] | None = None
    require: tuple[Entry, ...] | None = None


@record
class ProjectFile:
    """A project's file: where it is, the SHA-256 (hex) of the bytes that were read, and what they say."""

    path: str
    digest: str
    layer: Layer


@record
class Config:
    """Everything that the files say, merged. Paths and patterns are as written; `policy` gives them meaning.

    deny_*: entries in order, later ones win (`!` takes back).
    allow_net: None unrestricted, () no network.
    network: `auto`, `slirp` or `gateway`. backend: `auto`, `bwrap` or `unshare`.
    require: protections that must be active (`limits`, `net`, ...).
    allow_sockets: unix sockets that stay reachable. ports: of the sandbox's loopback, reachable on the host's.
    home: one of HOMES. project: one of PROJECTS. late: one of LATES. share: what of the home is common to all projects
    and the user.
    sources: config files read, in order. withheld: one line for each widening of a project file that the user has
    not agreed to, and that was therefore left out. withheld_files: those project files, each with the SHA-256 (hex)
    of the bytes that were read; `trust.record` wants both.
    settled: for keys that hold one thing, and for `allow_net`, where that was written; not for what no file says.
    """

    group: str = DEFAULT_GROUP
    user: str = DEFAULT_USER
    deny_read: tuple[Entry, ...] = ()
    deny_write: tuple[Entry, ...] = ()
    deny_exec: tuple[Entry, ...] = ()
    deny_env: tuple[Entry, ...] = ()
    allow_net: tuple[Entry, ...] | None = None
    allow_sockets: tuple[Entry, ...] = ()
    ports: tuple[Entry, ...] = ()
    share: tuple[Entry, ...] = ()
    home: str = "layer"
    project: str = "writable"
    late: str = "tell"
    network: str = "auto"
    backend: str = "auto"
    resource_limits: ResourceLimits = ResourceLimits()
    mask_stdout: MaskStdout | None = None
    terminal: TerminalReach = TerminalReach()
    require: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    withheld_files: tuple[tuple[str, str], ...] = ()
    settled: tuple[tuple[str, Entry], ...] = ()
