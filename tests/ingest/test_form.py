"""A plain stream of the SDK is told from whatever takes commands: the floor says what it cannot do."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from callcenter.console.filters import Filters
from callcenter.console.floor import STREAMS_CANNOT, audience_of
from callcenter.console.loading import load_floor
from callcenter.domain.commands.capability import POSTS_ONLY
from callcenter.operators.models import Operator
from tests.ingest.doors import WAIT_S, Door, Socket
from tests.ingest.frames import CALL
from tests.ingest.playing import TOKEN

GREETING = {"event": "connected", "agent": "frontdesk"}
CARRIED = {"event": "user.message", "callId": CALL, "text": "hello", "messageId": "u1", "agent": "frontdesk"}
HELD = {"event": "call.held", "callId": CALL, "agent": "frontdesk"}
SNAPSHOT = {"event": "bridge.snapshot", "calls": [], "agent": "frontdesk"}


async def cannot(admin: Operator, until: str) -> str:
    """What the floor says that the connection cannot do, once it is this."""

    deadline = asyncio.get_running_loop().time() + WAIT_S
    said = None
    while said != until and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.05)
        said = (await sync_to_async(lambda: load_floor(audience_of(admin), Filters()))()).connections[0].words
    assert said == until
    return said


@pytest.fixture
async def stream(door: Door) -> Socket:
    """A socket that was handed to an agent."""
    socket = await door.open()
    for frame in (GREETING, CARRIED):
        await socket.ask(frame)
    return socket


async def test_a_plain_stream_cannot_take_commands(stream: Socket, admin: Operator) -> None:
    assert await cannot(admin, STREAMS_CANNOT)


@pytest.mark.parametrize(
    "more",
    [HELD, SNAPSHOT, {"stream": "s", "id": 1, "frames": [CARRIED]}, {"command": "2f6d8b0e-95c1-4a73-b8d1-7e6f3a0c4d59", "status": "sent"}],
    ids=["an event that no stream has", "an event of the bridge", "an envelope", "an answer to a command"],
)
async def test_what_does_more_than_a_stream_is_none(stream: Socket, admin: Operator, more: Any) -> None:
    await cannot(admin, STREAMS_CANNOT)
    await stream.say(json.dumps(more))
    assert await cannot(admin, "") == ""


async def test_what_only_posts_only_listens_until_it_opens_a_socket_that_takes_commands(door: Door, admin: Operator) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    address = f"/ingest/{door.source.slug}/"
    assert (await door.http.post(address, CARRIED, content_type="application/json", headers=bearer)).status_code == 202
    await cannot(admin, POSTS_ONLY)
    await door.open()
    assert await cannot(admin, "") == ""


async def test_a_bridge_beside_the_stream_is_enough(door: Door, stream: Socket, admin: Operator) -> None:
    await cannot(admin, STREAMS_CANNOT)
    await (await door.open()).ask([GREETING, SNAPSHOT])
    assert await cannot(admin, "") == ""
