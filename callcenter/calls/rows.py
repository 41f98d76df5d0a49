"""The rows that a call's state stands for: pure values, compared with the last ones to find what changed."""

from collections.abc import Iterator, Set
from typing import Any

from msgspec import Struct, field

from callcenter.domain.events.base import Stamp
from callcenter.domain.lines import (
    Order,
    Waiting,
    is_quotable,
    last_said,
    lines_of,
    order_of,
    says_something,
    still_waiting,
    text_of,
    waiting,
)
from callcenter.domain.presence import Stay, stays_of
from callcenter.domain.recover import recovered
from callcenter.domain.sequence import stamp_in
from callcenter.domain.state import CallState, Line, Moment
from callcenter.domain.summary import Summary, summary_with

Place = tuple[str, str]
Rows = dict[Place, dict[str, Any]]


class Projected(Struct):
    """``parts`` maps (part, key) to the columns of its row. An empty one stands for a call that has no rows yet.

    ``last``: the line that the summary quotes, and its place; ``wait``: since when the contact waits.
    ``apart``: no line reads otherwise because of another.
    ``partial``: of the lines only those that were touched; ``others``: places of parts that are no lines. What is kept for the
    next comparison has hashes in place of the columns of lines.
    """

    summary: Summary | None = None
    parts: dict[Place, Any] = field(default_factory=dict)
    last: tuple[str, Order] | None = None
    wait: Waiting = Waiting()
    apart: bool = False
    partial: bool = False
    others: Set[Place] = frozenset()


class Difference(Struct):
    """``made``: rows that are new or read otherwise; ``gone``: places of those that are no more."""

    made: Rows
    gone: Set[Place]


def project_state(state: CallState, before: Projected | None = None) -> Projected:
    """All rows of the call. Times are epoch seconds; nothing live enters.

    ``before``: its rows when ``state.touched`` was emptied last. Then, mostly, only the lines touched since are made:
    a call of an hour has hundreds.
    """
    apart = _is_apart(state, before)
    partial = apart and before is not None and before.apart
    if partial and before is not None:
        lines, last = _touched_lines(state), _last_since(state, before)
        wait = still_waiting(state, last, before.wait)
    else:
        shown = lines_of(state)
        lines = {("line", line.key): _line(state, line) for line in [*shown, *recovered(state)]}
        last = last_said(state, shown)
        wait = waiting(state, last)
    summary = summary_with(state, last, wait)
    place = (last.key, order_of(state, last)) if last is not None else None
    others = dict(_parts(state, summary))
    return Projected(summary, {**lines, **others}, place, wait, apart, partial, others.keys())


def difference(state: CallState, before: Projected, after: Projected) -> Difference:
    """What leads from one to the other; ``state``: of which ``after`` was made."""
    made = {place: columns for place, columns in after.parts.items() if _differs(before.parts.get(place), columns)}
    perhaps = {*before.others, *(("line", key) for key in state.touched)} if after.partial else before.parts.keys()
    return Difference(made, {place for place in perhaps if place in before.parts and place not in after.parts})


def kept_of(before: Projected, after: Projected, gone: Set[Place]) -> Projected:
    """What the next rows are compared with; takes over the parts of ``before``. A call has hundreds of lines: their hash is enough."""
    parts = before.parts if after.partial else {}
    for place, columns in after.parts.items():
        parts[place] = _hash(columns) if place[0] == "line" else columns
    for place in gone:
        parts.pop(place, None)
    return Projected(after.summary, parts, after.last, after.wait, after.apart, False, after.others)


def _differs(known: Any, columns: dict[str, Any]) -> bool:
    return bool((_hash(columns) if isinstance(known, int) else columns) != known)


def _hash(line: dict[str, Any]) -> int:
    return hash(tuple(line.values()))


def _is_apart(state: CallState, before: Projected | None) -> bool:
    """The end, the provider's record, and what has no time or no id, put other lines into another light too."""
    if state.completed or state.record or state.arrivals:
        return False
    some = state.touched if before is not None and before.apart else state.lines.keys()
    return not any(line.loose for key in some if (line := state.lines.get(key)) is not None)


