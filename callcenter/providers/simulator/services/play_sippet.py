"""The simulated world behind Sippet's public face: a real client can connect to it as it would to the provider."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import time
from typing import Any
from uuid import uuid4

import msgspec

from callcenter.providers.simulator.account import Account
from callcenter.providers.simulator.casting import Casting
from callcenter.providers.simulator.frame import Frame
from callcenter.providers.simulator.services.sippet import SippetService, serve_sippet
from callcenter.providers.simulator.services.sippet_books import Complaint
from callcenter.providers.simulator.world import Plan, World

SLUG = "sippet"
TICK_S = 0.02


class Played:
    """One world with one account. ``service`` is what clients see of it."""

    def __init__(self, plan: Plan, seed: str, run: str, key: str) -> None:
        self.waiting: list[Frame] = []
        casting = Casting(seed, run, ("phone",), "phoenix")
        self.world = World(plan, casting, [Account(SLUG, "sippet", "sippet")], time(), lambda _, frame: self.waiting.append(frame))
        self.service = SippetService(key, act=self.act)

    async def act(self, body: dict[str, Any]) -> Any:
        """An action of an operator; its effect follows as events."""
        answer = self.world.command(SLUG, {"id": str(uuid4()), "command": body})
        if answer["status"] == "failed":
            raise Complaint("invalid_argument", str(answer.get("error", "")))
        return {}

    async def play(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        self.world.epoch = time()
        while True:
            self.world.advance(loop.time() - start)
            frames, self.waiting = self.waiting, []
            if frames:
                self._note_calls()
            for frame in frames:
                join_ref, _, _, event, payload = msgspec.json.decode(frame.data)
                if not event.startswith("phx_"):
                    await self.service.say(event, payload, push=join_ref is not None)
            await asyncio.sleep(TICK_S)

    def _note_calls(self) -> None:
        """The provider knows both ends of a call of which no event tells them."""
        for call in self.world.calls_of(SLUG):
            who = call.identity
            self.service.books.begin(who.call_id, who.direction, who.from_number, who.to_number, self.world.time)


@asynccontextmanager
async def play_sippet(plan: Plan, *, seed: str, run: str, key: str, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Played]:
    """Calls come and go, and clients may connect, until the end of the block."""
    played = Played(plan, seed, run, key)
    async with serve_sippet(played.service, host, port):
        task = asyncio.create_task(played.play())
        try:
            yield played
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
