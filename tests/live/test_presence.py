"""An open page is a sign of its reader's browser."""

import asyncio
from datetime import datetime

import pytest

from callcenter.live import hub  # the module, whose pace is changed
from callcenter.operators.models import Operator, Presence
from tests.live.network import network
from tests.servers import WAIT_S

pytestmark = pytest.mark.django_db(transaction=True)


async def seen(operator: Operator) -> datetime | None:
    row = await Presence.objects.filter(operator=operator).afirst()
    return row.seen_at if row else None


async def seen_after(operator: Operator, last: datetime | None) -> datetime:
    async with asyncio.timeout(WAIT_S):
        while True:
            at = await seen(operator)
            if at is not None and at != last:
                return at
            await asyncio.sleep(0.05)


async def test_whoever_has_a_live_page_open_is_there_again_and_again_and_nobody_else(
    oskar: Operator, ines: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(hub, "PRESENCE_S", 0.2)
    async with network() as running:
        await running.open(oskar)
        first = await seen_after(oskar, None)
        assert await seen_after(oskar, first) > first
        assert await seen(ines) is None
