"""The conversation list: by contact across provider sessions, those that wait first, then the unread, then the newest."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, FloatField, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from callcenter.calls.models import Thread, TranscriptEntry
from callcenter.console.dom import dom_id
from callcenter.console.floor import Audience, in_no_team
from callcenter.console.models import ReadMark
from callcenter.console.naming import agent_name, pretty_number
from callcenter.console.whatsapp.filters import ThreadFilters
from callcenter.console.whatsapp.values import Choice, ThreadList, ThreadRow
from callcenter.domain.commands.capability import WINDOW_S
from callcenter.journal.times import epoch, moment
from callcenter.operators.models import Operator

WINDOW = 300  # rows in one list; the counts stay exact for those
SOON_S = 2 * 3600.0
UNREAD_MOST = 99
# Somebody said it to the contact, and nothing tells that it did not arrive.
ANSWERS = Q(speaker__in=("agent", "operator")) & ~Q(state__in=("rejected", "aborted")) & ~Q(delivery="failed")


def load_list(operator: Operator, audience: Audience, filters: ThreadFilters, now: datetime, current: int = 0) -> ThreadList:
    """Two queries, however many threads there are. ``current``: the thread whose page is open."""
    found = filters.narrow(Thread.objects.in_teams(audience)).for_rows().order_by(F("last_at").desc(nulls_last=True), "-pk")
    threads = list(_with_lines(found)[: WINDOW + 1])
    lines = _with_unread(operator).in_bulk({line for thread in threads for line in (thread.last_line, thread.answer) if line})
    rows = [thread_row(thread, lines.get(thread.last_line), lines.get(thread.answer), operator, now) for thread in threads]
    rows = [replace(row, current=row.id == dom_id("thread", current)) for row in rows]
    shown = sorted((row for row in rows if _passes(row, filters.show)), key=_place)
    return ThreadList(
        rows=tuple(shown[:WINDOW]),
        choices=_choices(rows),
        filters=filters,
        hidden=max(0, len(shown) - WINDOW),
        total=len(rows),
        next_at=min([_midnight(now), *_thresholds(threads, now)]),
        contacts=frozenset(thread.contact_id for thread in threads),
        no_team=in_no_team(audience),
    )


def thread_row(thread: Thread, last: TranscriptEntry | None, answer: Any, operator: Operator, now: datetime) -> ThreadRow:
    """``answer``: the newest one, or the last line, from _with_unread; what the contact wrote before an answer is not unread."""
    window_ms, window = window_of(thread, now)
    paused = is_paused(thread)
    waits = last is not None and last.speaker == "contact" and (thread.holder is not None or paused)
    settled = answer is None or (answer == last and answer.since > 0.0)
    mine = thread.holder_id == operator.pk
    at = thread.last_at
    return ThreadRow(
        id=dom_id("thread", thread.pk),
        url=reverse("whatsapp-thread", args=[thread.pk]),
        contact=thread_contact(thread),
        number=pretty_number(f"+{thread.digits}"),
        agent=agent_name(thread.agent),
        holder=thread.holder.display_name if thread.holder else "",
        mine=mine,
        last_by=_by(last, thread, mine=mine),
        last_text=last.text[:200] if last else "",
        last_kind=last.kind if last else "text",
        at_ms=ms(at),
        today=at is not None and timezone.localdate(at) == timezone.localdate(now),
        unread=0 if settled else min(answer.unread, UNREAD_MOST),
        waiting_ms=ms(moment(answer.first)) if waits else None,
        window_ms=window_ms,
        window=window,
        paused=paused,
    )


def thread_contact(thread: Thread) -> str:
    return thread.contact.name or pretty_number(f"+{thread.digits}")


def is_paused(thread: Thread) -> bool:
    """By a level that reaches the whole thread; a pause of one session is told on its page."""
    return thread.agent.paused or thread.digits in thread.agent.paused_contacts


def window_of(thread: Thread, now: datetime) -> tuple[int | None, str]:
    """When WhatsApp stops to take messages (epoch ms), and: open, soon, closed, never."""
    if thread.last_inbound_at is None:
        return None, "never"
    ends = thread.last_inbound_at + timedelta(seconds=WINDOW_S)
    left = (ends - now).total_seconds()
    return ms(ends), "closed" if left <= 0 else "soon" if left <= SOON_S else "open"


def ms(at: datetime | None) -> int | None:
    return round(epoch(at) * 1000) if at is not None else None


def _with_lines(threads: QuerySet[Thread]) -> QuerySet[Thread, Any]:
    """With the keys of the last line and of the newest ``answer``; where nobody answered that is the last line too."""
    lines = TranscriptEntry.objects.filter(call__thread=OuterRef("pk"), recovered=False)
    order = ("-sort_time", "-sort_seq", "-sort_n", "-key")
    first_answers = lines.order_by(Case(When(ANSWERS, then=0), default=1), *order)
    return threads.annotate(
        last_line=Subquery(lines.order_by(*order).values("pk")[:1]),
        answer=Subquery(first_answers.values("pk")[:1]),
    )


def _with_unread(operator: Operator) -> QuerySet[TranscriptEntry, Any]:
    """Lines with ``since``, 0.0 = no answer; when their contact first wrote after that, and how much after the operator's mark.

    The count is asked of lines, not of threads: SQLite would look for a thread's newest answer again for each of its lines.
    """
    mark = ReadMark.objects.filter(operator=operator, thread=OuterRef("call__thread")).values("upto")[:1]
    wrote = TranscriptEntry.objects.filter(call__thread=OuterRef("call__thread"), recovered=False, speaker="contact")
    wrote = wrote.filter(sort_time__gte=OuterRef("since")).order_by()
    unread = wrote.filter(sort_time__gt=OuterRef("mark")).values("call__thread").annotate(n=Count("pk")).values("n")
    first = wrote.values("call__thread").annotate(at=Min("sort_time")).values("at")
    return TranscriptEntry.objects.annotate(
        mark=Coalesce(Subquery(mark), Value(0.0), output_field=FloatField()),
        since=Case(When(ANSWERS, then=F("sort_time")), default=Value(0.0), output_field=FloatField()),
    ).annotate(
        unread=Coalesce(Subquery(unread, output_field=IntegerField()), Value(0)),
        first=Subquery(first, output_field=FloatField()),
    )


def _by(last: TranscriptEntry | None, thread: Thread, *, mine: bool) -> str:
    if last is None or last.speaker == "contact":
        return ""
    if last.speaker == "agent":
        return agent_name(thread.agent)
    return "You" if mine else thread.holder.display_name if thread.holder else "Operator"


def _passes(row: ThreadRow, show: str) -> bool:
    return {"": True, "mine": row.mine, "waiting": row.waiting_ms is not None}[show]


def _place(row: ThreadRow) -> tuple[int, int]:
    """Who waits longest, then the newest unread. The one that is open stays with the unread: it would else jump away while it is read."""
    if row.waiting_ms is not None:
        return 0, row.waiting_ms
    return 1 if row.unread or row.current else 2, -(row.at_ms or 0)


def _choices(rows: list[ThreadRow]) -> tuple[Choice, ...]:
    return (
        Choice("threads-n-waiting", "Waiting", "waiting", sum(_passes(row, "waiting") for row in rows)),
        Choice("threads-n-mine", "Mine", "mine", sum(row.mine for row in rows)),
        Choice("threads-n-all", "All", "", len(rows)),
    )


def _thresholds(threads: Iterable[Thread], now: datetime) -> list[float]:
    """When the next window closes, or begins to end soon."""
    ends = [epoch(thread.last_inbound_at) + WINDOW_S for thread in threads if thread.last_inbound_at]
    return [time for end in ends for time in (end, end - SOON_S) if time > epoch(now)]


def _midnight(now: datetime) -> float:
    tomorrow = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return epoch(tomorrow)
