"""What a run leaves in git's directories besides commits: looked for when it has ended, put back or moved away.

While it lasts, git must be able to make repositories of its own (clone, init, submodule, worktree). What is dangerous
in one is what git outside would run or be led by: programs named in settings, hooks, links, an `exec` in a rebase.
"""

from __future__ import annotations

import os
import stat

from aigate.watch.places import GIT
from aigate.watch.quarantine import NEW_FILE, open_directory, open_up
from aigate.watch.tracked import ask, git_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from aigate.watch.brief import Before

MOST_BYTES = 1 << 20  # of a file that is looked into
LOOKED_INTO = ("hooks", "worktrees", "rebase-merge", "sequencer")
MERGE_STRATEGIES = ("ort", "recursive", "resolve", "octopus", "ours", "subtree")
YES_OR_NO = ("true", "false", "yes", "no", "on", "off", "1", "0", "")
# Settings that name no program, no file and no other server; * stands for anything between two dots.
HARMLESS = frozenset((
    "core.repositoryformatversion", "core.filemode", "core.bare", "core.logallrefupdates", "core.ignorecase",
    "core.precomposeunicode", "core.symlinks", "core.autocrlf", "core.eol", "core.safecrlf", "core.abbrev",
    "core.sparsecheckout", "core.sparsecheckoutcone", "core.quotepath", "core.untrackedcache", "core.commentchar",
    "remote.*.url", "remote.*.pushurl", "remote.*.fetch", "remote.*.push", "remote.*.tagopt", "remote.*.prune",
    "remote.*.promisor", "remote.*.partialclonefilter", "remote.*.mirror", "remote.*.skipfetchall",
    "branch.*.remote", "branch.*.merge", "branch.*.rebase", "branch.*.pushremote", "branch.*.description",
    "extensions.objectformat", "extensions.refstorage", "extensions.partialclone", "extensions.worktreeconfig",
    "extensions.relativeworktrees", "extensions.compatobjectformat",
    "submodule.*.url", "submodule.*.active", "submodule.*.branch", "submodule.*.update", "submodule.active",
    "user.name", "user.email", "author.name", "author.email", "committer.name", "committer.email",
    "init.defaultbranch", "pull.rebase", "pull.ff", "push.default", "push.autosetupremote", "push.followtags",
    "fetch.prune", "rerere.enabled", "rerere.autoupdate", "merge.conflictstyle", "merge.ff", "commit.gpgsign",
    "tag.gpgsign", "gc.auto", "rebase.autosquash", "rebase.autostash", "lfs.repositoryformatversion",
))  # fmt: skip


