"""The process outside that decides on what has appeared, moves it away, and reports.

It stands where aigate stands, with the same rights, and never looks at a file through the sandbox's mounts. When aigate
is killed it finishes what is left, once the sandbox has ended, and goes. Where no logins are to be exchanged,
native/clerk.c stands here until there is something to decide, and becomes this (`resume`).
"""

from __future__ import annotations

import marshal
import os
import time
from _socket import AF_UNIX, SOCK_SEQPACKET
from _socket import socket as Socket  # noqa: N812
from select import POLLIN, poll, select

from aigate import bundle
from aigate.errors import AigateError, told
from aigate.host.tools import find_tool
from aigate.host.waiting import ready
from aigate.reading import read_from
from aigate.record import record
from aigate.suppress import suppress
from aigate.watch import brief as briefs
from aigate.watch.arrival import receive
from aigate.watch.process import stand_apart
from aigate.watch.quarantine import Quarantine, is_gone
from aigate.watch.repositories import Repositories
from aigate.watch.settings import Settings
from aigate.watch.tracked import repository_of
from aigate.watch.words import count_and_name, say, unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from aigate.watch.brief import Brief
    from aigate.watch.model import Job, Logins, OnEvent

MOST_MESSAGE = 1 << 17
MOST_NOTICES = 1000
FLEETING = ("late", "linked", "led", "guarded", "twin")  # what is gone at the end is not worth a word
AGAIN_SECONDS = 0.05
OUTLIVE_SECONDS, SETTLE_SECONDS = 10, 0.3
PATIENCE_SECONDS = 10.0  # with a checkout that is going on; then what it brought is moved away as well
WATCHER, SAID, ORDERS, BRIEF, LAUNCHER = range(10, 15)  # where native/clerk.c leaves its descriptors
ARMED, OVER = "a", "o"


@record
class Ends:
    """The clerk's ends. watcher: to that. orders: closed when a run is over. said: to aigate."""

    watcher: Socket
    orders: int
    said: int


def run(job: Job, ends: Ends, on_event: OnEvent, logins: Logins | None) -> NoReturn:
    """Be the clerk until the run is over. What it cannot begin with is told as `attach` hears it."""
    try:
        stand_apart()
        os.chdir("/")
        clerk = Clerk(briefs.brief_of(job), ends, on_event, logins)
    except Exception as error:  # noqa: BLE001 -- nothing may escape from a forked child
        say(ends.said, False, told(error), 0, "")
        os._exit(1)
    clerk.serve()


def resume(so_far: str, on_event_of: Callable[[str, str], OnEvent]) -> NoReturn:
    """Be the clerk from now on, in the place of native/clerk.c. so_far: see there.

    on_event_of: returns what writes events down, given aigate's own directory and the run's id.
    """
    try:
        with open(BRIEF, "rb") as file:
            os.lseek(BRIEF, 0, os.SEEK_SET)
            brief, *kept = briefs.parts(read_from(file))
        found = briefs.unpacked(brief)
        ends = Ends(Socket(AF_UNIX, SOCK_SEQPACKET, 0, fileno=WATCHER), ORDERS, SAID)
        clerk = Clerk(found, ends, on_event_of(found.state, found.run), None)
        for message in kept:
            clerk.settle(unpacked(b"S" + message))
        clerk.go_on(armed=ARMED in so_far, over=OVER in so_far)
    except Exception as error:  # noqa: BLE001 -- as above
        if ARMED not in so_far:
            say(SAID, False, told(error), 0, "")
        os._exit(1)
    clerk.serve()


class Clerk:
    """One run's decisions."""

    def __init__(self, brief: Brief, ends: Ends, on_event: OnEvent, logins: Logins | None) -> None:
        self._brief, self._watcher, self._ends, self._on_event = brief, ends.watcher, ends, on_event
        self._logins, self._exchanged = logins, 0.0
        self._events = poll()
        self._quarantine = Quarantine(brief.state, apart=brief.apart)
        self._repositories = Repositories(brief.before, brief.project, find_tool("git"))
        self._settings = Settings(brief.state, find_tool("git"))
        self._changed: dict[str, str] = {}  # path of a config of git's to what its copy inside holds
        self._waiting: dict[str, tuple[str, float]] = {}  # path to why and since when
        self._notices: list[tuple[str, str, str]] = []
        self._unwatched: tuple[int, str] = (0, "")
        self._launcher = -1  # a pidfd
        self._ended = self._drained = self._failed = self._armed = False
        self._has_set_group = True  # unless the watcher lives to say that nobody has

    def settle(self, told: tuple[str, str, str]) -> None:
        """Take note of how a repository's settings were before the command."""
        _, path, content = told
        self._changed[path] = content
        self._exchange()

    def go_on(self, *, armed: bool, over: bool) -> None:
        """Begin where the run is by now. armed: the command may run. over: everything inside has ended."""
        self._armed, self._ended = armed, over
        self._launcher = LAUNCHER if armed else -1

    def serve(self) -> NoReturn:
        """Work until the run is over and all is dealt with."""
        bundle.let_go()
        waiting = self._events
        waiting.register(self._watcher.fileno(), POLLIN)
        if not self._ended:
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
        kind, path, text = unpacked(data)
        if kind == "settings" and not self._armed:
            self.settle((kind, path, text))
        elif kind == "settings":
            self._changed[path] = text
        elif kind == "layer":
            self._begin_logins(numbers[0])
        elif kind == "repository":
            self._repositories.found(path)
        elif kind in ("made", "mixed"):
            self._repositories.made(path, alone=kind == "made")
        elif kind == "unwanted":
            self._waiting.setdefault(path, (text, time.monotonic()))
        elif not self._follow(kind, path, text):
            self._note(kind, path, text)

    def _follow(self, kind: str, path: str, text: str) -> bool:
        """Take note of how the watcher fares; tell whether that is what was said."""
        if kind == "armed":
            self._armed, self._unwatched = True, count_and_name(text)
            with suppress(OSError):
                self._launcher = os.pidfd_open(int(path))
            say(self._ends.said, True, "", *self._unwatched)
        elif kind == "failed":
            self._lost(text or path)
        elif kind == "drained":
            self._drained, self._unwatched, self._has_set_group = True, count_and_name(text), bool(path)
        elif kind == "unwatched":
            with suppress(OSError):  # aigate was killed, and the sandbox ends with it
                say(self._ends.said, count_and_name(text)[1])
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
            self._note("apart", self._brief.layered, str(error.strerror))
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
            self._note("apart", self._brief.layered, str(error))

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
            return trust.is_trusted(path, digest, home=os.path.dirname(self._brief.state), name=trust.WRITTEN)
        except AigateError:
            return False

    def _decide(self, path: str, why: str, *, patient: bool) -> bool:
        """Let it stay or move it away. Tell whether that is done: not while git is in the middle of a checkout."""
        if is_gone(path):
            return True
        if self._is_users_own(path):
            self._note("stays", path, why)
            return True
        repository = repository_of(path, self._brief.project, find_tool)
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
            kept = self._quarantine.take(path, self._brief.run, why)
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

            for path in clear(self._brief.writable, self._brief.since):
                self._note("cleared", path, "")
