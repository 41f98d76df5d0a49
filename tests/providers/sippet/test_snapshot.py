"""Fetched rows as frames: the same record is the same frame, and nothing of a row that makes no sense gets further."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.domain.events.lifecycle import CallAnswered, CallEnded, CallRinging
from callcenter.domain.events.telephony import ParticipantJoined, ParticipantLeft
from callcenter.providers.decode import decode
from callcenter.providers.sippet.api import faults_of
from callcenter.providers.sippet.options import SippetOptions
from callcenter.providers.sippet.rows import read_list
from callcenter.providers.sippet.snapshot import (
    CALL_FIELDS,
    PARTICIPANT_FIELDS,
    TRANSCRIPT_FIELDS,
    owner_of,
    participant_frames,
    read_call,
    roles_of,
    transcript_frame,
    translated,
)

OPTIONS = SippetOptions()
ROW = {
    "id": "r-1",
    "callUuid": "u-1",
    "status": "answered",
    "direction": "inbound",
    "startedAt": "2026-07-01T14:02:10Z",
    "durationSeconds": 7,
}
LEG = {"id": "l-1", "callId": "r-1", "memberUuid": "m-1", "role": "ai_agent", "joinedAt": "2026-07-01T14:02:12Z", "leftAt": None}


def frame_of(**changed: Any) -> Any:
    record = read_call({**ROW, **changed}, OPTIONS)
    assert record is not None
    return record.frame


def test_what_counts_on_while_a_call_lives_makes_no_new_frame() -> None:
    assert frame_of() == frame_of(durationSeconds=8, endedAt=None, updatedAt="now", conversationId=None)
    assert frame_of(status="completed", durationSeconds=8) != frame_of(status="completed", durationSeconds=9)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"status": "initiated"}, CallRinging),
        ({"status": "IN-PROGRESS"}, CallAnswered),
        ({"status": "no_answer"}, CallEnded),
        ({"status": "answered", "endedAt": "2026-07-01T14:03:05Z"}, CallEnded),
        ({"status": "somewhere else"}, CallRinging),
        ({"status": None}, CallRinging),
    ],
)
def test_statuses_go_through_the_table_and_an_end_is_an_end(changed: dict[str, Any], kind: type) -> None:
    decoded = decode("sippet", frame_of(**changed))
    assert type(decoded.event) is kind
    assert (decoded.call, decoded.known, decoded.durable, decoded.identified) == ("u-1", True, True, True)


def test_words_of_the_settings_replace_the_table() -> None:
    record = read_call({**ROW, "status": "on_air"}, SippetOptions(answered_words="on_air"))
    assert record is not None
    assert record.state == "answered"


def test_who_is_gone_was_there_before() -> None:
    here, gone = participant_frames(LEG, "u-1", {}), participant_frames({**LEG, "leftAt": "2026-07-01T14:02:41Z"}, "u-1", {})
    assert gone[0] == here[0]
    assert [type(decode("sippet", frame).event) for frame in gone] == [ParticipantJoined, ParticipantLeft]
    assert participant_frames({**LEG, "joinedAt": None}, "u-1", {}) == []


def test_role_words_of_the_settings_are_translated_and_kept() -> None:
    roles = roles_of(SippetOptions(operator_roles="Desk, clerk"))
    assert translated({"role": "desk"}, roles) == {"role": "operator", "said_role": "desk"}
    assert translated({"role": "caller"}, roles) == {"role": "caller"}


def test_lists_come_in_three_forms() -> None:
    assert read_list([1]) == ([1], None)
    assert read_list({"results": [1], "hasMore": False, "count": 1}) == ([1], None)
    assert read_list({"results": [1], "hasMore": True, "count": 9}) == ([1], "")
    assert read_list({"results": [1], "hasMore": True, "nextPage": "p2"}) == ([1], "p2")
    assert read_list("nonsense") == ([], None)


KEYS = st.sampled_from([*CALL_FIELDS, *PARTICIPANT_FIELDS, *TRANSCRIPT_FIELDS, "call_uuid", "type", "message", "vars", "fields", "results"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from([*ROW.values()])
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8)
ROWS = st.dictionaries(KEYS, VALUES, max_size=8).map(lambda more: {**ROW, **LEG, **more}) | VALUES


@given(row=ROWS)
@settings(deadline=None)
def test_any_row_is_read_or_left_out(row: Any) -> None:
    record = read_call(row, OPTIONS)
    frames = [record.frame] if record else []
    frames += participant_frames(row, "u-1", {"x": "operator"})
    frames += [frame for frame in [transcript_frame(row, "u-1", {})] if frame]
    owner_of(row)
    read_list(row)
    assert all(fault.words for fault in faults_of(row))
    for frame in frames:
        decoded = decode("sippet", frame)
        assert decoded.known
        assert decoded.identified
