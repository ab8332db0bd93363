"""Between the sandbox's output and the caller's: every byte passes the masker, stdout and stderr each on its own.

Owns the pipes and who reads them. Knows nothing of policies.
"""

from __future__ import annotations

import _thread
import os

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate import Masker


@record
class Outlet:
    """One of the command's output streams: what the child writes to, what aigate reads, where it goes."""

    child_end: int
    read_end: int
    target: int


class PipeRelay:
    """stdout and stderr of the command through one masker, in two threads; stdin is the caller's own."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._outlets = []
        for target in (1, 2):
            read_end, child_end = os.pipe()
            self._outlets.append(Outlet(child_end, read_end, target))
        self.counts: dict[str, int] = {}
        self.failure: OSError | None = None

    def redirections(self) -> tuple[tuple[int, int], ...]:
        """Return what the child does before it starts: (descriptor, number it gets)."""
        return tuple((outlet.child_end, outlet.target) for outlet in self._outlets)

    def carry(self) -> None:
        """Carry everything until the command and its children have closed both streams."""
        for outlet in self._outlets:
            os.close(outlet.child_end)
        done = _thread.allocate_lock()
        done.acquire()

        def carry_errors() -> None:
            try:
                self._carry_one(self._outlets[1])
            finally:
                done.release()

        _thread.start_new_thread(carry_errors, ())
        self._carry_one(self._outlets[0])
        done.acquire()

    def _carry_one(self, outlet: Outlet) -> None:
        """Pump one stream. When its reader is gone the command's next write fails, as it would without aigate."""
        try:
            counts = self._masker.pump(outlet.read_end, outlet.target)
        except BrokenPipeError:
            return
        except OSError as error:
            self.failure = error
            return
        finally:
            os.close(outlet.read_end)
        for name, count in counts.items():
            self.counts[name] = self.counts.get(name, 0) + count
