"""Linked worktrees (git-worktree(1)) whose repository lies outside of the project: what is committed goes there."""

from __future__ import annotations

import os

from aigate.policy.git import git_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.policy.model import Policy

LINKED = "/worktrees/"  # gitrepository-layout(5)


def apart(policy: Policy) -> list[tuple[str, str]]:
    """Return that the commits of a run stay in the home's layer, where they do, and what brings them out."""
    repository = _repository(policy.cwd, policy.project)
    if policy.view.kind not in ("layer", "memory") or not repository.startswith(f"{policy.home}/"):
        return []
    if any(f"{repository}/".startswith(f"{place}/") for place in policy.writable):
        return []
    named = f"~{repository.removeprefix(policy.home)}"
    if policy.view.kind == "memory":
        return [("worktree", f"its repository {named} lies in the home's layer: commits are gone at the end")]
    out = f"aigate layer apply {named}"
    return [("worktree", f"its repository {named} lies in the home's layer: commits stay there until {out}")]


def _repository(cwd: str, project: str) -> str:
    """Return the directory of the repository that the linked worktree here belongs to, "" where it is none."""
    top = cwd
    while top not in (project, "/") and not os.path.lexists(f"{top}/.git"):
        top = os.path.dirname(top)
    try:
        directory = git_directory(top) if os.path.isfile(f"{top}/.git") else ""
    except OSError:
        return ""
    return directory.rpartition(LINKED)[0]
