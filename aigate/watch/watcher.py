"""The process that keeps the covers up. It stands in the sandbox's outer mount namespace, and looks at the host's tree.

Its root is the sandbox's, its working directory the host's root; events of the one are answered by mounts in the other.
Nothing that takes longer than a mount is done here: the clerk, a process outside, decides and moves.
"""

from __future__ import annotations

import gc
import os
from _socket import MSG_DONTWAIT
from select import POLLIN, POLLOUT, poll

from aigate import _events
from aigate.backends.layout import settings_copies
from aigate.backends.stubs import tried_at
from aigate.host.waiting import ready
from aigate.policy.protect import GITS_OWN
from aigate.watch.arrival import hand_over
from aigate.watch.copies import Copies
from aigate.watch.directories import CAME, IN_IGNORED, IN_ISDIR, IN_MOVED_FROM, IN_Q_OVERFLOW, Directories, is_fresh
from aigate.watch.led import GUARDED, LED, Leads
from aigate.watch.made import Made
from aigate.watch.names import LINKED, TWIN, OtherNames
from aigate.watch.nested import Nested
from aigate.watch.orders import take_order
from aigate.watch.outbox import Outbox
from aigate.watch.places import LATE, UNWANTED, Places
from aigate.watch.sockets import Sockets
from aigate.watch.spliced import Spliced
from aigate.watch.tried import Tried
from aigate.watch.unwritten import Unwritten, is_free
from aigate.watch.whereabouts import Whereabouts
from aigate.watch.words import packed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812

    from aigate.watch.directories import Node
    from aigate.watch.model import Covers, Job

    Event = tuple[int, int, int, bytes]

ATTEMPTS, SET_GROUP = 5, "set-group"
TICK = 0.01  # seconds: by so much st_ctime may lie behind the clock (jiffies)
AT_START, AT_ONCE = 64, 16  # directories that are looked at before the command starts, and between events


