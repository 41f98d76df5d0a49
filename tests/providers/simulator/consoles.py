"""A tiny console: a real ingest socket on loopback that acknowledges, cuts, and sends commands."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from callcenter.providers.simulator.options import Options, Target
from callcenter.providers.simulator.world import Plan

TOKENS = {"pinecall-demo": "secret-p", "sippet-demo": "secret-s"}


class TinyConsole:
    """Keeps every committed envelope; ``cut_every`` messages it drops the line without an answer."""

    def __init__(self) -> None:
        self.url = ""
        self.cut_every = 0
        self.deaf = False
        self.messages: list[str] = []
        self.committed: dict[tuple[str, int], list[Any]] = {}
        self.repeated = 0
        self.unreadable = 0
        self.answers: list[dict[str, Any]] = []
        self.sockets: list[ServerConnection] = []
        self.most_at_once = 0

    def check(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse a wrong token or an unknown connection before the socket opens."""
        slug = request.path.strip("/").rsplit("/", 1)[-1]
        if request.headers.get("Authorization") != f"Bearer {TOKENS.get(slug)}":
            return connection.respond(HTTPStatus.FORBIDDEN, "no")
        return None

    async def talk(self, connection: ServerConnection) -> None:
        """One socket's life."""
        self.sockets.append(connection)
        try:
            async for message in connection:
                text = message if isinstance(message, str) else message.decode()
                self.messages.append(text)
                if self.cut_every and len(self.messages) % self.cut_every == 0:
                    connection.transport.abort()
                    return
                if not self.deaf:
                    await self.answer(connection, text)
        except ConnectionClosed:
            pass

    async def answer(self, connection: ServerConnection, text: str) -> None:
        """Commit and acknowledge an envelope; note an answer to a command."""
        try:
            said = json.loads(text)
        except ValueError:
            said = None
        if isinstance(said, dict) and ("command" in said or said.get("event") == "pong"):
            self.answers.append(said)
        elif isinstance(said, dict) and isinstance(said.get("id"), int):
            key = (said["stream"], said["id"])
            self.repeated += key in self.committed
            self.committed.setdefault(key, said["frames"])
            await connection.send(json.dumps({"ack": said["id"], "accepted": len(said["frames"]), "duplicates": 0, "rejected": []}))
        else:
            self.unreadable += 1
            await connection.send(json.dumps({"error": "unreadable"}))

    def frames(self, slug: str = "") -> list[Any]:
        """Every committed frame, in order of the envelopes' numbers."""
        keys = sorted(key for key in self.committed if slug in key[0])
        return [frame for key in keys for frame in self.committed[key]]

    async def until(self, ready: Any, what: str) -> Any:
        """Wait generously for something to become true."""
        for _ in range(1500):
            value = ready()
            if value:
                return value
            await asyncio.sleep(0.02)
        raise AssertionError(f"never happened: {what}")


@asynccontextmanager
async def tiny_console() -> AsyncIterator[TinyConsole]:
    """A console on a free port."""
    console = TinyConsole()
    async with serve(console.talk, "127.0.0.1", 0, process_request=console.check, max_size=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        console.url = f"ws://127.0.0.1:{port}"
        yield console


def options(console: TinyConsole, plan: Plan | None = None, **more: Any) -> Options:
    """A short, lively run against a console."""
    slugs = more.pop("slugs", ("pinecall-demo", "sippet-demo"))
    found = tuple(Target(slug, TOKENS[slug], slug.split("-")[0]) for slug in slugs)
    lively = plan or Plan(calls=15, rate=50, speed=10, meters=5)
    return Options(url=console.url, targets=found, seed="socket", run="t", plan=lively, **{"duration": 1.5, **more})
