"""Rules compiled by RE2, and the streams that apply them."""

from collections.abc import Iterable
from typing import Protocol, final

from typing_extensions import Buffer, disjoint_base

class _Rule(Protocol):
    """What a rule must have; `aigate.masking.rule.Rule` does."""

    @property
    def name(self) -> str: ...
    @property
    def regex(self) -> str: ...
    @property
    def show_prefix(self) -> int: ...
    @property
    def case_insensitive(self) -> bool: ...
    @property
    def source(self) -> str | None: ...
    @property
    def token(self) -> bool: ...
    @property
    def armored(self) -> bool: ...
    @property
    def below(self) -> str | None: ...
    @property
    def check(self) -> str | None: ...

VALUE: str
"""What the counts call known values."""

def spellings(value: str | bytes) -> list[bytes]:
    """Return the ways in which a known value is looked for: as it is, escaped, in base64 and in hexadecimal.

    In base64 characters are left out that also hold bits of what stands beside it. Raises as `Masker` does.
    """

def needed(regex: str, case_insensitive: bool) -> list[bytes]:  # noqa: FBT001 -- in this order only
    """Return texts in lower case of which each match that is ASCII alone holds one; none where that is not known."""

def look_closely_from(few: int) -> None:
    """Look at so many bytes one by one, in each Masker that is made from now on, before ways to skip most are prepared.

    For tests: the same is found in any case.
    """

def scan_paths() -> list[str]:
    """Return the ways to scan that this processor has, the one in use first; the last is always `scalar`."""

@final
class Masker:
    """A set of rules, compiled once and immutable: threads may share it.

    max_line: bytes of a line that are looked at together; a longer line is worked through in windows of this size.
    values: literal texts of 4 to 4096 bytes without line ends (text counts as UTF-8), hidden wherever they stand, in each
    of their `spellings`; where several begin at one place, the longest. They count together, as a rule called `value`.
    Raises RuleError for a rule that RE2 refuses, that can match the empty string, or that has wrong types, and for a value
    that is too short, too long, or holds a line end; TypeError for values that are neither text nor bytes.
    """

    names: tuple[str, ...]
    """The name of each rule, in order, and `value` where values are known."""

    def __new__(
        cls, rules: Iterable[_Rule] = ..., *, values: Iterable[str | bytes] = ..., max_line: int = ...
    ) -> Masker: ...
    def scan_by(self, path: str) -> None:
        """Scan in one of `scan_paths()`, for tests and benchmarks. Raises ValueError for one that there is not."""

    def mask(self, data: Buffer) -> bytes:
        """Return `data` with every secret hidden."""

    def stream(self, *, terminal: bool = False) -> Stream:
        """Return a new stream over these rules. terminal: a person is looking, see `Stream.release`."""

    def search(self) -> Search:
        """Return a new search for what these rules would hide."""

    def display(self, rows: int, columns: int, *, without: Iterable[str] = ()) -> Display:
        """Return a new stream for a terminal of this size, on which programs may draw; (0, 0) where it is not known."""

    def column(
        self, data: Buffer, offsets: Buffer, *, first: int = 0, count: int | None = None, width: int = 4
    ) -> tuple[tuple[Buffer, bytes] | None, dict[str, int]]:
        """Mask many texts, each by itself, as Apache Arrow's variable-size binary layout has them.

        Text i is `data[offsets[i]:offsets[i + 1]]`, from i = `first`, `count` of them (None: all). width: bytes of an
        offset, 4 or 8. Returns the masked texts behind one another (a buffer) and their offsets (from 0), or None where
        they are as they were, and the counts by rule. The GIL is released meanwhile. Raises ValueError for offsets that
        go back or lead out of the data, OverflowError where the masked texts need wider offsets.
        """

    def pump(self, fd_in: int, fd_out: int) -> dict[str, int]:
        """Copy one descriptor to another, masked, until end of input; return how many matches each rule hid.

        The GIL is released meanwhile; signal handlers run. Non-blocking descriptors are waited for.
        Raises OSError when reading or writing fails; its `filename` is the descriptor that failed. After a failed
        read everything that had been read is masked and written.
        """

    def pumping(self, source: int, target: int, done: int) -> Pumping:
        """Return what `pump` does, to be done in a thread of its own. done: a descriptor that its end closes."""

@final
class Pumping:
    """One `pump`, made where an error can be told, and run where none can: as a thread's whole body.

    A thread's first call of a Python function takes memory, and Python tells nobody but standard error when there is
    none. `run` is not one, and what it needs of memory is had before, but for what its work comes to.
    """

    counts: dict[str, int]
    """How many matches each rule hid, known at the end."""

    failure: BaseException | None
    """What ended it early, if anything did."""

    def __new__(cls, masker: Masker, source: int, target: int, done: int) -> Pumping: ...
    def run(self) -> None:
        """Pump until the end, then close the source and `done`. Raises nothing."""

