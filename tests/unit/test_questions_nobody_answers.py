"""A question that nobody answers is a no: after its time, at the end, where the terminal is somebody else's."""

from __future__ import annotations

from socket import AF_UNIX, SOCK_SEQPACKET, socket, socketpair
from typing import TYPE_CHECKING, Any

import pytest

from aigate.streams import questions as module
from aigate.streams.questions import Questions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Loop:
    """Calls when the test says so."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.call: Callable[[int], object] = lambda _: None

    def watch(self, _descriptor: int, call: Callable[[int], object]) -> None:
        self.call = call

    def forget(self, _descriptor: int) -> None:
        self.call = lambda _: None

    def later(self, seconds: float, call: Callable[[], None]) -> Any:
        self.timers.append((seconds, call))
        return self

    def cancel(self) -> None:
        """Nothing is called by itself here."""


class Place:
    """A terminal of 20 rows and who asks."""

    def __init__(self, attended: bool = True) -> None:
        self.asks, ours = socketpair(AF_UNIX, SOCK_SEQPACKET)
        self.asks.setblocking(False)
        self.ours: socket = ours
        self.loop, self.shown, self.told = Loop(), b"", list[tuple[str, int, str]]()
        self.questions = Questions(ours, lambda *words: self.told.append(words))
        self.questions.serve(self.loop, self._show, lambda: attended)  # type: ignore[arg-type]
        self.questions.row.resize(20, 80)
        self.questions.row.begin()

    def _show(self, data: bytes) -> None:
        self.shown += data

    def ask(self, words: bytes) -> None:
        self.asks.send(words)
        self.loop.call(1)

    def heard(self) -> bytes:
        return self.asks.recv(100)


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    one = Place(*getattr(request, "param", ()))
    yield one
    one.asks.close()
    one.ours.close()


def test_after_its_time(place: Place) -> None:
    place.ask(b"1 far.example 443")
    assert b"reach far.example:443?" in place.shown
    ((_, over),) = [one for one in place.loop.timers if one[0] == module.LIMIT_SECONDS]
    over()
    assert place.heard() == b"1 -"
    assert place.told == [("far.example", 443, "nobody answered")]
    assert place.questions.typed(b"o") == b"o", "and the row asks for nothing any more"


def test_at_the_runs_end(place: Place) -> None:
    place.ask(b"1 far.example 443")
    place.ask(b"2 other.example 443")
    place.questions.close()
    assert [place.heard(), place.heard()] == [b"1 -", b"2 -"]


@pytest.mark.parametrize("place", [(False,)], indirect=True)
def test_where_the_terminal_is_somebody_elses(place: Place) -> None:
    place.ask(b"1 far.example 443")
    assert place.heard() == b"1 -"
    assert place.shown.count(b"reach") == 0


def test_keys_count_half_a_second_after_they_are_offered(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    place.ask(b"1 far.example 443")
    place.ask(b"2 other.example 80")
    now[0] += 0.4
    assert place.questions.typed(b"a") == b"a"
    now[0] += 0.2
    assert place.questions.typed(b"x") == b"x", "what is no answer is the command's"
    assert place.questions.typed(b"a") == b""
    assert place.heard() == b"1 a"
    assert place.questions.always == ["far.example:443"]
    assert place.questions.typed(b"a") == b"a", "it was not typed for the next question"
    now[0] += 0.6
    assert place.questions.typed(b"n") == b""
    assert place.heard() == b"2 n"


def test_a_row_that_cannot_be_drawn_yet_is_not_answered(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    place.questions.row.passed(b"\x1b7 the command has saved the cursor")
    place.ask(b"1 far.example 443")
    now[0] += 5
    assert b"reach" not in place.shown
    assert place.questions.typed(b"o") == b"o"
    place.questions.row.passed(b"\x1b8")
    place.questions.look()
    assert b"reach" in place.shown
