"""A provider that points elsewhere is not followed: the key goes to the address that was typed, or nowhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from callcenter.providers.pinecall.client.network import http_client
from callcenter.providers.sippet.api import Api, Token, Unavailable
from callcenter.providers.sippet.dial import open_socket
from callcenter.providers.sippet.options import SippetOptions, SippetSecrets
from tests.providers.pinecall.client.desk import direct, running, until

KEY = "pk_never-sent-elsewhere"


class Elsewhere:
    """Another server, and one that points to it."""

    def __init__(self) -> None:
        self.visits = self.asked = 0
        self.port = self.pointing = 0

    async def visited(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.close()

    async def point(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        scheme = "ws" if b"websocket" in head else "http"
        place = f"{scheme}://127.0.0.1:{self.port}/client"
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.pointing}"


@asynccontextmanager
async def serving() -> AsyncIterator[Elsewhere]:
    found = Elsewhere()
    async with (
        await asyncio.start_server(found.visited, "127.0.0.1", 0) as other,
        await asyncio.start_server(found.point, "127.0.0.1", 0) as pointing,
    ):
        found.port, found.pointing = other.sockets[0].getsockname()[1], pointing.sockets[0].getsockname()[1]
        yield found


async def test_pinecall_s_socket_is_not_followed_elsewhere():
    async with serving() as server, running(direct(server.url, key=KEY)) as desk:
        await until(lambda: server.asked >= 2 and "answers 302" in desk.everything_said, "it was refused, and tried again")
        assert "points to another address" in desk.everything_said
        assert KEY not in desk.everything_said
    assert server.visits == 0


async def test_sippet_s_socket_and_its_requests_are_not_followed_elsewhere():
    async with serving() as server:
        options = SippetOptions(base_url=server.url)
        with pytest.raises(Unavailable, match=r"was not opened \(302\): it points to another address"):
            async with open_socket(options, Token(KEY, 0.0)):
                pass
        api = Api(options, SippetSecrets(secret_key=KEY))
        with pytest.raises(Unavailable, match="status 302"):
            await api.mint()
        await api.close()
    assert (server.asked, server.visits) == (2, 0)


async def test_requests_to_pinecall_and_to_tools_are_not_followed_elsewhere():
    async with serving() as server, http_client(server.url, 5.0) as client:
        answer = await client.get(server.url, headers={"Authorization": f"Bearer {KEY}"})
        assert answer.status_code == httpx.codes.FOUND
    assert server.visits == 0
