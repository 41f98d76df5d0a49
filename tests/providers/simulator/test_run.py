"""Whole runs over a real socket: acknowledged, cut and resumed, commanded, recorded, finished."""

import asyncio
import json
from collections import Counter

import pytest
from websockets.asyncio.server import serve

from callcenter.providers.simulator.client import UnwelcomeError
from callcenter.providers.simulator.faults import Troubles
from callcenter.providers.simulator.options import Target
from callcenter.providers.simulator.run import Run, simulate
from callcenter.providers.simulator.world import Plan
from tests.providers.simulator.consoles import options, tiny_console


async def test_everything_that_is_sent_is_acknowledged_and_counted():
    async with tiny_console() as console:
        summary = await simulate(options(console))
    assert summary["calls_started"] >= 15
    assert summary["frames_sent"] == len(console.frames()) > 200
    assert summary["envelopes_sent"] == summary["envelopes_acknowledged"] == len(console.committed)
    assert summary["durable_sent"] == summary["durable_acknowledged"] > 50
    assert summary["unacknowledged"] == summary["reconnects"] == summary["shed"] == 0


async def test_both_providers_begin_with_their_own_greeting():
    async with tiny_console() as console:
        await simulate(options(console, duration=0.3))
    assert console.frames("pinecall")[0] == {"event": "connected", "agent": "harbour-dental"}
    assert console.frames("pinecall")[1]["event"] == "bridge.snapshot"
    assert console.frames("sippet")[0][3] == "phx_reply"


async def test_frames_travel_in_batches():
    async with tiny_console() as console:
        summary = await simulate(options(console, Plan(calls=40, rate=200, speed=10, meters=10), batch=0.1))
    assert summary["frames_sent"] / summary["envelopes_sent"] > 10


async def run_until(console, ready, what, **more):
    """A run without an end of its own that is stopped when something has happened; its summary."""
    run = Run(options(console, duration=0, **more))
    performing = asyncio.create_task(run.perform())
    await console.until(ready, what)
    console.cut_every = 0
    run.stop()
    return await performing


async def test_a_line_that_is_cut_loses_and_doubles_nothing():
    async with tiny_console() as console:
        console.cut_every = 17
        summary = await run_until(console, lambda: len(console.sockets) > 3, "three cuts", slugs=("pinecall-demo",))
        ids = sorted(number for _, number in console.committed)
    assert summary["reconnects"] >= 3
    assert summary["unacknowledged"] == 0
    assert ids == list(range(1, len(ids) + 1))
    assert summary["durable_acknowledged"] == summary["durable_sent"]
    copies = Counter(text for text in console.messages if '"id":' in text)
    assert max(copies.values()) > 1, "an envelope that was not acknowledged is sent again as it was"


async def test_the_simulator_cuts_its_own_line_when_told_to():
    async with tiny_console() as console:
        summary = await run_until(console, lambda: len(console.sockets) > 2, "two cuts", slugs=("pinecall-demo",), drops=0.4)
    assert summary["reconnects"] >= 2
    assert summary["unacknowledged"] == 0
    assert [frame for frame in console.frames() if frame == {"event": "connected", "agent": "casa-lola"}][1:]


async def test_a_console_that_does_not_acknowledge_is_not_flooded():
    async with tiny_console() as console:
        console.deaf = True
        summary = await simulate(options(console, slugs=("pinecall-demo",), window=3, patience=0.2))
    assert len(console.messages) == 3
    assert summary["unacknowledged"] == 3
    assert summary["durable_acknowledged"] == 0


async def test_a_wrong_token_ends_the_run_with_a_word():
    async with tiny_console() as console:
        wrong = Target("pinecall-demo", "guess", "pinecall")
        chosen = options(console)
        with pytest.raises(UnwelcomeError, match="403"):
            await simulate(type(chosen)(url=console.url, targets=(wrong,), seed="s", run="r", duration=5))


async def test_a_console_that_comes_late_is_waited_for():
    async with tiny_console() as console:
        chosen = options(console, duration=3.0, slugs=("pinecall-demo",))
        port = int(console.url.rsplit(":", 1)[1])
    run = Run(chosen)
    performing = asyncio.create_task(run.perform())
    await asyncio.sleep(0.5)
    async with serve(console.talk, "127.0.0.1", port, process_request=console.check):
        summary = await performing
    assert summary["durable_acknowledged"] == summary["durable_sent"] > 0


async def test_a_run_that_never_found_its_console_stops_when_asked():
    async with tiny_console() as console:
        chosen = options(console, duration=0)
    run = Run(chosen)
    performing = asyncio.create_task(run.perform())
    await asyncio.sleep(0.2)
    run.stop()
    summary = await asyncio.wait_for(performing, 20)
    assert summary["frames_sent"] == summary["calls_started"] == 0


async def test_commands_come_down_the_socket_and_take_effect():
    async with tiny_console() as console:
        run = Run(options(console, Plan(calls=10, rate=50, meters=0), slugs=("pinecall-demo",), channels=("phone",), duration=0))
        performing = asyncio.create_task(run.perform())
        call = await console.until(
            lambda: next((frame["callId"] for frame in console.frames() if frame["event"] == "call.started"), None), "a call"
        )
        socket = console.sockets[-1]
        await socket.send(json.dumps({"id": "c-1", "command": {"event": "call.hold", "call_id": call}}))
        await socket.send(json.dumps({"action": "ping"}))
        await socket.send("not json")
        await console.until(lambda: any(f["event"] == "call.held" and f["callId"] == call for f in console.frames()), "call.held")
        run.stop()
        await performing
    assert console.answers == [{"command": "c-1", "status": "sent"}, {"event": "pong"}]


async def test_faults_leave_every_durable_frame_in_place():
    troubles = Troubles(duplicates=0.1, reorder=0.3, malformed=0.05)
    async with tiny_console() as console:
        summary = await run_until(console, lambda: console.unreadable and len(console.sockets) > 3, "faults", troubles=troubles, drops=0.7)
    assert summary["copies_sent"] > 0
    assert summary["malformed_sent"] > 0
    assert summary["unacknowledged"] == 0
    assert summary["durable_acknowledged"] == summary["durable_sent"] > 0


async def test_the_record_holds_every_acknowledged_envelope(tmp_path):
    file = tmp_path / "record.ndjson"
    async with tiny_console() as console:
        summary = await simulate(options(console, record=str(file)))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(lines) == summary["envelopes_acknowledged"]
    assert {(line["stream"], line["id"]): line["frames"] for line in lines} == console.committed
    assert {line["connection"] for line in lines} == {"pinecall-demo", "sippet-demo"}


async def test_the_end_can_wait_for_the_calls():
    async with tiny_console() as console:
        plan = Plan(calls=10, rate=50, speed=60, meters=0)
        finished = await simulate(options(console, plan, finish=True, duration=0.5))
        cut = await simulate(options(console, plan, duration=0.5))
    assert finished["calls_live"] == 0
    assert finished["calls_started"] == finished["calls_ended"]
    assert cut["calls_live"] > 0


async def test_a_run_stops_when_asked_and_at_once_when_asked_twice():
    async with tiny_console() as console:
        run = Run(options(console, finish=True, duration=0))
        performing = asyncio.create_task(run.perform())
        await console.until(lambda: len(console.frames()) > 50, "frames")
        run.stop()
        run.stop()
        summary = await performing
    assert summary["calls_live"] > 0
    assert summary["unacknowledged"] == 0
