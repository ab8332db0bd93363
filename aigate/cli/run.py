"""`aigate run`: options, banner, exit status."""

from __future__ import annotations

import sys

from aigate import bundle
from aigate.cli.options import Option, help_text, parse
from aigate.cli.output import check_open, say, show
from aigate.errors import MissingConfigError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate.audit.chain import Head
    from aigate.cli.options import Parsed
    from aigate.cli.report import Report
    from aigate.network.refusals import NetworkReport
    from aigate.session.request import Prepared

OPTIONS = (
    Option(("--config",), "Use this config file instead of ~/.aigate/config.yaml.", "FILE"),
    Option(("--dry-run",), "Show what would be enforced and how, and run nothing."),
    Option(("--verbose", "-v"), "List everything that is enforced before the command starts."),
    Option(("--ask",), "Ask on the terminal's last row about hosts that allow_net does not name."),
    Option(("--learn-net",), "Allow every host this once, and list afterwards which ones were asked for."),
    Option(("--values",), "Hide the values of this file, too: KEY=value, JSON, YAML; repeatable.", "FILE"),
    Option(("--profile",), "Take these profiles (with commas); toolchains besides the command's own.", "NAMES"),
    Option(("--layer",), "Keep what it changes of the project in a layer, too: see aigate layer."),
    Option(("--as-agent-user",), "Run it as the agents' user (needs root), so that permanent access lists count."),
    Option(("--require",), "Run only if these are in force: net, limits, ... (with commas).", "NAMES"),
    Option(("--report-fd",), "Say how it ended, as JSON, on this descriptor: for programs.", "NUMBER"),
    Option(("--quiet", "-q"), "Print no banner."),
    Option(("--help", "-h"), "Show this message and exit."),
)
MOST_SHOWN = 10
USAGE = "run [OPTIONS] [--] COMMAND [ARGUMENT]..."
SUMMARY = """Run a command in the sandbox.

It cannot read, run, change or reach what the policy denies, and secrets are taken out of what it prints.
Its exit status is passed on; aigate's own errors end with 1, a command that does not exist with 127,
one that is not executable with 126."""


def main(words: list[str]) -> int:
    """Run one command line and return the exit status. Raises AigateError."""
    parsed = parse(OPTIONS, words, command="run", interspersed=False)
    if parsed.flag("--help"):
        show(help_text(USAGE, SUMMARY, OPTIONS))
        return 0
    if not parsed.rest:
        raise UsageError("run: no command given", hint="aigate run -- claude")
    number = parsed.last("--report-fd")
    if number is None:
        return _run(parsed, None)
    from aigate.cli.report import Report

    report = Report(number)
    with report:
        report.status = _run(parsed, report)
    return report.status


def _run(parsed: Parsed, report: Report | None) -> int:
    """Run what was asked for. report: told where the log ends."""
    bundle.import_all("aigate.session.linux" if sys.platform == "linux" else "aigate.session.macos")
    from aigate.policy.require import parse as parse_required
    from aigate.session.request import Request, Talk

    if sys.platform == "linux":
        from aigate.session.linux import run
    else:
        from aigate.session.macos import run

    dry_run = parsed.flag("--dry-run")
    if dry_run:
        check_open()
    learn = parsed.flag("--learn-net")
    required = parse_required(",".join(value or "" for name, value in parsed.options if name == "--require"))
    request = Request(
        parsed.rest,
        config=parsed.last("--config"),
        dry_run=dry_run,
        learn_net=learn,
        require=required,
        as_agent=parsed.flag("--as-agent-user"),
        profiles=tuple(name for name in (parsed.last("--profile") or "").split(",") if name),
        layer=parsed.flag("--layer"),
        ask=_asks(parsed),
        values=tuple(value for name, value in parsed.options if name == "--values" and value is not None),
    )
    quiet = parsed.flag("--quiet")
    announce = _announcer(dry_run, parsed.flag("--verbose"), quiet)
    searching = None if quiet else _searcher()

    def logged(number: str, head: Head) -> None:
        if report is not None:
            report.logged(number, head)
        if not quiet:
            _tell_head(head)

    def allow(hosts: list[str]) -> None:
        from aigate.cli.allow import command

        named = ["--config", request.config] if request.config else []
        command.main(["net", *named, "--", *hosts], prog_name="aigate allow", standalone_mode=False)

    talk = Talk(announce, _ask, _keep, _concluder(learn), _tell, searching, logged, allow, quiet=quiet)
    try:
        return run(request, talk)
    except MissingConfigError:
        if request.config is not None or not _written_now():
            raise
    return run(request, talk)


