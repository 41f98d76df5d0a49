"""Each kind of connection with its provider: what it is set up with, how it is cut, and what it says that it sent."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

import msgspec

from callcenter.providers.clients import Kind
from callcenter.providers.simulator.businesses import businesses_of
from callcenter.providers.simulator.services.pinecall_world import STREAM, WIRE, PinecallWorld
from callcenter.providers.simulator.services.play_sippet import Played
from callcenter.providers.simulator.services.sippet import serve_sippet
from callcenter.providers.simulator.world import Plan, World
from tests.fakes.pinecall import PinecallService, serve_pinecall
from tests.ingest.runner.lines.stage import Stage

PLAN = Plan(calls=8, rate=4, speed=16, meters=0)
KEY = "sk_played"
Json = dict[str, Any]


class Side:
    """A provider with its world, and the connection that the console has to it. ``agents``: of ours, by slug."""

    kind: Kind
    agents: tuple[str, ...] = ()
    commands = False

    def __init__(self, stage: Stage) -> None:
        self.stage, self.stack = stage, AsyncExitStack()
        self.slug = f"line-{self.kind}"
        self.world: World
        self.url = ""
        stage.wait(self.open())

    @property
    def options(self) -> Json:
        raise NotImplementedError

    @property
    def secrets(self) -> Json:
        raise NotImplementedError

    async def open(self) -> None:
        """Serve; the world stands still."""
        raise NotImplementedError

    def play(self) -> None:
        """Let the world go on: calls begin."""
        raise NotImplementedError

    def is_joined(self) -> bool:
        """Somebody listens."""
        raise NotImplementedError

    def cut(self) -> None:
        """What was sent arrives; where it can be had again, it may be lost on its way."""
        raise NotImplementedError

    def count(self) -> int:
        """How many frames, roughly, have left."""
        raise NotImplementedError

    def told(self) -> list[bytes]:
        """Every frame that left, or that can be had again, as JSON."""
        raise NotImplementedError

    def accept_no_more(self) -> None:
        """Calls."""
        self.world.accepting = False

    def is_over(self) -> bool:
        """Every call has ended."""
        return not self.world.talking

    def close(self) -> None:
        self.stage.wait(self.stack.aclose())

    async def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Until this side is closed."""
        task = asyncio.create_task(work)

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self.stack.push_async_callback(end)


class PinecallSide(Side):
    account = WIRE

    async def open(self) -> None:
        self.service = PinecallService()
        self.played = PinecallWorld(self.service, PLAN, f"the line {self.kind}", self.slug)
        self.world = self.played.world
        self.world.stages = [self.world.accounts[self.account]]
        await self.stack.enter_async_context(serve_pinecall(self.service))
        self.url = self.service.url

    def play(self) -> None:
        self.stage.wait(self._keep(self.played.run()))

    def cut(self) -> None:
        self.stage.wait(self.service.cut())

    @property
    def slugs(self) -> tuple[str, ...]:
        return tuple(business.agent for business in businesses_of("pinecall"))


class Direct(PinecallSide):
    kind = Kind.PINECALL_DIRECT
    commands = True

    @property
    def options(self) -> Json:
        return {"server": self.url}

    @property
    def secrets(self) -> Json:
        return {"api_key": "pk_demo"}

    @property
    def agents(self) -> tuple[str, ...]:  # type: ignore[override]
        return self.slugs

    def is_joined(self) -> bool:
        return len(self.service.holders) == len(self.slugs)

    def count(self) -> int:
        return len(self.service.sent)

    def told(self) -> list[bytes]:
        return [message if isinstance(message, bytes) else message.encode() for message in self.service.sent]


class Stream(PinecallSide):
    kind, account = Kind.PINECALL_STREAM, STREAM

    @property
    def options(self) -> Json:
        return {"url": f"{self.url}/events"}

    @property
    def secrets(self) -> Json:
        return {}

    def is_joined(self) -> bool:
        return bool(self.service.readers)

    def count(self) -> int:
        return len(self.service.streamed)

    def told(self) -> list[bytes]:
        events = [piece.partition(b"\ndata: ")[2].strip() for piece in self.service.streamed]
        return [event for event in events if b'"event"' in event]  # not the greeting, which is handed on in another form


class Observer(PinecallSide):
    kind = Kind.PINECALL_OBSERVER

    @property
    def options(self) -> Json:
        return {"server": self.url, "agents": list(self.slugs)}

    @property
    def secrets(self) -> Json:
        return {"api_key": "pk_demo"}

    def is_joined(self) -> bool:
        return len(self.service.observers) == len(self.slugs)

    def cut(self) -> None:
        self.stage.do(self.service.break_off)

    def count(self) -> int:
        return self.service.log.seq

    def told(self) -> list[bytes]:
        return [entry for _, agent, entry in self.service.log.entries if agent in self.slugs]


class Sippet(Side):
    kind = Kind.SIPPET
    commands = True

    async def open(self) -> None:
        self.played = Played(PLAN, "the line", self.slug, KEY)
        self.service, self.world = self.played.service, self.played.world
        await self.stack.enter_async_context(serve_sippet(self.service))
        self.url = self.service.url

    def play(self) -> None:
        self.stage.wait(self._keep(self.played.play()))

    @property
    def options(self) -> Json:
        return {"base_url": self.url, "reconnect_least_s": 0.2, "reconnect_most_s": 0.5, "recheck_s": 5.0}

    @property
    def secrets(self) -> Json:
        return {"secret_key": KEY}

    def is_joined(self) -> bool:
        return any(socket.joined for socket in self.service.sockets)

    def cut(self) -> None:
        self.stage.do(self.service.hang_up)

    def count(self) -> int:
        return len(self.service.sent)

    def told(self) -> list[bytes]:
        return [msgspec.json.encode(frame) for frame in self.service.sent]

    def ended(self) -> list[str]:
        """The calls that are over, by the provider's own books."""
        return sorted(uuid for uuid, row in self.service.books.calls.items() if row.get("endedAt"))


SIDES: tuple[type[Side], ...] = (Direct, Stream, Observer, Sippet)
