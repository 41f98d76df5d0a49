"""One connection that we open: its client, kept running; its relay; its health."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings

from callcenter.ingest.runner.book import Book
from callcenter.ingest.runner.giving import Giver
from callcenter.ingest.runner.relay import Relay
from callcenter.ingest.runner.spool import words_of
from callcenter.ingest.runner.store import Store
from callcenter.ingest.runner.strangers import words_of_strangers
from callcenter.ingest.runner.upward import Up
from callcenter.journal.models import Connection
from callcenter.journal.outbound.assembling import Parts, assemble, scrub
from callcenter.journal.outbound.lease import runner_token
from callcenter.providers.client import Line
from callcenter.providers.clients import Unusable

log = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
WELL_S = 60.0  # a client that ran for so long is not failing at once
DISK_S = 5.0


class Outbound:
    """``connection``: as it was read when the runner decided to open it. ``may_act``: this runner still holds the lease.

    ``ask`` does work with the database in the runner's thread. ``installation`` names that database.
    """

    def __init__(
        self, connection: Connection, installation: str, fence: int, may_act: Callable[[], bool], ask: Callable[..., Awaitable[Any]]
    ) -> None:
        self.connection, self.installation, self.fence, self.may_act, self.ask = connection, installation, fence, may_act, ask
        self.known: tuple[str, ...] = ()
        self.book = Book(connection.pk, fence, lambda words: scrub(words, self.known))
        self.store: Store | None = None
        self.relay: Relay | None = None

    async def run(self) -> None:
        """Until cancelled; then everything taken is on disk."""
        store = self.store = await self._open_store()
        relay = self.relay = Relay(
            f"{settings.INGEST_URL}/ws/ingest/{self.connection.slug}/",
            runner_token(self.connection.pk, self.fence),
            store,
            self.may_act,
            self.book.trouble,
        )
        giver = Giver(self.connection.slug, self.book, relay.answer, self.may_act)
        relay.command = giver.take
        up = Up(store, relay, self.book, carries_commands=self.connection.carries_commands)
        relay.room = up.room.set
        parts = [asyncio.create_task(relay.run()), asyncio.create_task(self._keep_client(up, giver))]
        try:
            await asyncio.gather(*parts)
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            await giver.close()
            store.close()

    def look(self) -> None:
        """Called every second: the lease is fresh again; what is only counted goes into the book."""
        if self.store is None or self.relay is None:
            return
        self.relay.wake.set()
        while self.store.troubles:
            self.book.trouble(self.store.troubles[0])
            log.error("Connection %s: %s", self.connection.slug, self.store.troubles.pop(0))
        page = self.book.page
        page.spooled = self.store.frames
        with suppress(OSError):
            oldest = self.store.oldest_ms()
            page.spooled_since = datetime.fromtimestamp(oldest / 1000, UTC) if oldest and page.spooled else None
        page.relay = " ".join(filter(None, (self.store.refused, self.relay.words)))

    async def _open_store(self) -> Store:
        spools, slug = Path(settings.VAR_DIR) / "spool", self.connection.slug
        folder = spools / f"{self.connection.pk}-{slug}" / self.installation

        def open_folder() -> Store:
            store = Store(folder, self.fence, settings.SPOOL_LIMIT_MB * 1_000_000)
            store.troubles += words_of_strangers(spools, slug, folder)
            return store

        while True:
            opening = asyncio.create_task(asyncio.to_thread(open_folder))
            try:
                return await asyncio.shield(opening)
            except asyncio.CancelledError:
                with suppress(OSError):  # the thread goes on; what it opens is not left open
                    (await opening).close()
                raise
            except OSError as error:
                self.book.line(Line.WAITING, words_of(error, folder), DISK_S)
                await asyncio.sleep(DISK_S)

    async def _keep_client(self, up: Up, giver: Giver) -> None:
        """Run clients one after the other. Returns when a person has to do something first."""
        wait = FIRST_WAIT_S
        while True:
            began = monotonic()
            try:
                parts: Parts = await self.ask(assemble, self.connection)
                self.known = parts.known
                await self._run_client(parts, up, giver)
                if self.book.page.line == Line.STOPPED:
                    return
                words = "The client of this connection ended without a reason"
            except Unusable as problem:
                up.line(Line.STOPPED, str(problem))
                return
            except Exception as error:  # noqa: BLE001
                log.error("Connection %s: its client failed.\n%s", self.connection.slug, scrub(traceback.format_exc(), self.known))
                words = f"The client of this connection failed inside the console ({type(error).__name__}; the runner's log says more)"
            if monotonic() - began > WELL_S:
                wait = FIRST_WAIT_S
            up.line(Line.WAITING, f"{words}. It starts again by itself.", retry_s=wait)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)

    async def _run_client(self, parts: Parts, up: Up, giver: Giver) -> None:
        client = parts.client()
        up.line(Line.CONNECTING)
        giver.client = client
        try:
            await client.run(up)
        finally:
            giver.client = None
