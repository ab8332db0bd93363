"""What is done with a layer before a run and after it: a look at what is obeyed there, and the exchange of logins."""

from __future__ import annotations

import os

from aigate.layers.inner import Tree
from aigate.layers.place import ASIDE, SHARED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate.layers.logins import Logins
    from aigate.policy.model import Policy


def logins_of(policy: Policy, state: str) -> tuple[str, Logins | None]:
    """Return the layered directory with the single files that are the user's own inside, too, and what exchanges them.

    state: `~/.aigate`. Nothing, where there are none or the home is no layer.
    """
    covered = {item.path for item in policy.hidden}
    files = tuple((path, keys) for path, keys in policy.view.files if path not in covered)
    if files and policy.view.kind in ("layer", "memory"):
        from aigate.layers.logins import Logins

        for item in policy.view.layered:
            if f"{policy.home}/".startswith(f"{item.path}/"):
                return item.path, Logins(state, files, item.path, item.directory)
    return "", None


def share(policy: Policy, state: str, *, before: bool) -> None:
    """Exchange those files for a layer on disk that nobody has mounted. before: both ways; after a run, out alone."""
    if not policy.view.files or policy.view.kind != "layer":
        return
    from aigate.layers.logins import Turn
    from aigate.layers.share import exchange, remember

    for item in policy.view.layered:
        if f"{policy.home}/".startswith(f"{item.path}/") and item.directory:
            known = f"{os.path.dirname(item.directory)}/{SHARED}"
            with Turn(state):
                exchange(policy.view.files, f"{item.directory}/upper", item.path, known, inwards=before)
                if before:
                    remember(policy.view.files, known)


def review_layer(policy: Policy, keep: Callable[[tuple[str, ...]], bool]) -> None:
    """Ask about what nobody has agreed to, and set it aside where the answer is no. For a layer that nobody uses.

    keep: asked with the paths, once, if there are any.
    """
    for item in policy.view.layered:
        directory, upper = os.path.dirname(item.directory), f"{item.directory}/upper"
        if not item.directory or not Tree(upper).entries():
            continue
        from aigate.layers import moves, review

        path = dict(policy.environment).get("PATH", "")
        found = review.unknown(directory, upper, item.path, policy.deny_write, path)
        if not found:
            continue
        if keep(tuple(f"{item.path}/{name}" for name in found)):
            review.accept(directory, [review.line_for(upper, name) for name in found])
            continue
        for name in found:
            moves.discard(upper, name, f"{directory}/{ASIDE}")
