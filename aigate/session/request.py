"""What a run is asked for, and what of it is decided alike on every system. Starts nothing.

`session/linux.py` and `session/macos.py` share it.
"""

from __future__ import annotations

import os
import sys

from aigate.config.load import load_config
from aigate.errors import CommandNotFoundError, EnforcementError, NotExecutableError, PolicyError
from aigate.policy.commands import is_denied
from aigate.policy.places import is_replaced, seen_in
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate.audit.chain import Head
    from aigate.audit.log import AuditLog
    from aigate.backends.base import Plan
    from aigate.config.model import Config
    from aigate.host.limits import LimitPlan
    from aigate.masking.rule import Rule
    from aigate.network.plan import NetworkPlan
    from aigate.network.refusals import NetworkReport
    from aigate.policy.model import Policy
    from aigate.policy.resolve import Caller


NEAR = 0.8  # of one, as difflib counts, are the names of a command that was mistyped
OWN_DIRECTORIES = ("layers", "git", "quarantine")


@record
class Request:
    """What the command line asked for. config: an explicit config file, or None.

    learn_net: allow every host, and tell afterwards which were asked for. require: protections that must be active,
    besides those that the config requires. as_agent: run the command as the agents' user.
    profiles: names; none for the one of the command's name. layer: as `project: layer`.
    ask: ask the user about hosts that nothing names, where a person has the terminal.
    """

    command: tuple[str, ...]
    config: str | None = None
    dry_run: bool = False
    learn_net: bool = False
    require: tuple[str, ...] = ()
    as_agent: bool = False
    profiles: tuple[str, ...] = ()
    layer: bool = False
    ask: bool = False
    values: tuple[str, ...] = ()


@record
class Prepared:
    """A run that has been decided: nothing of it has started.

    agent: name of the user that it runs as, if not ours. known: names of values that are masked because they are known.
    """

    policy: Policy
    rules: tuple[Rule, ...]
    network: NetworkPlan
    limits: LimitPlan
    plan: Plan
    agent: str = ""
    profiles: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


@record
class Talk:
    """How a run speaks with whoever asked for it.

    announce: called once, when everything is decided and before anything starts. agree: asked whether what a project's
    file widens, and what was left out for it, shall apply from now on. keep: asked whether what former agents left in
    the layer, and this one would run or obey, shall stay; it is set aside where not. conclude: called once, after the
    command has ended, with what its network refused. tell: called once, after that, with lines on what happened to its
    files. searching: called every second while it is looked for what is denied, if that takes long, with the directory
    that is searched and the number of files seen. logged: called last, with the run's id and where the audit log ends
    by then. allow: called when the command has ended, with the hosts that the user wants to be allowed from now on.
    quiet: nothing is said that is told, or asked, the next time as well.
    """

    announce: Callable[[Prepared], None]
    agree: Callable[[tuple[str, ...]], bool]
    keep: Callable[[tuple[str, ...]], bool]
    conclude: Callable[[NetworkReport], None]
    tell: Callable[[list[str]], None]
    searching: Callable[[str, int], None] | None = None
    logged: Callable[[str, Head], None] | None = None
    allow: Callable[[list[str]], None] | None = None
    quiet: bool = False


def configuration(request: Request, who: Caller, agree: Callable[[tuple[str, ...]], bool]) -> Config:
    """Return the config in force. agree: asked whether what a project's file widens shall apply from now on."""
    config = load_config(request.config, who.cwd, home=who.home)
    if request.dry_run or not config.withheld_files or not agree(config.withheld):
        return config
    from aigate.config import trust

    for path, digest in config.withheld_files:
        trust.record(path, digest, home=who.home)
    return load_config(request.config, who.cwd, home=who.home)


def state_directory(home: str, uid: int) -> str:
    """Return `~/.aigate`, made if need be (0700). EnforcementError when it cannot be had or is not the user's."""
    path = f"{home}/.aigate"
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise EnforcementError(
            f"{path} cannot be made: {error.strerror}", hint="aigate needs a home directory"
        ) from None
    if os.path.islink(path):
        raise EnforcementError(f"{path} is a link, which could be replaced from inside", hint="make it a directory")
    if os.stat(path).st_uid != uid:
        raise EnforcementError(f"{path} belongs to someone else", hint="set HOME to your own home directory")
    for name in OWN_DIRECTORIES:
        if os.path.islink(f"{path}/{name}"):
            raise EnforcementError(f"{path}/{name} is a link, and must be a directory", hint="move it away")
    return path


def lacking(policy: Policy, rules: tuple[Rule, ...], network: NetworkPlan, *, limited: bool) -> dict[str, str]:
    """Return the protections that a run lacks on any system, with the reason: name to reason. limited: at all."""
    found = dict(policy.inactive)
    if network.way == "host":
        found["net"] = "allow_net is left out: every host can be reached"
    elif network.learning:
        found["net"] = "--learn-net allows every host"
    if not limited:
        found.setdefault("limits", "resource_limits is left out: nothing is limited")
    if not rules:
        found["mask"] = "mask_stdout is left out: nothing is masked"
    return found


def files_named(name: str, policy: Policy) -> list[str]:
    """Return the paths at which a command of this name is there, in the order in which they are tried."""
    if "/" in name:
        candidates = [os.path.join(policy.cwd, name)]
    else:
        path = dict(policy.environment).get("PATH", os.defpath)
        candidates = [os.path.join(directory or policy.cwd, name) for directory in path.split(":")]
    return [path for path in candidates if os.path.exists(path) and ("/" in name or not os.path.isdir(path))]


def check_command(name: str, policy: Policy, hide: Callable[[str], str]) -> None:
    """Raise CommandNotFoundError (127) or NotExecutableError (126) as a shell would tell them apart.

    hide: takes the secrets out of what is told.
    """
    files = files_named(name, policy)
    if files and sys.platform == "linux":
        left = [path for path in files if not is_replaced(os.path.realpath(path), seen_in(policy))]
        if not left:
            raise CommandNotFoundError(
                f"{hide(files[0])}: not there inside, where /tmp, /var/tmp, /run and /dev/shm are the sandbox's own",
                hint="copy it into the project",
            )
    if not files:
        raise CommandNotFoundError(f"{hide(name)}: command not found", hint=_meant(hide(name), policy))
    if not any(os.access(path, os.X_OK) and not os.path.isdir(path) for path in files):
        raise NotExecutableError(f"{hide(name)}: not executable", hint=f"chmod +x {hide(files[0])}")


def _meant(name: str, policy: Policy) -> str:
    """Return the hint for a command that is not there: one on PATH that is written nearly so."""
    from aigate.config.meant import meant

    known: set[str] = set()
    for directory in dict(policy.environment).get("PATH", os.defpath).split(":"):
        if directory.startswith("/") and os.path.isdir(directory) and os.access(directory, os.R_OK):
            known |= set(os.listdir(directory))
    return meant(name, (one for one in known if one.isprintable()), "is it installed, and on PATH?", NEAR)


def check_denied(request: Request, policy: Policy, log: AuditLog) -> None:
    """Raise PolicyError for a command that `deny_exec` names, and write that down."""
    denied = is_denied(request.command, policy.denied_commands)
    if denied is not None:
        log.write("refused", reason="deny_exec", entry=" ".join(denied))
        raise PolicyError(
            f"{' '.join(denied)} is denied by policy (deny_exec)",
            hint=f'aigate allow exec "{" ".join(denied)}" takes that back',
        )