def _asks(parsed: Parsed) -> bool:
    """Tell whether the user wants to be asked. Raises UsageError where there is nothing to ask about."""
    asks = parsed.flag("--ask")
    if asks and parsed.flag("--learn-net"):
        raise UsageError(
            "run: --learn-net allows every host, so --ask has nothing to ask", hint="leave one of them out"
        )
    if asks and sys.platform != "linux":
        raise UsageError("run: --ask is Linux's", hint="leave it out: aigate log tells afterwards what was refused")
    return asks


def _written_now() -> bool:
    """Offer to write the config, on a first start where someone can answer, and tell whether that was done."""
    from aigate.cli.question import agreed, can_be_asked

    if not can_be_asked() or not agreed("aigate: there is no config yet. Write one that suits most projects?"):
        return False
    from aigate.cli.init import write

    say(f"aigate: wrote {write(force=False)}; each key is explained there\n")
    return True


def _searcher() -> Callable[[str, int], None]:
    """Return what is called in each second of a long search."""
    seconds = 0

    def tell(place: str, entries: int) -> None:
        from aigate.cli.searching import words

        nonlocal seconds
        say(words(seconds, place, entries))
        seconds += 1

    return tell


def _ask(widenings: tuple[str, ...]) -> bool:
    """Ask, where someone can answer; elsewhere the answer is no, and the banner says what was left out."""
    from aigate.cli.question import agreed, can_be_asked
    from aigate.cli.wording import plain

    if not can_be_asked():
        return False
    lines = "".join(f"  {plain(line)}\n" for line in widenings)
    return agreed(f"aigate: the project's config asks for more than yours:\n{lines}Apply this from now on?")


def _keep(paths: tuple[str, ...]) -> bool:
    """Show what former agents left in the layer for this one to run or obey, and ask where someone can answer."""
    from aigate.cli.folding import folded
    from aigate.cli.question import agreed, can_be_asked
    from aigate.config.files import shown

    lines = "".join(f"  {line}\n" for line in folded(map(shown, paths), MOST_SHOWN))
    if can_be_asked():
        return agreed(f"aigate: earlier agents left in the layer what this one would run or obey:\n{lines}Keep it?")
    say(f"aigate: set aside, since nobody has agreed that an agent runs or obeys it (aigate layer keep PATH):\n{lines}")
    return False


def _concluder(learn: bool) -> Callable[[NetworkReport], None]:
    """Return what tells, after the command, which hosts were refused or asked for."""

    def conclude(report: NetworkReport) -> None:
        from aigate.network.refusals import learned_text, summary

        line = summary(report)
        text = (f"{line}\n" if line else "") + (learned_text(report.learned, report.hidden) if learn else "")
        if text:
            say("aigate: " + text.encode("ascii", "backslashreplace").decode())

    return conclude


def _tell(lines: list[str]) -> None:
    """Say what happened to the run's files, where something did."""
    say("".join(f"aigate: {line}\n" for line in lines))


def _tell_head(head: Head) -> None:
    """Say where the audit log ends: what `aigate log verify --head` takes."""
    say(f"aigate: log {head.number}:{head.digest}\n")


def _announcer(dry_run: bool, verbose: bool, quiet: bool) -> Callable[[Prepared], None]:
    def announce(prepared: Prepared) -> None:
        from aigate.cli import banner

        if dry_run:
            show(banner.details(prepared) + prepared.plan.printed())
        elif verbose:
            say(banner.details(prepared))
        elif not quiet:
            say(banner.line(prepared))

    return announce
