"""One call in the history."""

from datetime import datetime

from django.urls import reverse

from callcenter.calls.models import Call
from callcenter.console.dom import dom_id
from callcenter.console.naming import agent_name, contact_name, holder_name, number, speaker_name
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


def history_row(call: Call) -> HistoryRow:
    """From its row alone: the history does not move."""
    live = call.status != "completed"
    return HistoryRow(
        id=dom_id("past", call.call_uuid),
        uuid=call.call_uuid,
        url=reverse("call", args=[call.call_uuid]),
        tone=("ring" if call.status in ("ringing", "dialing") else "ok") if live else TONES.get(call.end_reason, "idle"),
        state=call.get_status_display() if live else "Ended",
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
        duration_s=None if live else call.duration_s,
        end_reason=call.end_reason,
        summary=call.last_text,
        summary_speaker=speaker_name(call, call.last_speaker),
        summary_tone=SPEAKER_TONES.get(call.last_speaker, "idle"),
    )


def _ms(at: datetime | None) -> int | None:
    return round(epoch(at) * 1000) if at is not None else None
