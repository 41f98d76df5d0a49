"""The browser's socket for real: who may open it, what it takes, how it ends, and that its page stays like a fresh one."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.db import OperationalError
from django.test import Client

from callcenter.asgi import application
from callcenter.calls.models import Agent
from callcenter.ingest.message import Source
from callcenter.journal.connections import add_connection
from callcenter.journal.revision import next_revision
from callcenter.live.consumer import MAX_MESSAGE
from callcenter.live.hub import hub
from callcenter.live.socket import DENIED, SIGNED_OUT, UNSEEN_FRAMES, Reader, Socket
from callcenter.operators.models import Operator, Team
from tests.e2e.stories import Conversation
from tests.live.network import Browser, Network, network, signed_in, socket_of, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source(north: Team) -> Source:
    connection, _ = add_connection("pinecall-north", "pinecall", north)
    return Source(connection.pk, connection.slug, connection.provider, north.pk)


@pytest.fixture
async def net() -> AsyncIterator[Network]:
    async with network() as running:
        yield running


@pytest.fixture
def rights_are_checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callcenter.live.hub.HEARTBEAT_S", 0.05)
    monkeypatch.setattr("callcenter.live.hub.RIGHTS_S", 0.0)


# The whole way


async def test_pages_follow_calls_and_end_like_fresh_ones(net: Network, source: Source, oskar: Operator, ines: Operator, admin: Operator):
    call = Conversation("Lena Hoffmann")
    await net.send(source, call.rings())
    path = f"/calls/{call.uuid}/"
    floor, page, everything, stranger = (
        await net.open(oskar), await net.open(oskar, path), await net.open(admin), await net.open(ines)
    )  # fmt: skip
    await net.send(source, call.starts(), call.hears("u1", "I need"), call.begins("m1", "Good morning"), call.word("m1", 0, "Good"))
    await page.shows("Good")
    await net.send(source, call.heard("u1", "I need to move my appointment"), *call.said("m1", "Good morning"))
    await floor.shows("I need to move my appointment")
    await net.send(source, *call.tool("t1", "findSlots", "{}", {"slots": []}), call.runs_out_of_credit())
    await page.shows("findSlots")
    await net.send(source, call.ends())
    for browser in (floor, page, everything, stranger):
        await browser.settles()
    assert floor.data["attention"] == 0
    assert not [message for message in stranger.told if call.uuid in message or "Lena" in message]


# Who may open it


async def test_it_tells_who_is_not_signed_in_so_and_shows_nothing(net: Network, oskar: Operator):
    def leave() -> Client:
        client = signed_in(oskar)
        oskar.is_active = False
        oskar.save()
        return client

    unknown = Client()
    unknown.cookies["sessionid"] = "of-nobody"
    for client in (Client(), unknown, await sync_to_async(leave)()):
        socket = socket_of(client)
        assert (await socket.connect(timeout=60))[0]
        assert await socket.receive_output(timeout=60) == {"type": "websocket.close", "code": SIGNED_OUT}


async def test_a_page_of_another_site_cannot_open_it(net: Network, oskar: Operator):
    client = await sync_to_async(signed_in)(oskar)
    cookie = f"sessionid={client.cookies['sessionid'].value}".encode()
    foreign = WebsocketCommunicator(application, "/ws/feed/", headers=[(b"origin", b"http://elsewhere.example"), (b"cookie", cookie)])
    accepted, _ = await foreign.connect(timeout=60)
    assert not accepted


# What it takes

GARBAGE = [
    "x", "{", "null", "[]", "7", '"view"', "{}", '{"visible": "no"}', '{"seen": "1"}', '{"seen": -1}', '{"seen": 1e400}',
    '{"since": "yesterday"}', '{"command": "hang_up", "call": "CA1"}', '{"type": "feed.hint"}', '{"view": ' * 50,
]  # fmt: skip


async def test_garbage_and_what_is_too_long_are_ignored(net: Network, source: Source, oskar: Operator):
    browser = await net.open(oskar)
    call = Conversation("Lena Hoffmann")
    for garbage in GARBAGE:
        await browser.say(garbage)
    await browser.say(json.dumps({"view": {"screen": "call", "call": "unknown"}, "padding": "x" * MAX_MESSAGE}))
    await browser.wire.send_to(bytes_data=b'{"view": {"screen": "nothing"}}')
    await net.send(source, call.starts())
    await browser.shows("Lena Hoffmann")
    await browser.settles()


async def test_before_it_says_what_it_shows_it_is_told_nothing(net: Network, source: Source, oskar: Operator):
    browser = await net.open(oskar, greet=False)
    await browser.say({"visible": True})
    await browser.say({"seen": 3})
    await net.send(source, Conversation().starts())
    assert not await browser.read(wait_s=0.3)


async def left_behind(net: Network, source: Source, oskar: Operator) -> Browser:
    """A browser that was sent more than it confirmed, beside one that saw all of it; it has read what there was."""
    slow, swift = await net.open(oskar), await net.open(oskar)
    call = Conversation()
    await net.send(source, call.starts())
    for number in range(UNSEEN_FRAMES * 2):
        await net.send(source, call.heard(f"u{number}", f"Line number {number}."))
        await swift.shows(f"Line number {number}.")
    while await slow.read(confirm=False):
        pass
    return slow


async def test_a_browser_that_never_confirms_gets_eight_frames_and_after_that_one_whole_view(net: Network, source: Source, oskar: Operator):
    slow = await left_behind(net, source, oskar)
    frames = [data["frame"] for message in slow.told if "frame" in (data := json.loads(message))]
    assert frames == list(range(1, UNSEEN_FRAMES + 1))
    slow.told.clear()
    await slow.say({"seen": UNSEEN_FRAMES})
    await slow.shows(f"Line number {UNSEEN_FRAMES * 2 - 1}.")
    assert 'hx-target="#floor-progress" hx-swap="innerMorph"' in json.loads(slow.told[0])["content"]
    await slow.settles()


async def test_a_browser_that_lags_and_greets_anew_gets_the_whole_view_whatever_it_did_not_confirm(
    net: Network, source: Source, oskar: Operator
):
    """What it was asked to confirm could not be swapped."""
    lost = await left_behind(net, source, oskar)
    lost.told.clear()
    await lost.say({"since": 0, "view": {"screen": "floor"}})
    await lost.shows(f"Line number {UNSEEN_FRAMES * 2 - 1}.")
    assert 'hx-target="#floor-progress" hx-swap="innerMorph"' in json.loads(lost.told[0])["content"]
    await lost.settles()


async def test_a_hidden_tab_is_left_alone_and_shown_all_when_it_comes_back(net: Network, source: Source, oskar: Operator):
    hidden, seen = await net.open(oskar), await net.open(oskar)
    call = Conversation("Lena Hoffmann")
    await hidden.settles()
    await hidden.say({"visible": False})
    hidden.told.clear()
    await net.send(source, call.starts())
    await seen.shows("Lena Hoffmann")
    await net.send(source, call.runs_out_of_credit())
    await hidden.read_until(lambda: hidden.data.get("attention") == 1)
    assert hidden.told == ['{"attention":1}']
    await hidden.say({"visible": True})
    await hidden.shows("Lena Hoffmann")
    await hidden.settles()


# How it ends


async def test_a_call_of_another_team_ends_it_exactly_like_one_that_does_not_exist(
    net: Network, source: Source, oskar: Operator, ines: Operator
):
    call = Conversation()
    await net.send(source, call.starts())
    ends = []
    for uuid in (call.uuid, "CA-unknown"):
        browser = await net.open(ines, view={"screen": "call", "call": uuid})
        await browser.read_until(lambda browser=browser: browser.closed is not None)  # type: ignore[misc]
        ends.append((browser.closed, browser.told))
    assert ends == [(DENIED, []), (DENIED, [])]


async def test_a_call_that_goes_to_another_team_closes_its_page(net: Network, source: Source, oskar: Operator, south: Team):
    call = Conversation()
    await net.send(source, call.starts(), {"event": "session.resumed", "agent_id": "orders"})
    page = await net.open(oskar, f"/calls/{call.uuid}/")
    await page.settles()

    def move() -> None:
        Agent.objects.update(team=south, revision=next_revision())

    await sync_to_async(move)()
    await page.is_closed_with(DENIED)


def sign_out(client: Client, _reader: Operator) -> None:
    client.post("/logout/")


def change_the_password(_client: Client, reader: Operator) -> None:
    reader.set_password("another horse battery")
    reader.save()


def deactivate(_client: Client, reader: Operator) -> None:
    reader.is_active = False
    reader.save()


def delete(_client: Client, reader: Operator) -> None:
    reader.delete()


@pytest.mark.parametrize("end", [sign_out, change_the_password, deactivate, delete])
async def test_who_may_no_longer_look_is_closed_at_the_next_check(
    rights_are_checked_at_once: None, net: Network, oskar: Operator, reviewer: Operator, end: Any
):
    browser, other = await net.open(oskar), await net.open(reviewer)
    await browser.settles()
    await sync_to_async(end)(browser.client, oskar)
    await browser.is_closed_with(SIGNED_OUT)
    await other.settles()


async def test_who_changes_teams_sees_the_other_team_at_the_next_check(
    rights_are_checked_at_once: None, net: Network, source: Source, oskar: Operator, south: Team
):
    call = Conversation("Lena Hoffmann")
    await net.send(source, call.starts())
    floor, page = await net.open(oskar), await net.open(oskar, f"/calls/{call.uuid}/")
    await floor.shows("Lena Hoffmann")
    await sync_to_async(oskar.teams.set)([south])
    await page.is_closed_with(DENIED)
    await floor.read_until(lambda: "Lena Hoffmann" not in floor.page.text())
    await floor.settles()


async def test_every_browser_is_told_the_time(rights_are_checked_at_once: None, net: Network, oskar: Operator):
    browser = await net.open(oskar)
    await browser.read_until(lambda: "now" in browser.data)


# One for all


async def test_a_browser_whose_line_stands_still_delays_nobody(net: Network, source: Source, oskar: Operator):
    stuck = asyncio.Event()

    async def never(_message: str | int) -> None:
        await stuck.wait()

    still = Socket(Reader(oskar.pk, "", ""), None, never, never)
    still.view = {"screen": "floor"}
    still.start()
    hub().join(still)
    browser, call = await net.open(oskar), Conversation()
    await net.send(source, call.starts())
    for number in range(12):
        await net.send(source, call.heard(f"u{number}", f"Line number {number}."))
        await browser.shows(f"Line number {number}.")
    assert still.sent <= UNSEEN_FRAMES
    await browser.settles()
    hub().leave(still)
    still.stop()


async def test_nothing_is_lost_when_every_hint_is(net: Network, source: Source, oskar: Operator, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("callcenter.live.hub.FEED", "where-nobody-talks")
    browser, call = await net.open(oskar), Conversation("Lena Hoffmann")
    await net.send(source, call.starts(), call.begins("m1", "Good morning"))
    await browser.shows("Lena Hoffmann")
    await net.send(source, call.word("m1", 0, "Gooood"))
    await browser.shows("Gooood")
    await net.send(source, call.ends())
    await browser.shows("No live calls")
    await browser.settles()


async def test_the_feed_goes_on_while_the_channel_layer_is_away_and_listens_again_after(
    net: Network, source: Source, oskar: Operator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("callcenter.live.hub.LISTEN_AGAIN_S", 0.05)
    layer: Any = get_channel_layer()
    kind = type(layer._get_layer() if hasattr(layer, "_get_layer") else layer)  # on Redis there is one for each event loop
    browser, call = await net.open(oskar), Conversation("Lena Hoffmann")

    async def fail(*_arguments: object) -> None:
        raise ConnectionError("the layer is away")

    with monkeypatch.context() as patch:
        patch.setattr(kind, "receive", fail)
        patch.setattr(kind, "group_send", fail)
        await net.send(source, call.starts())
        await browser.shows("Lena Hoffmann")
    heard: list[dict[str, Any]] = []
    monkeypatch.setattr(hub(), "_hear", heard.append)
    number = 0
    while not heard:
        number += 1
        await net.send(source, call.heard(f"u{number}", f"Line number {number}."))
        await asyncio.sleep(0.05)
    await browser.shows(f"Line number {number}.")
    await browser.settles()


async def test_the_feed_goes_on_after_the_database_was_away(net: Network, source: Source, oskar: Operator, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("callcenter.live.hub.LISTEN_AGAIN_S", 0.05)
    call, failures = Conversation("Lena Hoffmann"), []
    await net.send(source, call.starts())
    floor, page = await net.open(oskar), await net.open(oskar, f"/calls/{call.uuid}/")
    await floor.shows("Lena Hoffmann")

    def fail() -> int:
        failures.append(1)
        raise OperationalError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr("callcenter.live.table.current_revision", fail)
        await net.send(source, call.heard("u1", "Said while the database was away"))
        await until(lambda: len(failures) >= 3)
    for browser in (floor, page):
        await browser.shows("Said while the database was away")
        await browser.settles()


async def test_without_a_browser_the_hub_rests_and_remembers_nothing(net: Network, source: Source, oskar: Operator):
    browser, call = await net.open(oskar), Conversation()
    await browser.settles()
    await browser.wire.disconnect(timeout=60)
    net.browsers.clear()
    await until(lambda: not hub().desk.screens)
    await net.send(source, call.starts(), call.hears("u1", "Anybody?"))
    assert (hub().live, hub().desk.table.revision) == (set(), -1)
    await (await net.open(oskar)).shows("Anybody?")
