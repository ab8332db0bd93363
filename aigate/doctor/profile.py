"""The AppArmor profile that lets aigate make user namespaces where only programs with one may. Pure: text, and why not.

It is for aigate's launcher, a file of its own. aigate's Python would not do: what is in an environment is a link, and
the kernel goes by the file at its end, which is everybody's Python. What the launcher starts keeps the profile.
"""

from __future__ import annotations

import re

from aigate.errors import EnforcementError
from aigate.record import record

FILE = "/etc/apparmor.d/aigate"
ABI = "/etc/apparmor.d/abi/4.0"  # the first one whose language knows `userns`; apparmor.d(5)
NOTHING = "nothing to mend: AppArmor leaves user namespaces to aigate here"
LOADED = "/sys/kernel/security/apparmor/profiles"
PLAIN = re.compile(r"/[\w./+=:~%-][\w./+=:~% -]*", re.ASCII)
TEXT = """# Written by `aigate doctor --fix`: aigate and what it starts may make user namespaces.
abi <abi/4.0>,
include <tunables/global>

profile aigate "{}" flags=(unconfined) {{
  userns,

  include if exists <local/aigate>
}}
"""


@record
class Machine:
    """What counts here. restricted: the switch is on. may: this process may make user namespaces all the same.

    present: text of FILE, "" where there is none. loaded: the kernel knows it. parser: apparmor_parser(8), or None.
    abi: its language knows `userns`. others: the remedy of each other switch that forbids user namespaces.
    """

    restricted: bool
    may: bool
    present: str
    loaded: bool
    parser: str | None
    abi: bool
    uid: int
    others: tuple[str, ...] = ()


@record
class Repair:
    """What is to be done. text: the profile, "" for none. install: write and load it, now. said: lines for the user."""

    text: str
    install: bool
    said: tuple[str, ...]
    complete: bool


def plan(machine: Machine, program: str) -> Repair:
    """Decide what `doctor --fix` does. program: path of the launcher, without links.

    Raises EnforcementError where a profile is wanted and cannot be had.
    """
    others = tuple(f"not done, since it is for every program: {remedy}" for remedy in machine.others)
    if not machine.restricted or (machine.may and machine.uid != 0):
        return Repair("", False, others or (NOTHING,), not others)
    text = profile(program)
    if machine.present == text and machine.loaded:
        done = f"{FILE} is there and loaded; it is for {program}"
        return Repair("", False, (done, *others), not others)
    if machine.parser is None:
        raise EnforcementError("apparmor_parser is not installed", hint="install the package apparmor")
    if not machine.abi:
        text = f"this AppArmor knows no rule for user namespaces: there is no {ABI}"
        raise EnforcementError(text, hint="AppArmor 4.0 has it")
    if machine.uid == 0:
        return Repair(text, True, others, not others)
    return Repair(text, False, (f"to do: sudo {program} doctor --fix", *others), False)


def profile(program: str) -> str:
    """Return the profile for a launcher. Raises EnforcementError where its path would need more than quotes."""
    if not PLAIN.fullmatch(program):
        hint = "install aigate where the path has plain letters only"
        raise EnforcementError(f"no AppArmor profile can be written for {program}", hint=hint)
    return TEXT.format(program)
