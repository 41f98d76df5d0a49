"""The record of a finished conversation: it adds what was missing, once, and changes nothing else."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from callcenter.calls.models import Call, TranscriptEntry
from callcenter.calls.rebuild import differences
from callcenter.ingest import views
from callcenter.journal.connections import add_connection
from callcenter.journal.models import Connection, DeadLetter, Entry
from tests.ingest.doors import Door
from tests.ingest.frames import CALL, START, ended, said, speaking, started

SAID = [
    ("assistant", "Good morning, Harbour Dental."),
    ("user", "Yes."),
    ("assistant", "Would Thursday at nine suit you?"),
    ("user", "Yes."),
    ("user", "Thursday at nine is fine."),
]
Record = dict[str, Any]


def record(**changes: Any) -> Record:
    """As a store of the customer keeps it."""
    kept = {
        "callId": CALL, "agentId": "Front_Desk", "channel": "phone", "direction": "inbound", "from": "+447700900128",
        "to": "+442079460118", "startedAt": START, "endedAt": START + 42.5, "duration": 42.5, "reason": "hangup", "status": "ended",
        "transcript": [{"role": role, "content": text} for role, text in SAID], "metadata": {"order": "4711"},
    }  # fmt: skip
    return {**kept, **changes}


def counts(accepted: int = 0, duplicates: int = 0) -> Record:
    return {"ack": None, "accepted": accepted, "duplicates": duplicates, "rejected": []}


async def transcript() -> list[tuple[str, str]]:
    return [(line.speaker, line.text) async for line in TranscriptEntry.objects.all()]


SPEAKERS = {"assistant": "agent", "user": "contact"}
TOLD = [(SPEAKERS[role], text) for role, text in SAID]


async def test_a_call_that_nobody_heard_of_is_told_whole(door: Door) -> None:
    assert await door.record(CALL, record()) == (202, counts(1))
    call = await Call.objects.select_related("agent").aget()
    assert (call.call_uuid, call.status, call.end_reason, call.channel, call.direction) == (CALL, "completed", "hangup", "phone", "inbound")
    assert (call.from_number, call.to_number, call.metadata) == ("+447700900128", "+442079460118", {"order": "4711"})
    assert call.agent is not None
    assert (call.agent.slug, call.duration_s) == ("front-desk", 42.5)
    assert [moment.timestamp() for moment in (call.started_at, call.answered_at, call.ended_at) if moment] == [START, START, START + 42.5]
    assert await transcript() == TOLD


async def test_put_twice_it_is_there_once(door: Door) -> None:
    await door.record(CALL, record())
    before = await Call.objects.values("revision").aget()
    assert await door.record(CALL, record()) == (202, counts(duplicates=1))
    assert await door.record(CALL, dict(reversed(record().items()))) == (202, counts(duplicates=1))
    assert await Entry.objects.acount() == 1
    assert await Call.objects.values("revision").aget() == before


async def test_after_live_frames_it_adds_only_what_was_missing(door: Door) -> None:
    heard = [speaking(1, "m1", SAID[0][1]), said(3, "yes", "u1"), said(9, "Thursday at nine is fine", "u3")]
    await door.post([started(), *heard, ended(42, reason="idle_timeout")])
    assert await door.record(CALL, record()) == (202, counts(1))
    assert [text.rstrip(".").lower() for _, text in await transcript()] == [text.rstrip(".").lower() for _, text in SAID]
    call = await Call.objects.aget()
    assert (call.status, call.end_reason) == ("completed", "idle_timeout")
    assert await sync_to_async(lambda: list(differences()))() == []


async def test_live_frames_after_it_give_the_same_and_reopen_nothing(door: Door) -> None:
    heard = [started(), speaking(1, "m1", SAID[0][1]), said(3, "Yes.", "u1"), ended(42.5)]
    await door.record(CALL, record())
    await door.post(heard)
    assert (await Call.objects.aget()).status == "completed"
    assert await transcript() == TOLD


async def test_a_conversation_that_was_closed_as_lost_gets_its_end(door: Door) -> None:
    await door.post([started(), said(3, "Yes.", "u1")])
    await door.record(CALL, record(reason="max_duration"))
    assert (await Call.objects.aget()).end_reason == "max_duration"


async def test_a_session_of_whatsapp_belongs_to_its_contact(door: Door) -> None:
    kept = record(callId="wa-1", channel="whatsapp", to="frontdesk", endedAt=None, **{"from": "447700900983"})
    assert await door.record("wa-1", kept) == (202, counts(1))
    call = await Call.objects.select_related("thread").aget()
    assert call.thread is not None
    assert (call.channel, call.thread.digits, call.ended_at and call.ended_at.timestamp()) == ("whatsapp", "447700900983", START + 42.5)


async def test_nobody_answered_a_call_in_which_nothing_was_said(door: Door) -> None:
    await door.record(CALL, record(direction="outbound", reason="no-answer", transcript=[], duration=0))
    call = await Call.objects.aget()
    assert (call.end_reason, call.answered_at) == ("no_answer", None)


async def test_a_conversation_that_goes_on_is_left_alone(door: Door) -> None:
    for status in ("active", "in_progress", "ringing"):
        code, answer = await door.record(CALL, record(status=status))
        assert (code, "not over" in answer["error"]) == (409, True)
    assert not await Entry.objects.aexists()


WRONG = {
    "no JSON": (b"{", "JSON"),
    "a list": ([1], "one JSON object"),
    "another call": (record(callId="CA2"), "another call"),
    "a transcript that is no list": (record(transcript="hello"), "list"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_no_record_is_refused_in_plain_words(door: Door, what: str) -> None:
    body, words = WRONG[what]
    code, answer = await door.record(CALL, body)
    assert code == 400
    assert words in answer["error"]
    assert not await Entry.objects.aexists()


async def test_a_record_beyond_the_limit_is_refused(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MAX_MESSAGE", 100)
    assert await door.record(CALL, record()) == (413, {"error": "too_large"})


async def test_a_call_of_another_connection_stays_there(door: Door) -> None:
    team = (await Connection.objects.select_related("team").aget()).team
    await sync_to_async(add_connection)("other", "pinecall", team, "in_other")
    await door.post(started())
    code, answer = await door.record(CALL, record(), slug="other", token="in_other")
    assert (code, answer["rejected"][0]["error"]) == (400, "This call belongs to the connection bridge.")
    assert await DeadLetter.objects.acount() == 1


async def test_strangers_and_other_providers_have_no_such_door(door: Door) -> None:
    team = (await Connection.objects.select_related("team").aget()).team
    await sync_to_async(add_connection)("telephony", "sippet", team, "in_telephony")
    assert (await door.record(CALL, record(), token="in_wrong"))[0] == 401
    code, answer = await door.record(CALL, record(), slug="telephony", token="in_telephony")
    assert (code, "Pinecall" in answer["error"]) == (400, True)
    assert (await door.http.post(f"/ingest/bridge/history/{CALL}/")).status_code == 405
