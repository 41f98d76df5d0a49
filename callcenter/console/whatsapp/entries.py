"""What stands in a thread, in reading order: messages of all sessions, what is being sent, notes, and what happened between."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date

from callcenter.calls.models import Call, Thread, TranscriptEntry
from callcenter.commands.models import Command, Pause, Takeover
from callcenter.console.dom import dom_id
from callcenter.console.models import PrivateNote
from callcenter.console.naming import agent_name
from callcenter.console.rows import SPEAKER_TONES
from callcenter.console.whatsapp.list import ms, thread_contact
from callcenter.console.whatsapp.loading import LINES, ThreadParts
from callcenter.console.whatsapp.values import Bubble, Entry, Mark, Outgoing, TeamNote
from callcenter.domain.commands.effect import same_text
from callcenter.domain.commands.order import Level, Verb
from callcenter.journal.times import epoch, moment
from callcenter.operators.models import Operator

REACH = {Level.AGENT: "everywhere", Level.CONTACT: "for this contact", Level.CALL: "for this session"}
State, Failure, End = Command.State, Command.Failure, Takeover.End
Placed = tuple[float, int, Entry]


def entries_of(thread: Thread, reader: Operator, parts: ThreadParts) -> tuple[Entry, ...]:
    """Sorted by time; what belongs to lines that are not shown any more is left out. Each day begins with its date."""
    lines = parts.lines[-LINES:]
    begin = lines[0].sort_time if len(parts.lines) > LINES else float("-inf")
    sends = [command for command in reversed(parts.commands) if command.verb == Verb.SEND]
    placed = [
        *_bubbles(thread, reader, lines, parts.takeovers, sends),
        *_outgoing(thread, reader, sends),
        *_sessions(parts.calls, lines),
        *_holders(thread, parts.takeovers),
        *_pauses(thread, parts.pauses),
        *(_note(note) for note in parts.notes),
    ]
    placed = sorted((item for item in placed if item[0] >= begin), key=lambda item: item[:2])
    return tuple(_with_days(placed))


def is_late(line: TranscriptEntry, takeovers: Iterable[Takeover]) -> bool:
    """Did the agent write it while a person answered?"""
    if line.speaker != "agent" or line.recovered:
        return False
    return any(
        epoch(taken.began_at) < line.sort_time and (taken.ended_at is None or line.sort_time < epoch(taken.ended_at)) for taken in takeovers
    )


def _bubbles(
    thread: Thread, reader: Operator, lines: list[TranscriptEntry], takeovers: list[Takeover], sends: list[Command]
) -> Iterator[Placed]:
    writers = _writers(lines, sends)
    for place, line in enumerate(lines):
        by = writers.get(line.pk)
        name = {"contact": thread_contact(thread), "agent": agent_name(thread.agent)}.get(line.speaker, "Operator")
        if line.speaker == "operator" and by is not None:
            name = "You" if by.pk == reader.pk else by.display_name
        bubble = Bubble(
            id=dom_id("msg", line.call.call_uuid, line.key),
            line=line.pk,
            speaker=line.speaker,
            name=name,
            tone=SPEAKER_TONES.get(line.speaker, "idle"),
            text=line.text or line.announced,
            kind=line.kind,
            at_ms=ms(line.at),
            delivery=line.delivery if line.speaker != "contact" else "",
            error=line.delivery_error if line.speaker != "contact" else "",
            inferred=line.delivery_inferred,
            late=is_late(line, takeovers),
            recovered=line.recovered,
            again=line.speaker == "operator" and line.delivery == "failed" and thread.holder_id == reader.pk,
            thread=thread.pk,
        )
        yield line.sort_time, place, bubble


def _writers(lines: list[TranscriptEntry], sends: list[Command]) -> dict[int, Operator]:
    """Who wrote the operators' lines: each command that was confirmed stands for the first line with its words after it."""
    asked: dict[str, list[Command]] = defaultdict(list)
    for command in sends:
        if command.state == State.CONFIRMED and command.operator is not None:
            asked[same_text(command.order["text"])].append(command)
    found: dict[int, Operator] = {}
    for line in lines:
        waiting = asked.get(same_text(line.text)) if line.speaker == "operator" else None
        if waiting and waiting[0].operator is not None:
            found[line.pk] = waiting.pop(0).operator  # type: ignore[assignment]
    return found


