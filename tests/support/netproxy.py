"""A proxy as companies have them: CONNECT and absolute requests, with a password, on the host's loopback.

    python3 netproxy.py LOG

Writes each request's first line, and with which credentials it came, to LOG. Knows a name that no name server knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from urllib.parse import urlsplit

PORT = 3128
EXPECTED = "Basic " + "dXNlcjpwYSBzcw=="  # user:pa ss
KNOWN = {"inside-only.test": "192.175.48.10"}


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


async def connected(host: str | None, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    """Connect, once more where a busy machine has not answered the question for an address of the link in time."""
    for _ in range(3):
        try:
            return await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.2)
    return None


async def serve(log: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *fields = head.split("\r\n")
    given = next((field.split(": ", 1)[1] for field in fields if field.lower().startswith("proxy-auth")), "nobody")
    with log.open("a") as file:
        file.write(f"{line} {'known' if given == EXPECTED else given}\n")
    method, target, _ = line.split(" ")
    if given != EXPECTED:
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        return
    url = urlsplit(f"//{target}" if method == "CONNECT" else target)
    far = await connected(KNOWN.get(url.hostname or "", url.hostname), url.port or 80)
    if far is None:
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        return
    if method == "CONNECT":
        writer.write(b"HTTP/1.1 200 OK\r\nX-Proxy: yes\r\n\r\n")
    else:
        far[1].write(f"{method} {url.path} HTTP/1.1\r\nHost: {url.hostname}\r\nConnection: close\r\n\r\n".encode())
    await asyncio.gather(pump(reader, far[1]), pump(far[0], writer))


async def main(log: Path) -> None:
    server = await asyncio.start_server(lambda reader, writer: serve(log, reader, writer), "127.0.0.1", PORT)
    log.touch()  # noqa: ASYNC240 -- nothing else waits
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
