"""A WebSocket client with as little work as possible, so that the server is what is measured.

Masks are zeros: XOR with them changes nothing, so a message is sent as it is.
"""

import asyncio
import base64
import os
import struct
from collections.abc import Callable, Mapping

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
OPEN_S = 30.0


class Refused(Exception):
    """The handshake was answered by something else than 101."""


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One whole message as a client writes it."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + b"\0\0\0\0" + payload


class Wire(asyncio.Protocol):
    """One socket. ``on_text`` gets each text message; nothing is kept."""

    def __init__(self, request: bytes, on_text: Callable[[bytes], None]) -> None:
        self.request, self.on_text = request, on_text
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer = bytearray()
        self.closed = False
        self.received = 0  # bytes
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        self.buffer += data
        if not self.opened.done():
            head, found, rest = bytes(self.buffer).partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.opened.set_exception(Refused(head[:200].decode("latin-1")))
                return
            self.buffer = bytearray(rest)
            self.opened.set_result(None)
        self._read()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if not self.opened.done():
            self.opened.set_exception(exc or Refused("closed before the handshake"))

    def send(self, payload: bytes) -> None:
        self.transport.write(frame(payload))

    def close(self) -> None:
        self.transport.abort()

    def _read(self) -> None:
        buffer, at = self.buffer, 0
        while len(buffer) - at >= 2:
            opcode, size, start = buffer[at] & 15, buffer[at + 1] & 127, at + 2
            if size == 126:
                size, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, start = int.from_bytes(buffer[at + 2 : at + 10], "big"), at + 10
            if len(buffer) < start + size:
                break
            payload, at = bytes(buffer[start : start + size]), start + size
            if opcode == TEXT:
                self.on_text(payload)
            elif opcode == PING:
                self.transport.write(frame(payload, PONG))
            elif opcode == CLOSE:
                self.transport.close()
        del buffer[:at]


async def open_wire(port: int, path: str, headers: Mapping[str, str], on_text: Callable[[bytes], None]) -> Wire:
    """Open a socket to 127.0.0.1. Raises Refused."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(lambda: Wire(request, on_text), "127.0.0.1", port)
    await asyncio.wait_for(wire.opened, OPEN_S)
    return wire
