"""View objects as the console makes them, and the texts that contacts might send to break a page."""

from callcenter.console.calldesk.values import Asked, Button, ControlsView, PauseChoice
from callcenter.console.dom import dom_id
from callcenter.console.view import (
    Badge,
    CallView,
    ConnectionView,
    Counters,
    EarlierCall,
    HistoryRow,
    LineView,
    MomentView,
    ParticipantView,
    RecordingView,
    RowView,
)

START_MS = 1_795_000_000_000

HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "attribute": "\"><b onmouseover='x'>&amp;</b>",
    "htmx": '<hx-edit hx-target="#feed" hx-swap="delete"></hx-edit><hx-partial hx-target="#feed">',
    "template": "{{ row.uuid }}{% now 'Y' %}",
    "right to left": "لا، هذا ليس الموعد الصحيح \u202eevil\u202c",
    "zero width": "a\u200b\u200db\ufeffc",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈",
    "stacked": "Z" + "\u0351\u0310\u0301" * 40 + "algo",
    "huge": "W" * 100_000,
}


def row(text: str = "", **changes: object) -> RowView:
    values: dict[str, object] = {
        "id": dom_id("row", "call-1"),
        "uuid": "call-1",
        "url": "/calls/call-1/",
        "group": "progress",
        "tone": "ai",
        "state": "Agent speaking",
        "speaking": True,
        "contact": text or "Lena Hoffmann",
        "number": text or "+49 151 2345 678",
        "channel": "phone",
        "direction": "inbound",
        "language": text or "de",
        "last_speaker": text or "Nora",
        "last_tone": "ai",
        "last_text": text or "Guten Tag, wie kann ich Ihnen helfen?",
        "last_interim": False,
        "holder_kind": "agent",
        "holder": text or "Nora",
        "agent": text or "nora",
        "started_ms": START_MS,
    }
    return RowView(**{**values, **changes})  # type: ignore[arg-type]


def counters(**changes: object) -> Counters:
    values: dict[str, object] = {
        "live": 14,
        "with_agent": 11,
        "with_operator": 3,
        "attention": 2,
        "oldest_attention_ms": START_MS,
        "ringing": 1,
        "held": 1,
        "by_channel": {"phone": 9, "whatsapp": 5},
        "answer_ms": 840,
        "ended_today": 82,
        "shown": 14,
    }
    return Counters(**{**values, **changes})  # type: ignore[arg-type]


def connection(text: str = "", **changes: object) -> ConnectionView:
    values: dict[str, object] = {
        "id": dom_id("connection", "berlin"),
        "name": text or "berlin",
        "provider": "pinecall",
        "state": "live",
        "heard_ms": START_MS,
    }
    return ConnectionView(**{**values, **changes})  # type: ignore[arg-type]


def line(text: str = "", **changes: object) -> LineView:
    values: dict[str, object] = {
        "id": dom_id("line", "k1", "m1"),
        "speaker": "contact",
        "name": text or "Lena Hoffmann",
        "tone": "caller",
        "text": text or "Ich möchte mit einer Person sprechen.",
        "rest": text,
        "state": "final",
        "kind": "text",
        "delivery": "",
        "at_ms": START_MS + 17_000,
        "offset": "0:17",
    }
    return LineView(**{**values, **changes})  # type: ignore[arg-type]


def moment(text: str = "", **changes: object) -> MomentView:
    values: dict[str, object] = {
        "id": dom_id("moment", "k1", "t1"),
        "icon": "wrench",
        "tone": "ai",
        "title": text or "Tool called",
        "code": text or "check_availability",
        "detail": text or "3 slots, 212 ms",
        "body": text or '{"reason": "pain"}',
        "at_ms": START_MS + 23_000,
        "offset": "0:23",
        "category": "tool",
        "inline": True,
    }
    return MomentView(**{**values, **changes})  # type: ignore[arg-type]


def participant(text: str = "", **changes: object) -> ParticipantView:
    values: dict[str, object] = {
        "id": dom_id("participant", "k1", "p1"),
        "role": text or "AI agent",
        "tone": "ai",
        "joined_ms": START_MS,
        "left_ms": None,
    }
    return ParticipantView(**{**values, **changes})  # type: ignore[arg-type]


def recording(**changes: object) -> RecordingView:
    values: dict[str, object] = {
        "id": dom_id("recording", "k1", "r1"),
        "url": "/recordings/r1/",
        "duration_ms": 61_500,
        "peaks_path": "M1.5 12.0V20.0M4.5 4.0V28.0",
    }
    return RecordingView(**{**values, **changes})  # type: ignore[arg-type]


