"""Commits that git would sign: inside nobody can, so git is told not to try. Reads git's settings, changes nothing."""

from __future__ import annotations

from aigate.policy.gitconfig import signs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from aigate.policy.model import Policy

COUNT, KEY, VALUE = "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"  # git-config(1), ENVIRONMENT
WHAT = (
    "commits are not signed inside, where your keys are out of reach; to sign them afterwards: "
    "git rebase --exec 'git commit --amend --no-edit -S' @{upstream}"
)


def unsigned(policy: Policy) -> tuple[tuple[str, str], ...]:
    """Return the command's variables, with signing off where the user has it on; the same where he has not.

    Not where the config lets sockets of an agent in: then it is the user's matter.
    """
    names = signs(_configs(policy), policy.home)
    if not names or any("gpg" in path or "ssh" in path for path, _ in policy.pins):
        return policy.environment
    return with_settings(policy.environment, [(name, "false") for name in names])


def with_settings(
    environment: Iterable[tuple[str, str]], settings: Iterable[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    """Return variables with which git has these settings besides all others, and before them."""
    variables = dict(environment)
    given = variables.get(COUNT, "")
    number = int(given) if given.isdecimal() else 0
    for name, value in settings:
        variables |= {f"{KEY}{number}": name, f"{VALUE}{number}": value}
        number += 1
    variables[COUNT] = str(number)
    return tuple(variables.items())


def _configs(policy: Policy) -> list[str]:
    """Return git's settings files in its order, where its own variables have them (git(1), git-config(1), FILES)."""
    variables = dict(policy.environment)
    system = [] if variables.get("GIT_CONFIG_NOSYSTEM") else [variables.get("GIT_CONFIG_SYSTEM", "/etc/gitconfig")]
    others = variables.get("XDG_CONFIG_HOME") or f"{policy.home}/.config"
    own = [variables["GIT_CONFIG_GLOBAL"]] if "GIT_CONFIG_GLOBAL" in variables else []
    own = own or [f"{others}/git/config", f"{policy.home}/.gitconfig"]
    return [*system, *own, f"{policy.project}/.git/config"]
