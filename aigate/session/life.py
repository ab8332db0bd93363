"""The life of one run on Linux: what has to be made before it, and undone after it, in one object.

    with Life(opening, prepared, agent) as life:
        status = life.run()
    report = life.report

Everything that was begun is ended in reverse order, whatever happened in between. Decides nothing.
"""

from __future__ import annotations

import gc
import os
from _signal import SIGKILL  # type: ignore[import-not-found]

from aigate import _linux, bundle, debug
from aigate.errors import EnforcementError, KilledError, told
from aigate.host.confine import Group
from aigate.host.gitbits import GitBits
from aigate.launch.child import Surroundings, complaint
from aigate.launch.input import Input
from aigate.launch.renewing import Renewing
from aigate.launch.spawning import spawn
from aigate.layers.hold import Hold
from aigate.network.link import Network
from aigate.network.refusals import NetworkReport
from aigate.session.events import Events, check_output
from aigate.session.guard import Guard
from aigate.session.layer import logins_of, review_layer, share
from aigate.session.using import permits_of
from aigate.streams.relay import Relay
from aigate.streams.signals import caught
from aigate.streams.terminal import Terminal
from aigate.suppress import suppress
from aigate.watch.link import Unwatched, Watch
from aigate.watch.model import Job, WatchReport
from aigate.watch.notices import unwatched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812
    from collections.abc import Callable
    from typing import Self

    from aigate.host.agent import Account
    from aigate.session.opening import Opening
    from aigate.session.request import Prepared
    from aigate.streams.terminal import Streams


RESUME = """import sys
sys.path.append(sys.argv[1])
from aigate import bundle
bundle.use()
from aigate.session.resuming import go_on
go_on(sys.argv[2])
"""
LOST = "the run was ended: its sandbox ended before the command did, or could not tell"
SAID_BY_INIT = 126  # native/init.c has told why


