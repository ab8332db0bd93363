"""What every run begins with: the state directory, the config, the masking rules, the audit log. Starts nothing."""

from __future__ import annotations

import time

from aigate.audit.log import AuditLog
from aigate.errors import UsageError
from aigate.masking.rules import rules_from
from aigate.masking.single import mask_texts
from aigate.policy.resolve import project_of
from aigate.profiles.choice import profile_for
from aigate.profiles.load import names, profile_named
from aigate.record import record, replace
from aigate.session.request import configuration, state_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate import Masker
    from aigate.config.model import Config, Entry
    from aigate.masking.rule import Rule
    from aigate.policy.resolve import Caller
    from aigate.profiles.load import Profile
    from aigate.session.request import Request, Talk


@record
class Opening:
    """A run that has its ground. who: for whom and where. owner: user id whose files the state directory holds.

    state: `~/.aigate`. masker: None where nothing is masked. since: when it began (seconds since 1970).
    profiles: names of those that are in force. values: what the masker knows to be secret besides the rules.
    """

    request: Request
    talk: Talk
    who: Caller
    state: str
    config: Config
    rules: tuple[Rule, ...]
    masker: Masker | None
    log: AuditLog
    since: float
    profiles: tuple[str, ...] = ()
    values: tuple[str, ...] = ()

    def masked(self, text: str) -> str:
        """Return text as the log may hold it."""
        return self.all_masked(text)[0]

    def all_masked(self, *texts: str) -> list[str]:
        """Return texts as the log may hold them, each by itself."""
        if self.masker is None:
            return [text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for text in texts]
        return mask_texts(texts, self.masker, self.rules, self.values)


def open_run(request: Request, talk: Talk, who: Caller, *, owner: int) -> Opening:
    """Return what a run begins with. The caller closes the log. Raises AigateError."""
    since = time.time()
    state = state_directory(who.home, owner)
    config = configuration(request, who, talk.agree)
    config = replace(config, project="layer") if request.layer else config
    rules = rules_from(config.mask_stdout)
    masker = _masker_of(rules)
    return Opening(request, talk, who, state, config, rules, masker, AuditLog(state), since)


def with_profiles(opening: Opening) -> Opening:
    """Return the opening with what the profiles say: those that were asked for, and the one of the command's name.

    The latter not where an agent's was asked for. Hosts are added to a list that is there: where every host may be
    reached, or none, that stays.
    """
    request, who = opening.request, opening.who
    found = [_profile(name, opening.state) for name in request.profiles]
    foreign = (project_of(who), f"{opening.state}/layers")
    if all(profile.toolchain for profile in found):
        one = profile_for(request.command[0], who.environment, opening.state, cwd=who.cwd, foreign=foreign)
        found = [one, *found] if one else found
    config = opening.config
    share = tuple(entry for profile in found for entry in profile.share)
    if config.allow_net:
        hosts = [entry for profile in found for entry in (*profile.hosts, *_registries(profile, who, foreign))]
        present = {entry.text for entry in config.allow_net}
        new = {entry.text: entry for entry in hosts if entry.text not in present}
        config = replace(config, allow_net=(*config.allow_net, *new.values()))
    config = replace(config, share=(*config.share, *share))
    variables = {name: value for profile in found for name, value in profile.environment}
    who = replace(who, environment={**variables, **who.environment})
    names_of_them = tuple(profile.name for profile in found)
    return replace(opening, config=config, who=who, profiles=names_of_them)


def _registries(profile: Profile, who: Caller, foreign: tuple[str, ...]) -> tuple[Entry, ...]:
    """Return the hosts of the package registries that a profile needs, where it needs any."""
    if not profile.registries:
        return ()
    from aigate.session.registries import hosts_of

    found = (hosts_of(name, who.environment, cwd=who.cwd, foreign=foreign) for name in profile.registries)
    return tuple(entry for entries in found for entry in entries)


def _profile(name: str, state: str) -> Profile:
    profile = profile_named(name, state)
    if profile is None:
        from aigate.config.meant import meant

        hint = meant(name, names(state), f"there are {', '.join(names(state))}")
        raise UsageError(f"--profile: there is no profile {name!r}", hint=hint)
    return profile


def _masker_of(rules: tuple[Rule, ...]) -> Masker | None:
    """Return what applies the rules, None where there are none."""
    if not rules:
        return None
    from aigate import Masker

    return Masker(rules)
