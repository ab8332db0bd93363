"""The process behind the hooks: rules compiled once, requests on a socket, an end after a time without any.

Owns the socket and the threads; what is answered is decided in `answers`. The protocol is native/hook.c's.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import json
import os
import socket
import struct
import threading
import time

from aigate.hook.agents import BY_NAME, placed
from aigate.hook.answers import answer
from aigate.hook.database import scrub_database
from aigate.hook.scrub import scrub
from aigate.isolation import callers_environment
from aigate.reading import read_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from aigate._masker import Masker
    from aigate.hook.agents import Agent

IDLE_SECONDS = 900.0
AGAIN_SECONDS = 0.05
SCRUB_AFTER_SECONDS = (0.0, 0.1, 0.4, 1.5, 6.0)
MOST_DESCRIPTORS = 4
MESSAGE = 64
LARGEST_EVENT = 256 << 20
CREDENTIALS = struct.Struct("3i")  # struct ucred: unix(7)


class Service:
    """A socket, and who is answered there. rules: gives the masker; asked each time, so that it may change.

    idle: seconds without a request after which it ends.
    """

    def __init__(self, path: str, rules: Callable[[], Masker], *, idle: float = IDLE_SECONDS) -> None:
        """Listen nowhere yet."""
        self.path, self.rules, self.idle = path, rules, idle
        self.busy = 0
        self.lock = threading.Lock()
        self.last = time.monotonic()

    def serve(self) -> None:
        """Answer until nobody has asked for long. Returns at once where another one answers there already."""
        directory = os.path.dirname(self.path)
        with open(os.path.join(directory, "lock"), "wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
                listener.bind(self.path)
                os.chmod(self.path, 0o600)
                listener.listen(64)
                listener.settimeout(self.idle)
                try:
                    self._accept(listener)
                finally:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(self.path)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                with self.lock:
                    if not self.busy:
                        return
                continue
            except OSError:  # no descriptor is left for now
                time.sleep(AGAIN_SECONDS)
                continue
            with self.lock:
                self.busy += 1
            try:
                threading.Thread(target=self._handle, args=(connection,), daemon=True).start()
            except (RuntimeError, MemoryError):  # no thread is left: whoever asked sees that there is no answer
                connection.close()
                with self.lock:
                    self.busy -= 1

    def _handle(self, connection: socket.socket) -> None:
        try:
            with connection:
                self._answer(connection)
        except Exception:  # noqa: BLE001, S110 -- whoever asked sees that there is no answer, and stops
            pass
        finally:
            with self.lock:
                self.busy -= 1

    def _answer(self, connection: socket.socket) -> None:
        peer = CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))
        text, descriptors, _, _ = socket.recv_fds(connection, MESSAGE, MOST_DESCRIPTORS)
        try:
            if peer[1] != os.geteuid():
                return
            if text[:1] == b"E":
                self._event(connection, text[1:].decode(), descriptors)
            elif text[:1] == b"S":
                masker = self.rules()
                connection.send(b"A")
                self._copy(masker, descriptors)
                connection.send(b"K")
        finally:
            _close(descriptors)

    def _event(self, connection: socket.socket, agent: str, descriptors: list[int]) -> None:
        source, target = descriptors
        with open(source, "rb", closefd=False) as file:
            event = json.loads(read_from(file, LARGEST_EVENT))
        masker = self.rules()
        made = answer(event, masker, agent)
        _write_all(target, made.text.encode())
        connection.send(b"K")
        _close(descriptors)  # some agents wait for the output's end, and scrubbing takes a while
        path = _transcript(agent, event)
        if made.transcript_holds and path is not None and agent in BY_NAME:
            _scrub_again(BY_NAME[agent], path, masker)

    def _copy(self, masker: Masker, descriptors: list[int]) -> None:
        """Copy each first descriptor of a pair to the second one, masked, until all have ended."""
        threads = []
        while len(descriptors) > 2:  # noqa: PLR2004 -- the last pair is this thread's own
            thread = threading.Thread(target=_pump, args=(masker, *descriptors[:2]), daemon=True)
            thread.start()
            del descriptors[:2]  # by now it closes them
            threads.append(thread)
        if len(descriptors) > 1:
            pair = (descriptors.pop(0), descriptors.pop(0))
            _pump(masker, *pair)
        for thread in threads:
            thread.join()


def _close(descriptors: list[int]) -> None:
    while descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptors.pop())


def _transcript(agent: str, event: dict[str, Any]) -> str | None:
    """Return the file that an event is written down in: it is named, or, as by Copilot CLI, known by its session."""
    path, session = event.get("transcript_path"), event.get("sessionId")
    if isinstance(path, str):
        return path
    if agent != "copilot" or not isinstance(session, str) or not session.replace("-", "").isalnum():
        return None
    environment = callers_environment()
    return placed(f"~/.copilot/session-state/{session}/events.jsonl", environment.get("HOME", "/"), environment)


def _scrub_again(agent: Agent, path: str, masker: Masker) -> None:
    """Scrub a transcript now and a few times more: the agent writes down what happened when the hook has answered."""
    databases = list(_databases(agent, path))
    for pause in SCRUB_AFTER_SECONDS:
        time.sleep(pause)
        if path not in databases:
            scrub(path, masker, change=True)
        for database in databases:
            scrub_database(database, masker, change=True)


def _databases(agent: Agent, transcript: str) -> Iterator[str]:
    """Yield the databases that an agent keeps in the same directory of its own as a transcript."""
    environment = callers_environment()
    for pattern in agent.databases:
        own, name = os.path.split(pattern)
        before, found, _ = transcript.rpartition(f"/{os.path.basename(own)}/")
        directory = before + found if found else placed(f"{own}/", environment.get("HOME", "/"), environment)
        yield from glob.iglob(os.path.join(glob.escape(directory), name))


def _pump(masker: Masker, source: int, target: int) -> None:
    try:
        masker.pump(source, target)
    except OSError:  # the agent has gone: what the command still says is for nobody
        pass
    finally:
        os.close(source)
        os.close(target)


def _write_all(target: int, text: bytes) -> None:
    while text:
        text = text[os.write(target, text) :]
