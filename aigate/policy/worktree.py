"""Work trees whose repository lies outside of the project: what is committed goes there.

That is a linked worktree's (git-worktree(1)), one that `git init --separate-git-dir` has made, and a link `.git`.
"""

from __future__ import annotations

import os

from aigate.policy.git import git_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.policy.model import Policy

LINKED = "/worktrees/"  # gitrepository-layout(5)
TOGETHER = "commits fail; start in a directory that holds both"


def apart(policy: Policy) -> list[tuple[str, str]]:
    """Return that the commits of a run stay in the home's layer, with what brings them out, or that there are none."""
    repository = _repository(policy.cwd, policy.project)
    places = (policy.project, *policy.writable)
    if not repository or any(f"{repository}/".startswith(f"{place.rstrip('/')}/") for place in places):
        return []
    if not repository.startswith(f"{policy.home}/"):
        return [("worktree", f"its repository {repository} is in neither project nor home: {TOGETHER}")]
    named = f"~{repository.removeprefix(policy.home)}"
    if policy.view.kind == "layer":
        out = f"aigate layer apply {named}"
        return [("worktree", f"its repository {named} lies in the home's layer: commits stay there until {out}")]
    if policy.view.kind == "memory":
        return [("worktree", f"its repository {named} lies in the home's layer: commits are gone at the end")]
    return [("worktree", f"its repository {named} lies in a home that is {policy.view.kind}: {TOGETHER}")]


def _repository(cwd: str, project: str) -> str:
    """Return the directory of the repository that the work tree here belongs to; "" where it is `.git` itself."""
    top = cwd
    while top not in (project, "/") and not os.path.lexists(f"{top}/.git"):
        top = os.path.dirname(top)
    path = f"{top}/.git"
    try:
        apart = os.path.isfile(path) or os.path.islink(path)
        directory = git_directory(top) if apart else ""
    except OSError:
        return ""
    if not os.path.isfile(f"{directory}/HEAD"):
        return ""
    return directory.rpartition(LINKED)[0] if os.path.isfile(f"{directory}/commondir") else directory
