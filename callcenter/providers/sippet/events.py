"""The eight events of Sippet. Contract §4.2."""

from hashlib import sha256
from typing import Any

import msgspec

from callcenter.domain.events.base import Event
from callcenter.domain.events.lifecycle import UNREACHED, CallAnswered, CallEnded, CallRinging, CallSeen
from callcenter.domain.events.speech import TranscriptCompleted, TranscriptDelta
from callcenter.domain.events.telephony import ParticipantJoined, ParticipantLeft
from callcenter.domain.events.work import AuditRecorded, Tool, ToolResult
from callcenter.providers.envelope import parse_json
from callcenter.providers.sippet.fields import Body, Who, item_of
from callcenter.providers.values import epoch, name, number, storable, text

SPEAKERS = {
    "user": "contact", "caller": "contact", "contact": "contact", "customer": "contact",
    "assistant": "agent", "ai": "agent", "ai_agent": "agent", "agent": "agent",
    "operator": "operator", "human": "operator", "human_agent": "operator",
}  # fmt: skip
OWN_PLACE = frozenset({"event", "id", "event_type", "occurred_at", "call_uuid", "uuid", "call_id", "seq", "ts"})
TOOL_PLACE = frozenset({"tool_name", "tool_call_id", "tool_arguments", "tool_output"})


def incoming(body: Body, who: Who) -> Event:
    return CallRinging(**who.fields, started_at=epoch(body.get("started_at")))


def answered(body: Body, who: Who) -> Event:
    return CallAnswered(**who.fields, started_at=epoch(body.get("started_at")), answered_at=epoch(body.get("answered_at")))


def seen(_: Body, who: Who) -> Event:
    return CallSeen(**who.fields)


def ended(body: Body, who: Who) -> Event:
    status = _folded(body.get("status"))
    # As a status of the record the end tells more than "completed" only when nobody was reached. Contract §5.3.5.
    return CallEnded(
        **who.fields,
        reason=_folded(body.get("reason")) or _folded(body.get("end_reason")) or (status if status in UNREACHED else ""),
        error=text(body.get("error")),
        started_at=epoch(body.get("started_at")),
        ended_at=epoch(body.get("ended_at")),
        duration=number(body.get("duration_seconds")),
    )


def _folded(value: object) -> str:
    return name(value).strip().replace("-", "_")


def joined(body: Body, who: Who) -> Event | None:
    member = _member(body)
    if not member:
        return None
    return ParticipantJoined(**who.fields, member=member, role=name(body.get("role")), joined_at=epoch(body.get("joined_at")))


def left(body: Body, who: Who) -> Event | None:
    member = _member(body)
    if not member:
        return None
    return ParticipantLeft(
        **who.fields,
        member=member,
        role=name(body.get("role")),
        joined_at=epoch(body.get("joined_at")),
        left_at=epoch(body.get("left_at")),
    )


def _member(body: Body) -> str:
    return name(body.get("member_uuid")) or name(body.get("participant_id"))


def delta(body: Body, who: Who) -> Event | None:
    piece = text(body.get("delta")) or text(body.get("text")) or text(body.get("content"))
    return TranscriptDelta(**who.fields, item=item_of(body), speaker=_speaker(body), text=piece) if piece else None


def completed(body: Body, who: Who) -> Event:
    said = text(body.get("text")) or text(body.get("content")) or text(body.get("transcript"))
    return TranscriptCompleted(**who.fields, item=item_of(body), speaker=_speaker(body), text=said)


def _speaker(body: Body) -> str:
    """Roles are not documented: an unknown one is nobody's voice, rather than the wrong one's."""
    role = name(body.get("role")) or name(body.get("speaker"))
    return SPEAKERS.get(role.lower(), "system")


def audit(body: Body, who: Who) -> Event:
    kind = name(body.get("event_type"))
    data = {key: value for key, value in body.items() if key not in OWN_PLACE}
    key = audit_id(body, kind, data)
    tool_name, tool_id = name(body.get("tool_name")), name(body.get("tool_call_id"))
    tool = result = None
    if tool_name:
        tool = Tool(id=tool_id or key, name=tool_name, arguments=_arguments(body))
    if tool_name or tool_id:
        result = _result(body, tool_id or key)
    if tool or result:
        data = {field: value for field, value in data.items() if field not in TOOL_PLACE}
    return AuditRecorded(**who.fields, id=key, type=kind, at=epoch(body.get("occurred_at")), tool=tool, result=result, data=data)


def audit_id(body: Body, kind: str, data: Body) -> str:
    """``id``, else what the contract composes, else a digest: equal records are one record."""
    known = name(body.get("id"))
    if known:
        return known
    call, at = name(body.get("tool_call_id")), epoch(body.get("occurred_at"))
    if call or at is not None:
        return name(f"{kind}:{call}:{'' if at is None else at}")
    return sha256(msgspec.json.encode([kind, data], order="sorted")).hexdigest()[:32]


def _arguments(body: Body) -> Any:
    given = body.get("tool_arguments")
    if given is None:
        given = body.get("tool_arguments_raw")
    return storable(parse_json(given)) if type(given) is str else given


def _result(body: Body, tool_id: str) -> ToolResult | None:
    """There is one when something came back, or when it failed."""
    output, success, error = body.get("tool_output"), body.get("success"), body.get("error")
    if output is None and success is not False:
        return None
    broken = type(output) is dict and output.get("error") not in (None, False)
    failed = success is False or (success is not True and broken)
    return ToolResult(id=tool_id, result={"error": error} if output is None else output, failed=failed)
