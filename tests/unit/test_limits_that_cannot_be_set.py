"""A limit that the kernel or Python refuses is named, whichever of their errors says so."""

from __future__ import annotations

import resource

import pytest

from aigate.config.model import ResourceLimits
from aigate.errors import EnforcementError
from aigate.host import rlimits
from aigate.host.confine import Group
from aigate.host.limits import LimitPlan, Place

ERRORS = (ValueError("current limit exceeds maximum limit"), OSError(1, "Operation not permitted"))


def refuse(error: Exception) -> object:
    def fail(*_: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("which", [rlimits.PROCESSES, rlimits.OPEN_FILES])
def test_the_limit_is_named(error: Exception, which: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("prlimit", "setrlimit", "getrlimit"):
        monkeypatch.setattr(resource, name, refuse(error))
    for act in (lambda: rlimits.limits_of(which), lambda: rlimits.set_limits(which, (10, 10))):
        with pytest.raises(EnforcementError, match=f"the limit on {rlimits.NAMES[which]} cannot be (set|read): "):
            act()


@pytest.mark.parametrize("error", ERRORS)
def test_the_commands_own(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "prlimit", refuse(error))
    group = Group(LimitPlan(Place("none"), ResourceLimits(max_pids=30), processes=30))
    with pytest.raises(EnforcementError, match="max_pids cannot be enforced: the limit on processes cannot be"):
        group.restrict(1)
