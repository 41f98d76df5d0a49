"""Writing the journal: entries are only ever added."""

from collections.abc import Iterable

from callcenter.journal.models import Entry
from callcenter.journal.statements import Write

COLUMNS = ("scope", "n", "key", "connection", "event", "origin", "received_at", "ts", "seq", "frame")
_WRITE = Write(Entry, (), COLUMNS)


def append(entries: Iterable[Entry]) -> None:
    """Add these entries, which know their scope and their number in it."""
    _WRITE(
        [
            (e.scope, e.n, e.key, e.connection_id, e.event, e.origin, e.received_at, e.ts, e.seq, e.frame)  # in the order of COLUMNS
            for e in entries
        ]
    )
