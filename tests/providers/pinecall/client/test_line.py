"""The line of a direct connection: signs of life, cuts, refusals, displacement, floods, nonsense."""

import asyncio
import logging
import socket
import tracemalloc
from random import Random

import pytest

from callcenter.providers.client import Line, NotSent
from callcenter.providers.pinecall.client.handup import MOST_BYTES, MOST_FRAMES
from callcenter.providers.pinecall.client.pace import Backoff, Pace
from callcenter.providers.pinecall.client.setup import AgentSetup
from tests.fakes.pinecall import PinecallService, serve_pinecall
from tests.providers.pinecall.client.desk import FRONTDESK, PATIENCE_S, Desk, direct, running, until, up

HEARTBEAT = Pace(ping_s=0.1, first_wait_s=0.02, longest_wait_s=0.1)


def word(number):
    return {"event": "bot.word", "agent_id": "frontdesk", "call_id": "CA1", "word": "w", "word_index": number, "seq": number}


def numbers(desk):
    return [frame["seq"] for frame in desk.events("bot.word")]


def waiting(client):
    """What has been read and not gone up yet."""
    assert client.session is not None
    return client.session.handup


async def test_after_twenty_cuts_at_random_moments_every_frame_that_was_sent_has_gone_up_once_and_in_order(pinecall):
    rng, seq = Random("cuts"), 0
    sent = []
    async with running(direct(pinecall.url)) as desk:
        for cut in range(20):
            await until(lambda: pinecall.holders and desk.state is Line.UP, f"registered before cut {cut}")
            for _ in range(rng.randrange(1, 400)):
                seq += 1
                if await pinecall.say(word(seq)):
                    sent.append(seq)
                if rng.random() < 0.05:
                    await asyncio.sleep(rng.random() / 200)
            await pinecall.cut()
            await until(lambda: desk.state is not Line.UP, "the cut is noticed")
        await until(lambda: numbers(desk) == sent, "everything is there")
    assert len(sent) == seq > 1000
    assert pinecall.connects >= 20
    assert len(desk.events("agent.created")) == 20
    lost = desk.events("bridge.voice")
    assert len(lost) == 20
    assert lost[0].items() >= {"agent_id": "frontdesk", "up": False}.items()


async def test_frames_of_a_line_that_broke_go_up_before_those_of_the_next_one(pinecall):
    async with running(direct(pinecall.url)) as desk:
        await until(up(desk), "the line is up")
        desk.room.clear()
        for number in range(50):
            await pinecall.say(word(number))
        await pinecall.cut()
        await until(lambda: pinecall.holders, "registered again while nothing could go up")
        await pinecall.say(word(50))
        desk.room.set()
        await until(lambda: numbers(desk) == list(range(51)), "all of them, in order")


async def test_what_was_read_goes_up_when_the_client_is_told_to_leave(pinecall):
    client = direct(pinecall.url)
    async with running(client) as desk:
        await until(lambda: desk.events("channel.added"), "nothing else is on its way")
        desk.room.clear()
        for number in range(20):
            await pinecall.say(word(number))
        await until(lambda: desk.offered + len(waiting(client)._frames) == len(desk.taken) + 20, "all of them are read")
        # Room is made only after the client has been told to leave.
        asyncio.get_running_loop().call_later(0.3, desk.room.set)
    assert numbers(desk) == list(range(20))
    assert desk.taken[-1]["event"] == "bridge.voice"


async def test_a_line_that_fell_silent_is_given_up_after_two_signs_of_life_and_made_anew(pinecall):
    async with running(direct(pinecall.url, pace=HEARTBEAT)) as desk:
        await until(up(desk), "the line is up")
        pinecall.fall_silent()
        await until(lambda: "silent for" in desk.words, "the silence is noticed")
        pinecall.fall_silent(silent=False)
        await until(lambda: pinecall.connects > 1 and up(desk)(), "up again")
    assert desk.retries


async def test_a_line_on_which_frames_come_is_alive_without_a_pong(pinecall):
    async with running(direct(pinecall.url, pace=HEARTBEAT)) as desk:
        await until(up(desk), "the line is up")
        pinecall.conduct.answers = False
        said, number = pings(pinecall), 0
        while pings(pinecall) < said + 5:
            await pinecall.say(word(number))
            number += 1
            await asyncio.sleep(0.01)
        await until(lambda: len(numbers(desk)) == number, "all frames")
    assert pinecall.connects == 1


async def test_a_runner_without_room_is_not_taken_for_a_dead_line(pinecall):
    client = direct(pinecall.url, pace=HEARTBEAT)
    async with running(client) as desk:
        await until(up(desk), "the line is up")
        desk.room.clear()
        talking = asyncio.create_task(flood(pinecall, 8 * MOST_FRAMES))
        await until(lambda: waiting(client).full, "nothing more fits")
        said = pings(pinecall)
        await until(lambda: pings(pinecall) > said + 4, "time for four signs of life")
        desk.room.set()
        await talking
        await until(lambda: len(numbers(desk)) == 8 * MOST_FRAMES, "everything")
    assert pinecall.connects == 1


