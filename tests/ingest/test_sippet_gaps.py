"""Sippet's client before the real pipeline: after cuts the rows are right, and a refold of the journal gives the same."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from random import Random

from asgiref.sync import sync_to_async
from django.core.management import call_command

from callcenter.calls.models import Call, TranscriptEntry
from callcenter.ingest.message import Message
from callcenter.ingest.pipeline import pipeline
from callcenter.journal.models import DeadLetter, Entry
from callcenter.providers.sippet.client import SippetClient
from tests.fakes.sippet import FakeSippet, fake_sippet
from tests.ingest.doors import Door
from tests.ingest.playing import make_source
from tests.providers.sippet.running import Runner, running, until

CALLS = 20


class Relay(Runner):
    """Hands frames to the pipeline, each in a numbered envelope."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self.door, self.numbers = door, count(1)

    async def frames(self, frames: Sequence[object]) -> None:
        await pipeline().submit(Message(self.door.source, list(frames), datetime.now(UTC), "line", next(self.numbers)))


async def test_rows_are_right_after_cuts_and_stay_so_when_they_are_folded_again(door: Door) -> None:
    door.source = await sync_to_async(make_source)("sippet", "phones", "in_phones-token-0123456789")
    chance = Random(7)
    async with fake_sippet() as fake, running(fake, Relay(door)) as (client, _):
        await asyncio.gather(cuts(fake, chance), *(call(fake, chance) for _ in range(CALLS)))
        for _ in range(2):  # one question after the other: the second look comes after whatever was still being asked
            await look_again(fake, client)
        entries = await Entry.objects.acount()
        await look_again(fake, client)
        assert await Entry.objects.acount() == entries  # nothing changed, so nothing was added
    assert await Call.objects.filter(status="completed").acount() == CALLS
    assert await TranscriptEntry.objects.acount() == CALLS
    assert not await DeadLetter.objects.aexists()
    await sync_to_async(call_command)("rebuild_calls", "--check")


async def look_again(fake: FakeSippet, client: SippetClient) -> None:
    """Cut the line, and wait until everything was fetched after it."""
    sync, joins = client.sync, fake.joins
    fake.cut()
    await until(lambda: fake.joins > joins and sync.joined_at and sync.done == sync.wanted and not sync.due, "all was fetched")


async def call(fake: FakeSippet, chance: Random) -> None:
    await asyncio.sleep(chance.random() / 2)
    uuid = await fake.begin()
    await fake.answer_call(uuid)
    await asyncio.sleep(chance.random() / 4)
    await fake.utter(uuid, "My boiler leaks.")
    await asyncio.sleep(chance.random() / 4)
    await fake.end(uuid)


async def cuts(fake: FakeSippet, chance: Random) -> None:
    for _ in range(8):
        await asyncio.sleep(chance.random() / 8)
        fake.cut()
