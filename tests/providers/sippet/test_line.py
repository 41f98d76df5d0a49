"""The socket over loopback: joining, heartbeats, tokens, names of the channel, and whatever else a provider may do."""

import asyncio
import json
from collections.abc import Sequence
from random import Random

import pytest

from callcenter.providers.client import Line
from callcenter.providers.sippet.client import SippetClient
from callcenter.providers.sippet.options import SippetSecrets
from callcenter.providers.sippet.wire import TOGETHER, WAITING_FRAMES
from tests.fakes.sippet import KEY, FakeSippet, fake_sippet
from tests.providers.sippet.running import PATIENCE_S, Runner, quick, running, until


async def test_frames_of_the_channel_are_handed_on_as_they_came():
    async with fake_sippet() as fake, running(fake) as (_, runner):
        call = await fake.begin(push=True)
        await fake.answer_call(call)
        await fake.utter(call, "My boiler leaks.")
        await fake.end(call)
        await until(lambda: runner.named("call_ended"), "the end came")
        names = [frame[3] for frame in runner.got if isinstance(frame, list) and frame[2] == "events"]
        assert names == [
            "incoming_call", "call_participant_joined", "call_answered", "call_participant_joined",
            "call_transcript_delta", "call_transcript_completed", "call_ended",
        ]  # fmt: skip
        assert runner.got[0][:3] != runner.got[1][:3] or runner.got[0][3] == "phx_reply"
        assert runner.status(call) == "completed"


async def test_a_heartbeat_without_an_answer_means_a_new_socket():
    async with fake_sippet() as fake, running(fake, heartbeat_s=0.1) as (_, runner):
        fake.deaf = True
        await until(lambda: "stopped answering heartbeats" in runner.words, "the silence was noticed")
        fake.deaf = False
        await until(lambda: runner.is_up and fake.joins >= 2, "it came back")
        assert fake.minted >= 2


async def test_the_answer_to_a_heartbeat_is_handed_on_as_a_sign_of_life():
    async with fake_sippet() as fake, running(fake, heartbeat_s=0.3) as (_, runner):
        await until(lambda: len(runner.named("phx_reply")) >= 3, "three answers came")


async def test_every_connection_gets_a_token_of_its_own_and_an_expired_one_harms_no_open_socket():
    async with fake_sippet(ttl_s=0.2) as fake, running(fake) as (_, runner):
        await asyncio.sleep(0.3)  # the token's own life
        call = await fake.begin()
        await until(lambda: runner.named("incoming_call"), "the open socket still speaks")
        fake.cut()
        await until(lambda: fake.joins == 2, "a new socket was opened")
        await fake.end(call)
        await until(lambda: runner.status(call) == "completed", "the end came over it")
        assert fake.minted == 2


async def test_a_refused_key_stops_the_line_and_says_what_to_do():
    async with fake_sippet() as fake, running(fake, key="wrong-key-0815", up=False) as (_, runner):
        await until(lambda: runner.lines and runner.lines[-1][0] is Line.STOPPED, "it stopped")
        assert "refuses the secret key (401)" in runner.words
        assert "wrong-key-0815" not in runner.words


async def test_a_key_that_is_no_key_is_never_sent():
    async with fake_sippet() as fake, running(fake, key="line\nbreak", up=False) as (_, runner):
        await until(lambda: runner.lines and runner.lines[-1][0] is Line.STOPPED, "it stopped")
        assert "no usable secret key" in runner.words


async def test_settings_without_sense_stop_the_line_before_anything_is_sent():
    async with fake_sippet() as fake, running(fake, up=False, heartbeat_s=900.0) as (_, runner):
        await until(lambda: runner.lines and runner.lines[-1][0] is Line.STOPPED, "it stopped")
        assert "heartbeat_s must be between" in runner.words
        assert fake.minted == 0


async def test_another_name_of_the_channel_is_found_and_remembered():
    async with fake_sippet(topic="events:all") as fake:
        async with running(fake) as (_, runner):
            await fake.begin()
            await until(lambda: runner.named("incoming_call"), "the call came")
            assert runner.memory["topic for events"] == "events:all"
        again = Runner()
        again.memory = {"topic for events": "events:all"}
        async with running(fake, again):
            assert again.is_up


async def test_a_channel_nobody_knows_is_told_and_calls_still_come_by_asking():
    async with fake_sippet(topic="secret-name") as fake, running(fake, up=False, recheck_s=0.1) as (_, runner):
        await until(lambda: "set the channel's name" in runner.words, "it was told")
        call = await fake.begin()
        await until(lambda: runner.status(call) == "ringing", "the call was fetched")
        await fake.end(call)
        await until(lambda: runner.status(call) == "completed", "its end was fetched")
        assert len(fake.sockets) == 1


async def test_a_join_that_is_refused_for_another_reason_gets_a_new_token_and_slows_down():
    async with fake_sippet() as fake, running(fake, up=False) as (_, runner):
        fake.join_refusal = "unauthorized"
        fake.cut()
        await until(lambda: "That was 3 times in a row" in runner.words, "it was told")
        assert "Sippet refuses the channel: unauthorized" in runner.words
        assert (runner.lines[-1][2] or 0) >= 60
        assert fake.minted >= 3


