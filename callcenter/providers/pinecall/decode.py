"""One Pinecall frame, in any spelling and envelope of contract A, becomes one Decoded."""

from typing import Any

from msgspec.structs import replace

from callcenter.domain.decoded import Decoded, Unreadable
from callcenter.domain.events.base import Event
from callcenter.domain.events.speech import AgentPiece, ContactInterim
from callcenter.domain.events.work import ToolsCalled, ToolsReturned
from callcenter.providers.envelope import parse_data, unwrap
from callcenter.providers.pinecall.audio import take_audio
from callcenter.providers.pinecall.catalogue import find
from callcenter.providers.pinecall.fields import Who, decoded, identify, recall, snake_keys
from callcenter.providers.pinecall.log import flatten, is_log
from callcenter.providers.pinecall.notes import operation_ids
from callcenter.providers.pinecall.row import Body, Row
from callcenter.providers.pinecall.tools import without_confidential
from callcenter.providers.values import epoch, name, sequence, storable

# Durable names whose frames may carry what is only shown for a moment.
PASSING: frozenset[type[Event]] = frozenset((AgentPiece, ContactInterim))
CONFIDENTIAL = frozenset({"llm.toolResult", "tool.result"})


def decode(frame: object) -> Decoded:
    """Raises Unreadable for what is no frame at all. The frame of an ephemeral event is not copied."""
    if type(frame) is dict:
        event = frame.get("event")
        if type(event) is str and "data" not in frame:
            row = find(event)
            if row is not None and not row.durable:
                who = recall(frame.get) if row.hot else None
                return _read(row, snake_keys(frame), frame) if who is None else _decoded(row, frame, who, frame)
    whole = storable(parse_data(frame))
    wrapped = unwrap(whole)
    event, body = _open(wrapped.frame)
    supplied: dict[str, Any] = {}
    if wrapped.seq is not None and sequence(body.get("seq")) is None:
        supplied["seq"] = wrapped.seq
    if wrapped.ts is not None and epoch(body.get("ts")) is None:
        supplied["ts"] = wrapped.ts
    if supplied:
        body = {**body, **supplied}
    row = find(event)
    return _unknown(event, body, whole) if row is None else _stored(row, body, whole)


def _open(frame: Any) -> tuple[str, Body]:
    """Event name and fields of a flat frame, of name and body apart, or of a log envelope."""
    if type(frame) is not dict:
        raise Unreadable("a Pinecall frame is a JSON object")
    if is_log(frame):
        return flatten(frame)
    event = frame.get("event")
    data = frame.get("data")
    if type(data) is dict:
        inner = data.get("event")
        if type(inner) is str and (type(event) is not str or find(event) is None):
            event = inner
        body = {**snake_keys({key: value for key, value in frame.items() if key != "data"}), **snake_keys(data)}
    else:
        body = snake_keys(frame)
    if type(event) is not str or not event:
        raise Unreadable("the frame has no event name")
    return event, body


def _read(row: Row, body: Body, frame: Any) -> Decoded:
    adapt = row.adapt
    if adapt is not None:
        body = adapt(body)
    return _decoded(row, body, identify(body), frame)


def _decoded(row: Row, body: Body, who: Who, frame: Any) -> Decoded:
    event: Event | None = None
    if row.read is not None and (who.call or not row.about_call):
        event = row.read(body, who)
    durable = row.durable and type(event) not in PASSING
    has_id, seq, ts = durable and _has_id(body, event), sequence(body.get("seq")), epoch(body.get("ts"))
    return decoded(row.name, event, who, frame, seq, ts, durable=durable, has_id=has_id)


def _stored(row: Row, body: Body, whole: Any) -> Decoded:
    """Audio and confidential results never reach the stored frame, readable or not."""
    if row.name == "call.recording":
        frame, audio = take_audio(whole)
        read = _read(row, body, frame)
        return read if read.event is None else replace(read, audio=audio)
    if row.name in CONFIDENTIAL:
        return _read(row, body, without_confidential(whole))
    return _read(row, body, whole)


def _unknown(event: str, body: Body, whole: Any) -> Decoded:
    seq, ts = sequence(body.get("seq")), epoch(body.get("ts"))
    return replace(decoded(name(event), None, identify(body), whole, seq, ts, has_id=_has_id(body, None)), known=False)


def _has_id(body: Body, event: object) -> bool:
    """Does the frame carry an id of its message, so that an equal frame is a replay? Pieces repeat and are not asked."""
    get = body.get
    if any(name(get(key)) for key in ("message_id", "msg_id", "cancelled_message_id")):
        return True
    if type(event) is ToolsCalled:
        return any(not tool.id.startswith("#") for tool in event.tools)
    return type(event) is ToolsReturned or bool(operation_ids(body))
