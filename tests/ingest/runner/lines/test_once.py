"""A command that comes again under its id, on the same socket or the next, is given to the provider once: by the real clients."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from msgspec import Struct
from websockets.asyncio.server import ServerConnection

from callcenter.ingest.runner.book import Book
from callcenter.ingest.runner.giving import Giver
from callcenter.ingest.runner.store import Store
from callcenter.ingest.runner.upward import Up
from callcenter.providers.client import Client
from callcenter.providers.sippet.client import SippetClient
from callcenter.providers.sippet.options import SippetOptions, SippetSecrets
from tests.fakes.pinecall import PinecallService, serve_pinecall
from tests.fakes.sippet import KEY, fake_sippet
from tests.ingest.runner.test_relay import relayed
from tests.providers.pinecall.client.desk import direct, until

Json = dict[str, Any]


class Desk(Struct):
    """A client, two commands that it may be given, and what its provider was asked to do."""

    client: Client
    commands: tuple[Json, Json]
    done: Callable[[], list[Any]]


@asynccontextmanager
async def pinecall() -> AsyncIterator[Desk]:
    async with serve_pinecall(PinecallService()) as service:
        first, second = ({"event": "call.dtmf", "agent_id": "frontdesk", "call_id": "CA1", "digits": digits} for digits in "12")
        yield Desk(direct(service.url), (first, second), lambda: [frame for frame in service.received if frame["event"] == "call.dtmf"])


@asynccontextmanager
async def sippet() -> AsyncIterator[Desk]:
    async with fake_sippet() as service:
        calls = [await service.begin(), await service.begin()]
        first, second = ({"action": "end_call", "input": {"callUuid": call}} for call in calls)
        client = SippetClient(SippetOptions(base_url=service.url), SippetSecrets(secret_key=KEY), Random("once"))
        deeds = dict(zip(calls, (first, second), strict=True))
        yield Desk(client, (first, second), lambda: [deeds[call] for _, call in service.deeds])


def repeating(first: Json, second: Json) -> Callable[[ServerConnection], Awaitable[None]]:
    """An ingest that gives the first command twice, loses its line, and gives it again before the second."""
    lives = 0

    async def ingest(socket: ServerConnection) -> None:
        nonlocal lives
        async for message in socket:
            said = orjson.loads(message)
            if said.get("commands") == "yes":
                lives += 1
                again = orjson.dumps({"id": "c-1", "command": first}).decode()
                await socket.send(again)
                await socket.send(again)
                if lives > 1:
                    await socket.send(orjson.dumps({"id": "c-2", "command": second}).decode())
            elif "frames" in said:
                await socket.send(orjson.dumps({"ack": said["id"]}).decode())
            elif said.get("status") == "sent" and lives == 1:
                socket.transport.abort()

    return ingest


@pytest.mark.parametrize("provider", [pinecall, sippet])
async def test_a_command_with_a_repeated_id_is_done_once(provider: Callable[[], Any], tmp_path: Path) -> None:
    store, book = Store(tmp_path, 1, 10_000_000), Book(1, 1, str)
    async with provider() as desk, relayed(store, repeating(*desk.commands)) as (relay, _):
        giver = Giver("line", book, relay.answer, relay.may_act)
        relay.command = giver.take
        giver.client = desk.client
        running = asyncio.create_task(desk.client.run(Up(store, relay, book, carries_commands=True)))
        try:
            await until(lambda: desk.commands[1] in desk.done(), "the second command, which comes after every repetition of the first")
            await until(lambda: not giver.tasks, "nothing is being given")
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await giver.close()
        assert desk.done() == list(desk.commands)
