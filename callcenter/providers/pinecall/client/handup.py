"""Frames on their way up: collected while the runner takes what came before, in order, never more than fits."""

import asyncio
from collections.abc import Coroutine, Sequence
from types import TracebackType
from typing import Any, Self

from callcenter.providers.client import Upward
from callcenter.providers.together import end_of, first_of

MOST_FRAMES = 1000
MOST_BYTES = 8 * 1024 * 1024


class HandUp:
    """Lives as long as the client, so that the frames of a line that broke still go up before those of the next one.

    At most ``MOST_FRAMES`` or ``MOST_BYTES`` wait here (one larger frame fits when nothing else waits), and as many are with the runner.
    """

    def __init__(self, up: Upward, leave_s: float) -> None:
        self.up = up
        self.leave_s = leave_s
        self.full = False
        self._frames: list[object] = []
        self._bytes = 0
        self._some = asyncio.Event()
        self._room = asyncio.Event()
        self._over = False
        self._after: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._carry())
        self._task.add_done_callback(lambda _: self._room.set())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Everything that was read goes up, for as long as ``leave_s`` allows."""
        self._over = True
        self._some.set()
        await asyncio.wait((self._task,), timeout=self.leave_s)
        self._task.cancel()

    async def during(self, work: Coroutine[Any, Any, None]) -> None:
        """Run the client's work. When frames cannot go up any more it ends, with what the runner raised."""
        await first_of(work, end_of(self._task))

    async def put(self, frames: Sequence[object], size: int, *, cursor: tuple[str, str] | None = None) -> None:
        """Add frames of that many bytes; waits while there is no room. ``cursor``: remembered when they have gone up."""
        try:
            while self._frames and (len(self._frames) + len(frames) > MOST_FRAMES or self._bytes + size > MOST_BYTES):
                self._room.clear()
                self.full = True
                if self._task.done():
                    self._task.result()
                await self._room.wait()
        finally:  # what was read stays read, also when the client is told to leave meanwhile
            self.full = False
            self.add(frames, size)
            if cursor is not None:
                self._after[cursor[0]] = cursor[1]

    def add(self, frames: Sequence[object], size: int) -> None:
        """Add a few frames of our own, whatever waits."""
        self._frames += frames
        self._bytes += size
        self._some.set()

    async def _carry(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            frames, self._frames, self._bytes = self._frames, [], 0
            after, self._after = self._after, {}
            self._room.set()
            for start in range(0, len(frames), MOST_FRAMES):
                await self.up.frames(frames[start : start + MOST_FRAMES])
            for name, value in after.items():
                self.up.remember(name, value)
            if self._over and not self._frames:
                return
