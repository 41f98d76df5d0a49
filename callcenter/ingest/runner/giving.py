"""Commands on their way down: each is given to the client at most once, and answered when it is known what became of it."""

import asyncio
import logging
import traceback
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from callcenter.ingest.runner.book import Book
from callcenter.providers.client import Client, NotSent, Unsure

log = logging.getLogger(__name__)

COMMAND_S = 15.0
NO_LEASE = "This runner does not hold the lease."
REMEMBERED = 5000  # commands whose repetition is recognised


class Giver:
    """``answer(command, error)``: error None = it was sent. ``client``: the one that is connected now, None = none is.

    ``may_act``: this runner still holds the lease.
    """

    def __init__(self, name: str, book: Book, answer: Callable[[str, str | None], None], may_act: Callable[[], bool]) -> None:
        self.name, self.book, self.answer, self.may_act = name, book, answer, may_act
        self.client: Client | None = None
        self.seen: OrderedDict[str, None] = OrderedDict()
        self.tasks: set[asyncio.Task[None]] = set()

    def take(self, number: str, frame: dict[str, Any]) -> None:
        """They begin in the order in which they came; one that waits for its answer does not hold up the others."""
        if number in self.seen:
            return
        self.seen[number] = None
        while len(self.seen) > REMEMBERED:
            self.seen.popitem(last=False)
        if not self.may_act():
            self.answer(number, NO_LEASE)
            return
        task = asyncio.create_task(self._give(number, frame))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _give(self, number: str, frame: dict[str, Any]) -> None:
        """What is not surely unsent is not answered as failed: nobody can tell how much of it left."""
        if self.client is None:
            self.answer(number, "The connection to the provider is not open.")
            return
        try:
            async with asyncio.timeout(COMMAND_S):
                await self.client.command(frame)
        except NotSent as refusal:
            self.answer(number, self.book.scrub(str(refusal)))
        except Unsure as doubt:
            self.book.trouble(str(doubt))
        except TimeoutError:
            self.book.trouble(f"A command got no answer within {COMMAND_S:.0f} seconds.")
        except Exception as error:  # noqa: BLE001
            log.error("Connection %s: a command failed.\n%s", self.name, self.book.scrub(traceback.format_exc()))
            self.book.trouble(f"A command failed inside the console ({type(error).__name__}).")
        else:
            self.answer(number, None)
