"""Commits that git would sign: inside nobody can, so git is told not to try. Reads git's settings, changes nothing."""

from __future__ import annotations

from aigate.policy.gitconfig import signs

TYPE_CHECKING = False
if TYPE_CHECKING:
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
    names = signs([f"{policy.home}/.config/git/config", f"{policy.home}/.gitconfig", f"{policy.project}/.git/config"])
    if not names or any("gpg" in path or "ssh" in path for path, _ in policy.pins):
        return policy.environment
    variables = dict(policy.environment)
    given = variables.get(COUNT, "")
    first = int(given) if given.isdecimal() else 0
    for number, name in enumerate(names, first):
        variables |= {f"{KEY}{number}": name, f"{VALUE}{number}": "false"}
    variables[COUNT] = str(first + len(names))
    return tuple(variables.items())
