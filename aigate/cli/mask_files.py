"""`aigate mask` with files to change, to check or to pack: what is told of them, and the exit status."""

from __future__ import annotations

import os
import sys
import time

from aigate import __version__
from aigate._masker import Masker
from aigate.cli.output import STDERR, say, show
from aigate.config.files import shown
from aigate.errors import AigateError, UsageError
from aigate.masking.files import edit, packed
from aigate.masking.files.outcome import Outcome
from aigate.masking.files.places import STDIN, places
from aigate.masking.files.replacement import replacement
from aigate.masking.files.work import WAITING, Turns, in_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from aigate.cli.options import Parsed
    from aigate.masking.files.replacement import Replacement
    from aigate.masking.rule import Rule

FOUND, LEFT = 3, 4
STDOUT = 1
HELP = "see aigate mask --help"
MOST_THREADS = 256
EVERY = 0.2  # seconds between two words about progress


def main(parsed: Parsed, rules: tuple[Rule, ...], values: list[str]) -> int:
    """Do what the options ask for and return the exit status. Raises AigateError."""
    changes, checks = parsed.flag("--in-place"), parsed.flag("--check")
    report = parsed.last("--report")
    threads = _threads(parsed.last("--jobs"))
    if changes and sys.platform != "linux":
        raise UsageError("mask: --in-place is Linux's: elsewhere a file's attributes could not be kept")
    if changes and checks:
        raise UsageError("mask: --check changes nothing, --in-place does", hint=HELP)
    if parsed.flag("--break-links") and not changes:
        raise UsageError("mask: --break-links belongs to --in-place", hint=HELP)
    masker = Masker(rules, values=values)
    instead = replacement(parsed.last("--mask-with"), parsed.last("--hash-key"))
    if not changes and not checks:
        if report is not None:
            raise UsageError("mask: --report belongs to --in-place or --check", hint=HELP)
        return _to_stdout(parsed.rest or ("-",), masker, instead, threads)
    if not parsed.rest or (changes and "-" in parsed.rest):
        raise UsageError("mask: --in-place and --check need names of files or directories", hint=HELP)
    detailed = report is not None or checks
    names = edit.by_name(rules, values) if detailed else {}
    tools = edit.Tools(masker, names, instead, changes, detailed, parsed.flag("--break-links"), Turns(threads))
    outcomes = _work(parsed.rest, tools, threads * WAITING if changes else threads, report)
    if report is not None:
        from aigate.masking.files.report import write

        write(report, outcomes, __version__)
    return _status(outcomes, checks)


def _status(outcomes: list[Outcome], checks: bool) -> int:
    if checks and any(outcome.counts for outcome in outcomes):
        return FOUND
    return LEFT if any(outcome.left is not None for outcome in outcomes) else 0


def _threads(text: str | None) -> int:
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST_THREADS):
        raise UsageError(f"mask: -j takes a number of threads from 1 to {MOST_THREADS}, not {text!r}", hint=HELP)
    return int(text)


def _work(paths: tuple[str, ...], tools: edit.Tools, threads: int, report: str | None) -> list[Outcome]:
    """Look after all files, tell about them, and return those that a report or the status needs."""
    import signal

    signal.signal(signal.SIGIO, signal.SIG_IGN)  # somebody waits for a file that is being replaced: seen without it
    progress = _Progress()
    kept: list[Outcome] = []

    def leave(path: str, why: str) -> None:
        kept.append(_told(Outcome(path, left=why), progress))

    def wanted() -> Iterator[str]:
        for path in places(paths, leave):
            if report is not None and path != STDIN and os.path.exists(report) and os.path.samefile(path, report):
                continue
            yield path

    for outcome in in_order(wanted(), lambda path: edit.look_after(path, tools), threads):
        progress.count(outcome)
        if outcome.counts or outcome.left is not None:
            kept.append(_told(outcome, progress, listed=not tools.changes and tools.detailed))
    progress.end(tools.changes)
    return kept


def _told(outcome: Outcome, progress: _Progress, *, listed: bool = False) -> Outcome:
    progress.clear()
    if listed:
        path = shown(outcome.path)
        show("".join(f"{path}:{one.line}:{one.column}: {one.rule}\n" for one in outcome.findings))
    if outcome.left is not None:
        say(f"aigate: {shown(outcome.path)}: left alone, it {_said(outcome.left)}\n")
    return outcome


def _said(reason: str) -> str:
    known = ("is ", "has ", "belongs ", "would ", "was ", "cannot ", "does ")
    return reason if reason.startswith(known) else f"cannot be used: {reason}"


def _to_stdout(paths: tuple[str, ...], masker: Masker, instead: Replacement, threads: int) -> int:
    from aigate.masking.files.output import pieces

    try:
        for made in in_order(paths, lambda path: pieces(path, masker, instead, ahead=threads > 1), threads):
            for piece in made:
                _write(piece)
    except BrokenPipeError:
        return 0
    return 0


def _write(piece: bytes) -> None:
    try:
        packed.write_all(STDOUT, piece)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AigateError(f"cannot write the output: {error.strerror}") from None


class _Progress:
    """A line on the terminal that says how far the work is; nothing where nobody looks."""

    def __init__(self) -> None:
        self.seen = os.isatty(STDERR)
        self.next = time.monotonic() + 1
        self.files = self.bytes = self.changed = 0
        self.drawn = False

    def count(self, outcome: Outcome) -> None:
        """Take one more file in."""
        self.files += 1
        self.bytes += outcome.size
        self.changed += outcome.changed
        if self.seen and time.monotonic() >= self.next:
            self.next = time.monotonic() + EVERY
            self.drawn = True
            say(f"\r\x1b[Kaigate: {self._line()}")

    def clear(self) -> None:
        """Take the line away."""
        if self.drawn:
            say("\r\x1b[K")
        self.drawn = False

    def end(self, changes: bool) -> None:
        """Say how much it was, where somebody looks."""
        self.clear()
        if self.seen and changes:
            say(f"aigate: {self._line()}\n")

    def _line(self) -> str:
        return f"{self.files} files, {self.bytes / 1e6:.0f} MB, {self.changed} changed"
