"""The process outside that decides on what has appeared, moves it away, and reports. It starts the watcher.

It stands where aigate stands, with the same rights, and never looks at a file through the sandbox's mounts. When aigate
is killed it finishes what is left, once the sandbox has ended, and goes.
"""

from __future__ import annotations

import marshal
import os
import time
from _signal import SIG_DFL, SIG_IGN, SIGHUP, SIGINT, SIGTERM, signal  # type: ignore[import-not-found]
from _socket import AF_UNIX, SOCK_CLOEXEC, SOCK_SEQPACKET, socketpair
from select import POLLIN, poll, select

from aigate import _linux, bundle
from aigate.errors import AigateError, told
from aigate.host.tools import find_tool
from aigate.host.waiting import ready
from aigate.record import record
from aigate.suppress import suppress
from aigate.watch.arrival import receive
from aigate.watch.quarantine import Quarantine, is_gone
from aigate.watch.repositories import Repositories
from aigate.watch.settings import Settings
from aigate.watch.tracked import repository_of
from aigate.watch.words import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812

    from aigate.watch.model import Covers, Job, Logins, OnEvent

MOST_MESSAGE = 1 << 16
MOST_NOTICES = 1000
FLEETING = ("late", "linked", "led")  # what is gone at the end is not worth a word
AGAIN_SECONDS = 0.05
OUTLIVE_SECONDS, SETTLE_SECONDS = 10, 0.3
PATIENCE_SECONDS = 10.0  # with a checkout that is going on; then what it brought is moved away as well


@record
class Ends:
    """The clerk's ends. control: to the sandbox's first process. orders: closed when a run is over. said: to aigate."""

    control: Socket
    orders: int
    said: int


def run(job: Job, covers: Covers, ends: Ends, on_event: OnEvent, logins: Logins | None) -> None:
    """Be the clerk until the run is over; never returns. What it cannot begin with is told as `attach` hears it."""
    try:
        clerk = _begin(job, covers, ends, on_event, logins)
    except Exception as error:  # noqa: BLE001 -- nothing may escape from a forked child
        say(ends.said, False, told(error), 0, "")
        os._exit(1)
    clerk.serve()


def _begin(job: Job, covers: Covers, ends: Ends, on_event: OnEvent, logins: Logins | None) -> Clerk:
    """Start the watcher, and return what decides."""
    _linux.restore_signal_mask()
    os.setsid()
    for number in (SIGINT, SIGHUP, SIGTERM):
        signal(number, SIG_IGN)
    ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC)
    if os.fork() == 0:
        from aigate.watch import process

        for descriptor in (ends.orders, ends.said):
            os.close(descriptor)
        ours.close()
        signal(SIGTERM, SIG_DFL)
        process.run(job, covers, ends.control, theirs)
    theirs.close()
    ends.control.close()
    os.chdir("/")
    return Clerk(job, ours, ends, on_event, logins)


