"""The masker's interface: what it refuses, counts, buffers, threads, descriptors that fail or wait."""

import array
import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest
from corpus import CORPORA, dense, long_line

from aigate import Masker, Rule
from aigate.config.model import Entry, MaskPattern, MaskStdout
from aigate.errors import RuleError
from aigate.masking.presets import PRESETS
from aigate.masking.rule import BUILT_IN
from aigate.masking.rules import chosen, preset_rules, rules_from

AB = Masker([Rule("ab", "ab+", 1)])


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        (Rule("x", "(foo", source="a.yaml:7"), r"a.yaml:7: masking rule 'x': missing .* at byte 0 of the pattern"),
        (Rule("x", "[^a]b", token=True), "a token begins with a letter, a digit or _"),
        (Rule("x", "a", check="nope"), "there is no check 'nope'"),
        (Rule("x", "ab[z-a]"), "invalid character class range: z-a at byte 3 of the pattern"),
        (Rule("x", "a**"), r"bad repetition operator: \*\* at byte 1"),
        (Rule("x", r"(a)\1"), r"invalid escape sequence: \\1 at byte 3"),
        (Rule("x", "(?=a)"), r"invalid perl operator: \(\?= at byte 0"),
        (Rule("x", "a{1001}"), r"a\{1001\}|\{1001\}"),
        *(
            (Rule("x", regex), "can match the empty string")
            for regex in ("", "a*", "a?", "(a|)", r"\b", "^", "$", r"\B", "a{0}")
        ),
        *(
            (Rule("x", regex), "can match the empty string")
            for regex in ("(?:^|x)", r"x*\z", "(a*)+", "a*?", r"(?:\b)*")
        ),
        (Rule("x", "a", -1), "show_prefix must not be negative, it is -1"),
        (Rule("x", "a", True), "show_prefix must be a whole number, not True"),
        (Rule("x", "a", "1"), "show_prefix must be a whole number, not '1'"),
        (Rule("x", "a", 0, 1), "case_insensitive must be true or false, not 1"),
        (Rule("x", b"a"), "regex must be text"),
        (Rule(7, "a"), "name must be text"),
        (Rule("x", "a\udc80"), "not valid Unicode"),
    ],
)
def test_refused_rules(rule: Rule, complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        Masker([rule])


def test_one_bad_rule_is_not_left_out() -> None:
    with pytest.raises(RuleError):
        Masker([*preset_rules("all"), Rule("x", "(")])


def test_a_rule_that_claims_to_be_built_in_is_checked_when_used() -> None:
    with pytest.raises(RuntimeError, match="not checked"):
        Masker([Rule("x", "a(b", source=BUILT_IN)]).mask(b"ab ab ab")


@pytest.mark.parametrize("max_line", [0, -1, True, 1.5, "9"])
def test_refused_line_lengths(max_line: object) -> None:
    with pytest.raises(ValueError, match="max_line"):
        Masker([], max_line=max_line)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", CORPORA.values(), ids=CORPORA)
def test_no_preset_fires_on_clean_output(make: Callable[[int], bytes]) -> None:
    stream = Masker(preset_rules("all")).stream()
    data = make(1 << 22)
    masked = stream.feed(data) + stream.flush()
    found = sum(stream.counts.values())
    assert (found > 0, masked != data) == ((True, True) if make in {dense, long_line} else (False, False))


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_compiles_and_finds_its_example(name: str) -> None:
    rules = preset_rules(name)
    for rule in rules:
        Masker(
            [Rule(rule.name, rule.regex, rule.show_prefix, token=rule.token, armored=rule.armored, check=rule.check)]
        )
    stream = Masker(rules).stream()
    masked = stream.feed(PRESETS[name].example.encode()) + stream.flush()
    assert b"***" in masked
    assert stream.counts[name] > 0
    assert b"EXAMPLEexample" not in masked


def test_rules_from_config() -> None:
    mask = MaskStdout(
        (Entry("github", "c.yaml", 3), Entry("github", "c.yaml", 4)), (MaskPattern("x+", 2, True, "c.yaml", 6),)
    )
    rules = rules_from(mask)
    assert [rule.name for rule in rules] == ["github", "github", "pattern-1"]
    assert rules[-1] == Rule("pattern-1", "x+", 2, True, source="c.yaml:6")
    assert rules_from(None) == ()
    assert rules_from(MaskStdout((Entry("npm", "c", 1), Entry("all", "c", 2)))) == preset_rules("all")


def test_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(RuleError, match=r"c\.yaml:3: unknown masking preset 'antropic'") as caught:
        rules_from(MaskStdout((Entry("antropic", "c.yaml", 3),)))
    assert caught.value.hint == "did you mean anthropic?"


def test_counts_are_per_rule_and_rules_of_one_name_add_up() -> None:
    stream = Masker([Rule("a", "a+"), Rule("b", "b"), Rule("a", "c")]).stream()
    stream.feed(b"aa b a c\nabc")
    stream.flush()
    assert stream.counts == {"a": 5, "b": 2}


@pytest.mark.parametrize(
    "data", [bytearray(b"x ab"), memoryview(b"x ab"), array.array("B", b"x ab"), memoryview(b"xx  aabb")[::2]]
)
def test_any_buffer(data: bytes) -> None:
    assert AB.mask(data) == b"x a***"


@pytest.mark.parametrize("data", ["x ab", 7, None])
def test_only_buffers(data: object) -> None:
    with pytest.raises(TypeError):
        AB.mask(data)  # type: ignore[arg-type]


def test_a_finished_line_comes_at_once() -> None:
    stream = AB.stream()
    assert stream.feed(b"one ab\ntwo") == b"one a***\n"
    assert stream.feed(b" ab\r") == b"two a***\r"
    assert stream.flush() == b""


def test_threads_share_a_masker() -> None:
    data = b"x ab \x1b[1mabb\n" * 2000
    expected = AB.mask(data)
    results: list[bytes] = []
    threads = [threading.Thread(target=lambda: results.append(AB.mask(data))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 8


def test_pump_counts_and_tells_the_sides_apart() -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, b"ab ab\nab")
    os.close(write_end)
    with open(os.devnull, "wb") as null:
        assert AB.pump(read_end, null.fileno()) == {"ab": 3}
    os.close(read_end)
    directory = os.open("/", os.O_RDONLY)
    with open(os.devnull, "wb") as null, pytest.raises(IsADirectoryError) as caught:
        AB.pump(directory, null.fileno())
    assert caught.value.filename == directory
    os.close(directory)
    with open(__file__, "rb") as source, open("/dev/full", "wb", buffering=0) as full:
        with pytest.raises(OSError, match="space") as caught_write:
            AB.pump(source.fileno(), full.fileno())
        assert (caught_write.value.errno, caught_write.value.filename) == (errno.ENOSPC, full.fileno())


def test_pump_into_a_closed_pipe() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with open(__file__, "rb") as source, pytest.raises(BrokenPipeError):
        AB.pump(source.fileno(), write_end)
    os.close(write_end)


def test_pump_writes_what_it_read_before_a_failure() -> None:
    leader, follower = os.openpty()
    os.write(follower, b"one ab\ntwo ab")
    os.close(follower)
    read_end, write_end = os.pipe()
    with pytest.raises(OSError, match="Input/output error"):  # that is how a pseudo-terminal ends on Linux
        AB.pump(leader, write_end)
    os.close(write_end)
    with open(read_end, "rb") as file:
        assert file.read() == b"one a***\r\ntwo a***"
    os.close(leader)


def test_pump_waits_for_non_blocking_descriptors() -> None:
    source, sink = os.pipe(), os.pipe()
    for descriptor in (*source, *sink):
        os.set_blocking(descriptor, False)
    data = b"some text and ab\n" * 100_000

    def write() -> None:
        os.set_blocking(source[1], True)
        with open(source[1], "wb") as file:
            time.sleep(0.05)
            file.write(data)

    def pump() -> None:
        AB.pump(source[0], sink[1])
        os.close(sink[1])

    threads = [threading.Thread(target=work) for work in (write, pump)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    os.set_blocking(sink[0], True)
    with open(sink[0], "rb") as file:
        assert file.read() == data.replace(b"ab", b"a***")
    for thread in threads:
        thread.join()
    os.close(source[0])


def test_signal_handlers_run_while_pumping() -> None:
    program = """
import os, signal, sys
from aigate import Masker, Rule
class Stop(Exception): pass
seen = []
def first(*_): seen.append(1); os.write(2, b"seen\\n"); signal.signal(signal.SIGUSR1, second)
def second(*_): raise Stop
signal.signal(signal.SIGUSR1, first)
os.write(2, b"ready\\n")
try:
    Masker([Rule("ab", "ab")]).pump(0, 1)
except Stop:
    sys.exit(7)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stderr.readline() == b"ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGUSR1)
    assert process.stderr.readline() == b"seen\n"
    process.stdin.write(b"ab\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"***\n"
    process.send_signal(signal.SIGUSR1)
    assert process.wait(120) == 7
    for pipe in (process.stdin, process.stdout, process.stderr):
        pipe.close()


def test_the_stub_describes_the_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "aigate._masker"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_terminal_shows_prompts_and_holds_what_is_undecided() -> None:
    stream = Masker(chosen([("all", None), ("!key_value", None)])).stream(terminal=True)
    assert stream.feed(b"Password: ") == b"Password: "
    assert stream.feed(b"key s") == b"key "
    assert stream.held == 1
    assert stream.release() == b"s"
    assert stream.held == 0
    assert stream.feed(b"k-ant-api03-abcdefghij") == b""
    assert stream.release() == b"k-ant-***"
    assert stream.feed(b"klm") == b""
    assert stream.release() == b""
    assert stream.feed(b" ok AKIA\x1b[") == b" ok "
    assert stream.feed(b"1mABCDEFGHIJKLMNOP!") == b"AKIA\x1b[1m***!"
    assert stream.flush() == b""
    assert stream.counts["anthropic"] == 1


def test_a_prompt_for_a_password_appears_when_it_has_waited() -> None:
    stream = Masker(preset_rules("all")).stream(terminal=True)
    assert stream.feed(b"Password: ") + stream.release() == b"Password: "
    assert stream.feed(b"hunter2hunter2\nok\n") == b"***\nok\n"


def test_terminal_hides_the_rest_of_what_was_shown_too_early() -> None:
    stream = Masker([Rule("x", "abcdef")]).stream(terminal=True)
    assert stream.feed(b"abc") == b""
    assert stream.release() == b"abc"
    assert stream.feed(b"def.\n") == b"***.\n"
    assert stream.counts == {"x": 1}


def test_terminal_hides_a_match_longer_than_its_patience() -> None:
    stream = Masker([Rule("x", "ab+")]).stream(terminal=True)
    shown = stream.feed(b"ab") + stream.release()
    for _ in range(100):
        shown += stream.feed(b"b" * 5000) + stream.release()
    assert shown + stream.feed(b"\nb") + stream.flush() == b"***\nb"


def test_what_was_shown_early_does_not_make_a_rule_look_twice() -> None:
    stream = Masker([Rule("x", "[^a]b"), Rule("y", r"[a-z]{3}=\S+")]).stream(terminal=True)
    shown = stream.feed(b"00") + stream.release() + stream.feed(b"0bbb") + stream.flush()
    assert shown == b"00***"  # two matches next to each other; the second "b" begins none


@pytest.mark.parametrize(
    "text",
    [
        b"\x1bx\n",
        b"\x1b[31mred\x1b[0m\n",
        b"a\x1b]0;title\x07b\rc\x1b",
        b"\x1b\x1b\x1b\n\x1b",
        b"\xe2\x82\xac \x1b(B\n",
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_what_was_released_is_not_shown_again(text: bytes, size: int) -> None:
    stream = Masker([Rule("x", "secret"), Rule("y", "[a-c]+z")]).stream(terminal=True)
    shown = b""
    for at in range(0, len(text), size):
        shown += stream.feed(text[at : at + size]) + stream.release()
        assert stream.held == 0
    assert shown + stream.flush() == text
