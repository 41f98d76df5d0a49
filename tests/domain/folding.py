"""Events folded as the journal would fold them, and the rows that stand for the result."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from callcenter.calls.rows import Projected, project_state
from callcenter.domain.events.base import CallEvent, stamp_of
from callcenter.domain.reduce import reduce
from callcenter.domain.settle import due
from callcenter.domain.state import CallState

CALL = "CA1"
START = 1782900000.0
ARRIVAL = 1790000000.0


class Told(Struct, frozen=True):
    """An event with the provider's marks: ``ts`` in seconds after START, None = unmarked."""

    event: CallEvent
    ts: float | None = None
    seq: int | None = None
    durable: bool = True


def at(ts: float, event: CallEvent, seq: int | None = None) -> Told:
    return Told(event, ts, seq if seq is not None else 1 + round(ts * 1000))


def passing(event: CallEvent, ts: float | None = None) -> Told:
    """An ephemeral event."""
    return Told(event, ts, durable=False)


class Journal:
    """The journal of one call in memory: ephemeral events only reach the state, settled facts are written down."""

    def __init__(self) -> None:
        self.state = CallState(CALL)
        self.entries: list[tuple[CallEvent, Any]] = []
        self.now = ARRIVAL

    def tell(self, told: Told, after: float = 0.01) -> None:
        self.now += after
        n = len(self.entries) + (1 if told.durable else 0)
        stamp = stamp_of(None if told.ts is None else START + told.ts, told.seq, n, self.now)
        if told.durable:
            self.entries.append((told.event, stamp))
        reduce(self.state, told.event, stamp, durable=told.durable)
        self.settle()

    def settle(self, after: float = 0.0) -> None:
        self.now += after
        for fact in due(self.state, self.now):
            stamp = stamp_of(None, None, len(self.entries) + 1, self.now)
            self.entries.append((fact, stamp))
            reduce(self.state, fact, stamp)

    def refold(self) -> CallState:
        """The state by the journal alone."""
        state = CallState(CALL)
        for event, stamp in self.entries:
            reduce(state, event, stamp)
        return state


def fold(story: Iterable[Told | CallEvent]) -> CallState:
    """The state after a story; a bare event is unmarked."""
    journal = Journal()
    for told in story:
        journal.tell(told if isinstance(told, Told) else Told(told))
    return journal.state


def rows(state: CallState) -> dict[str, Any]:
    """What the rows say, without keys and places that are made from arrival numbers."""
    projected = project_state(state)
    summary = {name: getattr(projected.summary, name) for name in projected.summary.__struct_fields__ if name != "heard_at"}
    return {"summary": summary, **{part: _parts(projected, part) for part in ("line", "tool", "audit", "note", "participant", "recording")}}


def _parts(projected: Projected, part: str) -> list[dict[str, Any]]:
    found = [columns for (kind, _), columns in projected.parts.items() if kind == part]
    found.sort(key=lambda c: (c["sort_time"], c["sort_seq"], c["sort_n"]))
    return [{name: value for name, value in columns.items() if name not in ("sort_n", "sort_seq", "version")} for columns in found]


def texts(state: CallState) -> list[tuple[str, str, str]]:
    """(speaker, text, state) of every line, in reading order."""
    return [(line["speaker"], line["text"], line["state"]) for line in rows(state)["line"]]


def interleaved(story: Sequence[Told], order: Sequence[int]) -> list[Told]:
    return [story[place] for place in order]
