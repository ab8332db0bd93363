"""`aigate doctor --fix`: shows AppArmor's profile for aigate, and installs it where it is run as root."""

from __future__ import annotations

import os
import subprocess

import click

from aigate import isolation
from aigate.doctor.profile import ABI, FILE, LOADED, Machine, Repair, plan
from aigate.errors import EnforcementError
from aigate.host.namespaces import can_make, forbidding
from aigate.host.tools import find_tool
from aigate.reading import text_of

APPARMOR = "AppArmor"


def mend() -> int:
    """Show what is to be done, do it as root, and return 0 where nothing is left to do."""
    if not (programs := isolation.programs()):
        raise EnforcementError("aigate was not started by its launcher, which is the program that AppArmor is to know")
    machine, program = _look(), os.path.realpath(programs[1])
    repair = plan(machine, program)
    if repair.text and not repair.install:
        click.echo(f"For {FILE}:\n\n{repair.text}")
    if repair.install and machine.parser:
        _install(repair, machine.parser)
        click.echo(f"{FILE} is written and loaded: {program} may make user namespaces")
        if os.stat(program).st_uid != 0:
            click.echo("whoever may change that program gets user namespaces: one below /opt that root owns is better")
    for line in repair.said:
        click.echo(line)
    return 0 if repair.complete else 1


def _look() -> Machine:
    switches = forbidding()
    return Machine(
        restricted=any(reason.startswith(APPARMOR) for reason, _ in switches),
        may=can_make(),
        present=text_of(FILE),
        loaded="\naigate (" in f"\n{text_of(LOADED)}",
        parser=find_tool("apparmor_parser"),
        abi=os.path.exists(ABI),
        uid=os.getuid(),
        others=tuple(remedy for reason, remedy in switches if not reason.startswith(APPARMOR)),
    )


def _install(repair: Repair, parser: str) -> None:
    """Write the profile whole or not at all, and load it. Raises EnforcementError where the parser refuses it."""
    fresh = f"{FILE}.{os.getpid()}.new"
    try:
        with open(fresh, "x", encoding="ascii") as file:
            file.write(repair.text)
        os.chmod(fresh, 0o644)
        os.rename(fresh, FILE)
    finally:
        if os.path.exists(fresh):
            os.unlink(fresh)
    command = [parser, "--replace", FILE]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env={})
    if done.returncode != 0:
        said = " ".join(done.stderr.split())
        raise EnforcementError(f"apparmor_parser refused {FILE}: {said}", hint="remove that file")
