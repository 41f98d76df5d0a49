"""One call on the floor, from its row and its live state. Pure: the same values for page and push."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from callcenter.calls.live_state import LiveCall, newest_line
from callcenter.calls.models import Agent, Call
from callcenter.commands.takeover import why_not_taken
from callcenter.console.dom import dom_id
from callcenter.console.naming import agent_name, contact_name, holder_name, number, pretty_number, speaker_name
from callcenter.console.places import ends_soon, last_heard, milliseconds, needs_attention, nobody_answers, tone, urgency
from callcenter.console.view import Badge, RowView, Tone
from callcenter.domain.limits import Limits, stale_since
from callcenter.journal.outbound.health import outbound_of
from callcenter.providers.client import Line

ALARMS = {
    "credits_exhausted": "Credit is used up",
    "max_duration": "Time limit reached",
    "idle_timeout": "Silent too long",
}
ACTIVITY = {"contact_speaking": "Caller speaking", "thinking": "Agent thinking", "agent_speaking": "Agent speaking"}
SPEAKER_TONES: dict[str, Tone] = {"contact": "caller", "agent": "ai", "operator": "human"}
VOICE = ("phone", "webrtc")
METERED = ("pinecall",)  # providers that tell how loud a call is


def row_view(call: Call, agent: Agent | None, live: LiveCall | None, now: float, limits: Limits) -> RowView:
    """``agent`` is the newest row of the call's agent (its pauses apply to the call); ``now`` in epoch seconds."""
    stale = stale_since(call.channel, call.status, heard(call, live), now, limits)
    line_down = _line_down(call, now)
    unanswered = nobody_answers(call.unanswered_since, live, now, limits)
    alone = [Badge("circle-alert", "No answer seen" if line_down or stale else alone_words(call), "alert")] if unanswered else []
    pauses = _pauses(call, agent) if agent is not None and call.status != "completed" else []
    badges = (*line_down, *alone, *_badges(call, agent, live, pauses))
    attention = needs_attention(call.status, call.alarm, live, bool(stale) or unanswered, agent.unverified_since if agent else None)
    speaker, text, interim = _last(call, live)
    state, tone, speaking = _state(call, live, bool(stale), unanswered, bool(pauses))
    started = milliseconds(call.started_at)
    return RowView(
        id=dom_id("row", call.call_uuid),
        uuid=call.call_uuid,
        url=call_url(call.call_uuid),
        group="attention" if attention else "progress",
        tone=tone,
        state=state,
        speaking=speaking and not line_down,
        contact=contact_name(call),
        number=number(call),
        channel=call.channel,
        direction=call.direction,
        language=call.language,
        last_speaker=speaker_name(call, speaker),
        last_tone=SPEAKER_TONES.get(speaker, "idle"),
        last_text=text,
        last_interim=interim,
        holder_kind=holder_kind(call),
        holder=holder_name(call),
        agent=agent_name(agent) if agent else "",
        started_ms=started,
        badges=badges,
        stale_since_ms=round(stale * 1000) if stale else None,
        said=call.last_text,
        fence=(call.thread or call).fence,
        take_url=take_over_url(call.call_uuid) if call.status != "completed" else "",
        take_why_not=_why_not_taken(call),
        metered=call.channel in VOICE and call.connection.provider in METERED and not line_down,
        down=bool(line_down),
        unanswered=unanswered,
        sort=(urgency(call.status, bool(stale)), started, call.call_uuid),
    )


def _why_not_taken(call: Call) -> str:
    """One click on the floor takes it from the agent; from an operator it is taken on the call's page."""
    return f"{call.answering.display_name} answers now." if call.answering is not None else why_not_taken(call)


@lru_cache(maxsize=8192)
def call_url(call_uuid: str) -> str:
    """Remembered, because a row is drawn many times a second."""
    return reverse("call", args=[call_uuid])


@lru_cache(maxsize=8192)
def take_over_url(call_uuid: str) -> str:
    return reverse("call_action", args=[call_uuid, "take-over"])


def heard(call: Call, live: LiveCall | None) -> float:
    """Epoch s of the last frame of any kind."""
    return last_heard(call.heard_at, live)


def alone_words(call: Call) -> str:
    """Of a contact who waits too long. An operator who holds the call is somebody, who may be about to speak."""
    return "No answer yet" if call.answering else "Nobody answers"


def holder_kind(call: Call) -> Literal["agent", "operator"]:
    return "operator" if call.answering else "agent"


