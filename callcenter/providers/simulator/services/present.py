"""``simulate --as-pinecall``: the service with its world, until the run is told to end."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

from callcenter.providers.simulator.services.pinecall import serve_pinecall
from callcenter.providers.simulator.services.pinecall_world import PinecallWorld


def heed_signals(stopping: asyncio.Event) -> None:
    """Set it by SIGTERM and SIGINT, where this thread may hear them."""
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)


async def until_told(duration: float) -> None:
    """Wait so many seconds, 0 = for ever, at the latest until a signal."""
    stopping = asyncio.Event()
    heed_signals(stopping)
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), duration or None)


async def present(
    world: PinecallWorld, port: int, *, duration: float, said: Callable[[str], object], stopping: asyncio.Event | None = None
) -> dict[str, int]:
    """Serve on this machine for ``duration`` seconds, 0 = until told to end, at the latest by SIGTERM or SIGINT. What was counted."""
    service = world.service
    stopping = stopping or asyncio.Event()
    heed_signals(stopping)
    async with serve_pinecall(service, port=port):
        said(
            f"Pinecall is played at {service.url} (stream of events at {service.url}/events) for the key {', '.join(service.conduct.keys)}"
        )
        clock = asyncio.create_task(world.run())
        ending = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait((clock, ending), timeout=duration or None, return_when=asyncio.FIRST_COMPLETED)
            if clock.done():
                clock.result()
        finally:
            for task in (clock, ending):
                task.cancel()
            await asyncio.gather(clock, ending, return_exceptions=True)
    population = world.world.population
    return {
        "calls_started": population.started,
        "calls_ended": population.ended,
        "connects": service.connects,
        "commands": population.commands,
        "log_entries": service.log.seq,
    }
