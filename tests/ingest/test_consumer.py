"""The ingest socket when something goes wrong: it ends as a whole, and nothing is taken or answered beside the rest."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError

from callcenter.commands.models import OpenSocket
from callcenter.ingest.consumer import IngestConsumer
from callcenter.ingest.sender import sender
from tests.ingest.doors import WAIT_S, Door

REPLY = f'{{"command": "{uuid4()}", "status": "failed", "error": "no such call"}}'


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[IngestConsumer]:
    """The consumers of all sockets that were opened, oldest first."""
    found: list[IngestConsumer] = []
    connect = IngestConsumer.connect

    async def noted(self: IngestConsumer) -> None:
        found.append(self)
        await connect(self)

    monkeypatch.setattr(IngestConsumer, "connect", noted)
    return found


def away(*_arguments: Any) -> None:
    raise OperationalError("the database restarts")


async def assert_nothing_is_left(door: Door, consumer: IngestConsumer) -> None:
    """The sender does not know the socket any more, nor does its table, and its tasks have ended."""
    door.communicators.clear()  # what has ended by itself raises again when it is disconnected
    assert sender().held == {}
    assert await OpenSocket.objects.acount() == 0
    await asyncio.wait_for(asyncio.gather(*consumer.tasks, return_exceptions=True), WAIT_S)


@pytest.mark.parametrize(("broken", "text"), [("outbox.refuse", REPLY), ("sockets.register", '{"commands":"yes"}')])
async def test_a_socket_whose_message_finds_no_database_is_not_chosen_for_commands_any_more(
    door: Door, made: list[IngestConsumer], monkeypatch: pytest.MonkeyPatch, broken: str, text: str
) -> None:
    socket = await door.open()
    if "register" in broken:
        await socket.say('{"commands":"no"}')
        await socket.ask({"event": "ping"})
    with monkeypatch.context() as patch:
        patch.setattr(f"callcenter.ingest.sender.{broken}", away)
        await socket.say(text)
        with pytest.raises(OperationalError):
            await socket.communicator.wait(WAIT_S)
    await assert_nothing_is_left(door, made[0])


async def test_a_socket_whose_server_stops_is_not_chosen_for_commands_any_more(door: Door, made: list[IngestConsumer]) -> None:
    socket = await door.open()
    assert await OpenSocket.objects.acount() == 1
    socket.communicator.future.cancel()
    await socket.communicator.wait(WAIT_S)
    await assert_nothing_is_left(door, made[0])
