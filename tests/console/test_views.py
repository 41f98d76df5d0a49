"""The pages: what they carry for the feed, and what they answer to what cannot be."""

import json
import re

import pytest
from django.test import Client

from callcenter.journal.revision import next_revision
from callcenter.operators.models import Operator, Team
from tests import factories

NO_TEAM = "You belong to no team yet: an administrator can add you to one."


@pytest.fixture
def reader(client: Client, oskar: Operator) -> Client:
    client.force_login(oskar)
    return client


def attribute(html: str, name: str) -> str:
    found = re.search(rf'{name}="([^"]*)"', html)
    assert found
    return found[1].replace("&quot;", '"').replace("&amp;", "&").replace("&lt;", "<")


def test_the_floor_tells_the_feed_what_it_shows_and_since_when(reader: Client):
    revision = next_revision()
    html = reader.get("/?status=held&q=%3Cb%3E&unknown=x").content.decode()
    assert attribute(html, "data-since") == str(revision)
    view = {"screen": "floor", "status": "held", "channel": "", "agent": "", "holder": "", "q": "<b>"}
    assert json.loads(attribute(html, "data-view").replace("&gt;", ">")) == view


PLACES = ("/", "/calls/", "/calls/?q=nothing", "/whatsapp/", "/agents/", "/operators/", "/dial/")


@pytest.mark.parametrize("path", PLACES)
def test_who_belongs_to_no_team_reads_so_everywhere(client: Client, supervisor: Operator, path: str):
    client.force_login(supervisor)
    assert NO_TEAM not in client.get(path).content.decode()
    supervisor.teams.clear()
    assert client.get(path).content.decode().count(NO_TEAM) == 1


@pytest.mark.parametrize("path", PLACES)
def test_commands_of_the_shell_are_told_to_administrators_alone(client: Client, supervisor: Operator, admin: Operator, path: str):
    client.force_login(supervisor)
    assert "manage.py" not in client.get(path).content.decode()
    client.force_login(admin)
    html = client.get(path).content.decode()
    assert NO_TEAM not in html
    assert ("manage.py add_connection" in html) == (path in ("/", "/calls/"))


@pytest.mark.parametrize("uuid", ["a/b/c", "ring ring", "приём-1", "50%25", "a?b#c", "line\nbreak", "recordings/1", "é" * 200])
def test_any_id_of_a_provider_has_a_page(reader: Client, north: Team, uuid: str):
    factories.make_call(uuid, connection=factories.make_connection(team=north))
    floor = reader.get("/").content.decode()
    path = re.search(r'class="who trunc" href="([^"]+)"', floor)
    assert path
    page = reader.get(path[1]).content.decode()
    assert json.loads(attribute(page, "data-view")) == {"screen": "call", "call": uuid}


@pytest.mark.parametrize("path", ["/calls/unknown/", "/calls/a%00b/", "/calls/" + "x" * 3000 + "/", "/calls/%F0%9F%92%A9/", "/nothing/"])
def test_what_there_is_not_is_not_found(reader: Client, path: str):
    assert reader.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/calls/", "/calls/CA1/"])
def test_pages_are_read_only_and_never_kept(reader: Client, north: Team, path: str):
    factories.make_call("CA1", connection=factories.make_connection(team=north))
    assert reader.post(path).status_code == 405
    assert "no-store" in reader.get(path).headers["Cache-Control"]
    assert "unsafe-inline" not in reader.get(path).headers["Content-Security-Policy"]


@pytest.mark.parametrize("query", ["?q=%00", "?q=" + "x" * 5000, "?status=%FF", "?page=-1", "?agent[]=1", "?q=%F0%9F%98%80"])
def test_no_query_breaks_a_list(reader: Client, query: str):
    for path in ("/", "/calls/"):
        assert reader.get(path + query).status_code == 200


def test_the_agents_to_filter_by_are_the_readers(reader: Client, north: Team, south: Team):
    factories.make_agent("frontdesk", factories.make_connection(team=north))
    factories.make_agent("elsewhere", factories.make_connection(team=south))
    html = reader.get("/").content.decode()
    assert '<option value="frontdesk">Frontdesk</option>' in html
    assert "elsewhere" not in html.lower()


def test_earlier_calls_of_the_contact_are_those_before_this_one_that_the_reader_may_see(reader: Client, north: Team, south: Team):
    line, contact = factories.make_connection(team=north), factories.make_contact(team=north)
    for number in range(7):
        factories.make_call(
            f"c{number}", connection=line, contact=contact, started_at=factories.seconds(number), last_text=f"Words {number}"
        )
    hidden = factories.make_connection(team=south)
    factories.make_call("hidden", connection=hidden, contact=contact, started_at=factories.seconds(0.5), last_text="Words of the south")
    shown = [call.summary for call in reader.get("/calls/c6/").context["call"].earlier]
    assert shown == [f"Words {number}" for number in (5, 4, 3, 2, 1)]
    assert [call.summary for call in reader.get("/calls/c1/").context["call"].earlier] == ["Words 0"]


def test_an_agent_known_by_a_uuid_alone_is_offered_by_a_number(reader: Client, north: Team):
    uuid = "7b0c5f12-0000-4000-8000-000000000001"
    agent = factories.make_agent(uuid, factories.make_connection(team=north))
    for path in ("/", "/calls/"):
        assert f'<option value="{uuid}">Agent {agent.pk}</option>' in reader.get(path).content.decode()


def test_what_asks_for_an_icon_unbidden_is_led_to_it(client: Client):
    answer = client.get("/favicon.ico")
    assert answer["Location"] == "/static/favicon.svg"
