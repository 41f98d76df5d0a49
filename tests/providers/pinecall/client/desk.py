"""The runner's side of a client, kept for looking at; and clients that run while a block lasts."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any

from callcenter.providers.client import Client, Line
from callcenter.providers.pinecall.client.direct import DirectClient
from callcenter.providers.pinecall.client.options import AgentSetup, DirectOptions, DirectSecrets, PhoneChannel
from callcenter.providers.pinecall.client.pace import Pace

QUICK = Pace(first_wait_s=0.02, longest_wait_s=0.1, conflict_first_s=0.05, conflict_longest_s=0.1, capacity_s=0.05, leave_s=5)
PATIENCE_S = 30
FRONTDESK = AgentSetup(id="frontdesk", phones=(PhoneChannel(number="+442079460118"),))


class Desk:
    """An ``Upward`` that keeps everything. While ``room`` is not set, nothing more is taken."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.batches: list[int] = []
        self.offered = 0
        self.lines: list[tuple[Line, str]] = []
        self.retries: list[float] = []
        self.troubles: list[str] = []
        self.kept: dict[str, str] = {}
        self.absent: dict[str, str] | None = None
        self.room = asyncio.Event()
        self.room.set()

    async def frames(self, frames: Sequence[object]) -> None:
        self.offered += len(frames)
        await self.room.wait()
        self.taken += frames
        self.batches.append(len(frames))

    def line(self, line: Line, words: str = "", *, retry_s: float | None = None) -> None:
        self.lines.append((line, words))
        if retry_s is not None:
            self.retries.append(retry_s)

    def trouble(self, words: str) -> None:
        self.troubles.append(words)

    def cannot(self, actions: Mapping[str, str]) -> None:
        self.absent = dict(actions)

    def recall(self, name: str) -> str:
        return self.kept.get(name, "")

    def remember(self, name: str, value: str) -> None:
        self.kept[name] = value

    # For looking

    @property
    def state(self) -> Line | None:
        return self.lines[-1][0] if self.lines else None

    @property
    def words(self) -> str:
        return self.lines[-1][1] if self.lines else ""

    @property
    def everything_said(self) -> str:
        return " | ".join([*(words for _, words in self.lines), *self.troubles])

    def events(self, *names: str) -> list[dict[str, Any]]:
        return [frame for frame in self.taken if frame.get("event") in names]


async def until(ready: Callable[[], Any], what: str) -> Any:
    """Wait, generously, until something is so."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    while loop.time() < deadline:
        if value := ready():
            return value
        await asyncio.sleep(0.005)
    raise AssertionError(f"never happened: {what}")


@asynccontextmanager
async def running(client: Client, desk: Desk | None = None) -> AsyncIterator[Desk]:
    """The client runs while the block lasts; a fault of it fails the test."""
    desk = desk or Desk()
    task = asyncio.create_task(client.run(desk))
    try:
        yield desk
        if task.done():
            task.result()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def direct(url: str, *agents: AgentSetup, key: str = "pk_demo", pace: Pace = QUICK, **more: Any) -> DirectClient:
    """A direct client of a fake; without agents, with a frontdesk."""
    secrets = DirectSecrets(api_key=key, **more.pop("secrets", {}))
    return DirectClient(DirectOptions(server=url, agents=agents or (FRONTDESK,), **more), secrets, pace=pace, rng=Random("jitter"))


def up(desk: Desk) -> Callable[[], bool]:
    return lambda: desk.state is Line.UP
