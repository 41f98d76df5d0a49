"""When ephemeral frames become a fact: the words of a closed line, the pieces of a silent one."""

from callcenter.domain.events.console import LineSettled
from callcenter.domain.state import CallState, Line, Saying

SILENT_S = 0.3
DRAFT = "draft-"


def due(state: CallState, now: float) -> list[LineSettled]:
    """The facts to journal now; ``now`` in epoch seconds. Drafts of Sippet without an item are never settled: they may be repeated."""
    if not state.saying:
        return []
    facts = []
    for key in sorted(state.saying):
        saying, line = state.saying[key], state.lines.get(key)
        if line is not None and line.text is not None:
            del state.saying[key]  # the final text stands; what was heard before it does not matter any more
        elif key.startswith(DRAFT):
            if state.completed:
                del state.saying[key]
        elif is_news(saying, line) and _is_over(state, saying, line, now):
            facts.append(_fact(state, saying))
    return facts


def is_news(saying: Saying, line: Line | None) -> bool:
    """Was something heard that the journal does not tell? Pieces stay after they are settled, to know a repetition."""
    return bool(saying.words) or saying.latency_ms is not None or saying.pieces != (line.pieces if line is not None else "")


def _is_over(state: CallState, saying: Saying, line: Line | None, now: float) -> bool:
    if state.completed or (line is not None and line.closed):
        return True
    if saying.pieces:
        return saying.speaker == "agent" and now - saying.touched >= SILENT_S
    return line is not None and not line.open


def _fact(state: CallState, saying: Saying) -> LineSettled:
    return LineSettled(
        call=state.call,
        key=saying.key,
        speaker=saying.speaker,
        message_id=saying.message_id,
        at=saying.at,
        seq=saying.seq,
        arrived=saying.arrived,
        words=tuple(sorted(saying.words.items())),
        text=saying.pieces,
        parts=tuple(sorted(saying.parts.items())),
        latency_ms=saying.latency_ms,
    )
