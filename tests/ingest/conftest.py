"""The doors of ingest; what needs the settings is imported when they are there."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
from asgiref.sync import sync_to_async

if TYPE_CHECKING:
    from tests.ingest.doors import Door


@pytest.fixture
async def door(transactional_db: None) -> AsyncIterator["Door"]:
    """The door of the Pinecall connection ``bridge``, whose token is TOKEN; its pipeline ends with the test."""
    from tests.ingest.doors import Door
    from tests.ingest.playing import TOKEN, make_source

    opened = Door(await sync_to_async(make_source)("pinecall", "bridge", TOKEN))
    yield opened
    await opened.close()


@pytest.fixture
def _flushed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Live state is flushed with every message, and is never too old: the player's clock is not the store's."""
    from callcenter.calls import live_state
    from callcenter.ingest import writer

    monkeypatch.setattr(writer, "FLUSH_S", -writer.FLUSH_S)
    monkeypatch.setattr(live_state, "KEEP_S", 10**9)
