"""The whole way inside one process: the real application with its sockets, the real pipeline, the real hub."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import connections
from django.test import Client

from callcenter.asgi import application
from callcenter.ingest.message import Message, Source
from callcenter.ingest.pipeline import Pipeline, pipeline
from callcenter.ingest.sender import sender
from callcenter.live.hub import Hub, hub
from callcenter.operators.models import Operator
from callcenter.providers.together import end
from tests.live.page import Page, difference
from tests.servers import WAIT_S

ORIGIN = b"http://localhost"


class Browser:
    """One tab: a page that was fetched over HTTP, and its socket."""

    def __init__(self, client: Client, path: str) -> None:
        self.client, self.path = client, path
        self.told: list[str] = []
        self.closed: int | None = None
        self.page: Page
        self.data: dict[str, Any] = {}

    async def open(self, *, view: Any = None, greet: bool = True) -> bool:
        """Fetch the page, connect, say what it shows; False when the socket is refused."""
        if view is None:
            self.page = await sync_to_async(self.fresh)()
            view = json.loads(self.page.root.get("data-view"))
        self.wire = socket_of(self.client)
        accepted, _ = await self.wire.connect(timeout=WAIT_S)
        if accepted and greet:
            await self.say({"since": 0, "view": view})
        return bool(accepted)

    def fresh(self) -> Page:
        answer = self.client.get(self.path)
        assert answer.status_code == 200, answer.status_code
        return Page(answer.content.decode())

    async def say(self, data: Any) -> None:
        await self.wire.send_to(text_data=data if isinstance(data, str) else json.dumps(data))

    async def read(self, *, confirm: bool = True, wait_s: float = 0.05) -> bool:
        """Take one message if there is one."""
        if await self.wire.receive_nothing(timeout=wait_s):
            return False
        message = await self.wire.receive_output(timeout=WAIT_S)
        if message["type"] == "websocket.close":
            self.closed = message.get("code")
            return True
        text = message["text"]
        self.told.append(text)
        data = json.loads(text)
        if content := data.pop("content", ""):
            self.page.take(content)
        self.data.update(data)
        if confirm and "frame" in data:
            await self.say({"seen": data["frame"]})
        return True

    async def read_until(self, ready: Callable[[], bool], *, confirm: bool = True) -> None:
        """Read on until something has come; the wait is generous."""
        deadline = time.monotonic() + WAIT_S
        while not ready():
            assert time.monotonic() < deadline, "it never came"
            await self.read(confirm=confirm)

    async def shows(self, text: str) -> None:
        """Read until the page says this."""
        await self.read_until(lambda: text in self.page.text())

    async def settles(self) -> None:
        """Read until the page is like a fresh one, which must happen and stay."""
        deadline = time.monotonic() + WAIT_S
        while True:
            fresh = await sync_to_async(self.fresh)()
            while await self.read():
                pass
            if self.page == fresh:
                return
            assert time.monotonic() < deadline, difference(self.page, fresh)

    async def is_closed_with(self, code: int) -> None:
        await self.read_until(lambda: self.closed is not None)
        assert self.closed == code


async def until(ready: Callable[[], bool]) -> None:
    """Wait for something that happens in the background; the wait is generous."""
    deadline = time.monotonic() + WAIT_S
    while not ready():
        assert time.monotonic() < deadline, "it never happened"
        await asyncio.sleep(0.02)


def socket_of(client: Client, **headers: str) -> WebsocketCommunicator:
    """A socket with the cookies of this client, from our own origin."""
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    given = [(b"origin", ORIGIN), (b"cookie", cookies.encode())]
    given += [(name.encode(), value.encode()) for name, value in headers.items()]
    return WebsocketCommunicator(application, "/ws/feed/", headers=given)


def signed_in(reader: Operator) -> Client:
    client = Client()
    client.force_login(reader)
    return client


class Network:
    """Browsers and provider lines of one running process."""

    def __init__(self) -> None:
        self.browsers: list[Browser] = []

    async def open(self, reader: Operator, path: str = "/", **options: Any) -> Browser:
        """A tab whose socket was accepted and has said what it shows."""
        browser = Browser(await sync_to_async(signed_in)(reader), path)
        assert await browser.open(**options)
        self.browsers.append(browser)
        return browser

    async def send(self, source: Source, *frames: Any) -> None:
        """Frames through the pipeline, committed when this returns."""
        answer = await pipeline().submit(Message(source, list(frames), datetime.now(UTC)))
        assert answer.rejected == []


@asynccontextmanager
async def network() -> AsyncIterator[Network]:
    """What runs in the background of this loop ends with it."""
    running = Network()
    try:
        yield running
    finally:
        for browser in running.browsers:
            await browser.wire.disconnect(timeout=WAIT_S)
        for worker in (hub(), pipeline()):
            await stop(worker)
        await pipeline().teller.close()
        await sender().close()


async def stop(worker: Hub | Pipeline) -> None:
    """End the tasks and the thread of a worker, and the database connection of its thread."""
    await end(worker.tasks)
    await asyncio.get_running_loop().run_in_executor(worker.thread, connections.close_all)
    worker.thread.shutdown()
