"""One Sippet frame, flat, nested or a Phoenix array, becomes one Decoded."""

from typing import Any

from callcenter.domain.decoded import Decoded, Unreadable
from callcenter.domain.events.speech import TranscriptCompleted
from callcenter.domain.events.work import AuditRecorded
from callcenter.providers.envelope import parse_data, unwrap
from callcenter.providers.sippet.catalogue import find
from callcenter.providers.sippet.fields import Body, identify, read_body, time_of
from callcenter.providers.values import epoch, name, sequence, storable

TIMES = ("occurred_at", "joined_at", "left_at", "answered_at", "started_at", "ended_at")


def decode(frame: object) -> Decoded:
    """Raises Unreadable for what is no frame at all.

    Without ``call_uuid`` there is no event: which call a record's ``call_id`` means, no frame tells.
    """
    whole = storable(parse_data(frame))
    wrapped = unwrap(whole)
    raw_name, outer = _open(wrapped.frame)
    event_name, row = find(raw_name)
    body = read_body(outer)
    who = identify(body)
    event = row.read(body, who) if row is not None and row.read is not None and who.call else None
    own_ts = time_of(body, *(row.times if row else ()), "occurred_at", "ts")
    own_seq = sequence(body.get("seq"))
    seq = own_seq if own_seq is not None else wrapped.seq
    ts = own_ts if own_ts is not None else wrapped.ts
    timed = any(epoch(body.get(key)) is not None for key in TIMES)
    return Decoded(
        name=name(event_name),
        event=event,
        durable=row.durable if row else True,
        known=row is not None,
        call=who.call,
        agent=who.agent,
        agent_name=who.agent_name,
        ts=ts,
        seq=seq,
        identified=seq is not None or ts is not None or timed or _has_id(body, event) or (row is not None and row.record),
        happened=time_of(body, *row.times, "started_at") if row is not None and row.record else None,
        frame=whole,
    )


def _open(frame: Any) -> tuple[str, Body]:
    """Event name and payload of a Phoenix array, or of an object that names its event."""
    if type(frame) is list:
        return _phoenix(frame)
    if type(frame) is not dict:
        raise Unreadable("a Sippet frame is a JSON object or a Phoenix array")
    event = frame.get("event") or frame.get("type")
    if type(event) is not str or not event:
        raise Unreadable("the frame has no event name")
    named_by = "event" if frame.get("event") else "type"
    return event, {key: value for key, value in frame.items() if key != named_by}


def _phoenix(frame: list[Any]) -> tuple[str, Body]:
    """``[join_ref, ref, topic, event, payload]``."""
    if len(frame) != 5 or type(frame[2]) is not str or type(frame[3]) is not str or not frame[3]:
        raise Unreadable("the array is no Phoenix frame: join_ref, ref, topic, event, payload")
    return frame[3], frame[4] if type(frame[4]) is dict else {}


def _has_id(body: Body, event: object) -> bool:
    """An audit record has an id of its own, a complete utterance that of its item; pieces of one are not numbered."""
    if type(event) is AuditRecorded:
        return bool(name(body.get("id")))
    return type(event) is TranscriptCompleted and bool(event.item)
