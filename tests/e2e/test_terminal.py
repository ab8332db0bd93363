"""At the terminal: keys, sizes, job control, the end. Everything runs on a real pseudo-terminal."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import termios
import time

import pytest
from pseudo import CONTROL_BACKSLASH, CONTROL_C, CONTROL_D, CONTROL_Q, CONTROL_S, CONTROL_Z, PATIENCE, SIGNALS, Pseudo

BACKENDS = ("bwrap", "unshare")
KEY = "sk-ant-api03-" + "aB3dE5" * 16
MASKED = b"sk-ant-" + b"*" * (len(KEY) - 7)  # on a terminal as wide as what it hides
IUTF8 = 0o40000  # termios(3), as asm-generic/termbits.h has it; Python's termios does not name it


def on_terminal(sandbox, *command, options=("--quiet",), **kwargs) -> Pseudo:
    return at(sandbox, [*sandbox.prefix, "run", *options, "--", *command], **kwargs)


def at(sandbox, argv, **kwargs) -> Pseudo:
    return Pseudo(
        argv, cwd=sandbox.project, env={**sandbox.environment, "TERM": "xterm"}, **kwargs, **sandbox.identity()
    )


def shell(sandbox) -> Pseudo:
    """Start an interactive shell with job control outside, in which `run` is aigate."""
    terminal = at(sandbox, ["/bin/bash", "--norc", "--noprofile", "-i"])
    # Not as it will be shown: the terminal shows what is typed, before bash does and when bash does.
    terminal.send(b"PS1='ou''t> '; run() { " + " ".join(sandbox.prefix).encode() + b' run -q -- "$@"; }; stty -echo\n')
    terminal.expect(b"out> ")
    return terminal


def test_each_stream_that_is_a_terminal_is_one_inside(sandbox) -> None:
    script = "for n in 0 1 2; do test -t $n && echo $n; done; tty; test -c /dev/tty && echo ctty >/dev/tty"
    with on_terminal(sandbox, "sh", "-c", script) as terminal:
        assert terminal.wait() == 0
        assert terminal.seen.split()[:3] == [b"0", b"1", b"2"]
        assert b"/dev/" in terminal.seen
        assert terminal.seen.endswith(b"ctty\r\n")


def test_it_is_not_the_terminal_outside(sandbox) -> None:
    with on_terminal(sandbox, "sh", "-c", "stat -L -c %t:%T /proc/self/fd/0") as terminal:
        outside = os.fstat(terminal.slave).st_rdev
        assert terminal.wait() == 0
        assert terminal.seen.strip() != f"{os.major(outside):x}:{os.minor(outside):x}".encode()


def test_settings_and_size_are_those_outside(sandbox) -> None:
    def unusual(slave: int) -> None:
        now = termios.tcgetattr(slave)
        now[6][termios.VERASE] = b"\x08"
        now[6][termios.VINTR] = b"\x0b"
        termios.tcsetattr(slave, termios.TCSANOW, now)

    with on_terminal(sandbox, "sh", "-c", "stty size; stty -a", rows=31, columns=117, settings=unusual) as terminal:
        assert terminal.wait() == 0
        assert terminal.seen.startswith(b"31 117\r\n")
        assert b"intr = ^K" in terminal.seen
        assert b"erase = ^H" in terminal.seen


def test_echo_line_editing_and_end_of_file(sandbox) -> None:
    with on_terminal(sandbox, "cat") as terminal:
        terminal.until(terminal.is_raw)
        terminal.send(b"abX\x7fc\r")
        assert terminal.expect(b"abc\r\n").startswith(b"abX\b \bc\r\n")
        terminal.send(CONTROL_D)
        assert terminal.wait() == 0


def test_a_prompt_without_a_newline_appears(sandbox) -> None:
    with on_terminal(sandbox, "sh", "-c", 'printf "Password: "; read x; echo "<$x>"') as terminal:
        terminal.expect(b"Password: ")
        terminal.send(b"hello\r")
        terminal.expect(b"<hello>\r\n")
        assert terminal.wait() == 0


def test_every_byte_passes_both_ways(sandbox) -> None:
    script = (
        "import os, tty; tty.setraw(0); os.write(1, b'go'); data = b''\n"
        "while len(data) < 256: data += os.read(0, 256)\n"
        "os.write(1, data)"
    )
    everything = bytes(range(256))
    text = sandbox.path("~/.aigate/config.yaml").read_text()
    for given, instead in (("queries: safe", "queries: all"), ("other: none", "other: all")):
        assert given in text  # what is taken out otherwise: ENQ and ESC 0 are of the 256
        text = text.replace(given, instead)
    sandbox.config(text)
    with on_terminal(sandbox, "python3", "-c", script) as terminal:
        terminal.expect(b"go")
        terminal.send(everything)
        assert terminal.wait() == 0
        assert terminal.seen.endswith(everything)


def test_a_large_paste_arrives_whole(sandbox) -> None:
    """Bracketed, as terminals send it to programs that ask for that; the command reads slower than it comes."""
    paste = b"\x1b[200~" + bytes(range(32, 127)) * 3000 + b"\x1b[201~"
    script = f"stty raw -echo; printf '\\033[?2004h'; sleep 0.3; head -c {len(paste)} | sha256sum"
    with on_terminal(sandbox, "sh", "-c", script) as terminal:
        terminal.expect(b"\x1b[?2004h")
        terminal.send(paste)
        terminal.expect(hashlib.sha256(paste).hexdigest().encode())


def test_flow_control(sandbox) -> None:
    with on_terminal(sandbox, "sh", "-c", "while :; do echo tick; sleep 0.01; done") as terminal:
        terminal.expect(b"tick", b"tick")
        terminal.send(CONTROL_S)
        terminal.until(lambda: terminal.quiet(0.5) == b"", what="an end of the output")
        terminal.send(CONTROL_Q)
        terminal.expect(b"tick", b"tick")
        terminal.send(CONTROL_C)
        assert terminal.wait() == 128 + signal.SIGINT


def test_a_letter_of_two_bytes_is_erased_as_one(sandbox) -> None:
    def utf8(slave: int) -> None:
        now = termios.tcgetattr(slave)
        now[0] |= IUTF8
        termios.tcsetattr(slave, termios.TCSANOW, now)

    with on_terminal(sandbox, "sh", "-c", 'read -r line; printf %s "$line" | od -An -tx1', settings=utf8) as terminal:
        terminal.until(terminal.is_raw)
        terminal.send("a\u00e9\x7fb\r".encode())
        terminal.expect(b"61 62\r\n")
        assert terminal.wait() == 0


def test_the_window_changes_size(sandbox) -> None:
    script = (
        "import os, signal\n"
        "show = lambda *_: os.write(1, b'%d %d\\n' % os.get_terminal_size()[::-1])\n"
        "signal.signal(signal.SIGWINCH, show)\n"
        "os.write(1, b'ready')\n"
        "while True: signal.pause()"
    )
    with on_terminal(sandbox, "python3", "-c", script) as terminal:
        terminal.expect(b"ready")
        terminal.resize(50, 132)
        terminal.expect(b"50 132")
        terminal.resize(10, 20)
        terminal.expect(b"10 20")


@pytest.mark.parametrize(("key", "number"), [(CONTROL_C, 2), (CONTROL_BACKSLASH, 3)])
def test_keys_that_send_signals(sandbox, key: bytes, number: int) -> None:
    with on_terminal(sandbox, "sh", "-c", "ulimit -c 0; echo ready; exec sleep 60") as terminal:
        terminal.expect(b"ready")
        terminal.send(key)
        assert terminal.wait() == 128 + number
        assert terminal.settings() == terminal.before


def test_control_c_reaches_the_command_and_nothing_else(sandbox) -> None:
    with on_terminal(sandbox, "bash", "-c", "trap 'echo caught; exit 9' INT; echo ready; sleep 60 & wait") as terminal:
        terminal.expect(b"ready")
        terminal.send(CONTROL_C)
        assert terminal.wait() == 9
        assert b"caught" in terminal.seen


def test_stopped_by_a_key_and_continued(sandbox) -> None:
    with shell(sandbox) as terminal:
        terminal.send(b"run sh -c 'echo u$(:)p; exec cat'\n")
        terminal.expect(b"up")
        terminal.send(b"one\r")
        terminal.expect(b"one\r\n")
        terminal.send(CONTROL_Z)
        terminal.expect(b"Stopped", b"out> ")
        terminal.send(b"stty -a; fg\n")
        shown = terminal.expect(b"isig icanon ", b"run")
        assert b" onlcr" in shown
        assert b"-onlcr" not in shown
        terminal.until(terminal.is_raw)
        terminal.send(b"two\r")
        terminal.expect(b"two\r\n")
        terminal.send(CONTROL_D)
        terminal.expect(b"out> ")
        terminal.send(b"echo status $?; exit\n")
        terminal.expect(b"status 0")
        assert terminal.wait() == 0


def test_a_program_that_stops_itself(sandbox) -> None:
    script = "import os; print('u' + 'p', flush=True); os.kill(os.getpid(), 20); print('ba' + 'ck')"
    with shell(sandbox) as terminal:
        terminal.send(f'run python3 -c "{script}"\n'.encode())
        terminal.expect(b"up", b"Stopped", b"out> ")
        terminal.send(b"fg\n")
        terminal.expect(b"back", b"out> ")


def test_a_background_job_runs_and_stops_when_it_reads(sandbox) -> None:
    with shell(sandbox) as terminal:
        terminal.send(b"run sh -c 'echo star$(:)ted; read x; echo got $x' &\n")
        terminal.expect(b"started")
        terminal.until(lambda: b"Stopped" in asked(terminal, b"jobs\n"), what="a stopped job")
        terminal.send(b"fg\n")
        terminal.expect(b"star$(:)ted")
        terminal.until(terminal.is_raw)
        terminal.send(b"input\r")
        terminal.expect(b"got input", b"out> ")


def asked(terminal: Pseudo, line: bytes) -> bytes:
    terminal.send(line)
    return terminal.quiet(0.3)


def test_a_shell_inside_has_job_control_of_its_own(sandbox) -> None:
    with on_terminal(sandbox, "bash", "--norc", "--noprofile", "-i") as terminal:
        terminal.send(b"PS1='in> '; stty -echo\r")
        terminal.expect(b"in> ", b"in> ")
        terminal.send(b"sh -c 'echo u$(:)p; exec sleep 60'\r")
        terminal.expect(b"up\r\n")  # before, a shell takes the key for one of its own line
        terminal.send(CONTROL_Z)
        terminal.expect(b"Stopped", b"in> ")
        terminal.send(b"kill %1; fg; exit 5\r")
        assert terminal.wait() == 5
        assert b"no job control" not in terminal.seen


@pytest.mark.parametrize("number", SIGNALS)
def test_signals_to_aigate_end_the_command_and_the_status_tells(sandbox, number: int) -> None:
    with on_terminal(sandbox, "sh", "-c", "ulimit -c 0; echo ready; exec sleep 60") as terminal:
        terminal.expect(b"ready")
        terminal.signal(number)
        assert terminal.wait() == 128 + number
        assert terminal.settings() == terminal.before


def test_a_command_may_handle_the_signal(sandbox) -> None:
    with on_terminal(sandbox, "bash", "-c", "trap 'echo bye; exit 3' TERM; echo ready; sleep 60 & wait") as terminal:
        terminal.expect(b"ready")
        terminal.signal(signal.SIGTERM)
        assert terminal.wait() == 3
        assert terminal.seen.endswith(b"bye\r\n")


def test_a_killed_command_leaves_the_terminal_as_it_was(sandbox) -> None:
    script = "printf '\\033[?1049h\\033[?25l\\033[?1006h'; stty raw -echo; kill -9 $$"
    with on_terminal(sandbox, "sh", "-c", script) as terminal:
        assert terminal.wait() == 128 + 9
        assert terminal.settings() == terminal.before
        assert terminal.seen.endswith(b"\x1b[?25h\x1b[?1006l\x1b[?1049l\x1b[0m")


def test_what_a_program_leaves_on_by_itself_stays_on(sandbox) -> None:
    with on_terminal(sandbox, "printf", "\\033[?25l") as terminal:
        assert terminal.wait() == 0
        assert terminal.seen == b"\x1b[?25l"


def test_a_vanished_terminal_ends_the_run(sandbox) -> None:
    with on_terminal(sandbox, "sh", "-c", "echo ready; exec sleep 60") as terminal:
        terminal.expect(b"ready")
        assert terminal.hang_up_and_wait() == 128 + signal.SIGHUP


def test_a_vanished_terminal_ends_a_command_that_ignores_it(sandbox) -> None:
    with on_terminal(sandbox, "sh", "-c", "trap '' HUP TERM; echo ready; while :; do sleep 1; done") as terminal:
        terminal.expect(b"ready")
        assert terminal.hang_up_and_wait() == 128 + signal.SIGKILL


def test_the_last_output_is_never_lost(sandbox) -> None:
    for _ in range(10):
        with on_terminal(sandbox, "sh", "-c", "seq 1 20000; printf 'the end'") as terminal:
            assert terminal.wait() == 0
            assert terminal.seen == b"".join(b"%d\r\n" % n for n in range(1, 20001)) + b"the end"


def test_a_terminal_that_takes_nothing_holds_the_command_back(sandbox) -> None:
    with on_terminal(sandbox, "sh", "-c", "echo ready; exec yes") as terminal:
        terminal.expect(b"ready")
        terminal.until(lambda: resident(terminal.process.pid) > 0)
        time.sleep(1)  # until it has what a full terminal leaves it with
        before = resident(terminal.process.pid)
        time.sleep(1)
        assert resident(terminal.process.pid) - before < 4 << 20
        terminal.signal(signal.SIGINT)
        assert terminal.process.wait(PATIENCE) in {130, -2}


def resident(process: int) -> int:
    """Return the resident memory of a process, bytes (proc(5), statm)."""
    with open(f"/proc/{process}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_secrets_are_masked_on_the_terminal(sandbox) -> None:
    with on_terminal(sandbox, "sh", "-c", f'printf "%s" {KEY[:20]}; sleep 0.02; printf "%s\\n" {KEY[20:]}') as terminal:
        assert terminal.wait() == 0
        assert terminal.seen == MASKED + b"\r\n"


def test_a_secret_that_a_full_screen_program_draws_in_pieces_is_masked(sandbox) -> None:
    """In pieces, in colours, with the cursor set anew within the line, and drawn again when the window changes."""
    pieces = [KEY[at : at + 7] for at in range(0, len(KEY), 7)]
    moves = [f"\\033[3{n % 8}m\\033[5;{10 + 7 * n}H{piece}\\033[0m" for n, piece in enumerate(pieces)]
    draw = "; ".join(f"printf '{move}'; sleep 0.003" for move in moves)
    begin = f"draw() {{ printf '\\033[2J'; {draw}; }}; trap draw WINCH; printf '\\033[?1049h'; draw; "
    script = f"{begin} printf ' drawn '; sleep 1 & wait; wait; printf ' again'"
    with on_terminal(sandbox, "bash", "-c", script) as terminal:
        terminal.expect(b"drawn")
        terminal.resize(30, 100)
        terminal.expect(b"again")
        assert terminal.wait() == 0
        text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", terminal.seen)
        assert text.count(MASKED) == 2
        assert KEY.encode()[:24] not in text


def test_a_typed_secret_is_masked(sandbox) -> None:
    with on_terminal(sandbox, "cat") as terminal:
        terminal.until(terminal.is_raw)
        terminal.send(KEY.encode() + b"\r")
        terminal.expect(MASKED, MASKED)
        terminal.send(CONTROL_D)
        assert terminal.wait() == 0
        assert KEY.encode()[:24] not in terminal.seen


def test_the_echo_of_a_key_is_not_kept_waiting(sandbox) -> None:
    """Though `s` may begin a key: what may begin one is held for 100 ms when it does not follow from typing."""
    with on_terminal(sandbox, "sh", "-c", "stty raw -echo; printf ready; exec cat") as terminal:
        terminal.expect(b"ready")
        took: dict[bytes, list[float]] = {b"s": [], b"!": []}  # nothing begins with the second
        for key in (b"s", b"!") * 20:
            started = time.perf_counter()
            terminal.send(key)
            terminal.expect(key)
            took[key].append(time.perf_counter() - started)
            time.sleep(0.01)
        one, other = (sorted(times)[10] for times in took.values())
        assert one < other + 0.05


def test_without_masking_a_terminal_is_still_a_terminal(sandbox) -> None:
    sandbox.config("mask_stdout: {}\nallow_net: []\n")
    with on_terminal(sandbox, "sh", "-c", f"test -t 1 && echo {KEY}") as terminal:
        assert terminal.wait() == 0
        assert terminal.seen == KEY.encode() + b"\r\n"
