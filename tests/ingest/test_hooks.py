"""Webhooks of Sippet, and records that were fetched: hints lead to a fetch, and nothing is journaled twice."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from callcenter.calls.models import Call
from callcenter.domain.events.console import CallLost
from callcenter.ingest.message import Fact
from callcenter.ingest.pipeline import pipeline
from callcenter.journal.connections import hook_key, hook_path, rotate_token
from callcenter.journal.models import Connection, Entry
from tests.ingest.doors import Door, Socket
from tests.ingest.frames import CALL
from tests.ingest.playing import make_source

TOKEN = "in_phones-token-0123456789"
DELIVERY = {"id": "evt_71c0", "type": "call.updated", "occurred_at": "2026-07-01T14:03:06Z", "data": {"call_uuid": CALL}}
RECORD = {"event": "fetched_call_answered", "call": {"callUuid": CALL, "status": "answered", "startedAt": "2026-07-01T14:03:06Z"}}


@pytest.fixture
async def phones(door: Door) -> Connection:
    """A Sippet connection whose client is at work."""
    door.source = await sync_to_async(make_source)("sippet", "phones", TOKEN)
    return await Connection.objects.aget(slug="phones")


async def opened(door: Door) -> Socket:
    communicator = door.communicator("phones", TOKEN)
    assert (await communicator.connect(30))[0]
    return Socket(communicator)


async def deliver(door: Door, path: str, body: Any) -> int:
    answer = await door.http.post(path, body, content_type="application/json")
    return answer.status_code


async def test_a_delivery_is_kept_once_and_its_call_is_to_be_fetched(door: Door, phones: Connection) -> None:
    socket = await opened(door)
    assert await deliver(door, hook_path(phones), DELIVERY) == 202
    assert (await socket.hear())["command"] == {"action": "list_calls", "filter": {"callUuid": {"eq": CALL}}}
    assert await deliver(door, hook_path(phones), {**DELIVERY, "attempt": 2}) == 202
    assert await Entry.objects.acount() == 1
    assert not await Call.objects.aexists()  # what it says is not believed
    assert await deliver(door, hook_path(phones), {"id": "evt_2", "type": "contact.created"}) == 202
    assert (await socket.hear())["command"] == {"action": "list_calls", "filter": {}}  # and of the repetition nothing came


async def test_without_a_socket_a_delivery_is_kept_all_the_same(door: Door, phones: Connection) -> None:
    assert await deliver(door, hook_path(phones), DELIVERY) == 202
    assert await Entry.objects.acount() == 1


@pytest.mark.parametrize("body", [[], "text", {"type": "call.updated"}, {"id": 5, "type": "x"}, {"id": "evt_3"}])
async def test_what_is_no_delivery_is_refused(door: Door, phones: Connection, body: Any) -> None:
    assert await deliver(door, hook_path(phones), body) == 400
    assert not await Entry.objects.aexists()


async def test_a_refusal_is_logged_without_the_key(door: Door, phones: Connection, caplog: pytest.LogCaptureFixture) -> None:
    path = hook_path(phones)
    assert await deliver(door, path, []) == 400
    assert (await door.http.get(path)).status_code == 405
    assert (await door.http.get(path.removesuffix("/"))).status_code in (301, 404)
    assert await deliver(door, path.removesuffix("/") + "/more/", DELIVERY) == 404
    assert caplog.text.count("/ingest/phones/hooks/***") >= 3
    assert hook_key(phones) not in caplog.text


async def test_an_address_that_is_not_exactly_the_connection_s_does_not_exist(door: Door, phones: Connection) -> None:
    path = hook_path(phones)
    for wrong in (path[:-2] + "/", path.replace("phones", "bridge"), "/ingest/phones/hooks/x/"):
        assert await deliver(door, wrong, DELIVERY) == 404
    await sync_to_async(rotate_token)(phones)
    assert await deliver(door, path, DELIVERY) == 404
    assert await sync_to_async(hook_path)(await Connection.objects.aget(slug="bridge")) == ""


async def test_a_record_that_was_fetched_again_is_no_new_entry(door: Door, phones: Connection) -> None:
    socket = await opened(door)
    for number, fresh in ((1, 1), (2, 0)):
        answer = await socket.ask({"stream": f"run-{number}", "id": 1, "frames": [RECORD]})
        assert (answer["accepted"], answer["duplicates"]) == (fresh, 1 - fresh)
    assert (await Call.objects.aget()).status == "answered"


async def test_a_call_that_was_given_up_is_found_again_when_the_provider_says_that_it_goes_on(door: Door, phones: Connection) -> None:
    socket = await opened(door)
    await socket.ask(RECORD)
    await lose(door)
    assert (await Call.objects.aget()).status == "completed"
    await socket.ask([RECORD, {"event": "fetched_call_seen", "call_uuid": CALL}])
    assert (await Call.objects.aget()).status == "answered"


async def lose(door: Door) -> None:
    """What the console concludes from long silence."""
    work, facts = pipeline(), [Fact(door.source, CallLost(call=CALL))]
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(work.thread, work.writer._commit, [], [], facts, {}, datetime.now(UTC))