def call(text: str = "", **changes: object) -> CallView:
    values: dict[str, object] = {
        "row": row(text, badges=(Badge("flag", text or "Asked for a person", "alert"),)),
        "key": "k1",
        "status": "answered",
        "end_reason": "",
        "error": text,
        "connection": text or "berlin",
        "provider": "pinecall",
        "from_number": text or "+49 151 2345 678",
        "to_number": text or "+49 30 5550 100",
        "started_ms": START_MS,
        "answered_ms": START_MS + 2_000,
        "ended_ms": None,
        "reply_ms": 840,
        "script": (line(text), moment(text)),
        "timeline": (moment(text),),
        "participants": (participant(text),),
        "recordings": (recording(),),
        "earlier": (EarlierCall("/calls/call-0/", "whatsapp", START_MS - 86_400_000, text or "Thank you, goodbye."),),
        "metadata": ((text or "order", text or "4711"),),
        "warning": text,
    }
    return CallView(**{**values, **changes})  # type: ignore[arg-type]


def button(text: str = "", action: str = "hold", **changes: object) -> Button:
    values: dict[str, object] = {"action": action, "label": text or "Hold", "icon": "pause", "url": "/calls/call-1/do/hold/"}
    return Button(**{**values, "why_not": text, **changes})  # type: ignore[arg-type]


def pause_choice(text: str = "", **changes: object) -> PauseChoice:
    values: dict[str, object] = {
        "level": "contact", "label": "This contact", "on": False, "asked": text or "oskar: Complaint", "until_ms": START_MS,
        "confirmed": False, "button": button(text, "pause-contact"),
    }  # fmt: skip
    return PauseChoice(**{**values, **changes})  # type: ignore[arg-type]


def asked(text: str = "", **changes: object) -> Asked:
    values: dict[str, object] = {
        "id": "asked-1", "name": text or "Say: Good morning", "who": text or "oskar", "state": "waiting", "detail": text or "No such call.",
        "tone": "ring", "cancel": "desk-cancel-0", "command": "1",
    }  # fmt: skip
    return Asked(**{**values, **changes})  # type: ignore[arg-type]


def controls(text: str = "", **changes: object) -> ControlsView:
    """With everything that any call can have."""
    names = ("take", "back", "undo", "reassign", "accept", "reject", "tones", "forward", "language", "route", "hang_up", "say", "whisper")
    values: dict[str, object] = {
        "shown": True, "mine": True, "key": "0123", "fence": 3, "tone": "human", "title": text or "You answer", "note": True,
        "silence": text or "The agent is silent.", "thread_url": "/whatsapp/1/", "undo_until_ms": START_MS, "accepts_at_ms": START_MS,
        "tools": (button(text),), "pauses": (pause_choice(text),), "cancel_url": "/calls/call-1/do/cancel/", "asked": (asked(text),),
        "destinations": (("1", text or "Duty phone"),), "own_phone": text or "+44 20 7946 0177", "agents": ((text or "nora", text or "Nora"),),
        "forward_mine_url": "/calls/call-1/do/forward-mine/", "spoken": text or "English", "in_pieces": True, "heard_id": text or "u1",
        "heard": text or "Is it open?",
        **{name: button(text, name.replace("_", "-")) for name in names},
    }  # fmt: skip
    return ControlsView(**{**values, **changes})  # type: ignore[arg-type]


def history_row(text: str = "", **changes: object) -> HistoryRow:
    values: dict[str, object] = {
        "id": dom_id("past", "call-1"),
        "uuid": "call-1",
        "url": "/calls/call-1/",
        "tone": "idle",
        "state": "Ended",
        "contact": text or "Lena Hoffmann",
        "number": text or "+49 151 2345 678",
        "channel": "phone",
        "direction": "inbound",
        "language": text or "de",
        "agent": text or "nora",
        "holder_kind": "agent",
        "holder": text or "Nora",
        "started_ms": START_MS,
        "ended_ms": START_MS + 252_000,
        "duration_s": 252.0,
        "end_reason": "hangup",
        "summary": text or "Danke, bis morgen.",
        "summary_speaker": text or "Lena Hoffmann",
        "summary_tone": "caller",
    }
    return HistoryRow(**{**values, **changes})  # type: ignore[arg-type]
