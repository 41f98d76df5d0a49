"""The runner as a whole: wait for the lease, open what is configured, follow changes, store health."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any, TypeVar
from uuid import uuid4

from django.db import Error, connections

from callcenter.ingest.runner import book
from callcenter.ingest.runner.outbound import Outbound
from callcenter.journal.models import Connection, RunnerLease
from callcenter.journal.outbound import lease
from callcenter.offloop import ask
from callcenter.providers.client import Line
from callcenter.providers.clients import Kind
from callcenter.providers.together import first_of

log = logging.getLogger(__name__)
T = TypeVar("T")

LOOK_S = 1.0
FAULT_S = 30.0

Setup = tuple[str, str, int]  # by which a change is seen


class Runner:
    """One process of it acts at a time. All its database work happens in its one thread, in order."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """``say`` prints one line for whoever started it."""
        self.say = say
        self.holder = uuid4().hex
        self.place = f"{socket.gethostname()}, process {os.getpid()}"
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="runner")
        self.installation = ""
        self.fence = 0
        self.fresh_until = 0.0
        self.open: dict[int, tuple[Setup, Outbound, asyncio.Task[None]]] = {}
        self.rests: dict[int, float] = {}
        self.away: set[str] = set()  # the parts of the work that miss the database

    async def run(self) -> None:
        """Until cancelled: then the lease is given back, and who waits takes over at once."""
        try:
            while True:
                await self._wait_for_lease()
                await self._hold()
        finally:
            await self._close_all()
            if self.fence:
                await asyncio.gather(self._ask(lease.release, self.holder, self.fence), return_exceptions=True)
            await asyncio.get_running_loop().run_in_executor(self.thread, connections.close_all)
            self.thread.shutdown()

    def may_act(self) -> bool:
        """Nobody can have taken over yet, by our own clock."""
        return monotonic() < self.fresh_until

    async def _wait_for_lease(self) -> None:
        """Returns when it is ours. Whoever holds it shows by its beat that it lives."""
        seen: RunnerLease | None = None
        moved_at, told = monotonic(), False
        began = moved_at
        while not self.fence:
            before, began = began, monotonic()
            # Who stood still itself, perhaps with the whole machine, counts two beats of it: the other one may have stood still too.
            moved_at += max(0.0, began - before - 2 * lease.BEAT_S)
            try:
                now = await self._ask(lease.read_lease)
                self._database_is(True)
                if seen is not None and now.holder and now.beat != seen.beat and not told:
                    told = True
                    self.say(f"Another runner runs the connections ({now.place}). This one waits, and takes over when that one ends.")
                if seen is None or now.beat != seen.beat:
                    seen, moved_at = now, began
                self.installation = now.installation
                if not now.holder or began - moved_at > lease.DEAD_S:
                    self.fence = await self._ask(lease.take, now, self.holder, self.place)
                    self.fresh_until = began + lease.FRESH_S
                elif told:
                    await self._ask(lease.note_waiting, self.place)
            except Error:
                self._database_is(False)
            if not self.fence:
                await asyncio.sleep(lease.BEAT_S / 2)
        self.say(f"Running the connections ({self.place}).")

    async def _hold(self) -> None:
        """While the lease is ours. Renewing it waits for nothing else: a line that is slow to close must not cost the lease."""
        await first_of(self._renew(), self._attend())
        self.fence, self.away = 0, set()
        self.say("Another runner took over while this one stood still; this one closes its lines and waits.")
        await self._close_all()

    async def _renew(self) -> None:
        """Until somebody else holds it. Without the database nobody else can take it either: lines stay open, frames go to disk."""
        while True:
            began = monotonic()
            try:
                if not await self._ask(lease.renew, self.holder, self.fence):
                    self.fresh_until = 0.0
                    return
                self.fresh_until = began + lease.FRESH_S
                self._database_is(True)
            except Error:
                self._database_is(False)
            await asyncio.sleep(max(0.05, LOOK_S - (monotonic() - began)))

    async def _attend(self) -> None:
        """Until cancelled."""
        while True:
            began = monotonic()
            try:
                await self._follow(await self._ask(_wanted))
                await self._store_health()
                self._database_is(True, "lines")
            except Error:
                self._database_is(False, "lines")
            await asyncio.sleep(max(0.05, LOOK_S - (monotonic() - began)))

    async def _follow(self, wanted: dict[int, tuple[Setup, Connection]]) -> None:
        """Open, close and open anew what changed; the others do not notice."""
        changed = [pk for pk, (setup, _, task) in self.open.items() if pk not in wanted or wanted[pk][0] != setup or task.done()]
        await asyncio.gather(*map(self._close, changed))
        for pk in wanted.keys() - self.open.keys():
            if monotonic() < self.rests.get(pk, 0.0):
                continue
            setup, connection = wanted[pk]
            await self._ask(book.begin, pk, self.fence)
            outbound = Outbound(connection, self.installation, self.fence, self.may_act, self._ask)
            self.open[pk] = setup, outbound, asyncio.create_task(outbound.run())

    async def _store_health(self) -> None:
        pages = []
        for pk, (_, outbound, _) in self.open.items():
            outbound.look()
            page = outbound.book.news()
            if page is not None:
                outbound.book.stored = page
                pages.append((pk, self.fence, page))
        if pages:
            await self._ask(book.store, pages)

    async def _close(self, pk: int) -> None:
        """When this is cancelled, the line goes on closing and stays known: it is asked only once, so that it ends in order."""
        _, outbound, task = self.open[pk]
        if not task.cancelling():
            task.cancel()
        await asyncio.wait([task])
        self.open.pop(pk, None)
        ended = None if task.cancelled() else task.exception()
        if isinstance(ended, Exception):
            log.error("Connection %s ended by a fault of the runner", outbound.connection.slug, exc_info=ended)
            self.rests[pk] = monotonic() + FAULT_S
            outbound.book.line(Line.WAITING, f"The runner failed with it ({type(ended).__name__}; its log says more).", FAULT_S)
            await self._ask(book.store, [(pk, self.fence, outbound.book.page)])

    async def _close_all(self) -> None:
        await asyncio.gather(*(self._close(pk) for pk in list(self.open)))

    def _database_is(self, there: bool, part: str = "lease") -> None:
        """Say it once, whichever part of the work meets it."""
        before = bool(self.away)
        self.away = self.away - {part} if there else self.away | {part}
        if bool(self.away) is not before:
            self.say("The database answers again." if before else "The database does not answer; frames are kept on disk until it does.")

    async def _ask(self, work: Callable[..., T], *arguments: Any) -> T:
        return await ask(self.thread, work, *arguments)


def _wanted() -> dict[int, tuple[Setup, Connection]]:
    """What is to be open."""
    found = Connection.objects.filter(enabled=True).exclude(kind=Kind.PUSH)
    return {connection.pk: ((connection.slug, connection.kind, connection.setup), connection) for connection in found}
