"""A stream of a customer's process: read as it comes, opened anew after cuts and silence, honest about what is lost."""

import asyncio
from random import Random

import pytest
from msgspec.structs import replace

from callcenter.providers.client import Line, NotSent
from callcenter.providers.decode import decode
from callcenter.providers.pinecall.client.options import StreamOptions, StreamSecrets
from callcenter.providers.pinecall.client.sse import LONGEST, Parser, ServerEvent, TooLong
from callcenter.providers.pinecall.client.stream import StreamClient
from tests.providers.pinecall.client.desk import QUICK, running, until, up

BEARER = "Bearer stream-secret"


@pytest.fixture
def client(pinecall):
    pinecall.online = {"frontdesk", "billing"}
    pinecall.conduct.stream_value = BEARER
    options = StreamOptions(url=f"{pinecall.url}/events")
    return StreamClient(options, StreamSecrets(authorization=BEARER), pace=QUICK, rng=Random("jitter"))


def message(seq):
    return {"callId": "CA1", "messageId": f"u_{seq}", "text": "hé\nllo", "seq": seq, "agent": "frontdesk"}


def numbers(desk):
    return [frame["seq"] for frame in desk.events("user.message")]


async def test_pairs_become_frames_that_the_decoder_reads(pinecall, client):
    async with running(client) as desk:
        await until(lambda: desk.events("connected"), "the greeting")
        pinecall.stream("user.message", message(1))
        pinecall.stream("whatsapp.sessionEnded", {"event": "whatsapp.session_ended", "sessionId": "wa-1", "agent": "frontdesk"})
        await until(lambda: len(desk.taken) == 4, "all frames")
    assert desk.taken[:2] == [{"event": "connected", "agent": "billing"}, {"event": "connected", "agent": "frontdesk"}]
    assert desk.taken[2] == {"event": "user.message", **message(1)}
    assert [decode("pinecall", frame).name for frame in desk.taken[:4]] == [
        "connected",
        "connected",
        "user.message",
        "whatsapp.sessionEnded",
    ]


async def test_after_cuts_it_is_opened_anew_says_what_is_lost_and_doubles_nothing(pinecall, client):
    async with running(client) as desk:
        sent = []
        for round_number in range(8):
            await until(lambda: pinecall.readers and up(desk)(), "open")
            for seq in range(round_number * 100, round_number * 100 + 50):
                pinecall.stream("user.message", message(seq))
                sent.append(seq)
            await pinecall.cut()
            await until(lambda: not up(desk)(), "the cut is noticed")
        await until(lambda: numbers(desk) == sent, "everything that was sent")
    assert "it repeats nothing" in desk.everything_said
    lost = [frame["agent"] for frame in desk.events("bridge.voice")]
    assert lost.count("frontdesk") == lost.count("billing") >= 8


async def test_a_line_without_any_sign_of_life_is_opened_anew(pinecall, client):
    quick = StreamClient(client.options, client.secrets, pace=replace(QUICK, silence_s=0.3))
    async with running(quick) as desk:
        await until(lambda: desk.retries, "given up as dead")
        assert "The stream has been silent" in desk.everything_said
        pinecall.conduct.stream_ping_s = 0.05
        clock, seen = asyncio.get_running_loop().time, dict[object, float]()

        def outlived():
            now = clock()
            return any(now - seen.setdefault(reader, now) > 3 * 0.3 for reader in pinecall.readers)

        await until(outlived, "comments alone keep one open for three times the limit")


async def test_a_wrong_secret_stops_it_with_what_to_do(pinecall, client):
    pinecall.conduct.stream_value = "Bearer another"
    async with running(client) as desk:
        await until(lambda: desk.state is Line.STOPPED, "it stops")
    assert desk.words == "The process answers 401: it does not accept the value of the header. Correct it and save the connection."


@pytest.mark.parametrize(("status", "state", "words"), [(404, Line.WAITING, "check the address"), (502, Line.WAITING, "answers 502"),
    (204, Line.STOPPED, "over for good"), (301, Line.STOPPED, "has moved")])  # fmt: skip
async def test_what_is_no_stream_is_named(pinecall, client, status, state, words):
    pinecall.conduct.stream_status = status
    async with running(client) as desk:
        await until(lambda: desk.state is state, "it is said")
        assert words in desk.words


async def test_it_carries_no_commands(client):
    with pytest.raises(NotSent, match="This connection only listens"):
        await client.command({"event": "call.hold", "call_id": "CA1"})


WHOLE = b'event: a\ndata: {"x":\ndata: 1}\r\n\r\n:ping\r\rdata:no name\n\nevent: without data\n\nid: 7\nretry: 5\ndata: \xc3\xa9\r\n\r\n'
EVENTS = [ServerEvent("a", '{"x":\n1}'), ServerEvent("", "no name"), ServerEvent("", "é")]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_are_the_same_however_the_bytes_are_cut(size):
    parser = Parser()
    found = [event for at in range(0, len(WHOLE), size) for event in parser.feed(WHOLE[at : at + size])]
    assert found == EVENTS


@pytest.mark.parametrize("piece", [b"x" * 100_000, b"data: " + b"x" * 100_000 + b"\n"])
def test_an_event_without_an_end_does_not_fill_the_memory(piece):
    def endless():
        parser = Parser()
        for _ in range(LONGEST // len(piece) + 2):
            parser.feed(piece)

    with pytest.raises(TooLong):
        endless()
