"""Database work of an event loop, in a thread of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import close_old_connections

T = TypeVar("T")


async def ask(thread: ThreadPoolExecutor, work: Callable[..., T], *arguments: Any) -> T:
    """What ``work`` finds there, with a connection that is not too old."""

    def run() -> T:
        close_old_connections()
        return work(*arguments)

    return await asyncio.get_running_loop().run_in_executor(thread, run)
