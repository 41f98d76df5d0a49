"""A command leaves before its expiry or never, and one that cannot be marked spoils no other."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import orjson
import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.db.transaction import atomic

from callcenter.commands import outbox
from callcenter.commands.models import Command, OpenSocket
from callcenter.domain.commands.order import Verb
from callcenter.ingest import consumer
from callcenter.ingest.consumer import IngestConsumer
from callcenter.ingest.sender import GONE, sender
from tests.ingest.doors import WAIT_S, Door, Socket
from tests.ingest.frames import started
from tests.ingest.test_commands import in_state, put, to
from tests.live.network import until


@pytest.fixture
async def socket(door: Door) -> Socket:
    """An open one that speaks for the agent of a call."""
    opened = await door.open()
    await opened.ask(started(0))
    return opened


def two(door: Door) -> list[Command]:
    """Commands that wait together."""
    with atomic():
        return [put(door, to(verb)) for verb in (Verb.HOLD, Verb.MUTE)]


def once(monkeypatch: pytest.MonkeyPatch, name: str, first: Callable[[Command], Any]) -> None:
    """The first call of this verb of the outbox is preceded by ``first``."""
    real, calls = getattr(outbox, name), []

    def preceded(command: Command, *arguments: Any) -> Any:
        calls.append(command)
        if len(calls) == 1:
            first(command)
        return real(command, *arguments)

    monkeypatch.setattr(outbox, name, preceded)


def expire(command: Command) -> None:
    """Its time is over, as after a wait."""
    command.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    Command.objects.filter(pk=command.pk).update(expires_at=command.expires_at)


async def hears_nothing_more(socket: Socket) -> bool:
    return bool((await socket.ask({"event": "ping"})) == {"event": "pong"})


async def test_what_waits_behind_a_slow_mark_until_its_expiry_is_never_sent(
    door: Door, socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    once(monkeypatch, "mark_sent", lambda first: expire(Command.objects.exclude(pk=first.pk).get()))
    first, second = await sync_to_async(two)(door)
    assert (await socket.hear())["id"] == str(first.pk)
    await in_state(first, "sent")
    await in_state(second, "failed")
    assert (second.failure, second.claimed_at) == ("expired", None)
    assert await hears_nothing_more(socket)


@pytest.mark.parametrize("lapsed", [False, True])
async def test_what_expires_while_it_is_being_claimed_is_never_sent(
    door: Door, socket: Socket, monkeypatch: pytest.MonkeyPatch, lapsed: bool
) -> None:
    """Also when another process gave it up as unknown meanwhile: this one knows that nothing left."""
    real = outbox.claim

    def slow(command: Command, *arguments: Any) -> bool:
        claimed = real(command, *arguments)
        expire(command)
        if lapsed:
            outbox.give_up_leases(datetime.now(UTC) + timedelta(seconds=outbox.LEASE_S))
        return claimed

    monkeypatch.setattr(outbox, "claim", slow)
    command = await sync_to_async(put)(door, to(Verb.HOLD))
    await in_state(command, "failed")
    assert command.failure == "expired"
    assert await hears_nothing_more(socket)


async def test_what_took_longer_to_claim_than_a_claim_counts_is_never_sent(
    door: Door, socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LEASE_S", 0.0)
    command = await sync_to_async(put)(door, to(Verb.HOLD), expires_s=60)
    await in_state(command, "failed")
    assert command.failure == "expired"
    assert await hears_nothing_more(socket)


async def test_what_cannot_be_marked_as_sent_becomes_unknown_alone(
    door: Door, socket: Socket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_command: Command) -> None:
        raise OperationalError("the database restarts")

    once(monkeypatch, "mark_sent", fail)
    first, second = await sync_to_async(two)(door)
    assert [(await socket.hear())["id"] for _ in range(2)] == [str(first.pk), str(second.pk)]
    await in_state(second, "sent")
    await in_state(first, "sending")
    assert "not marked as sent" in caplog.text
    assert first.claimed_at is not None
    await sync_to_async(outbox.give_up_leases)(first.claimed_at + timedelta(seconds=outbox.LEASE_S))
    await in_state(first, "unknown")


async def test_what_was_claimed_for_a_socket_that_went_meanwhile_is_told_as_not_sent(
    door: Door, socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = sender()
    once(monkeypatch, "claim", lambda _command: here.held.clear())
    command = await sync_to_async(put)(door, to(Verb.HOLD))
    await in_state(command, "failed")
    assert (command.failure, command.error) == ("refused", GONE)
    assert await hears_nothing_more(socket)


async def test_what_waits_for_a_socket_that_went_meanwhile_is_not_claimed(
    door: Door, socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = sender()

    def goes(_command: Command) -> None:
        here.held.clear()
        OpenSocket.objects.all().delete()

    once(monkeypatch, "mark_sent", goes)
    first, second = await sync_to_async(two)(door)
    assert (await socket.hear())["id"] == str(first.pk)
    await in_state(first, "sent")
    await in_state(second, "pending")
    assert await hears_nothing_more(socket)
    another = await door.open()
    assert (await another.hear())["id"] == str(second.pk)


async def test_a_socket_whose_other_side_does_not_read_gets_no_more_commands_until_it_does(
    door: Door, socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    (held,) = sender().held.values()
    line, room = cast("IngestConsumer", held.line), asyncio.Event()
    send = line.send

    async def when_there_is_room(*arguments: Any) -> None:
        await room.wait()
        await send(*arguments)

    monkeypatch.setattr(line, "send", when_there_is_room)
    monkeypatch.setattr(consumer, "READS_WITHIN_S", 0.05)
    first = await sync_to_async(put)(door, to(Verb.HOLD))
    await until(lambda: line.unread)
    second = await sync_to_async(put)(door, to(Verb.MUTE))
    another = await door.open()
    assert (await another.hear())["id"] == str(second.pk)
    await another.communicator.disconnect(WAIT_S)
    await socket.say(orjson.dumps(started(0)).decode())  # what it sends is taken as ever
    third = await sync_to_async(put)(door, to(Verb.UNHOLD))
    await in_state(third, "pending")
    room.set()
    assert (await socket.hear())["duplicates"] == 1
    assert (await socket.hear())["id"] == str(third.pk)
    await in_state(first, "sending")
    assert first.claimed_at is not None
    await sync_to_async(outbox.give_up_leases)(first.claimed_at + timedelta(seconds=outbox.LEASE_S))
    await in_state(first, "unknown")
