"""Hints: a channel layer that does not answer holds nobody up, and what was to be told meanwhile becomes one hint."""

import asyncio
from datetime import UTC, datetime

import orjson
import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from callcenter.ingest import telling
from callcenter.ingest.message import Answer, open_text
from callcenter.ingest.pipeline import pipeline
from callcenter.ingest.sender import sender
from callcenter.ingest.telling import FEED, Hint, Teller, both, feed_hint
from callcenter.journal.connections import hook_path
from callcenter.journal.models import Connection
from tests.ingest.doors import WAIT_S, Door
from tests.ingest.frames import said, started
from tests.ingest.playing import make_source
from tests.live.network import until


class Layer:
    """Takes hints when it is let; ``taken``: what it took, ``asked``: how often it was asked."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.taken: list[Hint] = []
        self.asked = 0

    async def take(self, _group: str, hint: Hint) -> None:
        self.asked += 1
        await self.answers.wait()
        self.taken.append(hint)


@pytest.fixture
async def layer(monkeypatch: pytest.MonkeyPatch) -> Layer:
    """The channel layer, which does not answer before it is told to."""
    found, stuck = get_channel_layer(), Layer()
    kind = type(found._get_layer() if hasattr(found, "_get_layer") else found)  # on Redis there is one for each event loop
    monkeypatch.setattr(kind, "group_send", stuck.take)
    return stuck


async def send(door: Door, number: int) -> Answer:
    text = orjson.dumps([started(), said(number, "hello", f"u{number}")]).decode()
    return await pipeline().submit(open_text(door.source, text, datetime.now(UTC)))


def numbered(number: int, *, late: float = 0.0) -> Hint:
    return feed_hint(number, {f"call-{number}"}, late)


async def test_a_hint_is_told_at_once_and_those_that_come_meanwhile_follow_as_one(layer: Layer) -> None:
    teller = Teller(FEED, both)
    for number, late in ((1, 0.0), (3, 0.7), (0, 0.2), (2, 0.0)):
        teller.tell(numbered(number, late=late))
        await until(lambda: layer.asked == 1)
    layer.answers.set()
    await teller.close()
    first, second = layer.taken
    assert (first["revision"], first["live"]) == (1, '["call-1"]')
    assert (second["revision"], second["late"]) == (3, 0.7)
    assert orjson.loads(second["live"]) == ["call-0", "call-2", "call-3"]


async def test_a_hint_that_is_not_taken_in_time_is_given_up(layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "HINT_S", 0.01)
    teller = Teller(FEED, both)
    teller.tell(numbered(1))
    await asyncio.wait_for(teller.close(), WAIT_S)
    layer.answers.set()
    teller.tell(numbered(2))
    await asyncio.wait_for(teller.close(), WAIT_S)
    assert [hint["revision"] for hint in layer.taken] == [2]


async def test_what_is_committed_is_acknowledged_before_its_hint_is_taken(door: Door, layer: Layer) -> None:
    for number in range(5):
        answer = await asyncio.wait_for(send(door, number), WAIT_S)
        assert answer.accepted + answer.duplicates == 2
    assert layer.taken == []
    layer.answers.set()


async def test_operators_that_do_much_while_no_hint_is_taken_leave_one_under_way(transactional_db: None, layer: Layer) -> None:
    try:
        for _ in range(20):
            sender()._hinted()
            await asyncio.sleep(0)
        await until(lambda: layer.asked == 2)  # the feed's, and the senders'
        layer.answers.set()
        await until(lambda: len(layer.taken) == 4)
    finally:
        await sender().close()
    assert len(layer.taken) == 4


async def test_a_webhook_is_acknowledged_though_its_hint_is_not_taken(door: Door, layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "HINT_S", 0.01)
    await sync_to_async(make_source)("sippet", "phones")
    path = hook_path(await Connection.objects.aget(slug="phones"))
    body = {"id": "evt_1", "type": "call.updated"}
    answer = await asyncio.wait_for(door.http.post(path, body, content_type="application/json"), WAIT_S)
    assert answer.status_code == 202
