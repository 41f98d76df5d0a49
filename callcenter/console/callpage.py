"""The call page as plain values, from rows, live state and the clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import reverse
from msgspec.structs import replace

from callcenter.calls.live_state import LiveCall
from callcenter.calls.models import Agent, AuditEvent, Call, CallNote, Participant, Recording, ToolCall, TranscriptEntry
from callcenter.calls.paths import recording_path
from callcenter.calls.transcript import Known, ShownLine, merged_lines
from callcenter.commands.models import Takeover
from callcenter.console.dom import dom_id
from callcenter.console.moments import Deed, moments, offset
from callcenter.console.naming import agent_name, number_in, speaker_name
from callcenter.console.peaks import peaks_path
from callcenter.console.rows import ALARMS, SPEAKER_TONES, alone_words, down_words, row_view
from callcenter.console.view import CallView, EarlierCall, LineView, MomentView, ParticipantView, RecordingView, RowView, Tone
from callcenter.domain.limits import Limits
from callcenter.journal.times import epoch

ROLES: dict[str, tuple[str, Tone]] = {
    "caller": ("Caller", "caller"),
    "ai_agent": ("Agent", "ai"),
    "agent": ("Agent", "ai"),
    "operator": ("Operator", "human"),
}

WORDS_PER_S = 2.5  # as people and agents speak

Script = tuple[LineView | MomentView, ...]


@dataclass(slots=True)
class Memory:
    """What was made of the rows of a page that stays open: a line that did not change is not made again.

    ``around``: what lines show of their call; ``lines``: by key, a line and how it is shown. Whoever reads takeovers or dictated
    words anew begins with an empty one.
    """

    around: tuple[object, ...] = ()
    shown: Known = field(default_factory=dict)
    lines: dict[str, tuple[ShownLine, LineView]] = field(default_factory=dict)


@dataclass(slots=True)
class Parts:
    """The rows below one call."""

    lines: list[TranscriptEntry] = field(default_factory=list)
    tools: list[ToolCall] = field(default_factory=list)
    audit: list[AuditEvent] = field(default_factory=list)
    notes: list[CallNote] = field(default_factory=list)
    participants: list[Participant] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    earlier: list[Call] = field(default_factory=list)
    takeovers: list[Takeover] = field(default_factory=list)
    dictated: dict[str, str] = field(default_factory=dict)  # message id -> name of the operator whose words the agent spoke
    deeds: list[Deed] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)


def call_view(call: Call, agent: Agent | None, live: LiveCall | None, parts: Parts, now: float, limits: Limits) -> CallView:
    """``now`` in epoch seconds; ``parts.earlier`` holds only calls the reader may see."""
    live = live if call.status != "completed" else None
    row = row_view(call, agent, live, now, limits)
    key = dom_id("c", call.call_uuid)
    timeline = moments(call, key, parts.tools, parts.audit, parts.notes, parts.deeds)
    script = _script(call, key, parts, live, timeline)
    return CallView(
        row=row,
        key=key,
        status=call.status,
        end_reason=call.end_reason,
        error=call.error,
        connection=call.connection.slug,
        provider=call.connection.get_provider_display(),
        from_number=number_in(call, call.from_number),
        to_number=number_in(call, call.to_number),
        started_ms=_ms(call.started_at),
        answered_ms=_ms(call.answered_at),
        ended_ms=_ms(call.ended_at),
        reply_ms=call.reply_ms,
        script=script,
        timeline=tuple(timeline),
        participants=tuple(_participant(p, key) for p in parts.participants) or _both_sides(call, agent, key),
        recordings=tuple(_recording(r, call, key) for r in parts.recordings),
        earlier=tuple(_earlier(c) for c in parts.earlier),
        metadata=tuple((str(name), str(value)[:500]) for name, value in sorted(call.metadata.items())),
        late=_late(script),
        warning=_warning(call, live, row, down_words(call, now)),
    )


def with_words(view: CallView, call: Call, live: LiveCall | None, parts: Parts) -> CallView:
    """The same live call, in which more is being said and nothing else happened; its row keeps the words it had."""
    script = _script(call, view.key, parts, live, view.timeline)
    return replace(view, script=script, late=_late(script))


def _late(script: Script) -> int:
    return sum(isinstance(item, LineView) and item.late for item in script)


def _ms(at: object) -> int | None:
    return round(epoch(at) * 1000) if at is not None else None  # type: ignore[arg-type]


def _script(call: Call, key: str, parts: Parts, live: LiveCall | None, timeline: Iterable[MomentView]) -> Script:
    """Lines in reading order, with the moments that belong between them by their time."""
    start = epoch(call.started_at) if call.started_at else None
    items: list[tuple[float, int, LineView | MomentView]] = []
    memory = _memory(call, start, parts)
    for index, line in enumerate(merged_lines(parts.lines, live, memory.shown)):
        known = memory.lines.get(line.key)
        if known is None or known[0] is not line:
            known = memory.lines[line.key] = line, _line(call, key, line, start, parts)
        items.append((line.time, index, known[1]))
    items += [(moment.at_ms / 1000, -1, moment) for moment in timeline if moment.inline and moment.at_ms is not None]
    return tuple(item for _, _, item in sorted(items, key=lambda item: item[:2]))


def _memory(call: Call, start: float | None, parts: Parts) -> Memory:
    """What is remembered of these parts, unless something around their lines changed."""
    around = (start, call.direction, call.channel, speaker_name(call, "agent"))
    if parts.memory.around != around:
        parts.memory = Memory(around)
    return parts.memory


def _line(call: Call, key: str, line: ShownLine, start: float | None, parts: Parts) -> LineView:
    dictated = parts.dictated.get(line.message_id, "") if line.message_id else ""
    return LineView(
        id=dom_id("line", key, line.key),
        speaker=line.speaker,  # type: ignore[arg-type]
        name=speaker_name(call, line.speaker),
        tone=SPEAKER_TONES.get(line.speaker, "idle"),
        text=line.text,
        rest=line.rest,
        state=line.state,  # type: ignore[arg-type]
        kind=line.kind,
        delivery=line.delivery,
        at_ms=round(line.at * 1000) if line.at is not None else None,
        offset=offset(line.at, start),
        muted=line.muted,
        recovered=line.recovered,
        inferred=line.inferred,
        late=line.speaker == "agent" and not dictated and is_late(_began(call, line), parts.takeovers),
        dictated=dictated,
    )


def _began(call: Call, line: ShownLine) -> float:
    """When somebody began to say it, epoch s. A line that is dated when it was said began earlier, by its length."""
    at = line.at or line.time
    is_dated_at_its_end = call.connection.provider == "sippet" and line.state == "final"
    return at - len(line.text.split()) / WORDS_PER_S if is_dated_at_its_end else at


def is_late(at: float, takeovers: list[Takeover]) -> bool:
    """Was it said while an operator answered? ``at`` in epoch seconds."""
    return any(epoch(taken.began_at) < at and (taken.ended_at is None or at < epoch(taken.ended_at)) for taken in takeovers)


def _participant(participant: Participant, key: str) -> ParticipantView:
    role, tone = ROLES.get(participant.role, (participant.role.replace("_", " ") or participant.member, "idle"))
    return ParticipantView(
        id=dom_id("participant", key, participant.key),
        role=role,
        tone=tone,
        joined_ms=_ms(participant.at),
        left_ms=_ms(participant.left_at),
    )


def _both_sides(call: Call, agent: Agent | None, key: str) -> tuple[ParticipantView, ...]:
    """Who is on the line when the provider names no participants: the contact, and the agent once it answers.

    The start may be the provider's time and the answer our own: the contact was there first in any case.
    """
    left = _ms(call.ended_at)
    joined = _ms(min((at for at in (call.started_at, call.answered_at) if at is not None), default=None))
    contact = ParticipantView(dom_id("participant", key, "contact"), speaker_name(call, "contact"), "caller", joined, left)
    if call.answered_at is None:
        return (contact,)
    return (contact, ParticipantView(dom_id("participant", key, "agent"), agent_name(agent), "ai", _ms(call.answered_at), left))


def _recording(recording: Recording, call: Call, key: str) -> RecordingView:
    return RecordingView(
        id=dom_id("recording", key, recording.key),
        url=recording_path(call.call_uuid, recording.key),
        duration_ms=recording.duration_ms,
        peaks_path=peaks_path(recording.file.name or ""),
    )


def _earlier(call: Call) -> EarlierCall:
    return EarlierCall(
        url=reverse("call", args=[call.call_uuid]),
        channel=call.channel,
        started_ms=_ms(call.started_at),
        summary=call.last_text or call.end_reason.replace("_", " "),
    )


def _warning(call: Call, live: LiveCall | None, row: RowView, down: str) -> str:
    """One sentence about what the reader must know before all else, or nothing."""
    if call.status == "completed":
        if call.end_reason == "lost":
            return "The provider went silent and told no end: closed by the console. It comes back if it is heard again."
        return ""
    if down:
        return f"{down}: what you see may be out of date, and nothing can be sent until it is back."
    if row.stale_since_ms is not None:
        return "No signal from the provider for more than two minutes: what you see may be over."
    if call.alarm:
        return f"{ALARMS.get(call.alarm, call.alarm)}: the provider will end this call."
    if row.unanswered:
        return f"{alone_words(call)}: the contact spoke, and has heard nothing since."
    if live is not None and live.idle_s is not None:
        return f"The contact is silent. The call ends in about {live.idle_s:.0f} s unless they speak."
    return ""
