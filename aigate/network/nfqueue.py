"""The kernel's packet queue: configuration, packets and verdicts as bytes. Decides nothing.

Formats: linux/netfilter/nfnetlink.h and nfnetlink_queue.h; lengths and netlink headers in the host's byte order,
the contents of attributes in network order. Packets: RFC 791, RFC 8200.
"""

from __future__ import annotations

from _socket import IPPROTO_TCP, IPPROTO_UDP
from _struct import Struct, pack, unpack_from

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NETLINK_NETFILTER = 12
SUBSYSTEM = 3 << 8  # NFNL_SUBSYS_QUEUE
PACKET, VERDICT, CONFIG = 0, 1, 2
NLM_F_REQUEST, NLM_F_ACK = 1, 4
NLMSG_ERROR = 2
COPY_PACKET = 2
COPY_BYTES = 128  # the headers of either family, with options, and the ports
NF_ACCEPT, NF_REPEAT = 1, 4

HEADER = Struct("=IHHII")
GENERIC = Struct("!BBH")
ATTRIBUTE = Struct("=HH")


@record
class Packet:
    """The first packet of something new. number: the queue's name for it. source, destination: packed addresses.

    port: where it goes, or None where the protocol (an IP protocol number) has none or the packet is cut off.
    length: bytes, as the IP header tells.
    """

    number: int
    protocol: int
    source: bytes
    destination: bytes
    port: int | None
    length: int


def configuration(queue: int) -> bytes:
    """Return the messages that make a socket the listener of a queue and ask for each packet's first bytes."""
    command = _attribute(1, pack("!BBH", 1, 0, 0))
    parameters = _attribute(2, pack("!IB", COPY_BYTES, COPY_PACKET))
    return b"".join(_message(CONFIG, queue, body, NLM_F_REQUEST | NLM_F_ACK) for body in (command, parameters))


def verdict(queue: int, number: int, *, accept: bool, mark: int) -> bytes:
    """Return the message that lets a packet go on (accept) or pass its hook's rules again, with a mark set."""
    decision = _attribute(2, pack("!II", NF_ACCEPT if accept else NF_REPEAT, number))
    return _message(VERDICT, queue, decision + _attribute(3, pack("!I", mark)), NLM_F_REQUEST)


def errors(data: bytes) -> Iterator[int]:
    """Yield the error number (0: done) of each acknowledgement in what was read from the socket."""
    for kind, body in _messages(data):
        if kind == NLMSG_ERROR:
            yield -unpack_from("=i", body)[0]


def packets(data: bytes) -> Iterator[Packet]:
    """Yield the packets in what was read from the socket; what is not IP has protocol -1, so that it is judged too."""
    for kind, body in _messages(data):
        if kind == SUBSYSTEM | PACKET:
            attributes = dict(_attributes(body[GENERIC.size :]))
            (number,) = unpack_from("!I", attributes[1])
            yield _packet(number, attributes.get(10, b""))


def _packet(number: int, data: bytes) -> Packet:
    version = data[0] >> 4 if data else 0
    if version == 4 and len(data) >= 20:  # noqa: PLR2004
        start = (data[0] & 15) * 4
        port = _port(data, start, data[9])
        return Packet(number, data[9], data[12:16], data[16:20], port, unpack_from("!H", data, 2)[0])
    if version == 6 and len(data) >= 40:  # noqa: PLR2004
        port = _port(data, 40, data[6])
        return Packet(number, data[6], data[8:24], data[24:40], port, 40 + unpack_from("!H", data, 4)[0])
    return Packet(number, -1, b"", b"", None, len(data))


def _port(data: bytes, start: int, protocol: int) -> int | None:
    if protocol not in (IPPROTO_TCP, IPPROTO_UDP) or len(data) < start + 4:
        return None
    port: int = unpack_from("!H", data, start + 2)[0]
    return port


def _message(kind: int, queue: int, body: bytes, flags: int) -> bytes:
    generic = GENERIC.pack(0, 0, queue)
    length = HEADER.size + len(generic) + len(body)
    return HEADER.pack(length, SUBSYSTEM | kind, flags, 0, 0) + generic + body


def _attribute(kind: int, content: bytes) -> bytes:
    length = ATTRIBUTE.size + len(content)
    return ATTRIBUTE.pack(length, kind) + content + bytes(-length % 4)


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + HEADER.size <= len(data):
        length, kind, _, _, _ = HEADER.unpack_from(data, position)
        if length < HEADER.size:
            return
        yield kind, data[position + HEADER.size : position + length]
        position += (length + 3) & ~3


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + ATTRIBUTE.size <= len(data):
        length, kind = ATTRIBUTE.unpack_from(data, position)
        if length < ATTRIBUTE.size:
            return
        yield kind & 0x3FFF, data[position + ATTRIBUTE.size : position + length]
        position += (length + 3) & ~3
