"""Beside a command that runs, what only waits for its end is no interpreter."""

import pathlib
import subprocess
import time
from collections.abc import Callable

from sandbox import Sandbox


def programs_below(process: int) -> list[str]:
    """Return what the processes that descend from one are called, those inside as well."""
    found = []
    for task in pathlib.Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            name = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")[0].decode()
            found += [name, *programs_below(child)]
    return found


def test_without_bubblewrap_the_parent_of_process_1_is_no_python(sandbox: Sandbox) -> None:
    sandbox.backend = "unshare"
    programs = beside(sandbox)
    assert programs[programs.index("aigate-waiter") + 1].endswith("aigate-init"), programs


def test_who_decides_on_what_appears_is_no_python_before_something_does(sandbox: Sandbox) -> None:
    (sandbox.project / ".git/config").write_text("[core]\n\tbare = false\n")
    programs = beside(sandbox)
    assert programs.count("aigate-clerk") == 1, programs
    beside(sandbox, "echo x > .envrc; ", lambda programs: "aigate-clerk" not in programs)
    assert ".envrc" in sandbox.aigate("quarantine").stdout


def beside(sandbox: Sandbox, before: str = "", until: Callable[[list[str]], bool] = bool) -> list[str]:
    """Return what runs beside a command that waits, once that is so. before: what the command has done."""
    sandbox.config((sandbox.home / ".aigate/config.yaml").read_text())
    command = [*sandbox.prefix, "run", "--quiet", "--", "sh", "-c", f"{before} echo up; read line; exit 7"]
    run = subprocess.Popen(
        command,
        cwd=sandbox.project,
        env=sandbox.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **sandbox.identity(),
    )
    with run:
        assert run.stdout.readline() == b"up\n"
        deadline = time.monotonic() + 60
        while not until(programs := programs_below(run.pid)):
            assert time.monotonic() < deadline, programs
            time.sleep(0.05)
        run.communicate(b"\n")
    assert run.returncode == 7
    return programs
