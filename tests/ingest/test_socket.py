"""The ingest socket answers every form of message as design §4 promises."""

import asyncio
from datetime import UTC, datetime

import orjson
import pytest
from asgiref.sync import sync_to_async

from callcenter.calls.models import Call
from callcenter.commands import sockets
from callcenter.commands.models import OpenSocket
from callcenter.ingest.sender import sender
from callcenter.journal.connections import rotate_token
from callcenter.journal.models import Connection, DeadLetter, Entry
from callcenter.journal.outbound import lease
from tests.ingest.doors import Door, Socket
from tests.ingest.frames import CALL, ended, frame, level, said, started
from tests.ingest.playing import TOKEN, make_source

NOTHING: dict[str, object] = {"ack": None, "accepted": 0, "duplicates": 0, "rejected": []}


def counts(accepted: int = 0, duplicates: int = 0, ack: int | None = None) -> dict[str, object]:
    return {"ack": ack, "accepted": accepted, "duplicates": duplicates, "rejected": []}


@pytest.mark.parametrize(("slug", "token"), [("bridge", None), ("bridge", ""), ("bridge", "in_wrong"), ("nowhere", TOKEN)])
async def test_a_stranger_is_refused_before_the_handshake(door: Door, slug: str, token: str | None) -> None:
    assert await door.refused_with(slug, token) == 1000


async def test_a_disabled_connection_is_refused(door: Door) -> None:
    await Connection.objects.filter(pk=door.source.id).aupdate(enabled=False)
    assert await door.refused_with() == 1000


async def test_the_token_of_another_connection_does_not_open_this_one(door: Door) -> None:
    await sync_to_async(make_source)("sippet", "other", "in_other-token-0123456789")
    assert await door.refused_with("bridge", "in_other-token-0123456789") == 1000


async def test_a_rotated_token_opens_nothing_any_more(door: Door) -> None:
    await sync_to_async(rotate_token)(await Connection.objects.aget(pk=door.source.id))
    assert await door.refused_with() == 1000


async def test_one_frame_is_a_message(door: Door) -> None:
    socket = await door.open()
    assert await socket.ask(started()) == counts(1)
    assert (await Call.objects.aget()).call_uuid == CALL


async def test_a_frame_may_be_wrapped_with_its_sequence_and_time(door: Door) -> None:
    socket = await door.open()
    assert await socket.ask({"seq": 5, "ts": 1782900003.5, "frame": started(None)}) == counts(1)
    entry = await Entry.objects.aget()
    assert (entry.seq, entry.ts) == (5, 1782900003.5)


async def test_an_array_of_frames_is_a_message(door: Door) -> None:
    socket = await door.open()
    assert await socket.ask([started(), said(1, "hello", "u1"), level()]) == counts(3)


async def test_an_empty_array_is_answered(door: Door) -> None:
    socket = await door.open()
    assert await socket.ask([]) == NOTHING


async def test_a_phoenix_array_is_one_frame(door: Door) -> None:
    await sync_to_async(make_source)("sippet", "phoenix", "in_phoenix-token-0123456789")
    communicator = door.communicator("phoenix", "in_phoenix-token-0123456789")
    assert (await communicator.connect(30))[0]
    payload = {"call_uuid": "4b8d0f1e-92c7-4a56-b3e1-7d60c2a9f518", "from_number": "+14045550119"}
    await communicator.send_to(text_data=orjson.dumps(["1", "2", "events", "incoming_call", payload]).decode())
    assert orjson.loads(await communicator.receive_from(30)) == counts(1)


async def test_an_envelope_is_answered_with_its_id(door: Door) -> None:
    socket = await door.open()
    assert await socket.ask({"stream": "s", "id": 7, "frames": [started(), level()]}) == counts(2, ack=7)


async def test_an_envelope_without_a_stream_is_answered_too(door: Door) -> None:
    socket = await door.open()
    assert await socket.ask({"id": 7, "frames": [started()]}) == counts(1, ack=7)


