"""A signal that the caller ignores is ignored inside, as in a plain run: started in the background, or with nohup."""

from __future__ import annotations

import pathlib
import signal
import subprocess
import time

import pytest
from pseudo import PATIENCE, Pseudo

BACKENDS = ("bwrap", "unshare")
NUMBERS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGTERM, signal.SIGTSTP)
SHOW = "import signal as s; print(*(n for n in (1, 2, 3, 10, 15, 20) if s.getsignal(n) == s.SIG_IGN), flush=True)"
ALL = "trap '' HUP INT QUIT USR1 TERM TSTP; exec \"$@\""


def ignoring(sandbox, *command: str) -> list[str]:
    return ["sh", "-c", ALL, "sh", *sandbox.prefix, "run", "--quiet", "--", *command]


def options(sandbox) -> dict[str, object]:
    return {"cwd": sandbox.project, "env": {**sandbox.environment, "TERM": "xterm"}, **sandbox.identity()}


def test_they_are_ignored_inside_and_end_nothing(sandbox) -> None:
    """Before the command has started, while it runs, and in its last moments."""
    script = f"python3 -c '{SHOW}'; read x; echo still $x; exit 4"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(ignoring(sandbox, "sh", "-c", script), **pipes, **options(sandbox)) as run:
        takes_signals(run.pid)
        for number in NUMBERS:
            run.send_signal(number)
        assert run.stdout.readline() == "1 2 3 10 15 20\n"
        for number in NUMBERS:
            run.send_signal(number)
        run.stdin.write("here\n")
        run.stdin.close()
        assert run.stdout.read() == "still here\n"
        assert run.wait(PATIENCE) == 4


def takes_signals(process: int) -> None:
    """Wait until aigate blocks signals to read them from a descriptor (proc(5), SigBlk). Nobody ignores SIGUSR2."""
    status = pathlib.Path(f"/proc/{process}/status")
    while not int(status.read_text().partition("SigBlk:")[2].split()[0], 16) >> (signal.SIGUSR2 - 1) & 1:
        time.sleep(0.001)


@pytest.mark.parametrize("name", ["HUP", "INT"])
def test_others_still_end_the_command(sandbox, name: str) -> None:
    argv = ["sh", "-c", f"trap '' {name}; exec \"$@\"", "sh", *sandbox.prefix, "run", "-q", "--"]
    with subprocess.Popen(
        [*argv, "sh", "-c", "echo up; exec sleep 600"], stdout=subprocess.PIPE, **options(sandbox)
    ) as run:
        assert run.stdout.readline() == b"up\n"
        run.terminate()
        assert run.wait(PATIENCE) == 128 + signal.SIGTERM


def test_a_terminal_that_vanishes_does_not_end_what_ignores_it(sandbox) -> None:
    """As with nohup: the command reads and writes no more, and goes on."""
    script = "trap '' HUP; echo up; while [ ! -e gone ]; do sleep 0.05; done; cat; sleep 3; touch finished; exit 3"
    argv = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh", *sandbox.prefix, "run", "-q", "--", "sh", "-c", script]
    with Pseudo(argv, **options(sandbox)) as terminal:
        terminal.expect(b"up")
        terminal.vanish()
        sandbox.write("gone", "")
        assert terminal.process.wait(PATIENCE) == 3
    assert (sandbox.project / "finished").exists()


def test_children_are_waited_for_though_the_caller_ignores_their_ends(sandbox) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    done = sandbox.shell("true & wait $! && echo waited; exit 3", preexec_fn=ignore)
    assert (done.returncode, done.stdout, done.stderr) == (3, "waited\n", "")


@pytest.mark.parametrize("names", ["CHLD", "PIPE", "XFSZ", "CHLD PIPE XFSZ HUP", ""])
def test_the_command_finds_ignored_what_it_would_without_aigate(sandbox, names: str) -> None:
    """aigate itself waits for children and is written in Python: it handles these signals in its own way."""

    def ignore() -> None:
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGHUP):
            ignored = number.name.removeprefix("SIG") in names.split()
            signal.signal(number, signal.SIG_IGN if ignored else signal.SIG_DFL)

    command = ["grep", "SigIgn", "/proc/self/status"]
    plain = sandbox.execute(command, preexec_fn=ignore)
    inside = sandbox.run(*command, preexec_fn=ignore)
    assert (inside.returncode, inside.stdout, inside.stderr) == (0, plain.stdout, "")
