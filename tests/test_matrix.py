"""Who gets what: every address of the project for every kind of visitor. A new address without a row here fails."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from callcenter.asgi import application
from callcenter.calls.models import Agent, Call, Contact, Recording, Thread
from callcenter.commands.models import Command, OpenSocket, Pause, Takeover
from callcenter.console.models import CannedReply, Destination
from callcenter.journal.connections import add_connection
from callcenter.journal.models import AgentSetup, Connection, DeadLetter, Entry
from callcenter.live.socket import DENIED, SIGNED_OUT
from callcenter.operators import tokens
from callcenter.operators.models import ApiToken, AuditLine, Operator, Presence, Team
from callcenter.operators.people import add_person, team_named
from callcenter.routing import browser_urlpatterns, ingest_urlpatterns
from tests import factories
from tests.live.network import Browser, network, socket_of

VISITORS = ("anonymous", "own", "other", "reviewer", "supervisor", "admin", "deactivated")
UUID = "CA5d2e91b7c04f4a6e8b1d3f7a90c2e614"
# What only the north may know: id, number in every spelling, name, words, agent, connection.
SECRETS = (UUID, "447700900128", "7700 900128", "Lena Hoffmann", "my private appointment", "frontdesk", "secret-line", "find_slots", "4711")

# Address -> what the visitors get, in their order. Pages open by session, the API by token; sessions do not open it.
PAGES = {
    "": "302 200 200 200 200 200 302",
    "favicon.ico": "302 302 302 302 302 302 302",
    "calls/": "302 200 200 200 200 200 302",
    "calls/<call_id:call_uuid>/": "302 200 404 200 200 200 302",
    "calls/<call_id:call_uuid>/recordings/<str:recording>/": "302 200 404 200 200 200 302",
    "calls/<call_id:call_uuid>/give/": "302 403 404 403 200 200 302",
    "calls/<call_id:call_uuid>/do/<slug:action>/": "405 405 405 405 405 405 405",
    "agents/": "302 200 200 200 200 200 302",
    "agents/<int:agent>/pausing/": "302 403 403 403 200 200 302",
    "agents/<int:agent>/pausing-contact/": "302 200 404 403 200 200 302",
    "agents/<int:agent>/pause/": "405 405 405 405 405 405 405",
    "agents/<int:agent>/resume/": "405 405 405 405 405 405 405",
    "agents/<int:agent>/pause-contact/": "405 405 405 405 405 405 405",
    "agents/<int:agent>/resume-contact/": "405 405 405 405 405 405 405",
    "dial/": "302 200 200 403 200 200 302",
    "dial/place/": "405 405 405 405 405 405 405",
    "dial/<uuid:command>/": "302 200 404 200 200 200 302",
    "dial/<uuid:command>/cancel/": "405 405 405 405 405 405 405",
    "operators/": "302 403 403 403 200 200 302",
    "me/presence/": "405 405 405 405 405 405 405",
    "me/presence/now/": "302 200 200 200 200 200 302",
    "me/seen/": "405 405 405 405 405 405 405",
    "me/phone/": "302 200 200 200 200 200 302",
    "me/phone/save/": "405 405 405 405 405 405 405",
    "me/keyboard/": "302 200 200 200 200 200 302",
    "me/keyboard/save/": "405 405 405 405 405 405 405",
    "whatsapp/": "302 200 200 200 200 200 302",
    "whatsapp/<int:thread>/": "302 200 404 200 200 200 302",
    "whatsapp/<int:thread>/take/": "405 405 405 405 405 405 405",
    "whatsapp/<int:thread>/hand-back/": "405 405 405 405 405 405 405",
    "whatsapp/<int:thread>/give/": "302 403 404 403 200 200 302",
    "whatsapp/<int:thread>/reassign/": "405 405 405 405 405 405 405",
    "whatsapp/<int:thread>/undo/": "405 405 405 405 405 405 405",
    "whatsapp/<int:thread>/pause/": "405 405 405 405 405 405 405",
    "whatsapp/<int:thread>/resume/": "405 405 405 405 405 405 405",
    "whatsapp/<int:thread>/send/": "405 405 405 405 405 405 405",
    "whatsapp/<int:thread>/note/": "405 405 405 405 405 405 405",
    "whatsapp/<int:thread>/draft/": "405 405 405 405 405 405 405",
    "whatsapp/<int:thread>/seen/": "405 405 405 405 405 405 405",
    "whatsapp/<int:thread>/presence/": "405 405 405 405 405 405 405",
    "whatsapp/<int:thread>/cancel/<uuid:command>/": "405 405 405 405 405 405 405",
    "login/": "200 302 302 302 302 302 200",
    "logout/": "405 405 405 405 405 405 405",
    "healthz": "200 200 200 200 200 200 200",
    "metrics": "401 403 403 403 403 200 401",
    "ingest/<slug:connection>/": "405 405 405 405 405 405 405",
    "ingest/<slug:connection>/hooks/<str:key>/": "405 405 405 405 405 405 405",
    "ingest/<slug:connection>/recordings/<path:call_uuid>/": "405 405 405 405 405 405 405",
    "ingest/<slug:connection>/history/<path:call_uuid>/": "405 405 405 405 405 405 405",
    "api/v1/openapi.json": "200 200 200 200 200 200 200",
    "api/v1/": "404 404 404 404 404 404 404",
    "api/v1/calls/": "401 401 401 401 401 401 401",
    "api/v1/calls/<anything:call_uuid>/": "401 401 401 401 401 401 401",
    "api/v1/calls/<anything:call_uuid>/events/": "401 401 401 401 401 401 401",
    "api/v1/agents/": "401 401 401 401 401 401 401",
    "api/v1/threads/": "401 401 401 401 401 401 401",
}
BY_TOKEN = {
    "api/v1/calls/": "401 200 200 200 200 200 401",
    "api/v1/calls/<anything:call_uuid>/": "401 200 404 200 200 200 401",
    "api/v1/calls/<anything:call_uuid>/events/": "401 200 404 200 200 200 401",
    "api/v1/agents/": "401 200 200 200 200 200 401",
    "api/v1/threads/": "401 200 200 200 200 200 401",
    "calls/<call_id:call_uuid>/recordings/<str:recording>/": "302 200 404 200 200 200 401",
    "metrics": "401 403 403 403 403 200 401",
    "calls/<call_id:call_uuid>/": "302 302 302 302 302 302 302",
    "": "302 302 302 302 302 302 302",
}
# What an administrator gets in the admin; everybody else is sent to the login.
OPEN = {"": 200, "add/": 200, "history/": 200, "delete/": 200, "change/": 200}
CLOSED = {**OPEN, "add/": 403, "delete/": 403}
MODELS: dict[str, dict[str, int]] = {
    "operators/team/": OPEN,
    "operators/operator/": OPEN,
    "operators/apitoken/": CLOSED,
    "operators/auditline/": CLOSED,
    "operators/presence/": CLOSED,
    "commands/command/": CLOSED,
    "commands/takeover/": CLOSED,
    "commands/pause/": CLOSED,
    "commands/opensocket/": CLOSED,
    "journal/connection/": OPEN,
    "journal/agentsetup/": {**OPEN, "add/": 403, "": 200},
    "journal/entry/": CLOSED,
    "journal/deadletter/": {**CLOSED, "delete/": 200},
    "calls/call/": CLOSED,
    "calls/agent/": CLOSED,
    "calls/contact/": CLOSED,
    "calls/thread/": CLOSED,
    "console/cannedreply/": OPEN,
    "console/destination/": OPEN,
}
ADMIN = {
    "": 200, "jsi18n/": 200, "password_change/": 200, "password_change/done/": 200, "autocomplete/": 403, "logout/": 405,
    "operators/operator/<id>/password/": 200, "r/<path:content_type_id>/<path:object_id>/": 404,
    "journal/connection/<path:object_id>/check/": 405, "journal/connection/<path:object_id>/again/": 405,
    "operators/auditline/export/": 200, "(?P<url>.*)$": 404,
}  # fmt: skip


class World:
    """One call of the north with everything in it, and one visitor of each kind."""

    def __init__(self, people: dict[str, Operator], north: Team) -> None:
        self.people = people
        line = factories.make_connection("secret-line", north)
        agent = factories.make_agent("frontdesk", line)
        contact = factories.make_contact(name="Lena Hoffmann", team=north)
        thread = factories.make_thread(agent, contact)
        self.call = factories.make_call(
            UUID, agent, contact=contact, contact_name="Lena Hoffmann", thread=thread, metadata={"order": "4711"}
        )
        factories.make_call(f"{UUID}-over", agent, contact=contact, status="completed", ended_at=factories.seconds(60), end_reason="hangup")
        factories.make_line(self.call, "my private appointment")
        Call.objects.update(last_text="my private appointment", last_speaker="contact")
        factories.make_tool(self.call)
        factories.make_recording(self.call)
        factories.make_entry(self.call)
        factories.make_dead_letter(line)
        AgentSetup.objects.create(connection=factories.make_connection("unused", north), slug="nobody")
        self.command = factories.make_command(self.call, agent=agent, operator=people["own"], verb="dial", to="+447700900128")
        factories.make_history(self.call, people["own"])
        self.agent, self.thread = agent, thread
        CannedReply.objects.create(team=north, name="hours", text="Nine to six.")
        Destination.objects.create(team=north, name="Duty phone of the north", number="+447700900999")
        self.clients = {name: Client() for name in VISITORS}
        self.tokens = {name: tokens.issue(person, "test")[1] for name, person in people.items()}
        self.programs = {"anonymous": Client()}
        self.programs |= {name: Client(headers={"Authorization": f"Bearer {token}"}) for name, token in self.tokens.items()}
        for name, person in people.items():
            self.clients[name].force_login(person)
        people["deactivated"].is_active = False
        people["deactivated"].save()

    def path(self, route: str) -> str:
        """An address of this route that exists."""
        recording = Recording.objects.get()
        values = {
            "call_uuid": UUID,
            "recording": recording.key,
            "connection": "secret-line",
            "key": "guess",
            "id": str(self.people["own"].pk),
        }
        values |= {"thread": str(self.thread.pk), "agent": str(self.agent.pk), "command": str(self.command.pk), "action": "hold"}
        values |= {"object_id": "1", "content_type_id": "1", "app_label": "calls", "url": "nothing/"}
        model = re.match(r"admin/(\w+/\w+/)<path:object_id>", route)
        if model:
            values["object_id"] = str(OBJECTS[model[1]]())
        filled = re.sub(r"\^?\(\?P<(\w+)>[^)]*\)", lambda match: values[match[1]], route)
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: values[match[1]], filled).rstrip("$")


OBJECTS: dict[str, Callable[[], Any]] = {
    "operators/team/": lambda: team_named("Empty").pk,
    "operators/operator/": lambda: Operator.objects.get(username="oskar").pk,
    "operators/apitoken/": lambda: ApiToken.objects.earliest("pk").pk,
    "operators/auditline/": lambda: AuditLine.objects.earliest("pk").pk,
    "operators/presence/": lambda: Presence.objects.earliest("pk").pk,
    "commands/command/": lambda: Command.objects.earliest("pk").pk,
    "commands/takeover/": lambda: Takeover.objects.earliest("pk").pk,
    "commands/pause/": lambda: Pause.objects.earliest("pk").pk,
    "commands/opensocket/": lambda: OpenSocket.objects.earliest("pk").pk,
    "journal/connection/": lambda: Connection.objects.get(slug="unused").pk,
    "journal/agentsetup/": lambda: AgentSetup.objects.get().pk,
    "journal/entry/": lambda: Entry.objects.earliest("pk").pk,
    "journal/deadletter/": lambda: DeadLetter.objects.get().pk,
    "calls/call/": lambda: Call.objects.earliest("pk").pk,
    "calls/agent/": lambda: Agent.objects.get().pk,
    "calls/contact/": lambda: Contact.objects.get().pk,
    "calls/thread/": lambda: Thread.objects.get().pk,
    "console/cannedreply/": lambda: CannedReply.objects.get().pk,
    "console/destination/": lambda: Destination.objects.get().pk,
}


@pytest.fixture
def world(
    oskar: Operator, ines: Operator, reviewer: Operator, supervisor: Operator, admin: Operator, north: Team, settings, tmp_path
) -> World:
    settings.MEDIA_ROOT = tmp_path
    people = {"own": oskar, "other": ines, "reviewer": reviewer, "supervisor": supervisor, "admin": admin}
    return World({**people, "deactivated": add_person("leaver", "supervisor", "correct horse battery", ["North"])}, north)


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every address of the project."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        elif isinstance(entry, URLPattern):
            yield route


def admin_status(route: str) -> int | None:
    """What an administrator gets for this route of the admin, None when nobody said."""
    rest = route.removeprefix("admin/")
    if rest.startswith("^(?P<app_label>"):
        return 200
    if rest in ADMIN:
        return ADMIN[rest]
    model = re.fullmatch(r"(\w+/\w+/)(add/|)|(\w+/\w+/)<path:object_id>/(history/|delete/|change/|)", rest)
    if model is None:
        return None
    if model[1]:
        return MODELS.get(model[1], {}).get(model[2])
    return MODELS.get(model[3], {}).get(model[4]) if model[4] else 302  # the old address leads to the new one


def test_every_address_has_a_row() -> None:
    found = set(routes())
    beyond = {route for route in found if not route.startswith("admin/")}
    assert beyond == set(PAGES)
    missing = {route for route in found - beyond - {"admin/login/"} if admin_status(route) is None}
    assert missing == set()
    assert [str(pattern.pattern) for pattern in (*browser_urlpatterns, *ingest_urlpatterns)] == ["ws/feed/", "ws/ingest/<slug:connection>/"]


def test_every_visitor_gets_what_the_table_says(world: World) -> None:
    got = {route: " ".join(str(world.clients[name].get(world.path(route)).status_code) for name in VISITORS) for route in PAGES}
    assert got == PAGES


def test_a_token_opens_the_api_and_no_page(world: World) -> None:
    got = {route: " ".join(str(world.programs[name].get(world.path(route)).status_code) for name in VISITORS) for route in BY_TOKEN}
    assert got == BY_TOKEN


def test_the_admin_is_for_administrators(world: World) -> None:
    wrong = {}
    for route in routes():
        if not route.startswith("admin/") or route == "admin/login/":
            continue
        path, expected = world.path(route), admin_status(route)
        got = {name: world.clients[name].get(path).status_code for name in VISITORS}
        if got != {**dict.fromkeys(VISITORS, 302), "admin": expected}:
            wrong[route] = got
    assert wrong == {}


def test_nobody_but_a_connection_sends_frames(world: World) -> None:
    for client in (*world.clients.values(), *world.programs.values()):
        assert client.post("/ingest/secret-line/", b"{}", content_type="application/json").status_code == 401
        assert client.post("/ingest/secret-line/hooks/guess/", b"{}", content_type="application/json").status_code == 404
        assert client.put(f"/ingest/secret-line/recordings/{UUID}/", b"RIFF").status_code == 401
        assert client.put(f"/ingest/secret-line/history/{UUID}/", b"{}").status_code == 401


def test_no_address_changes_anything_by_a_get(world: World) -> None:
    before = [list(model.objects.values().order_by("pk")) for model in (Call, Agent, Contact, Thread, Connection, Entry)]
    for route in PAGES:
        world.clients["admin"].get(world.path(route))
    assert [list(model.objects.values().order_by("pk")) for model in (Call, Agent, Contact, Thread, Connection, Entry)] == before


SEARCHES = ("q=Lena", "q=447700900128", "q=private", f"q={UUID}", "agent=frontdesk", "status=completed", "page=2", "channel=phone")


def test_a_stranger_finds_no_trace_of_a_foreign_call(world: World) -> None:
    """Bodies and headers of every page and every answer. What was asked for may be repeated where it was typed."""
    recording = Recording.objects.get()
    asked = ["/", "/calls/", *(f"/calls/{UUID}/{tail}" for tail in ("", "recordings/1/", f"recordings/{recording.key}/"))]
    leaks = {}
    for path in [*asked, "/agents/", "/dial/", *(f"{page}?{search}" for page in ("/", "/calls/", "/whatsapp/") for search in SEARCHES)]:
        answer = world.clients["other"].get(path)
        leaks[path] = found_in(text_of(answer), path)
    for path in ("calls/", "agents/", "threads/", f"calls/{UUID}/", f"calls/{UUID}/events/"):
        for query in ("", "?contact=Lena", "?agent=frontdesk", "?contact=447700900128", "?since=0", "?limit=1"):
            answer = world.programs["other"].get(f"/api/v1/{path}{query}")
            leaks[path + query] = found_in(text_of(answer), path + query)
    assert {path: found for path, found in leaks.items() if found} == {}
    assert "frontdesk" in text_of(world.clients["own"].get("/"))  # the search would find it


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(answer.headers) + body.decode()


def found_in(text: str, asked: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text and secret not in asked]


def test_what_is_not_theirs_and_what_does_not_exist_are_refused_in_the_same_words(world: World) -> None:
    for tail in ("", "recordings/1/"):
        theirs, nothing = (world.clients["other"].get(f"/calls/{uuid}/{tail}") for uuid in (UUID, "CA-unknown"))
        assert (theirs.status_code, theirs.content) == (404, nothing.content)
    for tail in ("", "events/"):
        theirs, nothing = (world.programs["other"].get(f"/api/v1/calls/{uuid}/{tail}") for uuid in (UUID, "CA-unknown"))
        assert (theirs.status_code, theirs.content) == (404, nothing.content)


def test_the_figures_of_a_stranger_do_not_count_foreign_calls(world: World) -> None:
    Call.objects.filter(status="completed").update(ended_at=datetime.now(UTC))
    floor = world.clients["other"].get("/").content.decode()
    assert set(re.findall(r'class="v"[^>]*>(\d+)', floor)) == {"0"}
    assert "0 calls" in world.clients["other"].get("/calls/").content.decode()


# Sockets: visitor -> the feed of the floor, the feed of a call, the ingest socket

FEED = {
    "anonymous": ("closed 4401", "closed 4401"),
    "own": ("shown", "shown"),
    "other": ("shown", "closed 4403"),
    "reviewer": ("shown", "shown"),
    "supervisor": ("shown", "shown"),
    "admin": ("shown", "shown"),
    "deactivated": ("closed 4401", "closed 4401"),
}


@pytest.mark.django_db(transaction=True)
async def test_every_visitor_gets_the_sockets_that_the_table_says(world: World) -> None:
    got = {}
    async with network() as running:
        for name in VISITORS:
            outcomes = []
            for view in ({"screen": "floor"}, {"screen": "call", "call": UUID}):
                browser = Browser(world.clients[name], "/")
                running.browsers.append(browser)
                outcomes.append(await outcome_of(browser, view))
                if name == "other":
                    assert found_in("".join(browser.told), "") == []
            got[name] = tuple(outcomes)
        running.browsers = [browser for browser in running.browsers if browser.told]
    assert got == FEED


async def outcome_of(browser: Browser, view: dict[str, str]) -> str:
    if not await browser.open(view=view):
        return "refused"
    while not browser.told and browser.closed is None:
        message = await browser.wire.receive_output(timeout=60)
        if message["type"] == "websocket.close":
            assert message["code"] in (SIGNED_OUT, DENIED)
            return f"closed {message['code']}"
        browser.told.append(message["text"])
    return "shown"


@pytest.mark.django_db(transaction=True)
async def test_no_visitor_opens_the_socket_of_a_provider(world: World) -> None:
    for name in VISITORS:
        cookies = dict(socket_of(world.clients[name]).scope["headers"])[b"cookie"]
        headers = [(b"cookie", cookies), (b"authorization", f"Bearer {world.tokens.get(name, '')}".encode())]
        wire = WebsocketCommunicator(application, "/ws/ingest/secret-line/", headers=headers)
        assert not (await wire.connect(timeout=60))[0]


@pytest.mark.django_db(transaction=True)
async def test_a_connection_opens_its_own_socket_and_no_other(north: Team) -> None:
    _, token = await sync_to_async(add_connection)("line-a", "pinecall", north)
    await sync_to_async(add_connection)("line-b", "pinecall", north)
    async with network():
        for slug, opens in (("line-a", True), ("line-b", False), ("line-c", False)):
            headers = [(b"authorization", f"Bearer {token}".encode())]
            wire = WebsocketCommunicator(application, f"/ws/ingest/{slug}/", headers=headers)
            assert (await wire.connect(timeout=60))[0] is opens
            await wire.disconnect(timeout=60)
