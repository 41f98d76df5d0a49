"""The simulator as the Pinecall service: its world speaks to real clients, obeys them, and is heard live."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from callcenter.providers.pinecall.client.observer import ObserverClient
from callcenter.providers.pinecall.client.options import ObserverOptions, ObserverSecrets, StreamOptions, StreamSecrets
from callcenter.providers.pinecall.client.setup import AgentSetup
from callcenter.providers.pinecall.client.stream import StreamClient
from callcenter.providers.simulator.services.pinecall_world import PinecallWorld
from callcenter.providers.simulator.services.present import present
from callcenter.providers.simulator.world import Plan
from tests.fakes.pinecall import Conduct, PinecallService, serve_pinecall
from tests.providers.pinecall.client.desk import QUICK, direct, running, until, up
from tests.servers import WAIT_S

AGENTS = ("harbour-dental", "northgate-bikes", "casa-lola", "rivera-home", "tienda-solana")


@asynccontextmanager
async def playing():
    service = PinecallService()
    world = PinecallWorld(service, Plan(calls=30, rate=200, speed=10, meters=0), "seed", "run")
    async with serve_pinecall(service):
        clock = asyncio.create_task(world.run())
        try:
            yield service
        finally:
            clock.cancel()
            await asyncio.gather(clock, return_exceptions=True)


async def test_its_calls_reach_a_direct_client_and_obey_its_commands():
    async with playing() as service:
        client = direct(service.url, *(AgentSetup(id=agent) for agent in AGENTS))
        async with running(client) as desk:
            await until(lambda: len(service.holders) == len(AGENTS), "every agent is held")
            started = await until(
                lambda: [frame for frame in desk.events("call.started") if frame.get("transport") == "phone"], "calls on the phone"
            )
            for frame in started[-3:]:
                await client.command({"event": "call.hangup", "call_id": frame["call_id"]})
            asked = {frame["call_id"] for frame in started[-3:]}
            await until(lambda: asked & {frame["call_id"] for frame in desk.events("call.ended")}, "one that was hung up")


async def test_its_process_reaches_a_stream_and_its_log_an_observer():
    async with playing() as service:
        stream = StreamClient(StreamOptions(url=f"{service.url}/events"), StreamSecrets(), pace=QUICK)
        options = ObserverOptions(server=service.url, agents=AGENTS)
        async with running(stream) as heard, running(ObserverClient(options, ObserverSecrets(api_key="pk_demo"), pace=QUICK)) as read:
            await until(
                lambda: {"call.started", "user.message", "bot.word"} <= {frame["event"] for frame in heard.taken}, "a stream's calls"
            )
            await until(lambda: {"call.started", "user.message"} <= {frame.get("type") for frame in read.taken}, "the log's calls")
    assert all("agent_id" not in frame for frame in heard.taken)
    seqs = [frame["seq"] for frame in read.taken if frame.get("agent") == "casa-lola" and "seq" in frame]
    assert seqs == sorted(set(seqs))


async def test_a_call_can_be_heard_live_with_the_key_only():
    async with serve_pinecall(PinecallService()) as service:
        base = service.url.replace("http", "ws") + "/live/CA1/ws?token="
        with pytest.raises(InvalidStatus, match="401"):
            await connect(base + "wrong", proxy=None, open_timeout=WAIT_S)
        async with connect(base + "pk_demo", proxy=None, open_timeout=WAIT_S) as socket:
            assert '"sampleRate":8000' in await socket.recv(decode=True)
            assert len(await socket.recv()) == 800
            service.sounding("CA1").set()
            last = [piece async for piece in socket][-1]
    assert last == b""


async def test_a_line_that_lags_brings_everything_later():
    async with serve_pinecall(PinecallService()) as service, running(direct(service.url)) as desk:
        await until(up(desk), "the line is up")
        service.conduct.lag_s = 0.02
        for number in range(10):
            await service.say({"event": "turn.end", "agent_id": "frontdesk", "call_id": "CA1", "turn_id": number})
        await until(lambda: [frame["turn_id"] for frame in desk.events("turn.end")] == list(range(10)), "all of it, in order")


async def test_it_presents_itself_and_counts_what_came():
    said: list[str] = []
    world = PinecallWorld(PinecallService(Conduct(keys={"pk_shown"})), Plan(calls=5, rate=50, speed=10, meters=0), "seed", "run")
    stopping = asyncio.Event()
    playing = asyncio.create_task(present(world, 0, duration=0, said=said.append, stopping=stopping))
    await until(lambda: said, "it says where it is")
    url = said[0].split()[4]
    async with running(direct(url, *(AgentSetup(id=agent) for agent in AGENTS), key="pk_shown")) as desk:
        await until(lambda: desk.events("call.started"), "a call")
    stopping.set()
    counted = await playing
    assert counted["connects"] == 1
    assert counted["calls_started"] > 0
