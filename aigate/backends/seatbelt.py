"""The macOS backend: a Policy becomes a Seatbelt profile and sandbox-exec(1)'s arguments. Pure.

Nothing is mounted here: the kernel asks the profile at each operation, with the real path of the file. So a rule also
holds for what is not there yet, and one that names a pattern holds for what comes to match it later. The last rule that
matches decides. All that allows comes first and is plain, what denies comes last; what no rule names is denied.

What the design rests on, none of which Apple documents beyond sandbox-exec(1): `file-read*` and its like stand for all
operations that begin so; rename(2) asks for `file-write-unlink` of the old path and `file-write-create` of the new one;
a host in an `ip` filter is `*` or `localhost` and nothing else; and the filters are asked about the path behind links.
"""

from __future__ import annotations

import os

from aigate.backends.base import Plan
from aigate.backends.sbpl import (
    BELOW,
    DIRECTORY,
    all_of,
    literal,
    may_overlap,
    none_of,
    parameter,
    path_regex,
    pattern_regex,
    regex,
    rule,
    spellings,
    subpath,
)
from aigate.backends.sbpl_services import (
    KERNEL_FACT_PREFIXES,
    KERNEL_FACTS,
    LOCAL_SERVICES,
    NETWORK_SERVICES,
)
from aigate.backends.stubs import program_stub, summary
from aigate.policy.hosts import loopback_ports
from aigate.policy.patterns import ANY_DEPTH, is_literal
from aigate.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aigate.policy.model import DeniedProgram, Hidden, Policy, Protected
    from aigate.policy.patterns import Pattern

TOOL = "/usr/bin/sandbox-exec"
PSEUDO = "<the command's pseudo-terminal>"  # stands for its path, which is known when it has been made
TEMPORARY = ("/private/tmp", "/private/var/tmp", "/private/var/folders")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/dtracehelper", "/dev/tty", "/dev/ptmx")
RESOLVER, SYSTEM_LOG = "/private/var/run/mDNSResponder", "/private/var/run/syslog"
GUARDS, SUMMARY = "bin", "policy.txt"  # in the temporary directory; read-only
HIDE = "file-read* file-write* process-exec*"
REPOSITORY = ".git"
PASSED_ON = "**/"  # a deny_write entry that begins so means the repositories that are there, not any that is made


def plan(
    policy: Policy, command: Sequence[str], *, temporary: str, terminal: str | None, ports: Sequence[int] = ()
) -> Plan:
    """Return how to run a command under a policy.

    temporary: real path of a directory that is the sandbox's own. terminal: path of the command's terminal, if it has
    one. ports: of the gateway's proxy on loopback, where hosts are filtered.
    """
    places = (*policy.writable, temporary)
    names = {f"WRITABLE_{number}": path for number, path in enumerate(places)}
    if terminal:
        names["TERMINAL"] = terminal
    words: list[str | int] = ["-f", 0]
    for name, path in names.items():
        words += ["-D", f"{name}={path}"]
    text = profile(policy, tuple(names), temporary=temporary, ports=ports)
    own = {"TMPDIR": temporary, "AIGATE_SANDBOX": "seatbelt"}
    if any(program.innocent for program in policy.programs):
        own["PATH"] = f"{temporary}/{GUARDS}:{dict(policy.environment).get('PATH', os.defpath)}"
    environment = (*((name, value) for name, value in policy.environment if name not in own), *own.items())
    blob = text.encode("utf-8", "surrogateescape")
    return Plan("seatbelt", TOOL, tuple(words), (blob,), "", tuple(command), environment, shown=0)


def profile(policy: Policy, names: Sequence[str], *, temporary: str, ports: Sequence[int] = ()) -> str:
    """Return the profile's text. names: of the parameters that name writable directories, and `TERMINAL` if any."""
    parts = [
        "(version 1)\n(deny default)\n",
        *_processes(),
        *_services(policy),
        *_network(policy, ports, (policy.project, temporary)),
        *_files(names, temporary),
        *_later(policy),
        *_protect(policy),
        *_hide(policy),
        *_deny_programs(policy.programs),
    ]
    return "\n".join(part for part in parts if part)


