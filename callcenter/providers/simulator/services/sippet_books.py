"""What Sippet's own books would say of the calls it told about, and the lists that its RPC makes of them. Contract 6, 8."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from callcenter.providers.simulator.pinecall_form import camel
from callcenter.providers.sippet.fields import identify, read_body
from callcenter.providers.values import epoch

Row = dict[str, Any]

CALL = ("id", "callUuid", "status", "direction", "fromNumber", "toNumber", "sipUsername", "callSource", "startedAt", "endedAt",
        "durationSeconds", "conversationId")  # fmt: skip
PARTICIPANT = ("id", "callId", "memberUuid", "organisationId", "role", "joinedAt", "leftAt")
TRANSCRIPT = ("id", "callId", "itemId", "contentIndex", "role", "text", "occurredAt")
ORDER = ("ringing", "answered", "completed")
MOST = 5000


class Books(Struct):
    """Rows by what they are known by; keys are camelCase, times ISO-8601."""

    calls: dict[str, Row] = field(default_factory=dict)
    participants: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    transcripts: dict[tuple[str, str], Row] = field(default_factory=dict)

    def begin(self, uuid: str, direction: str, from_number: str, to_number: str, now: float) -> None:
        """A call between these numbers, whether or not an event will announce it."""
        numbers = {"direction": direction, "fromNumber": from_number, "toNumber": to_number}
        self.calls.setdefault(uuid, {"id": f"record-{uuid}", "callUuid": uuid, "status": "ringing", "startedAt": iso(now), **numbers})

    def keep(self, event: str, payload: Mapping[str, Any], now: float) -> None:
        """Write one event of the channel down."""
        body = read_body(dict(payload))
        uuid = identify(body).call
        if not uuid or event == "call_transcript_delta":
            return
        call = self.calls.setdefault(uuid, {"id": f"record-{uuid}", "callUuid": uuid, "status": "ringing", "startedAt": iso(now)})
        self._keep_call(call, event, body, now)
        if event in ("call_participant_joined", "call_participant_left"):
            self._keep_participant(call, event, body, now)
        elif event == "call_transcript_completed":
            self._keep_transcript(call, body, now)
        while len(self.calls) > MOST:
            self.forget(next(iter(self.calls)))

    def forget(self, uuid: str) -> None:
        """The call and all that belongs to it."""
        gone = self.calls.pop(uuid)["id"]
        self.participants = {key: row for key, row in self.participants.items() if row["callId"] != gone}
        self.transcripts = {key: row for key, row in self.transcripts.items() if row["callId"] != gone}

    def _keep_call(self, call: Row, event: str, body: Row, now: float) -> None:
        if body.get("call_id"):
            call["id"] = body["call_id"]
        for key in ("direction", "from_number", "to_number", "sip_username"):
            if body.get(key):
                call[camel(key)] = body[key]
        if event == "incoming_call":
            call["startedAt"] = iso(epoch(body.get("started_at")) or now)
        over = call["status"] not in ORDER or call["status"] == "completed"
        if event == "call_answered" and not over:
            call["status"] = "answered"
        elif event == "call_ended" and not over:
            call["status"] = body.get("status") or "completed"
            call["endedAt"] = iso(epoch(body.get("ended_at")) or now)
            call["durationSeconds"] = body.get("duration_seconds")

    def _keep_participant(self, call: Row, event: str, body: Row, now: float) -> None:
        joined = iso(epoch(body.get("joined_at")) or now)
        member = str(body.get("member_uuid"))
        row = self.participants.setdefault(
            (call["callUuid"], member, joined),
            {"id": f"leg-{member}-{joined}", "callId": call["id"], "memberUuid": member, "role": body.get("role"), "joinedAt": joined},
        )
        if event == "call_participant_left":
            row["leftAt"] = iso(epoch(body.get("left_at")) or now)

    def _keep_transcript(self, call: Row, body: Row, now: float) -> None:
        at = iso(epoch(body.get("occurred_at")) or now)
        text = body.get("text") or body.get("content")
        key = str(body.get("item_id") or f"{body.get('role')} {at} {text}")
        self.transcripts[call["callUuid"], key] = {
            "id": f"row-{len(self.transcripts)}", "callId": call["id"], "itemId": body.get("item_id"),
            "contentIndex": body.get("content_index"), "role": body.get("role"), "text": text, "occurredAt": at,
        }  # fmt: skip

    def list(self, action: str, body: Mapping[str, Any]) -> Any:
        """The ``data`` of a list action. Raises Complaint for what the request does wrong."""
        rows, known = {
            "list_calls": (list(self.calls.values()), CALL),
            "list_call_participants": (list(self.participants.values()), PARTICIPANT),
            "list_call_transcripts": (list(self.transcripts.values()), TRANSCRIPT),
        }[action]
        fields = body.get("fields")
        if not isinstance(fields, list) or not fields:
            raise Complaint("required", "%{field} is required", "fields")
        for name in fields:
            if name not in known:
                raise Complaint("unknown_field", "Unknown field %{field}", str(name))
        rows = [row for row in rows if matches(row, body.get("filter") or {}, known)]
        if body.get("sort") == "-startedAt":
            rows.sort(key=lambda row: row.get("startedAt") or "", reverse=True)
        chosen = [{name: row.get(name) for name in fields} for row in rows]
        page = body.get("page")
        if not isinstance(page, dict) or action == "list_calls":
            return chosen
        start, limit = int(page.get("offset") or 0), int(page.get("limit") or 50)
        return {"results": chosen[start : start + limit], "hasMore": start + limit < len(chosen), "count": len(chosen)}


class Complaint(Exception):
    """A structured error of the RPC."""

    def __init__(self, kind: str, message: str, about: str = "") -> None:
        super().__init__(message)
        self.error = {
            "type": kind, "message": message, "shortMessage": message, "vars": {"field": about} if about else {},
            "fields": [about] if about else [], "path": [],
        }  # fmt: skip


def matches(row: Row, wanted: Mapping[str, Any], known: tuple[str, ...]) -> bool:
    """Does the row pass the filter? Raises Complaint for an unknown attribute or operator."""
    for name, test in wanted.items():
        if name not in known:
            raise Complaint("unknown_field", "Unknown field %{field}", name)
        for operator, value in test.items():
            has = row.get(name)
            passes = {
                "eq": has == value,
                "in": isinstance(value, list) and has in value,
                "greaterThan": (epoch(has) or 0.0) > (epoch(value) or 0.0),
                "isNil": (has is None) == value,
            }.get(operator)
            if passes is None:
                raise Complaint("invalid_argument", f"{operator} is no operator")
            if not passes:
                return False
    return True


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
