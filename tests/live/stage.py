"""What happens, without a network: provider connections of two teams, the writer behind them, and the feed's desk."""

from datetime import UTC, datetime, timedelta
from typing import Any

from callcenter.ingest.message import Message, Source
from callcenter.ingest.writer import Writer
from callcenter.journal.connections import add_connection
from callcenter.journal.models import Connection
from callcenter.live.desk import Desk
from callcenter.operators.models import Operator
from callcenter.operators.people import team_named
from tests.live.page import Page
from tests.live.tab import Tab, deliver, look

NEVER = float("-inf")


class Line:
    """One provider connection."""

    def __init__(self, stage: "Stage", slug: str, provider: str, team: str) -> None:
        self.stage = stage
        self.connection, self.token = add_connection(slug, provider, team_named(team))
        Connection.objects.filter(pk=self.connection.pk).update(took_commands=True)
        self.source = Source(self.connection.pk, slug, provider, self.connection.team_id)

    def send(self, *frames: Any, ago: float = 0) -> None:
        """Frames that arrive together, ``ago`` seconds before now."""
        now = datetime.now(UTC) - timedelta(seconds=ago)
        self.stage.write(Message(self.source, list(frames), now))


class Stage:
    """Northern and southern lines, one writer, one desk."""

    def __init__(self) -> None:
        self.writer = Writer()
        self.desk = Desk()
        self.live: set[str] = set()
        self.tabs: list[Tab] = []
        self.pinecall = Line(self, "pinecall-north", "pinecall", "North")
        self.sippet = Line(self, "sippet-north", "sippet", "North")
        self.south = Line(self, "pinecall-south", "pinecall", "South")

    def write(self, *messages: Message) -> None:
        self.writer.flushed_at = NEVER  # live state is published at once
        outcome = self.writer.write(list(messages), datetime.now(UTC))
        for answer in outcome.answers:
            assert answer.rejected == []
        self.live |= outcome.flushed

    def tick(self) -> None:
        """What the writer does by itself every moment, however long ago it did it last."""
        self.writer.flushed_at = self.writer.heard_at = self.writer.silence.looked_at = NEVER
        self.live |= self.writer.tick(datetime.now(UTC)).flushed

    def open(self, reader: Operator, path: str = "/", page: Page | None = None) -> Tab:
        tab = Tab(reader, path, page)
        self.tabs.append(tab)
        return tab

    def later(self) -> None:
        """A second has passed: the next look sees what no revision and no hint tells."""
        self.desk.table.looked_around = NEVER

    def look(self) -> None:
        """One look; every tab has read and confirmed what it got."""
        live, self.live = self.live, set()
        look(self.desk, live, self.tabs)

    def look_without_hints(self) -> None:
        """Every hint was lost, so it takes a second."""
        self.live = set()
        self.later()
        self.look()

    def deliver(self) -> None:
        """One look; nobody has read anything yet."""
        live, self.live = self.live, set()
        deliver(self.desk, live, self.tabs)

    def check(self) -> None:
        for tab in self.tabs:
            if tab.closed is None:
                tab.check()