class Clerk:
    """One run's decisions."""

    def __init__(self, job: Job, watcher: Socket, ends: Ends, on_event: OnEvent, logins: Logins | None) -> None:
        self._job, self._watcher, self._ends, self._on_event = job, watcher, ends, on_event
        self._logins, self._exchanged = logins, 0.0
        self._events = poll()
        self._quarantine = Quarantine(job.state, apart=_is_seen(job))
        self._repositories = Repositories(_git_directories(job), job.policy.project, find_tool("git"))
        self._settings = Settings(job.state, find_tool("git"))
        self._changed: dict[str, str] = {}  # path of a config of git's to what its copy inside holds
        self._waiting: dict[str, tuple[str, float]] = {}  # path to why and since when
        self._notices: list[tuple[str, str, str]] = []
        self._unwatched: tuple[int, str] = (0, "")
        self._launcher = -1  # a pidfd
        self._ended = self._drained = self._failed = self._armed = False
        self._has_set_group = True  # unless the watcher lives to say that nobody has

    def serve(self) -> None:
        """Work until the run is over and all is dealt with; never returns."""
        bundle.let_go()
        waiting = self._events
        waiting.register(self._watcher.fileno(), POLLIN)
        waiting.register(self._ends.orders, POLLIN)
        while not self._drained:
            due = self._logins is not None and self._logins.due
            pause = AGAIN_SECONDS * 1000 if self._waiting or self._changed or due else None
            for descriptor, _ in ready(waiting, pause):
                if self._logins is not None and descriptor == self._logins.descriptor:
                    self._logins.look()
                elif descriptor == self._ends.orders:
                    waiting.unregister(descriptor)
                    if not os.read(descriptor, 1):
                        self._outlive()
                    self._end()
                else:
                    self._listen()
            self._decide_all()
            self._exchange()
            self._exchange_logins()
        self._ended = True
        self._decide_all()
        self._exchange_rest()
        self._end_logins()
        self._clean_up()
        notices = [each for each in self._notices if each[0] not in FLEETING or os.path.lexists(each[1])]
        with suppress(OSError):  # aigate was killed: what there is to say is in the log
            say(self._ends.said, notices, *self._unwatched, self._failed)
        os._exit(0)

    def _outlive(self) -> None:
        """Wait until the sandbox has ended as well: aigate was killed, and takes it along."""
        if self._launcher >= 0:
            ending = poll()
            ending.register(self._launcher, POLLIN)
            ending.poll(OUTLIVE_SECONDS * 1000)
        time.sleep(SETTLE_SECONDS)

    def _end(self) -> None:
        self._ended = True
        try:
            self._watcher.send(b"E")
        except OSError:
            self._failed = self._drained = True

    def _listen(self) -> None:
        data, numbers = receive(self._watcher, MOST_MESSAGE)
        if not data:
            self._lost("it ended")
            return
        kind, path, text = marshal.loads(data)  # noqa: S302  # our own process's words
        if kind == "settings":
            self._changed[path] = text
            if not self._armed:
                self._exchange()  # what was there before the command
        elif kind == "layer":
            self._begin_logins(numbers[0])
        elif kind == "repository":
            self._repositories.found(path)
        elif kind == "unwanted":
            self._waiting.setdefault(path, (text, time.monotonic()))
        elif not self._follow(kind, path, text):
            self._note(kind, path, text)

    def _follow(self, kind: str, path: str, text: str) -> bool:
        """Take note of how the watcher fares; tell whether that is what was said."""
        if kind == "armed":
            self._armed, self._unwatched = True, _count_and_name(text)
            with suppress(OSError):
                self._launcher = os.pidfd_open(int(path))
            say(self._ends.said, True, "", *self._unwatched)
        elif kind == "failed":
            self._lost(text or path)
        elif kind == "drained":
            self._drained, self._unwatched, self._has_set_group = True, _count_and_name(text), bool(path)
        elif kind == "unwatched":
            with suppress(OSError):  # aigate was killed, and the sandbox ends with it
                say(self._ends.said, _count_and_name(text)[1])
        else:
            return False
        return True

    def _lost(self, reason: str) -> None:
        """Say that nobody watches any more; whoever waits for this process's end sees to the rest."""
        if not self._armed:
            say(self._ends.said, False, reason, 0, "")
            os._exit(1)
        self._on_event("watch_failed", {"reason": reason})
        self._failed = self._drained = True

    def _note(self, kind: str, path: str, text: str) -> None:
        if len(self._notices) < MOST_NOTICES:
            self._notices.append((kind, path, text))
        self._on_event("watched", {"kind": kind, "path": path, **({"why": text} if text else {})})

    def _exchange(self) -> None:
        """Bring git's settings out and in. What git outside is just changing is tried again."""
        for path, content in list(self._changed.items()):
            try:
                new, kept = self._settings.exchange(path, content)
            except OSError:
                continue
            del self._changed[path]
            for key in kept:
                self._note("unsettled", f"{path} ({key})", "")
            if new:
                with suppress(OSError):
                    self._watcher.send(marshal.dumps((path, new)))

    def _exchange_rest(self) -> None:
        until = time.monotonic() + SETTLE_SECONDS
        while self._changed and time.monotonic() < until:
            self._exchange()
            time.sleep(AGAIN_SECONDS if self._changed else 0)
        for path in self._changed:
            compared = self._settings.compares(path)
            self._note("unsettled" if compared else "unread", path, "somebody holds its lock" if compared else "")

    # ---- what the user and the agent both have ----

    def _begin_logins(self, top: int) -> None:
        if self._logins is None:
            return
        try:
            self._logins.begin(top)
        except OSError as error:
            self._note("apart", self._job.layered, str(error.strerror))
            self._logins = None
        else:
            self._events.register(self._logins.descriptor, POLLIN)

    def _exchange_logins(self) -> None:
        """Exchange what is due, with a pause after each time: an agent may save without end."""
        now = time.monotonic()
        if self._logins is not None and self._logins.due and now - self._exchanged >= AGAIN_SECONDS:
            self._logins.exchange(self._is_over, self._note)
            self._exchanged = time.monotonic()

    def _is_over(self) -> bool:
        """Tell whether an order is waiting or has come, so that the layer may be somebody else's by now."""
        return self._ended or bool(select([self._ends.orders], [], [], 0)[0])

    def _end_logins(self) -> None:
        if self._logins is None:
            return
        try:
            self._logins.end(self._note)
        except (AigateError, OSError) as error:
            self._note("apart", self._job.layered, str(error))

    # ---- what has appeared ----

    def _decide_all(self) -> None:
        for path, (why, since) in list(self._waiting.items()):
            if self._decide(path, why, patient=not self._ended and time.monotonic() - since < PATIENCE_SECONDS):
                del self._waiting[path]

    def _is_users_own(self, path: str) -> bool:
        """Tell whether it is a config that the user's own `aigate deny` has just written."""
        from aigate.config import cache, files, trust

        if os.path.basename(path) != files.PROJECT_NAME:
            return False
        try:
            digest = cache.digest(files.read_project(path))
            return trust.is_trusted(path, digest, home=os.path.dirname(self._job.state), name=trust.WRITTEN)
        except AigateError:
            return False

    def _decide(self, path: str, why: str, *, patient: bool) -> bool:
        """Let it stay or move it away. Tell whether that is done: not while git is in the middle of a checkout."""
        if is_gone(path):
            return True
        if self._is_users_own(path):
            self._note("stays", path, why)
            return True
        repository = repository_of(path, self._job.policy.project, find_tool)
        if repository is not None:
            with suppress(RecursionError):  # nested so deep that git has no such thing
                if repository.holds(path):
                    self._note("stays", path, why)
                    return True
            if repository.busy and patient:
                return False
        self._take(path, why)
        return True

    def _take(self, path: str, why: str) -> None:
        try:
            kept = self._quarantine.take(path, self._job.run, why)
        except (OSError, RecursionError) as error:
            reason = error.strerror if isinstance(error, OSError) else "directories are nested too deep"
            self._note("kept", path, f"{why}: {reason}")
        else:
            self._note("moved", path, f"{why}: {kept.number}")

    def _clean_up(self) -> None:
        """See to what may have been left in git's directories, when nothing inside lives any more."""
        self._repositories.open_up()
        try:
            for path in self._repositories.mend():
                self._note("mended", path, "it was a link")
        except OSError as error:
            self._note("kept", error.filename or "HEAD", str(error.strerror))
        for path, why in list(self._repositories.unwanted()):
            if not is_gone(path):
                self._take(path, why)
        if self._has_set_group and self._armed:
            from aigate.watch.setgroup import clear

            for path in clear(self._job.policy.writable, self._job.since):
                self._note("cleared", path, "")


def _count_and_name(text: str) -> tuple[int, str]:
    count, _, name = text.partition(" ")
    return int(count), name


def _is_seen(job: Job) -> bool:
    """Tell whether a directory that is moved to where aigate keeps things stays in what the sandbox can write to."""
    return any(f"{job.state}/".startswith(f"{place.rstrip('/')}/") for place in job.policy.writable)


def _git_directories(job: Job) -> tuple[str, ...]:
    """Return git's directories that were there when the run began, whether their settings are protected or not."""
    above = {os.path.dirname(item.path) for item in job.policy.protected if not item.placeholder}
    return tuple(sorted(place for place in above.union(job.policy.repositories) if os.path.lexists(f"{place}/HEAD")))
