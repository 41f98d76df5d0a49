"""What the runner knows about each connection, and its way into the database: at most one conditional update a second."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct, structs

from callcenter.journal.models import Connection, ConnectionHealth
from callcenter.providers.client import Line


class Page(Struct):
    """The health of one connection; names and units are those of ConnectionHealth."""

    line: str = Line.CONNECTING
    words: str = ""
    line_at: datetime | None = None
    down_since: datetime | None = None
    next_try_at: datetime | None = None
    frame_at: datetime | None = None
    reconnects: int = 0
    relay: str = ""
    spooled: int = 0
    spooled_since: datetime | None = None
    trouble: str = ""
    trouble_at: datetime | None = None
    absent: dict[str, str] = {}


class Book:
    """Written by the tasks of one connection, stored by the runner. ``scrub`` takes secrets out of sentences."""

    def __init__(self, connection: int, fence: int, scrub: Callable[[str], str]) -> None:
        self.connection, self.fence, self.scrub = connection, fence, scrub
        now = datetime.now(UTC)
        self.page = Page(line_at=now, down_since=now)
        self.stored: Page | None = None
        self.ups = 0

    def line(self, line: Line, words: str = "", retry_s: float | None = None) -> None:
        now = datetime.now(UTC)
        if line is Line.UP and self.page.line != Line.UP:
            self.page.reconnects = self.ups
            self.ups += 1
        if line != self.page.line:
            self.page.line, self.page.line_at = line.value, now
            self.page.down_since = None if line is Line.UP else self.page.down_since or now
        self.page.words = self.scrub(words)[:1000]
        self.page.next_try_at = now + timedelta(seconds=retry_s) if retry_s is not None else None

    def trouble(self, words: str) -> None:
        self.page.trouble, self.page.trouble_at = self.scrub(words)[:1000], datetime.now(UTC)

    def news(self) -> Page | None:
        """A copy of what is not stored yet, None = nothing."""
        if self.page == self.stored:
            return None
        return structs.replace(self.page)


def begin(connection: int, fence: int) -> None:
    """A new runner starts a new page; what an older one still writes is refused. Reconnects count from here."""
    values: dict[str, Any] = {**structs.asdict(Page()), "fence": fence}
    told = ConnectionHealth.objects.filter(connection=connection, fence__lte=fence).update(**values)
    if not told and Connection.objects.filter(pk=connection).exists():
        ConnectionHealth.objects.get_or_create(connection_id=connection, defaults=values)


def store(pages: list[tuple[int, int, Page]]) -> None:
    """(connection, fence, page). A connection that was deleted meanwhile is no trouble."""
    for connection, fence, page in pages:
        ConnectionHealth.objects.filter(connection=connection, fence=fence).update(**structs.asdict(page))