async def test_an_envelope_committed_before_is_all_duplicates(door: Door) -> None:
    socket = await door.open()
    unmarked = {"stream": "s", "id": 1, "frames": [started(None), said(None, "hello"), level()]}
    assert await socket.ask(unmarked) == counts(3, ack=1)
    assert await socket.ask(unmarked) == counts(duplicates=3, ack=1)
    assert await socket.ask({**unmarked, "id": 0}) == counts(duplicates=3, ack=0)
    assert await Entry.objects.acount() == 2


async def test_an_envelope_of_only_passing_frames_is_taken_once_too(door: Door) -> None:
    socket = await door.open()
    await socket.ask(started())
    passing = {"stream": "s", "id": 1, "frames": [level(), level()]}
    assert await socket.ask(passing) == counts(2, ack=1)
    assert await socket.ask(passing) == counts(duplicates=2, ack=1)


async def test_streams_do_not_know_of_each_other(door: Door) -> None:
    socket = await door.open()
    for stream in ("one", "two"):
        answer = await socket.ask({"stream": stream, "id": 1, "frames": [said(None, f"hello {stream}")]})
        assert answer == counts(1, ack=1)


async def test_a_frame_that_carries_marks_is_recognised_anywhere(door: Door) -> None:
    socket = await door.open()
    assert await socket.ask(said(1, "hello", "u1")) == counts(1)
    assert await socket.ask({"stream": "s", "id": 1, "frames": [said(1, "hello", "u1")]}) == counts(duplicates=1, ack=1)


async def test_unknown_and_passing_events_count_as_accepted(door: Door) -> None:
    socket = await door.open()
    answer = await socket.ask([frame("qa.flagged", 1, rule="closing"), frame("turn.pause", 2), {"event": "pong"}, level()])
    assert answer == counts(4)
    assert await Entry.objects.filter(event="qa.flagged").acount() == 1


async def test_the_counts_of_a_mixed_message_add_up(door: Door) -> None:
    socket = await door.open()
    await socket.ask(said(1, "hello", "u1"))
    answer = await socket.ask([said(1, "hello", "u1"), 17, said(2, "again", "u2"), {"no": "event"}, "text"])
    assert (answer["accepted"], answer["duplicates"]) == (1, 1)
    assert [item["index"] for item in answer["rejected"]] == [1, 3, 4]
    assert all(item["error"] for item in answer["rejected"])
    assert await DeadLetter.objects.acount() == 3


@pytest.mark.parametrize("text", ["{", "nothing", '{"event":', "[1,2", "\x00"])
async def test_what_is_no_json_is_a_dead_letter_and_the_socket_stays_open(door: Door, text: str) -> None:
    socket = await door.open()
    answer = await socket.ask(text)
    assert [item["index"] for item in answer["rejected"]] == [0]
    assert (await DeadLetter.objects.aget()).error == "This is not JSON."
    assert await socket.ask(started()) == counts(1)


async def test_too_many_frames_are_refused_whole_and_the_socket_stays_open(door: Door) -> None:
    socket = await door.open()
    assert await socket.ask({"stream": "s", "id": 9, "frames": [level()] * 1001}) == {"ack": 9, "error": "too_large"}
    assert await socket.ask([level()] * 1001) == {"ack": None, "error": "too_large"}
    assert await socket.ask({"stream": "s", "id": 9, "frames": [level()] * 1000}) == counts(1000, ack=9)


@pytest.mark.parametrize("id_first", [True, False])
async def test_too_many_bytes_are_refused_with_the_envelopes_id(door: Door, id_first: bool) -> None:
    socket = await door.open()
    frames = [said(1, "x" * 8 * 1024 * 1024, "u1")]
    envelope = {"stream": "s", "id": 9, "frames": frames} if id_first else {"frames": frames, "stream": "s", "id": 9}
    assert await socket.ask(envelope) == {"ack": 9, "error": "too_large"}
    assert await socket.ask(started()) == counts(1)


async def test_bytes_count_not_characters(door: Door) -> None:
    socket = await door.open()
    assert await socket.ask([said(1, "€" * 3 * 1024 * 1024, "u1")]) == {"ack": None, "error": "too_large"}


async def test_pings_are_answered_in_kind(door: Door) -> None:
    socket = await door.open()
    assert await socket.ask({"action": "ping"}) == {"action": "pong"}
    assert await socket.ask({"event": "ping"}) == {"event": "pong"}
    assert await socket.ask({"event": "ping", "agent": "frontdesk"}) == {"event": "pong"}