def guards(policy: Policy, temporary: str, masked: tuple[str, ...]) -> tuple[tuple[str, bytes], ...]:
    """Return files of the temporary directory as (path, content): the policy in words, and scripts first in PATH.

    A script stands for a program of which a subcommand, or one name, is denied. It is a guard rail: who calls the
    program by its path gets past it.
    """
    told = f"{temporary}/{SUMMARY}"
    files = {told: summary(policy, masked, "they cannot be opened")}
    for program in policy.programs:
        if program.innocent:
            script = program_stub(program, os.path.dirname(program.path), told)
            for name in {*program.names, *program.innocent, *(name for name, _ in program.subcommands)}:
                files[f"{temporary}/{GUARDS}/{os.path.basename(name)}"] = script
    return tuple(sorted(files.items()))


def unenforced(policy: Policy) -> tuple[tuple[str, str], ...]:
    """Return what of a policy a profile cannot hold, as (name, reason)."""
    found = []
    partly = sorted({" ".join((name, *words)) for program in policy.programs for name, words in program.subcommands})
    partly += sorted({name for program in policy.programs if program.innocent for name in program.names})
    if partly:
        reason = "on macOS a script in PATH refuses it, which the program's own path gets past"
        found.append(("deny_exec", f"{', '.join(dict.fromkeys(partly))}: {reason}"))
    return tuple(found)


def _processes() -> Iterator[str]:
    yield rule("allow", "process-fork process-exec*", why="Programs run as they are; the denied ones stand at the end.")
    yield rule("deny", "process-info* mach-task-name mach-priv-task-port nvram*")
    yield rule(
        "allow",
        "signal process-info*",
        ["(target same-sandbox)"],
        why="Only its own processes can be looked at and signalled; none gives up its task port to be debugged.",
    )
    yield rule("deny", "sysctl-read")
    yield rule(
        "allow",
        "sysctl-read",
        [
            *(f'(sysctl-name "{name}")' for name in KERNEL_FACTS),
            *(f'(sysctl-name-prefix "{prefix}")' for prefix in KERNEL_FACT_PREFIXES),
        ],
        why="Named one by one: arguments and environment of this user's processes (kern.procargs2) can be asked for\n"
        "; by number, and then no rule knows their name.",
    )
    yield rule("allow", "sysctl-write", ['(sysctl-name "kern.tcsm_enable")'], why="V8 asks for it when it starts.")
    yield rule("allow", "ipc-posix-sem ipc-posix-shm*", why="Python's multiprocessing, among others.")
    yield rule("allow", "pseudo-tty iokit-get-properties")
    yield rule(
        "deny",
        "file-link file-clone",
        why="A second name would be another path; and both are no file-write*, so they would pass what is read-only.",
    )


def _services(policy: Policy) -> Iterator[str]:
    yield rule(
        "allow",
        "mach-lookup",
        [f'(global-name "{name}")' for name in LOCAL_SERVICES],
        why="All other services would act outside, for whoever asks: launchd and LaunchServices start programs; then\n"
        "; Apple events, the keychain (SecurityServer, securityd), the pasteboard, preferences, WindowServer.",
    )
    yield rule("deny", "appleevent-send lsopen job-creation")
    if policy.hosts is None:
        yield rule("allow", "mach-lookup", [f'(global-name "{name}")' for name in NETWORK_SERVICES])


def _network(policy: Policy, ports: Sequence[int], places: Sequence[str]) -> Iterator[str]:
    if policy.hosts is None:
        yield rule("allow", "network* system-socket", why="Every host can be reached: allow_net is left out.")
    else:
        yield rule("allow", "system-socket", ["(socket-domain AF_UNIX)"])
        opened = (*ports, *loopback_ports(policy.hosts))
        if opened:
            yield rule(
                "allow",
                "network-outbound",
                [f'(remote ip "localhost:{port}")' for port in opened],
                why="The gateway, which connects by name.",
            )
        servers = [f'ip "localhost:{port}"' for port in policy.ports]
        why = "Servers inside, which the user reaches on his own loopback, and the command itself."
        yield rule("allow", "network-bind network-inbound", [f"(local {server})" for server in servers], why=why)
        yield rule("allow", "network-outbound", [f"(remote {server})" for server in servers])
    own = [subpath(form) for place in places for form in spellings(place)]
    exposed = [subpath(form) for path in policy.exposed for form in spellings(path)]
    system = [literal(form) for form in spellings(SYSTEM_LOG)]
    if policy.hosts is None:
        system += [literal(form) for form in spellings(RESOLVER)]
    yield rule("deny", "network-bind network-inbound", ["(local unix-socket)"])
    yield rule(
        "deny",
        "network-outbound",
        ["(remote unix-socket)"],
        why="Sockets of docker, ssh-agent, gpg-agent, the password manager, launchd and the like: none but these.",
    )
    yield rule("allow", "network-bind network-inbound", [f"(local unix-socket {text})" for text in own])
    yield rule("allow", "network-outbound", [f"(remote unix-socket {text})" for text in (*own, *exposed, *system)])


