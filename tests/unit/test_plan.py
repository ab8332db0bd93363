"""Plans as text: what a policy becomes for each backend on Linux, compared with golden files that a person has read.

`python tests/unit/test_plan.py` writes them anew after a change that is meant.
"""

from __future__ import annotations

import pathlib

import pytest

from aigate.backends import select
from aigate.backends.base import Plan
from aigate.backends.layout import Bind, File
from aigate.config.model import ResourceLimits
from aigate.errors import EnforcementError
from aigate.policy.model import DeniedProgram, Hidden, Overlay, Policy, Protected
from aigate.record import replace

GOLDEN = pathlib.Path(__file__).parents[1] / "golden"
PLAIN = Policy(
    project="/home/me/shop",
    cwd="/home/me/shop/src",
    home="/home/me",
    uid=1000,
    gid=1000,
    hidden=(),
    protected=(),
    programs=(),
    denied_commands=(),
    writable=("/home/me", "/home/me/shop"),
    exposed=(),
    environment=(("PATH", "/usr/bin"),),
    removed=(),
    hosts=None,
    network="auto",
    limits=ResourceLimits(),
    withheld=(),
)
POLICIES = {
    "plain": PLAIN,
    "root": replace(PLAIN, uid=0, gid=0, home="/root", writable=("/root", "/srv/shop"), project="/srv/shop"),
    "project-deep-in-home": replace(PLAIN, project="/home/me/a/b/shop", writable=("/home/me", "/home/me/a/b/shop")),
    "no-network": replace(PLAIN, hosts=()),
    "hidden": replace(
        PLAIN,
        hidden=(
            Hidden("/home/me/.ssh", directory=True, reason="deny_read: ~/.ssh/"),
            Hidden("/home/me/shop/.env", directory=False, reason="deny_read: .env"),
            Hidden("/run", directory=True, reason="services of the host"),
            Hidden("/tmp/elsewhere/.env", directory=False, reason="deny_read: .env"),
        ),
        exposed=("/run/systemd/resolve/stub-resolv.conf",),
    ),
    "protected": replace(
        PLAIN,
        protected=(
            Protected("/home/me/.bashrc", directory=False, placeholder=False),
            Protected("/home/me/.zshenv", directory=False, placeholder=True),
            Protected("/home/me/shop/.git/hooks", directory=True, placeholder=False),
            Protected("/home/me/.config/fish/conf.d", directory=True, placeholder=True),
        ),
    ),
    "programs": replace(
        PLAIN,
        programs=(
            DeniedProgram("/usr/bin/curl", ("curl",)),
            DeniedProgram("/usr/bin/git", (), (("git", ("push",)),), ("git", "git-shell")),
            DeniedProgram("/usr/bin/busybox", ("wget",), (), ("busybox", "ls")),
        ),
        denied_commands=(("curl",), ("git", "push"), ("wget",)),
    ),
    "overlay": replace(PLAIN, overlays=(Overlay("/etc/resolv.conf", b"nameserver 127.0.0.1\n"),)),
    "odd-names": replace(
        PLAIN, hidden=(Hidden("/home/me/shop/a b\n*{0}\udcff/.env", directory=False, reason="deny_read: a b\n*"),)
    ),
}


WAYS = {
    "bwrap in prepared mounts": select.Choice("bwrap", "/usr/bin/bwrap", prepared=True, machine="x86_64"),
    "bwrap alone": select.Choice("bwrap", "/usr/bin/bwrap", prepared=False, machine="x86_64"),
    "unshare": select.Choice("unshare", "", prepared=True, machine="x86_64"),
}


def plan_of(policy: Policy, way: str) -> Plan:
    return select.make_plan(WAYS[way], policy, ["claude"], init=b"\x7fELF", masked=("openai",))


def text(policy: Policy) -> str:
    """Return the plans of a policy and the contents that they carry, as text."""
    plans = {way: plan_of(policy, way) for way in WAYS}
    first = plans["bwrap in prepared mounts"]
    contents = [
        f"--- {step.path.encode('unicode_escape').decode()}\n{step.content.decode('utf-8', 'backslashreplace')}"
        for step in first.steps
        if isinstance(step, File) and not step.content.startswith(b"\x7f")
    ]
    return "".join([*(f"== {way}\n{plan.printed()}" for way, plan in plans.items()), *contents])


@pytest.mark.parametrize("name", POLICIES)
def test_the_plan_is_as_it_was_read(name: str) -> None:
    assert text(POLICIES[name]) == (GOLDEN / f"{name}.txt").read_text()


def test_what_is_hidden_comes_last() -> None:
    """A mount that covers comes after every mount that could show again what it covers."""
    policy = replace(PLAIN, hidden=POLICIES["hidden"].hidden[:2], protected=POLICIES["protected"].protected)
    words = plan_of(policy, "bwrap alone").options
    stub = max(place for place, word in enumerate(words) if word == "/home/me/shop/.env")
    assert all(place < stub for place, word in enumerate(words) if word in ("--bind", "--ro-bind"))
    steps = plan_of(policy, "unshare").steps
    stub = max(place for place, step in enumerate(steps) if step.path == "/home/me/shop/.env")
    assert all(place < stub for place, step in enumerate(steps) if isinstance(step, Bind))


def test_both_backends_make_the_same_mounts() -> None:
    for policy in POLICIES.values():
        prepared, own = plan_of(policy, "bwrap in prepared mounts"), plan_of(policy, "unshare")
        assert prepared.steps == own.steps


@pytest.mark.parametrize(
    ("wanted", "bwrap", "obstacle", "expected"),
    [
        ("auto", "/usr/bin/bwrap", "", ("bwrap", True)),
        ("auto", "/usr/bin/bwrap", "AppArmor", ("bwrap", False)),
        ("bwrap", "/usr/bin/bwrap", "", ("bwrap", True)),
        ("unshare", "/usr/bin/bwrap", "", ("unshare", True)),
        ("auto", None, "", ("unshare", True)),
        ("bwrap", None, "", "backend: bwrap needs bwrap"),
        ("unshare", "/usr/bin/bwrap", "AppArmor", "backend: unshare cannot be had: AppArmor"),
        ("auto", None, "AppArmor", "bwrap is not installed, and without it nothing can be enforced: AppArmor"),
    ],
)
def test_which_backend(wanted: str, bwrap: str | None, obstacle: str, expected: object) -> None:
    machine = select.Machine("x86_64", bwrap, obstacle)
    if isinstance(expected, str):
        with pytest.raises(EnforcementError, match=expected):
            select.choose(wanted, machine)
    else:
        choice = select.choose(wanted, machine)
        assert (choice.backend, choice.prepared) == expected


def test_nothing_of_a_policy_is_dropped() -> None:
    for policy in POLICIES.values():
        printed = text(policy)
        for item in (*policy.protected, *(h for h in policy.hidden if not h.path.startswith("/tmp/"))):
            assert item.path.encode("unicode_escape").decode() in printed


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each, policy_of_it in POLICIES.items():
        (GOLDEN / f"{each}.txt").write_text(text(policy_of_it))
