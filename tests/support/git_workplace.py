"""Repositories for the table of git operations: one for each operation inside and outside, and what became of them."""

from __future__ import annotations

import os
import pathlib
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from choice import SEED, budget
from git_operations import OPERATIONS as KNOWN
from git_operations import TEMPLATE, THEN
from sandbox import Sandbox

PLAIN = {
    "GIT_ALLOW_PROTOCOL": "file",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_EDITOR": "true",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z",
}
UNDER_WAY = (
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "rebase-merge",
    "rebase-apply",
    "BISECT_START",
    "index.lock",
)
TRACKED = ("*.pem", "secrets/")
WHOLE_SECONDS = 300
FETCHED = ("remotes",)  # a pull that fails may have fetched: no file of the user's has changed


@dataclass(frozen=True)
class Variant:
    """What is hidden or protected, and how a repository is laid out."""

    deny_read: tuple[str, ...] = ("no.such",)
    deny_write: tuple[str, ...] = ()
    untracked: bool = False
    missing: bool = False
    worktree: bool = False
    separate: bool = False


VARIANTS = {
    "nothing": Variant(),
    "hidden-tracked": Variant(TRACKED),
    "hidden-untracked": Variant((".env",), untracked=True),
    "protected-tracked": Variant(deny_write=("guard.txt",)),
    "protected-missing": Variant(deny_write=("guard.txt",), missing=True),
    "worktree": Variant(TRACKED, ("guard.txt",), worktree=True),
    "separate": Variant((*TRACKED, ".env"), ("guard.txt",), untracked=True, separate=True),
}


# Quick does each operation in one of the variants, pairs in one or two; which, is a matter of the seed.
EVERY = budget(len(VARIANTS), 5, 1)


def operations(variant: str) -> dict[str, str]:
    """Return the operations that are done in a variant: name to script."""
    first = SEED + list(VARIANTS).index(variant)
    return {name: script for place, (name, script) in enumerate(KNOWN.items()) if (place + first) % EVERY == 0}


@dataclass(frozen=True)
class Outcome:
    """How an operation ended: its status, what it printed, and the repository afterwards."""

    status: int
    printed: str
    state: dict[str, object]


class Workplace:
    """The repositories of one variant: those inside lie in the project, the others beside the home."""

    def __init__(self, sandbox: Sandbox, variant: str) -> None:
        self._sandbox, self._variant = sandbox, VARIANTS[variant]
        self._operations = operations(variant)
        self._inside = sandbox.project
        self._outside = sandbox.home.parent / "outside"
        sandbox.extra.update(PLAIN)
        self._configure()
        self._make()

    def before(self) -> dict[str, dict[str, object]]:
        """Return what every repository is like before anything is done there."""
        plain = self._states(self._outside, ["template"])["template"]
        prepared = self._states(self._inside, [name for name, text in self._operations.items() if THEN in text])
        return {name: prepared.get(name, plain) for name in self._operations}

    def outside(self) -> dict[str, Outcome]:
        """Do everything outside."""
        done = self._sandbox.execute(["sh", "-c", self._script()], cwd=self._outside, timeout=WHOLE_SECONDS)
        assert done.returncode == 0, done.stderr
        return self._outcomes(self._outside)

    def inside(self) -> dict[str, Outcome]:
        """Do everything in one sandbox."""
        done = self._sandbox.shell(self._script(), timeout=WHOLE_SECONDS)
        assert done.returncode == 0, done.stderr
        return self._outcomes(self._inside)

    def fsck(self) -> dict[str, str]:
        """Return what `git fsck` says of repositories inside and not of those outside: operation to complaint."""
        check = "git fsck --full --no-dangling --no-progress 2>&1; printf '\\n%d' $?"
        status = lambda said: said.rpartition("\n")[2]  # noqa: E731
        inside = self._each(self._inside, self._operations, check)
        doubtful = {name: said for name, said in inside.items() if status(said) != "0"}
        outside = self._each(self._outside, doubtful, check) if doubtful else {}
        return {name: said for name, said in doubtful.items() if status(said) != status(outside[name])}

    def _configure(self) -> None:
        variant = self._variant
        guarded = [f"/{name}/repo/{path}" for name in self._operations for path in variant.deny_write]
        lines = ["backend: auto", "deny_read:", *(f'  - "{path}"' for path in variant.deny_read)]
        lines += [
            "deny_write:",
            '  - "**/.git/config*"',
            '  - "**/.git/hooks/"',
            *(f'  - "{path}"' for path in guarded),
        ]
        self._sandbox.config("\n".join([*lines, ""]))

    def _make(self) -> None:
        """Make one set of repositories, and copy it for each operation."""
        variant = self._variant
        flags = {
            "MISSING": variant.missing,
            "UNTRACKED": variant.untracked,
            "INIT": "--separate-git-dir=store.git" if variant.separate else "",
        }
        lines = [f"export {name}={shlex.quote(str(value or ''))}" for name, value in flags.items()]
        lines += ["mkdir template", "cd template", f"({TEMPLATE})"]
        if variant.separate:
            lines.append("echo gitdir: ../store.git >repo/.git")
        if variant.worktree:
            lines += ["git -C repo checkout -q --detach", "mv repo main", "git -C main worktree add -q ../repo main"]
            lines += ["[ ! -f main/.env ] || mv main/.env repo"]
        for base in (self._inside, self._outside):
            for name, script in self._operations.items():
                lines.append(f"cp -a . {base}/{name}")
                if variant.worktree:
                    place = f"{base}/{name}"
                    lines.append(f"echo gitdir: {place}/main/.git/worktrees/repo >{place}/repo/.git")
                    lines.append(f"echo {place}/repo/.git >{place}/main/.git/worktrees/repo/gitdir")
                if THEN in script:
                    lines.append(f"(cd {base}/{name}/repo; {script.partition(THEN)[0]})")
        self._outside.mkdir()
        os.chown(self._outside, self._sandbox.uid, self._sandbox.gid)
        done = self._sandbox.execute(["sh", "-ec", "\n".join(lines)], cwd=self._outside)
        assert done.returncode == 0, done.stderr

    def _script(self) -> str:
        """Return a script that does everything, each in its repository."""
        return "\n".join(
            f"(cd {name}/repo && sh -ec {shlex.quote(script.rpartition(THEN)[2])}) >{name}/printed 2>&1;"
            f" echo $? >{name}/status"
            for name, script in self._operations.items()
        )

    def _outcomes(self, base: pathlib.Path) -> dict[str, Outcome]:
        states = self._states(base, list(self._operations))
        return {
            name: Outcome(
                int((base / name / "status").read_text()),
                (base / name / "printed").read_text(errors="replace").replace(str(base), ""),
                state,
            )
            for name, state in states.items()
        }

    def _states(self, base: pathlib.Path, names: Iterable[str]) -> dict[str, dict[str, object]]:
        script = (
            "git rev-parse --absolute-git-dir; printf '\\001';"
            "git for-each-ref --format='%(refname) %(objectname) %(symref)'; printf '\\001'; git ls-files -s -v"
        )
        said = self._each(base, names, script)
        return {name: self._state(base / name, *text.split("\1")) for name, text in said.items()}

    def _state(self, place: pathlib.Path, directory_line: str, refs_lines: str, index: str) -> dict[str, object]:
        """Return what a repository is like: refs, index, files, what is under way, and its config."""
        directory = pathlib.Path(directory_line.rstrip("\n"))
        common = directory.parents[1] if self._variant.worktree else directory
        refs = refs_lines.split("\n")
        return {
            "HEAD": (directory / "HEAD").read_text(),
            "refs": [ref for ref in refs if not ref.startswith("refs/remotes/")],
            "remotes": [ref for ref in refs if ref.startswith("refs/remotes/")],
            "index": index.split("\n"),
            "files": _files(place / "repo"),
            "beside": _files(place / "linked"),
            "under way": [name for name in UNDER_WAY if (directory / name).exists()],
            "config": (common / "config").read_text().replace(str(place), ""),
        }

    def _each(self, base: pathlib.Path, names: Iterable[str], script: str) -> dict[str, str]:
        """Return what a script prints in each repository: one process for all of them."""
        git = 'git() { command git -c "safe.directory=*" "$@"; }'
        loop = f"for name; do (cd $name/repo; {script}); printf '\\0'; done"
        done = self._sandbox.execute(["sh", "-c", f"{git}; {loop}", "sh", *names], cwd=base)
        return dict(zip(names, done.stdout.split("\0"), strict=False))