def _files(names: Sequence[str], temporary: str) -> Iterator[str]:
    places = [name for name in names if name != "TERMINAL"]
    own = [parameter("literal", "TERMINAL")] if "TERMINAL" in names else []
    yield rule("allow", "file-read*")
    yield rule(
        "deny",
        "file-read-data file-read-xattr",
        [
            *(subpath(form) for path in TEMPORARY for form in spellings(path)),
            regex("^/dev/(r?disk|bpf|tty)"),
        ],
        why="What other programs keep in temporary directories; raw disks, and other windows' terminals.",
    )
    yield rule(
        "allow",
        "file-read*",
        [regex("^/private/var/folders/[^/]+/[^/]+/T/xcrun_db$")],
        why="Where git and its like from Xcode are; nothing may write it, for it tells the user's own shell as well.",
    )
    yield rule("allow", "file-read* file-write*", [parameter("subpath", name) for name in places])
    kept = [subpath(f"{form}/{GUARDS}") for form in spellings(temporary)]
    kept += [literal(f"{form}/{SUMMARY}") for form in spellings(temporary)]
    yield rule("deny", "file-write*", kept)
    yield rule("allow", "file-read-data file-write-data file-ioctl", [*map(literal, DEVICES), *own])
    yield rule("allow", "file-write-data", [regex("^/dev/(fd/[0-9]+|stdout|stderr)$")])
    yield rule(
        "allow",
        "file-read* file-write* file-ioctl",
        [all_of(regex("^/dev/ttys[0-9]+$"), '(extension "com.apple.sandbox.pty")')],
        why="Pseudo-terminals that were made inside.",
    )


def _later(policy: Policy) -> Iterator[str]:
    """Yield what holds the patterns against files that come to match them during the run."""
    for pattern, taken_back in _with_exceptions(policy.deny_read):
        yield rule(
            "deny",
            "file-read* file-write-unlink",
            _matches(pattern, taken_back, policy.project),
            why=_comment("deny_read", pattern),
        )
    exact = [regex(f"{pattern_regex(p, policy.project)}$") for p in policy.deny_read if not p.negated]
    if exact:
        yield rule(
            "allow",
            "file-read-metadata",
            exact,
            why="Size and times of a hidden file can be asked for: without, every walk through a tree would fail.",
        )
    # What is made is not yet a directory when the kernel asks, so names for directories are kept free of files as well.
    by_name = tuple(replace(pattern, directory_only=False) for pattern in policy.deny_write)
    for pattern, taken_back in _with_exceptions(by_name):
        if _is_open(pattern):
            yield rule(
                "deny",
                "file-write*",
                _matches(pattern, taken_back, policy.project),
                why=_comment("deny_write", pattern),
            )


def _is_open(pattern: Pattern) -> bool:
    """Tell whether a deny_write pattern is held against more than what `protected` found by it.

    So links are kept that lead to what was found, and names that stand far from anything there is. Not those in a
    repository: the present one's are found, and one may be made where there is none.
    """
    return not pattern.entry.text.startswith(PASSED_ON) and REPOSITORY not in pattern.segments


def _comment(what: str, pattern: Pattern) -> str:
    return f"{what}: {pattern.entry.text.encode('unicode_escape').decode('ascii')}"


def _with_exceptions(patterns: Sequence[Pattern]) -> Iterator[tuple[Pattern, list[Pattern]]]:
    """Yield each pattern that denies, with those behind it that may take some of it back."""
    for number, pattern in enumerate(patterns):
        if not pattern.negated:
            behind = [other for other in patterns[number + 1 :] if other.negated and may_overlap(pattern, other)]
            yield pattern, behind


def _matches(pattern: Pattern, taken_back: Sequence[Pattern], project: str) -> list[str]:
    """Return filters for the paths that a pattern names and what lies below them, less what is taken back."""
    named = pattern_regex(pattern, project)
    if not pattern.directory_only and not taken_back:
        return [regex(f"{named}{BELOW}$")]
    kind = [DIRECTORY] if pattern.directory_only else []
    spared = [(pattern_regex(other, project), [DIRECTORY] if other.directory_only else []) for other in taken_back]
    own = none_of(all_of(regex(f"{text}$"), *only) for text, only in spared)
    inner = none_of(regex(f"{text}/") for text in _taken_back_within(pattern, taken_back, project))
    return [all_of(regex(f"{named}$"), *kind, *own), all_of(regex(f"{named}/"), *inner)]


