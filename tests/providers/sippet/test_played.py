"""The simulator as the provider: its calls reach a real client, and operators' actions its world."""

from contextlib import suppress

from callcenter.domain.commands.order import Order, Verb
from callcenter.domain.summary import summary_of
from callcenter.providers.client import NotSent
from callcenter.providers.encode import encode
from callcenter.providers.simulator.services.play_sippet import play_sippet
from callcenter.providers.simulator.world import Plan
from callcenter.providers.sippet.client import SippetClient
from callcenter.providers.sippet.options import SippetSecrets
from tests.fakes.sippet import KEY
from tests.providers.sippet.running import Runner, quick, running, until


async def known(runner: Runner, more_than: int) -> None:
    await until(lambda: len(runner.calls()) > more_than, f"more than {more_than} calls came")


async def test_calls_of_the_world_reach_the_client_whole_in_spite_of_cuts_and_obey_it():
    async with (
        play_sippet(Plan(calls=12, rate=30, speed=30), seed="played", run="r", key=KEY) as played,
        running(played.service) as (client, runner),
    ):
        for number in range(3):
            await known(runner, 4 * number)
            played.service.cut()
        await until(lambda: runner.is_up and sum(state.completed for state in runner.calls().values()) > 10, "calls ended")
        while True:
            live = await until(lambda: next((c for c in played.world.talking if c.flags.live), None), "somebody talks")
            uuid = live.identity.call_id
            with suppress(NotSent):  # thirty times as fast as in life, a call may be over when the request arrives
                await client.command(encode("sippet", Order(verb=Verb.HANG_UP, call=uuid))[0])
                break
        await until(lambda: runner.status(uuid) == "completed", "it was hung up")


async def test_the_books_know_both_ends_of_calls_that_no_event_announces():
    async with (
        play_sippet(Plan(calls=12, rate=30, speed=30), seed="played", run="r", key=KEY) as played,
        running(played.service) as (_, runner),
    ):
        books = played.service.books
        await until(lambda: len(books.calls) > 60, "many calls began")
        assert all(row.get("fromNumber") and row.get("toNumber") and row.get("direction") for row in books.calls.values())
        some = list(books.calls)[:40]
        await until(
            lambda: all(summary_of(state).to_number for uuid, state in runner.calls().items() if uuid in some), "the client knows them too"
        )


async def test_the_check_is_content_with_it():
    async with play_sippet(Plan(calls=2), seed="played", run="r", key=KEY) as played:
        client = SippetClient(quick(played.service), SippetSecrets(secret_key=KEY))
        assert all([step.ok async for step in client.check()])
