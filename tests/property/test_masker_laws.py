"""What holds for every input: any chunking gives the same bytes, and a terminal that never loses patience too."""

import functools
import select
import socket

from hypothesis import example, given
from hypothesis import strategies as st

from aigate import Masker, Rule
from aigate.masking.rules import preset_rules

RULES = (
    *preset_rules("all"),
    Rule("a", "ab+c?", 1),
    Rule("b", "(?i)ks", 0),
    Rule("c", "x.*y", 2),
    Rule("d", r"\bq\b$"),
    Rule("e", ".*!"),
    Rule("f", r"\w+@\w+", 1),
)
WORDS = (
    "sk-ant-", "sk-", "api03", "abcdefghijklmnopqrst", "AKIA", "IOSFODNN7EXAMPLE", "ab", "bc", "x", "y", "K",
    "\u017f", "q", " ", "!", "@",
    "\n", "\r", "\r\n", "\x1b[31m", "\x1b[C", "\x1b[", "\x1b]0;", "\x1b]66;s=2;",
    "\x07", "\x1b\\", "\x1b(B", "\x1b", "é", "Bearer ", "\0",
    "***",
    "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "-----", "aws_secret_access_key=", "A" * 40,
)  # fmt: skip
VALID = st.lists(st.sampled_from(WORDS), max_size=30).map(lambda words: "".join(words).encode())
PIECE = st.one_of(
    st.sampled_from(WORDS).map(str.encode), st.binary(max_size=3), st.sampled_from([b"\xff", b"\xc5", b"\xe2\x84"])
)
ANY = st.lists(PIECE, max_size=30).map(b"".join)
CUTS = st.lists(st.integers(1, 40), min_size=1, max_size=20)
DEFAULT = Masker(RULES)
WINDOWS = st.sampled_from([*range(1, 8), 11, 16, 23, 32, 47, 64, 80])  # bytes


@functools.cache
def with_windows(max_line: int) -> Masker:
    return Masker(RULES, max_line=max_line)


def fed(masker: Masker, data: bytes, cuts: list[int], *, terminal: bool = False) -> tuple[bytes, dict[str, int]]:
    stream = masker.stream(terminal=terminal)
    pieces, at, turn = [], 0, 0
    while at < len(data):
        size = cuts[turn % len(cuts)]
        pieces.append(stream.feed(data[at : at + size]))
        at, turn = at + size, turn + 1
    pieces.append(stream.flush())
    return b"".join(pieces), stream.counts


@given(ANY, CUTS)
def test_any_chunking_gives_the_same(data: bytes, cuts: list[int]) -> None:
    assert fed(DEFAULT, data, cuts) == fed(DEFAULT, data, [len(data) + 1])


@given(ANY, CUTS, WINDOWS)
def test_any_chunking_gives_the_same_in_windows(data: bytes, cuts: list[int], max_line: int) -> None:
    masker = with_windows(max_line)
    assert fed(masker, data, cuts) == fed(masker, data, [len(data) + 1])


@given(VALID, CUTS)
def test_a_patient_terminal_gives_the_same(data: bytes, cuts: list[int]) -> None:
    assert fed(DEFAULT, data, cuts, terminal=True) == fed(DEFAULT, data, [len(data) + 1])


# Here no rule keeps a whole line undecided, as `.*!` does, so that a line is shown in many windows.
TOKENS = Masker([Rule("a", "[bc]+", token=True), Rule("b", "w=[bc]+", 2), Rule("c", "bcb*", token=True)])
DRAWN = st.lists(st.sampled_from(["w", " ", "=", "bc", "\x1b[C", "\x1b[31m", "\n"]), max_size=30)


@example(b"w\x1b[Cbc", [1])
@given(DRAWN.map(lambda words: "".join(words).encode()), CUTS)
def test_a_terminal_gives_the_same_where_the_cursor_moves_between_windows(data: bytes, cuts: list[int]) -> None:
    assert fed(TOKENS, data, cuts, terminal=True) == fed(TOKENS, data, [len(data) + 1])


BEFORE = st.sampled_from([b"", b"all is well\n" * 200, b"all is well " * 200, b"all is well " * 400])
BLOCKS = st.lists(st.tuples(BEFORE, VALID).map(b"".join).filter(bool), min_size=1, max_size=12)


def carried(masker: Masker, blocks: list[bytes]) -> tuple[bytes, dict[str, int]]:
    """Return what a terminal shows when each block is read by itself, and only some are waited for."""
    stream, shown = masker.stream(terminal=True), []
    ours, says = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    screen, target = socket.socketpair()
    with ours, says, screen, target:
        for end in (ours, screen, target):
            end.setblocking(False)
        for first in range(0, len(blocks), 4):
            for block in blocks[first : first + 4]:
                says.send(block)
            while is_readable(ours):
                rest, _ = stream.carry(ours.fileno(), target.fileno(), screen.fileno(), 0, 0)
                shown += [screen.recv(1 << 20) if is_readable(screen) else b"", rest]
    return b"".join([*shown, stream.flush()]), stream.counts


def is_readable(end: socket.socket) -> bool:
    return bool(select.select([end], [], [], 0)[0])


@given(BLOCKS)
def test_what_is_carried_to_a_patient_terminal_is_the_same(blocks: list[bytes]) -> None:
    data = b"".join(blocks)
    assert carried(DEFAULT, blocks) == fed(DEFAULT, data, [len(data) + 1])


@given(ANY, CUTS)
def test_clean_input_passes_unchanged(data: bytes, cuts: list[int]) -> None:
    masker = Masker([Rule("never", "never in there")])
    assert fed(masker, data, cuts)[0] == data
    assert fed(masker, data, cuts, terminal=True)[0] == data
