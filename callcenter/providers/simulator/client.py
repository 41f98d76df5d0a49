"""One connection to the console's ingest socket, kept open for as long as the run lasts."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from random import Random

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from callcenter.providers.simulator.outbox import Acknowledged, Outbox
from callcenter.providers.together import first_of

FIRST_WAIT, LONGEST_WAIT = 0.1, 3.0
OPEN_TIMEOUT = 10.0

Answer = dict[str, object]


class UnwelcomeError(Exception):
    """The console refuses this connection for good: unknown, or the wrong token."""


@dataclass(slots=True)
class Hooks:
    """What the client tells the rest of the run."""

    opened: Callable[[], None]
    command: Callable[[Mapping[str, object]], Answer]
    acknowledged: Callable[[Acknowledged], None]


class Client:
    """Sends an outbox, resends what was not acknowledged, and answers commands."""

    def __init__(self, url: str, token: str, outbox: Outbox, hooks: Hooks, drop_every: float, rng: Random) -> None:
        self.url = url
        self.token = token
        self.outbox = outbox
        self.hooks = hooks
        self.drop_every = drop_every
        self.rng = rng
        self.texts: list[str] = []
        self.connects = 0
        self.strange_answers = 0
        self.wake = asyncio.Event()
        self.connected_once = asyncio.Event()

    @property
    def reconnects(self) -> int:
        """How often the connection had to be made again."""
        return max(self.connects - 1, 0)

    async def run(self) -> None:
        """Connect again and again until cancelled. Raises ``UnwelcomeError`` when that has no point."""
        wait = FIRST_WAIT
        while True:
            with suppress(OSError, TimeoutError, InvalidHandshake, ConnectionClosed):
                try:
                    async with connect(
                        self.url, additional_headers={"Authorization": f"Bearer {self.token}"}, compression=None,
                        proxy=None, max_size=None, open_timeout=OPEN_TIMEOUT, ping_timeout=60, close_timeout=2,
                    ) as socket:  # fmt: skip
                        wait = FIRST_WAIT
                        await self._serve(socket)
                except InvalidStatus as refusal:
                    if refusal.response.status_code in (401, 403, 404):
                        raise UnwelcomeError(f"{self.url}: the console answers {refusal.response.status_code}") from None
            await asyncio.sleep(wait * self.rng.uniform(0.8, 1.2))
            wait = min(wait * 2, LONGEST_WAIT)

    async def drained(self, seconds: float) -> bool:
        """Wait until everything is acknowledged; False when the time is up first."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not self.outbox.empty:
            if asyncio.get_running_loop().time() > deadline:
                return False
            self.wake.set()
            await asyncio.sleep(0.02)
        return True

    async def _serve(self, socket: ClientConnection) -> None:
        """One life of the socket; whichever part ends first ends them all."""
        self.connects += 1
        self.connected_once.set()
        for envelope in list(self.outbox.unacknowledged.values()):
            self.outbox.tally.envelopes_resent += 1
            await socket.send(envelope.message, text=True)
        self.hooks.opened()
        await first_of(self._send(socket), self._read(socket), self._cut(socket))

    async def _send(self, socket: ClientConnection) -> None:
        while True:
            await self.wake.wait()
            self.wake.clear()
            while self.texts:
                await socket.send(self.texts.pop())
            while (envelope := self.outbox.next()) is not None:
                await socket.send(envelope.message, text=True)

    async def _read(self, socket: ClientConnection) -> None:
        async for message in socket:
            answer = self._take(message)
            if answer is not None:
                await socket.send(msgspec.json.encode(answer), text=True)

    async def _cut(self, socket: ClientConnection) -> None:
        """Cut the line without a word, as networks do."""
        if not self.drop_every:
            await asyncio.Event().wait()
        await asyncio.sleep(self.rng.uniform(0.5, 1.5) * self.drop_every)
        socket.transport.abort()

    def _take(self, message: str | bytes) -> Answer | None:
        """Understand one message of the console; the answer, if it wants one."""
        try:
            said = msgspec.json.decode(message)
        except msgspec.DecodeError:
            said = None
        if not isinstance(said, dict):
            self.strange_answers += 1
            return None
        if "command" in said:
            return self.hooks.command(said)
        if said.get("action") == "ping" or said.get("event") == "ping":
            return {"event": "pong"}
        if "ack" in said:
            done = self.outbox.acknowledge(said)
            if done is not None:
                self.hooks.acknowledged(done)
            if self.outbox.waiting:
                self.wake.set()
        return None
