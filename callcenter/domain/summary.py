"""The call in one row: everything that a list or a header shows, derived from the state's durable part."""

import re
from statistics import median
from typing import Any

from msgspec import Struct

from callcenter.domain.lines import Waiting, last_said, lines_of, quote, waiting
from callcenter.domain.presence import stays_of
from callcenter.domain.state import CallState, Line

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Summary(Struct, frozen=True):
    """Times in epoch seconds or None."""

    status: str
    end_reason: str
    error: str
    channel: str
    direction: str
    from_number: str
    to_number: str
    contact_digits: str
    contact_name: str
    metadata: dict[str, Any]
    language: str
    agent: str
    started_at: float | None
    answered_at: float | None
    ended_at: float | None
    duration_s: float
    heard_at: float
    held: bool
    muted: bool
    forwarded_to: str
    alarm: str
    last_speaker: str
    last_text: str
    reply_ms: int | None
    unanswered_since: float | None
    holder: int  # an operator's id, 0 = the agent
    fence: int


def status_of(state: CallState) -> str:
    if state.completed:
        return "completed"
    if state.answered:
        return "answered"
    return "dialing" if state.dialing else "ringing"


def summary_of(state: CallState) -> Summary:
    """Derive the row. Nothing live enters it, so a refold of the journal gives the same."""
    last = last_said(state, lines_of(state))
    return summary_with(state, last, waiting(state, last))


def summary_with(state: CallState, last: Line | None, wait: Waiting) -> Summary:
    """The same when the line that it quotes is known, and since when the contact waits."""
    status = status_of(state)
    identity = {name: value for name, (_, value) in state.identity.items()}
    channel = identity.get("channel") or channel_of(state.call)
    direction = "outbound" if state.dialing else identity.get("direction") or "inbound"
    number = identity.get("to_number", "") if direction == "outbound" else identity.get("from_number", "")
    last_speaker, last_text = quote(state, last)
    latencies = [line.latency_ms for line in state.lines.values() if line.latency_ms is not None]
    return Summary(
        status=status,
        end_reason=_reason(state),
        error=_error(state),
        channel=channel,
        direction=direction,
        from_number=identity.get("from_number", "") or (state.contact if channel == "whatsapp" else ""),
        to_number=identity.get("to_number", ""),
        contact_digits=state.contact or digits(number),
        contact_name=state.contact_name,
        metadata=state.metadata,
        language=state.language,
        agent=state.agent,
        started_at=_earliest(state.began, state.arrived),
        answered_at=_earliest(state.answered_at, state.answered_arrival),
        ended_at=_ended_at(state),
        duration_s=_duration(state),
        heard_at=state.heard,
        held=state.hold.on and status != "completed",
        muted=state.mute.on and status != "completed",
        forwarded_to=state.forwarded_to,
        alarm=_alarm(state),
        last_speaker=last_speaker,
        last_text=last_text,
        reply_ms=round(median(latencies)) if latencies else None,
        unanswered_since=wait.since if _answers_count(state, status, channel) else None,
        holder=state.holder,
        fence=state.fence,
    )


def digits(number: str) -> str:
    """The digits that identify a phone contact; "" for ``webrtc``, ``chat`` and SIP addresses."""
    if not number or not number.lstrip("+").replace(" ", "").replace("-", "").isdigit():
        return ""
    return "".join(c for c in number if c in "0123456789")


def channel_of(call: str) -> str:
    """Guess the channel by the shape of the id: contract G.2."""
    if call.startswith("wa-"):
        return "whatsapp"
    if call.startswith(("chat-", "test-")):
        return "chat"
    return "webrtc" if call.startswith("wrt_") or _UUID.fullmatch(call) else "phone"


def _reason(state: CallState) -> str:
    if state.over is None:
        return "lost" if state.is_lost else ""
    return state.over.reason or ("failed" if state.dialing and not state.answered else "")


def _error(state: CallState) -> str:
    """A dial that failed may be told twice: with the call's name, and with the reason."""
    if state.over is not None and state.over.error:
        return state.over.error
    return state.guess.error if state.guess is not None and state.answered_arrival is None else ""


def _earliest(by_provider: float | None, heard: float | None) -> float | None:
    """Nothing happened after it was heard of, though the first time that the provider names may be later: not every frame has one."""
    return min((time for time in (by_provider, heard) if time is not None), default=None)


def _ended_at(state: CallState) -> float | None:
    end = state.over
    if end is None:
        return state.heard if state.is_lost else None
    return end.ended_at if end.ended_at is not None else end.stamp.time


def _duration(state: CallState) -> float:
    """Seconds: the provider's figure; else from the answer to the end by one and the same clock; 0 when never answered."""
    end = state.over
    if end is not None and end.duration is not None:
        return round(end.duration, 3)
    if not state.answered or not state.completed:
        return 0.0
    if end is not None and (end.ended_at is not None or end.stamp.marked):
        begun = state.answered_at if state.answered_at is not None else state.began
        ended = end.ended_at if end.ended_at is not None else end.stamp.time
        if begun is not None:
            return round(max(0.0, ended - begun), 3)
    arrived = state.answered_arrival if state.answered_arrival is not None else state.arrived
    if arrived is None:
        return 0.0
    return float(round(max(0.0, (end.stamp.received if end else state.heard) - arrived)))


def _answers_count(state: CallState, status: str, channel: str) -> bool:
    """Does a contact who speaks wait for words that would be heard of here? An operator on a leg of their own may answer unheard."""
    if status != "answered" or channel not in ("phone", "webrtc") or state.hold.on or state.mute.on or state.forwarded_to:
        return False
    on_a_leg = state.members and (state.holder or any(stay.role == "operator" and stay.left_at is None for stay in stays_of(state)))
    return not on_a_leg or any(line.speaker == "operator" for line in state.lines.values())


def _alarm(state: CallState) -> str:
    if "credits_exhausted:" in state.notes:
        return "credits_exhausted"
    limits = [(note.stamp, str(note.data["reason"])) for note in state.notes.values() if note.kind == "limit"]
    return min(limits)[1] if limits else ""
