"""The listening socket of the played Pinecall service: what a call sounds like. Contract H.1."""

import asyncio
from typing import TYPE_CHECKING

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from callcenter.providers.simulator.audio import RATE, recording
from callcenter.providers.simulator.conversation import Turn

if TYPE_CHECKING:
    from callcenter.providers.simulator.services.pinecall import PinecallService

PIECE_S = 0.05
PIECE_BYTES = int(RATE * PIECE_S) * 2
WAV_HEADER = 44


def babble() -> bytes:
    """Four seconds of both voices in turn, as plain samples."""
    turns = (Turn("agent", 0.0, 1.8), Turn("contact", 2.0, 3.8))
    return recording(turns, 4.0)[0][WAV_HEADER:]


async def listen(service: "PinecallService", socket: ServerConnection, call: str) -> None:
    """Metadata, then a piece every 50 ms, and an empty message when the call is over."""
    sound = babble()
    over = service.sounding(call)
    place = 0
    try:
        await socket.send(
            msgspec.json.encode({"type": "metadata", "sampleRate": RATE, "channels": 1, "bitDepth": 16, "sessionId": call}), text=True
        )
        while not over.is_set():
            await socket.send(sound[place : place + PIECE_BYTES])
            place = (place + PIECE_BYTES) % (len(sound) - len(sound) % PIECE_BYTES)
            await asyncio.sleep(PIECE_S)
        await socket.send(b"")
    except ConnectionClosed:
        return
