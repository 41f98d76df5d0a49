"""Parts of one line, run side by side."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

CANCEL_AGAIN_S = 0.2


async def first_of(*parts: Coroutine[Any, Any, None]) -> None:
    """Run them side by side; the first that ends, ends all, and what it raises is raised."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel them until they have ended: a client of Redis that is just connecting loses a cancellation."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)


async def end_of(task: asyncio.Task[None]) -> None:
    """As long as the task runs, which goes on when this is cancelled. What it raises is raised."""
    await asyncio.shield(task)
