"""The page of one thread as plain values, from rows and the clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from callcenter.calls.models import Thread
from callcenter.commands.models import Command, Takeover
from callcenter.console.naming import agent_name, pretty_number
from callcenter.console.view import Badge
from callcenter.console.whatsapp.chances import composer_of, desk_of
from callcenter.console.whatsapp.entries import entries_of, is_late
from callcenter.console.whatsapp.list import SOON_S, ms, thread_contact, window_of
from callcenter.console.whatsapp.loading import LINES, ThreadParts
from callcenter.console.whatsapp.values import ThreadView
from callcenter.domain.commands.capability import WINDOW_S
from callcenter.domain.commands.order import Level, Verb
from callcenter.journal.times import epoch
from callcenter.operators.models import Operator

NEVER = float("inf")


def thread_view(thread: Thread, reader: Operator, parts: ThreadParts, now: datetime) -> ThreadView:
    """``now``: aware datetime. Nothing here asks the database."""
    window_ms, window = window_of(thread, now)
    desk = desk_of(thread, reader, parts, now)
    taken = open_takeover(parts.takeovers)
    return ThreadView(
        pk=thread.pk,
        agent_pk=thread.agent_id,
        contact=thread_contact(thread),
        number=pretty_number(f"+{thread.digits}"),
        agent=agent_name(thread.agent),
        connection=thread.agent.connection.slug,
        holder=thread.holder.display_name if thread.holder else "",
        mine=thread.holder_id == reader.pk,
        badges=tuple(_badges(thread, parts)),
        late=sum(is_late(line, [taken]) for line in parts.lines) if taken else 0,
        window_ms=window_ms,
        window=window,
        entries=entries_of(thread, reader, parts),
        earlier=len(parts.lines) > LINES,
        sessions=len(parts.calls),
        first_ms=ms(min((call.started_at for call in parts.calls if call.started_at), default=None)),
        desk=desk,
        composer=composer_of(thread, reader, parts, now),
        presence=parts.presence,
        next_at=_next_at(thread, desk.undo_ms, now),
    )


def open_takeover(takeovers: list[Takeover]) -> Takeover | None:
    return next((taken for taken in reversed(takeovers) if taken.ended_at is None), None)


def _badges(thread: Thread, parts: ThreadParts) -> Iterator[Badge]:
    """Where the agent is silent, widest level first, and whether it is silent at all while a person answers."""
    agent, calls = thread.agent, {call.call_uuid for call in parts.calls if call.status != "completed"}
    levels = (
        (Level.AGENT, agent.paused, "Agent paused everywhere"),
        (Level.CONTACT, thread.digits in agent.paused_contacts, "Paused for this contact"),
        (Level.CALL, bool(calls & set(agent.paused_calls)), "Paused for this session"),
    )
    for level, is_on, label in levels:
        if is_on:
            yield Badge("pause", label + _by_whom(parts, level), "human")
    if any(is_on for _, is_on, _ in levels):
        return
    if calls & set(agent.paused_elsewhere):
        yield Badge("pause", "Paused elsewhere", "human")
    elif thread.holder is not None:
        yield _silence(parts.commands)


def _by_whom(parts: ThreadParts, level: Level) -> str:
    pause = next((pause for pause in reversed(parts.pauses) if pause.level == level and pause.ended_at is None), None)
    return f" by {pause.operator.display_name}" if pause else ""


def _silence(commands: list[Command]) -> Badge:
    """A person answers and nothing says that the agent is silent."""
    asked = next((command for command in commands if command.verb == Verb.PAUSE), None)
    if asked is not None and asked.is_open:
        return Badge("clock", "Agent not silent yet", "ring")
    return Badge("triangle-alert", "Agent not silenced: it may still answer", "alert")


def _next_at(thread: Thread, undo_ms: int | None, now: datetime) -> float:
    """Epoch seconds at which the page looks different by time alone."""
    ends = thread.last_inbound_at + timedelta(seconds=WINDOW_S) if thread.last_inbound_at else None
    times = [epoch(ends), epoch(ends) - SOON_S] if ends else []
    times += [undo_ms / 1000] if undo_ms else []
    return min((time for time in times if time > epoch(now)), default=NEVER)