def _touched_lines(state: CallState) -> Rows:
    touched = [line for key in state.touched if (line := state.lines.get(key)) is not None and says_something(line)]
    return {("line", line.key): _line(state, line) for line in touched}


def _last_since(state: CallState, before: Projected) -> Line | None:
    """The last line is still the last, or one that was touched is; unless it lost its words or its place."""
    if before.last is None:
        return last_said(state, state.lines.values())
    line = state.lines[before.last[0]]
    if not is_quotable(state, line) or order_of(state, line) < before.last[1]:
        return last_said(state, state.lines.values())
    return last_said(state, [line, *(state.lines[key] for key in state.touched if key in state.lines)])


def _parts(state: CallState, summary: Summary) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Everything but the lines."""
    for tool in state.tools.values():
        stamp = min(stamp for stamp in (tool.stamp, tool.done) if stamp is not None)
        yield (
            ("tool", tool.key),
            {
                **_stamped(state, stamp),
                "at": (tool.stamp or stamp).time,
                "tool_id": tool.id,
                "name": tool.name,
                "arguments": tool.arguments,
                "result": tool.result,
                "state": tool.state,
                "done_at": tool.done.time if tool.done else None,
            },
        )
    for audit in state.audit.values():
        yield ("audit", audit.key), {**_moment(state, audit), "type": audit.kind, "data": audit.data}
    for note in state.notes.values():
        yield ("note", note.key), {**_moment(state, note), "kind": note.kind, "data": note.data}
    for kind, toggle in (("hold", state.hold), ("mute", state.mute)):
        for index, (stamp, on) in enumerate(toggle.history):
            yield (
                ("note", f"{kind}:{index}"),
                {**_stamped(state, stamp), "kind": f"{kind}_{'on' if on else 'off'}", "data": {}},
            )
    for stay in stays_of(state):
        yield _participant(stay, summary)
    for audio in state.recordings.values():
        yield (
            ("recording", audio.key),
            {
                **_stamped(state, audio.stamp),
                "file": audio.file,
                "digest": audio.digest,
                "format": audio.format,
                "duration_ms": audio.duration_ms,
                "sample_rate": audio.sample_rate,
            },
        )


def _place(time: float, seq: int, n: int) -> dict[str, Any]:
    return {"at": time, "sort_time": time, "sort_seq": seq, "sort_n": n}


def _stamped(state: CallState, stamp: Stamp) -> dict[str, Any]:
    return _place(stamp_in(state.arrivals, stamp), stamp.seq, stamp.n)


def _moment(state: CallState, moment: Moment) -> dict[str, Any]:
    if moment.at is None:
        return _stamped(state, moment.stamp)
    return _place(moment.at, moment.stamp.seq, moment.stamp.n)


def _line(state: CallState, line: Line) -> dict[str, Any]:
    text = text_of(state, line)
    time, seq, n, _ = order_of(state, line)
    return {
        **_place(time, seq, n),
        "at": None if line.recovered else time,
        "message_id": line.message_id,
        "speaker": line.speaker,
        "text": text.text,
        "announced": text.rest,
        "state": text.state,
        "kind": line.kind[:20],
        "muted": line.muted,
        "recovered": line.recovered,
    }


def _participant(stay: Stay, summary: Summary) -> tuple[tuple[str, str], dict[str, Any]]:
    """When the call ends, everybody has left."""
    joined = stay.joined_at
    begin = joined if joined is not None else (stay.number or "")
    return (
        ("participant", f"{stay.member}:{begin}"),
        {
            **_place(joined if joined is not None else stay.stamp.time, stay.stamp.seq, stay.stamp.n),
            "at": joined,
            "member": stay.member,
            "role": stay.role[:40],
            "left_at": stay.left_at if stay.left_at is not None else summary.ended_at,
        },
    )
