"""Every row of the table, in every spelling and envelope of contract A, is the same event."""

from collections.abc import Callable
from typing import Any

import pytest

from callcenter.providers.decode import decode
from tests.providers.contract import named, rows, sample
from tests.providers.shapes import Frame, apart, as_sse, as_stream, camel_keys, renamed, shouted, wrapped

ROWS = rows("pinecall")
# Where the SDK makes another frame, not only another name, of what the wire says: read in tests of their own.
REWRITTEN = {"llm.chat.chunk", "llm.chat.ended", "llm.chat.error", "call.error"}
STREAMED = [row for row in ROWS if row["event_sdk_or_stream"] != "-" and row["event_wire"] not in REWRITTEN]
SHAPES: dict[str, Callable[[Frame], Any]] = {
    "camelCase": camel_keys,
    "as a stream": as_stream,
    "name folded": shouted,
    "apart": apart,
    "apart, camelCase": lambda frame: apart(as_stream(frame)),
    "server-sent event": as_sse,
    "wrapped": wrapped,
    "wrapped with a place of its own": lambda frame: wrapped(frame, seq=7, ts=1782900000.25),
    "wrapped and apart": lambda frame: wrapped(apart(camel_keys(frame))),
}


def test_the_sample_has_a_frame_of_every_row() -> None:
    assert {row["event_wire"] for row in ROWS} <= {frame["event"] for frame in sample("pinecall-wire")}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["event_wire"])
def test_a_row_is_the_same_event_in_every_shape(row: dict[str, str], shape: str) -> None:
    frame = named("pinecall-wire", row["event_wire"])
    plain, shaped = decode("pinecall", frame), decode("pinecall", SHAPES[shape](frame))
    assert shaped.event == plain.event
    assert (shaped.name, shaped.durable, shaped.known) == (plain.name, plain.durable, True)
    assert (shaped.call, shaped.agent, shaped.contact) == (plain.call, plain.agent, plain.contact)


@pytest.mark.parametrize("row", STREAMED, ids=lambda row: row["event_wire"])
def test_a_row_is_the_same_event_under_its_stream_name(row: dict[str, str]) -> None:
    frame = named("pinecall-wire", row["event_wire"])
    streamed = renamed(as_stream(frame), row["event_sdk_or_stream"])
    assert decode("pinecall", streamed).event == decode("pinecall", frame).event


@pytest.mark.parametrize(
    ("other", "wire"),
    [
        ("call.preparing", "llm.before"), ("llm.preparingTimeout", "llm.preparing_timeout"), ("chat.started", "llm.chat.started"),
        ("whatsapp.sessionStarted", "whatsapp.session_started"), ("whatsapp.ended", "whatsapp.session_ended"),
        ("llm.toolResult", "llm.tool_result"), ("call.dtmfSent", "call.dtmf_sent"), ("call.dtmfReceived", "call.dtmf_received"),
        ("bargeIn", "barge_in"), ("call.routeFailed", "call.route_failed"), ("bot.confirmed", "message.confirmed"),
    ],
)  # fmt: skip
def test_aliases_and_tolerated_names_are_the_same_event(other: str, wire: str) -> None:
    frame = named("pinecall-wire", wire)
    assert decode("pinecall", renamed(frame, other)).event == decode("pinecall", frame).event


def test_spellings_may_be_mixed_in_one_frame() -> None:
    mixed = {"event": "bot.word", "call_id": "CA1", "messageId": "m1", "word": "Yes", "word_index": 2, "endTime": 0.5, "agent": "desk"}
    straight = {"event": "bot.word", "call_id": "CA1", "message_id": "m1", "word": "Yes", "word_index": 2, "end_time": 0.5, "agent": "desk"}
    assert decode("pinecall", mixed) == decode("pinecall", {**mixed})
    assert decode("pinecall", mixed).event == decode("pinecall", straight).event


def test_the_wrapper_supplies_only_what_the_frame_lacks() -> None:
    bare = {"event": "call.held", "callId": "CA1", "agent": "desk"}
    wrapper = {"seq": 9, "ts": 1782900000000}
    supplied = decode("pinecall", wrapped(bare, **wrapper))
    assert (supplied.seq, supplied.ts, supplied.identified) == (9, 1782900000.0, True)
    own = decode("pinecall", wrapped({**bare, "seq": 3, "ts": 1782900001.5}, **wrapper))
    assert (own.seq, own.ts) == (3, 1782900001.5)


def test_the_stored_frame_keeps_its_wrapper() -> None:
    frame = wrapped({"event": "call.held", "callId": "CA1", "agent": "desk"}, seq=9)
    assert decode("pinecall", frame).frame == frame


def test_a_name_inside_the_data_is_used_when_the_outer_one_tells_nothing() -> None:
    held = {"event": "call.held", "callId": "CA1", "agent": "desk"}
    plain = decode("pinecall", held).event
    assert plain is not None
    assert decode("pinecall", {"event": "message", "data": held}).event == plain
    assert decode("pinecall", {"data": held}).event == plain


@pytest.mark.parametrize("name", ["bot.word", "user.speaking", "audio.metrics"])
def test_the_short_way_of_frequent_frames_reads_what_the_long_way_reads(name: str) -> None:
    for form in ("pinecall-wire", "pinecall-stream"):
        for frame in sample(form):
            if frame["event"] == name:
                assert decode("pinecall", frame).event == decode("pinecall", wrapped(frame)).event
