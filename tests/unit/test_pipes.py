"""Which standard streams the command may hold itself."""

from __future__ import annotations

import os
import socket

import pytest

from aigate.streams.pipes import can_connect_anew


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_SEQPACKET])
def test_one_of_a_pair_stays_connected(kind: int) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
    with ours, theirs:
        assert not can_connect_anew(ours.fileno())


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET])
def test_one_that_is_not_connected_can_be(kind: int) -> None:
    with socket.socket(socket.AF_UNIX, kind) as alone:
        assert can_connect_anew(alone.fileno())


def test_datagrams_and_the_internets_can_be() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs, socket.create_server(("127.0.0.1", 0)) as server:
        assert can_connect_anew(ours.fileno())
        assert can_connect_anew(server.fileno())
        with socket.create_connection(server.getsockname()) as client:
            assert can_connect_anew(client.fileno())


def test_what_is_no_socket_cannot_be() -> None:
    source, sink = os.pipe()
    try:
        assert not can_connect_anew(source)
    finally:
        os.close(source)
        os.close(sink)
