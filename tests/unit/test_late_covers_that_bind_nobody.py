"""Where nobody judges the calls that change mounts, the first late cover says so; without one nothing is to be said."""

from __future__ import annotations

from _socket import AF_UNIX, SOCK_SEQPACKET, socketpair
from select import poll
from types import SimpleNamespace

import pytest

from aigate.watch.model import Notice, WatchReport
from aigate.watch.nested import Nested
from aigate.watch.notices import summary


@pytest.mark.parametrize("covered", [True, False])
def test_it_is_told_with_the_first_cover(covered: bool) -> None:
    said: list[tuple[str, str, str]] = []
    nested = Nested(SimpleNamespace(), "/project", lambda *words: said.append(words))
    ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
    nested.follow(ours, 1)
    waiting = poll()
    nested.register(waiting)
    nested.note("/project/.env", hidden=True)
    nested.close()
    assert not said, "who judges may come yet"
    theirs.close()
    assert nested.answer(dict(waiting.poll()), waiting)
    if covered:
        nested.close()
        assert said == [("ungated", "/project", "")]
        assert summary(WatchReport((Notice(*said[0]),)), "/project") == [
            "/project: what was covered during the run does not bind mount namespaces that the agent made"
        ]
    else:
        assert not said
