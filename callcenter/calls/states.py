"""Rows of agents and threads, and deliveries on lines."""

from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from callcenter.calls.folding import Folder, KeptCall
from callcenter.calls.models import Agent, Call, Thread, TranscriptEntry
from callcenter.domain.agent_state import AgentState, elsewhere, paused, targets, unverified_since
from callcenter.domain.delivery import OVERTAKE_S, Outgoing, ThreadState, bind, run_of
from callcenter.domain.state import CallState
from callcenter.journal.scopes import thread_scope
from callcenter.journal.times import moment

NEVER = float("-inf")
ERROR_CHARS = 300


def agent_columns(state: AgentState) -> dict[str, Any]:
    """What the row of an agent says, from its state."""
    return {
        "paused": paused(state, "agent"),
        "paused_contacts": targets(state, "contact"),
        "paused_calls": targets(state, "call"),
        "paused_elsewhere": elsewhere(state),
        "unverified_since": moment(unverified_since(state)),
    }


def thread_columns(state: ThreadState) -> dict[str, Any]:
    """What the row of a thread says, from its state."""
    return {"holder_id": state.holder or None, "fence": state.fence}


def _times(found: tuple[datetime | None, datetime | None] | None) -> dict[str, datetime | None]:
    inbound, anybody = found or (None, None)
    return {"last_inbound_at": inbound, "last_at": anybody}


def project_agents(rows: dict[str, Agent], folder: Folder) -> set[int]:
    """Write locked agents by scope; returns the ids of those whose content changed."""
    changed, written = set(), []
    for scope, row in rows.items():
        kept = folder.agent(scope)
        if row.version == kept.n:
            continue
        for name, value in agent_columns(kept.state).items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                changed.add(row.pk)
        row.version = kept.n
        written.append(row)
    if written:
        Agent.objects.bulk_update(written, ["paused", "paused_contacts", "paused_calls", "paused_elsewhere", "unverified_since", "version"])
    return changed


def project_threads(
    kept: dict[str, KeptCall], rows: dict[str, Thread], folder: Folder, *, whole: bool = False
) -> tuple[set[int], set[str]]:
    """Write threads that got a report or a line; returns the ids of changed threads and the calls whose ticks changed.

    ``rows``: locked threads by scope, those that got a report. ``whole``: bind all their lines, not only what may have changed.
    """
    spoken = [uuid for uuid, call in kept.items() if call.state.contact]
    if not (spoken or rows):
        return set(), set()
    threads_of = dict(Call.objects.filter(call_uuid__in=spoken, thread__isnull=False).values_list("call_uuid", "thread"))
    wanted = {*threads_of.values(), *(row.pk for row in rows.values())}
    found = Thread.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=wanted).select_related("agent").order_by("id")
    threads = {thread_scope(thread.agent.connection_id, thread.agent.slug, thread.digits): thread for thread in found}
    folder.catch_up({scope: thread.version for scope, thread in threads.items() if scope not in rows})
    states = {thread.pk: folder.thread(scope).state for scope, thread in threads.items()}
    since = {thread.pk: NEVER if whole else folder.thread(scope).since for scope, thread in threads.items()}
    for uuid, pk in threads_of.items():
        since[pk] = min(since[pk], _concerned(kept[uuid].state, states[pk]))
    calls = bind_lines(states, since)
    for scope in threads:
        folder.thread(scope).since = float("inf")
    times = times_of([thread.pk for thread in threads.values()])
    changed, written = set(), []
    for scope, thread in threads.items():
        now = {**thread_columns(folder.thread(scope).state), **_times(times.get(thread.pk))}
        for name, value in now.items():
            if getattr(thread, name) != value:
                setattr(thread, name, value)
                changed.add(thread.pk)
        if thread.pk in changed or thread.version != folder.thread(scope).n:
            thread.version = folder.thread(scope).n
            written.append(thread)
    if written:
        Thread.objects.bulk_update(written, ["holder", "fence", "last_inbound_at", "last_at", "version"])
    return changed, calls


def _concerned(call: CallState, thread: ThreadState) -> float:
    """The earliest report that a line of this call may concern, epoch s."""
    began = [time for time in (call.began, call.arrived) if time is not None]
    known = [thread.reports[line].first.time for line in call.lines.keys() & thread.reports.keys()]
    return min([*(time - OVERTAKE_S for time in began), *known])


def bind_lines(states: dict[int, ThreadState], since: dict[int, float]) -> set[str]:
    """Put delivery reports on the outgoing lines of threads (by id); returns the calls that show a new tick.

    ``since``: by thread, the time from which on reports or lines may have changed.
    """
    moved = moved_lines(states, since)
    if moved:
        TranscriptEntry.objects.bulk_update(moved, ["delivery", "delivery_inferred", "delivery_error", "version"])
    return {line.call.call_uuid for line in moved}


def moved_lines(states: dict[int, ThreadState], since: dict[int, float] | None = None) -> list[TranscriptEntry]:
    """The lines whose ticks are not yet what the reports say, with the ticks that they should have; not saved."""
    runs = {thread: run_of(state, since[thread] if since else NEVER) for thread, state in states.items()}
    runs = {thread: run for thread, run in runs.items() if run[0].reports}
    if not runs:
        return []
    lines: dict[int, list[TranscriptEntry]] = {thread: [] for thread in runs}
    for line in _outgoing(runs if since else {thread: (run, NEVER) for thread, (run, _) in runs.items()}):
        lines[line.call.thread_id or 0].append(line)
    moved = []
    for thread, (run, _) in runs.items():
        bound = bind([Outgoing(line.pk, line.message_id, line.sort_time) for line in lines[thread]], run)
        for line in lines[thread]:
            if line.message_id in states[thread].reports and line.message_id not in run.reports:
                continue  # its report is older than what changed
            report = bound.get(line.pk)
            ticks = (report.status, report.inferred, report.error[:ERROR_CHARS]) if report else ("", False, "")
            if (line.delivery, line.delivery_inferred, line.delivery_error) != ticks:
                line.delivery, line.delivery_inferred, line.delivery_error = ticks
                line.version = line.call.version
                moved.append(line)
    return moved


def _outgoing(runs: dict[int, tuple[ThreadState, float]]) -> QuerySet[TranscriptEntry]:
    """What was written to the contacts of these threads, in reading order: from a time on, and what has the id of a report."""
    wanted = Q()
    for thread, (run, oldest) in runs.items():
        wanted |= Q(call__thread=thread) & (Q(sort_time__gte=oldest) | Q(message_id__in=list(run.reports)) if oldest > NEVER else Q())
    lines = TranscriptEntry.objects.filter(wanted, speaker__in=["agent", "operator"], recovered=False)
    few = lines.only(
        "key",
        "message_id",
        "sort_time",
        "delivery",
        "delivery_inferred",
        "delivery_error",
        "call__call_uuid",
        "call__thread",
        "call__version",
    )
    return few.select_related("call").order_by("sort_time", "sort_seq", "sort_n", "key")


def times_of(threads: list[int]) -> dict[int, tuple[datetime | None, datetime | None]]:
    """When each contact wrote last (the 24-hour window), and when anybody did."""
    lines = TranscriptEntry.objects.filter(call__thread__in=threads, recovered=False).order_by()
    last = lines.values_list("call__thread").annotate(inbound=Max("sort_time", filter=Q(speaker="contact")), anybody=Max("sort_time"))
    return {thread: (moment(inbound), moment(anybody)) for thread, inbound, anybody in last}
