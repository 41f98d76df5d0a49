"""When ephemeral frames become a fact: the words of a closed line, the pieces of a silent one."""

from callcenter.domain.events.console import LineSettled
from callcenter.domain.state import CallState, Line

SILENT_S = 0.3


def due(state: CallState, now: float) -> list[LineSettled]:
    """The facts to journal now; ``now`` in epoch seconds. Drafts without an item id are never settled: they may be repeated."""
    facts = []
    for key in sorted(state.unsettled):
        line = state.lines.get(key)
        if line is None or key.startswith("draft-") or line.text is not None:
            state.unsettled.discard(key)
        elif _closed(state, line, now):
            facts.append(_fact(state, line))
    return facts


def _closed(state: CallState, line: Line, now: float) -> bool:
    if state.completed or not line.open:
        return True
    return bool(line.pieces) and line.speaker == "agent" and now - line.touched >= SILENT_S


def _fact(state: CallState, line: Line) -> LineSettled:
    return LineSettled(
        call=state.call,
        key=line.key,
        speaker=line.speaker,
        at=line.first_heard,
        words=tuple(sorted(line.words.items())),
        text=line.pieces,
        latency_ms=line.pending_latency if line.pending_latency is not None else line.latency_ms,
    )
