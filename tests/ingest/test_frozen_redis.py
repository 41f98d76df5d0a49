"""A Redis that stands still, as a process that is stopped or behind a cable that is cut: frames come in as ever."""

import asyncio
import os
import time
from typing import Any

from channels.layers import get_channel_layer

from callcenter.calls import live_state
from callcenter.ingest.telling import FEED
from callcenter.journal.models import Entry
from tests.e2e.outside import until
from tests.ingest.doors import WAIT_S, Door
from tests.ingest.frames import CALL, speaking, started, word
from tests.ingest.test_telling import send
from tests.servers import frozen


async def test_commits_are_acknowledged_and_hints_come_again_when_it_answers(door: Door) -> None:
    layer: Any = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(FEED, channel)
    await send(door, 0)
    with frozen(os.environ["REDIS_URL"]):
        async with asyncio.timeout(WAIT_S):  # ten commits that each wait for Redis take more than a minute
            for number in range(1, 11):
                await send(door, number)
    assert await Entry.objects.filter(scope__startswith="call:", event="user.message").acount() == 11
    answers_since = time.time()
    await send(door, 11)
    async with asyncio.timeout(WAIT_S):
        while (await layer.receive(channel))["sent"] < answers_since:
            pass


async def test_a_word_that_was_said_meanwhile_and_followed_by_nothing_is_live_when_it_answers(door: Door) -> None:
    socket = await door.open()
    await socket.ask(started(0))
    await socket.ask(speaking(1, "m1", "good morning"))
    with frozen(os.environ["REDIS_URL"]):
        await socket.ask(word(1.1, "m1", 0, "good"))
        await asyncio.to_thread(until, lambda: live_state.store().is_away, "Redis that does not answer")
        await socket.ask(word(1.2, "m1", 1, "morning"))
    await asyncio.to_thread(until, lambda: said() == ["good morning"], "the last word")


def said() -> list[str]:
    live = live_state.store().get([CALL]).get(CALL)
    return [line.text for line in live.lines] if live else []