async def test_answers_keep_the_order_of_messages(door: Door) -> None:
    socket = await door.open()
    for number in range(30):
        text = {"event": "ping"} if number % 7 == 3 else {"stream": "s", "id": number, "frames": [said(number, "hello", f"u{number}")]}
        await socket.say(orjson.dumps(text).decode())
    answers = [await socket.hear() for _ in range(30)]
    assert [answer.get("ack", "pong") for answer in answers] == [n if n % 7 != 3 else "pong" for n in range(30)]


async def test_an_acknowledged_frame_stands_in_the_journal(door: Door) -> None:
    socket = await door.open()
    for number in range(5):
        await socket.ask({"stream": "s", "id": number, "frames": [said(number, f"line {number}", f"u{number}")]})
        assert await Entry.objects.filter(seq=1 + number * 1000).aexists()


async def test_a_call_of_another_connection_becomes_a_dead_letter_that_names_the_first(door: Door) -> None:
    socket = await door.open()
    await socket.ask(started())
    await sync_to_async(make_source)("pinecall", "second", "in_second-token-0123456789")
    communicator = door.communicator("second", "in_second-token-0123456789")
    assert (await communicator.connect(30))[0]
    for intruder in (said(1, "mine!", "u1"), level(), ended(2)):
        await communicator.send_to(text_data=orjson.dumps(intruder).decode())
        answer = orjson.loads(await communicator.receive_from(30))
        assert [item["error"] for item in answer["rejected"]] == ["This call belongs to the connection bridge."]
    assert await DeadLetter.objects.filter(connection__slug="second", error__contains="bridge").acount() == 3
    call = await Call.objects.aget()
    assert (call.connection_id, call.status) == (door.source.id, "answered")


async def test_when_the_connection_was_heard_is_noted(door: Door) -> None:
    socket = await door.open()
    await socket.ask(level())
    for _ in range(100):
        await socket.ask({"event": "ping"})
        if (await Connection.objects.aget(pk=door.source.id)).heard_at is not None:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the connection was heard, and nobody noted when")


async def test_a_socket_that_carries_no_commands_is_not_chosen_until_it_says_so(door: Door) -> None:
    communicator = door.communicator()
    communicator.scope["headers"].append((b"x-commands", b"no"))
    assert (await communicator.connect(30))[0]
    socket = Socket(communicator)
    await socket.ask('{"event":"ping"}')
    assert await OpenSocket.objects.acount() == 0
    for wish, count in (("yes", 1), ("no", 0), ("yes", 1)):
        await socket.say(f'{{"commands":"{wish}"}}')
        await socket.ask('{"event":"ping"}')
        assert await OpenSocket.objects.acount() == count


async def test_the_runner_speaks_for_an_agent_that_was_not_heard_since_its_socket_opened(door: Door) -> None:
    await Connection.objects.filter(pk=door.source.id).aupdate(kind="pinecall-direct")
    fence = await sync_to_async(lambda: lease.take(lease.read_lease(), "one", "here"))()
    assert await spoken_for(door, lease.runner_token(door.source.id, fence)) == (True, True)


async def test_a_bridge_speaks_for_the_agents_that_it_named(door: Door) -> None:
    assert await spoken_for(door, TOKEN) == (True, False)


async def spoken_for(door: Door, token: str) -> tuple[bool, bool]:
    """After one frame of the agent "loud" on a new socket: do "loud" and "quiet" have a line for commands?"""
    communicator = door.communicator(token=token)
    assert (await communicator.connect(30))[0]
    await Socket(communicator).ask(started(agent_id="loud"))
    heard = datetime.now(UTC)
    sender().said_at = 0.0  # it says at once what it holds
    for _ in range(300):
        sender().wake.set()
        if await OpenSocket.objects.filter(seen_at__gt=heard).aexists():
            break
        await asyncio.sleep(0.05)
    else:
        raise AssertionError("the sender never said what it holds")
    listens = sync_to_async(sockets.is_listening)
    now = datetime.now(UTC)
    return await listens(door.source.id, "loud", now), await listens(door.source.id, "quiet", now)
