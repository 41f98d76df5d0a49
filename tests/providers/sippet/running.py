"""A client that runs against a fake, with a stand-in for the runner that keeps what it is told and folds the frames."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from random import Random
from time import time
from typing import Any

from callcenter.domain.decoded import Unreadable
from callcenter.domain.events.base import CallEvent, stamp_of
from callcenter.domain.reduce import reduce
from callcenter.domain.state import CallState
from callcenter.domain.summary import status_of
from callcenter.journal.keys import key_of
from callcenter.providers.client import Line
from callcenter.providers.decode import decode
from callcenter.providers.simulator.services.sippet import SippetService
from callcenter.providers.sippet.client import SippetClient
from callcenter.providers.sippet.options import SippetOptions, SippetSecrets
from tests.fakes.sippet import KEY

PATIENCE_S = 30.0


class Runner:
    """Keeps everything. ``entries``: what a journal would hold, by call; each record and each marked frame once."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.lines: list[tuple[Line, str, float | None]] = []
        self.troubles: list[str] = []
        self.memory: dict[str, str] = {}
        self.absent: dict[str, str] | None = None
        self.room = asyncio.Event()
        self.room.set()
        self.most = 0

    async def frames(self, frames: Sequence[object]) -> None:
        await self.room.wait()
        self.most = max(self.most, len(frames))
        self.got += frames

    def line(self, line: Line, words: str = "", *, retry_s: float | None = None) -> None:
        self.lines.append((line, words, retry_s))

    def trouble(self, words: str) -> None:
        self.troubles.append(words)

    def cannot(self, actions: Mapping[str, str]) -> None:
        self.absent = dict(actions)

    def recall(self, name: str) -> str:
        return self.memory.get(name, "")

    def remember(self, name: str, value: str) -> None:
        self.memory[name] = value

    @property
    def words(self) -> str:
        """Everything that an administrator could read."""
        return "\n".join([*(words for _, words, _ in self.lines), *self.troubles])

    @property
    def is_up(self) -> bool:
        return bool(self.lines) and self.lines[-1][0] is Line.UP

    def named(self, event: str) -> list[Any]:
        """The frames of this name, of the socket or fetched."""
        return [frame for frame in self.got if (frame[3] if isinstance(frame, list) else frame["event"]) == event]

    def journal(self) -> list[tuple[Any, CallEvent | None]]:
        """Durable frames, replays taken out: (frame, event)."""
        kept, seen = [], set()
        for index, frame in enumerate(self.got):
            try:
                decoded = decode("sippet", frame)
            except Unreadable:
                continue  # it would be a dead letter
            key = key_of(decoded, "s", 1, index)
            if decoded.durable and key not in seen:
                seen.add(key)
                kept.append((frame, decoded.event if isinstance(decoded.event, CallEvent) else None))
        return kept

    def calls(self) -> dict[str, CallState]:
        """The calls, folded from the journal."""
        states: dict[str, CallState] = {}
        for frame, event in self.journal():
            if event is not None:
                state = states.setdefault(event.call, CallState(event.call))
                decoded = decode("sippet", frame)
                reduce(state, event, stamp_of(decoded.ts, decoded.seq, state.n + 1, time()))
        return states

    def status(self, call: str) -> str:
        """As a screen shows it; "" = unknown."""
        state = self.calls().get(call)
        return status_of(state) if state is not None else ""


def quick(fake: SippetService, **changed: Any) -> SippetOptions:
    """Settings of the fake's address with short waits."""
    short = {
        "heartbeat_s": 20.0,
        "join_timeout_s": 5.0,
        "reconnect_least_s": 0.02,
        "reconnect_most_s": 0.1,
        "rpc_timeout_s": 5.0,
        "recheck_s": 0.0,
    }
    return SippetOptions(**{"base_url": fake.url, **short, **changed})


@asynccontextmanager
async def running(
    fake: SippetService, runner: Runner | None = None, *, key: str = KEY, up: bool = True, **changed: Any
) -> AsyncIterator[tuple[SippetClient, Runner]]:
    """A client at work, joined to its channel unless ``up`` is False."""
    runner = runner or Runner()
    client = SippetClient(quick(fake, **changed), SippetSecrets(secret_key=key), Random(1))
    task = asyncio.create_task(client.run(runner))
    try:
        if up:
            await until(lambda: runner.is_up, "the line is up", task)
        yield client, runner
    finally:
        task.cancel()
        done = (await asyncio.gather(task, return_exceptions=True))[0]
        assert done is None or isinstance(done, asyncio.CancelledError), done


async def until(ready: Callable[[], Any], what: str, task: asyncio.Task[None] | None = None) -> Any:
    """Wait generously for something to become true."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while not (value := ready()):
        assert task is None or not task.done() or task.exception() is None, task
        assert asyncio.get_running_loop().time() < deadline, f"never happened: {what}"
        await asyncio.sleep(0.01)
    return value
