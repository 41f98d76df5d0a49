"""The flat sample and the Phoenix sample tell the same stories; every row reads alike in every shape."""

from collections.abc import Callable
from typing import Any

import pytest

from callcenter.domain.decoded import Unreadable
from callcenter.domain.events.lifecycle import CallAnswered, CallEnded, CallRinging
from callcenter.domain.events.telephony import ParticipantJoined, ParticipantLeft
from callcenter.providers.decode import decode
from callcenter.providers.sippet.fields import snake_keys
from tests.providers.contract import rows, sample
from tests.providers.shapes import Frame, apart, as_sse, camel_keys, renamed, shouted, wrapped

FLAT = [decode("sippet", frame) for frame in sample("sippet-flat")]
PHOENIX = [decode("sippet", frame) for frame in sample("sippet-phoenix")]
EVENTS = [row["event_wire"] for row in rows("sippet") if not row["event_wire"].startswith("phx_")]
PAYLOADS = {frame[3]: frame[4] for frame in reversed(sample("sippet-phoenix")) if "call" not in frame[4]}


def test_both_samples_are_the_same_events_in_the_same_order() -> None:
    phoenix = [one for one in PHOENIX if not one.name.startswith("phx_")]
    assert [one.name for one in FLAT] == [one.name for one in phoenix]
    assert [one.event for one in FLAT] == [one.event for one in phoenix]
    assert [(one.ts, one.identified, one.durable) for one in FLAT] == [(one.ts, one.identified, one.durable) for one in phoenix]


def test_replies_and_errors_of_the_channel_have_no_effect() -> None:
    control = [one for one in PHOENIX if one.name.startswith("phx_")]
    assert len(control) == 8
    assert all((one.event, one.durable, one.known) == (None, False, True) for one in control)


def test_the_one_unknown_event_is_kept_raw_with_its_call() -> None:
    unknown = [one for one in FLAT if not one.known]
    assert [(one.name, one.event, one.durable, one.call) for one in unknown] == [
        ("queue_position_changed", None, True, "19e6d7b4-a05c-4d38-92f1-6b8c3e7a50d2")
    ]


SHAPES: dict[str, Callable[[str, Frame], Any]] = {
    "flat, snake_case": lambda name, body: {"event": name, **body},
    "flat, camelCase": lambda name, body: {"event": name, **camel_keys(body)},
    "name folded": lambda name, body: shouted({"event": name, **body}),
    "name in camelCase": lambda name, body: renamed({"event": name, **body}, "".join(part.title() for part in name.split("_"))),
    "under payload": lambda name, body: {"event": name, "payload": body},
    "under payload, camelCase": lambda name, body: {"event": name, "payload": camel_keys(body)},
    "under data": lambda name, body: apart({"event": name, **body}),
    "server-sent event": lambda name, body: as_sse({"event": name, **body}),
    "under call": lambda name, body: {"event": name, "call": body},
    "under call in payload": lambda name, body: {"event": name, "payload": {"call": camel_keys(body)}},
    "call beside the rest": lambda name, body: {"event": name, "call": {"callUuid": body["call_uuid"]}, **without(body, "call_uuid")},
    "uuid": lambda name, body: {"event": name, "uuid": body["call_uuid"], **without(body, "call_uuid")},
    "broadcast": lambda name, body: [None, None, "events", name, body],
    "push, camelCase": lambda name, body: ["2", None, "events", name, camel_keys(body)],
    "wrapped": lambda name, body: wrapped({"event": name, **body}, seq=4, ts=1782900000.5),
    "wrapped push": lambda name, body: wrapped(["2", None, "events", name, body]),
    "wrapped payload": lambda name, body: wrapped({"event": name, "payload": body}),
}


def without(body: Frame, key: str) -> Frame:
    return {name: value for name, value in body.items() if name != key}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", EVENTS)
def test_a_row_is_the_same_event_in_every_shape(name: str, shape: str) -> None:
    body = snake_keys(PAYLOADS[name])
    plain = decode("sippet", {"event": name, **body})
    shaped = decode("sippet", SHAPES[shape](name, body))
    assert plain.event is not None
    assert shaped.event == plain.event
    assert (shaped.name, shaped.call, shaped.durable) == (name, body["call_uuid"], plain.durable)


@pytest.mark.parametrize("name", ["phx_reply", "phx_error", "phx_close"])
def test_control_frames_have_no_effect_in_any_shape(name: str) -> None:
    for frame in (["2", "2", "events", name, {}], {"event": name}, {"event": name, "payload": {}}, wrapped(["2", "2", "events", name, {}])):
        decoded = decode("sippet", frame)
        assert (decoded.name, decoded.event, decoded.durable) == (name, None, False)


@pytest.mark.parametrize(
    "frame", [["1", "1", "events", "phx_join"], [None] * 5, [1, 2, 3, 4, 5], ["1", None, "events", "", {}], [{"event": "x"}]]
)
def test_an_array_that_is_no_phoenix_frame_is_refused(frame: list[Any]) -> None:
    with pytest.raises(Unreadable, match="Phoenix"):
        decode("sippet", frame)


def test_a_payload_that_is_no_object_is_empty() -> None:
    decoded = decode("sippet", [None, None, "events", "call_answered", "gone"])
    assert (decoded.event, decoded.known, decoded.call) == (None, True, "")


def test_the_first_story_reads_as_the_contract_tells_it() -> None:
    events = [one.event for one in FLAT if one.call.startswith("4b8d")]
    ringing, caller, answered = events[0], events[1], events[2]
    assert isinstance(ringing, CallRinging)
    assert (ringing.from_number, ringing.to_number, ringing.direction, ringing.channel, ringing.started_at) == (
        "+14045550119", "+14045550100", "inbound", "phone", 1782914530.0,
    )  # fmt: skip
    assert isinstance(caller, ParticipantJoined)
    assert (caller.member, caller.role, caller.joined_at) == ("m-pstn-3310", "caller", 1782914530.0)
    assert isinstance(answered, CallAnswered)
    assert answered.answered_at == 1782914532.0
    left = [event for event in events if isinstance(event, ParticipantLeft)]
    assert [(event.member, event.joined_at, event.left_at) for event in left] == [
        ("m-ai-5521", 1782914532.0, 1782914561.0),
        ("m-pstn-3310", 1782914530.0, 1782914585.0),
    ]
    assert isinstance(events[-1], CallEnded)
    assert (events[-1], events[-1].duration, events[-1].ended_at) == (events[-2], 55, 1782914585.0)