class Repositories:
    """Git's directories of one run: those that were there before, and those that appear. tool: git(1), or None."""

    def __init__(self, before: Before, project: str, tool: str | None) -> None:
        self._project, self._tool = project, tool
        self._heads, self._rebases, self._links, self._bare = before
        self._found: set[str] = set()
        self._leading: set[str] = set()
        self._users: set[str] = set()  # those of the user's own, made meanwhile
        self._mixed: set[str] = set()

    def found(self, path: str) -> None:
        """Take note of a directory with a new HEAD, or of a `.git` that leads to one; what is closed may be either."""
        mode = _mode(path)
        if mode is None or stat.S_ISDIR(mode) or os.path.basename(path) != GIT:
            self._found.add(path)
        if os.path.basename(path) == GIT and (mode is None or not stat.S_ISDIR(mode)):
            self._leading.add(path)

    def made(self, path: str, *, alone: bool) -> None:
        """Take note of a repository that was made outside, whose settings nobody inside can change any more.

        What is in there from now on is the user's own, unless something was in it before that was not. alone: nobody
        inside may have made a part of it; once that is not so, it stays so.
        """
        if not alone:
            self._mixed.add(path)
        elif not any(self._obeyed(path)):
            self._users.add(path)

    @property
    def is_as_it_was(self) -> bool:
        """Tell whether nothing is to be seen to where git's directories were: each can be looked into, and is fine."""
        below = (f"{directory}/{name}" for directory in self._heads for name in ("", *LOOKED_INTO))
        return not (
            any(map(_is_closed, below))
            or any(map(_is_closed, (f"{d}/worktrees/{name}" for d in self._heads for name in _names(f"{d}/worktrees"))))
            or any(os.path.islink(f"{directory}/HEAD") for directory in self._heads)
            or next(iter(self.unwanted()), None)
        )

    def open_up(self) -> None:
        """Give the owner his rights over directories back that were closed, so that they can be looked into.

        Among them are those that a new `.git` leads to, wherever in the project they are.
        """
        _open_up({*self._heads, *self._found})
        led = (git_directory(os.path.dirname(path)) for path in self._leading)
        real = {os.path.realpath(path) for path in led if path}
        new = {path for path in real if path.startswith(f"{self._project.rstrip('/')}/")} - self._found
        _open_up(new)
        self._found |= new

    def unwanted(self) -> Iterator[tuple[str, str]]:
        """Yield what is to be moved away, and why. Call `open_up` and `mend` before."""
        for directory in self._heads:
            yield from self._of_known(directory)
        for directory in sorted(self._found - self._heads.keys()):
            if _is_git_directory(directory):
                yield from self._of_new(directory)

    def mend(self) -> Iterator[str]:
        """Put every HEAD back that has become a link, and yield its path. Raises OSError."""
        for directory in {*self._heads, *self._found}:
            path = f"{directory}/HEAD"
            if not os.path.islink(path):
                continue
            named = os.readlink(path)
            content = b"ref: " + os.fsencode(named) + b"\n" if named.startswith("refs/") else self._heads.get(directory)
            if content:
                _put(directory, content)
                yield path

    def _of_known(self, directory: str) -> Iterator[tuple[str, str]]:
        for path, line in _executed(directory):
            if (path, line) not in self._rebases[directory]:
                yield os.path.dirname(path), f"a rebase that would run: {line}"
                break
        yield from (found for found in _of_links(directory) if found[0] not in self._links)
        yield from _of_worktrees(directory)

    def _of_new(self, directory: str) -> Iterator[tuple[str, str]]:
        if directory == self._project and not self._bare:
            yield f"{directory}/HEAD", "it makes a repository of the project's directory"
        if directory not in self._users - self._mixed:
            yield from self._obeyed(directory)
        if os.path.lexists(f"{directory}/commondir") and not _belongs_to_another(directory):
            yield f"{directory}/commondir", "settings from elsewhere"
        yield from _of_links(directory)
        for path, line in _executed(directory):
            yield os.path.dirname(path), f"a rebase that would run: {line}"
            break
        yield from _of_worktrees(directory)

    def _obeyed(self, directory: str) -> Iterator[tuple[str, str]]:
        """Yield the settings and hooks of a repository by which git would run something or be led elsewhere."""
        for name in ("config", "config.worktree") if not _belongs_to_another(directory) else ():
            setting = self._dangerous(f"{directory}/{name}")
            if setting:
                yield f"{directory}/{name}", f"a setting that git could run or be led by: {setting}"
        for name in _names(f"{directory}/hooks"):
            if not name.endswith(".sample"):
                yield f"{directory}/hooks/{name}", "a git hook"

    def _dangerous(self, path: str) -> str:
        """Return the first setting of a config file that is not harmless, or ""."""
        if not os.path.lexists(path):
            return ""
        if os.path.islink(path) or self._tool is None:
            return "a link" if os.path.islink(path) else ""
        listed = ask(self._tool, "config", "--file", path, "--no-includes", "--list", "-z")
        if listed is None:
            return "it cannot be read"
        for line in listed.split(b"\0")[:-1]:
            name, _, value = line.decode("utf-8", "backslashreplace").partition("\n")
            if not _is_harmless(name, value) or not self._stays(os.path.dirname(path), name, value):
                return name
        return ""

    def _stays(self, directory: str, name: str, value: str) -> bool:
        """Tell whether a setting leaves git in the project: a checkout writes where `core.worktree` leads."""
        if name.lower() != "core.worktree":
            return True
        return os.path.realpath(os.path.join(directory, value)).startswith(f"{self._project.rstrip('/')}/")


def as_found(known: tuple[str, ...], project: str) -> Before:
    """Return how git's directories are now."""
    return (
        {directory: _content(f"{directory}/HEAD") for directory in known},
        {directory: tuple(_executed(directory)) for directory in known},
        tuple(path for directory in known for path, _ in _of_links(directory)),
        _is_git_directory(project),
    )


