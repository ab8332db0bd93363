"""The one way into `aigate.watch` for a run, from its start to its report.

    watch = Watch(job, covers, on_event, keep)   # two processes are forked here: call it before any thread exists
    if os.fork() == 0:
        ...                                      # new user and mount namespaces, and all mounts in them
        watch.enter(descriptors)                 # in that process: whoever watches comes there, too
        os.execve(...)
    watch.attach(required=False)                 # raises EnforcementError if nothing is watched
    ...
    report = watch.close()                       # when everything inside has ended

The caller must see to it that the command does not start before `attach` has returned. on_event is called in another
process, so it must write by itself (the audit log is appended to).
"""

from __future__ import annotations

import os
from _signal import SIGKILL  # type: ignore[import-not-found]
from _socket import AF_UNIX, SCM_RIGHTS, SOCK_CLOEXEC, SOCK_SEQPACKET, SOL_SOCKET, socketpair
from _struct import pack

from aigate.errors import EnforcementError
from aigate.host.descriptors import close_all_but
from aigate.suppress import suppress
from aigate.watch.model import Notice, WatchReport
from aigate.watch.words import hear

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.watch.model import Covers, Job, Logins, OnEvent
    from aigate.watch.words import Said

GONE = "what watched its files is gone"
START_SECONDS, END_SECONDS = 30.0, 300.0  # the end: thousands of files may wait to be moved away


class Watch:
    """One run's watch."""

    def __init__(
        self,
        job: Job,
        covers: Covers,
        on_event: OnEvent,
        keep: tuple[int, ...] = (),
        logins: Logins | None = None,
    ) -> None:
        """Start it. covers: what it keeps up. on_event: see above. keep: descriptors that this needs."""
        self._control, control = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC)
        orders, self._order = os.pipe2(os.O_CLOEXEC)
        self._attached = False
        self.unwatched, self.missed = 0, ""
        self._heard, said = os.pipe2(os.O_CLOEXEC)
        self._process = os.fork()
        if self._process:
            control.close()
            os.close(orders)
            os.close(said)
            return
        try:
            from aigate.watch.clerk import Ends, run

            close_all_but((control.fileno(), orders, said, *keep))
            run(job, covers, Ends(control, orders, said), on_event, logins)
        finally:
            os._exit(1)

    @property
    def heard(self) -> int:
        """The descriptor that is at its end as soon as nobody watches any more."""
        return self._heard

    def enter(self, descriptors: tuple[int, ...]) -> None:
        """Hand this process's user and mount namespace over, in which the mounts are made. descriptors: for covers."""
        opened = [os.open(f"/proc/self/ns/{name}", os.O_RDONLY | os.O_CLOEXEC) for name in ("user", "mnt")]
        rights = pack(f"={len(opened) + len(descriptors)}i", *opened, *descriptors)
        self._control.sendmsg([b"%d" % os.getpid()], [(SOL_SOCKET, SCM_RIGHTS, rights)])
        for descriptor in opened:
            os.close(descriptor)

    def hand_over_calls(self, listener: int) -> None:
        """Hand over where calls that change mounts wait for an answer."""
        self._control.sendmsg([b"C"], [(SOL_SOCKET, SCM_RIGHTS, pack("=i", listener))])

    def attach(self, *, required: bool) -> None:
        """Wait until everything is watched that must be before the command starts. Raises EnforcementError.

        required: raise it also where a directory is not. Otherwise `unwatched` says how many, and `missed` the first.
        """
        self._control.close()
        said = hear(self._heard, START_SECONDS)
        if not said:
            raise EnforcementError("the files could not be watched: the process that does it does not answer")
        self._attached = True
        works, reason, self.unwatched, self.missed = said
        if not works:
            raise EnforcementError(f"the files could not be watched: {reason}")
        if required and self.unwatched:
            raise EnforcementError(
                f"watch is required, and {self.missed} cannot be watched",
                hint="raise fs.inotify.max_user_watches, or end what holds so many watches",
            )

    def why(self) -> str:
        """Return why `heard` had something to say while the run lasted."""
        said = hear(self._heard, 0)
        return f"{said[0]} cannot be watched" if said and len(said) == 1 else GONE

    def finish(self) -> None:
        """Tell it that everything inside has ended: from then on nothing is changed inside."""
        self._control.close()  # the watcher may still wait for a sandbox that was never made
        if self._order >= 0:
            with suppress(OSError):  # nobody is there any more
                os.write(self._order, b"E")
            os.close(self._order)
            self._order = -1

    def close(self) -> WatchReport:
        """End the watch, after it has dealt with everything that happened, and return what it saw."""
        self.finish()
        said = self._last()
        os.kill(self._process, SIGKILL)  # it has ended, or it hangs
        os.waitpid(self._process, 0)
        os.close(self._heard)
        if not said or not self._attached:
            return WatchReport(failed=True)
        rows, unwatched, missed, failed = said
        grown = unwatched > self.unwatched
        return WatchReport(tuple(Notice(*row) for row in rows), unwatched if grown else 0, missed, failed)

    def _last(self) -> Said:
        said: Said = ()
        while found := hear(self._heard, END_SECONDS):
            said = found
        return said


class Unwatched:
    """Stands where `Watch` does elsewhere: bubblewrap makes the mounts by itself, so nothing could be kept up."""

    heard, unwatched, missed = -1, 0, ""

    def enter(self, descriptors: tuple[int, ...]) -> None:
        """Take nothing."""

    def hand_over_calls(self, listener: int) -> None:
        """Take nothing."""

    def attach(self, *, required: bool) -> None:
        """Wait for nobody."""

    def why(self) -> str:
        """Return what has happened, which is nothing."""
        return ""

    def finish(self) -> None:
        """Tell nobody."""

    def close(self) -> WatchReport:
        """Return that nothing was seen."""
        return WatchReport()
