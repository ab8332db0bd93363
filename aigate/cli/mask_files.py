"""`aigate mask` with files to change, to check or to pack: what is told of them, and the exit status."""

from __future__ import annotations

import os
import sys
import threading
import time

from aigate import __version__
from aigate._masker import Masker
from aigate.cli.output import STDERR, say, show
from aigate.config.files import shown
from aigate.errors import AigateError, UsageError
from aigate.masking.files import batch, edit, packed
from aigate.masking.files.outcome import Outcome
from aigate.masking.files.places import STDIN, places
from aigate.masking.files.replacement import replacement
from aigate.masking.files.work import batches, in_order

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
WAITING = 4  # threads for each that was asked for: some may wait for the disk
EVERY = 0.2  # seconds between two words about progress
WIDTH = 80  # of a terminal that does not say
MOST_AT_ONCE = 32  # files of one thread that wait for the disk together
FILES_OF_EACH, FILES_AT_WORK, FILES_OF_OURS = 3, 3, 16  # descriptors: of a file, of one at work, and of all else


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
    if report is not None:
        from aigate.masking.files import report as written

        written.check(report)
    detailed = report is not None or checks
    names = edit.by_name(rules, values) if detailed else {}
    progress = _Progress()
    tools = edit.Tools(masker, names, instead, changes, detailed, parsed.flag("--break-links"), progress.take)
    outcomes = _work(parsed.rest, tools, threads * WAITING if changes else threads, report, progress)
    if report is not None:
        written.write(report, outcomes, __version__)
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


def _work(
    paths: tuple[str, ...], tools: edit.Tools, threads: int, report: str | None, progress: _Progress
) -> list[Outcome]:
    """Look after all files, tell about them, and return those that a report or the status needs."""
    import signal

    signal.signal(signal.SIGIO, signal.SIG_IGN)  # somebody waits for a file that is being replaced: seen without it
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, progress.stop)
    room = os.sysconf("SC_OPEN_MAX") - FILES_OF_OURS
    threads = max(1, min(threads, room // (FILES_OF_EACH + FILES_AT_WORK)))
    most = max(1, min(MOST_AT_ONCE, (room // threads - FILES_AT_WORK) // FILES_OF_EACH))
    kept: list[Outcome] = []

    def leave(path: str, why: str) -> None:
        kept.append(_told(Outcome(path, left=why), progress))

    def wanted() -> Iterator[str]:
        for path in places(paths, leave):
            if report is not None and path != STDIN and os.path.exists(report) and os.path.samefile(path, report):
                continue
            yield path

    try:
        done = in_order(batches(wanted(), most, threads), lambda some: batch.look_after(some, tools), threads)
        for outcome in (outcome for some in done for outcome in some):
            progress.count(outcome)
            if outcome.counts or outcome.left is not None:
                kept.append(_told(outcome, progress, listed=not tools.changes and tools.detailed))
    except KeyboardInterrupt:
        progress.end(tools.changes)
        if tools.changes:
            say("aigate: stopped: each file is as it was before or masked as a whole; start it again for the rest\n")
        raise
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
    """A line on the terminal that says how far the work is; nothing where nobody looks. Owns whether to go on."""

    def __init__(self) -> None:
        self.seen = os.isatty(STDERR)
        self.draws = self.seen and os.environ.get("TERM", "dumb") != "dumb"
        self.next = time.monotonic() + 1
        self.files = self.read = self.written = self.changed = 0
        self.drawn = self.stopped = False
        self.lock = threading.Lock()

    def stop(self, *_: object) -> None:
        """End what is at work, since somebody has asked for that. Raises KeyboardInterrupt."""
        self.stopped = True
        raise KeyboardInterrupt

    def take(self, read: int, written: int) -> None:
        """Take in what was just read and written, also of a file that is not done yet. Raises LeftError to end it."""
        if self.stopped:
            raise edit.LeftError("was stopped")
        with self.lock:
            self.read += read
            self.written += written
            self._draw()

    def count(self, outcome: Outcome) -> None:
        """Take one more file in."""
        with self.lock:
            self.files += 1
            self.changed += outcome.changed
            self._draw()

    def clear(self) -> None:
        """Take the line away."""
        with self.lock:
            if self.drawn:
                say("\r\x1b[K")
            self.drawn = False

    def end(self, changes: bool) -> None:
        """Say how much it was, where somebody looks."""
        self.clear()
        if self.seen and changes:
            say(f"aigate: {self._line()}\n")

    def _draw(self) -> None:
        if self.draws and time.monotonic() >= self.next:
            self.next = time.monotonic() + EVERY
            self.drawn = True
            say(f"\r\x1b[K{f'aigate: {self._line()}'[: _width() - 1]}")

    def _line(self) -> str:
        read, written = (f"{number / 1e6:.0f} MB" for number in (self.read, self.written))
        return f"{self.files} files, {read} read, {written} written, {self.changed} changed"


def _width() -> int:
    try:
        return os.get_terminal_size(STDERR).columns or WIDTH
    except OSError:
        return WIDTH