def pings(pinecall):
    return [frame["event"] for frame in pinecall.received].count("ping")


async def flood(pinecall, count):
    for number in range(count):
        await pinecall.say(word(number))
        if number % 500 == 0:
            await asyncio.sleep(0)


async def test_a_flood_goes_up_whole_in_bounded_memory_and_bounded_batches(pinecall):
    count = 10_000
    async with running(direct(pinecall.url)) as desk:
        await until(up(desk), "the line is up")
        desk.taken, seen = [], list[int]()

        async def take(frames):
            await asyncio.sleep(0)
            desk.batches.append(len(frames))
            seen.extend(frame["seq"] for frame in frames if frame["event"] == "bot.word")

        desk.frames = take  # type: ignore[method-assign]
        tracemalloc.start()
        await flood(pinecall, count)
        await until(lambda: len(seen) == count, "everything")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert seen == list(range(count))
    assert max(desk.batches) <= MOST_FRAMES
    assert peak < 50_000_000, "while 10,000 frames passed"


async def test_a_runner_without_room_holds_the_provider_back(pinecall):
    client = direct(pinecall.url)
    async with running(client) as desk:
        await until(up(desk), "the line is up")
        desk.room.clear()
        peer = pinecall.holders["frontdesk"]
        big = {**word(0), "text": "x" * 100_000}
        for _ in range(1000):
            await peer.say(big)
        await until(lambda: waiting(client).full, "nothing more fits")
        assert peer.queue.qsize() > 500, "most of 100 MB wait at the provider, not here"
        assert waiting(client)._bytes <= MOST_BYTES
        desk.room.set()
        await until(lambda: len(numbers(desk)) == 1000, "everything")


async def test_nonsense_is_passed_over_and_what_follows_is_heard(pinecall):
    nonsense = [
        "", "not json", "[", "{", '"text"', "17", "null", "[1, 2]", '{"event": "\\ud800"}', "[" * 5000 + "]" * 5000, '{"a":' * 300 + "1" + "}" * 300,
        '{"event":"deep","a":' + "[" * 300 + "]" * 300 + "}", '{"event": {"deep": [1]}}', '{"event": null}', "{}", '{"event":"error","code":17,"error":{"no":"text"}}',
        '{"event":"agent.created","agent_id":17}', '{"event":"agent.created","agent_id":"stranger"}', '{"event":"llm.tool_call","tool_calls":"none"}',
        '{"event":"agent.displaced","agent_id":"stranger"}', '{"event":"error","code":"AGENT_CONFLICT","agent_id":"stranger"}',
        '{"event":"llm.tool_call","msg_id":["m"],"tool_calls":[{"id":{"a":1},"function":"x"}, 5]}', '{"event":"' + "x" * 100_000 + '"}',
    ]  # fmt: skip
    async with running(direct(pinecall.url)) as desk:
        await until(up(desk), "the line is up")
        for text in nonsense:
            await pinecall.holders["frontdesk"].put(text)
        await pinecall.say(word(1))
        await until(lambda: numbers(desk) == [1], "the frame after it")
        assert desk.state is Line.UP
    assert pinecall.connects == 1
    assert all(type(frame) is dict for frame in desk.taken)
    assert not desk.events("deep"), "deeper than whoever comes after could follow"


async def test_several_frames_in_one_array_go_up_one_by_one(pinecall):
    async with running(direct(pinecall.url)) as desk:
        await until(up(desk), "the line is up")
        await pinecall.holders["frontdesk"].put(str([word(1), word(2)]).replace("'", '"'))
        await until(lambda: numbers(desk) == [1, 2], "both")


async def test_a_recording_of_half_an_hour_comes_through(pinecall):
    async with running(direct(pinecall.url)) as desk:
        await until(up(desk), "the line is up")
        await pinecall.say({"event": "call.recording", "agent_id": "frontdesk", "call_id": "CA1", "audio": "UklGRg" * 6_500_000})
        [frame] = await until(lambda: desk.events("call.recording"), "the recording")
    assert len(frame["audio"]) == 39_000_000


async def test_a_displaced_agent_is_left_to_whoever_took_it(pinecall):
    client = direct(pinecall.url)
    async with running(client) as desk:
        await until(up(desk), "the line is up")
        await pinecall.displace("frontdesk", "released by an operator")
        await until(lambda: desk.state is Line.STOPPED, "it stops")
        with pytest.raises(NotSent):
            await client.command({"event": "call.hold", "call_id": "CA1"})
    assert "Agent frontdesk was taken over by someone else on purpose (released by an operator)" in desk.words
    assert "switch this connection off and on" in desk.words
    assert desk.events("agent.displaced")
    assert pinecall.connects == 1


async def test_a_displacement_is_known_by_its_text_without_a_frame(pinecall):
    async with running(direct(pinecall.url)) as desk:
        await until(up(desk), "the line is up")
        await pinecall.holders["frontdesk"].socket.close(4001, "agent displaced")
        await until(lambda: desk.state is Line.STOPPED, "it stops")
    assert "taken over by someone else on purpose" in desk.words


