"""The console's own facts about a call."""

from callcenter.domain.events.base import Stamp
from callcenter.domain.events.console import CallFound, CallLost, HolderChanged, LineSettled
from callcenter.domain.pieces import joined, rejoin
from callcenter.domain.reduce.common import Handlers, place_line
from callcenter.domain.reduce.notes import note
from callcenter.domain.sequence import note_arrival
from callcenter.domain.state import CallState, Line


def _settled(state: CallState, event: LineSettled, stamp: Stamp) -> None:
    line = state.lines.get(event.key)
    if line is None:
        line = state.lines[event.key] = Line(key=event.key, speaker=event.speaker, message_id=event.message_id)
    state.touched.add(event.key)
    arrived = event.arrived or stamp.received
    place_line(line, event.at, event.seq, arrived, stamp.n)
    if event.seq and event.at is None:
        note_arrival(state.arrivals, event.seq, arrived)
    for index, word in event.words:
        line.words.setdefault(index, word)
    _join(line, event)
    if event.latency_ms is not None:
        line.latency_ms = event.latency_ms
    _is_settled(state, event, line)


def _join(line: Line, event: LineSettled) -> None:
    """The longer text stands; parts that two processes heard come together."""
    for seq, piece in event.parts:
        line.parts.setdefault(seq, piece)
    text = joined(line.parts) if event.parts else event.text
    if len(text) >= len(line.pieces):
        line.pieces = text


def _is_settled(state: CallState, event: LineSettled, line: Line) -> None:
    """Keep of the live part only what this fact does not tell: it may come from another process."""
    saying = state.saying.get(event.key)
    if saying is None:
        return
    saying.words = {index: word for index, word in saying.words.items() if index not in line.words}
    if event.latency_ms is not None:
        saying.latency_ms = None
    if saying.parts and line.parts:
        saying.parts = {**line.parts, **saying.parts}
        rejoin(saying)
    elif len(saying.pieces) < len(line.pieces):
        saying.pieces, saying.parts, saying.replayed = line.pieces, dict(line.parts), None
    if not saying.pieces and not saying.words and saying.latency_ms is None:
        del state.saying[event.key]
    for speaker in [speaker for speaker, key in state.drafts.items() if key == event.key]:
        del state.drafts[speaker]


def _lost(state: CallState, event: CallLost, stamp: Stamp) -> None:
    state.lost = max(state.lost, stamp.n)


def _found(state: CallState, event: CallFound, stamp: Stamp) -> None:
    """Its sign of life is taken with every event."""


def _held(state: CallState, event: HolderChanged, stamp: Stamp) -> None:
    """A takeover that was undone leaves no trace but the number."""
    if event.fence <= state.fence:
        return
    state.holder, state.fence = event.operator, event.fence
    if event.why == "undone":
        state.notes = {key: moment for key, moment in state.notes.items() if key != f"taken_over:{event.fence - 1}"}
        return
    note(state, event.why, str(event.fence), {"name": event.name, "by": event.by_name}, stamp)


HANDLERS: Handlers = {
    LineSettled: _settled,
    CallLost: _lost,
    CallFound: _found,
    HolderChanged: _held,
}
