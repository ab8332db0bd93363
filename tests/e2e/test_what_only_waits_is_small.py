"""Beside a command that runs, what only waits for its end is no interpreter."""

import pathlib
import subprocess

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
    sandbox.config((sandbox.home / ".aigate/config.yaml").read_text())
    command = [*sandbox.prefix, "run", "--quiet", "--", "sh", "-c", "echo up; read line; exit 7"]
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
        programs = programs_below(run.pid)
        run.communicate(b"\n")
    assert programs[programs.index("aigate-waiter") + 1].endswith("aigate-init"), programs
    assert run.returncode == 7
