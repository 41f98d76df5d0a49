"""The pipeline of one process: messages queue up, one thread commits them in groups, answers follow the commit.

One thread owns all states, so a call has one reducer at a time. Ephemeral frames pass through it without a transaction.
"""

import asyncio
import logging
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer

from callcenter.ingest.batch import Outcome
from callcenter.ingest.message import Answer, Fact, Message
from callcenter.ingest.writer import Writer

log = logging.getLogger(__name__)

FEED = "feed"
GROUP_FRAMES = 2000  # frames committed together at most
QUEUE_FRAMES = 20_000  # frames waiting before senders wait too
TICK_S = 0.1


class Busy(Exception):
    """Too many frames are waiting: come back later."""


class Pipeline:
    """Made by ``pipeline()``: one for each event loop, which is one for each process."""

    def __init__(self) -> None:
        self.writer = Writer()
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="ingest")
        self.waiting: deque[tuple[Message, asyncio.Future[Answer]]] = deque()
        self.frames = 0
        self.room = asyncio.Condition()
        self.wake = asyncio.Event()
        self.tasks = [asyncio.create_task(self._commit_loop()), asyncio.create_task(self._tick_loop())]

    async def submit(self, message: Message, *, wait: bool = True) -> Answer:
        """Journal and fold a message; the answer comes after the commit. ``wait`` False: raise Busy instead of queueing."""
        if self.frames >= QUEUE_FRAMES:
            if not wait:
                raise Busy
            async with self.room:
                await self.room.wait_for(lambda: self.frames < QUEUE_FRAMES)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.frames += len(message.frames)
        self.waiting.append((message, future))
        self.wake.set()
        return await future

    async def _commit_loop(self) -> None:
        while True:
            await self.wake.wait()
            self.wake.clear()
            while self.waiting:
                group = self._next_group()
                outcome = await self._in_thread([message for message, _ in group], [])
                for (_, future), answer in zip(group, outcome.answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
                async with self.room:
                    self.frames -= sum(len(message.frames) for message, _ in group)
                    self.room.notify_all()

    def _next_group(self) -> list[tuple[Message, asyncio.Future[Answer]]]:
        group, frames = [], 0
        while self.waiting and (not group or frames + len(self.waiting[0][0].frames) <= GROUP_FRAMES):
            item = self.waiting.popleft()
            frames += len(item[0].frames)
            group.append(item)
        return group

    async def _tick_loop(self) -> None:
        """Settle silent pieces, look for lost calls, flush live state; nothing of it may stop the loop."""
        while True:
            await asyncio.sleep(TICK_S)
            try:
                facts = await asyncio.get_running_loop().run_in_executor(self.thread, self.writer.due, datetime.now(UTC))
                await self._in_thread([], facts)
            except Exception:
                log.exception("The tick of the ingest pipeline failed")

    async def _in_thread(self, messages: list[Message], facts: list[Fact]) -> Outcome:
        """Run one group in the writer's thread, again and again until the database takes it; then tell the feed."""
        delay = 0.05
        while True:
            loop = asyncio.get_running_loop()
            try:
                outcome = await loop.run_in_executor(self.thread, self.writer.write, messages, facts, datetime.now(UTC))
                break
            except Exception:
                log.exception("A group of %d messages was not committed; trying again in %.2f s", len(messages), delay)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 5.0)
        await self._tell(outcome)
        return outcome

    async def _tell(self, outcome: Outcome) -> None:
        """A hint to every web process. It may be lost: revisions find the gap."""
        if not (outcome.revision or outcome.flushed):
            return
        layer = get_channel_layer()
        hint = {"type": "feed.hint", "revision": outcome.revision, "live": sorted(outcome.flushed), "sent": time.time()}
        try:
            await layer.group_send(FEED, hint)
        except Exception:
            log.warning("The channel layer did not take a hint", exc_info=True)


_pipelines: WeakKeyDictionary[asyncio.AbstractEventLoop, Pipeline] = WeakKeyDictionary()


def pipeline() -> Pipeline:
    """The pipeline of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _pipelines.get(loop)
    if found is None:
        found = _pipelines[loop] = Pipeline()
    return found
