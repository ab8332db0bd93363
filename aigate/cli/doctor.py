"""`aigate doctor`: what protects on this machine, tried for real, and how to get the rest."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

from aigate.backends.select import choose
from aigate.cli.mending import mend
from aigate.config.files import shown
from aigate.config.load import load_config
from aigate.config.merge import limit_text
from aigate.config.model import Config, Entry
from aigate.doctor import trials
from aigate.doctor.packages import install_command, manager
from aigate.doctor.report import ACTIVE, Found, Report, Wanted, make_report
from aigate.doctor.tools import look_at_tools
from aigate.errors import AigateError, EnforcementError
from aigate.host import cgroup, namespaces
from aigate.host.tools import find_tool
from aigate.isolation import callers_environment
from aigate.network.chain import chain_from
from aigate.network.plan import look_at_machine, missing_for_slirp, plan_network
from aigate.network.probe import filtered
from aigate.network.trial import why_not_slirp
from aigate.policy.home import Offer
from aigate.policy.hosts import parse_hosts
from aigate.policy.resolve import caller, home_directory, resolve
from aigate.session.machine import look_at_backends

if TYPE_CHECKING:
    from aigate.config.model import ResourceLimits
    from aigate.doctor.report import Check
    from aigate.doctor.tools import Tool

WIDTH = 18


@click.command()
@click.option("--config", "config_file", metavar="FILE", help="Use this file instead of ~/.aigate/config.yaml.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--fix", is_flag=True, help="Show the AppArmor profile that aigate needs here; as root, install it.")
def command(config_file: str | None, as_json: bool, fix: bool) -> int:
    """Try each protection in a throw-away sandbox, and say what is missing and how to get it.

    Exit status 0 only if everything that the config asks for can be enforced here.
    """
    if fix:
        return mend()
    report = examine(config_file)
    if as_json:
        click.echo(json.dumps(_plain(report), indent=2))
    else:
        click.echo("\n".join(_lines(report)))
    return 0 if report.complete else 1


def examine(config_file: str | None) -> Report:
    """Look at the tools, try the protections, and return the report."""
    home = os.path.realpath(home_directory())
    problem, config = "", Config(allow_net=(Entry("aigate-doctor.invalid", "", 0),))
    try:
        config = load_config(config_file, os.getcwd(), home=home)
    except AigateError as error:
        problem = f"{error.message}{f' ({error.hint})' if error.hint else ''}"
    packages = manager(find_tool)
    wanted = _wanted(config)
    with trials.Trials(home, config.backend) as tried:
        found = Found(
            files=tried.files(),
            terminal=tried.terminal(),
            masking=tried.masking(),
            network=tried.network(config.network) if wanted.net not in ("host", "none") else tried.closed(),
            limits=tried.limits(_limits(config.resource_limits)) if wanted.limits else None,
            landlock=trials.landlock(),
        )
    committed = () if problem else _committed(config)
    return make_report(
        look_at_tools(find_tool, packages), wanted, found, _remedies(packages), problem, committed=committed
    )


def _committed(config: Config) -> tuple[str, ...]:
    """Return what is hidden in this directory's project and tracked by git all the same."""
    try:
        policy = resolve(config, caller(), Offer())
    except AigateError:
        return ()  # no run can be made here, which it says itself
    return tuple(f"{index.top}/{name}" for index in policy.indexes for name in index.hidden)


def _wanted(config: Config) -> Wanted:
    limits, slower, said = config.resource_limits, "", ""
    try:
        backend = choose(config.backend, look_at_backends(os.getuid())).backend
    except EnforcementError:
        backend = "none"
    try:
        rules = None if config.allow_net is None else parse_hosts(config.allow_net)
        machine = look_at_machine(find_tool)
        chain = chain_from(callers_environment())[0]
        plan = plan_network(rules, config.network, lambda: machine, trial=why_not_slirp, chain=chain)
        way = plan.way
        said = filtered(plan) if way in ("slirp", "gateway") else ""
        missing = missing_for_slirp(machine)
        slower = f"{plan.reason}{f': {missing[1]}' if missing and not plan.chain else ''}" if plan.reason else ""
    except EnforcementError:
        way = "impossible"
    return Wanted(
        backend,
        way,
        any(value is not None for value in (limits.max_memory, limits.max_cpu_percent, limits.max_pids)),
        config.mask_stdout is not None,
        config.require,
        slower,
        said,
    )


def _limits(limits: ResourceLimits) -> str:
    names = ("max_memory", "max_cpu_percent", "max_pids")
    values = ((name, getattr(limits, name)) for name in names)
    return "{" + ", ".join(f"{name}: {limit_text(name, value)}" for name, value in values if value is not None) + "}"


def _remedies(packages: str | None) -> dict[str, str]:
    """Return what to do about each protection that is not active."""
    sandbox = namespaces.why_not()
    if find_tool("bwrap") is None:
        sandbox += f"; or bubblewrap, if that may do it: {install_command('bwrap', packages)}"
    missing = [tool for tool in ("slirp4netns", "iptables-restore") if find_tool(tool) is None]
    network = "; ".join(install_command(tool, packages) for tool in missing) or sandbox
    reason = cgroup.look(find_tool, uid=os.getuid()).reason
    limits = install_command("dbus", packages) if "dbus-user-session" in reason else reason.rpartition("; ")[2]
    return {
        "filesystem": sandbox,
        "seccomp": sandbox,
        "terminal": sandbox,
        "mask": sandbox,
        "net": network,
        "limits": limits,
        "landlock": "a second layer; Linux 6.12 has it",
        "config": "",
    }


def _lines(report: Report) -> list[str]:
    lines = [f"Isolation mode: {report.mode}", "", "Tools"]
    for tool in report.tools:
        lines += _tool(tool)
    lines += ["", "Protections, each tried just now"]
    for check in report.checks:
        lines += _check(check)
    if report.committed:
        lines += ["", "Hidden here, and yet readable from .git/objects, since git tracks it"]
        lines += [f"  {shown(path)}" for path in report.committed]
    verdict = "Everything that the config asks for is enforced here."
    return [*lines, "", verdict if report.complete else "Not everything that the config asks for can be enforced here."]


def _tool(tool: Tool) -> list[str]:
    where = f"{tool.version or '?':<10} {tool.path}" if tool.path else f"not installed; it is for {tool.use}"
    lines = [f"  {tool.name:<{WIDTH}} {where}"]
    if tool.path and tool.problem:
        lines.append(f"  {'':<{WIDTH}} {tool.problem}")
    return [*lines, f"  {'':<{WIDTH}} to do: {tool.remedy}"] if tool.remedy else lines


def _check(check: Check) -> list[str]:
    optional = "" if check.asked else " (not asked for)"
    lines = [f"  {check.name:<{WIDTH}} {check.state}{optional}{f': {check.detail}' if check.detail else ''}"]
    if check.state != ACTIVE and check.remedy:
        lines.append(f"  {'':<{WIDTH}} to do: {check.remedy}")
    return lines


def _plain(value: Any) -> Any:
    if hasattr(value, "__match_args__"):
        return {name: _plain(getattr(value, name)) for name in value.__match_args__}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