def _outgoing(thread: Thread, reader: Operator, sends: list[Command]) -> Iterator[Placed]:
    """What was asked for and is no line yet. Words that their operator asked for again stand there only once."""
    latest = {(command.operator_id, command.order["text"]): command.pk for command in sends}
    for command in sends:
        if command.state == State.CONFIRMED or latest[command.operator_id, command.order["text"]] != command.pk:
            continue
        mine = command.operator_id == reader.pk
        over = command.state not in Command.OPEN
        outgoing = Outgoing(
            id=dom_id("out", command.pk),
            command=str(command.pk),
            name="You" if mine else command.operator.display_name if command.operator else "Console",
            mine=mine,
            text=command.order["text"],
            state=command.state,
            words=_state_in_words(command),
            at_ms=ms(command.created_at) or 0,
            expires_ms=ms(command.expires_at) if command.state == State.PENDING else None,
            cancel=command.state == State.PENDING and (mine or reader.can_supervise) and reader.can_act,
            again=over and mine and thread.holder_id == reader.pk,
            thread=thread.pk,
        )
        yield epoch(command.created_at), LINES + 1, outgoing


def _state_in_words(command: Command) -> str:
    match command.state:
        case State.PENDING:
            return "Waiting to be sent"
        case State.SENDING | State.SENT:
            return "Sent, not confirmed yet"
        case State.NOT_CONFIRMED:
            return "Not confirmed: the provider has not said that it left"
        case State.UNKNOWN:
            return "Nobody can tell whether it was sent"
    return {
        Failure.EXPIRED: "Not sent: the connection was down for too long",
        Failure.CANCELLED: "Cancelled, not sent",
        Failure.TAKEN: f"Not sent: {command.error}",
    }.get(Failure(command.failure or Failure.REFUSED), f"Refused: {command.error or 'no reason given'}")


def _sessions(calls: list[Call], lines: list[TranscriptEntry]) -> Iterator[Placed]:
    """The borders of the provider's sessions. A session begins before its first line, whatever its own clock says, and ends after
    the last, but for what an operator wrote when it was over.
    """
    first: dict[int, float] = {}
    last: dict[int, float] = {}
    for line in lines:
        first.setdefault(line.call_id, line.sort_time)
        if line.speaker != "operator":
            last[line.call_id] = line.sort_time
    for call in calls:
        began = min((time for time in (_seconds(call.started_at), first.get(call.pk)) if time is not None), default=None)
        if began is None:
            continue
        url = reverse("call", args=[call.call_uuid])
        yield began, -2, Mark(dom_id("session", call.call_uuid), "flag", "A session of the provider begins", ms(moment(began)), url)
        if call.status == "completed" and call.ended_at is not None:
            ended = max(epoch(call.ended_at), last.get(call.pk, 0.0))
            reason = f": {call.end_reason.replace('_', ' ')}" if call.end_reason else ""
            yield ended, LINES + 2, Mark(dom_id("over", call.call_uuid), "flag", f"The session ended{reason}", ms(moment(ended)), url)


def _holders(thread: Thread, takeovers: list[Takeover]) -> Iterator[Placed]:
    agent = agent_name(thread.agent)
    for taken in takeovers:
        name = taken.operator.display_name
        source = f" from {taken.previous.display_name}" if taken.previous else ""
        why = f": {taken.why}" if taken.why else ""
        how = f"{taken.given_by.display_name} gave it to {name}" if taken.given_by else f"{name} took over"
        yield epoch(taken.began_at), -1, Mark(dom_id("taken", taken.pk), "hand", f"{how}{source}{why}", ms(taken.began_at))
        words = {
            End.HANDED_BACK: f"{name} handed back to {agent}",
            End.GIVEN_UP: f"{name} was away for too long: {agent} answers again",
        }.get(End(taken.ended_how)) if taken.ended_how else None  # fmt: skip
        if words and taken.ended_at:
            yield epoch(taken.ended_at), LINES + 1, Mark(dom_id("given", taken.pk), "bot", words, ms(taken.ended_at))


def _pauses(thread: Thread, pauses: list[Pause]) -> Iterator[Placed]:
    agent = agent_name(thread.agent)
    for pause in pauses:
        reach, name = REACH[Level(pause.level)], pause.operator.display_name
        why = f": {pause.why}" if pause.why else ""
        text = f"{name} paused {agent} {reach}{why}"
        yield epoch(pause.began_at), -1, Mark(dom_id("pause", pause.pk), "pause", text, ms(pause.began_at))
        if pause.ended_at is not None:
            over = f"The pause of {agent} {reach} is over"
            yield epoch(pause.ended_at), LINES + 1, Mark(dom_id("pause", pause.pk, "over"), "play", over, ms(pause.ended_at))


def _note(note: PrivateNote) -> Placed:
    at = ms(note.at) or 0
    return epoch(note.at), LINES + 1, TeamNote(dom_id("note", note.pk), note.operator.display_name, note.text, at)


def _with_days(placed: list[Placed]) -> Iterator[Entry]:
    day = None
    for time, _, entry in placed:
        at = moment(time)
        today = timezone.localdate(at) if at else None
        if today is not None and today != day:
            day = today
            yield Mark(dom_id("day", today.isoformat()), "", format_date(today, "l, j F Y"), None, day=True)
        yield entry


def _seconds(at: datetime | None) -> float | None:
    return epoch(at) if at is not None else None