def _state(call: Call, live: LiveCall | None, stale: bool, unanswered: bool, paused: bool) -> tuple[str, Tone, bool]:
    """Words, tone and whether somebody is speaking; the words say everything that the colour does."""
    shade = tone(call.status, stale, call.held, call.answering is not None)
    if call.status == "completed":
        return "Ended", shade, False
    if stale:
        return "No signal", shade, False
    if call.status in ("ringing", "dialing"):
        return call.get_status_display(), shade, False
    if call.held:
        return "On hold", shade, False
    activity = live.activity if live else ""
    if activity == "thinking" and (call.answering or paused):
        activity = ""  # nobody waits for what an agent thinks that does not answer
    if activity in ACTIVITY:
        words = ACTIVITY[activity] if activity != "contact_speaking" else f"{speaker_name(call, 'contact')} speaking"
        dictated = call.answering is not None and paused  # a silent agent speaks only what it is told to say
        if activity == "agent_speaking" and (dictated or _last(call, live)[0] == "operator"):
            return "Operator speaking", "human", True
        return words, shade, activity == "agent_speaking"
    if call.channel in ("chat", "whatsapp"):
        asked = "Writing" if live is not None else "Waiting for an answer"
        return asked if call.last_speaker == "contact" else "Waiting for contact", shade, False
    if unanswered or (paused and not call.answering):
        return "Waiting for an answer" if unanswered else "Agent paused", shade, False
    return "Operator listening" if call.answering else "Agent listening", shade, False


def down_words(call: Call, now: float) -> str:
    """That the line which we dialled ourselves is down: until it is back, nothing of the call is known. "" = it is up."""
    if call.status == "completed" or not call.connection.is_outbound:
        return ""
    found = outbound_of(call.connection, datetime.fromtimestamp(now, UTC))
    if found.line is Line.UP:
        return ""
    return f"Line down since {hour_of(found.down_since, now)}" if found.down_since else "Line down"


def hour_of(at: datetime, now: float) -> str:
    """Of another day with the day."""
    local, today = timezone.localtime(at), timezone.localtime(datetime.fromtimestamp(now, UTC))
    return date_format(local, "H:i" if local.date() == today.date() else "j M H:i")


def _line_down(call: Call, now: float) -> list[Badge]:
    words = down_words(call, now)
    return [Badge("unplug", f"{words}, may be out of date", "ring")] if words else []


def _badges(call: Call, agent: Agent | None, live: LiveCall | None, pauses: list[Badge]) -> tuple[Badge, ...]:
    badges = []
    if call.alarm:
        badges.append(Badge("triangle-alert", ALARMS.get(call.alarm, call.alarm), "alert"))
    if live and live.idle_s is not None and call.status == "answered":
        badges.append(Badge("clock", "Contact is silent", "alert" if ends_soon(call.status, live) else "ring"))
    badges.extend(pauses)
    if agent is not None and agent.unverified_since and call.status != "completed":
        words = "Unverified: voice link is down" if call.channel in VOICE else "Unverified: agent is not connected"
        badges.append(Badge("circle-alert", words, "alert"))
    if call.muted:
        badges.append(Badge("mic-off", "Muted", "hold"))
    if call.forwarded_to:
        badges.append(Badge("phone-forwarded", f"Forwarded to {pretty_number(call.forwarded_to)}", "info"))
    return tuple(badges)


def _pauses(call: Call, agent: Agent) -> list[Badge]:
    """Where the agent is paused, widest first. Agent- and contact-wide pauses are joined here, at read."""
    found = []
    if agent.paused:
        found.append(Badge("pause", "Agent paused everywhere", "human"))
    if call.contact is not None and call.contact.digits in agent.paused_contacts:
        found.append(Badge("pause", "Paused for this contact", "human"))
    if call.call_uuid in agent.paused_calls:
        found.append(Badge("pause", "Paused for this call", "human"))
    if not found and call.call_uuid in agent.paused_elsewhere:
        found.append(Badge("pause", "Paused elsewhere", "human"))
    return found


def _last(call: Call, live: LiveCall | None) -> tuple[str, str, bool]:
    """Speaker, text and whether it is still being said."""
    newest = newest_line(live)
    if newest is not None and call.status != "completed" and (newest.text or newest.rest):
        return newest.speaker, newest.text, True
    return call.last_speaker, call.last_text, False
