"""What is missed is fetched: after a gap the calls are what the provider's books say, and nothing is told twice."""

import asyncio
from random import Random

from callcenter.domain.presence import stays_of
from callcenter.domain.summary import summary_of
from tests.fakes.sippet import FakeSippet, fake_sippet
from tests.providers.sippet.running import Runner, running, until


def texts(runner: Runner, call: str) -> list[str]:
    return [line.text or "" for line in runner.calls()[call].lines.values()]


def heard(runner: Runner) -> dict[str, list[str]]:
    return {uuid: sorted(line.text or "" for line in state.lines.values()) for uuid, state in runner.calls().items()}


def ended(runner: Runner) -> list[str]:
    return [uuid for uuid, state in runner.calls().items() if state.completed]


async def test_calls_that_ended_and_calls_that_began_while_the_line_was_down_are_there_after_it():
    async with fake_sippet() as fake, running(fake) as (_, runner):
        ended, going = await fake.begin(), await fake.begin()
        await fake.answer_call(ended)
        await until(lambda: runner.status(ended) == "answered" and runner.status(going) == "ringing", "both are known")
        fake.refuse_tokens = True
        fake.cut()
        await fake.utter(ended, "Nobody hears this.")
        await fake.end(ended, "busy")
        await fake.answer_call(going)
        missed, new = await fake.begin(), await fake.begin()
        await fake.answer_call(missed)
        await fake.utter(missed, "Nor this.")
        await fake.end(missed)
        fake.refuse_tokens = False
        await until(lambda: runner.is_up and runner.status(new) == "ringing", "the line is back")
        await until(lambda: runner.status(ended) == runner.status(missed) == "completed", "both ends were fetched")
        await until(lambda: runner.status(going) == "answered", "the answer was fetched")
        await until(lambda: missed in runner.calls() and texts(runner, missed) == ["Nor this."], "its words were fetched")
        assert texts(runner, ended) == ["Nobody hears this."]
        told = summary_of(runner.calls()[ended])
        assert (told.from_number, told.to_number, told.direction, told.end_reason) == ("+14045550119", "+14045550100", "inbound", "busy")
        assert {stay.role for stay in stays_of(runner.calls()[missed])} == {"caller", "ai_agent"}


async def looked_again(fake: FakeSippet, runner: Runner, joins: int) -> None:
    await until(lambda: fake.joins == joins and runner.is_up, "it is back")
    asked = len(fake.asked)
    await until(lambda: len(fake.asked) >= asked + 3, "it looked again")


async def more(runner: Runner, event: str, than: int) -> None:
    await until(lambda: len(runner.named(event)) > than, f"another {event}")


async def test_records_that_did_not_change_are_journaled_once_however_often_they_are_fetched():
    async with fake_sippet() as fake:
        first, second, third = Runner(), Runner(), Runner()
        async with running(fake, first):
            call, over = await fake.begin(), await fake.begin()
            await fake.answer_call(call)
            await fake.utter(call, "Still here.")
            await fake.end(over)
            await until(lambda: first.named("fetched_call_ended") and first.named("fetched_participant_joined"), "all was fetched")
            once = len(first.named("fetched_call_ended"))
            for joins in (2, 3, 4):
                fake.cut()
                await looked_again(fake, first, joins)
            assert len(first.named("fetched_call_ended")) == once
        for before, after in ((first, second), (second, third)):  # a restarted process knows nothing of what was handed on
            after.got, after.memory = list(before.got), before.memory
            async with running(fake, after):
                await more(after, "fetched_call_ended", len(before.named("fetched_call_ended")))
                await more(after, "fetched_transcript", len(before.named("fetched_transcript")))
        assert len(third.got) > len(second.got)
        assert len(third.journal()) == len(second.journal())
        assert texts(third, call) == ["Still here."]


async def test_a_fetched_call_and_its_events_in_any_order_are_one_state():
    async with fake_sippet() as fake, running(fake) as (_, runner):
        call = await fake.begin()
        await fake.answer_call(call)
        await fake.utter(call, "Hello?")
        await fake.end(call)
        await until(lambda: runner.named("fetched_call_ended") and runner.named("fetched_participant_joined"), "it was fetched")
        await asyncio.sleep(0)
        plain = summary_of(runner.calls()[call])
        order = Random(5)
        for _ in range(20):
            shuffled = Runner()
            shuffled.got = [frame for frame in runner.got if frame not in runner.named("call_transcript_delta")]
            order.shuffle(shuffled.got)
            told = summary_of(shuffled.calls()[call])
            assert (told.status, told.started_at, told.answered_at, told.ended_at, told.duration_s) == (
                plain.status, plain.started_at, plain.answered_at, plain.ended_at, plain.duration_s,
            )  # fmt: skip
            assert len(stays_of(shuffled.calls()[call])) == 2
            assert texts(shuffled, call) == ["Hello?"]


