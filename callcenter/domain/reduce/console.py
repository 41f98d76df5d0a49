"""The console's own facts about a call."""

from callcenter.domain.events.base import Stamp
from callcenter.domain.events.console import CallFound, CallLost, LineSettled
from callcenter.domain.reduce.common import line_of
from callcenter.domain.state import CallState


def _settled(state: CallState, event: LineSettled, stamp: Stamp) -> None:
    line = state.lines.get(event.key)
    if line is None or not line.durable:
        first = Stamp(event.at, 0, stamp.n, True, stamp.received) if event.at is not None else stamp
        line = line_of(state, event.key, event.speaker, first)
        if not event.key.startswith("draft-"):
            line.message_id = event.key
    elif event.at is not None and line.at is not None and event.at < line.at:
        line.at, line.seq = event.at, 0
    for index, word in event.words:
        line.words.setdefault(index, word)
    if event.text:
        line.pieces = event.text
        line.open = False
    if event.latency_ms is not None:
        line.latency_ms = event.latency_ms
    line.pending_latency = None
    state.unsettled.discard(line.key)


def _lost(state: CallState, event: CallLost, stamp: Stamp) -> None:
    state.lost = max(state.lost, stamp.n)


def _found(state: CallState, event: CallFound, stamp: Stamp) -> None:
    """Its sign of life is taken with every event."""


HANDLERS = {
    LineSettled: _settled,
    CallLost: _lost,
    CallFound: _found,
}