async def test_a_socket_that_refuses_fresh_tokens_slows_down_and_calls_still_come_by_asking():
    async with fake_sippet() as fake:
        fake.refuse_tokens = True
        call = await fake.begin()
        async with running(fake, up=False) as (_, runner):
            await until(lambda: "That was 3 times in a row" in runner.words, "it was told")
            await until(lambda: runner.status(call) == "ringing", "the call was fetched")


async def test_a_crashed_and_a_closed_channel_is_joined_again_over_the_same_socket():
    async with fake_sippet() as fake, running(fake) as (_, runner):
        for number, event in enumerate(("phx_error", "phx_close"), 2):
            await fake.crash(event)
            await joined(fake, runner, number)
        assert fake.minted == 1
        call = await fake.begin(push=True)
        await until(lambda: runner.status(call) == "ringing", "the call came")


async def test_a_restart_of_the_provider_is_no_trouble():
    async with fake_sippet() as fake, running(fake) as (_, runner):
        await fake.restart()
        await until(lambda: fake.joins == 2, "it came back")
        assert runner.words.strip() == ""


async def test_a_join_without_an_answer_ends_the_try():
    async with fake_sippet() as fake:
        fake.mute_joins = True
        async with running(fake, up=False, join_timeout_s=0.1) as (_, runner):
            await until(lambda: "did not answer the join of events" in runner.words, "it was told")
            fake.mute_joins = False
            await until(lambda: runner.is_up, "it came up")


async def test_frames_of_an_older_join_and_of_other_channels_are_dropped():
    async with fake_sippet() as fake, running(fake) as (_, runner):
        await fake.throw('["99",null,"events","call_answered",{"callUuid":"old"}]')
        await fake.throw('[null,null,"other","call_answered",{"callUuid":"other"}]')
        call = await fake.begin()
        await until(lambda: runner.named("incoming_call"), "the call came")
        assert set(runner.calls()) == {call}


async def joined(fake: FakeSippet, runner: Runner, times: int) -> None:
    await until(lambda: fake.joins == times and runner.is_up, f"it is joined for the time {times}")


DEEP = '[null,null,"events","x",' + '{"a":' * 2000 + "1" + "}" * 2000 + "]"
HOSTILE = [
    "not json", "{}", "[1,2,3,4,5]", "[]", "null", '[null,null,"events","",{}]', '[null,["x"],"events","phx_reply",{}]',
    '[{"a":1},null,"events","call_ended",{"callUuid":"x"}]', '[null,"7","events","phx_reply","no object"]',
    '[null,null,"events","call_answered",null]', '[null,null,"events","call_answered",{"callUuid":5}]',
    '[null,null,"events","call_ended",{"callUuid":"%s"}]' % ("x" * 5000),
    '[null,null,"events","call_ended",{"callUuid":"a\\u0000b","endedAt":1e400}]',
    '[null,null,"events","call_ended",{"callUuid":"big","n":%s}]' % ("9" * 400),
    DEEP,
    '[null,null,"events","call_ended",{"callUuid":"half","text":"\\ud800"}]',
]  # fmt: skip


async def test_hostile_frames_neither_stop_the_line_nor_hide_what_follows():
    async with fake_sippet() as fake, running(fake) as (_, runner):
        for text in HOSTILE * 3:
            await fake.throw(text)
        call = await fake.begin()
        await until(lambda: runner.status(call) == "ringing", "the call after them came")
        assert fake.joins == 1
        nonsense = [frame for frame in runner.got if isinstance(frame, str)]
        assert 0 < len(nonsense) <= 20


async def test_no_word_and_no_representation_holds_a_secret(caplog):
    caplog.set_level("DEBUG")
    async with fake_sippet() as fake, running(fake) as (client, runner):
        fake.refuse_tokens = True
        fake.cut()
        await until(lambda: "refuses a token" in runner.words, "it was refused")
        ours = [record.getMessage() for record in caplog.records if record.name != "websockets.server"]  # the fake may write its own
        told = "\n".join([runner.words, repr(client.secrets), repr(client.options), *ours])
        assert KEY not in told
        assert not any(token in told for token in fake.tokens)


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_a_provider_that_cannot_answer_now_is_asked_again(status):
    async with fake_sippet() as fake:
        fake.statuses = [(status, {"retry-after": "0"})]
        async with running(fake) as (_, runner):
            assert "Sippet" in runner.words


@pytest.mark.parametrize("frames", [1, WAITING_FRAMES + TOGETHER + 100])
async def test_frames_that_cannot_be_handed_on_end_the_client_with_the_reason(frames: int):
    class Broken(Runner):
        async def frames(self, frames: Sequence[object]) -> None:
            await self.room.wait()
            raise RuntimeError(f"the disk is gone, and {len(frames)} frames are here")

    async with fake_sippet() as fake:
        runner = Broken()
        runner.room.clear()
        run = asyncio.create_task(SippetClient(quick(fake), SippetSecrets(secret_key=KEY), Random(1)).run(runner))
        await until(lambda: runner.is_up, "the line is up")
        for number in range(frames):
            await fake.throw(json.dumps([None, None, "events", "call_answered", {"callUuid": "u", "n": number}]))
        runner.room.set()
        with pytest.raises(RuntimeError, match="the disk is gone"):
            async with asyncio.timeout(PATIENCE_S):
                await run
