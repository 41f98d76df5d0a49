"""What happened in a call besides talking, as the timeline tells it."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from callcenter.calls.models import AuditEvent, Call, CallNote, ToolCall
from callcenter.console.dom import dom_id
from callcenter.console.naming import number, pretty_number
from callcenter.console.view import MomentView, Tone
from callcenter.domain.commands.order import Verb
from callcenter.journal.times import CLOCKS_S, epoch

BODY_LIMIT = 20_000
_FIELD = re.compile(r"\{(\w+)\}")

# kind of note -> icon, tone, title with {fields} of its data, shown between the lines too?
NOTES: dict[str, tuple[str, Tone, str, bool]] = {
    "hold_on": ("clock", "hold", "Put on hold", True),
    "hold_off": ("play", "hold", "Taken off hold", True),
    "mute_on": ("mic-off", "hold", "Contact muted", True),
    "mute_off": ("mic", "hold", "Contact unmuted", True),
    "dtmf_sent": ("phone", "info", "Tones sent: {digits}", True),
    "dtmf_received": ("phone", "info", "Contact pressed {digits}", True),
    "taken_over": ("headphones", "human", "{name} took over", True),
    "reassigned": ("headphones", "human", "{by} gave it to {name}", True),
    "handed_back": ("bot", "ai", "{by} handed back to the agent", True),
    "given_up": ("user-minus", "alert", "{by} was away: back to the team", True),
    "forwarded": ("phone-forwarded", "info", "Forwarded to {to}", True),
    "routed": ("arrow-up-right", "info", "Routed to {agent}", False),
    "route_failed": ("triangle-alert", "alert", "Could not be routed to {agent}: {reason}", True),
    "limit": ("clock", "alert", "Limit reached: {reason}", True),
    "language": ("languages", "info", "Language set to {language}", False),
    "credits_exhausted": ("triangle-alert", "alert", "Credit is used up", True),
    "credits_rejected": ("triangle-alert", "alert", "Refused: no credit", True),
    "reply_rejected": ("circle-alert", "alert", "A reply was refused: {reason}", False),
    "skill_loaded": ("sparkles", "ai", "Skill {skill} loaded", False),
    "skill_unloaded": ("sparkles", "idle", "Skill {skill} unloaded", False),
    "preparing_timeout": ("clock", "idle", "Variables came too late", False),
    "memory": ("bot", "ai", "The agent noted something about the contact", False),
}
# What an operator can have asked for, and by which verb; and what only people do.
ASKED = {
    "hold_on": Verb.HOLD,
    "hold_off": Verb.UNHOLD,
    "mute_on": Verb.MUTE,
    "mute_off": Verb.UNMUTE,
    "dtmf_sent": Verb.DTMF,
    "forwarded": Verb.FORWARD,
    "routed": Verb.ROUTE,
    "route_failed": Verb.ROUTE,
    "language": Verb.SET_LANGUAGE,
}
REFUSALS = frozenset({"route_failed"})  # what a provider tells of an order that it refused
BY_PEOPLE = frozenset({"taken_over", "reassigned", "handed_back", "given_up"})
TOOL_TONES: dict[str, Tone] = {"running": "ai", "done": "ok", "failed": "alert", "confidential": "ok"}


@dataclass(frozen=True, slots=True)
class Deed:
    """What an operator asked for and the provider answered, between two times in epoch s."""

    verb: str
    name: str
    asked: float
    done: float
    refused: bool = False


def moments(
    call: Call, key: str, tools: list[ToolCall], audit: list[AuditEvent], notes: list[CallNote], deeds: Iterable[Deed] = ()
) -> list[MomentView]:
    """Oldest first."""
    start = epoch(call.started_at) if call.started_at else None
    items = [
        *(((tool.sort_time, tool.sort_seq, tool.sort_n), _tool(tool, key, start)) for tool in tools),
        *(((event.sort_time, event.sort_seq, event.sort_n), _audit(event, key, start)) for event in audit if not _is_tool(event)),
        *(((note.sort_time, note.sort_seq, note.sort_n), _note(note, key, start, deeds)) for note in notes),
        *_lifecycle(call, key, start),
    ]
    return [moment for _, moment in sorted(items, key=lambda item: (item[0], item[1].id))]


def offset(seconds: float | None, start: float | None) -> str:
    """Since the start of the call, as m:ss; "" when nobody told the time."""
    if seconds is None or start is None:
        return ""
    minutes, rest = divmod(max(0, int(seconds - start)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def pretty(value: Any) -> str:
    """JSON as people read it, cut where no one reads on."""
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)
    return text if len(text) <= BODY_LIMIT else text[:BODY_LIMIT] + "\n…"


def _tool(tool: ToolCall, key: str, start: float | None) -> MomentView:
    at = epoch(tool.at) if tool.at else tool.sort_time
    done = epoch(tool.done_at) if tool.done_at else None
    took = f"{max(0.0, done - at):.1f} s" if done is not None and done - at < 600 else ""
    words = {"running": "running", "failed": "failed", "confidential": "done, result confidential"}.get(tool.state, "")
    parts = [] if tool.arguments is None else [pretty(tool.arguments)]
    if tool.result is not None:
        parts.append("→ " + pretty(tool.result))
    return MomentView(
        id=dom_id("moment", key, "tool", tool.key),
        icon="wrench",
        tone=TOOL_TONES.get(tool.state, "ai"),
        title="",
        code=tool.name or "tool",
        detail=" · ".join(part for part in (words, took) if part),
        body="\n".join(parts),
        at_ms=round(at * 1000),
        offset=offset(at, start),
        category="tool",
        inline=True,
    )


def _is_tool(event: AuditEvent) -> bool:
    """Tool calls have a row of their own."""
    return event.type == "tool_call"


def _audit(event: AuditEvent, key: str, start: float | None) -> MomentView:
    data = event.data
    at = epoch(event.at) if event.at else event.sort_time
    step = f"step {data['step_index']} of {data['total_steps']}" if data.get("step_index") and data.get("total_steps") else ""
    tokens = f"{data['total_tokens']} tokens" if data.get("total_tokens") else ""
    state = str(data.get("state_label") or "")
    failed = data.get("success") is False
    return MomentView(
        id=dom_id("moment", key, "audit", event.key),
        icon="triangle-alert" if failed else "shield-check",
        tone="alert" if failed else "info",
        title=event.type.replace("_", " ").capitalize() or "Audit event",
        code="",
        detail=" · ".join(part for part in (state, step, tokens, str(data.get("error") or "")) if part),
        body=pretty(data),
        at_ms=round(at * 1000),
        offset=offset(at, start),
        category="audit",
        inline=failed,
    )


def _who(kind: str, at: float, deeds: Iterable[Deed]) -> str:
    """The operator who asked for what happened then, "" = nobody of this console, or one of several."""
    told = (deed for deed in deeds if deed.verb == ASKED.get(kind) and deed.refused is (kind in REFUSALS))
    names = {deed.name for deed in told if deed.asked - CLOCKS_S <= at <= deed.done + CLOCKS_S}
    return names.pop() if len(names) == 1 else ""


def _note(note: CallNote, key: str, start: float | None, deeds: Iterable[Deed]) -> MomentView:
    at = epoch(note.at) if note.at else note.sort_time
    who = _who(note.kind, at, deeds)
    icon, tone, title, inline = NOTES.get(note.kind, ("circle-alert", "idle", note.kind.replace("_", " ").capitalize(), False))
    return MomentView(
        id=dom_id("moment", key, "note", note.key),
        icon=icon,
        tone=tone,
        title=_fill(title, note.data),
        code="",
        detail=f"by {who}" if who else "",
        body=pretty(note.data) if note.data and note.kind in ("memory", "preparing_timeout") else "",
        at_ms=round(at * 1000),
        offset=offset(at, start),
        category="audit" if who or note.kind in BY_PEOPLE else "call",
        inline=inline,
    )


def _fill(title: str, data: dict[str, Any]) -> str:
    """Put fields into a title; what a contact or provider wrote stays text, whatever braces it holds."""

    def value(field: re.Match[str]) -> str:
        name = field[1]
        if name not in data:
            return field[0]
        words = str(data[name])[:200]
        return words.replace("_", " ") if name == "reason" else words

    return _FIELD.sub(value, title)


def _began(call: Call) -> str:
    if call.channel == "whatsapp":
        return f"WhatsApp session with {number(call) or 'an unknown number'}"
    if call.channel in ("webrtc", "chat"):
        return "Web call" if call.channel == "webrtc" else "Chat"
    if call.direction == "outbound":
        return f"Call to {pretty_number(call.to_number)}"
    return f"Call from {number(call) or 'an unknown number'}"


def _lifecycle(call: Call, key: str, start: float | None) -> Iterator[tuple[tuple[float, int, int], MomentView]]:
    arrow = "phone-outgoing" if call.direction == "outbound" else "phone-incoming"
    began = _began(call)
    steps: list[tuple[str, Any, str, Tone, str, str]] = [("began", call.started_at, arrow, "info", began, "")]
    if call.answered_at is not None and call.answered_at != call.started_at:
        steps.append(("answered", call.answered_at, "phone", "ok", "Answered", ""))
    if call.status == "completed":
        steps.append(("ended", call.ended_at, "phone-off", "idle", "Ended", call.error or call.end_reason.replace("_", " ")))
    for name, at, icon, tone, title, detail in steps:
        seconds = epoch(at) if at else None
        moment = MomentView(
            id=dom_id("moment", key, name),
            icon=icon,
            tone=tone,
            title=title,
            code="",
            detail=detail,
            body="",
            at_ms=round(seconds * 1000) if seconds is not None else None,
            offset=offset(seconds, start),
            category="call",
            inline=False,
        )
        place = -1.0 if name == "began" else float("inf") if name == "ended" else (seconds or 0.0)
        yield (place, 0, 0), moment
