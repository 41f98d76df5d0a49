"""What a client calls: frames go to disk, cursors behind them, words into the book. See providers.client.Upward."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from callcenter.ingest.runner.book import Book
from callcenter.ingest.runner.relay import Relay
from callcenter.ingest.runner.store import Store
from callcenter.providers.client import Line

ROOM_S = 1.0
TURN = 200  # frames after which others get their turn


class Up:
    """``room`` is set when ingest has acknowledged something."""

    def __init__(self, store: Store, relay: Relay, book: Book, *, carries_commands: bool) -> None:
        self.store, self.relay, self.book = store, relay, book
        self.carries_commands = carries_commands
        self.room = asyncio.Event()
        self.taken = 0

    async def frames(self, frames: Sequence[object]) -> None:
        if not frames:
            return
        rest = self.store.put(frames)
        while rest:
            self.relay.wake.set()
            self.room.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.room.wait(), ROOM_S)
            rest = self.store.put(rest)
        self.book.page.frame_at = datetime.now(UTC)
        self.relay.wake.set()
        self.taken += len(frames)
        if self.taken >= TURN:
            self.taken = 0
            await asyncio.sleep(0)

    def line(self, line: Line, words: str = "", *, retry_s: float | None = None) -> None:
        self.book.line(line, words, retry_s)
        self.relay.carry_commands(line is Line.UP and self.carries_commands)

    def trouble(self, words: str) -> None:
        self.book.trouble(words)

    def cannot(self, actions: Mapping[str, str]) -> None:
        self.book.page.absent = {action: self.book.scrub(words) for action, words in actions.items()}

    def recall(self, name: str) -> str:
        return self.store.cursors.get(name, "")

    def remember(self, name: str, value: str) -> None:
        """Without room it is not kept: the frames come again, and are known by then."""
        if self.recall(name) != value:
            self.store.remember(name, value)
