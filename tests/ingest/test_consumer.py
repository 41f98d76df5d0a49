"""The ingest socket when something goes wrong: it ends as a whole, and nothing is taken or answered beside the rest."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.db import InterfaceError, OperationalError

from callcenter.commands.models import OpenSocket
from callcenter.ingest.consumer import REVOKED, TRY_LATER, IngestConsumer
from callcenter.ingest.message import Answer
from callcenter.ingest.pipeline import pipeline
from callcenter.ingest.sender import sender
from callcenter.ingest.writer import Writer
from tests.ingest.doors import WAIT_S, Door, Socket
from tests.ingest.frames import said

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


@pytest.mark.parametrize(
    ("broken", "text"), [("outbox.refuse", REPLY), ("sockets.register", '{"commands":"yes"}')], ids=["an answer", "a wish"]
)
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


def envelope(number: int) -> dict[str, Any]:
    return {"stream": "s", "id": number, "frames": [said(None, f"line {number}")]}


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Two messages may wait for their commit, and none is committed until this is set."""
    free, write = threading.Event(), Writer.write

    def held(self: Writer, *arguments: Any, **more: Any) -> Any:
        free.wait(WAIT_S)
        return write(self, *arguments, **more)

    monkeypatch.setattr(Writer, "write", held)
    monkeypatch.setattr("callcenter.ingest.consumer.WAITING_MESSAGES", 2)
    return free


async def crowd(socket: Socket, consumer: IngestConsumer) -> None:
    """The first message is being answered, two have room, and the fourth has none."""
    for number in range(1, 5):
        await socket.say(orjson.dumps(envelope(number)).decode())
        await in_time(lambda number=number: consumer.answers.qsize() == min(number - 1, 2))  # type: ignore[misc]
    assert await socket.communicator.receive_output(WAIT_S) == {"type": "websocket.close", "code": TRY_LATER}


async def test_what_comes_behind_a_message_that_found_no_room_is_not_taken_so_that_both_can_be_sent_again(
    door: Door, made: list[IngestConsumer], crowded: threading.Event
) -> None:
    socket = await door.open()
    await crowd(socket, made[0])
    crowded.set()
    await in_time(lambda: not pipeline().waiting and not pipeline().writing)
    await socket.say(orjson.dumps(envelope(5)).decode())
    again = await door.open()
    assert [(await again.ask(envelope(number)))["accepted"] for number in (3, 4, 5)] == [0, 1, 1]


async def test_a_socket_that_is_closing_is_not_chosen_for_commands_any_more(
    door: Door, made: list[IngestConsumer], crowded: threading.Event
) -> None:
    socket = await door.open()
    [held] = sender().held.values()
    await crowd(socket, made[0])
    crowded.set()
    assert sender().held == {}
    with pytest.raises(ConnectionError):
        await held.line.send_text("{}")


async def test_a_message_whose_answer_is_lost_closes_the_socket_so_that_it_is_sent_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await door.open()
    with monkeypatch.context() as patch:
        patch.setattr(Answer, "as_json", away)
        await socket.say(orjson.dumps(envelope(1)).decode())
        assert await socket.communicator.receive_output(WAIT_S) == {"type": "websocket.close", "code": TRY_LATER}
    again = await door.open()
    assert (await again.ask(envelope(1)))["duplicates"] == 1


async def test_a_line_that_takes_neither_an_answer_nor_its_close_is_not_chosen_any_more(
    door: Door, made: list[IngestConsumer], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    socket = await door.open()

    async def gone(_message: Any) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(made[0], "base_send", gone)
    await socket.say('{"event":"ping"}')
    await in_time(lambda: not sender().held)
    await asyncio.wait({made[0].tasks[0]}, timeout=WAIT_S)
    assert made[0].tasks[0].exception() is None
    assert "lost its answers" in caplog.text


async def test_a_token_is_checked_again_after_a_check_that_failed(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes: list[Exception | None] = [InterfaceError("the connection is closed"), OperationalError("the database restarts"), None]

    def checked(*_arguments: Any) -> None:
        if outcome := outcomes.pop(0):
            raise outcome

    monkeypatch.setattr("callcenter.ingest.consumer.RECHECK_S", 0.01)
    socket = await door.open()
    monkeypatch.setattr("callcenter.ingest.consumer.enter", checked)
    assert await socket.communicator.receive_output(WAIT_S) == {"type": "websocket.close", "code": REVOKED}


async def in_time(ready: Callable[[], bool]) -> None:
    """Wait for something that happens in the background; the wait is generous."""
    async with asyncio.timeout(WAIT_S):
        while not ready():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
