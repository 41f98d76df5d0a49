"""However a socket ends, its consumer clears away once."""

import asyncio
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from callcenter.sockets import LightConsumer


class Careful(LightConsumer):
    """Counts how often it cleared away, and raises at the word."""

    cleared: list[int]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        raise ValueError(text_data or bytes_data)

    async def disconnect(self, code: int) -> None:
        await asyncio.sleep(0)  # clearing away may have to wait, also when the consumer was cancelled
        self.cleared.append(code)


@pytest.fixture
async def opened() -> Any:
    """A connected socket, and the codes with which its consumer cleared away."""
    consumer, cleared = Careful(), list[int]()
    consumer.cleared = cleared
    communicator = WebsocketCommunicator(consumer, "/")
    assert (await communicator.connect(30))[0]
    return communicator, cleared


async def test_what_is_disconnected_clears_away_once_with_its_code(opened: Any) -> None:
    communicator, cleared = opened
    await communicator.disconnect(code=4001, timeout=30)
    assert cleared == [4001]


async def test_what_raises_in_a_handler_clears_away_once_and_is_raised(opened: Any) -> None:
    communicator, cleared = opened
    await communicator.send_to(text_data="boom")
    with pytest.raises(ValueError, match="boom"):
        await communicator.wait(30)
    assert cleared == [1006]


async def test_what_is_cancelled_clears_away_once(opened: Any) -> None:
    communicator, cleared = opened
    communicator.future.cancel()
    await communicator.wait(30)
    assert cleared == [1006]
