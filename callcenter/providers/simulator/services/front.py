"""One port for HTTP and WebSocket, as providers have it. Upgrades are passed on, byte for byte, to a WebSocket server behind."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
from msgspec import Struct
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

HEAD = 64 * 1024
BODY = 8 * 1024 * 1024
PIECE = 64 * 1024


class Asked(Struct, frozen=True):
    """One HTTP request; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Told(Struct, frozen=True):
    """Its answer: ``body`` is JSON of any value, or the bytes themselves."""

    status: int
    body: Any = None
    headers: dict[str, str] = {}


Answer = Callable[[Asked], Awaitable[Told]]
Talk = Callable[[ServerConnection], Awaitable[None]]
Gate = Callable[[ServerConnection, Request], Response | None]


class Front:
    """``lines``: the clients' ends of the open WebSockets, to be cut without a word."""

    def __init__(self, answer: Answer, behind: int) -> None:
        self.answer, self.behind = answer, behind
        self.lines: set[asyncio.StreamWriter] = set()
        self.open: set[asyncio.StreamWriter] = set()  # those and what is kept open for further requests

    def cut(self) -> int:
        """As a network does it. Returns how many lines were cut."""
        lines, self.lines = self.lines, set()
        for line in lines:
            line.transport.abort()
        return len(lines)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection, for as many requests as it sends."""
        self.open.add(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                asked = parse_head(head)
                if asked.headers.get("upgrade", "").lower() == "websocket":
                    await self._pass_on(head, reader, writer)
                    return
                length = min(int(asked.headers.get("content-length") or 0), BODY)
                told = await self.answer(Asked(asked.method, asked.path, asked.headers, await reader.readexactly(length)))
                writer.write(encode(told))
                await writer.drain()
        except (OSError, ValueError, IndexError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self.open.discard(writer)
            writer.close()

    def close(self) -> None:
        """At the end of the service."""
        for writer in self.open:
            writer.transport.abort()

    async def _pass_on(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner = await asyncio.open_connection("127.0.0.1", self.behind)
        self.lines.add(writer)
        inner.write(head)
        ways = [asyncio.create_task(pipe(reader, inner)), asyncio.create_task(pipe(inner_reader, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.lines.discard(writer)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            inner.close()


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until either end is gone."""
    with suppress(OSError):
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()


def parse_head(head: bytes) -> Asked:
    """Raises ValueError, IndexError for what is no request."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return Asked(method, path, headers, b"")


def encode(told: Told) -> bytes:
    body = told.body if isinstance(told.body, bytes) else msgspec.json.encode(told.body)
    lines = [f"HTTP/1.1 {told.status} -", "content-type: application/json", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in told.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@asynccontextmanager
async def open_front(answer: Answer, talk: Talk, gate: Gate, host: str, port: int) -> AsyncIterator[tuple[Front, int]]:
    """The front and its port (``port`` 0 = a free one)."""
    async with serve(talk, "127.0.0.1", 0, process_request=gate, compression=None, ping_interval=None, close_timeout=1) as behind:
        front = Front(answer, next(iter(behind.sockets)).getsockname()[1])
        server = await asyncio.start_server(front.serve, host, port, limit=HEAD)
        try:
            yield front, server.sockets[0].getsockname()[1]
        finally:
            front.close()
            server.close()
