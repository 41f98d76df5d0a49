"""Rows of agents and threads, deliveries on lines, and the revision of everything that changed."""

from datetime import datetime
from typing import Any

from django.db.models import Max, Q

from callcenter.calls.folding import Folder, KeptCall
from callcenter.calls.models import Agent, Call, Thread, TranscriptEntry
from callcenter.domain.agent_state import AgentState, paused, targets, unverified_since
from callcenter.domain.delivery import Outgoing, bind
from callcenter.journal.revision import next_revision
from callcenter.journal.scopes import thread_scope
from callcenter.journal.times import moment


def agent_columns(state: AgentState) -> dict[str, Any]:
    """What the row of an agent says, from its state."""
    return {
        "paused": paused(state, "agent"),
        "paused_contacts": targets(state, "contact"),
        "paused_calls": targets(state, "call"),
        "paused_elsewhere": sorted(state.elsewhere),
        "unverified_since": moment(unverified_since(state)),
    }


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


def project_threads(kept: dict[str, KeptCall], rows: dict[str, Thread], folder: Folder) -> tuple[set[int], set[str]]:
    """Write threads that got a report or a line; returns the ids of changed threads and the calls whose ticks changed.

    ``rows``: locked threads by scope, those that got a report.
    """
    for scope, row in rows.items():
        if row.version != folder.thread(scope).n:
            row.version = folder.thread(scope).n
            row.save(update_fields=["version"])
    spoken = Thread.objects.filter(calls__call_uuid__in=[uuid for uuid, call in kept.items() if call.state.contact]).distinct()
    found = {thread.pk: thread for thread in spoken.select_related("agent")}
    if rows:
        found.update({t.pk: t for t in Thread.objects.filter(pk__in=[row.pk for row in rows.values()]).select_related("agent")})
    changed, calls = set(), set()
    for thread in found.values():
        calls |= bind_thread(thread, folder)
        if note_times(thread):
            changed.add(thread.pk)
    return changed, calls


def bind_thread(thread: Thread, folder: Folder) -> set[str]:
    """Put delivery reports on the outgoing lines of a thread; returns the calls that show a new tick."""
    scope = thread_scope(thread.agent.connection_id, thread.agent.slug, thread.digits)
    folder.catch_up({scope: thread.version})
    state = folder.thread(scope).state
    lines = list(
        TranscriptEntry.objects.filter(call__thread=thread, speaker__in=["agent", "operator"], recovered=False)
        .select_related("call")
        .order_by("sort_time", "sort_seq", "sort_n", "key")
    )
    bound = bind([Outgoing(line.pk, line.message_id, line.sort_time) for line in lines], state)
    moved = []
    for line in lines:
        report = bound.get(line.pk)
        ticks = (report.status, report.inferred) if report else ("", False)
        if (line.delivery, line.delivery_inferred) != ticks:
            line.delivery, line.delivery_inferred = ticks
            line.version = line.call.version
            moved.append(line)
    if moved:
        TranscriptEntry.objects.bulk_update(moved, ["delivery", "delivery_inferred", "version"])
    return {line.call.call_uuid for line in moved}


def note_times(thread: Thread) -> bool:
    """Keep when the contact wrote last (the 24-hour window) and when anybody did; True if that moved."""
    times = TranscriptEntry.objects.filter(call__thread=thread, recovered=False).aggregate(
        any=Max("sort_time"), inbound=Max("sort_time", filter=Q(speaker="contact"))
    )
    now: tuple[datetime | None, datetime | None] = (moment(times["inbound"]), moment(times["any"]))
    if (thread.last_inbound_at, thread.last_at) == now:
        return False
    thread.last_inbound_at, thread.last_at = now
    thread.save(update_fields=["last_inbound_at", "last_at"])
    return True


def touch_revision(calls: set[str], agents: set[int], threads: set[int]) -> int:
    """Give what changed the next revision, as the last statements of the transaction; 0 when nothing changed."""
    if not (calls or agents or threads):
        return 0
    revision = next_revision()
    if calls:
        Call.objects.filter(call_uuid__in=calls).update(revision=revision)
    if agents:
        Agent.objects.filter(pk__in=agents).update(revision=revision)
    if threads:
        Thread.objects.filter(pk__in=threads).update(revision=revision)
    return revision
