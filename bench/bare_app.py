"""The floor of fan-out under a server: an ASGI application that sends given bytes to every socket at one pace, and nothing else."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

FILE, EVERY_S = "BARE_FILE", "BARE_EVERY_S"
MESSAGE = Path(os.environ[FILE]).read_text() if FILE in os.environ else ""
sockets: set[Any] = set()
pacemakers: list[asyncio.Task[None]] = []


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Any address is a socket; what it says is not read."""
    if scope["type"] != "websocket":
        return
    if not pacemakers:
        pacemakers.append(asyncio.create_task(_broadcast()))
    await receive()
    await send({"type": "websocket.accept"})
    sockets.add(send)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    sockets.discard(send)


async def _broadcast() -> None:
    message = {"type": "websocket.send", "text": MESSAGE}
    while True:
        await asyncio.sleep(float(os.environ[EVERY_S]))
        for send in list(sockets):
            with suppress(Exception):  # it is just closing
                await send(message)
