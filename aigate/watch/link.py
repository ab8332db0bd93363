"""The one way into `aigate.watch` for a run, from its start to its report.

    watch = Watch(job, covers, on_event, keep)   # two processes are begun here: call it before any thread exists
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
import sys
from _signal import SIGKILL  # type: ignore[import-not-found]
from _socket import AF_UNIX, SCM_RIGHTS, SOCK_CLOEXEC, SOCK_SEQPACKET, SOL_SOCKET, socketpair
from _struct import pack

from aigate import bundle
from aigate.errors import EnforcementError, remedy
from aigate.host.descriptors import close_all_but
from aigate.host.orphans import are_collected
from aigate.suppress import suppress
from aigate.watch.brief import brief_of, sized
from aigate.watch.model import Notice, WatchReport
from aigate.watch.words import hear

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from aigate.watch.brief import Brief
    from aigate.watch.model import Covers, Job, Logins, OnEvent
    from aigate.watch.words import Said

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STANDING = f"{PACKAGE}/native/clerk"
GONE = "what watched its files is gone"
_ending: list[int] = []  # watchers: the kernel takes tens of milliseconds to give up what they watch
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
        *,
        resume: str = "",
    ) -> None:
        """Start it. covers: what it keeps up. on_event: see above. keep: descriptors that this needs.

        resume: a program of Python's that goes on as the clerk, given the package's directory and what has been so far.
        Without it the clerk is there from the start, as it is where there are logins. Raises EnforcementError.
        """
        _collect()
        self._control, control = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC)
        ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC)  # the clerk's and the watcher's
        orders, self._order = os.pipe2(os.O_CLOEXEC)
        self._attached = False
        self.unwatched, self.missed = 0, ""
        self._heard, said = os.pipe2(os.O_CLOEXEC)
        self._brief: Brief | None = None

        def be_clerk() -> NoReturn:
            from aigate.watch.clerk import Ends, run

            run(job, Ends(ours, orders, said), on_event, logins)

        def be_watcher() -> NoReturn:
            bundle.import_all("aigate.watch.process")
            from aigate.watch.process import run

            run(job, covers, control, theirs)

        if not resume or logins is not None:
            self._clerk = _fork((ours.fileno(), orders, said, *keep), be_clerk)
        else:
            self._brief = brief_of(job)
            self._clerk = _spawn(resume, self._brief, (ours.fileno(), said, orders))
        self._watcher = _fork((control.fileno(), theirs.fileno()), be_watcher)
        for end in (ours, theirs, control):
            end.close()
        os.close(orders)
        os.close(said)

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
                os.write(self._order, b"E" if self._brief is None or self._is_tidy(self._brief) else b"C")
            os.close(self._order)
            self._order = -1

    def close(self) -> WatchReport:
        """End the watch, after it has dealt with everything that happened, and return what it saw."""
        self.finish()
        said = self._last()
        for process in (self._clerk, self._watcher):
            os.kill(process, SIGKILL)  # it has ended, or it hangs
        os.waitpid(self._clerk, 0)
        _ending.append(self._watcher)
        _collect()
        os.close(self._heard)
        if not said or not self._attached:
            return WatchReport(failed=True)
        rows, unwatched, missed, failed = said
        grown = unwatched > self.unwatched
        return WatchReport(tuple(Notice(*row) for row in rows), unwatched if grown else 0, missed, failed)

    @staticmethod
    def _is_tidy(brief: Brief) -> bool:
        """Tell whether git's directories that were there need no look by the clerk."""
        if not brief.before[0]:
            return True
        from aigate.watch.repositories import Repositories

        return Repositories(brief.before, brief.project, None).is_as_it_was

    def _last(self) -> Said:
        said: Said = ()
        while found := hear(self._heard, END_SECONDS):
            said = found
        return said


def leave_nobody_behind() -> None:
    """Wait for the watchers that were told to end, where nobody would collect them. Elsewhere nobody waits."""
    _collect()
    if _ending and not are_collected():
        while _ending:
            with suppress(ChildProcessError):
                os.waitpid(_ending.pop(), 0)


def _collect() -> None:
    """Take note of which of the watchers that were told to end have ended."""
    for process in tuple(_ending):
        with suppress(ChildProcessError):  # of a caller who ignores the ends of children, it is gone
            if not os.waitpid(process, os.WNOHANG)[0]:
                continue
        _ending.remove(process)


def _fork(kept: tuple[int, ...], be: Callable[[], NoReturn]) -> int:
    """Fork a process that is something else from then on, and has these descriptors and the standard ones alone."""
    process = os.fork()
    if process == 0:
        try:
            close_all_but(kept)
            be()
        finally:
            os._exit(1)
    return process


def _spawn(resume: str, brief: Brief, ends: tuple[int, int, int]) -> int:
    """Start what stands in the clerk's place until there is something to decide. ends: as native/clerk.c has them."""
    file = os.memfd_create("aigate-brief", os.MFD_CLOEXEC)
    os.write(file, sized(brief.packed()))
    become = [sys.executable, "-I", "-S", "-c", resume, os.path.dirname(PACKAGE), ""]
    streams = enumerate((*ends, file))
    try:
        return os.posix_spawn(
            STANDING,
            ["aigate-clerk", *become],
            {},
            file_actions=[(os.POSIX_SPAWN_DUP2, source, number) for number, source in streams],
        )
    except OSError as error:
        raise EnforcementError(f"{STANDING}: {error.strerror}", hint=remedy(error) or "install aigate again") from None
    finally:
        os.close(file)


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
