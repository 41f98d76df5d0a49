"""Who was on a call, and what was said on it, as far as the provider lists that."""

from collections.abc import Sequence
from typing import Any

from callcenter.providers.client import Upward
from callcenter.providers.sippet.api import Refused
from callcenter.providers.sippet.book import Book
from callcenter.providers.sippet.fields import snake_keys
from callcenter.providers.sippet.options import SippetOptions
from callcenter.providers.sippet.rows import Rows
from callcenter.providers.sippet.snapshot import (
    PARTICIPANT_FIELDS,
    TRANSCRIPT_FIELDS,
    Record,
    owner_of,
    participant_frames,
    roles_of,
    transcript_frame,
)
from callcenter.providers.values import name

TOGETHER = 50
FRAMES = 200
Gap = tuple[float, float]


class Details:
    """A list that the provider refuses is not asked for again: it is a supplement."""

    def __init__(self, rows: Rows, book: Book, options: SippetOptions) -> None:
        self.rows, self.book, self.options = rows, book, options
        self.roles = roles_of(options)
        self.refused: set[str] = set()

    async def hand_up(self, up: Upward, records: Sequence[Record], gap: Gap | None) -> None:
        """``gap``: from when to when nothing was heard, epoch s. Raises KeyRefused, Unavailable."""
        options = self.options
        for start in range(0, len(records), TOGETHER):
            some = {record.id: record for record in records[start : start + TOGETHER] if record.id}
            if not some:
                continue
            frames: list[object] = []
            for row in await self._list(up, options.participants_action, options.participants_filter, PARTICIPANT_FIELDS, some):
                frames += participant_frames(row, some[owner_of(row)].call, self.roles)
            for row in await self._list(up, options.transcripts_action, options.transcripts_filter, TRANSCRIPT_FIELDS, some):
                record = some[owner_of(row)]
                frame = transcript_frame(row, record.call, self.roles)
                if frame is not None and self._is_missing(row, record, gap):
                    frames.append(frame)
                    self.book.note(record.call, row)
            for at in range(0, len(frames), FRAMES):
                await up.frames(frames[at : at + FRAMES])

    async def _list(self, up: Upward, action: str, by: str, fields: Sequence[str], records: dict[str, Record]) -> list[Any]:
        """The rows of these calls, and of no other."""
        action = action.strip()
        if not action or action in self.refused:
            return []
        try:
            rows = await self.rows.fetch(action, fields, {by: {"in": list(records)}})
        except Refused as refusal:
            self.refused.add(action)
            up.trouble(f"Sippet refuses {action}, so what it lists cannot be repaired after a gap: {refusal}")
            return []
        return [row for row in rows if owner_of(row) in records]

    def _is_missing(self, row: dict[str, Any], record: Record, gap: Gap | None) -> bool:
        """An utterance without an item cannot be told from the same one heard live, unless its whole call was missed."""
        if self.book.is_heard(record.call, row):
            return False
        if name(snake_keys(row).get("item_id")):
            return True
        if gap is None or record.started_at is None or record.ended_at is None:
            return False
        return gap[0] < record.started_at and record.ended_at < gap[1]