def _taken_back_within(pattern: Pattern, taken_back: Sequence[Pattern], project: str) -> Iterator[str]:
    """Yield what matches the directories that a pattern names and another one takes back, not ended yet.

    What takes everything in a directory back takes nothing back in a hidden directory that has one like it in it.
    """
    for other in taken_back:
        if other.segments[-1] != ANY_DEPTH:
            yield pattern_regex(other, project)
        elif pattern.segments[:-1] == (ANY_DEPTH,):
            yield pattern_regex(replace(other, segments=(*other.segments, pattern.segments[-1])), project)


def _protect(policy: Policy) -> Iterator[str]:
    yield rule(
        "deny",
        "file-write-unlink",
        [literal(form) for path in _above_hidden(policy) for form in spellings(path)],
        why="Directories above what is hidden stay where they are.",
    )
    yield rule(
        "deny",
        "file-write-unlink file-write-create",
        [literal(form) for path in above_protected(policy) for form in spellings(path)],
        why="Directories above what is read-only, too, and nothing is put in their place.",
    )
    items = [text for item in policy.protected for text in _protected(item)]
    yield rule("deny", "file-write*", items, why="Read-only, also where it is not there yet.")


def _protected(item: Protected) -> list[str]:
    if item.placeholder:
        return [regex(f"{path_regex(item.path)}{BELOW}$")]
    kind = subpath if item.directory else literal
    return [kind(form) for form in spellings(item.path)]


def _above_hidden(policy: Policy) -> list[str]:
    starts = (path for pattern in policy.deny_read if not pattern.negated for path in _start(pattern, policy.project))
    return _above((*(item.path for item in policy.hidden), *starts), policy.writable)


def above_protected(policy: Policy) -> list[str]:
    """Return the directories that must be there and stay, for nothing else could be renamed to them.

    They are the writable ones, and those in them that something protected lies in, or may come to lie in.
    """
    starts = (
        path
        for pattern in policy.deny_write
        if not pattern.negated and _is_open(pattern)
        for path in _start(pattern, policy.project)
    )
    return _above((*policy.writable, *(item.path for item in policy.protected), *starts), policy.writable)


def _above(paths: Iterable[str], writable: Sequence[str]) -> list[str]:
    """Return the writable directories, and those between one of them and a path."""
    found: dict[str, None] = dict.fromkeys(writable)
    for path in paths:
        above = os.path.dirname(path)
        while above not in found and any(_below(above, place) for place in writable):
            found[above] = None
            above = os.path.dirname(above)
    return sorted(found)


def _start(pattern: Pattern, project: str) -> Iterator[str]:
    """Yield a path that lies in the last directory that a pattern names without wildcards, if it names one."""
    plain: list[str] = [] if pattern.absolute else [project.lstrip("/")]
    for segment in pattern.segments:
        plain.append(segment)
        if segment == ANY_DEPTH or not is_literal(segment):
            break
    if len(plain) > 1:
        yield "/" + "/".join(plain)


def _below(path: str, directory: str) -> bool:
    return path != directory and path.startswith(directory.rstrip("/") + "/")


def _hide(policy: Policy) -> Iterator[str]:
    if not policy.hidden:
        return
    filters = [text for item in policy.hidden for text in _hidden(item)]
    yield rule("deny", HIDE, filters, why="Hidden: what is found here now, with its hard links and what links lead to.")
    yield rule(
        "allow", "file-read-metadata", [literal(form) for item in policy.hidden for form in spellings(item.path)]
    )


def _hidden(item: Hidden) -> Iterable[str]:
    kind = subpath if item.directory else literal
    return (kind(form) for form in spellings(item.path))


def _deny_programs(programs: Iterable[DeniedProgram]) -> Iterator[str]:
    """Yield what denies program files as a whole; unreadable, so that no copy of them runs either."""
    paths = dict.fromkeys(program.path for program in programs if not program.innocent)
    if paths:
        filters = [literal(form) for path in paths for form in spellings(path)]
        yield rule("deny", "process-exec* file-read-data file-write*", filters, why="Denied programs.")
