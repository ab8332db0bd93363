"""Whether anybody collects processes whose parent has ended before them. Looks, and waits for nobody.

That is process 1's work (wait(2)). A program that a container was started with often does not do it, and each process
that is left to it lies there as a zombie for as long as the container lives, and counts against its limit.
"""

from __future__ import annotations

from aigate.reading import read_from

# By the beginning of their name (comm in proc_pid_comm(5)): runtimes that wait for their own children alone.
WAIT_FOR_THEIR_OWN = (b"node", b"MainThread", b"bun", b"deno", b"python", b"ruby", b"java", b"dotnet", b"php")
WAIT_FOR_NOBODY = (b"sleep", b"tail", b"cat")


def are_collected() -> bool:
    """Tell whether a process may outlive its parent here: where it is not known, it may."""
    try:
        with open("/proc/1/comm", "rb") as file:
            return not read_from(file).startswith((*WAIT_FOR_THEIR_OWN, *WAIT_FOR_NOBODY))
    except OSError:
        return True
