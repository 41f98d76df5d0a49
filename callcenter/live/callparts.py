"""The rows below a call whose page is open: read again where they changed, because a long call has hundreds."""

from functools import cache

from django.db import connection
from django.db.models import Manager

from callcenter.calls.models import AuditEvent, Call, CallNote, CallPart, Participant, Recording, ToolCall, TranscriptEntry
from callcenter.console.callpage import Parts

KINDS: dict[str, type[CallPart]] = {
    "lines": TranscriptEntry,
    "tools": ToolCall,
    "audit": AuditEvent,
    "notes": CallNote,
    "participants": Participant,
    "recordings": Recording,
}


def refresh_parts(parts: Parts, call: Call, since: int) -> None:
    """Bring the parts up to date; they were read when the call's version was ``since``.

    A row that changed has the call's version of then or a later one; whether rows are gone, their number tells.
    """
    for kind, (count, newest) in zip(KINDS, _figures(call), strict=True):
        known = getattr(parts, kind)
        if newest >= since or count != len(known):
            setattr(parts, kind, _merged(getattr(call, kind), known, since, count))


def _figures(call: Call) -> list[tuple[int, int]]:
    """Of each kind, how many rows there are and their newest version."""
    with connection.cursor() as cursor:
        cursor.execute(_figures_sql(), [call.pk] * len(KINDS))
        return [(count, newest) for _, count, newest in cursor.fetchall()]


@cache
def _figures_sql() -> str:
    quote = connection.ops.quote_name
    one = "SELECT {} AS kind, COUNT(*), COALESCE(MAX(version), -1) FROM {} WHERE call_id = %s"
    return " UNION ALL ".join(one.format(n, quote(kind._meta.db_table)) for n, kind in enumerate(KINDS.values())) + " ORDER BY kind"


def _merged(rows: Manager[CallPart], known: list[CallPart], since: int, count: int) -> list[CallPart]:
    merged = {row.key: row for row in known}
    for row in rows.filter(version__gte=since):
        merged[row.key] = row
    if len(merged) != count:
        return list(rows.all())
    return sorted(merged.values(), key=lambda row: (row.sort_time, row.sort_seq, row.sort_n, row.key))
