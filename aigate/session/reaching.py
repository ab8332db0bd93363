"""Whether a run could reach one host, and which entry decides: by the rules of the network's judge. Asks nobody."""

from __future__ import annotations

from aigate.config import never
from aigate.config.files import shown
from aigate.config.model import Entry
from aigate.errors import ConfigError, UsageError
from aigate.network.hostfiles import RESOLV_CONF, parse_resolv_conf, read
from aigate.network.judge import Judge
from aigate.network.refusals import Refusals
from aigate.policy.hosts import LOOPBACK, parse_host, rules_of_address, rules_of_name, with_search_domains
from aigate.policy.resolve import home_directory
from aigate.record import record
from aigate.session.explaining import Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.policy.hosts import HostRule
    from aigate.session.explaining import Explaining
    from aigate.session.request import Prepared

KEY = "allow_net"
HTTPS = 443
UNKNOWN = {
    "none": "Network is unreachable",
    "slirp": "the name is not known (NXDOMAIN)",
    "gateway": "the proxy answers 403",
}
CLOSED = {"none": "Network is unreachable", "slirp": "Connection refused", "gateway": "the proxy answers 403"}


@record
class OfHost:
    """Whether a host can be reached. port: that was asked about, or None for any."""

    host: str
    port: int | None
    reach: Answer


def reach(text: str, explaining: Explaining) -> OfHost:
    """Return whether a host is reached. text: as in `allow_net`, but one host. Raises UsageError for what is none."""
    asked = _asked(text)
    host = asked.name or text
    return OfHost(text, asked.port, _answer(asked, host, explaining))


def _asked(text: str) -> HostRule:
    try:
        rule = parse_host(Entry(text, "", 0))
    except ConfigError as error:
        raise UsageError(f"explain --host {text}: {error.message.removeprefix(':0: ')}", hint=error.hint) from None
    single = rule.network is None or rule.network.prefix == 8 * len(rule.network.packed)
    if rule.suffix is not None or not single:
        raise UsageError(f"explain --host {text}: names more than one host", hint="name one of them")
    return rule


def _answer(asked: HostRule, host: str, explaining: Explaining) -> Answer:
    prepared = explaining.prepared
    if prepared.network.way == "host":
        return Answer(True, "allow_net is left out, so every host is reached")
    rules = () if prepared.network.way == "none" else _searched(prepared)
    found = _found(rules, asked)
    allowing = [rule for rule in found if asked.port is None or rule.port in (None, asked.port)]
    if not allowing:
        return _refused(asked, host, explaining, tuple(found))
    every = asked.port is not None or any(rule.port is None for rule in allowing)
    ports = "" if every else f", on port {', '.join(sorted(str(rule.port) for rule in allowing))}"
    private = "" if asked.network or asked.name == LOOPBACK else "; not where it leads to a private address"
    return Answer(True, f"it is allowed{ports}{private}", KEY, allowing[0].entry)


def _found(rules: tuple[HostRule, ...], asked: HostRule) -> list[HostRule]:
    """Return the rules that open any port of what was asked for."""
    if asked.network is not None:
        return rules_of_address(rules, asked.network.packed)
    if asked.name == LOOPBACK:
        return [rule for rule in rules if rule.name == LOOPBACK and rule.port is not None]
    return rules_of_name(rules, asked.name or "")


def _refused(asked: HostRule, host: str, explaining: Explaining, found: tuple[HostRule, ...]) -> Answer:
    """Return why a host is not reached. found: rules that open it on other ports."""
    config, way = explaining.config, explaining.prepared.network.way
    origin = dict(config.settled).get(KEY)
    waiting = [line for line in config.withheld if line.endswith(f": {KEY} {host}")]
    what = _remedy(asked, host, found)
    change = explaining.remedies.of_host(what, origin) if what else ""
    named = asked.network is None and asked.name != LOOPBACK and not found
    sees = (UNKNOWN if named else CLOSED).get(way, "")
    if waiting:
        return Answer(False, f"it waits for your word: {waiting[0]}", KEY, origin, sees, "aigate trust")
    if found:
        reason = f"port {asked.port} is not allowed"
        return Answer(False, reason, KEY, found[0].entry, sees, change)
    reason = "there is no network" if way == "none" else f"it is not in the list{_answered(host)}"
    return Answer(False, reason, KEY, origin, sees, change)


def _answered(host: str) -> str:
    """Return where it stands that the user has answered never, or ""."""
    home = home_directory()
    line = never.lines(home).get(host)
    return f", and --ask does not ask: {shown(never.path_of(home))}:{line}" if line else ""


def _remedy(asked: HostRule, host: str, found: tuple[HostRule, ...]) -> str | None:
    """Return what to allow, as the judge offers it at a run's end; None where nothing helps."""
    if asked.name == LOOPBACK:
        return f"{LOOPBACK}:{asked.port}"
    judge = Judge(found, Refusals(lambda *_: None))
    return judge.remedy(asked.network.packed if asked.network else host, asked.port or HTTPS)


def _searched(prepared: Prepared) -> tuple[HostRule, ...]:
    """Return the rules as the network's judge gets them, with the resolver's search domains."""
    return with_search_domains(prepared.network.rules, parse_resolv_conf(read(RESOLV_CONF)).search)
