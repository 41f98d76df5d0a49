"""Words that leave in pieces are one command: start, chunks and end go down one socket in order, once, or nobody knows how much did."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from callcenter.commands import outbox
from callcenter.commands.models import Command
from callcenter.domain.commands.order import Order, Verb
from callcenter.ingest.sender import sender
from tests.ingest.doors import Door, Socket
from tests.ingest.frames import CALL, frame, started
from tests.ingest.test_commands import in_state, put

MESSAGE = "msg_o9f1g4hr27mn"
TEXT = "Good afternoon, this is Petra from the office.\nI have found your order: it left this morning. It will be with you by three."
ORDER = Order(verb=Verb.SAY_IN_PIECES, agent="frontdesk", call=CALL, text=TEXT, message_id=MESSAGE, in_reply_to="u_3f")
PIECE = {"event": "bot.reply.stream", "call_id": CALL, "message_id": MESSAGE}


async def hear_all(socket: Socket) -> list[Any]:
    """Every message of the command, up to the end of its words."""
    heard = [await socket.hear()]
    while heard[-1]["command"]["action"] != "end":
        heard.append(await socket.hear())
    return heard


async def spoken(door: Door) -> tuple[Socket, Command, list[Any]]:
    socket = await door.open()
    await socket.ask(started(0))
    command = await sync_to_async(put)(door, ORDER)
    heard = await hear_all(socket)
    await in_state(command, "sent")
    return socket, command, heard


async def test_they_leave_as_the_contract_writes_them_and_are_confirmed_by_their_own_end(door: Door) -> None:
    socket, command, heard = await spoken(door)
    first, *chunks, last = [message["command"] for message in heard]
    assert first == {**PIECE, "action": "start", "in_reply_to": "u_3f"}
    assert last == {**PIECE, "action": "end"}
    assert len(chunks) > 1
    assert chunks == [{**PIECE, "action": "chunk", "token": chunk["token"]} for chunk in chunks]
    assert "".join(chunk["token"] for chunk in chunks) == TEXT
    await socket.ask(frame("message.confirmed", 4, message_id="msg_other0000000", text=TEXT))
    await socket.ask(frame("bot.speaking", 5, message_id=MESSAGE, text=TEXT))
    await command.arefresh_from_db()
    assert (command.state, command.begun) == ("sent", True)
    await socket.ask(frame("message.confirmed", 6, message_id=MESSAGE, text=TEXT))
    await in_state(command, "confirmed")


async def test_each_message_has_an_id_of_its_own_so_that_no_relay_takes_one_for_another(door: Door) -> None:
    socket, command, heard = await spoken(door)
    ids = [message["id"] for message in heard]
    assert ids[0] == str(command.pk)
    assert len(set(ids)) == len(ids)
    assert ids == [str(name) for name, _ in (await Command.objects.aget(pk=command.pk)).messages]
    assert (await socket.ask({"event": "ping"})) == {"event": "pong"}  # and nothing was sent twice


async def test_when_the_first_is_not_passed_on_the_command_is_refused(door: Door) -> None:
    socket, command, heard = await spoken(door)
    await socket.say(f'{{"command": "{heard[0]["id"]}", "status": "failed", "error": "not allowed"}}')
    await in_state(command, "failed")
    assert (command.failure, command.error) == ("refused", "not allowed")


async def test_when_a_later_one_is_not_passed_on_nobody_knows_until_an_event_tells(door: Door) -> None:
    socket, command, heard = await spoken(door)
    await socket.say(f'{{"command": "{heard[2]["id"]}", "status": "failed", "error": "voice socket is down"}}')
    await in_state(command, "unknown")
    assert command.error == "voice socket is down"
    await socket.ask(frame("message.aborted", 6, message_id=MESSAGE, reason="interrupted"))
    await in_state(command, "failed")


async def test_a_socket_that_breaks_between_two_pieces_leaves_it_unknown_and_nothing_is_sent_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await door.open()
    await socket.ask(started(0))
    line = next(iter(sender().held.values())).line
    whole, count = type(line).send_text, 0

    async def breaks(self: Any, text: str) -> None:
        nonlocal count
        count += 1
        if count == 3:
            raise ConnectionError("gone")
        await whole(self, text)

    monkeypatch.setattr(type(line), "send_text", breaks)
    command = await sync_to_async(put)(door, ORDER)
    assert [(await socket.hear())["command"]["action"] for _ in range(2)] == ["start", "chunk"]
    await in_state(command, "sending")
    assert command.claimed_at is not None
    await sync_to_async(outbox.give_up_leases)(command.claimed_at + timedelta(seconds=outbox.LEASE_S))
    await in_state(command, "unknown")
    hold = await sync_to_async(put)(door, Order(verb=Verb.HOLD, agent="frontdesk", call=CALL))
    assert (await socket.hear())["id"] == str(hold.pk)
    await socket.ask(frame("message.confirmed", 6, message_id=MESSAGE, text=TEXT))
    await in_state(command, "confirmed")
