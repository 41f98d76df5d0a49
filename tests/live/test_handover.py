"""Whoever is given a call, or loses one, is told on whatever page they have open; nobody else is, and nobody twice."""

import json
from datetime import UTC, datetime

import pytest
from asgiref.sync import sync_to_async

from callcenter.calls.holding import Held
from callcenter.calls.models import Call, Thread
from callcenter.commands.takeover import Actor, reassign, take_over
from callcenter.operators.models import Operator, Team
from tests.conftest import person
from tests.e2e.stories import Conversation
from tests.ingest.playing import Player, make_source
from tests.live.network import Browser, network
from tests.live.scene import WhatsApp

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def petra(north: Team) -> Operator:
    return person("petra", "operator", north)


@pytest.fixture(params=["call", "conversation"])
def held(request: pytest.FixtureRequest, north: Team) -> Held:
    said = WhatsApp() if request.param == "conversation" else Conversation("Noor")
    opening = said.opens() if isinstance(said, WhatsApp) else said.starts()
    Player(make_source()).send([opening])
    return Thread.objects.get() if isinstance(said, WhatsApp) else Call.objects.get()


def address(held: Held) -> str:
    return f"/calls/{held.call_uuid}/" if isinstance(held, Call) else f"/whatsapp/{held.pk}/"


def newest(held: Held) -> Held:
    return (Call if isinstance(held, Call) else Thread).objects.for_rows().get(pk=held.pk)


@sync_to_async
def take(held: Held, who: Operator) -> None:
    row = newest(held)
    take_over(row, Actor(who, datetime.now(UTC)), row.fence)


@sync_to_async
def give(held: Held, who: Operator, to: Operator, why: str = "") -> None:
    row = newest(held)
    reassign(row, to, Actor(who, datetime.now(UTC)), row.fence, why)


def said(browser: Browser) -> list[str]:
    return [text for text in browser.told if "say" in json.loads(text)]


async def test_both_are_told_who_gave_it_to_whom_and_why(held: Held, oskar: Operator, petra: Operator, supervisor: Operator) -> None:
    what = f"the {'call' if isinstance(held, Call) else 'conversation'} with Noor"
    await take(held, oskar)
    async with network() as running:
        loser, winner, giver = [
            await running.open(who, path) for who, path in ((oskar, address(held)), (petra, "/"), (supervisor, address(held)))
        ]
        await give(held, supervisor, petra, why="Speaks Portuguese")
        await loser.read_until(lambda: "say" in loser.data)
        await winner.read_until(lambda: "say" in winner.data)
        assert loser.data["say"] == f"sofia gave {what} to petra: Speaks Portuguese"
        assert winner.data["say"] == f"sofia gave you {what}: Speaks Portuguese"
        assert (winner.data["url"], winner.data["urgent"]) == (address(held), True)
        await give(held, supervisor, supervisor)
        await winner.read_until(lambda: "took" in winner.data["say"])
        assert winner.data["say"] == f"sofia took {what} from you."
        await giver.shows("You answer")
        await loser.settles()
        assert [len(said(browser)) for browser in (loser, winner, giver)] == [1, 2, 0]


async def test_who_takes_from_the_agent_surprises_nobody(held: Held, oskar: Operator, petra: Operator) -> None:
    async with network() as running:
        browsers = [await running.open(who, address(held)) for who in (oskar, petra)]
        await take(held, oskar)
        await browsers[0].shows("You answer")
        await browsers[1].shows("oskar answers")
        for browser in browsers:
            await browser.settles()
        assert [said(browser) for browser in browsers] == [[], []]