def _open_up(directories: set[str]) -> None:
    for directory in sorted(directories):
        for name in ("", *LOOKED_INTO):
            open_up(f"{directory}/{name}")
        for name in _names(f"{directory}/worktrees"):
            open_up(f"{directory}/worktrees/{name}")


def _mode(path: str) -> int | None:
    """Return what is at a path, 0 for nothing, None where that cannot be told."""
    try:
        return os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except OSError:
        return None


def _is_closed(path: str) -> bool:
    """Tell whether there is a directory whose owner lacks a right over it."""
    mode = _mode(path)
    return mode is None or (stat.S_ISDIR(mode) and mode & stat.S_IRWXU != stat.S_IRWXU)


def _is_harmless(name: str, value: str) -> bool:
    section, _, rest = name.partition(".")
    middle, dot, last = rest.rpartition(".")
    plain = f"{section.lower()}.*.{last.lower()}" if dot and middle else f"{section.lower()}.{last.lower()}"
    if plain == "core.fsmonitor":
        return value.lower() in YES_OR_NO
    if plain == "core.worktree":
        return not os.path.isabs(value)
    if plain == "submodule.*.update":
        return not value.startswith("!")
    return plain in HARMLESS and not value.startswith(("ext::", "-"))


def _executed(directory: str) -> Iterator[tuple[str, str]]:
    """Yield what a rebase or a sequence of picks that is going on would run: (file, line)."""
    for name in ("rebase-merge/git-rebase-todo", "rebase-merge/done", "sequencer/todo"):
        path = f"{directory}/{name}"
        for line in (_content(path) or b"").decode("utf-8", "replace").splitlines():
            if line.split()[:1] in (["exec"], ["x"]):
                yield path, line.strip()
    for name in ("rebase-merge/strategy", "sequencer/opts"):
        path = f"{directory}/{name}"
        for line in (_content(path) or b"").decode("utf-8", "replace").splitlines():
            word = _strategy(line) if name == "sequencer/opts" else line.strip()
            if word and word not in MERGE_STRATEGIES:
                yield path, word


def _strategy(line: str) -> str:
    """Return the strategy that a line of settings names, or "". What is spelt as git never does is one of its own."""
    plain = "".join(line.lower().split())
    if "strategy" not in plain or (plain.startswith("strategy-option=") and "[" not in plain):
        return ""
    key, _, value = plain.partition("=")
    return value if key == "strategy" and value else plain


def _of_links(directory: str) -> Iterator[tuple[str, str]]:
    """Yield links in the place of directories in which git finds what it runs: git makes none."""
    for name in LOOKED_INTO:
        if os.path.islink(f"{directory}/{name}"):
            yield f"{directory}/{name}", "a link to what git would run or be led by"


def _of_worktrees(directory: str) -> Iterator[tuple[str, str]]:
    """Yield the directories of worktrees whose settings come from somewhere else than from the repository."""
    for name in _names(f"{directory}/worktrees"):
        place = f"{directory}/worktrees/{name}"
        named = os.fsdecode(_content(f"{place}/commondir") or b"").strip()
        if not named or os.path.realpath(os.path.join(place, named)) != os.path.realpath(directory):
            yield place, "a worktree with settings from elsewhere"


def _belongs_to_another(directory: str) -> bool:
    """Tell whether it is a worktree's directory, whose repository is looked at by itself."""
    return os.path.basename(os.path.dirname(directory)) == "worktrees"


def _is_git_directory(directory: str) -> bool:
    """Tell whether git takes it for a repository (gitrepository-layout(5)): objects may be elsewhere with commondir."""
    if not os.path.lexists(f"{directory}/HEAD"):
        return False
    shared = os.path.lexists(f"{directory}/commondir")
    return shared or (os.path.isdir(f"{directory}/objects") and os.path.isdir(f"{directory}/refs"))


def _names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def _content(path: str) -> bytes | None:
    """Return what is in a plain file, or None."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return os.read(descriptor, MOST_BYTES)
    finally:
        os.close(descriptor)


def _put(directory: str, content: bytes) -> None:
    """Put a HEAD in the place of the link that is there."""
    place = open_directory(directory)
    try:
        descriptor = os.open("HEAD.lock", NEW_FILE, 0o644, dir_fd=place)
        os.write(descriptor, content)
        os.close(descriptor)
        os.rename("HEAD.lock", "HEAD", src_dir_fd=place, dst_dir_fd=place)
    finally:
        os.close(place)
