"""One call told frame by frame, by a clock of our own, and what its rows then say."""

from collections.abc import Iterable
from typing import Any

from callcenter.calls.rows import project_state
from callcenter.domain.events.base import CallEvent, Stamp, stamp_of
from callcenter.domain.lines import lines_of, live_text, text_of
from callcenter.domain.reduce import live, reduce
from callcenter.domain.settle import due
from callcenter.domain.state import CallState, Toggle
from callcenter.domain.summary import Summary, summary_of

CALL = "CA5d2e91b7c04f4a6e8b1d3f7a90c2e614"
START = 1_782_900_000.0  # the provider's clock
ARRIVALS = 1_800_000_000.0  # our clock: later than every time that a frame carries


class Story:
    """Frames arrive one second apart, unless ``after`` says otherwise. ``journal`` keeps what a refold would read."""

    def __init__(self, call: str = CALL) -> None:
        self.state = CallState(call)
        self.now = ARRIVALS
        self.journal: list[tuple[CallEvent, Stamp]] = []

    def hear(self, event: type[CallEvent], /, at: float | None = None, seq: int | None = None, after: float = 1.0, **fields: Any) -> None:
        """A frame comes, ``at`` seconds after the start by the provider's clock if it says so."""
        self.now += after
        self.take(event(call=self.state.call, **fields), None if at is None else START + at, seq)

    def take(self, event: CallEvent, ts: float | None = None, seq: int | None = None) -> None:
        """Fold it as ingest does: an ephemeral one takes no number and no place in the journal."""
        durable = type(event) not in live.HANDLERS
        stamp = stamp_of(ts, seq, self.state.n + durable, self.now)
        if durable:
            self.journal.append((event, stamp))
        reduce(self.state, event, stamp, durable)

    def settle(self, after: float = 0.0) -> list[CallEvent]:
        """Journal what is settled by now; returns the facts."""
        self.now += after
        facts: list[CallEvent] = [*due(self.state, self.now)]
        for fact in facts:
            self.take(fact)
        return facts

    @property
    def summary(self) -> Summary:
        return summary_of(self.state)

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """(speaker, text, state) in reading order."""
        shown = [(line.speaker, text_of(self.state, line)) for line in lines_of(self.state)]
        return [(speaker, text.text, text.state) for speaker, text in shown]

    @property
    def live(self) -> list[tuple[str, str, str]]:
        """(text, rest, state) of what is being said."""
        shown = (live_text(self.state, saying) for saying in self.state.saying.values())
        return [(text.text, text.rest, text.state) for text in shown if text is not None]

    def rows(self, part: str) -> list[dict[str, Any]]:
        """The rows of one kind, by place."""
        found = [row for (kind, _), row in project_state(self.state).parts.items() if kind == part]
        return sorted(found, key=lambda row: (row["sort_time"], row["sort_seq"], row["sort_n"]))


def refolded(journal: Iterable[tuple[CallEvent, Stamp]], call: str = CALL) -> CallState:
    """The state that the journal alone gives."""
    state = CallState(call)
    for event, stamp in journal:
        reduce(state, event, stamp)
    return state


def changes(toggle: Toggle) -> list[bool]:
    return [on for _, on in toggle.history]
