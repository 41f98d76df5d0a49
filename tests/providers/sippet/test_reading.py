"""A tolerant reading of payloads nobody promised. Contract §4.1."""

from typing import Any

import pytest

from callcenter.domain.decoded import Decoded, Unreadable
from callcenter.domain.events.lifecycle import CallEnded, CallRinging
from callcenter.domain.events.speech import TranscriptCompleted, TranscriptDelta
from callcenter.domain.events.telephony import ParticipantJoined, ParticipantLeft
from callcenter.providers.decode import decode


def read(event: str, **fields: Any) -> Decoded:
    return decode("sippet", {"event": event, "callUuid": "u-1", **fields})


def completed(**fields: Any) -> TranscriptCompleted:
    event = read("call_transcript_completed", **fields).event
    assert isinstance(event, TranscriptCompleted)
    return event


def piece(**fields: Any) -> TranscriptDelta:
    event = read("call_transcript_delta", **fields).event
    assert isinstance(event, TranscriptDelta)
    return event


def test_without_a_call_uuid_the_frame_is_kept_without_effect() -> None:
    for body in ({}, {"callId": "record-1"}, {"call": {"id": "record-1"}}, {"callUuid": 5}, {"callUuid": ""}):
        decoded = decode("sippet", {"event": "call_answered", **body})
        assert (decoded.event, decoded.known, decoded.durable, decoded.call) == (None, True, True, "")


def test_the_id_of_the_record_is_never_the_call() -> None:
    assert decode("sippet", {"event": "call_answered", "call": {"id": "record-1", "call_uuid": "u-1"}}).call == "u-1"


def test_an_endless_call_uuid_is_unreadable() -> None:
    assert read("call_answered", callUuid="x" * 200).call == "x" * 200
    with pytest.raises(Unreadable, match="201 characters"):
        read("call_answered", callUuid="x" * 201)


def test_outer_fields_win_over_nested_ones() -> None:
    event = decode("sippet", {"event": "incoming_call", "fromNumber": "+1", "call": {"uuid": "u-1", "from": "+2", "to": "+3"}}).event
    assert isinstance(event, CallRinging)
    assert (event.call, event.from_number, event.to_number) == ("u-1", "+1", "+3")


def test_an_event_beside_the_record_id_is_still_unwrapped() -> None:
    decoded = decode("sippet", {"event": "call_answered", "callId": "record-1", "payload": {"call": {"callUuid": "u-1"}}})
    assert decoded.call == "u-1"


def test_participants_are_known_by_any_of_their_names() -> None:
    for fields in (
        {"memberUuid": "m-1", "role": "caller"},
        {"participantId": "m-1", "role": "caller"},
        {"participant": {"id": "m-1", "role": "caller"}},
        {"Participant": {"memberUuid": "m-1", "id": "record", "role": "caller"}},
    ):
        event = read("call_participant_joined", **fields).event
        assert isinstance(event, ParticipantJoined)
        assert (event.member, event.role, event.joined_at) == ("m-1", "caller", None)
    assert read("call_participant_joined", role="caller").event is None


def test_the_role_of_a_participant_is_the_provider_s_text() -> None:
    event = read("call_participant_left", memberUuid="m-1", role="Night Shift/2").event
    assert isinstance(event, ParticipantLeft)
    assert event.role == "Night Shift/2"


def test_leaving_is_not_timed_by_the_arrival_of_the_member() -> None:
    decoded = read("call_participant_left", memberUuid="m-1", joinedAt="2026-07-01T14:02:10Z")
    assert (decoded.ts, decoded.identified) == (None, True)


def test_utterances_are_known_by_item_and_part() -> None:
    assert completed(itemId="i", contentIndex=0, text="x").item == completed(segment_id="i", text="x").item == "i"
    assert completed(utteranceId="i", contentIndex=2, text="x").item == "i#2"
    assert completed(item={"id": "i"}, text="x").item == "i"
    assert completed(contentIndex=2, text="x").item == ""


def test_the_words_are_under_any_of_their_names() -> None:
    assert piece(delta="a", text="b").text == "a"
    assert piece(content=" b").text == " b"
    assert completed(transcript="c").text == "c"
    assert completed(transcript={"content": "d", "role": "user"}).text == "d"
    assert completed().text == ""
    assert read("call_transcript_delta", delta="").event is None


@pytest.mark.parametrize(
    ("role", "speaker"),
    [
        ("user", "contact"),
        ("Caller", "contact"),
        ("assistant", "agent"),
        ("ai_agent", "agent"),
        ("operator", "operator"),
        ("choir", "system"),
    ],
)
def test_roles_become_speakers_and_an_unknown_role_is_nobody(role: str, speaker: str) -> None:
    assert completed(role=role, text="x").speaker == speaker
    assert completed(speaker=role, text="x").speaker == speaker


def test_pieces_are_never_recognised_again() -> None:
    assert not read("call_transcript_delta", itemId="i", delta="ha").identified
    assert read("call_transcript_completed", itemId="i", text="ha").identified
    assert not read("call_transcript_completed", text="ha").identified


@pytest.mark.parametrize(("status", "reason"), [("completed", ""), ("no-answer", "no_answer"), ("busy", "busy"), (7, "")])
def test_a_status_is_a_reason_only_when_it_tells_one(status: object, reason: str) -> None:
    event = read("call_ended", status=status, durationSeconds=True).event
    assert isinstance(event, CallEnded)
    assert (event.reason, event.duration) == (reason, None)


def test_the_time_of_the_event_itself_beats_that_of_its_relay() -> None:
    frame = {"event": "call_ended", "callUuid": "u-1", "endedAt": 1782914585000, "startedAt": 1782914530, "ts": 1782914599.5}
    assert decode("sippet", {"ts": 1782914600, "frame": frame}).ts == 1782914585.0
    del frame["endedAt"]
    assert decode("sippet", {"ts": 1782914600, "frame": frame}).ts == 1782914599.5
    del frame["ts"]
    assert decode("sippet", {"ts": 1782914600, "seq": 3, "frame": frame}).ts == 1782914600.0
    assert decode("sippet", {"ts": 1782914600, "seq": 3, "frame": frame}).seq == 3


def test_a_webhook_is_an_unknown_event_that_is_kept() -> None:
    decoded = decode("sippet", {"id": "evt_71c0", "type": "call.updated", "data": {"call_uuid": "u-1"}})
    assert (decoded.name, decoded.known, decoded.durable, decoded.call) == ("call.updated", False, True, "u-1")
