"""States folded from the journal, kept in memory while they are in use. One kind for each kind of scope."""

import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Set
from itertools import chain
from typing import Any

from django.db.models import Q

from callcenter.calls.live_state import LiveCall
from callcenter.calls.rows import Place, Projected, kept_of, project_state
from callcenter.domain.agent_state import AgentState, reduce_agent
from callcenter.domain.delivery import ThreadState, reduce_thread
from callcenter.domain.events.base import AgentEvent, CallEvent, Event, Stamp, ThreadEvent, stamp_of
from callcenter.domain.events.whatsapp import WhatsAppDelivered
from callcenter.domain.reduce import reduce
from callcenter.domain.state import CallState
from callcenter.journal.archive import archived_after
from callcenter.journal.models import Entry
from callcenter.journal.reading import event_of
from callcenter.journal.times import epoch

log = logging.getLogger(__name__)

COLUMNS = ("scope", "n", "origin", "frame", "ts", "seq", "received_at", "connection_id")


class Kept:
    """What is known of one scope; ``n`` = entries folded. The base serves scopes without a state: connections."""

    has_state = False

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.n = 0

    def fold(self, _event: Event | None, stamp: Stamp) -> None:
        """Fold the entry with number ``stamp.n``."""
        self.n = stamp.n

    def caught_up(self) -> None:
        """All entries of the journal are folded now."""


class KeptCall(Kept):
    """A call's state beside the rows last projected from it.

    ``live``: what was published of it last. ``owner``: id of the connection it belongs to, 0 = none yet; ``pk``: id of its row,
    0 = none is known; ``relations``: its ids of agent, contact and thread as they stand in the row, None = not known.
    """

    has_state = True

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.state = CallState(scope.removeprefix("call:"))
        self.projected = Projected()
        self.live: LiveCall | None = None
        self.owner = 0
        self.pk = 0
        self.relations: list[int | None] | None = None

    def fold(self, event: Event | None, stamp: Stamp) -> None:
        super().fold(event, stamp)
        if isinstance(event, CallEvent):
            reduce(self.state, event, stamp)

    def caught_up(self) -> None:
        """A call that only unknown frames named has no rows yet."""
        if self.state.arrived is not None:
            self.project(project_state(self.state))

    def project(self, rows: Projected, gone: Set[Place] = frozenset()) -> None:
        """These rows stand for the state now; those at ``gone`` do not any more."""
        self.projected = kept_of(self.projected, rows, gone)
        self.state.touched.clear()


class KeptAgent(Kept):
    has_state = True

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.state = AgentState()

    def fold(self, event: Event | None, stamp: Stamp) -> None:
        super().fold(event, stamp)
        if isinstance(event, AgentEvent):
            reduce_agent(self.state, event, stamp)


class KeptThread(Kept):
    """``since``: the earliest report that the lines may not show yet, epoch s."""

    has_state = True

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.state = ThreadState()
        self.since = float("inf")

    def fold(self, event: Event | None, stamp: Stamp) -> None:
        super().fold(event, stamp)
        if isinstance(event, ThreadEvent):
            reduce_thread(self.state, event, stamp)
        if isinstance(event, WhatsAppDelivered):
            self.since = min(self.since, self.state.reports[event.message_id].first.time)

    def caught_up(self) -> None:
        """The lines show these reports already."""
        self.since = float("inf")


KINDS: dict[str, type[Kept]] = {"call": KeptCall, "agent": KeptAgent, "thread": KeptThread, "conn": Kept}


class Folder:
    """The states one process owns, by scope. The least recently used are forgotten first."""

    def __init__(self, keep: int = 5000) -> None:
        self.keep = keep
        self.scopes: OrderedDict[str, Kept] = OrderedDict()

    def of(self, scope: str) -> Kept:
        """What is kept of this scope; empty when nothing is."""
        kept = self.scopes.get(scope)
        if kept is None:
            kept = self.scopes[scope] = KINDS[scope.partition(":")[0]](scope)
        self.scopes.move_to_end(scope)
        return kept

    def call(self, uuid: str) -> KeptCall:
        kept = self.of(f"call:{uuid}")
        assert isinstance(kept, KeptCall)
        return kept

    def agent(self, scope: str) -> KeptAgent:
        kept = self.of(scope)
        assert isinstance(kept, KeptAgent)
        return kept

    def thread(self, scope: str) -> KeptThread:
        kept = self.of(scope)
        assert isinstance(kept, KeptThread)
        return kept

    def knows(self, scope: str) -> bool:
        return scope in self.scopes

    def forget(self, scopes: Iterable[str]) -> None:
        """Drop states that may differ from the journal: their transaction failed."""
        for scope in scopes:
            self.scopes.pop(scope, None)

    def trim(self) -> None:
        while len(self.scopes) > self.keep:
            self.scopes.popitem(last=False)

    def catch_up(self, versions: dict[str, int]) -> None:
        """Bring scopes to these versions (entries in the journal) by folding what is missing."""
        behind = {}
        for scope, version in versions.items():
            kept = self.of(scope)
            if kept.n > version:
                self.forget([scope])
                kept = self.of(scope)
            if not kept.has_state:
                kept.n = version
            elif kept.n != version:
                behind[scope] = kept.n
        if not behind:  # nearly always: making a query that finds nothing costs more than all of the above
            return
        for entry in chain(archived_after(behind), entries_after(behind)):
            kept = self.of(entry.scope)
            event, stamp = read(entry)
            if isinstance(kept, KeptCall) and not kept.owner and isinstance(event, CallEvent):
                kept.owner = entry.connection_id
            kept.fold(event, stamp)
        for scope in behind:
            self.of(scope).caught_up()


def entries_after(known: dict[str, int]) -> Iterator[Any]:
    """Entries of these scopes beyond the numbers known, in order, as named tuples: one query per 200 scopes."""
    scopes = list(known)
    for start in range(0, len(scopes), 200):
        wanted = Q()
        for scope in scopes[start : start + 200]:
            wanted |= Q(scope=scope, n__gt=known[scope])
        entries = Entry.objects.filter(wanted).order_by("scope", "n")
        # No iterator(): PostgreSQL plans a server's cursor for its first row, and then walks the whole index in order.
        yield from entries.values_list(*COLUMNS, "connection__provider", named=True)


def read(entry: Any) -> tuple[Event | None, Stamp]:
    """An entry as it is folded. One that cannot be read any more has no effect, and stops nothing."""
    try:
        event = event_of(entry.connection__provider, entry.origin, entry.frame)
    except Exception:
        log.exception("Entry %d of %s cannot be read", entry.n, entry.scope)
        event = None
    return event, stamp_of(entry.ts, entry.seq, entry.n, epoch(entry.received_at))
