"""One call in the history."""

from datetime import datetime

from django.urls import reverse

from callcenter.calls.live_state import LiveCall
from callcenter.calls.models import Call
from callcenter.console.dom import dom_id
from callcenter.console.naming import agent_name, contact_name, holder_name, number, speaker_name
from callcenter.console.places import tone
from callcenter.console.rows import SPEAKER_TONES, heard, holder_kind
from callcenter.console.view import HistoryRow, Tone
from callcenter.domain.limits import Limits, stale_since
from callcenter.journal.times import epoch

TONES: dict[str, Tone] = {
    "failed": "alert",
    "lost": "alert",
    "chat_error": "alert",
    "rejected": "ring",
    "busy": "ring",
    "no_answer": "ring",
}


def history_row(call: Call, live: LiveCall | None, now: float, limits: Limits) -> HistoryRow:
    """The history does not move, so of a live call it says when it was read. ``now`` in epoch seconds."""
    over = call.status == "completed"
    stale = stale_since(call.channel, call.status, heard(call, live), now, limits) is not None
    return HistoryRow(
        id=dom_id("past", call.call_uuid),
        uuid=call.call_uuid,
        url=reverse("call", args=[call.call_uuid]),
        tone=TONES.get(call.end_reason, "idle") if over else tone(call.status, stale, call.held, call.answering is not None),
        state="Ended" if over else _live_state(call, stale),
        contact=contact_name(call),
        number=number(call),
        channel=call.channel,
        direction=call.direction,
        language=call.language,
        agent=agent_name(call.agent) if call.agent else "",
        holder_kind=holder_kind(call),
        holder=holder_name(call),
        started_ms=_ms(call.started_at),
        ended_ms=_ms(call.ended_at),
        live_ms=None if over else round(now * 1000),
        duration_s=call.duration_s if over else None,
        end_reason=call.end_reason,
        summary=call.last_text,
        summary_speaker=speaker_name(call, call.last_speaker),
        summary_tone=SPEAKER_TONES.get(call.last_speaker, "idle"),
    )


def _live_state(call: Call, stale: bool) -> str:
    if stale:
        return "No signal"
    if call.status == "answered":
        return "On hold" if call.held else "In progress"
    return call.get_status_display()


def _ms(at: datetime | None) -> int | None:
    return round(epoch(at) * 1000) if at is not None else None
