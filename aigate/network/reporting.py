"""How the report of a network comes from the process that served it, over a pipe, when that is told to end."""

from __future__ import annotations

import marshal
import os
from _signal import SIGKILL, SIGTERM, set_wakeup_fd  # type: ignore[import-not-found]
from select import select

from aigate.network.refusals import NetworkReport, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.streams.loop import Loop

MOST_READ = 1 << 16
END_SECONDS = 30.0  # on a machine that hardly moves; one that has crashed is known by its pipe


def waking() -> int:
    """Return a descriptor that signals make ready: Python calls no handler for one that comes right before it waits."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    set_wakeup_fd(writer)
    return reader


def wake_when_told(loop: Loop, reader: int | None = None) -> None:
    """Have signals end the loop's waiting. reader: what `waking` has returned, if that was called before."""
    waker = waking() if reader is None else reader
    loop.watch(waker, lambda _events: os.read(waker, MOST_READ))


def hand_over(report: NetworkReport, pipe: int) -> None:
    """Write a report for `end_server`, in the process that serves."""
    rows = [tuple(getattr(refusal, name) for name in Refusal.__match_args__) for refusal in report.refused]
    data = memoryview(marshal.dumps((rows, report.learned, report.lost, report.hidden)))
    while data:
        data = data[os.write(pipe, data) :]


def end_server(process: int, pipe: int) -> NetworkReport:
    """End the process that serves a network, close the pipe, and return the report that came over it."""
    os.kill(process, SIGTERM)
    data = _read_all(pipe)
    os.kill(process, SIGKILL)  # it has ended, or it hangs
    os.waitpid(process, 0)
    os.close(pipe)
    try:
        rows, learned, lost, hidden = marshal.loads(data)  # noqa: S302  # our own process's words
    except (EOFError, ValueError, TypeError):  # it was cut off
        return NetworkReport(failed=True)
    return NetworkReport(tuple(Refusal(*row) for row in rows), tuple(learned), lost, hidden=tuple(hidden))


def _read_all(pipe: int) -> bytes:
    data = b""
    while select([pipe], [], [], END_SECONDS)[0]:
        read = os.read(pipe, MOST_READ)
        if not read:
            break
        data += read
    return data
