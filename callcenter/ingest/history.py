"""The customer's own record of a finished conversation, as one frame that is merged like any other. Contract G.6."""

import hashlib
import json
from typing import Any

from callcenter.providers.values import fold, name

EVENT = "bridge.history"
# A store may save a conversation at every line of it: these are not the last time.
GOING_ON = frozenset({"active", "answered", "dialing", "inprogress", "live", "open", "ringing", "running", "started"})


class NoRecord(ValueError):
    """This is no record of a finished conversation; the text says why. ``early``: it may become one."""

    def __init__(self, text: str, *, early: bool = False) -> None:
        super().__init__(text)
        self.early = early


def frame_of(call_uuid: str, record: Any) -> dict[str, Any]:
    """The frame that this record becomes. Raises NoRecord."""
    if not isinstance(record, dict):
        raise NoRecord("A record is one JSON object.")
    named = record.get("callId") or record.get("call_id") or call_uuid
    if named != call_uuid:
        raise NoRecord("The record is about another call than the address.")
    if fold(name(record.get("status"))).replace("-", "") in GOING_ON:
        raise NoRecord("The conversation is not over: send its record when it has ended.", early=True)
    for field in ("transcript", "messages"):
        if record.get(field) is not None and not isinstance(record[field], list):
            raise NoRecord(f"The {field} of a record is a list.")
    return {"event": EVENT, "data": {**{key: value for key, value in record.items() if key != "event"}, "callId": call_uuid}}


def stream_of(frame: dict[str, Any]) -> str:
    """The stream that this frame is alone in: the same record is one entry, however often it is sent."""
    return f"history:{hashlib.sha256(json.dumps(frame, sort_keys=True).encode()).hexdigest()[:40]}"
