"""`aigate doctor --fix`: AppArmor's profile is for aigate's launcher alone, written by root alone, where it helps."""

from __future__ import annotations

import pytest

from aigate.doctor.profile import FILE, Machine, plan, profile
from aigate.errors import EnforcementError
from aigate.record import replace

PROGRAM = "/opt/aigate/bin/aigate"
RESTRICTED = Machine(
    restricted=True, may=False, present="", loaded=False, parser="/sbin/apparmor_parser", abi=True, uid=1000
)


def test_a_user_is_shown_it_and_what_to_do() -> None:
    repair = plan(RESTRICTED, PROGRAM)
    assert (repair.install, repair.complete) == (False, False)
    assert f'profile aigate "{PROGRAM}" flags=(unconfined) {{\n  userns,\n' in repair.text
    assert repair.said == (f"to do: sudo {PROGRAM} doctor --fix",)


def test_root_installs_it_though_root_may_anyway() -> None:
    repair = plan(replace(RESTRICTED, uid=0, may=True), PROGRAM)
    assert (repair.text, repair.install, repair.complete) == (profile(PROGRAM), True, True)


@pytest.mark.parametrize("uid", [0, 1000])
def test_what_is_there_is_left_alone(uid: int) -> None:
    repair = plan(replace(RESTRICTED, uid=uid, present=profile(PROGRAM), loaded=True), PROGRAM)
    assert (repair.text, repair.install, repair.complete) == ("", False, True)


@pytest.mark.parametrize(
    "changed", [{"present": profile("/usr/bin/aigate"), "loaded": True}, {"present": profile(PROGRAM)}]
)
def test_one_for_another_place_or_not_loaded_is_replaced(changed: dict[str, object]) -> None:
    assert plan(replace(RESTRICTED, uid=0, **changed), PROGRAM).install


@pytest.mark.parametrize("changed", [{"restricted": False}, {"may": True}])
def test_where_nothing_forbids_it_nothing_is_done(changed: dict[str, object]) -> None:
    repair = plan(replace(RESTRICTED, **changed), PROGRAM)
    assert (repair.text, repair.install, repair.complete) == ("", False, True)


def test_switches_for_every_program_are_named_and_left() -> None:
    remedy = "sudo sysctl kernel.unprivileged_userns_clone=1"
    repair = plan(replace(RESTRICTED, restricted=False, others=(remedy,)), PROGRAM)
    assert (repair.install, repair.complete) == (False, False)
    assert remedy in repair.said[0]


@pytest.mark.parametrize(("changed", "said"), [({"parser": None}, "not installed"), ({"abi": False}, "abi/4.0")])
def test_an_apparmor_that_cannot_do_it_is_told(changed: dict[str, object], said: str) -> None:
    with pytest.raises(EnforcementError, match=said):
        plan(replace(RESTRICTED, **changed), PROGRAM)


@pytest.mark.parametrize(
    "path", ['/opt/a"b/aigate', "/opt/a*/aigate", "/opt/{a}/aigate", "/opt/a\nb", "/opt/@{HOME}/aigate"]
)
def test_a_path_that_would_mean_more_than_itself_is_refused(path: str) -> None:
    with pytest.raises(EnforcementError, match="no AppArmor profile"):
        plan(RESTRICTED, path)


def test_the_file_is_where_the_system_loads_profiles_from() -> None:
    assert FILE.startswith("/etc/apparmor.d/")
