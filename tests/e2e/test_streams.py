"""Pipes, files, closed descriptors and terminals, in every mixture: what a plain run does."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time

import pytest
from pseudo import CONTROL_C, CONTROL_Z, PATIENCE, SIGNALS, Pseudo

KEY = "sk-ant-api03-" + "aB3dE5" * 16


def argv(sandbox, *command: str) -> list[str]:
    return [*sandbox.prefix, "run", "--quiet", "--", *command]


def start(sandbox, *command: str, **popen) -> subprocess.Popen[bytes]:
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **popen}
    return subprocess.Popen(
        argv(sandbox, *command), cwd=sandbox.project, env=sandbox.environment, **options, **sandbox.identity()
    )


def on_terminal(sandbox, *command: str, **kwargs) -> Pseudo:
    return Pseudo(argv(sandbox, *command), cwd=sandbox.project, env=sandbox.environment, **kwargs, **sandbox.identity())


# ---- exit statuses ----


@pytest.mark.parametrize("status", [0, 7, 127, 255])
def test_statuses_pass_through(sandbox, status: int) -> None:
    with start(sandbox, "sh", "-c", f"exit {status}") as run:
        assert run.wait(PATIENCE) == status


@pytest.mark.parametrize("number", [2, 6, 9, 13, 15, 34])
def test_a_command_that_dies_by_a_signal(sandbox, number: int) -> None:
    with start(sandbox, "sh", "-c", f"ulimit -c 0; kill -{number} $$") as run:
        assert run.wait(PATIENCE) == 128 + number


@pytest.mark.parametrize("number", SIGNALS)
def test_signals_without_a_terminal(sandbox, number: int) -> None:
    with start(sandbox, "sh", "-c", "ulimit -c 0; echo ready; exec sleep 60") as run:
        assert run.stdout.readline() == b"ready\n"
        run.send_signal(number)
        assert run.wait(PATIENCE) == 128 + number


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_before_the_command_has_started(sandbox, number: int) -> None:
    with start(sandbox, "sh", "-c", "sleep 1; echo started") as run:
        until = time.monotonic() + PATIENCE
        while not caught(run.pid, number):
            assert time.monotonic() < until
        run.send_signal(number)
        assert run.wait(PATIENCE) == 128 + number
        assert run.stdout.read() == b""


def caught(process: int, number: int) -> bool:
    """Tell whether a process blocks a signal, to read it from a descriptor (proc(5), SigBlk)."""
    with open(f"/proc/{process}/status") as file:
        mask = next(line.split()[1] for line in file if line.startswith("SigBlk"))
    return bool(int(mask, 16) >> (number - 1) & 1)


def test_a_script_that_is_no_program_says_so(sandbox) -> None:
    sandbox.write("no-interpreter", "#!/no/such/interpreter\n", 0o755)
    done = sandbox.run("./no-interpreter")
    assert (done.returncode, done.stderr) == (127, "aigate: ./no-interpreter: command not found\n")


def test_pipes_break_as_they_do_outside(sandbox) -> None:
    done = sandbox.shell("yes | head -n 1; python3 -c 'import os; os._exit(0)'; trap")
    assert (done.stdout, done.stderr) == ("y\n", "")


# ---- standard input ----


def test_input_that_is_closed_is_closed_inside(sandbox) -> None:
    command = subprocess.list2cmdline(argv(sandbox, "cat"))
    outside = sandbox.execute(["sh", "-c", "cat <&-"])
    inside = sandbox.execute(["sh", "-c", f"{command} <&-"])
    assert (inside.returncode, inside.stderr) == (outside.returncode, outside.stderr)


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_output_that_is_closed_is_closed_inside(sandbox, redirection: str) -> None:
    show = "for n in 0 1 2; do test -e /proc/$$/fd/$n && printf $n >found; done; exit 4"
    command = [*argv(sandbox), "sh", "-c", f"{show}"]
    done = sandbox.execute(["sh", "-c", f'"$@" {redirection}', "sh", *command])
    assert done.returncode == 4
    expected = set("012") - {
        part[0] if part[0] == "2" else {"<": "0", ">": "1"}[part[0]] for part in redirection.split()
    }
    found = sandbox.project / "found"
    assert (found.read_text()[-1:] if expected else found.exists()) == (max(expected) if expected else False)


def test_input_from_a_file_can_be_sought(sandbox) -> None:
    file = sandbox.write("input", "0123456789")
    with open(file) as stdin:
        script = "import os, sys; os.lseek(0, 5, 0); print(os.read(0, 9))"
        with start(sandbox, "python3", "-c", script, stdin=stdin) as run:
            assert run.communicate(timeout=PATIENCE)[0] == b"b'56789'\n"


def test_input_from_a_pipe_streams(sandbox) -> None:
    with start(sandbox, "cat", stdin=subprocess.PIPE) as run:
        for word in (b"one\n", b"two\n"):
            run.stdin.write(word)
            run.stdin.flush()
            assert run.stdout.readline() == word
        run.stdin.close()
        assert run.wait(PATIENCE) == 0


def test_what_the_command_does_not_read_is_left(sandbox) -> None:
    file = sandbox.write("lines", "first\nsecond\n")
    with open(file) as stdin:
        with start(sandbox, "sh", "-c", "read line; echo $line", stdin=stdin) as run:
            assert run.communicate(timeout=PATIENCE)[0] == b"first\n"
        assert os.read(stdin.fileno(), 100) == b"second\n"


# ---- standard output and error ----


def test_two_streams_stay_two(sandbox) -> None:
    done = sandbox.shell(f"echo out {KEY}; echo err {KEY} >&2")
    assert (done.stdout, done.stderr) == ("out sk-ant-***\n", "err sk-ant-***\n")


def test_one_file_for_both_keeps_the_order(sandbox) -> None:
    script = "for n in $(seq 500); do echo out $n; echo err $n >&2; done"
    with start(sandbox, "sh", "-c", script, stderr=subprocess.STDOUT) as run:
        expected = b"".join(b"out %d\nerr %d\n" % (n, n) for n in range(1, 501))
        assert run.communicate(timeout=PATIENCE)[0] == expected


def test_a_reader_that_leaves_ends_the_command(sandbox) -> None:
    with start(sandbox, "sh", "-c", "yes; echo $? >&2") as run:
        assert run.stdout.readline() == b"y\n"
        run.stdout.close()
        assert run.stderr.read() == b"141\n" or run.wait(PATIENCE) == 141


def test_a_reader_that_stops_holds_the_command_back(sandbox) -> None:
    with start(sandbox, "yes") as run:
        assert run.stdout.readline() == b"y\n"
        time.sleep(0.3)
        before = resident(run.pid)
        time.sleep(1)
        assert resident(run.pid) - before < 4 << 20
        run.send_signal(signal.SIGTERM)
        assert run.wait(PATIENCE) == 128 + signal.SIGTERM  # though nobody reads what was under way


def resident(process: int) -> int:
    """Return the resident memory of a process, bytes (proc(5), statm)."""
    with open(f"/proc/{process}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_a_full_disk_is_one_clear_line(sandbox) -> None:
    with open("/dev/full", "wb") as full, start(sandbox, "sh", "-c", f"echo {KEY}", stdout=full) as run:
        assert run.stderr.read() == b"aigate: output cannot be written: No space left on device\n"
        assert run.wait(PATIENCE) == 1


def test_the_end_of_large_output_is_never_lost(sandbox) -> None:
    size = 5_000_000
    with start(sandbox, "sh", "-c", f"head -c {size} /dev/zero; printf end") as run:
        assert len(run.communicate(timeout=PATIENCE)[0]) == size + 3


# ---- terminals among the streams ----


def test_output_in_a_file_and_keys_from_the_terminal(sandbox, tmp_path) -> None:
    with (
        open(tmp_path / "out", "w+b") as out,
        on_terminal(sandbox, "sh", "-c", "test ! -t 1; echo $?; read x; echo <$x>".replace("<$x>", "got $x"),
                    redirect={1: out}) as terminal,
    ):  # fmt: skip
        terminal.until(terminal.is_raw)
        terminal.send(b"abc\r")
        assert terminal.wait() == 0
        assert terminal.seen == b"abc\r\n"
        out.seek(0)
        assert out.read() == b"0\ngot abc\n"
        assert terminal.settings() == terminal.before


def test_a_terminal_that_is_not_read_is_not_touched(sandbox) -> None:
    """The reader at the other end of the pipe may want the keyboard: a pager, say."""
    with on_terminal(sandbox, "sh", "-c", "echo err >&2; sleep 0.5", redirect={1: subprocess.DEVNULL}) as terminal:
        terminal.expect(b"err\r\n")
        assert terminal.settings() == terminal.before
        terminal.send(b"typed ahead\r")
        assert terminal.wait() == 0
        assert os.read(terminal.slave, 100) == b"typed ahead\n"


def test_a_pager_at_the_end_of_a_pipeline_gets_the_keys(sandbox) -> None:
    command = f"{subprocess.list2cmdline(argv(sandbox, 'seq', '1000'))} | less"
    with Pseudo(
        ["bash", "-c", command],
        cwd=sandbox.project,
        env={**sandbox.environment, "TERM": "xterm", "LESS": ""},
        **sandbox.identity(),
    ) as terminal:
        terminal.expect(b"23")
        terminal.send(b"G")
        terminal.expect(b"1000")
        terminal.send(b"q")
        assert terminal.wait() == 0


def test_input_from_a_pipe_and_output_on_the_terminal(sandbox) -> None:
    read, write = os.pipe()
    with on_terminal(sandbox, "sh", "-c", "cat; test -t 1 && echo tty", redirect={0: read}) as terminal:
        os.close(read)
        os.write(write, f"one\n{KEY}\n".encode())
        terminal.expect(b"one\r\nsk-ant-" + b"*" * (len(KEY) - 7) + b"\r\n")
        os.close(write)
        assert terminal.wait() == 0
        assert terminal.seen.endswith(b"***\r\ntty\r\n")


def test_keys_from_the_controlling_terminal(sandbox) -> None:
    script = "read x </dev/tty; echo got $x >/dev/tty"
    with on_terminal(sandbox, "sh", "-c", script, redirect={0: subprocess.DEVNULL}) as terminal:
        terminal.until(terminal.is_raw)
        terminal.send(b"abc\r")
        assert terminal.wait() == 0
        assert terminal.seen == b"abc\r\ngot abc\r\n"


@pytest.mark.parametrize("redirect", [{1: subprocess.DEVNULL}, {0: subprocess.DEVNULL}])
def test_control_c_in_a_mixed_run(sandbox, redirect) -> None:
    with on_terminal(sandbox, "sh", "-c", "echo ready >&2; exec sleep 60", redirect=redirect) as terminal:
        terminal.expect(b"ready")
        terminal.send(CONTROL_C)
        assert terminal.wait() == 130


def test_stopping_a_pipeline(sandbox) -> None:
    with Pseudo(
        ["bash", "--norc", "--noprofile", "-i"], cwd=sandbox.project, env=sandbox.environment, **sandbox.identity()
    ) as terminal:
        command = subprocess.list2cmdline(argv(sandbox, "sh", "-c", "echo rea''dy >&2; sleep 1; echo fin''ished"))
        terminal.send(f"PS1='ou''t> '; {command} | cat\n".encode())
        terminal.expect(b"ready")
        terminal.quiet(0.3)  # a shell that is in vfork(2) cannot be stopped, one about to read is continued
        terminal.send(CONTROL_Z)
        terminal.expect(b"Stopped", b"out> ")
        terminal.send(b"fg\n")
        terminal.expect(b"finished", b"out> ")


def test_many_writers_lose_nothing(sandbox) -> None:
    script = "for w in 1 2 3 4; do (n=0; while [ $n -lt 2000 ]; do n=$((n+1)); echo $w-$n; done) & done; wait"
    with start(sandbox, "sh", "-c", script) as run:
        shown: list[bytes] = []
        reader = threading.Thread(target=lambda: shown.append(run.stdout.read()))
        reader.start()
        assert run.wait(PATIENCE) == 0
        reader.join()
    assert sorted(shown[0].split()) == sorted(b"%d-%d" % (w, n) for w in range(1, 5) for n in range(1, 2001))
