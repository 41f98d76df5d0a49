"""Parts of one line, run side by side."""

import asyncio
from collections.abc import Coroutine
from typing import Any


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


async def end_of(task: asyncio.Task[None]) -> None:
    """As long as the task runs, which goes on when this is cancelled. What it raises is raised."""
    await asyncio.shield(task)
