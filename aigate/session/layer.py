"""What is done with a layer before a run and after it: a look at what is obeyed there, and the exchange of logins."""

from __future__ import annotations

import os
import stat

from aigate.config.files import shown
from aigate.errors import EnforcementError
from aigate.layers.inner import Tree
from aigate.layers.place import ASIDE, SHARED

MOST_NAMED = 3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


def obeyed_later(policy: Policy, since: float) -> list[str]:
    """Return a line on what was written into layers that a later agent would obey. since: when the run began."""
    found = []
    for _, upper, path, names in _unknown(policy):
        found += [f"{path}/{name}" for name in names if _is_since(f"{upper}/{name}", since)]
    if not found:
        return []
    named = ", ".join(shown(path) for path in found[:MOST_NAMED])
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return [f"{named}{more}: written in the layer, where later agents would obey it; the next run asks (aigate layer)"]


def let_pass(policy: Policy, state: str) -> None:
    """Take what no layer keeps out of the home's, where no other run uses that; else the next run does. OSError.

    state: `~/.aigate`. What any profile says holds here, whichever of them the run had: agents are started by scripts.
    """
    if policy.view.kind != "layer":
        return
    for item in policy.view.layered:
        if not item.directory or not f"{policy.home}/".startswith(f"{item.path}/"):
            continue
        if not Tree(f"{item.directory}/upper").entries():
            continue
        from aigate.layers.hold import Unused
        from aigate.layers.moves import remove
        from aigate.profiles.load import passing_of_all

        directory = os.path.dirname(item.directory)
        inner = f"{policy.home}/".removeprefix(f"{item.path}/")
        try:
            with Unused(directory):
                for place in passing_of_all(state):
                    remove(f"{item.directory}/upper", f"{inner}{place[2:].rstrip('/')}", f"{directory}/{ASIDE}")
        except EnforcementError:
            return


def _is_since(path: str, since: float) -> bool:
    try:
        return os.lstat(path).st_ctime >= since
    except OSError:
        return True


def review_layer(policy: Policy, keep: Callable[[tuple[str, ...]], bool]) -> None:
    """Ask about what nobody has agreed to, and set it aside where the answer is no. For a layer that nobody uses.

    keep: asked with the paths, once, if there are any. Raises EnforcementError where the command could not begin.
    """
    _check_directory(policy)
    for directory, upper, path, names in _unknown(policy):
        from aigate.layers import moves, review

        if keep(tuple(f"{path}/{name}" for name in names)):
            review.accept(directory, [review.line_for(upper, name) for name in names])
            continue
        for name in names:
            moves.discard(upper, name, f"{directory}/{ASIDE}")


def _check_directory(policy: Policy) -> None:
    """Raise EnforcementError where an agent has removed the directory that the command is to begin in."""
    for item in policy.view.layered:
        if not item.directory or not policy.cwd.startswith(f"{item.path.rstrip('/')}/"):
            continue
        tree = Tree(f"{item.directory}/upper")
        place = tree.reached(policy.cwd.removeprefix(f"{item.path.rstrip('/')}/"))
        found = tree.status(place) if place else None
        if found is not None and not stat.S_ISDIR(found.st_mode) and not stat.S_ISLNK(found.st_mode):
            raise EnforcementError(
                f"{policy.cwd} is no directory in the layer any more",
                hint=f"start somewhere else, or aigate layer discard {item.path.rstrip('/')}/{place}",
            )


def _unknown(policy: Policy) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield each layer in which is what nobody has agreed to: its directory, its changes, what it lies above, names."""
    search = dict(policy.environment).get("PATH", "")
    for item in policy.view.layered:
        directory, upper = os.path.dirname(item.directory), f"{item.directory}/upper"
        if not item.directory or not Tree(upper).entries():
            continue
        from aigate.layers import review

        names = review.unknown(directory, upper, item.path, policy.deny_write, search)
        if names:
            yield directory, upper, item.path, names
