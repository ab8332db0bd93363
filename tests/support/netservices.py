"""What listens on the lab's internet: HTTP and HTTPS, a TCP and a UDP echo, and a record of who came. One process."""

from __future__ import annotations

import asyncio
import ssl
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

CHUNK = bytes(1 << 16)
ECHO_PORTS = (7, 5353, 5354)
RETRYING_PORT = 8444
HTTP_PORTS = (80, 8080)

# What listens on the host's loopback, and must not be reached: port 7007 of both families, TCP and UDP.
LOOPBACK_SERVICE = """
import selectors, socket
waiting = selectors.DefaultSelector()
for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
    waiting.register(socket.create_server((address, 7007), family=family), 1)
    datagrams = socket.socket(family, socket.SOCK_DGRAM)
    datagrams.bind((address, 7007))
    waiting.register(datagrams, 1)
while True:
    for key, _ in waiting.select():
        if key.fileobj.type == socket.SOCK_STREAM:
            key.fileobj.accept()[0].sendall(b'host')
        else:
            key.fileobj.sendto(b'host', key.fileobj.recvfrom(100)[1])
"""


class Services:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.seen = (directory / "seen").open("a", buffering=1)

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request: /bytes?n=, /redirect?to=, /slow?seconds=, /upload, /switch; anything else says hello."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _ = head.split("\r\n", 1)[0].split(" ", 2)
            self.note(f"http {target}", writer)
            url = urlsplit(target)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            if url.path == "/bytes":
                await self.send_bytes(writer, int(query["n"]))
            elif url.path == "/redirect":
                writer.write(f"HTTP/1.1 302 Found\r\nLocation: {query['to']}\r\nContent-Length: 0\r\n\r\n".encode())
            elif url.path == "/slow":
                await asyncio.sleep(float(query["seconds"]))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nslow\n")
            elif url.path == "/upload":
                await self.count_upload(head, reader, writer)
            elif url.path == "/switch":
                writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: lines\r\n\r\n")
                writer.write((await reader.readline()).upper() + head.encode())
            else:
                body = f"hello {method} {target}\n".encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            writer.close()

    async def send_bytes(self, writer: asyncio.StreamWriter, count: int) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % count)
        while count > 0:
            writer.write(CHUNK[:count])
            count -= len(CHUNK)
            await writer.drain()

    async def count_upload(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = next(
            int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")
        )
        got = 0
        while got < length:
            data = await reader.read(1 << 16)
            if not data:
                return
            got += len(data)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%d" % (len(str(got)), got))

    async def echo(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send everything back; after the other side's end, say how much it was, then end too."""
        self.note("echo", writer)
        total = 0
        try:
            while data := await reader.read(1 << 16):
                if not total:
                    self.note(f"echo {data[:40]!r}", writer)
                total += len(data)
                writer.write(data)
                await writer.drain()
            writer.write(b"\nend %d\n" % total)
            await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    def note(self, what: str, writer: asyncio.StreamWriter) -> None:
        self.seen.write(f"{what} {writer.get_extra_info('sockname')[0]}\n")


class UdpEcho(asyncio.DatagramProtocol):
    def __init__(self, services: Services) -> None:
        self.services = services

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.address = transport.get_extra_info("sockname")[0]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.services.seen.write(f"udp {data[:40]!r} {self.address}\n")
        self.transport.sendto(data, addr)  # type: ignore[attr-defined]


async def main(directory: Path) -> None:
    services = Services(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "site.pem", directory / "site.key")
    retrying = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    retrying.load_cert_chain(directory / "site.pem", directory / "site.key")
    retrying.set_ecdh_curve("secp384r1")  # no client sends a key for it at once: it is asked to say hello again
    loop = asyncio.get_running_loop()
    for address in ("0.0.0.0", "::"):  # noqa: S104
        for port in HTTP_PORTS:
            await asyncio.start_server(services.http, address, port, limit=1 << 20, backlog=1024)
        for port in (443, 8443):
            await asyncio.start_server(services.http, address, port, ssl=context, backlog=1024)
        await asyncio.start_server(services.http, address, RETRYING_PORT, ssl=retrying, backlog=1024)
        for port in ECHO_PORTS:
            await asyncio.start_server(services.echo, address, port, backlog=4096)
    for address in ("192.175.48.10", "192.175.48.20", "192.175.48.11", "2620:4f:8000:1::10", "2620:4f:8000:1::20"):
        for port in (*ECHO_PORTS, 443):
            await loop.create_datagram_endpoint(lambda: UdpEcho(services), local_addr=(address, port))
    (directory / "services.up").touch()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