class Life:
    """One run, from its signals to its last process.

    streams: the caller's. agent: the user that the command runs as, if not the caller. report: what the network
    refused, known after the end. events: what it leaves in the audit log. always: hosts that the
    user wants to be allowed from now on. never: hosts that the user wants never to be asked about again.
    """

    def __init__(
        self,
        opening: Opening,
        prepared: Prepared,
        streams: Streams,
        agent: Account | None,
    ) -> None:
        """Start nothing yet."""
        self._opening, self._prepared, self._streams = opening, prepared, streams
        self._agent = agent
        self.events = Events(opening, prepared)
        self._endings: list[Callable[[], object]] = []
        self.report = NetworkReport()
        self.watched = WatchReport()
        self._troubles: list[str] = []
        self.always: list[str] = []
        self.never: list[str] = []
        self._bits: GitBits | None = None
        self._network: Network | None = None
        self._watch: Watch | Unwatched = Unwatched()

    def __enter__(self) -> Self:
        try:
            self._begin()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, _kind: object, first: BaseException | None, _trace: object) -> None:
        self._end()
        if first is None and self._bits:
            self._troubles += self._bits.troubles

    @property
    def troubles(self) -> list[str]:
        """Return a line for each thing that went wrong after the command's end, and so does not change its status."""
        return list(dict.fromkeys(self._troubles))

    def afterwards(self, act: Callable[[], object]) -> None:
        """Do something when the command has ended; what goes wrong is one of the troubles."""
        try:
            act()
        except Exception as error:  # noqa: BLE001 -- the command's status is known, and stays
            self._troubles.append(told(error))

    def _begin(self) -> None:
        """Make what the run needs, in the order in which it depends on one another."""
        self._signals = _linux.signal_descriptor(caught())
        self._endings.append(lambda: os.close(self._signals))
        terminal = self._terminal = self._open_terminal()
        self._asks = self._open_questions(terminal)
        self._endings += [self._close_network, self._close_watch]
        self._group = Group(self._prepared.limits)
        self._guard = Guard(self._opening.state, terminal, self._group.leftover)
        self._bits = bits = GitBits(self._opening.state, self._prepared.policy.indexes)
        self._endings += [self._guard.close, bits.end]
        self._relay = Relay(self._streams, self._opening.masker, terminal, self._guard, self._ready)
        self._input = Input()
        self._hold = self._take_layers()
        self._heard, self._errors = self._pipe()
        self._gate, self._opener = self._pipe()
        self._endings += [self._input.bring_back, lambda: self._as_root(self._group.close)]

    def _open_terminal(self) -> Terminal | None:
        if not self._streams.terminals:
            return None
        opening = self._opening
        terminal = Terminal(self._streams, permits_of(opening.config.terminal, opening.who.environment))
        terminal.on_reveal = self.events.revealed
        self._endings.append(terminal.close)
        return terminal

    def _open_questions(self, terminal: Terminal | None) -> Socket | None:
        """Have the user asked about hosts, where that was asked for; return the end that asks."""
        if terminal is None or not self._opening.request.ask:
            return None
        from _socket import AF_UNIX, SOCK_CLOEXEC, SOCK_SEQPACKET, socketpair

        from aigate.streams.questions import Questions

        ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC)
        self._endings.append(ours.close)
        terminal.questions = Questions(ours, self.events.asked)
        self.always, self.never = terminal.questions.always, terminal.questions.never
        return theirs

    def _begin_network(self) -> Network:
        """Start what serves the network, where something does."""
        log, asks = self._opening.log, self._asks
        network = Network(self._prepared.network, log.write_fields, log.descriptors, self._opening.masked, asks)
        if asks is not None:
            asks.close()
        return network

    def _begin_watch(self) -> Watch | Unwatched:
        """Start to watch the files, where there is something to keep up."""
        prepared, opening, log = self._prepared, self._opening, self._opening.log
        if not prepared.plan.steps:
            return Unwatched()
        required = self._is_required("watch")
        layered, logins = logins_of(prepared.policy, opening.state)
        job = Job(prepared.policy, opening.state, log.run, opening.since, opening.config.late, required, layered)
        covers = Renewing(prepared.plan.steps)
        resume = "" if self._agent else RESUME  # as somebody else, whoever goes on could not become root again
        return Watch(job, covers, log.write_fields, log.descriptors, logins, resume=resume)

    def _close_watch(self) -> None:
        self.watched = self._watch.close()

    def _take_layers(self) -> Hold | None:
        """Take part in the layer, where something lies in one on disk, and so for longer than this run."""
        for _, place in self._prepared.policy.view.caches:
            os.makedirs(place, 0o700, exist_ok=True)
        layered = [item for item in self._prepared.policy.view.layered if item.directory]
        if not layered:
            return None
        paths = [item.path for item in layered]
        pieces = [path for item in layered for path in item.pieces.layered]
        hold = Hold(os.path.dirname(layered[0].directory), paths, self._tell_wait, pieces)
        self._endings.append(hold.close)
        self._endings.append(self._bring_out)
        try:
            self._bring_in(hold)
        except OSError as error:
            raise EnforcementError(
                f"the layer of {self._prepared.policy.project} cannot be looked at: {error.filename}: {error.strerror}",
                hint="aigate layer discard --all sets all of it aside",
            ) from None
        return hold

    def _bring_in(self, hold: Hold) -> None:
        """Bring logins in, and ask about what former agents left, where nobody else uses the layer."""
        policy, state = self._prepared.policy, self._opening.state
        if hold.alone:
            share(policy, state, before=True)
            review_layer(policy, self._opening.talk.keep)
            return
        layered, logins = logins_of(policy, state)
        if logins is not None and layered in hold.mounts:
            logins.bring(hold.mounts[layered])

    def _bring_out(self) -> None:
        """Bring logins out. Whoever exchanges them while the run lasts must have stopped, before others may begin."""
        self._watch.finish()
        share(self._prepared.policy, self._opening.state, before=False)

    def _tell_wait(self) -> None:
        self._opening.talk.tell(
            ["waiting: another run of this project is just starting, and may be asking you something"]
        )

    def _pipe(self) -> tuple[int, int]:
        ends = os.pipe2(os.O_CLOEXEC)
        self._endings += [lambda: os.close(ends[0]), lambda: os.close(ends[1])]
        return ends

    def _end(self) -> None:
        """Undo everything, the last first, whatever goes wrong with one of them."""
        interrupted: BaseException | None = None
        while self._endings:
            ending = self._endings.pop()
            try:
                self.afterwards(ending)
            except BaseException as error:  # noqa: BLE001 -- the others must be ended, too
                interrupted = interrupted or error
        if interrupted is not None:
            raise interrupted

    def _close_network(self) -> None:
        if self._network is not None:
            self.report = self._network.close()

    def run(self) -> int:
        """Start the command, carry its streams, and return its exit status when everything has ended."""
        debug.log(f"starting {self._prepared.plan.backend}, {len(self._prepared.plan.steps)} mounts")
        # Forked directly one after another: a page that is written to between two forks is copied for each.
        network = self._network = self._begin_network()
        self._watch = self._begin_watch()
        child = self._child = self._start(network)
        try:
            self._as_root(lambda: self._group.admit(child, self._guard.process))
            if self._bits:
                self._bits.begin()
            os.write(self._opener, b"G")
            self.events.started()
            network.attach()
            self._watch.attach(required=self._is_required("watch"))
        except BaseException as error:  # noqa: BLE001 -- whatever it was, the child must not go on
            raise _give_up(child, self._heard) or error from None
        if not gc.isenabled():  # a start has made no garbage; a program that starts runs may have
            gc.freeze()
            gc.enable()
        bundle.let_go()
        if self._watch.unwatched:
            self._opening.talk.tell([unwatched(self._watch.unwatched, self._watch.missed)])
        if self._is_required("watch"):
            self._relay.depend_on(self._watch.heard)
        status = self._relay.carry(child, self._signals)
        if self._relay.forsaken:
            raise EnforcementError(f"the run was ended: {self._watch.why()}, and watch is required")
        return self._finished(status)

    def _is_required(self, name: str) -> bool:
        return name in (*self._opening.config.require, *self._opening.request.require)

    def _start(self, network: Network) -> int:
        """Start the sandbox, which waits until the group admits it, and return its process id."""
        relay = self._relay

        def wait() -> None:
            self._group.wait()
            if self._agent is not None:
                _become_agent(self._agent, relay)

        redirections = relay.redirections()
        around = Surroundings(
            announce=relay.launching,
            network=network.separate,
            enter_network=network.enter,
            redirections=redirections,
            kept=frozenset(relay.handed_over()),
            life=self._guard.life,
            errors=self._errors,
            gate=(self._gate, self._opener),
            console=next((os.ttyname(source) for source, to in redirections if to == 1 and os.isatty(source)), None),
            hand_over=self._watch.enter,
            hand_over_calls=self._watch.hand_over_calls,
            parent=os.getpid(),
            input=self._input,
            layers=self._hold.mounts if self._hold else {},
            watch_required=self._is_required("watch") or self._is_required("late"),
        )
        self._group.close_gate()
        return spawn(self._prepared.plan, relay.init_arguments(), around, wait)

    def _ready(self, process: int) -> None:
        """Do what has to wait until the sandbox is made. process: its process 1."""
        self._group.restrict(process)
        if self._hold:
            self._hold.ready(self._child)

    def _finished(self, status: int) -> int:
        """Write down how the command ended, and return its status or raise what ended it."""
        killed = self._group.out_of_memory
        failure = None if self._relay.started else complaint(self._heard)
        self.afterwards(lambda: self.events.limited(self._group.refused_processes, killed=killed))
        taken = self._terminal.taken if self._terminal else {}
        ended = KilledError.exit_status if killed else status
        self.afterwards(lambda: self.events.ended(ended, self._relay.counts, taken))
        if killed:
            raise self.events.killed()
        if failure is not None:
            raise failure
        if not self._relay.started and self._relay.cancelled < 0 and status != SAID_BY_INIT:
            raise _not_set_up()
        if self._relay.lost and status != SAID_BY_INIT:
            self._troubles.append(LOST)
        if status:
            self.afterwards(lambda: check_output(self._relay))
        else:
            check_output(self._relay)
        return status

    def _as_root(self, act: Callable[[], None]) -> None:
        """Do something that is root's where other files are somebody else's matter."""
        if self._agent is None:
            act()
            return
        from aigate.host.agent import ROOTS_FILES, FilesOf

        with FilesOf(ROOTS_FILES):
            act()


def _become_agent(agent: Account, relay: Relay) -> None:
    """Give this forked process over to the agents' user, or end it."""
    from aigate.host.agent import become

    try:
        become(agent, [source for source, _ in relay.redirections() if os.isatty(source)])
    except OSError as error:
        os.write(2, f"aigate: this cannot run as {agent.name}: {error.strerror}\n".encode())
        os._exit(1)


def _give_up(child: int, heard: int) -> EnforcementError | None:
    """End a child that waits to become the sandbox. Return what it died of by itself, if it did."""
    ended = 0
    with suppress(OSError):  # the gate is closed, so it ends in any case
        ended = os.waitpid(child, os.WNOHANG)[0]
        if not ended:
            os.kill(child, SIGKILL)
            os.waitpid(child, 0)
    with suppress(OSError):  # what it has forked waits for it without end
        os.killpg(child, SIGKILL)
    return complaint(heard) or (_not_set_up() if ended else None)


def _not_set_up() -> EnforcementError:
    from aigate.host.namespaces import why_not

    return EnforcementError("the sandbox could not be set up, and nothing was run", hint=why_not())