@disjoint_base
class Output:
    """What takes output piece by piece and masks it; `Stream` and `Display` are. Belongs to one thread at a time."""

    def feed(self, data: Buffer) -> bytes:
        """Take bytes; return what is decided."""

    def flush(self) -> bytes:
        """Return the rest, masked: the output is over."""

    def release(self) -> bytes:
        """Return what is held, with what already is a secret hidden: it has waited long enough (terminals only).

        It stays part of the text: what completes a secret is hidden even when its beginning has been shown.
        """

    def carry(self, source: int, target: int, alert: int, timeout: int, grace: int) -> tuple[bytes, bool]:
        """Carry output from one non-blocking descriptor to another, without the GIL, while nothing else is to be done.

        Comes back when `alert` is readable, when nothing has come for `timeout` milliseconds (-1: never), or for
        `grace` milliseconds while bytes are undecided, when `target` has taken no more for `grace` milliseconds, when
        the output may switch modes of the screen, or when the source is closed. Returns what is left to write, and
        whether the source is still open. For terminals.
        """

    @property
    def held(self) -> int:
        """How many bytes have come and are neither returned nor hidden yet."""

    @property
    def counts(self) -> dict[str, int]:
        """How many matches each rule has hidden so far."""

    @property
    def hits(self) -> dict[str, int]:
        """Only those of `counts` that are not zero."""

@final
class Stream(Output):
    """Bytes masked piece by piece: every finished line, or window of a long line.

    However the input is cut, the pieces that come out make up what `Masker.mask` returns for the whole. On a terminal
    also the unfinished line comes out, up to the first byte that could still belong to a match.
    """

    def __new__(cls, masker: Masker, *, terminal: bool = False) -> Stream: ...

@final
class Texts:
    """Masked texts behind one another, as a read-only buffer: `bytes(texts)`, `memoryview(texts)`."""

@final
class Search:
    """Where a stream of bytes holds what is to be hidden. Belongs to one thread at a time."""

    def __new__(cls, masker: Masker) -> Search: ...
    def feed(self, data: Buffer, *, final: bool = False) -> list[tuple[bool, int, int, int, int, int, int]]:
        """Take bytes; return what is to be hidden of all that is decided now and was not before.

        Each time: whether a run begins here (else the one before goes on, behind an escape sequence or at a window's
        edge), the offsets of its begin and end in the stream, line and column of its begin, of its end. Lines count
        from 1 and end with LF; columns count characters from 1. final: nothing comes any more.
        """

    @property
    def decided(self) -> int:
        """How many bytes of the stream are decided."""

    @property
    def counts(self) -> dict[str, int]:
        """How many matches each rule has had so far."""

    @property
    def hits(self) -> dict[str, int]:
        """Only those of `counts` that are not zero."""

@final
class Display(Output):
    """A terminal's output, masked as a person reads it: by cells.

    A mask is as wide as what it hides. Lines are masked as `Stream` does, until the cursor is moved; from then on a model
    of the screen says what is text, and what was shown and becomes part of a match is drawn over. A match counts each
    time it is drawn.
    """

    def __new__(cls, masker: Masker, rows: int, columns: int, *, without: Iterable[str] = ()) -> Display: ...
    def resize(self, rows: int, columns: int) -> None:
        """Take the terminal's new size. What stood where is not known until it is drawn anew.

        On the other screen, which programs draw on that take all of it, everything stays where it was.
        """

    def reveal(self) -> tuple[bytes, str] | None:
        """Cover the screen with a page that shows what was masked last on it; None where that cannot be now.

        Returns what the terminal is to get, and the text, which is empty where nothing is masked. Nothing may be fed
        before `conceal`.
        """

    def conceal(self) -> bytes:
        """Return what puts back the screen that was covered."""

    @property
    def draws(self) -> bool:
        """Whether a program draws at the moment: else all is lines, and it does not matter in which row."""

    def asked(self) -> bool:
        """Take note that the terminal is asked where the cursor is, behind all output so far; tell if that is of use."""

    def stood(self, row: int) -> None:
        """Take the terminal's answer: the row, counted from 0, in which the cursor was when it was asked."""

    @property
    def taken(self) -> dict[str, int]:
        """How many sequences were taken out of the output, by kind; kinds of which there were none are left out."""

    def cells(self) -> tuple[list[str], tuple[int, int]]:
        """Return what the model says stands in the rows, without masks, and where the cursor is; for tests.

        Blanks at the ends of rows are left out. A cursor behind the last column waits to begin the next row.
        """
