"""After a late cover the namespaces below are looked at again and again: a call that was let pass may come late."""

from __future__ import annotations

import pytest

from aigate.watch import nested


class Covers:
    def __init__(self) -> None:
        self.times: list[float] = []

    def cover_in(self, process: int, covers: dict[str, bool]) -> None:
        assert (process, covers) == (7, {"/it": True})
        self.times.append(nested.time.monotonic())


class Gate:
    def close(self) -> list[int]:
        return [7]

    def again(self) -> list[int]:
        return [7]


def test_it_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now, covers = [100.0], Covers()
    monkeypatch.setattr(nested, "time", type("Clock", (), {"monotonic": staticmethod(lambda: now[0])}))
    watched = nested.Nested(covers, "/project", lambda *_: None)
    watched._gate = Gate()
    assert watched.pause(None) is None
    watched.note("/it", hidden=True)
    while now[0] < 200:
        watched.close()
        pause = watched.pause(None)
        if pause is None:
            break
        now[0] += pause / 1000
    assert [round(each - 100, 1) for each in covers.times] == [0, *(round(each, 1) for each in nested.AGAIN_SECONDS)]
