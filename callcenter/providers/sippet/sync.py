"""Missed events never come back: calls are fetched after every join, on what matters, and when they went silent. Contract 5.

One worker asks, one question after the other. What it learns goes up as frames, like those of the socket.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from heapq import heappop, heappush
from time import monotonic, time
from typing import Any

from callcenter.providers.client import Upward
from callcenter.providers.sippet.actions import ask_table, unnamed
from callcenter.providers.sippet.api import Api, KeyRefused, Refused, Unavailable
from callcenter.providers.sippet.book import Book
from callcenter.providers.sippet.details import Details
from callcenter.providers.sippet.options import SippetOptions
from callcenter.providers.sippet.pacing import Backoff
from callcenter.providers.sippet.rows import Rows
from callcenter.providers.sippet.snapshot import CALL_FIELDS, Record, read_call, seen_frame

SOON_S = 0.5  # transitions come in flocks
GAP_S = 0.2
KEY_S = 60.0
TOGETHER = 50
FRAMES = 200
MOST_DUE = 5000
FOLLOW_S = (1.0, 4.0, 10.0)
OVERLAP_S = 120.0
UNTOLD_S = 30.0
LONGEST_BACK_S = 31 * 86_400.0


class Sync:
    """``absent``: actions that the provider does not know, with its words."""

    def __init__(self, api: Api, options: SippetOptions, clock: Callable[[], float] = time) -> None:
        self.api, self.options, self.clock = api, options, clock
        self.rows, self.book = Rows(api), Book()
        self.details = Details(self.rows, self.book, options)
        self.absent: dict[str, str] | None = None
        self.wake = asyncio.Event()
        self.due: list[tuple[float, str]] = []
        self.wanted = self.done = 0  # bootstraps
        self.down_since = self.joined_at = self.heard_at = 0.0  # epoch s; 0 = never
        self.rechecked_at = 0.0
        self.live = False

    # What the line tells

    def joined(self) -> None:
        self.joined_at = self.heard_at = self.clock()
        self.live = False
        self.start()

    def start(self) -> None:
        """Everything is to be fetched, if that was not asked for already."""
        if not self.live:
            self.live, self.rechecked_at = True, monotonic()
            self.wanted += 1
            self.wake.set()

    def left(self) -> None:
        """Events are missed since the last one that came: a dead line is noticed late."""
        if self.joined_at:
            self.down_since = self.down_since or self.heard_at
            self.joined_at = 0.0

    def watch(self, frames: Sequence[object]) -> None:
        """Look at what came by the socket."""
        self.heard_at = self.clock()
        for frame in frames:
            if isinstance(frame, list) and frame[2] != "phoenix":
                call = self.book.watch(frame[3], frame[4])
                if call:
                    self.want(call, SOON_S)

    def want(self, call: str, after_s: float) -> None:
        """Fetch this call; "" = what began lately. Too many at once are one bootstrap."""
        if len(self.due) >= MOST_DUE:
            self.due.clear()
            self.wanted += 1
        heappush(self.due, (monotonic() + after_s, call))
        self.wake.set()

    def follow(self, call: str) -> None:
        """Something was asked for: look a few times whether it happened."""
        for after in FOLLOW_S:
            self.want(call, after)

    # The worker

    async def run(self, up: Upward) -> None:
        """Until cancelled."""
        with suppress(ValueError):
            self.down_since = float(up.recall("synced") or 0)
        pace = Backoff(self.options.reconnect_least_s, self.options.reconnect_most_s)
        while True:
            await self._until_due()
            wait = GAP_S
            try:
                await self._step(up)
                pace.reset()
            except Unavailable as trouble:
                up.trouble(str(trouble))
                wait = max(pace.next(), trouble.wait_s)
            except KeyRefused as trouble:
                up.trouble(str(trouble))
                wait = KEY_S
            except Refused as refusal:
                up.trouble(f"Sippet refuses to list calls, so what happens while the line is down stays unknown: {refusal}")
                self.done = self.wanted
                wait = pace.next()
            await asyncio.sleep(wait)

    async def _until_due(self) -> None:
        while True:
            self.wake.clear()
            waits = [max(self.due[0][0] - monotonic(), 0.0)] if self.due else []
            if self.live and self.options.recheck_s:
                waits.append(max(self.rechecked_at + self.options.recheck_s - monotonic(), 0.0))
            if self.live and (self.done < self.wanted or 0.0 in waits):
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), min(waits) if self.live and waits else None)

    async def _step(self, up: Upward) -> None:
        if self.done < self.wanted:
            await self._bootstrap(up)
        elif self.due and self.due[0][0] <= monotonic():
            await self._fetch_due(up)
        else:
            await self._recheck(up)

    async def _bootstrap(self, up: Upward) -> None:
        wanted, began, lost_at, back_at = self.wanted, self.clock(), self.down_since, self.joined_at
        since = max((lost_at or began) - self.options.bootstrap_hours * 3600, began - LONGEST_BACK_S)
        known, open_before = set(self.book.calls), set(self.book.open_calls())
        records = await self._since(since)
        records += await self._named(sorted(open_before - {record.call for record in records}))
        await self._hand_up(up, records)
        missed = [record for record in records if record.state != "ended" or record.call in open_before]
        if lost_at:
            ended = [record for record in records if record.state == "ended" and record.call not in known]
            missed += [record for record in ended if (record.started_at or 0.0) > lost_at - OVERLAP_S]
        await self.details.hand_up(up, missed, (lost_at, back_at) if lost_at and back_at else None)
        self.done = max(self.done, wanted)
        if back_at and self.joined_at == back_at:
            self.down_since = 0.0
        if self.joined_at:
            up.remember("synced", str(began))
        if self.absent is None:
            await self._learn_actions(up)

    async def _fetch_due(self, up: Upward) -> None:
        calls: set[str] = set()
        while self.due and self.due[0][0] <= monotonic() and len(calls) < TOGETHER:
            calls.add(heappop(self.due)[1])
        try:
            records = await self._named(sorted(calls - {""}))
            if "" in calls:
                known = {record.call for record in records}
                records += [record for record in await self._since(self.clock() - OVERLAP_S) if record.call not in known]
            await self._hand_up(up, records)
            await self.details.hand_up(up, records, None)
        except (Unavailable, KeyRefused):
            for call in calls:
                self.want(call, SOON_S)
            raise

    async def _recheck(self, up: Upward) -> None:
        """Calls gone silent are asked for, and whether any call began that no event told of."""
        every = self.options.recheck_s
        self.rechecked_at = monotonic()
        now = self.clock()
        known = set(self.book.calls)
        recent = await self._since(now - every - OVERLAP_S)
        untold = [record for record in recent if record.call not in known]
        silent = self.book.open_calls(every)
        quiet = await self._named(silent)
        self.book.close(set(silent) - {record.call for record in quiet})
        await self._hand_up(up, [*recent, *quiet])
        await self.details.hand_up(up, [*untold, *quiet], None)
        if self.joined_at and any(self.joined_at < (record.started_at or 0.0) < now - UNTOLD_S for record in untold):
            up.trouble("Sippet lists calls of which its channel told nothing: check the channel's name.")
        if self.joined_at and not self.down_since:
            up.remember("synced", str(now))

    async def _learn_actions(self, up: Upward) -> None:
        found = await ask_table(self.api, self.options)
        self.absent = {action: words for action, (words, absent) in found.items() if absent}
        up.cannot({**unnamed(self.options), **self.absent})
        if found:
            up.trouble(" ".join(words for words, _ in found.values()))

    # Asking

    async def _since(self, since: float) -> list[Record]:
        moment = datetime.fromtimestamp(since, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return await self._calls({"startedAt": {"greaterThan": moment}})

    async def _named(self, calls: Sequence[str]) -> list[Record]:
        found: list[Record] = []
        for start in range(0, len(calls), TOGETHER):
            found += await self._calls({"callUuid": {"in": list(calls[start : start + TOGETHER])}})
        return found

    async def _calls(self, filter_: dict[str, Any]) -> list[Record]:
        """Oldest first, so that the console tells them in the order in which they came."""
        rows = await self.rows.fetch(self.options.calls_action, CALL_FIELDS, filter_, sort="-startedAt", paged=False)
        records = [record for row in rows if (record := read_call(row, self.options)) is not None]
        return sorted(records, key=lambda record: record.started_at or 0.0)

    async def _hand_up(self, up: Upward, records: Sequence[Record]) -> None:
        frames: list[object] = []
        for record in records:
            if self.book.is_news(record):
                frames.append(record.frame)
            if record.state in ("ringing", "answered"):
                frames.append(seen_frame(record.call))
        for start in range(0, len(frames), FRAMES):
            await up.frames(frames[start : start + FRAMES])
