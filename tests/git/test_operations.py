"""Git inside is safe or loud: it does what it does outside, or fails as a whole with a line that names aigate.

One sandbox for each way in which something is hidden or protected does its operations, each in a repository of its own:
in `make test-all` all of them, in the other sets those that `git_workplace.operations` names.
"""

from __future__ import annotations

import pytest
from git_workplace import VARIANTS, Outcome, Workplace

BACKENDS = ("bwrap", "unshare")
FETCHED = ("remotes",)  # a pull that fails may have fetched: no file of the user's has changed


@pytest.mark.timeout(900)
@pytest.mark.spread("variant")
@pytest.mark.parametrize("variant", VARIANTS)
def test_git_is_safe_or_loud(sandbox, variant):
    place = Workplace(sandbox, variant)
    before = place.before()
    outside, inside = place.outside(), place.inside()
    wrong = {}
    for name, done in inside.items():
        complaint = judge(before[name], outside[name], done)
        if complaint:
            wrong[name] = (complaint, done.printed, outside[name].printed)
    assert not wrong, "\n".join(f"{name}: {text}" for name, text in wrong.items())
    assert not place.fsck()


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
