"""One call in the history."""

from datetime import datetime

from django.urls import reverse

from callcenter.calls.models import Call
from callcenter.console.dom import dom_id
from callcenter.console.naming import agent_name, contact_name, holder_name, number, speaker_name
from callcenter.console.places import tone
from callcenter.console.rows import SPEAKER_TONES, holder_kind
from callcenter.console.view import HistoryRow, Tone
from callcenter.journal.times import epoch

TONES: dict[str, Tone] = {
    "failed": "alert",
    "lost": "alert",
    "chat_error": "alert",
    "rejected": "ring",
    "busy": "ring",
    "no_answer": "ring",
}


def history_row(call: Call, now: datetime) -> HistoryRow:
    """From its row alone: the history does not move, so of a live call it says when it was read."""
    live = call.status != "completed"
    return HistoryRow(
        id=dom_id("past", call.call_uuid),
        uuid=call.call_uuid,
        url=reverse("call", args=[call.call_uuid]),
        tone=tone(call.status, stale=False, held=call.held, operator=call.answering is not None)
        if live
        else TONES.get(call.end_reason, "idle"),
        state=_live_state(call) if live else "Ended",
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
        live_ms=_ms(now) if live else None,
        duration_s=None if live else call.duration_s,
        end_reason=call.end_reason,
        summary=call.last_text,
        summary_speaker=speaker_name(call, call.last_speaker),
        summary_tone=SPEAKER_TONES.get(call.last_speaker, "idle"),
    )


def _live_tone(call: Call) -> Tone:
    return tone(call.status, stale=False, held=call.held, operator=call.answering is not None)


def _live_state(call: Call) -> str:
    if call.status == "answered":
        return "On hold" if call.held else "In progress"
    return call.get_status_display()


def _ms(at: datetime | None) -> int | None:
    return round(epoch(at) * 1000) if at is not None else None
