"""Life and death: whatever is killed and whenever, nothing stays behind."""

from __future__ import annotations

import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import pytest
from choice import budget
from leftovers import processes, until_gone
from meanwhile import wait_until
from pseudo import PATIENCE, Pseudo

BACKENDS = ("bwrap", "unshare")
MOMENTS = budget(10, 16, 50)  # with bwrap; half of it without
RUNS = int(os.environ.get("AIGATE_TEST_RUNS", "0")) or budget(24, 64, 240)  # a thousand take minutes
LONGEST_START = 0.12  # seconds in which a run comes up


def listing(directory: pathlib.Path) -> set[str]:
    """Return every path below a directory but aigate's own, which keeps a log."""
    return {str(path) for path in directory.rglob("*") if ".aigate/" not in str(path) and ".git/" not in str(path)}


def argv(sandbox, *command: str) -> list[str]:
    return [*sandbox.prefix, "run", "--quiet", "--", *command]


def test_killed_at_random_moments_nothing_stays(sandbox) -> None:
    """Half of the runs on a terminal, half without; the command starts a second process that leaves its session."""
    script = "setsid -f sleep 600; test -t 0 && stty raw; exec sleep 600"
    chance = random.Random(5)  # noqa: S311 -- moments, not secrets
    before = listing(sandbox.home)
    temporary = set(os.listdir("/tmp"))
    for number in range(MOMENTS if sandbox.backend == "bwrap" else MOMENTS // 2):
        options = {"cwd": sandbox.project, "env": sandbox.environment, **sandbox.identity()}
        moment = chance.uniform(0, LONGEST_START * 1.5)
        if number % 2:
            with Pseudo(argv(sandbox, "sh", "-c", script), **options) as terminal:
                time.sleep(moment)
                terminal.process.kill()
                terminal.process.wait()
                until_gone(str(sandbox.home))
                assert terminal.settings() == terminal.before
        else:
            run = subprocess.Popen(argv(sandbox, "sh", "-c", script), stdout=subprocess.DEVNULL, **options)
            time.sleep(moment)
            run.kill()
            run.wait()
            until_gone(str(sandbox.home))
        assert listing(sandbox.home) == before, f"killed after {moment} s"
    assert not [name for name in set(os.listdir("/tmp")) - temporary if name.startswith(("aigate", ".aigate"))]


@pytest.mark.parametrize("victim", ["launcher", ".aigate-init", "aigate-guard"])
def test_a_helper_is_killed(sandbox, victim: str) -> None:
    """The run ends when a part of the sandbox dies; without the guard it goes on."""
    run = subprocess.Popen(
        argv(sandbox, "sh", "-c", "echo up; read x; exec sleep 600"),
        cwd=sandbox.project,
        env=sandbox.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **sandbox.identity(),
    )
    with run:
        assert run.stdout.readline() == b"up\n"
        name = ".aigate-init" if victim == "launcher" else victim
        found = [process for process in processes(str(sandbox.home)) if named(process, name)]
        assert len(found) == 1
        os.kill(parent(found[0]) if victim == "launcher" else found[0], signal.SIGKILL)
        if victim == "aigate-guard":
            time.sleep(0.2)
            assert run.poll() is None
            run.send_signal(signal.SIGTERM)
            assert run.wait(PATIENCE) == 128 + signal.SIGTERM
        else:
            assert run.wait(PATIENCE) == 128 + signal.SIGKILL
    until_gone(str(sandbox.home))


def parent(process: int) -> int:
    """Return what waits for a process: of process 1 of a sandbox, bwrap or the child that does its work."""
    return int(pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])


def named(process: int, name: str) -> bool:
    first = pathlib.Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[0].decode()
    return first.rsplit("/", 1)[-1] == name


def test_what_the_command_leaves_running_ends_with_it(sandbox) -> None:
    done = sandbox.shell("setsid -f sleep 600; nohup sleep 600 >/dev/null 2>&1 & sleep 0.1; exit 6")
    assert done.returncode == 6
    until_gone(str(sandbox.home))


def test_stopped_and_continued_without_a_terminal(sandbox) -> None:
    run = subprocess.Popen(
        argv(sandbox, "sh", "-c", "echo up; sleep 1; exit 3"),
        cwd=sandbox.project,
        env=sandbox.environment,
        stdout=subprocess.PIPE,
        process_group=0,  # as a shell does it: the kernel stops nothing in a group that is orphaned, as ours may be
        **sandbox.identity(),
    )
    with run:
        assert run.stdout.readline() == b"up\n"
        run.send_signal(signal.SIGTSTP)
        assert os.WIFSTOPPED(os.waitpid(run.pid, os.WUNTRACED)[1])
        command = next(p for p, text in processes(str(sandbox.home)).items() if "exit 3" in text and named(p, "sh"))
        wait_until(lambda: pathlib.Path(f"/proc/{command}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T")
        run.send_signal(signal.SIGCONT)
        assert run.wait(PATIENCE) == 3


ROUNDS = 8
LOOP = f"""
ROUNDS = {ROUNDS}
import gc, os, resource, sys
from aigate.cli import main

def measure():
    gc.collect()
    resident = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
    return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task")), resident

def runs(count):
    for number in range(count):
        status = main(["run", "-q", "--", "true"])
        assert status == 0, status

runs(20)
steps = [measure()]
for _ in range(ROUNDS):
    runs(int(sys.argv[1]) // ROUNDS)
    steps.append(measure())
grown = min(after[2] - before[2] for before, after in zip(steps, steps[1:]))
print(steps[-1][0] - steps[0][0], steps[-1][1] - steps[0][1], grown, file=open(sys.argv[2], "w"))
"""


@pytest.mark.only("own")  # the same code for every user
@pytest.mark.parametrize("where", ["terminal", "pipe"])
def test_many_runs_leak_nothing(sandbox, where: str) -> None:
    """In one process, so that a descriptor, a thread or memory that is not given back would add up.

    Memory settles in jumps, so the round that grew least counts: what leaks in every run grows in every round.
    """
    sandbox.config("mask_stdout:\n  presets: [all]\n")  # without a network to set up, which has tests of its own
    result = sandbox.project / "result"
    options = {"cwd": sandbox.project, "env": sandbox.environment}
    command = [sys.executable, "-c", LOOP, str(RUNS), str(result)]
    if where == "terminal":
        with Pseudo(command, **options) as terminal:
            assert terminal.wait(patience=300) == 0
    else:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=True, **options
        )
        assert (done.stdout, done.stderr) == (b"", b"")
    descriptors, threads, grown = map(int, result.read_text().split())
    assert descriptors == 0
    assert threads <= 0  # one that was just ending at the beginning may be gone
    assert grown / (RUNS / ROUNDS) < 1024  # bytes a run
    until_gone(str(sandbox.home))  # and a pair of pseudo-terminals lives as long as somebody has it open
