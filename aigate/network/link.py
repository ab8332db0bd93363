"""The one way into `aigate.network` for a run: a sandbox's link to the world, from its plan to its report.

    network = Network(plan, on_event, keep)     # the warden is forked here: call it before any thread exists
    if os.fork() == 0:
        ...                                     # a new user and network namespace, if network.separate
        network.enter()                         # in the process that will execute the sandbox
        os.execve(...)
    network.attach()                            # raises EnforcementError if it is not in force
    ...
    report = network.close()

`enter` returns when the sockets are handed out, and the process goes on to bwrap, which sets up its mounts while the
rules are loaded and the way out is started. The caller must see to it that the command does not start before `attach`
has returned: process 1 of the sandbox waits for an order to start it, and ends when aigate does.

For the ways `host` and `none` all of this does nothing; for `none` the backend gives the sandbox a network namespace of
its own (bwrap's --unshare-net). on_event is called in the warden's process, so it must write by itself (the audit log
is appended to).
"""

from __future__ import annotations

import marshal
import os
from _socket import AF_UNIX, SOCK_CLOEXEC, SOCK_SEQPACKET, socketpair
from _socket import socket as Socket  # noqa: N812
from select import select

from aigate import bundle
from aigate.errors import EnforcementError, remedy_of_words, told
from aigate.host.descriptors import close_all_but
from aigate.network.refusals import NetworkReport, Refusals
from aigate.network.reporting import end_server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.network.plan import NetworkPlan
    from aigate.network.refusals import Mask, OnEvent

MOST_READ = 1 << 16
START_SECONDS = 30.0


class Network:
    """One sandbox's network. families: what is filtered, `46`, `4` or empty, known after `attach`."""

    def __init__(
        self,
        plan: NetworkPlan,
        on_event: OnEvent,
        keep: tuple[int, ...] = (),
        mask: Mask | None = None,
        asks: Socket | None = None,
    ) -> None:
        """Start the warden, if the plan needs one.

        on_event: called with kind and fields, in the warden's process. keep: descriptors that it needs for that.
        mask: takes the secrets out of a line of text, there too. asks: the user is asked over it what no rule names.
        """
        self.plan = plan
        self.families = ""
        self._warden = 0
        self._control: Socket | None = None
        if plan.way in ("slirp", "gateway"):
            self._start_warden(Refusals(on_event, mask), keep, asks)

    def _start_warden(self, refusals: Refusals, keep: tuple[int, ...], asks: Socket | None) -> None:
        self._control, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC)
        self._report, report = os.pipe2(os.O_CLOEXEC)
        parent = os.getpid()
        self._warden = os.fork()
        if self._warden:
            theirs.close()
            os.close(report)
            return
        try:
            bundle.import_all("aigate.network.warden")
            from aigate.network.warden import Ends, run

            close_all_but((theirs.fileno(), report, *keep, *((asks.fileno(),) if asks else ())))
            run(self.plan, Ends(theirs, report, asks), refusals, parent)
        except Exception as error:  # noqa: BLE001 -- nothing may escape from a forked child
            os.write(report, marshal.dumps((False, told(error), None)))
        finally:
            os._exit(1)

    @property
    def separate(self) -> bool:
        """Tell whether the sandbox needs a network namespace, made before `enter` is called in it."""
        return self._control is not None

    def enter(self, *, alone: bool = False) -> None:
        """Make this process's new network namespace the sandbox's network, see above.

        alone: make the namespace as well. EnforcementError: end, `attach` tells the reason.
        """
        if self._control is None:
            return
        from aigate.network import namespace

        namespace.enter(self.plan, self._control, alone=alone)
        self._control.close()

    def attach(self) -> None:
        """Wait until the network is in force. Raises EnforcementError if it is not; the caller ends its child then."""
        if self._control is None:
            return
        self._control.close()
        data = os.read(self._report, MOST_READ) if select([self._report], [], [], START_SECONDS)[0] else b""
        if not data:
            raise EnforcementError("the network could not be set up: its guard does not answer")
        works, said, hint = marshal.loads(data)  # noqa: S302  # our own process's words
        if not works:
            raise EnforcementError(said, hint=hint or remedy_of_words(said))
        self.families = said

    def close(self) -> NetworkReport:
        """End the network and return what it refused; nothing that was started for it is left."""
        if not self._warden:
            return NetworkReport()
        report = end_server(self._warden, self._report)
        self._warden = 0
        return report
