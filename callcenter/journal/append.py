"""Writing the journal: entries are only ever added."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from callcenter.journal.models import Entry
from callcenter.journal.statements import Write

COLUMNS = ("scope", "n", "key", "connection", "event", "origin", "received_at", "ts", "seq", "frame")
_WRITE = Write(Entry, (), COLUMNS)


class NewEntry(Struct):
    """An entry before it is written: a tenth of what an instance of the model costs. The fields are the columns."""

    key: str
    event: str
    received_at: datetime
    origin: str = "provider"
    ts: float | None = None
    seq: int | None = None
    scope: str = ""
    n: int = 0
    connection_id: int = 0
    frame: str = ""


def append(entries: Iterable[NewEntry | Entry]) -> None:
    """Add these entries, which know their scope and their number in it."""
    _WRITE(
        [
            (e.scope, e.n, e.key, e.connection_id, e.event, e.origin, e.received_at, e.ts, e.seq, e.frame)  # in the order of COLUMNS
            for e in entries
        ]
    )
