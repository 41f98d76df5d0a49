"""Every verb leaves as exactly the JSON of the contract, is confirmed by the right event and by no other, or by nobody."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from asgiref.sync import sync_to_async
from msgspec.structs import replace

from callcenter.calls.models import Agent, Call
from callcenter.commands import outbox, relay
from callcenter.commands.models import Command
from callcenter.commands.outbox import Target, enqueue
from callcenter.domain.commands.order import Level, Order, Verb
from callcenter.ingest.message import Source
from callcenter.journal.models import Connection
from tests.ingest.doors import Door, Socket
from tests.ingest.frames import CALL, ended, frame, said, started
from tests.ingest.playing import make_source

WAIT_S = 30
WHATSAPP = "wa-3c9f10b2d7e8"
DIGITS = "447700900983"
NEW = "CA00000000000000000000000000000009"
ON = Order(verb=Verb.HOLD, agent="frontdesk", call=CALL)


def to(verb: Verb, **fields: Any) -> Order:
    return replace(ON, verb=verb, **fields)


def whatsapp(event: str, **fields: Any) -> dict[str, Any]:
    return {"event": event, "agent_id": "frontdesk", "session_id": WHATSAPP, **fields}


def answered(text: str, at: float = 5, source: str = "human") -> dict[str, Any]:
    return whatsapp("whatsapp.response", to=DIGITS, text=text, source=source, ts=1782900000 + at, seq=int(at))


LINE = "line:+442079460140"
# verb -> (order, the JSON that leaves, an event that does not confirm it, the event that does)
PINECALL: dict[str, tuple[Order, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "pause a session": (
        to(Verb.PAUSE, call=WHATSAPP),
        {"event": "session.pause", "agent_id": "frontdesk", "session_id": WHATSAPP},
        frame("session.paused", 5, call="", contact=DIGITS),
        whatsapp("session.paused", ts=1782900006, seq=6),
    ),
    "pause a contact": (
        to(Verb.PAUSE, call="", contact=DIGITS, level=Level.CONTACT),
        {"event": "session.pause", "agent_id": "frontdesk", "contact": DIGITS},
        frame("session.paused", 5, call="", contact="447700900111"),
        frame("session.paused", 6, call="", contact=f"+{DIGITS}"),
    ),
    "pause the agent": (
        to(Verb.PAUSE, call="", level=Level.AGENT),
        {"event": "session.pause", "agent_id": "frontdesk"},
        frame("session.resumed", 5, call=""),
        frame("session.paused", 6, call=""),
    ),
    "resume a session": (
        to(Verb.RESUME, call=WHATSAPP),
        {"event": "session.resume", "agent_id": "frontdesk", "session_id": WHATSAPP},
        whatsapp("session.paused", ts=1782900005, seq=5),
        whatsapp("session.resumed", ts=1782900006, seq=6),
    ),
    "resume a contact": (
        to(Verb.RESUME, call="", contact=DIGITS, level=Level.CONTACT),
        {"event": "session.resume", "agent_id": "frontdesk", "contact": DIGITS},
        frame("session.resumed", 5, call="", contact="447700900111"),
        frame("session.resumed", 6, call="", contact=DIGITS),
    ),
    "resume the agent": (
        to(Verb.RESUME, call="", level=Level.AGENT),
        {"event": "session.resume", "agent_id": "frontdesk"},
        frame("session.resumed", 5, call="", contact=DIGITS),
        frame("session.resumed", 6, call=""),
    ),
    "write as a human": (
        to(Verb.SEND, call=WHATSAPP, text="Hello, Petra here."),
        {"event": "session.send", "agent_id": "frontdesk", "session_id": WHATSAPP, "text": "Hello, Petra here."},
        answered("Hello, Petra here.", source="agent"),
        answered("Hello, Petra here.\r\n", 6),
    ),
    "write to a contact whose session is over": (
        to(Verb.SEND, call=WHATSAPP, text="Hello again", contact=DIGITS),
        {"event": "session.send", "agent_id": "frontdesk", "session_id": WHATSAPP, "text": "Hello again", "contact": DIGITS},
        answered("Hello"),
        {**answered("Hello again", 6), "session_id": "wa-000000000002"},
    ),
    "accept": (
        to(Verb.ACCEPT),
        {"event": "call.accept", "agent_id": "frontdesk", "call_id": CALL},
        started(5, NEW),
        started(6),
    ),
    "reject": (
        to(Verb.REJECT, reason="busy"),
        {"event": "call.reject", "agent_id": "frontdesk", "call_id": CALL, "reason": "busy"},
        ended(5, NEW),
        frame("call.rejected", 6, reason="busy"),
    ),
    "hold": (to(Verb.HOLD), {"event": "call.hold", "call_id": CALL}, frame("call.unheld", 5), frame("call.held", 6)),
    "end hold": (to(Verb.UNHOLD), {"event": "call.unhold", "call_id": CALL}, frame("call.held", 5), frame("call.unheld", 6)),
    "mute": (to(Verb.MUTE), {"event": "call.mute", "call_id": CALL}, frame("call.held", 5), frame("call.muted", 6)),
    "unmute": (to(Verb.UNMUTE), {"event": "call.unmute", "call_id": CALL}, frame("call.muted", 5), frame("call.unmuted", 6)),
    "tones": (
        to(Verb.DTMF, digits="57#"),
        {"event": "call.dtmf", "call_id": CALL, "digits": "57#"},
        frame("call.dtmf_sent", 5, digits="5"),
        frame("call.dtmf_sent", 6, digits="57#"),
    ),
    "forward": (
        to(Verb.FORWARD, to="+442079460177"),
        {"event": "call.forward", "call_id": CALL, "to": "+442079460177", "message": "", "announce": False},
        frame("call.forwarded", 5, call=NEW, to="+442079460177"),
        frame("call.forwarded", 6, to="+442079460177"),
    ),
    "forward with an announcement": (
        to(Verb.FORWARD, to="sip:petra@desk.example", text="One moment, please.", announce=True),
        {
            "event": "call.forward", "call_id": CALL, "to": "sip:petra@desk.example", "message": "One moment, please.", "announce": True,
        },
        frame("call.held", 5),
        frame("call.forwarded", 6, to="sip:petra@desk.example"),
    ),
    "hang up": (to(Verb.HANG_UP), {"event": "call.hangup", "call_id": CALL}, frame("call.held", 5), ended(6)),
    "dial": (
        to(Verb.DIAL, call="", to="+447700900502", from_number="+442079460118", greeting="Hello"),
        {"event": "call.dial", "agent_id": "frontdesk", "to": "+447700900502", "from": "+442079460118", "greeting": "Hello"},
        frame("call.dialing", 5, NEW, to="+447700900503", **{"from": "+442079460118"}),
        frame("call.dialing", 6, NEW, to="+447700900502", **{"from": "+442079460118"}),
    ),
    "dial with what the agent is told": (
        to(Verb.DIAL, call="", to="+447700900502", from_number="+442079460118", metadata={"k": "v"}),
        {"event": "call.dial", "agent_id": "frontdesk", "to": "+447700900502", "from": "+442079460118", "metadata": {"k": "v"}},
        started(5, NEW, to="+447700900502"),
        started(6, NEW, to="+447700900502", direction="outbound", **{"from": "+442079460118"}),
    ),
    "answer a message": (
        to(Verb.SAY, text="Yes, it is.", message_id="msg_o9f1g4hr27mn", in_reply_to="u_3f"),
        {
            "event": "bot.reply", "call_id": CALL, "message_id": "msg_o9f1g4hr27mn", "text": "Yes, it is.",
            "in_reply_to": "u_3f", "add_to_history": True,
        },
        frame("message.confirmed", 5, message_id="msg_other0000000", text="Yes, it is."),
        frame("message.confirmed", 6, message_id="msg_o9f1g4hr27mn", text="Yes, it is."),
    ),
    "change the language": (
        to(Verb.SET_LANGUAGE, language="fr"),
        {"event": "session.configure", "session_id": CALL, "language": "fr"},
        {"event": "session.configured", "agent_id": "frontdesk", "session_id": NEW},
        {"event": "session.configured", "agent_id": "frontdesk", "session_id": CALL},
    ),
    "route": (
        to(Verb.ROUTE, to="billing", language="en", greeting="Billing, good morning."),
        {"event": "call.route", "call_id": CALL, "agent": "billing", "language": "en", "greeting": "Billing, good morning."},
        frame("call.routed", 5, agent_id=LINE, agent="frontdesk"),
        frame("call.routed", 6, agent_id=LINE, agent="billing"),
    ),
    "say": (
        to(Verb.SAY, text="A colleague will take over now.", message_id="msg_o9f1g4hr27mn"),
        {
            "event": "bot.reply", "call_id": CALL, "message_id": "msg_o9f1g4hr27mn", "text": "A colleague will take over now.",
            "in_reply_to": "", "add_to_history": True,
        },
        frame("message.confirmed", 5, message_id="msg_other0000000", text="A colleague will take over now."),
        frame("message.confirmed", 6, message_id="msg_o9f1g4hr27mn", text="A colleague will take over now."),
    ),
    "stop speaking": (to(Verb.STOP_SPEAKING), {"event": "bot.clear", "call_id": CALL}, frame("call.held", 5),
                      frame("bot.interrupted", 6, message_id="msg_1", reason="cancelled")),
    "stop certain words": (
        to(Verb.STOP_SPEAKING, message_id="msg_o9f1g4hr27mn"),
        {"event": "bot.cancel", "call_id": CALL, "message_id": "msg_o9f1g4hr27mn"},
        frame("bot.interrupted", 5, message_id="msg_1", reason="cancelled"),
        frame("bot.interrupted", 6, message_id="msg_o9f1g4hr27mn", reason="cancelled"),
    ),
    "whisper": (
        to(Verb.WHISPER, text="Offer a refund.", request_id="rq_2"),
        {"event": "history.add_context", "call_id": CALL, "request_id": "rq_2", "text": "Offer a refund."},
        frame("history.updated", None, request_id="rq_1"),
        frame("history.updated", None, request_id="rq_2"),
    ),
}  # fmt: skip

SIPPET: dict[str, tuple[Order, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "hang up": (
        to(Verb.HANG_UP, agent=""),
        {"action": "end_call", "input": {"callUuid": CALL}},
        {"event": "call_answered", "payload": {"callUuid": CALL}},
        {"event": "call_ended", "payload": {"callUuid": CALL, "endedAt": "2026-07-01T14:03:05Z"}},
    ),
    "barge in": (
        to(Verb.BARGE, agent="", sip_user="op.lena"),
        {"action": "barge_call", "input": {"callUuid": CALL, "sipUserId": "op.lena"}},
        {"event": "call_participant_joined", "payload": {"callUuid": CALL, "memberUuid": "m-1", "role": "caller"}},
        {"event": "call_participant_joined", "payload": {"callUuid": CALL, "memberUuid": "m-2", "role": "operator"}},
    ),
    "let the AI go on": (
        to(Verb.RESUME_AI, agent=""),
        {"action": "resume_ai_call", "input": {"callUuid": CALL}},
        {"event": "call_participant_joined", "payload": {"callUuid": CALL, "memberUuid": "m-2", "role": "operator"}},
        {"event": "call_participant_joined", "payload": {"callUuid": CALL, "memberUuid": "m-3", "role": "ai_agent"}},
    ),
    "dial": (
        to(Verb.DIAL, agent="", call="", to="+14045550177", from_number="+14045550100"),
        {"action": "start_outbound_call", "input": {"toNumber": "+14045550177", "fromNumber": "+14045550100"}},
        {"event": "incoming_call", "payload": {"callUuid": NEW, "direction": "inbound", "toNumber": "+14045550177"}},
        {"event": "incoming_call", "payload": {"callUuid": NEW, "direction": "outbound", "toNumber": "+14045550177"}},
    ),
}


def put(door: Door, order: Order, **how: Any) -> Command:
    """The command in the outbox, as a page would leave it."""
    connection = Connection.objects.get(pk=door.source.id)
    agent = Agent.objects.filter(connection=connection, slug=order.agent).first()
    call = Call.objects.filter(call_uuid=order.call).first()
    command, _ = enqueue(order, Target(connection, agent, call=call), now=how.pop("now", datetime.now(UTC)), **how)
    return command


async def send(door: Door, socket: Socket, order: Order) -> tuple[Command, dict[str, Any]]:
    """Put the order into the outbox; the command and what came down the socket."""
    command = await sync_to_async(put)(door, order)
    message = await socket.hear()
    assert message["id"] == str(command.pk)
    await in_state(command, "sent")
    return command, message["command"]


def time_of(moment: datetime | None) -> datetime:
    assert moment is not None
    return moment


async def in_state(command: Command, state: str) -> Command:
    async with asyncio.timeout(WAIT_S):
        while True:
            await command.arefresh_from_db()
            if command.state == state:
                return command
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("name", PINECALL)
async def test_pinecall_is_told_and_answers_by_its_event(door: Door, name: str) -> None:
    order, frame_out, other, right = PINECALL[name]
    socket = await door.open()
    await socket.ask(started(0) if name not in ("accept", "dial") else frame("call.ringing", 0, direction="inbound"))
    command, left = await send(door, socket, order)
    assert left == frame_out
    assert (await socket.ask(other))["accepted"] == 1
    await command.arefresh_from_db()
    assert command.state == "sent"
    assert (await socket.ask(right))["accepted"] == 1
    await in_state(command, "confirmed")


@pytest.mark.parametrize("name", SIPPET)
async def test_sippet_is_told_and_answers_by_its_event(door: Door, name: str) -> None:
    await sync_to_async(make_source)("sippet", "phones", "in_phones-token-0123456789")
    order, frame_out, other, right = SIPPET[name]
    door.source = await sync_to_async(lambda: source_of("phones"))()
    communicator = door.communicator("phones", "in_phones-token-0123456789")
    assert (await communicator.connect(WAIT_S))[0]
    socket = Socket(communicator)
    if order.call:
        await socket.ask({"event": "incoming_call", "payload": {"callUuid": CALL, "direction": "inbound"}})
    command, left = await send(door, socket, order)
    assert left == frame_out
    await socket.ask(other)
    await command.arefresh_from_db()
    assert command.state == "sent"
    await socket.ask(right)
    await in_state(command, "confirmed")


@pytest.mark.parametrize(
    ("order", "record"),
    [
        (to(Verb.DIAL, agent="", call="", to="+14045550177"), {"event": "fetched_call_ended", "call": {"callUuid": NEW, "toNumber": "+14045550177", "direction": "outbound"}}),
        (to(Verb.RESUME_AI, agent=""), {"event": "fetched_participant_joined", "call_uuid": CALL, "participant": {"memberUuid": "m-1", "role": "ai_agent"}}),
        (to(Verb.HANG_UP, agent=""), {"event": "fetched_call_ended", "call": {"callUuid": CALL}}),
    ],
)  # fmt: skip
async def test_a_fetched_record_answers_only_what_was_asked_before_it_happened(door: Door, order: Order, record: dict[str, Any]) -> None:
    await sync_to_async(make_source)("sippet", "phones", "in_phones-token-0123456789")
    door.source = await sync_to_async(lambda: source_of("phones"))()
    communicator = door.communicator("phones", "in_phones-token-0123456789")
    assert (await communicator.connect(WAIT_S))[0]
    socket = Socket(communicator)
    await socket.ask({"event": "incoming_call", "payload": {"callUuid": CALL, "direction": "inbound"}})
    command, _ = await send(door, socket, order)
    part = "participant" if "participant" in record else "call"
    time = "joinedAt" if part == "participant" else "endedAt"
    for moment, state in ((time_of(command.created_at) - timedelta(minutes=1), "sent"), (datetime.now(UTC), "confirmed")):
        assert (await socket.ask({**record, part: {**record[part], time: moment.isoformat()}}))["accepted"] == 1
        await command.arefresh_from_db()
        assert command.state == state


def source_of(slug: str) -> Any:
    row = Connection.objects.get(slug=slug)
    return Source(row.pk, row.slug, row.provider, row.team_id)


@pytest.mark.parametrize("name", PINECALL)
async def test_what_nothing_answers_ends_as_not_confirmed_and_a_late_answer_still_counts(door: Door, name: str) -> None:
    order, _, _, right = PINECALL[name]
    socket = await door.open()
    await socket.ask(started(0) if name not in ("accept", "dial") else frame("call.ringing", 0, direction="inbound"))
    command, _ = await send(door, socket, order)
    await command.arefresh_from_db()
    assert await sync_to_async(relay.tick)(time_of(command.confirm_by) - timedelta(seconds=0.5)) == 0
    await sync_to_async(relay.tick)(time_of(command.confirm_by))
    await in_state(command, "not_confirmed")
    await socket.ask(right)
    await in_state(command, "confirmed")


async def test_a_refusal_by_the_other_side_is_shown_in_its_words_and_is_final(door: Door) -> None:
    socket = await door.open()
    await socket.ask(started(0))
    command, _ = await send(door, socket, to(Verb.HOLD))
    await socket.say(f'{{"command": "{command.pk}", "status": "failed", "error": "no such call here"}}')
    await in_state(command, "failed")
    assert (command.failure, command.error) == ("refused", "no such call here")
    await socket.ask(frame("call.held", 5))
    await command.arefresh_from_db()
    assert command.state == "failed"


DIALLED = to(Verb.DIAL, call="", to="+447700900502")


def end_of(call: str, reason: str) -> dict[str, Any]:
    return ended(9, call, reason=reason, to=DIALLED.to, direction="outbound")


@pytest.mark.parametrize(
    ("reason", "told"),
    [("hangup", ("confirmed", "", NEW)), ("no-answer", ("failed", "no answer", None)), ("busy", ("failed", "busy", None))],
)
async def test_a_dialled_call_of_which_only_the_end_was_heard_was_placed_unless_nobody_was_reached(
    door: Door, reason: str, told: tuple[str, str, str | None]
) -> None:
    socket = await door.open()
    await socket.ask(started(0))
    command, _ = await send(door, socket, DIALLED)
    await socket.ask(end_of(NEW, reason))
    await in_state(command, told[0])
    found = await Command.objects.values_list("state", "error", "call__call_uuid").aget(pk=command.pk)
    assert found == told


@pytest.mark.parametrize("reason", ["hangup", "busy"])
async def test_an_earlier_call_to_the_same_number_answers_nothing(door: Door, reason: str) -> None:
    """Dialled once more before the end of the first is told."""
    socket = await door.open()
    await socket.ask(frame("call.dialing", 5, CALL, to=DIALLED.to))
    command, _ = await send(door, socket, DIALLED)
    for late in (started(6, CALL, to=DIALLED.to, direction="outbound"), end_of(CALL, reason)):
        assert (await socket.ask(late))["accepted"] == 1
        await command.arefresh_from_db()
        assert command.state == "sent"
    await socket.ask(frame("call.dialing", 10, NEW, to=DIALLED.to))
    await in_state(command, "confirmed")
    assert await Command.objects.filter(pk=command.pk, call__call_uuid=NEW).aexists()


async def test_one_end_answers_the_older_of_two_that_dial_the_same_number(door: Door) -> None:
    socket = await door.open()
    await socket.ask(started(0))
    first, _ = await send(door, socket, DIALLED)
    second, _ = await send(door, socket, DIALLED)
    await socket.ask(ended(8, CALL, reason="busy", to=DIALLED.to, direction="inbound"))  # of a call to us
    await socket.ask(end_of(NEW, "busy"))
    await in_state(first, "failed")
    await second.arefresh_from_db()
    assert second.state == "sent"


async def test_the_clock_of_the_pages_does_not_matter_to_what_a_dialled_call_tells(door: Door) -> None:
    socket = await door.open()
    await socket.ask(started(0))
    command, _ = await send(door, socket, DIALLED)
    await Command.objects.filter(pk=command.pk).aupdate(created_at=datetime.now(UTC) + timedelta(seconds=3))
    await socket.ask(frame("call.dialing", 5, NEW, to=DIALLED.to))
    await in_state(command, "confirmed")


async def test_words_that_began_are_waited_for_until_their_end(door: Door) -> None:
    socket = await door.open()
    await socket.ask(started(0))
    command, _ = await send(door, socket, to(Verb.SAY, text="One moment.", message_id="msg_000000000001"))
    before = time_of(command.confirm_by)
    await socket.ask(frame("bot.speaking", 3, message_id="msg_000000000001", text="One moment."))
    await command.arefresh_from_db()
    assert command.begun
    assert time_of(command.confirm_by) > before
    await socket.ask(frame("reply.rejected", 4, message_id="msg_000000000001", reason="message_obsolete"))
    await in_state(command, "failed")
    assert command.error == "message_obsolete"


async def test_while_nobody_is_connected_it_waits_and_after_its_expiry_it_is_never_sent(door: Door) -> None:
    first, late = await sync_to_async(put)(door, to(Verb.HOLD)), await sync_to_async(put)(door, to(Verb.MUTE), expires_s=1)
    await sync_to_async(relay.tick)(late.expires_at)
    await in_state(late, "failed")
    assert late.failure == "expired"
    socket = await door.open()
    await socket.say(orjson.dumps(started(0)).decode())
    heard = [await socket.hear(), await socket.hear()]
    assert {message["id"] for message in heard if "id" in message} == {str(first.pk)}
    assert (await socket.ask({"event": "ping"})) == {"event": "pong"}  # and nothing else came down before it


async def test_a_command_goes_down_the_newest_socket_that_speaks_for_its_agent(door: Door) -> None:
    dental, _shop = await door.open(), await door.open()
    await dental.ask(started(0))
    await _shop.ask(said(1, "hello", "u1", call=NEW) | {"agent_id": "shop"})
    command = await sync_to_async(put)(door, to(Verb.HOLD))
    assert (await dental.hear())["id"] == str(command.pk)


async def test_what_was_claimed_and_never_marked_becomes_unknown_and_an_event_still_settles_it(door: Door) -> None:
    socket = await door.open()
    await socket.ask(started(0))
    command = await sync_to_async(put)(door, to(Verb.HOLD))
    await socket.hear()
    await in_state(command, "sent")
    await Command.objects.filter(pk=command.pk).aupdate(state="sending", sent_at=None, confirm_by=None)  # as a crash leaves it
    await sync_to_async(relay.tick)(time_of(command.claimed_at) + timedelta(seconds=outbox.LEASE_S))
    await in_state(command, "unknown")
    await socket.ask(frame("call.held", 5))
    await in_state(command, "confirmed")