class Watcher:
    """One run's watches and what they lead to."""

    def __init__(self, job: Job, covers: Covers, clerk: Socket) -> None:
        os.chdir("/")
        self._job, self._covers, self._clerk, self.outbox = job, covers, clerk, Outbox(clerk)
        self._places = Places(job.policy, covers.paths)
        self._directories = Directories()
        self._names = OtherNames(self._directories.descriptor)
        self._unwritten = Unwritten(self._directories.descriptor)
        self._leads = Leads(self._places, job.policy)
        self._spliced = Spliced(path for path in self._places.hidden if not self._places.shows(path))
        self._sockets = Sockets(frozenset(identity for _, identity in job.policy.pins))
        self._renewed: list[str] = []  # what is to be told
        self._missing: set[str] = set()  # places of covers that nothing is at any more
        self._pending: list[tuple[str, bool]] = []  # directories to be looked at, and whether all in them is new
        self._looking = self._over = self._begun = False
        self._hides_late = job.late == "hide"
        self._early: list[tuple[str, str]] = []  # what came to match before anything could be mounted
        self._whereabouts = Whereabouts(job.policy.project, covers)
        self._nested = Nested(covers, job.policy.project, self.outbox.say)
        self._copies = Copies(settings_copies(job.policy))
        self._made = Made(self._places, covers, self._directories.watch_up, self._nested.note, self.outbox.say)
        self._tried = Tried((place, program.path) for program, place in tried_at(job.policy).items())

    def follow(self, control: Socket, launcher: int) -> None:
        """Take note of where calls that change mounts will come from, and of whom they descend from."""
        self._nested.follow(control, launcher)
        self._sockets.follow(launcher)

    def arm(self) -> None:
        """Watch the directories that covers stand in, and those that names outside of the project lead through."""
        for directory in sorted({os.path.dirname(path) for path in self._covers.paths}):
            self._directories.watch_up(directory)
        for place in (self._job.policy.home, *self._job.policy.writable):
            if self._places.enters(place) and not self._places.in_project(place):
                self._pending.append((place, False))
        while self._pending:
            self._look(AT_ONCE)
        self._pending += [*self._places.widen(), (self._job.policy.project, False)]
        self._look(AT_START)
        while self._job.required and self._pending:
            self._look(AT_START)

    def begin(self) -> None:
        """Look at every cover once: what was replaced before it was watched is covered now.

        What is gone by now has been removed, or has another name: what came meanwhile and matches is hidden, too, and
        looked for before the command starts. What must not change may not come back as it likes.
        """
        self._whereabouts.begin()
        self._renew_all()
        gone = self._places.gone()
        self._missing |= gone - self._places.hidden
        self._begun, self._hides_late = True, self._hides_late or bool(gone & self._places.steady)
        for path, why in self._early:
            self._late(path, why)
        if gone & self._places.steady:
            self._answer_all()
            while self._pending:
                self._look(AT_START)
                self._answer_all()
        self._hides_late = self._job.late == "hide"
        self._copies.begin()
        self._copies.report(self.outbox.tell)
        self._tried.begin()

    def report_armed(self, launcher: str) -> None:
        """Tell the clerk that the command may start, and how many directories could not be watched so far."""
        if self._job.layered:
            hand_over(self._clerk, packed("layer", "", ""), self._job.layered)
        self.outbox.tell("armed", launcher, self._directories.tally())

    def _renew_all(self) -> None:
        for path in sorted(self._covers.paths):
            self._renew(path)

    def serve(self) -> None:
        """Answer events until the clerk says that it is over, and everything before that has been answered."""
        self._watch_names()
        waiting = poll()
        waiting.register(self._directories.descriptor, POLLIN)
        waiting.register(self._clerk.fileno(), POLLIN)
        waiting.register(self._copies.descriptor, POLLIN)
        waiting.register(self._tried.descriptor, POLLIN)
        self._nested.register(waiting)
        while not self._over:
            self._close_nested()
            waiting.modify(self._clerk.fileno(), POLLIN | (POLLOUT if self.outbox.is_full else 0))
            pause = self._spliced.pause(self._nested.pause(self._unwritten.pause(self._sockets.pause)))
            now = dict(ready(waiting, 0 if self._pending else pause))
            self._directories.report(self.outbox.tell, required=self._job.required)
            self._take_written()
            if self._directories.descriptor in now or self._sockets.pause == 0:
                self._answer_all()
                self._close_nested()
                for path in self._sockets.foreign():  # those that have appeared and that nobody inside has bound
                    self._hide(path, "socket", "")
                self._copies.report(self.outbox.tell)
            elif self._nested.answer(now, waiting):
                pass
            elif self._copies.descriptor in now or self._tried.descriptor in now:
                self._copies.report(self.outbox.tell)
                self._tried.report(self.outbox.say)
            elif self._pending and self._clerk.fileno() not in now:
                self._look(AT_ONCE)
                if not self._pending:
                    gc.freeze()  # what is kept of tens of thousands of directories is not to be looked through again
            if events := now.get(self._clerk.fileno()):  # whatever else goes on
                self.outbox.send(MSG_DONTWAIT)
                if events & ~POLLOUT:
                    self._over |= take_order(self._clerk, self._copies)
        self._finish()

    def _watch_names(self) -> None:
        if self._names.begin(self._places, self._job.since - TICK):
            self._start_over()
        self._answer_all()

    def _finish(self) -> None:
        """Answer what is left. Nothing inside can cause anything any more."""
        self._answer_all()
        while self._pending:
            self._look(AT_ONCE)
            self._answer_all()
        self._take_written(over=True)
        self._close_nested()
        self._copies.report(self.outbox.tell)
        self._tried.report(self.outbox.say)
        self.outbox.tell("drained", SET_GROUP if self._nested.has_set_group else "", self._directories.tally())
        self.outbox.send(0)

    def _answer_all(self) -> None:
        while True:
            try:
                events = _events.inotify_events(self._directories.descriptor)
            except BlockingIOError:
                return
            for event in events:  # first what stands open now
                if event[1] & CAME and self._places.is_cover(os.fsdecode(event[3])):
                    self._come_back(event)
            for event in events:
                self._answer(event)

    def _come_back(self, event: Event) -> None:
        node = self._directories.node(event[0])
        path = f"{node.path.rstrip('/')}/{os.fsdecode(event[3])}" if node else ""
        if path in self._covers.paths and path not in self._missing:
            self._renew(path)

    def _answer(self, event: Event) -> None:
        watch, mask, _, raw = event
        if mask & IN_Q_OVERFLOW:
            self._start_over()
            return
        node = self._directories.node(watch)
        if mask & IN_IGNORED:
            self._directories.ignored(watch)
            self._names.forget(watch)
        if node is None or not raw:
            self._names.noticed(watch)
            return
        name = os.fsdecode(raw)
        path = f"{node.path.rstrip('/')}/{name}"
        if mask & CAME:
            self._follow(path)
        if mask & IN_ISDIR:
            self._answer_directory(node, name, mask)
            return
        if mask & CAME and self._places.shows(path):
            self._sockets.add(path)
        if self._places.matters(name):
            if mask & CAME:
                self._came(path, directory=False, new=True)
            else:
                self._went(path, moved=bool(mask & IN_MOVED_FROM))

    def _answer_directory(self, node: Node, name: str, mask: int) -> None:
        path = f"{node.path.rstrip('/')}/{name}"
        self._spliced.noticed(path)
        if node.has_read_new(name, mask):
            return
        if mask & CAME or not self._whereabouts.lose(path):
            self._directories.drop(node, name)
        else:
            self._directories.set_free(node, name)
            self.outbox.say("gone", path, "")
        if mask & CAME:
            self._came(path, directory=True, new=True)
        else:
            self._went(path, moved=bool(mask & IN_MOVED_FROM))

    def _went(self, path: str, *, moved: bool) -> None:
        """Take note that something has gone. What was renamed is an editor's, which puts the new file there next."""
        self._made.went(path)
        if path in self._covers.paths and not moved and path not in self._places.hidden:
            self._missing.add(path)

    def _came(self, path: str, *, directory: bool, new: bool) -> None:
        """Decide on something that is there. new: it was not when the run began, or may not have been."""
        covered = path in self._covers.paths
        verdict, why = "", ""
        if new and (not covered or path in self._missing):
            verdict, why = self._places.judge(path, directory=directory)
        self._missing.discard(path)
        if new and (kept := self._made.came(path, directory=directory)):
            if kept == UNWANTED:
                self._unwanted(path, GITS_OWN)
            return
        if verdict == UNWANTED:
            if not self._unwritten.hold(path, why):
                self._unwanted(path, why)
            return
        if verdict == LATE:
            self._late(path, why)
            if self._hides_late or not directory:
                return
        if covered:
            self._renew(path)
        if directory and (self._places.enters(path) or self._covers.below(path)):
            self._pending.append((path, new))
            self._look(1)

    def _renew(self, path: str) -> None:
        """Cover a path again, if nothing stands over it; what is replaced in that moment once more is tried again."""
        is_pin, problem = self._places.is_pin(path), ""
        if is_pin and is_free(path):
            return
        for _ in range(ATTEMPTS):
            try:
                if self._covers.renew(path):
                    self._names.add(path, LINKED if path in self._places.hidden else TWIN, new=True)
                    self._copies.forget(path)
                    if not is_pin:  # which only makes that what is in it keeps its place
                        self._nested.note(path, hidden=path in self._places.hidden)
                        self._renewed.append(path)
                if not is_pin and self._whereabouts.cover(path, hidden=path in self._places.hidden):
                    self._renewed.append(path)
            except OSError as error:
                problem = str(error)
            else:
                return
        self.outbox.say("open", path, problem)

    def _close_nested(self) -> None:
        """Bring covers to namespaces that were made inside, and tell of them: whoever is told may make new ones."""
        for path, kind in set(self._names.found()):  # other names of what is covered by now
            if path not in self._covers.paths:
                self._hide(path, kind, "")
        for path in self._spliced.due():
            self._renew(path)
        self._nested.close()
        while self._renewed:
            self.outbox.say("renewed", self._renewed.pop(0))

    def _follow(self, path: str) -> None:
        """Cover what covered places lead to by links, of which something new at a path may be one, or another name."""
        self._names.came(path)
        for end, kind in self._leads.ends(path):
            if end not in self._covers.paths:
                self._directories.watch_up(os.path.dirname(end))
                if kind == LED or self._places.guards(end):
                    self._hide(end, kind, "")

    def _take_written(self, *, over: bool = False) -> None:
        """See to what was empty when it appeared and is not any more, or is still when the run is over."""
        for path, why in self._unwritten.written(over=over):
            self._unwanted(path, why)

    def _unwanted(self, path: str, why: str) -> None:
        """Keep what has appeared as it is, and leave the rest to the clerk."""
        for above in self._places.pins_above(path):
            self._renew(above)
        try:
            self._covers.protect(path)
            self._nested.note(path, hidden=False)
        except OSError as error:
            self.outbox.say("open", path, str(error))
        self.outbox.tell("unwanted", path, why)

    def _late(self, path: str, why: str) -> None:
        if not self._begun:
            self._early.append((path, why))
        elif self._hides_late:
            self._leads.add(path)
            self._hide(path, "hidden", why)
            self._follow(path)
        else:
            self.outbox.say("late", path, why)

    def _hide(self, path: str, kind: str, why: str) -> None:
        """Cover what nothing was planned for: it is read-only if it is `GUARDED` or a `TWIN`, else hidden."""
        hides = kind not in (GUARDED, TWIN)
        try:
            bare = (self._covers.hide if hides else self._covers.protect)(path)
        except OSError as error:
            self.outbox.say("open", path, str(error))
            return
        if bare or kind not in (LED, GUARDED):  # what is looked up again by every new link is told once
            self._nested.note(path, hidden=hides)
            self.outbox.say(kind, path, why)

    def _start_over(self) -> None:
        """Look at everything again: events were lost, or something came before there were any."""
        self._renew_all()
        self._pending += [(path, False) for path in self._directories.start_over()]

    def _look(self, count: int) -> None:
        """Watch and read some of the directories that are to be looked at; not those in them before they are done."""
        while self._pending and count and not self._looking:
            path, new = self._pending.pop()
            self._looking = True
            self._look_at(path, new=new)
            self._looking = False
            count -= 1

    def _look_at(self, path: str, *, new: bool) -> None:
        """Watch and read one directory, unless it was read as new: of a chain, each would cause all below it."""
        if new and self._directories.has_read(path):
            return
        opened = self._directories.watch(path)
        if opened < 0:
            return
        prefix = path.rstrip("/")
        try:
            with os.scandir(opened) as entries:
                for entry in entries:
                    self._find(opened, entry, f"{prefix}/{entry.name}", new)
            if new:
                self._directories.note_read(path)
        except OSError:
            return
        finally:
            os.close(opened)

    def _find(self, opened: int, entry: os.DirEntry[str], path: str, new: bool) -> None:
        is_directory = entry.is_dir(follow_symlinks=False)
        if new:
            self._follow(path)
        elif path not in self._covers.paths:
            self._names.met(path, entry.inode())
        if not is_directory and not entry.is_file(follow_symlinks=False) and self._places.shows(path):
            self._sockets.add(path)
        if self._places.matters(entry.name):
            covered = path in self._covers.paths
            fresh = new or (is_fresh(opened, entry.name, self._job.since) and not (is_directory and covered))
            if fresh or covered:
                self._came(path, directory=is_directory, new=fresh)
                return
        if is_directory and (self._places.enters(path) or (new and self._covers.below(path))):
            self._pending.append((path, new))
