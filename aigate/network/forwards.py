"""Single ports of loopback, carried between the host and the sandbox. Decides nothing: the config names each port.

Of the host's loopback only a port that `allow_net` names as localhost:port can be reached inside, and of the sandbox's
only one that `ports` names on the host; each listens under its own number on both loopback addresses.
"""

from __future__ import annotations

from errno import EACCES, EADDRINUSE
from socket import AF_INET, AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

from aigate.errors import EnforcementError
from aigate.network.dial import Attempt
from aigate.network.listening import serve
from aigate.network.tunnels import Tunnel, reset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aigate.streams.loop import Loop

PLACES = ((AF_INET, "127.0.0.1"), (AF_INET6, "::1"))
BACKLOG = 1024


def forward(loop: Loop, listener: socket, make: Callable[[int], socket]) -> None:
    """Carry every connection to a listener to its port on the loopback that `make`'s sockets are for."""
    port = listener.getsockname()[1]

    def take(near: socket) -> None:
        def connected(far: socket | None) -> None:
            if far is None:
                reset(near)
            else:
                Tunnel(loop, near, far).start()

        Attempt(loop, connected, make).loopback(port)

    serve(loop, listener, take)


HINTS = {
    EADDRINUSE: "end what listens there, or take another port",
    EACCES: "take one from 1024 on: those below are root's (sysctl net.ipv4.ip_unprivileged_port_start)",
}


def listen_on_host(ports: Iterable[int]) -> list[socket]:
    """Take ports of the host's loopback. Raises EnforcementError for one that cannot be had."""
    return [listener for port in ports for family, place in PLACES if (listener := _listen(family, place, port))]


def _listen(family: int, place: str, port: int) -> socket | None:
    """Return a listener; None where the host has no IPv6."""
    try:
        listener = socket(family, SOCK_STREAM)
    except OSError:
        return None
    try:
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        if family == AF_INET6:
            listener.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)
        listener.bind((place, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if family == AF_INET6 and error.errno not in (EADDRINUSE, EACCES):
            return None
        hint = HINTS.get(error.errno or 0)
        raise EnforcementError(f"ports: {port} of {place} cannot be had: {error.strerror}", hint=hint) from None
    return listener