def _files(top: pathlib.Path) -> dict[str, bytes]:
    """Return the files below a directory, without git's own."""
    found = {}
    for directory, directories, names in os.walk(top):
        directories[:] = [name for name in directories if name != ".git"]
        for name in names:
            path = pathlib.Path(directory, name)
            if name != ".git":
                found[str(path.relative_to(top))] = path.read_bytes() if path.is_file() else b""
    return found


def wrong(before: dict[str, dict[str, object]], outside: dict[str, Outcome], inside: dict[str, Outcome]) -> str:
    """Return what operations did wrong inside, a line each, or "": they do what they do outside, or fail as a whole."""
    complaints = {name: judge(before[name], outside[name], done) for name, done in inside.items()}
    return "\n".join(
        f"{name}: {complaint}; {inside[name].printed!r}, and outside {outside[name].printed!r}"
        for name, complaint in complaints.items()
        if complaint
    )


def judge(before: dict[str, object], outside: Outcome, inside: Outcome) -> str:
    """Return what is wrong with what an operation did inside, or ""."""
    differs = [part for part in outside.state if inside.state[part] != outside.state[part]]
    loud = "aigate: " in inside.printed
    if not differs and (inside.status == outside.status or loud):
        return ""
    if loud and _but_hidden(inside.state) == _but_hidden(outside.state) and inside.status == outside.status:
        return ""
    if not loud:
        return f"silent: status {inside.status}, outside {outside.status}; {explain(differs, inside, outside)}"
    changed = [part for part in before if inside.state[part] != before[part] and part not in FETCHED]
    if changed or not inside.status:
        return f"not as a whole: status {inside.status}, changed {changed}; {explain(differs, inside, outside)}"
    return ""


def _but_hidden(state: dict[str, object]) -> dict[str, object]:
    """Return what a repository is like if the untracked file that may be hidden were not committed."""
    index = [line for line in state["index"] if not line.endswith("\t.env")]
    return {part: index if part == "index" else value for part, value in state.items() if part != "refs"}


def explain(parts: list[str], inside: Outcome, outside: Outcome) -> str:
    return "; ".join(f"{part}: {inside.state[part]!r:.600} and not {outside.state[part]!r:.600}" for part in parts)
