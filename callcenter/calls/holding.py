"""Who answers the contact: one holder, fenced. A thread's on WhatsApp, the call's elsewhere. Design law 9.

The change is a fact of the journal and a change of the row in one transaction; ingest folds the fact when it next meets the call.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from callcenter.calls.directory import Directory
from callcenter.calls.folding import Folder
from callcenter.calls.hints import hint_after_commit
from callcenter.calls.models import Agent, Call, Thread
from callcenter.calls.project import project_calls
from callcenter.calls.revising import Changed, revising
from callcenter.calls.states import project_threads
from callcenter.domain.commands.order import Level
from callcenter.domain.events.base import stamp_of
from callcenter.domain.events.console import HolderChanged, ThreadHolderChanged
from callcenter.journal.append import append
from callcenter.journal.keys import fact_key
from callcenter.journal.models import Entry
from callcenter.journal.reading import fact_frame, fact_text
from callcenter.journal.scopes import call_scope, thread_scope
from callcenter.journal.times import epoch

if TYPE_CHECKING:
    from callcenter.operators.models import Operator

Held = Call | Thread


class StaleFence(Exception):
    """Somebody changed the holder first. ``holder`` is who answers now, None = the agent."""

    def __init__(self, holder: Operator | None, fence: int) -> None:
        super().__init__(holder.display_name if holder else "the agent")
        self.holder, self.fence = holder, fence


def held_of(call: Call) -> Held:
    """What carries holder and fence of this call."""
    return call.thread if call.thread is not None else call


def holders_where(agent: Agent, level: Level, target: str) -> list[Operator]:
    """Who answers in place of the agent where a pause of this level counts: in one call, or with one contact."""
    calls = Call.objects.live().filter(agent=agent).select_related("holder", "thread__holder")
    match level:
        case Level.CALL:
            found = [call.answering for call in calls.filter(call_uuid=target)]
        case Level.CONTACT:
            found = [call.answering for call in calls.filter(contact__digits=target)]
            found += [thread.holder for thread in Thread.objects.filter(agent=agent, digits=target).select_related("holder")]
        case Level.AGENT:
            found = []
    return [holder for holder in found if holder is not None]


def lock(held: Held, fence: int | None) -> Held:
    """The row, locked until the end of the transaction. Raises StaleFence when ``fence`` is not its number (None = any).

    Two queries: PostgreSQL reads a locked row anew after waiting for it, but not the rows joined to it.
    """
    rows = type(held)._default_manager.filter(pk=held.pk)
    rows.select_for_update(no_key=True).values_list("pk").get()
    related = ("agent", "contact", "holder", "connection") if isinstance(held, Call) else ("agent__connection", "contact", "holder")
    row: Held = rows.select_related(*related).get()
    if fence is not None and row.fence != fence:
        raise StaleFence(row.holder, row.fence)
    return row


def change_holder(held: Held, to: Operator | None, *, fence: int | None, by: Operator | None, why: str, now: datetime) -> Held:
    """Make ``to`` the holder, None = the agent; returns the row with its next fencing number. Raises StaleFence."""
    with revising() as changed:
        row = lock(held, fence)
        told = {"fence": row.fence + 1, "operator": to.pk if to else 0, "name": _name(to), "by_name": _name(by), "why": why}
        if isinstance(row, Call):
            _change_call(row, told, now, changed)
        else:
            _change_thread(row, told, now, changed)
        row.holder, row.fence = to, row.fence + 1
        hint_after_commit()
    return row


def _name(operator: Operator | None) -> str:
    return operator.display_name if operator else ""


def _change_call(row: Call, told: dict[str, object], now: datetime, changed: Changed) -> None:
    fact, scope, folder = HolderChanged(call=row.call_uuid, **told), call_scope(row.call_uuid), Folder()  # type: ignore[arg-type]
    folder.catch_up({scope: row.version})
    kept = folder.call(row.call_uuid)
    kept.owner, kept.pk = row.connection_id, row.pk
    _append(scope, row.version + 1, fact, row.connection_id, now)
    kept.fold(fact, stamp_of(None, None, row.version + 1, epoch(now)))
    changed.calls |= project_calls({row.call_uuid: kept}, Directory(), {})


def _change_thread(row: Thread, told: dict[str, object], now: datetime, changed: Changed) -> None:
    """Its live calls are drawn with the thread's holder, so they change too."""
    connection = row.agent.connection_id
    scope, folder = thread_scope(connection, row.agent.slug, row.digits), Folder()
    fact = ThreadHolderChanged(agent=row.agent.slug, contact=row.digits, **told)  # type: ignore[arg-type]
    folder.catch_up({scope: row.version})
    _append(scope, row.version + 1, fact, connection, now)
    folder.thread(scope).fold(fact, stamp_of(None, None, row.version + 1, epoch(now)))
    threads, ticked = project_threads({}, {scope: row}, folder)
    changed.threads |= threads
    changed.calls |= ticked | set(row.calls.live().values_list("call_uuid", flat=True))


def _append(scope: str, n: int, fact: HolderChanged | ThreadHolderChanged, connection: int, now: datetime) -> None:
    frame = fact_frame(fact)
    entry = Entry(scope=scope, n=n, key=fact_key(), connection_id=connection, event=str(frame["event"]), origin="console", received_at=now)
    entry.frame = fact_text(frame)
    append([entry])
