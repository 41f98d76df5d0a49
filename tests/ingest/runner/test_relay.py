"""The line between the runner and ingest: what ingest asks is answered, and an ingest that falls silent is left."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from websockets.asyncio.server import ServerConnection, serve

from callcenter.ingest.runner import relay as relaying
from callcenter.ingest.runner.book import Book
from callcenter.ingest.runner.giving import Giver
from callcenter.ingest.runner.relay import Relay
from callcenter.ingest.runner.store import Store


@asynccontextmanager
async def relayed(
    store: Store, ingest: Callable[[ServerConnection], Awaitable[None]], *, may_act: bool = True
) -> AsyncIterator[tuple[Relay, list[str]]]:
    """A relay that runs against this ingest, and the troubles that it tells."""
    troubles: list[str] = []
    async with serve(ingest, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        relay = Relay(f"ws://127.0.0.1:{port}", "run_token", store, lambda: may_act, troubles.append)
        task = asyncio.create_task(relay.run())
        try:
            yield relay, troubles
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            store.close()


async def test_a_command_that_comes_to_a_runner_without_the_lease_is_answered_as_failed(tmp_path: Path) -> None:
    answers: asyncio.Queue[Any] = asyncio.Queue()

    async def ingest(socket: ServerConnection) -> None:
        await socket.send('{"id":"c-1","command":{"event":"call.hangup"}}')
        async for message in socket:
            answers.put_nowait(orjson.loads(message))

    async with relayed(Store(tmp_path, 1, 10_000_000), ingest, may_act=False) as (relay, _):
        giver = Giver("line", Book(1, 1, str), relay.answer, relay.may_act)
        relay.command = giver.take
        async with asyncio.timeout(30):
            answer = await answers.get()
    assert answer == {"command": "c-1", "status": "failed", "error": "This runner does not hold the lease."}


async def test_an_ingest_that_acknowledges_nothing_is_left_and_gets_the_same_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaying, "ACK_S", 0.3)
    store = Store(tmp_path, 1, 10_000_000)
    store.put(["a"])
    heard: list[str] = []
    acknowledged = asyncio.Event()

    async def ingest(socket: ServerConnection) -> None:
        deaf = not heard
        async for message in socket:
            heard.append(str(message))
            if not deaf:
                await socket.send(orjson.dumps({"ack": orjson.loads(message)["id"]}).decode())
                acknowledged.set()

    async with relayed(store, ingest) as (_, troubles), asyncio.timeout(30):
        await acknowledged.wait()
    assert heard[0] == heard[1]
    assert troubles[0].startswith("Ingest acknowledged nothing for")
