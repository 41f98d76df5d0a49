"""Ten thousand frames in a second, a console without room, a provider that says nothing: no busy loop, no endless memory."""

import asyncio
import json
from time import process_time
from typing import Any

import pytest

from callcenter.providers.sippet import client
from callcenter.providers.sippet.wire import TOGETHER, WAITING_FRAMES, Wire
from tests.fakes.sippet import fake_sippet
from tests.providers.sippet.running import running, until

FLOOD = 10_000
LARGE, MANY = 16_384, 4000  # together more than all buffers on the way


async def test_a_flood_is_handed_on_whole_and_in_order_in_few_steps():
    async with fake_sippet() as fake, running(fake) as (_, runner):
        for number in range(FLOOD):
            await fake.throw(json.dumps([None, None, "events", "call_answered", {"callUuid": f"u-{number % 50}", "n": number}]))
        await until(lambda: len(runner.named("call_answered")) == FLOOD, "everything came")
        assert [frame[4]["n"] for frame in runner.named("call_answered")] == list(range(FLOOD))
        assert runner.most <= TOGETHER
        fetches = [body for body in fake.asked if body["action"] == "list_calls" and "callUuid" in body["filter"]]
        assert len(fetches) < 50  # fifty calls were answered ten thousand times


@pytest.fixture
def wires(monkeypatch: pytest.MonkeyPatch) -> list[Wire]:
    """The lines that a client opened."""
    made: list[Wire] = []

    class Seen(Wire):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            made.append(self)

    monkeypatch.setattr(client, "Wire", Seen)
    return made


async def test_without_room_the_provider_waits_and_the_line_is_not_taken_for_dead(wires: list[Wire]):
    async with fake_sippet() as fake, running(fake, heartbeat_s=0.5) as (_, runner):
        [wire] = wires
        runner.room.clear()
        piece = json.dumps([None, None, "events", "call_transcript_delta", {"callUuid": "u", "delta": "x" * LARGE}])
        flood = asyncio.create_task(_throw(fake, piece, MANY))
        await until(wire.arrived.full, "there is no room")
        sent = wire.refs
        await until(lambda: wire.refs >= sent + 3, "two heartbeats went by whose answers nobody came to read")
        assert not flood.done()
        assert fake.joins == 1
        runner.room.set()
        await until(lambda: len(runner.named("call_transcript_delta")) == MANY, "nothing was lost")
        await flood
        assert fake.joins == 1
        assert runner.most <= TOGETHER < WAITING_FRAMES


async def _throw(fake, text, times):
    for _ in range(times):
        await fake.throw(text)


async def test_a_silent_provider_costs_nothing():
    async with fake_sippet() as fake, running(fake, recheck_s=60.0):
        await until(lambda: fake.asked, "the first look")
        await asyncio.sleep(0.1)
        before = process_time()
        await asyncio.sleep(0.5)
        assert process_time() - before < 0.25  # a loop without a pause would take the whole half second


async def test_more_unknown_calls_than_can_be_asked_for_one_by_one_become_one_look_at_everything():
    async with fake_sippet() as fake, running(fake) as (at_work, runner):
        for number in range(FLOOD):
            await fake.throw(json.dumps([None, None, "events", "incoming_call", {"callUuid": f"u-{number}"}]))
        await until(lambda: len(runner.named("incoming_call")) == FLOOD, "everything came")
        assert len(at_work.sync.due) <= 5000