async def test_a_close_for_another_reason_is_come_back_from(pinecall):
    async with running(direct(pinecall.url)) as desk:
        await until(up(desk), "the line is up")
        await pinecall.holders["frontdesk"].socket.close(4001, "server restarts")
        await until(lambda: pinecall.connects == 2 and up(desk)(), "up again")
    assert "Pinecall closed the line (code 4001: server restarts)." in desk.everything_said


async def test_a_displaced_agent_stays_away_after_a_later_cut_while_the_others_come_back(pinecall):
    async with running(direct(pinecall.url, FRONTDESK, AgentSetup(id="billing"))) as desk:
        await until(lambda: len(pinecall.holders) == 2, "both are registered")
        await pinecall.holders["billing"].say({"event": "agent.displaced", "agent_id": "billing"})
        await until(lambda: "Agent billing was taken over" in desk.words, "it is said")
        assert desk.state is Line.UP
        pinecall.received.clear()
        await pinecall.cut()
        await until(lambda: pinecall.connects == 2 and up(desk)(), "up again")
    assert [frame["agent_id"] for frame in pinecall.received if frame["event"] == "agent.create"] == ["frontdesk"]


async def test_a_wrong_key_ends_in_a_sentence_and_is_not_tried_again(pinecall):
    async with running(direct(pinecall.url, key="pk_wrong_and_secret")) as desk:
        await until(lambda: desk.state is Line.STOPPED, "it stops")
    assert "Pinecall does not accept the API key (Invalid API key): copy it again" in desk.words
    assert pinecall.connects == 1


async def test_a_refusal_for_an_unknown_reason_is_tried_again(pinecall):
    pinecall.conduct.keys = {"another"}
    pinecall.conduct.refusal = "The service is being updated"
    async with running(direct(pinecall.url)) as desk:
        await until(lambda: pinecall.connects > 2, "tried again")
        pinecall.conduct.keys = {"pk_demo"}
        await until(up(desk), "up in the end")
    assert "Pinecall refuses the connection: The service is being updated." in desk.everything_said


async def test_a_server_that_does_not_greet_is_left_after_a_while(pinecall):
    pinecall.conduct.answers = False
    async with running(direct(pinecall.url, pace=Pace(answer_s=0.05, first_wait_s=0.02))) as desk:
        await until(lambda: "did not greet" in desk.words, "it is said")
        pinecall.conduct.answers = True
        await until(up(desk), "up in the end")


async def test_a_server_that_is_away_is_waited_for():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    async with running(direct(f"http://127.0.0.1:{port}")) as desk:
        await until(lambda: len(desk.retries) > 2, "three tries")
        assert f"Nothing answers at 127.0.0.1:{port}" in desk.words
        async with serve_pinecall(PinecallService(), port=port):
            await until(up(desk), "up when it comes")


async def test_a_server_that_answers_with_a_web_page_is_named_as_such(pinecall):
    async with running(direct(f"{pinecall.url}/elsewhere")) as desk:
        await until(lambda: desk.state is Line.WAITING, "it waits")
    assert "Pinecall answers 404 at 127.0.0.1" in desk.words


async def test_settings_without_an_agent_stop_before_anything_is_sent(pinecall):
    client = direct(pinecall.url)
    client.options = type(client.options)(server=pinecall.url)
    async with running(client) as desk:
        await until(lambda: desk.state is Line.STOPPED, "it stops")
    assert "Add at least one agent" in desk.words
    assert pinecall.connects == 0


async def test_no_secret_reaches_a_sentence_a_frame_or_a_log(pinecall, caplog):
    caplog.set_level(logging.DEBUG)
    async with running(direct(pinecall.url, key="pk_demo")) as desk:
        await until(up(desk), "the line is up")
        await pinecall.say({"event": "error", "agent_id": "frontdesk", "error": "key pk_demo may not do this"})
        await until(lambda: desk.troubles, "the error")
    assert desk.troubles == ["Pinecall reports an error: key *** may not do this."]
    assert "pk_demo" not in repr(desk.taken) + desk.everything_said + caplog.text


def test_waits_double_to_their_limit_with_a_quarter_of_jitter_on_top():
    pace = Pace()
    backoff = Backoff(pace.first_wait_s, pace.longest_wait_s, Random("waits"))
    for wanted in (1, 2, 4, 8, 16, 30, 30):
        assert wanted <= backoff.next() <= wanted * 1.25
    backoff.reset()
    assert 1 <= backoff.next() <= 1.25


async def test_frames_that_cannot_go_up_end_the_client_with_the_reason(pinecall):
    class Broken(Desk):
        async def frames(self, frames):
            if any(frame.get("event") == "bot.word" for frame in frames):
                raise RuntimeError("the disk is gone")

    desk = Broken()
    run = asyncio.create_task(direct(pinecall.url).run(desk))
    await until(up(desk), "the line is up")
    assert await pinecall.say(word(1))  # and nothing after it: the line is quiet
    with pytest.raises(RuntimeError, match="the disk is gone"):
        async with asyncio.timeout(PATIENCE_S):
            await run
    await until(lambda: not pinecall.holders, "the line was closed")
