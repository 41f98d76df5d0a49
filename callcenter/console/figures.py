"""The figures above the floor, counted over every call the operator may see."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from callcenter.console.places import Placed
from callcenter.console.view import Counters


def counters(
    rows: Iterable[Placed], replies: Sequence[int], ended_today: int, shown: int, hidden: int, *, no_team: bool = False
) -> Counters:
    """``rows`` before the filters; ``shown`` and ``hidden`` count this view's rows inside and beyond the window."""
    rows = list(rows)
    attention = [row for row in rows if row.group == "attention"]
    operators = sum(row.holder_kind == "operator" for row in rows)
    return Counters(
        live=len(rows),
        with_agent=len(rows) - operators,
        with_operator=operators,
        attention=len(attention),
        oldest_attention_ms=min((row.started_ms for row in attention), default=None),
        ringing=sum(row.tone == "ring" for row in rows),
        held=sum(row.tone == "hold" for row in rows),
        by_channel=dict(Counter(row.channel for row in rows)),
        answer_ms=median_of(replies),
        ended_today=ended_today,
        shown=shown,
        hidden=hidden,
        no_team=no_team,
    )


def median_of(replies: Sequence[int]) -> int | None:
    """In ms; None = nobody has answered yet."""
    return round(median(replies)) if replies else None
