"""The one way into `aigate.network` for the runner: a sandbox's link to the world, from its plan to its report.

    network = Network(plan, on_event)       # the warden is forked here: call it before any thread exists
    if os.fork() == 0:
        network.enter()                     # in the process that will execute the sandbox
        os.execve(...)
    network.attach()                        # raises EnforcementError if it is not in force; the command has not run
    ...
    report = network.close()

`enter` returns when everything is in force, or, with `block=True`, as soon as the process may go on to bwrap; the
command must then wait for the descriptor `network.block` (bwrap's --block-fd). For the ways `host` and `none` all of
this does nothing; for `none` the backend gives the sandbox a network namespace of its own (bwrap's --unshare-net).
on_event is called in the warden's process, so it must write by itself (the audit log is appended to).
"""

from __future__ import annotations

import marshal
import os
from _signal import SIGKILL, SIGTERM  # type: ignore[import-not-found]
from _socket import AF_UNIX, SOCK_CLOEXEC, SOCK_SEQPACKET, socketpair
from _socket import socket as Socket  # noqa: N812

from aigate.errors import EnforcementError
from aigate.network.hostfiles import (
    HOSTS,
    NSSWITCH,
    PROXY_PORT,
    RESOLV_CONF,
    inner_hosts,
    inner_nsswitch,
    inner_resolv_conf,
    parse_resolv_conf,
    read,
)
from aigate.network.refusals import NetworkReport, Refusal
from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.network.plan import NetworkPlan
    from aigate.network.refusals import OnEvent

MOST_READ = 1 << 16
END_SECONDS = 2.0


@record
class Ends:
    """The warden's ends. control: to the sandbox's first process. report: to aigate. block: a byte lets bwrap go on."""

    control: Socket
    report: int
    block: int


class Network:
    """One sandbox's network. families: what is filtered, `46`, `4` or empty, known after `attach`."""

    def __init__(self, plan: NetworkPlan, on_event: OnEvent) -> None:
        """Start the warden, if the plan needs one. on_event: called with kind and fields, in the warden's process."""
        self.plan = plan
        self.families = ""
        self.block = -1
        self._warden = 0
        self._control: Socket | None = None
        if plan.way in ("slirp", "gateway"):
            self._start_warden(on_event)

    def _start_warden(self, on_event: OnEvent) -> None:
        self._control, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC)
        self._report, report = os.pipe2(os.O_CLOEXEC)
        self.block = _endless_pipe()
        parent = os.getpid()
        self._warden = os.fork()
        if self._warden:
            theirs.close()
            os.close(report)
            return
        try:
            from aigate.network.warden import run

            self._control.close()
            os.close(self._report)
            run(self.plan, Ends(theirs, report, self.block), on_event, parent)
        finally:
            os._exit(1)

    def enter(self, *, block: bool = False) -> None:
        """Move this process into the sandbox's network, see above. EnforcementError: end, `attach` tells the reason."""
        if self._control is None:
            return
        from aigate.network import namespace

        namespace.enter(self.plan, self._control)
        self._control.close()
        if block:
            os.set_inheritable(self.block, True)
        else:
            os.read(self.block, 1)
            os.close(self.block)

    def attach(self) -> None:
        """Wait until the network is in force. Raises EnforcementError if it is not; the caller ends its child then."""
        if self._control is None:
            return
        self._control.close()
        os.close(self.block)
        data = os.read(self._report, MOST_READ)
        if not data:
            raise EnforcementError("the process that guards the network ended too early")
        works, said, hint = marshal.loads(data)  # noqa: S302  # our own process's words
        if not works:
            raise EnforcementError(said, hint=hint)
        self.families = said

    def files(self) -> dict[str, bytes]:
        """Return the files that the sandbox must see, read-only, in place of the host's."""
        if self.plan.way == "host":
            return {}
        conf = parse_resolv_conf(read(RESOLV_CONF))
        return {
            RESOLV_CONF: inner_resolv_conf(conf),
            HOSTS: inner_hosts(read(HOSTS)),
            NSSWITCH: inner_nsswitch(read(NSSWITCH)),
        }

    def environment(self) -> dict[str, str]:
        """Return the environment variables that the sandbox needs to find its way out."""
        if self.plan.way != "gateway":
            return {}
        proxy = f"http://127.0.0.1:{PROXY_PORT}"
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        direct = "localhost,127.0.0.1,::1"
        upper = {**dict.fromkeys(names, proxy), "NO_PROXY": direct}
        return {**upper, **{name.lower(): value for name, value in upper.items()}}

    def close(self) -> NetworkReport:
        """End the network and return what it refused; nothing that was started for it is left."""
        if not self._warden:
            return NetworkReport()
        os.kill(self._warden, SIGTERM)
        data = self._read_report()
        os.kill(self._warden, SIGKILL)  # it has ended, or it hangs
        os.waitpid(self._warden, 0)
        os.close(self._report)
        self._warden = 0
        if not data:
            return NetworkReport(failed=True)
        rows, learned, lost = marshal.loads(data)  # noqa: S302  # our own process's words
        return NetworkReport(tuple(Refusal(*row) for row in rows), tuple(learned), lost)

    def _read_report(self) -> bytes:
        from select import select

        data = b""
        while select([self._report], [], [], END_SECONDS)[0]:
            read = os.read(self._report, MOST_READ)
            if not read:
                break
            data += read
        return data


def _endless_pipe() -> int:
    """Return one descriptor for both ends of a pipe: whoever reads it waits for a byte and never sees an end.

    With two, the end of aigate would look like the word to go on. See fifo(7) on O_RDWR.
    """
    reader, writer = os.pipe2(os.O_CLOEXEC)
    both = os.open(f"/proc/self/fd/{reader}", os.O_RDWR | os.O_CLOEXEC)
    os.close(reader)
    os.close(writer)
    return both
