"""Who may read what: a token opens its operator's teams and nothing else, and errors tell nothing either."""

import pytest

from callcenter.operators import tokens
from callcenter.operators.models import Operator, Team
from tests.api.reading import Reader
from tests.factories import make_agent, make_call, make_connection, make_contact, make_entry, make_line, make_thread

PATHS = ["calls/", "calls/CA1/", "calls/CA1/events/", "agents/", "threads/"]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_there_is_only_a_json_refusal(db: None, path: str):
    answer = Reader(None).answer(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "bearer token" in answer.json()["detail"]


def test_a_wrong_a_revoked_and_a_leavers_token_open_nothing(oskar: Operator):
    reader = Reader(oskar)
    assert reader.answer("calls/").status_code == 200
    assert reader.client.get("/api/v1/calls/", headers={"Authorization": "Bearer op_wrong"}).status_code == 401
    assert reader.client.get("/api/v1/calls/", headers={"Authorization": "Basic b3A6eA=="}).status_code == 401
    oskar.is_active = False
    oskar.save()
    assert reader.answer("calls/").status_code == 401
    oskar.is_active = True
    oskar.save()
    tokens.revoke(oskar.api_tokens.get())
    assert reader.answer("calls/").status_code == 401


def test_a_session_does_not_open_the_api(client, oskar: Operator):
    client.force_login(oskar)
    assert client.get("/api/v1/calls/").status_code == 401


def test_a_stranger_of_another_team_sees_nothing_of_a_call(north: Team, oskar: Operator, ines: Operator):
    agent = make_agent(connection=make_connection(team=north))
    contact = make_contact(name="Lena Hoffmann", team=north)
    call = make_call("CA1", agent, contact=contact, contact_name="Lena Hoffmann", thread=make_thread(agent, contact))
    make_line(call, "This is private.")
    make_entry(call)
    owner, stranger = Reader(oskar), Reader(ines)
    assert owner.uuids() == ["CA1"]
    assert stranger.uuids() == []
    assert stranger.uuids(contact="Lena") == []
    assert stranger.uuids(agent="frontdesk") == []
    assert stranger.read("agents/")["results"] == []
    assert stranger.read("threads/")["results"] == []
    for path in ("calls/CA1/", "calls/CA1/events/"):
        assert owner.answer(path).status_code == 200
        refused, unknown = stranger.answer(path), stranger.answer(path.replace("CA1", "CA2"))
        assert (refused.status_code, refused.content) == (404, unknown.content)
        assert refused.headers["Content-Type"] == unknown.headers["Content-Type"]


def test_a_call_without_an_agent_belongs_to_the_team_of_its_connection(north: Team, oskar: Operator, ines: Operator):
    make_call("CA1", connection=make_connection(team=north))
    assert Reader(oskar).uuids() == ["CA1"]
    assert Reader(ines).uuids() == []


def test_the_agents_team_counts_not_the_connections(north: Team, south: Team, oskar: Operator, ines: Operator):
    make_call("CA1", make_agent(connection=make_connection(team=north), team=south))
    assert Reader(oskar).uuids() == []
    assert Reader(ines).uuids() == ["CA1"]


def test_every_role_reads_its_own_teams_and_an_admin_all(
    north: Team, south: Team, supervisor: Operator, reviewer: Operator, oskar: Operator, ines: Operator, admin: Operator
):
    make_call("north", make_agent(connection=make_connection(team=north)))
    make_call("south", make_agent(connection=make_connection(team=south)))
    seen = {person.username: sorted(Reader(person).uuids()) for person in (supervisor, reviewer, oskar, ines, admin)}
    assert seen == {
        "sofia": ["north", "south"],
        "rita": ["north"],
        "oskar": ["north"],
        "ines": ["south"],
        "ada": ["north", "south"],
    }


def test_nothing_between_keeps_what_one_operator_may_read(oskar: Operator):
    assert Reader(oskar).answer("calls/").headers["Cache-Control"] == "private, no-store"
