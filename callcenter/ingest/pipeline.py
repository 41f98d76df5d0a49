"""The pipeline of one process: messages queue up, one thread commits them in groups, answers follow the commit.

One thread owns all states, so a call has one reducer at a time. Ephemeral frames pass through it without a transaction.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from weakref import WeakKeyDictionary

from django.db import connections

from callcenter.ingest.batch import Outcome
from callcenter.ingest.message import Answer, Message
from callcenter.ingest.telling import FEED, Teller, both, feed_hint
from callcenter.ingest.writer import Writer
from callcenter.providers.together import end

log = logging.getLogger(__name__)

GROUP_FRAMES = 12_000  # frames committed together at most
QUEUE_FRAMES = 20_000  # frames waiting before senders wait too
PERIOD_S = 0.1  # from one commit to the next, under load; the feed looks after each
IN_TIME_S = 0.12  # who waited longer for its commit comes late
REST_S = 0.02
BUSY_S = 0.05
TICK_S = 0.1


class Busy(Exception):
    """Too many frames are waiting: come back later."""


Waiting = tuple[Message, "asyncio.Future[Answer]", float]  # when it was queued, by the clock of the loop


class Pipeline:
    """Made by ``pipeline()``: one for each event loop, which is one for each process."""

    def __init__(self) -> None:
        self.writer = Writer()
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="ingest")
        self.waiting: deque[Waiting] = deque()
        self.frames = 0
        self.writing = False
        self.room = asyncio.Condition()
        self.wake = asyncio.Event()
        self.teller = Teller(FEED, both)
        self.tasks = [asyncio.create_task(self._commit_loop()), asyncio.create_task(self._tick_loop())]

    async def submit(self, message: Message) -> Answer:
        """Journal and fold a message; the answer comes after the commit. Raises Busy instead of waiting for room."""
        if self.frames >= QUEUE_FRAMES:
            raise Busy
        return await self.enqueue_now(message)

    async def enqueue(self, message: Message) -> "asyncio.Future[Answer]":
        """Queue a message, as soon as there is room, behind all that were queued before; the answer comes after the commit."""
        async with self.room:
            await self.room.wait_for(lambda: self.frames < QUEUE_FRAMES)
            return self.enqueue_now(message)

    def enqueue_now(self, message: Message) -> "asyncio.Future[Answer]":
        """The same without waiting for room: for a socket, which counts for itself what it has waiting."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self.frames += len(message.frames)
        self.waiting.append((message, future, loop.time()))
        self.wake.set()
        return future

    async def close(self) -> None:
        """Commit what is queued, then let go of the thread and its database connection."""
        async with self.room:
            await self.room.wait_for(lambda: not (self.waiting or self.writing))
        await end(self.tasks)
        await self.teller.close()
        await asyncio.get_running_loop().run_in_executor(self.thread, connections.close_all)
        self.thread.shutdown()

    async def _commit_loop(self) -> None:
        """One commit after the other. What comes close behind another waits a little for company: a transaction costs
        much more than a frame.
        """
        loop = asyncio.get_running_loop()
        quiet_since = 0.0
        while True:
            await self.wake.wait()
            self.wake.clear()
            if loop.time() - quiet_since < BUSY_S:
                await asyncio.sleep(PERIOD_S - BUSY_S)
            while self.waiting:
                began = loop.time()
                await self._commit_group()
                if 0 < self.frames < GROUP_FRAMES:
                    await asyncio.sleep(max(REST_S, began + PERIOD_S - loop.time()))
            quiet_since = loop.time()

    async def _commit_group(self) -> None:
        self.writing = True
        group = self._next_group()
        waited = asyncio.get_running_loop().time() - group[0][2]
        late = max(0.0, waited - IN_TIME_S)
        outcome = await self._write([message for message, _, _ in group], late=late > 0)
        self._tell(outcome, late)  # it leaves before the answers do, and they do not wait for it
        for (_, future, _), answer in zip(group, outcome.answers, strict=True):
            if not future.done():
                future.set_result(answer)
        self.writing = False
        async with self.room:
            self.frames -= sum(len(message.frames) for message, _, _ in group)
            self.room.notify_all()

    def _next_group(self) -> list[Waiting]:
        group: list[Waiting] = []
        frames = 0
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
                self._tell(await self._in_thread(self.writer.tick, datetime.now(UTC)))
            except Exception:
                log.exception("The tick of the ingest pipeline failed")

    async def _write(self, messages: list[Message], *, late: bool) -> Outcome:
        """Commit one group, again and again until the database takes it."""
        delay = 0.05
        while True:
            try:
                return await self._in_thread(partial(self.writer.write, late=late), messages, datetime.now(UTC))
            except Exception:
                log.exception("A group of %d messages was not committed; trying again in %.2f s", len(messages), delay)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 5.0)

    async def _in_thread(self, work: Callable[..., Outcome], *arguments: object) -> Outcome:
        return await asyncio.get_running_loop().run_in_executor(self.thread, work, *arguments)

    def _tell(self, outcome: Outcome, late: float = 0.0) -> None:
        """A hint to every web process. It may be lost: revisions find the gap. ``late``: how far ingest is behind, in s."""
        if outcome.revision or outcome.flushed:
            self.teller.tell(feed_hint(outcome.revision, outcome.flushed, late))


_pipelines: WeakKeyDictionary[asyncio.AbstractEventLoop, Pipeline] = WeakKeyDictionary()


def pipeline() -> Pipeline:
    """The pipeline of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _pipelines.get(loop)
    if found is None:
        found = _pipelines[loop] = Pipeline()
    return found
