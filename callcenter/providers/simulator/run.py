"""A whole run: worlds and sockets tied together by one clock that ticks every batch."""

import asyncio
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from random import Random
from time import time
from typing import Any

from callcenter.providers.simulator.account import Account
from callcenter.providers.simulator.casting import Casting
from callcenter.providers.simulator.client import Client, Hooks
from callcenter.providers.simulator.faults import Line
from callcenter.providers.simulator.frame import Frame
from callcenter.providers.simulator.options import Options, Target
from callcenter.providers.simulator.outbox import Outbox
from callcenter.providers.simulator.report import Recorder
from callcenter.providers.simulator.world import World

Summary = dict[str, Any]

STANDSTILL = 60_000
LONGEST_FINISH = 300.0


class Run:
    """One run of the simulator; ``stop`` ends it early, a second time without waiting for calls."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.recorder = Recorder(options.record)
        self.stopping = asyncio.Event()
        self.hurried = False
        self.lines: dict[str, Line] = {}
        self.clients: dict[str, Client] = {}
        accounts = []
        for target in options.targets:
            form = options.form if target.provider == "pinecall" else "sippet"
            accounts.append(Account(target.slug, target.provider, form, voice_pause=options.voice_pause, agents=options.agents))
            self.lines[target.slug] = Line(options.troubles, Random(f"{options.seed} {target.slug} faults"))
            self.clients[target.slug] = self._client(target)
        casting = Casting(options.seed, options.run, options.channels, options.sippet_form)
        self.world = World(options.plan, casting, accounts, time(), self._out)

    def stop(self) -> None:
        """End the run as the options say; asked twice, at once."""
        self.hurried = self.stopping.is_set()
        self.stopping.set()

    async def perform(self) -> Summary:
        """Run to the end and return the summary. Raises what a client raises when it is not welcome."""
        clients = [asyncio.create_task(client.run()) for client in self.clients.values()]
        clock = asyncio.create_task(self._tick())
        try:
            done, _ = await asyncio.wait([clock, *clients], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            for slug, line in self.lines.items():
                self._load(slug, line.rest())
            await asyncio.gather(*(client.drained(self.options.patience) for client in self.clients.values()))
        finally:
            for task in (clock, *clients):
                task.cancel()
            with suppress(Exception):
                await asyncio.gather(clock, *clients, return_exceptions=True)
            self.recorder.close()
        return self.summary()

    async def _tick(self) -> None:
        """Let the world go on, batch by batch, once every connection has been made.

        It stands still while far too much waits to be sent.
        """
        loop, options = asyncio.get_running_loop(), self.options
        await self._everybody_connected()
        if self.stopping.is_set():
            return
        self.world.epoch = time()
        behind, last = 0.0, loop.time()
        start = last
        ending = 0.0
        while True:
            now = loop.time()
            if any(len(client.outbox.waiting) > STANDSTILL for client in self.clients.values()):
                behind += now - last
            else:
                self._advance(now - start - behind)
            last = now
            over = self.stopping.is_set() or bool(options.duration and now - start >= options.duration)
            if over:
                self.world.accepting = False
                ending = ending or now
                waits = options.finish and not self.hurried and now - ending < LONGEST_FINISH
                if not (waits and self.world.talking):
                    return
            await asyncio.sleep(options.batch)

    async def _everybody_connected(self) -> None:
        """Wait for the first connection of every account, or for the end of the run."""

        async def connected() -> bool:
            return all([await client.connected_once.wait() for client in self.clients.values()])

        waits = [asyncio.create_task(connected()), asyncio.create_task(self.stopping.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    def _advance(self, seconds: float) -> None:
        self.world.advance(seconds)
        for slug, line in self.lines.items():
            if not line.troubles.none:
                self._load(slug, line.due(seconds))
            client = self.clients[slug]
            if line.texts:
                client.texts, line.texts = client.texts + line.texts, []
            if client.outbox.may_send or client.texts:
                client.wake.set()

    def _load(self, slug: str, frames: Iterable[Frame]) -> None:
        outbox = self.clients[slug].outbox
        for frame in frames:
            outbox.put(frame)

    def _out(self, slug: str, frame: Frame) -> None:
        line = self.lines[slug]
        if line.troubles.none:
            self.clients[slug].outbox.put(frame)
        else:
            line.put(frame, self.world.scheduler.now)

    def _client(self, target: Target) -> Client:
        options = self.options
        stream = f"simulator-{options.run}-{target.slug}"
        hooks = Hooks(
            opened=lambda: self.clients[target.slug].outbox.put_first(self.world.greeting(target.slug)),
            command=lambda message: self.world.command(target.slug, message),
            acknowledged=partial(self.recorder.write, target.slug, stream),
        )
        url = f"{options.url.rstrip('/')}/ws/ingest/{target.slug}/"
        rng = Random(f"{options.seed} {target.slug} socket")
        return Client(url, target.token, Outbox(stream, options.window), hooks, options.drops, rng)

    def summary(self) -> Summary:
        """Everything that was counted, in one object."""
        population = self.world.population
        clients = self.clients.values()
        total: dict[str, int] = {}
        for client in clients:
            for name, value in asdict(client.outbox.tally).items():
                total[name] = total.get(name, 0) + value
        return {
            "seed": self.options.seed, "run": self.options.run,
            "calls_started": population.started, "calls_ended": population.ended, "calls_silenced": population.silenced,
            "calls_live": len(self.world.talking), "commands": population.commands,
            **total,
            "reconnects": sum(client.reconnects for client in clients),
            "copies_sent": sum(line.copies for line in self.lines.values()),
            "malformed_sent": sum(line.junk for line in self.lines.values()),
            "unacknowledged": sum(len(client.outbox.unacknowledged) for client in clients),
        }  # fmt: skip


async def simulate(options: Options, started: Callable[[Run], None] | None = None) -> Summary:
    """Run until the end of the duration, SIGTERM or SIGINT, and return the summary."""
    run = Run(options)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, run.stop)
    if started is not None:
        started(run)
    return await run.perform()
