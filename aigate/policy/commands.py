"""Denied commands: which program files they are on this machine, and whether a command line is one of them.

Owns the meaning of `deny_exec`. An entry is a name (`curl`), a path (`/opt/x/tool`), or a name with subcommand words
(`kubectl delete`). Reads directories only; starts nothing.
"""

from __future__ import annotations

import os
import stat
import sys

from aigate.errors import ConfigError
from aigate.policy.links import Inode, links_to
from aigate.policy.model import DeniedProgram
from aigate.policy.spelling import misspelt_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from aigate.config.model import Entry

STANDARD_DIRECTORIES = (
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/usr/games",
    "/snap/bin",
    "/usr/lib/git-core",
    "/usr/libexec/git-core",
    "/run/current-system/sw/bin",
    "/opt/homebrew/bin",
    "/opt/homebrew/sbin",
    "/Library/Developer/CommandLineTools/usr/bin",
    "/Applications/Xcode.app/Contents/Developer/usr/bin",
)
HOME_DIRECTORIES = (".local/bin", "bin", ".cargo/bin", "go/bin", ".nix-profile/bin")
SHIMS = "/usr/bin"
SHELLS_AND_WRAPPERS = frozenset({"env", "nice", "nohup", "setsid", "stdbuf", "timeout", "time", "command", "exec"})


def parse_commands(entries: Sequence[Entry]) -> dict[tuple[str, ...], Entry]:
    """Return denied commands, as words, with the entry of each, after `!` entries took theirs back.

    Raises ConfigError for an entry that names none.
    """
    denied: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        taken_back = entry.text.startswith("!")
        words = tuple(entry.text[1:].split() if taken_back else entry.text.split())
        wrong = misspelt_command(entry.text.removeprefix("!"))
        if wrong:
            message = f"deny_exec entry {entry.text!r} {wrong[0]}"
            raise ConfigError(message, path=entry.path, line=entry.line, hint=wrong[1])
        if not words or words[0].startswith("-") or ("/" in words[0] and not words[0].startswith("/")):
            raise ConfigError(
                f"deny_exec entry {entry.text!r} names no command",
                path=entry.path,
                line=entry.line,
                hint="a name (curl), an absolute path, or a name with subcommand words (kubectl delete)",
            )
        if taken_back:
            denied.pop(words, None)
        else:
            denied.setdefault(words, entry)
    return denied


def is_denied(command: Sequence[str], denied: Iterable[tuple[str, ...]]) -> tuple[str, ...] | None:
    """Return the denied command that a command line is, or None. Looks through `env`, `nice` and their like."""
    words = list(command)
    while words:
        name = os.path.basename(words[0])
        for entry in denied:
            if entry[0] in (name, words[0]) and (len(entry) == 1 or has_subcommand(words[1:], entry[1:])):
                return entry
        if name not in SHELLS_AND_WRAPPERS:
            return None
        words = _behind_wrapper(words[1:])
    return None


def _behind_wrapper(words: list[str]) -> list[str]:
    """Leave out a wrapper's own options, assignments and durations."""
    position = 0
    while position < len(words):
        word = words[position]
        if not (word.startswith("-") or "=" in word or word[:1].isdigit()):
            break
        position += 1
    return words[position:]


def has_subcommand(arguments: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether the first words of `arguments` that are not options can be `wanted`.

    Which options take a value differs from program to program, so a word behind an option without `=` is taken both
    ways: as the option's value and as a subcommand. `git -C x push` is `git push`; `git commit -m push` is not.
    """
    if not wanted:
        return True
    behind_option = False
    for position, word in enumerate(arguments):
        if word.startswith("-") and word != "-":
            behind_option = "=" not in word and word != "--"
            continue
        if word == wanted[0] and has_subcommand(arguments[position + 1 :], wanted[1:]):
            return True
        if not behind_option:
            return False
        behind_option = False
    return False


def search_path(path: str, home: str) -> tuple[str, ...]:
    """Return the real directories in which programs are looked for: PATH, the standard ones, the home's."""
    wanted = [part for part in path.split(":") if part.startswith("/")]
    wanted += [*STANDARD_DIRECTORIES, *(f"{home}/{name}" for name in HOME_DIRECTORIES)]
    found = {os.path.realpath(directory): None for directory in wanted}
    return tuple(directory for directory in found if os.path.isdir(directory))


def find_programs(
    denied: Iterable[tuple[str, ...]], directories: Sequence[str], state: str | None = None
) -> tuple[DeniedProgram, ...]:
    """Return the program files that denied commands lead to, in every directory, through links of both kinds.

    directories: real paths. state: the folder that holds caches, None for none.
    """
    by_name: dict[str, list[tuple[str, ...]]] = {}
    for words in denied:
        by_name.setdefault(words[0], []).append(words[1:])
    files: dict[Inode, dict[str, None]] = {}
    called: dict[Inode, set[str]] = {}
    for name in by_name:
        for path in [name] if name.startswith("/") else [f"{directory}/{name}" for directory in directories]:
            status = _regular(path)
            if status is not None:
                real = path if path != name and not os.path.islink(path) else os.path.realpath(path)
                files.setdefault((status.st_dev, status.st_ino), {})[real] = None
                called.setdefault((status.st_dev, status.st_ino), set()).add(os.path.basename(path))
                if status.st_nlink > 1 and not _is_shim(path):
                    files[status.st_dev, status.st_ino].update(_hard_links(status, directories))

    def names_of(inode: Inode) -> set[str]:
        return called[inode] | links_to(inode, directories, state)

    return tuple(program for inode, paths in files.items() for program in _group(inode, paths, by_name, names_of))


def _is_shim(path: str) -> bool:
    """Tell whether a path is one of macOS's doors to the developer tools: one file, under the names of them all."""
    return sys.platform == "darwin" and os.path.dirname(os.path.realpath(path)) == SHIMS


def _regular(path: str) -> os.stat_result | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _hard_links(wanted: os.stat_result, directories: Sequence[str]) -> dict[str, None]:
    """Return every name, in these directories, of a file with several hard links."""
    found: dict[str, None] = {}
    for directory in directories:
        for entry in _entries(directory):
            if entry.inode() == wanted.st_ino and not entry.is_symlink() and entry.stat().st_dev == wanted.st_dev:
                found[entry.path] = None
    return found


def _entries(directory: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except OSError:
        return []


def _group(
    inode: Inode,
    paths: Iterable[str],
    by_name: dict[str, list[tuple[str, ...]]],
    names_of: Callable[[Inode], set[str]],
) -> list[DeniedProgram]:
    """Tell what must not run of one file, whatever it is called.

    A file that bears a denied name is denied as a whole: its links are other names of the same program (`slogin` is
    `ssh`). One that is only linked to by a denied name may be many programs in one (busybox): the others must work.
    """
    own = {os.path.basename(path) for path in paths}
    denied = {name for name in own.union(paths) if () in by_name.get(name, ())}
    if denied:
        return [DeniedProgram(path, tuple(sorted(denied))) for path in paths]
    names = own | names_of(inode)
    denied = {name for name in names if () in by_name.get(name, ())}
    subcommands = sorted((name, words) for name in names.union(paths) for words in by_name.get(name, ()) if words)
    denied |= {name for name in names for program, words in subcommands if name == f"{program}-{words[0]}"}
    innocent = names - denied
    if denied and innocent <= own and not subcommands:
        return [DeniedProgram(path, tuple(sorted(denied | own))) for path in paths]
    return [DeniedProgram(path, tuple(sorted(denied)), tuple(subcommands), tuple(sorted(innocent))) for path in paths]
