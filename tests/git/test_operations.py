"""Git inside is safe or loud: it does what it does outside, or fails as a whole with a line that names aigate.

One sandbox for each way in which something is hidden or protected does its operations, each in a repository of its own:
in `make test-all` all of them, in the other sets those that `git_workplace.operations` names.
"""

from __future__ import annotations

import pytest
from git_workplace import VARIANTS, Workplace, wrong

BACKENDS = ("bwrap", "unshare")


@pytest.mark.timeout(900)
@pytest.mark.spread("variant")
@pytest.mark.parametrize("variant", VARIANTS)
def test_git_is_safe_or_loud(sandbox, variant):
    place = Workplace(sandbox, variant)
    before = place.before()
    outside, inside = place.outside(), place.inside()
    assert not wrong(before, outside, inside)
    assert not place.fsck()
