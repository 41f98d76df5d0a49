"""One call through the API: exactly the promised keys, and what the rows say."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callcenter.calls.live_state import LiveCall, LiveLine, store
from callcenter.operators.models import Operator, Team
from tests.api.reading import Reader
from tests.factories import (
    START,
    make_agent,
    make_audit,
    make_call,
    make_connection,
    make_contact,
    make_entry,
    make_line,
    make_note,
    make_participant,
    make_recording,
    make_thread,
    make_tool,
    seconds,
)

# Design, section 4: the least that a call says.
PROMISED = {
    "call_uuid", "connection", "provider", "agent", "channel", "thread_id", "direction", "from_number", "to_number", "contact",
    "metadata", "status", "end_reason", "started_at", "answered_at", "ended_at", "duration_s", "holder", "paused", "held", "muted",
    "stale", "revision", "transcript", "tools", "participants", "audit", "dtmf", "recordings",
}  # fmt: skip
LISTS = {"transcript", "tools", "participants", "audit", "dtmf", "recordings"}
ADDED = {"language", "error", "forwarded_to", "alarm"}


def test_a_call_has_the_promised_keys_and_in_a_list_all_but_its_lists(oskar: Operator, north: Team):
    make_call("CA1", make_agent(connection=make_connection(team=north)))
    reader = Reader(oskar)
    assert set(reader.call("CA1")) == PROMISED | ADDED | {"notes"}
    assert set(reader.read("calls/")["results"][0]) == (PROMISED - LISTS) | ADDED


def test_a_finished_call_is_told_whole(oskar: Operator, north: Team):
    agent = make_agent("frontdesk", make_connection("berlin", team=north), name="Front desk")
    call = make_call(
        "CA1",
        agent,
        contact=make_contact("447700900128", "Lena", team=north),
        contact_name="Lena Hoffmann",
        metadata={"order": 4711},
        language="de",
        status="completed",
        end_reason="hangup",
        ended_at=seconds(62),
        duration_s=60.0,
    )
    make_line(call, "Guten Tag", "agent", at=3, message_id="msg_a")
    make_line(call, "Hallo 👋", at=4.5, message_id="msg_b", kind="audio", delivery="read")
    make_tool(call, tool_id="t1", result={"slots": [1, 2]}, state="done", done_at=seconds(8.2))
    make_audit(call, "tool.finished")
    make_participant(call, "m-1", "caller", left_at=seconds(62))
    make_note(call, "dtmf_received", {"digits": "4"}, at=20)
    make_note(call, "dtmf_sent", {"digits": "12#"}, at=21)
    make_note(call, "hold_on", at=30)
    audio = make_recording(call)
    told = Reader(oskar).call("CA1")
    expected = {
        "call_uuid": "CA1",
        "connection": "berlin",
        "provider": "pinecall",
        "agent": "frontdesk",
        "channel": "phone",
        "thread_id": None,
        "direction": "inbound",
        "contact": {"phone": "+447700900128", "name": "Lena Hoffmann"},
        "metadata": {"order": 4711},
        "status": "completed",
        "end_reason": "hangup",
        "started_at": "2026-07-01T14:02:10.250Z",
        "answered_at": "2026-07-01T14:02:12.250Z",
        "ended_at": "2026-07-01T14:03:12.250Z",
        "duration_s": 60.0,
        "holder": {"kind": "agent", "name": "Front desk"},
        "paused": {"call": False, "contact": False, "agent": False},
        "stale": False,
        "participants": [{"id": "m-1", "role": "caller", "joined_at": "2026-07-01T14:02:10.250Z", "left_at": "2026-07-01T14:03:12.250Z"}],
        "audit": [{"type": "tool.finished", "at": "2026-07-01T14:02:19.250Z", "data": {"tokens": 212}}],
        "dtmf": [
            {"direction": "received", "digits": "4", "at": "2026-07-01T14:02:30.250Z"},
            {"direction": "sent", "digits": "12#", "at": "2026-07-01T14:02:31.250Z"},
        ],
        "notes": [{"kind": "hold_on", "at": "2026-07-01T14:02:40.250Z", "data": {}}],
        "recordings": [{"url": f"/calls/CA1/recordings/{audio.key}/", "duration_ms": 16, "sample_rate": 16_000, "format": "wav"}],
    }
    assert {key: told[key] for key in expected} == expected
    assert [
        (line["message_id"], line["speaker"], line["text"], line["kind"], line["delivery"], line["at"]) for line in told["transcript"]
    ] == [
        ("msg_a", "agent", "Guten Tag", "text", "", "2026-07-01T14:02:13.250Z"),
        ("msg_b", "contact", "Hallo 👋", "audio", "read", "2026-07-01T14:02:14.750Z"),
    ]
    [tool] = told["tools"]
    assert (tool["id"], tool["arguments"], tool["result"], tool["at"]) == (
        "t1",
        {"day": "Friday"},
        {"slots": [1, 2]},
        "2026-07-01T14:02:18.250Z",
    )


def test_the_holder_is_the_operator_who_took_over(oskar: Operator, north: Team):
    make_call("CA1", make_agent(connection=make_connection(team=north)), holder=oskar)
    assert Reader(oskar).call("CA1")["holder"] == {"kind": "operator", "name": "oskar"}


def test_the_contact_of_an_outbound_call_is_whom_it_went_to_and_a_web_visitor_has_no_number(oskar: Operator, north: Team):
    connection = make_connection(team=north)
    make_call("out", connection=connection, direction="outbound", from_number="+1", to_number="+2")
    make_call("web", connection=connection, channel="webrtc", from_number="webrtc", contact_name="Kim")
    reader = Reader(oskar)
    assert reader.call("out")["contact"] == {"phone": "+2", "name": ""}
    assert reader.call("web")["contact"] == {"phone": "", "name": "Kim"}


@pytest.mark.parametrize(
    ("pauses", "where"),
    [
        ({"paused": True}, "agent"),
        ({"paused_contacts": ["447700900983"]}, "contact"),
        ({"paused_calls": ["wa-1"]}, "call"),
        ({"paused_elsewhere": ["wa-1"]}, "call"),
    ],
)
def test_pauses_are_read_from_the_agent(oskar: Operator, north: Team, pauses: dict[str, Any], where: str):
    agent = make_agent(connection=make_connection(team=north), **pauses)
    contact = make_contact("447700900983", team=north)
    make_call("wa-1", agent, channel="whatsapp", contact=contact, thread=make_thread(agent, contact))
    reader = Reader(oskar)
    paused = reader.call("wa-1")["paused"]
    assert paused == {"call": False, "contact": False, "agent": False} | {where: True}
    assert reader.read("calls/")["results"][0]["paused"] == paused


def test_sessions_of_one_thread_share_its_id(oskar: Operator, north: Team):
    agent = make_agent("orders", make_connection("berlin", team=north))
    thread = make_thread(agent, make_contact("447700900983", team=north))
    make_call("wa-1", agent, thread=thread, channel="whatsapp")
    make_call("wa-2", agent, thread=thread, channel="whatsapp")
    reader = Reader(oskar)
    assert reader.call("wa-1")["thread_id"] == reader.call("wa-2")["thread_id"] == "berlin:orders:447700900983"
    assert reader.read("threads/")["results"][0]["id"] == "berlin:orders:447700900983"


def test_a_silent_call_is_stale_until_anything_of_it_is_heard(oskar: Operator, north: Team, settings):
    settings.STALE_AFTER_S = 120
    now = datetime.now(UTC)
    make_call("CA1", connection=make_connection(team=north), heard_at=now - timedelta(minutes=10))
    reader = Reader(oskar)
    assert reader.call("CA1")["stale"] is True
    store().put({"CA1": LiveCall(epoch=1, heard=now.timestamp())})
    try:
        assert reader.call("CA1")["stale"] is False
        assert reader.read("calls/")["results"][0]["stale"] is False
    finally:
        store().drop(["CA1"])


def test_what_is_being_said_stands_in_the_transcript_of_a_live_call(oskar: Operator, north: Team):
    call = make_call("CA1", connection=make_connection(team=north))
    row = make_line(call, "", "agent", at=5, state="speaking", announced="Good morning, how can I help?")
    reader = Reader(oskar)
    assert [(line["text"], line["state"]) for line in reader.call("CA1")["transcript"]] == [("Good morning, how can I help?", "speaking")]
    now = START.timestamp()
    spoken = LiveLine(row.key, "agent", "Good morning,", "how can I help?", "speaking", now + 5, (now + 5, 0, 1), row.message_id)
    interim = LiveLine("interim", "contact", "I would", "", "interim", now + 6, (now + 6, 0, 2))
    store().put({"CA1": LiveCall(epoch=1, heard=datetime.now(UTC).timestamp(), lines=(interim, spoken))})
    try:
        lines = reader.call("CA1")["transcript"]
        assert [(line["speaker"], line["text"], line["state"]) for line in lines] == [
            ("agent", "Good morning,", "speaking"),
            ("contact", "I would", "interim"),
        ]
        call.status = "completed"
        call.save()
        assert len(reader.call("CA1")["transcript"]) == 1
    finally:
        store().drop(["CA1"])


def test_a_refused_line_is_aborted_and_says_so(oskar: Operator, north: Team):
    call = make_call("CA1", connection=make_connection(team=north))
    make_line(call, "Too late", "operator", state="rejected")
    [line] = Reader(oskar).call("CA1")["transcript"]
    assert (line["state"], line["rejected"]) == ("aborted", True)


@pytest.mark.parametrize("call_uuid", ["a/b/c", "ring ring", "приём-1", "50%25", "a?b#c", "../../x", "line\nbreak", "events/", "é" * 200])
def test_any_id_of_a_provider_has_an_address(oskar: Operator, north: Team, call_uuid: str):
    call = make_call(call_uuid, connection=make_connection(team=north))
    make_entry(call)
    reader = Reader(oskar)
    assert reader.call(call_uuid)["call_uuid"] == call_uuid


def test_an_impossible_id_is_just_unknown(oskar: Operator):
    reader = Reader(oskar)
    for path in ("calls/%00/", "calls/a%00b/events/", "calls/" + "x" * 3000 + "/"):
        assert reader.answer(path).status_code == 404


def test_text_of_the_contact_comes_back_to_the_letter(oskar: Operator, north: Team):
    text = '<script>alert("x")</script> \u202eevil\u200b 👩‍👩‍👧‍👦 ' + "W" * 100_000
    call = make_call("CA1", connection=make_connection(team=north), metadata={"note": text}, contact_name=text[:200])
    make_line(call, text)
    told = Reader(oskar).call("CA1")
    assert told["transcript"][0]["text"] == told["metadata"]["note"] == text


def test_times_are_written_in_one_form(oskar: Operator, north: Team):
    call = make_call("CA1", connection=make_connection(team=north), ended_at=datetime(2026, 7, 1, tzinfo=UTC))
    make_line(call, "Hi")
    make_entry(call)
    reader = Reader(oskar)
    text = json.dumps([reader.call("CA1"), reader.read("calls/CA1/events/")])
    times = re.findall(r'"\d{4}-\d\d-\d\dT[^"]*"', text)
    assert times
    assert all(re.fullmatch(r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"', time) for time in times)
