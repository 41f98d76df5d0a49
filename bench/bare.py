"""The reference of fan-out: ``websockets.broadcast`` of given bytes to every socket, and nothing else. Run as a process."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

from bench.bare_app import EVERY_S, FILE


async def main(port: int, message: str, every_s: float) -> None:
    sockets: set[ServerConnection] = set()

    async def take(socket: ServerConnection) -> None:
        sockets.add(socket)
        with suppress(ConnectionClosed):
            async for _ in socket:
                pass
        sockets.discard(socket)

    async with serve(take, "127.0.0.1", port, compression=None, backlog=1024):
        while True:
            await asyncio.sleep(every_s)
            broadcast(sockets, message)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(os.environ[FILE]).read_text(), float(os.environ[EVERY_S])))
