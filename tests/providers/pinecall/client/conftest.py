"""One played Pinecall service for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.pinecall import PinecallService, serve_pinecall


@pytest.fixture
async def pinecall() -> AsyncIterator[PinecallService]:
    async with serve_pinecall(PinecallService()) as service:
        yield service
