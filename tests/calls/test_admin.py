"""The projection in the Django admin: everything can be looked at, nothing but an agent's team and name can be changed."""

import re

import pytest
from django.test import Client

from callcenter.calls.models import Agent, Call, Contact, Thread
from callcenter.journal.revision import current_revision
from callcenter.operators.models import Operator, Team
from tests import factories
from tests.adminpages import form_of, open_page, queries_of

CALLS, AGENTS, CONTACTS, THREADS = (f"/admin/calls/{name}/" for name in ("call", "agent", "contact", "thread"))


@pytest.fixture
def desk(client: Client, admin: Operator) -> Client:
    """The browser of an administrator."""
    client.force_login(admin)
    return client


def story(north: Team, number: int = 1) -> Call:
    """A call with everything that a call may have."""
    agent = factories.make_agent(f"frontdesk-{number}", factories.make_connection(f"berlin-{number}", north))
    contact = factories.make_contact(f"4477009{number:05}", f"Lena {number}", north)
    call = factories.make_call(
        f"CA/{number} é",
        agent,
        contact=contact,
        contact_name=f"Lena {number}",
        thread=factories.make_thread(agent, contact),
        metadata={"order": f"<b>47{number}</b>"},
    )
    factories.make_line(call, f"<i>Hello {number}</i>")
    factories.make_tool(call, "find_slots", result={"slots": [f"<u>{number}</u>"]})
    factories.make_audit(call, "tool.finished", data={"tokens": 99})
    factories.make_note(call, "dtmf_sent", {"digits": "12#"})
    factories.make_participant(call, f"m-{number}")
    factories.make_recording(call)
    factories.make_entry(call)
    return call


def test_a_call_is_shown_with_all_its_parts_as_text(desk: Client, north: Team):
    call = story(north)
    html = open_page(desk, f"{CALLS}{call.pk}/change/")
    assert "&lt;i&gt;Hello 1&lt;/i&gt;" in html
    assert "&lt;b&gt;471&lt;/b&gt;" in html
    assert "&lt;u&gt;1&lt;/u&gt;" in html
    for words in ("find_slots", "Friday", "tool.finished", "dtmf_sent", "12#", "m-1", call.recordings.get().digest):
        assert words in html
    assert f'href="/calls/CA%2F1%20%C3%A9/recordings/{call.recordings.get().key}/"' in html


def test_the_raw_frames_of_a_call_are_one_click_away(desk: Client, north: Team):
    call = story(north)
    html = open_page(desk, f"{CALLS}{call.pk}/change/")
    link = re.search(r'<a href="([^"]+)">raw frames</a>', html)
    assert link
    entries = open_page(desk, link[1].replace("&amp;", "&"))
    assert "1 entry" in entries
    assert "user.message" in entries


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"q": "CA/2"}, 1),
        ({"q": "Lena"}, 2),
        ({"q": '"Lena 2"'}, 1),
        ({"q": "447700900002"}, 1),
        ({"q": "472"}, 1),
        ({"q": "nothing"}, 0),
        ({"status__exact": "answered", "channel__exact": "phone"}, 2),
        ({"channel__exact": "chat"}, 0),
        ({"started_at__year": 2026, "started_at__month": 7}, 2),
        ({"agent__id__exact": 0}, 0),
    ],
)
def test_calls_are_searched_and_filtered(desk: Client, north: Team, query: dict[str, object], count: int):
    story(north, 1)
    story(north, 2)
    assert re.search(rf"\b{count} calls?\b", open_page(desk, CALLS, **query))


@pytest.mark.parametrize("path", [CALLS, CONTACTS, THREADS])
def test_what_is_folded_from_the_journal_is_only_looked_at(desk: Client, north: Team, path: str):
    story(north)
    model = {CALLS: Call, CONTACTS: Contact, THREADS: Thread}[path]
    row = model._default_manager.get()
    before = model._default_manager.values().get()
    assert form_of(open_page(desk, f"{path}{row.pk}/change/")) == []
    assert desk.get(path + "add/").status_code == 403
    assert desk.post(f"{path}{row.pk}/change/", {"name": "x", "status": "completed"}).status_code == 403
    assert desk.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    desk.post(path, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert model._default_manager.values().get() == before


def test_of_an_agent_only_team_and_name_are_changed_and_open_pages_learn_of_it(desk: Client, north: Team, south: Team):
    agent = story(north).agent
    assert agent
    path = f"{AGENTS}{agent.pk}/change/"
    assert [name for name in form_of(open_page(desk, path)) if not name.startswith("_")] == ["name", "team"]
    before = Agent.objects.values().get()
    revision = current_revision()
    desk.post(path, {"team": south.pk, "name": agent.name, "slug": "x", "paused": "on"})
    assert Agent.objects.values().get() == {**before, "team_id": south.pk, "revision": revision + 1}
    desk.post(path, {"team": south.pk, "name": "Front desk"})
    assert Agent.objects.values().get() == {**before, "team_id": south.pk, "name": "Front desk", "revision": revision + 2}
    assert current_revision() == revision + 2


def test_a_change_of_team_leaves_alone_what_was_folded_meanwhile(desk: Client, north: Team, south: Team, monkeypatch):
    agent = story(north).agent
    assert agent
    open_page(desk, f"{AGENTS}{agent.pk}/change/")
    Agent.objects.update(paused=True, paused_calls=["CA1"], version=9)
    desk.post(f"{AGENTS}{agent.pk}/change/", {"team": south.pk, "name": agent.name})
    agent.refresh_from_db()
    assert (agent.team, agent.paused, agent.paused_calls, agent.version) == (south, True, ["CA1"], 9)


def test_agents_are_neither_made_nor_deleted_by_hand(desk: Client, north: Team):
    agent = story(north).agent
    assert agent
    assert desk.get(AGENTS + "add/").status_code == 403
    assert desk.post(f"{AGENTS}{agent.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("path", [CALLS, AGENTS, CONTACTS, THREADS])
def test_a_list_opens_and_costs_the_same_for_many_rows(desk: Client, north: Team, path: str):
    story(north, 1)
    open_page(desk, path)
    before = queries_of(desk, path)
    for number in range(2, 6):
        story(north, number)
    assert queries_of(desk, path) == before


def test_a_call_costs_the_same_however_long_it_is(desk: Client, north: Team):
    call = story(north)
    path = f"{CALLS}{call.pk}/change/"
    open_page(desk, path)
    before = queries_of(desk, path)
    for number in range(10):
        factories.make_line(call, "More")
        factories.make_tool(call)
        factories.make_audit(call)
        factories.make_note(call, "hold_on")
        factories.make_participant(call, f"more-{number}")
        factories.make_recording(call)
    assert queries_of(desk, path) == before
