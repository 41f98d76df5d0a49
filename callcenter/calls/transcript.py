"""The transcript as anybody reads it: the rows, with what is being said laid over them. Pages, pushes and API share it."""

from collections.abc import Iterable
from dataclasses import dataclass

from callcenter.calls.live_state import LiveCall, LiveLine
from callcenter.calls.models import TranscriptEntry
from callcenter.journal.times import epoch

OPEN = frozenset({"speaking", "interim"})


@dataclass(frozen=True, slots=True)
class ShownLine:
    """``text`` was said or heard, ``rest`` is announced and not heard yet. Times in epoch seconds; ``at`` None = nobody knows."""

    key: str
    message_id: str
    speaker: str  # contact | agent | operator | system
    text: str
    rest: str
    state: str  # interim | speaking | final | interrupted | aborted | rejected
    kind: str
    delivery: str
    at: float | None
    time: float
    order: tuple[float, int, int, str]
    muted: bool = False
    recovered: bool = False
    inferred: bool = False

    @property
    def words(self) -> str:
        """The line as one text: the words so far, or what is announced while none of them is heard."""
        return self.text or (self.rest if self.state == "speaking" else "")


Known = dict[str, tuple[TranscriptEntry, ShownLine]]


def merged_lines(rows: Iterable[TranscriptEntry], live: LiveCall | None, known: Known | None = None) -> list[ShownLine]:
    """All lines in reading order. A live line replaces the row with its key while that row is open, else it stands alone.

    ``known``: by key, what was made of rows before; the same row gives the same line again.
    """
    being = {line.key: line for line in live.lines} if live else {}
    known = {} if known is None else known
    shown = []
    for row in rows:
        said = being.pop(row.key, None)
        if said is not None and row.state in OPEN:
            shown.append(_of_row(row, said))
            continue
        before = known.get(row.key)
        if before is None or before[0] is not row:
            before = known[row.key] = row, _of_row(row, None)
        shown.append(before[1])
    shown.extend(_of_live(line) for line in being.values())
    return sorted(shown, key=lambda line: line.order)


def _of_row(row: TranscriptEntry, said: LiveLine | None) -> ShownLine:
    return ShownLine(
        key=row.key,
        message_id=row.message_id,
        speaker=row.speaker,
        text=said.text if said else row.text,
        rest=said.rest if said else row.announced,
        state=said.state if said else row.state,
        kind=row.kind,
        delivery=row.delivery,
        at=epoch(row.at) if row.at else None,
        time=row.sort_time,
        order=(row.sort_time, row.sort_seq, row.sort_n, row.key),
        muted=row.muted,
        recovered=row.recovered,
        inferred=row.delivery_inferred,
    )


def _of_live(line: LiveLine) -> ShownLine:
    return ShownLine(
        key=line.key,
        message_id=line.message_id,
        speaker=line.speaker,
        text=line.text,
        rest=line.rest,
        state=line.state,
        kind="text",
        delivery="",
        at=line.at,
        time=line.order[0],
        order=(*line.order, line.key),
    )
