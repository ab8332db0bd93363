"""What every run begins with: the state directory, the config, the masking rules, the audit log. Starts nothing."""

from __future__ import annotations

import time

from aigate.audit.log import AuditLog
from aigate.masking.rules import rules_from
from aigate.record import record
from aigate.session.request import configuration, state_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate import Masker
    from aigate.config.model import Config
    from aigate.masking.rule import Rule
    from aigate.policy.resolve import Caller
    from aigate.session.request import Request, Talk


@record
class Opening:
    """A run that has its ground. who: for whom and where. owner: user id whose files the state directory holds.

    state: `~/.aigate`. masker: None where nothing is masked. since: when it began (seconds since 1970).
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

    def masked(self, text: str) -> str:
        """Return text as the log may hold it."""
        shown = text.encode("utf-8", "surrogateescape")
        return (self.masker.mask(shown) if self.masker else shown).decode("utf-8", "replace")


def open_run(request: Request, talk: Talk, who: Caller, *, owner: int) -> Opening:
    """Return what a run begins with. The caller closes the log. Raises AigateError."""
    since = time.time()
    state = state_directory(who.home, owner)
    config = configuration(request, who, talk.agree)
    rules = rules_from(config.mask_stdout)
    masker = _masker_of(rules)
    return Opening(request, talk, who, state, config, rules, masker, AuditLog(state), since)


def _masker_of(rules: tuple[Rule, ...]) -> Masker | None:
    """Return what applies the rules, None where there are none."""
    if not rules:
        return None
    from aigate import Masker

    return Masker(rules)