async def test_a_call_nobody_announced_is_fetched():
    async with fake_sippet() as fake, running(fake) as (_, runner):
        fake.books.keep("incoming_call", {"callUuid": "u", "callId": "r", "fromNumber": "+1404", "toNumber": "+1405"}, 1782900000.0)
        await fake.send("call_answered", {"callUuid": "u"})
        await until(lambda: runner.named("fetched_call_ringing"), "it was fetched")
        assert summary_of(runner.calls()["u"]).from_number == "+1404"


async def test_a_call_gone_silent_is_asked_for_and_seen_or_completed():
    async with fake_sippet() as fake, running(fake, recheck_s=0.2) as (_, runner):
        going, over = await fake.begin(), await fake.begin()
        await until(lambda: len(runner.calls()) == 2, "both are known")
        fake.books.keep("call_ended", {"callUuid": over, "status": "completed"}, 1782900000.0)
        await until(lambda: runner.status(over) == "completed", "the end was found")
        seen = len(runner.named("fetched_call_seen"))
        await until(lambda: len(runner.named("fetched_call_seen")) > seen + 2, "the other is seen again and again")
        assert {frame["call_uuid"] for frame in runner.named("fetched_call_seen")[-2:]} == {going}


async def test_twenty_cuts_at_random_while_calls_go_on_end_every_call_right():
    chance = Random(20)
    async with fake_sippet() as fake, running(fake) as (_, runner):
        said: dict[str, list[str]] = {}
        endings: dict[str, str] = {}

        async def call() -> None:
            await asyncio.sleep(chance.random())
            uuid = await fake.begin(push=chance.random() < 0.5)
            await asyncio.sleep(chance.random() / 5)
            if chance.random() < 0.8:
                await fake.answer_call(uuid)
                for number in range(chance.randint(1, 4)):
                    await asyncio.sleep(chance.random() / 5)
                    said.setdefault(uuid, []).append(f"line {number} of {uuid}")
                    await fake.utter(uuid, said[uuid][-1])
            endings[uuid] = chance.choice(("completed", "no_answer", "failed"))
            await fake.end(uuid, endings[uuid])

        async def cuts() -> None:
            for number in range(20):
                await asyncio.sleep(chance.random() / 8)
                if number % 5:
                    fake.cut()
                else:
                    await fake.crash()

        await asyncio.gather(cuts(), *(call() for _ in range(100)))
        await until(lambda: runner.is_up, "the line is up at last")
        await until(lambda: len(ended(runner)) == 100, "every call ended")
        states = runner.calls()
        assert {uuid: summary_of(states[uuid]).end_reason for uuid in endings} == {
            uuid: "" if status == "completed" else status for uuid, status in endings.items()
        }
        await until(lambda: {uuid: lines for uuid, lines in heard(runner).items() if lines} == said, "every line is there, once")
        assert not any("Traceback" in words for words in runner.troubles)


async def test_without_lists_of_details_calls_are_still_repaired_and_the_lack_is_told_once():
    async with fake_sippet() as fake:
        fake.missing_actions = {"list_call_participants", "list_call_transcripts"}
        async with running(fake) as (_, runner):
            call = await fake.begin()
            await until(lambda: runner.named("fetched_call_ringing"), "it was fetched")
            fake.cut()
            await fake.end(call)
            await until(lambda: runner.status(call) == "completed", "its end was fetched")
            assert runner.words.count("refuses list_call_participants") == 1


async def test_fields_that_the_provider_does_not_have_are_left_out():
    async with fake_sippet() as fake:
        fake.missing_fields = {"callSource", "conversationId", "speaker"}
        async with running(fake) as (_, runner):
            call = await fake.begin()
            await until(lambda: runner.named("fetched_call_ringing"), "it was fetched")
            assert runner.status(call) == "ringing"
            assert not runner.troubles


async def test_a_list_that_is_refused_is_told_in_the_provider_s_words_and_the_events_still_come():
    async with fake_sippet() as fake:
        fake.missing_actions = {"list_calls"}
        async with running(fake) as (_, runner):
            await until(lambda: "Action list_calls not found" in runner.words, "it was told")
            call = await fake.begin()
            await until(lambda: runner.status(call) == "ringing", "the event came")


async def test_too_many_requests_are_slowed_down_and_made_up_for():
    async with fake_sippet() as fake, running(fake) as (_, runner):
        await until(lambda: fake.asked, "the first look")
        fake.statuses = [(429, {"retry-after": "0"}), (500, {})]
        call = await fake.begin()
        await until(lambda: runner.named("fetched_call_ringing"), "it was fetched in the end")
        assert runner.status(call) == "ringing"
        assert "asks for fewer requests (429)" in runner.words
