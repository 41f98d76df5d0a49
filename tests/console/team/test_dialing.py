"""Dialling out: by an agent of one's team, from its numbers, and what becomes of it."""

import re

import pytest
from django.test import Client

from callcenter.calls.models import Agent
from callcenter.commands import outbox
from callcenter.commands.models import Command
from callcenter.operators.models import Operator, Team
from tests.console.team.test_agents import HTMX, text_of
from tests.factories import make_agent, make_call, make_connection, open_socket, seconds

TO, OWN = "+447700900502", "+442079460118"


@pytest.fixture
def agent(north: Team) -> Agent:
    found = make_agent("frontdesk", make_connection("harbour", north), name="Front desk")
    open_socket(found)
    make_call("CA1", found, to_number=OWN)
    make_call("CA2", found, direction="outbound", from_number="+442079460119", to_number="+447700900777")
    return found


@pytest.fixture
def desk(client: Client, oskar: Operator) -> Client:
    client.force_login(oskar)
    return client


def order(by: Agent, **fields: str) -> dict[str, str]:
    return {"agent": str(by.pk), "to": "+44 7700 900502", "from": OWN, "greeting": "Hello", "key": "k1", **fields}


def test_the_form_offers_the_numbers_of_the_chosen_agent_and_no_others(desk: Client, agent: Agent):
    html = desk.get(f"/dial/?agent={agent.pk}").content.decode()
    assert set(re.findall(r'<option value="(\+[^"]+)"', html)) == {OWN, "+442079460119"}
    assert "Front desk (harbour)" in html


def test_a_call_is_asked_for_and_followed_to_its_page(desk: Client, agent: Agent):
    answer = desk.post("/dial/place/", order(agent))
    command = Command.objects.get()
    assert answer["Location"] == f"/dial/{command.pk}/"
    assert command.frame == {"event": "call.dial", "agent_id": "frontdesk", "to": TO, "from": OWN, "greeting": "Hello"}
    assert "Waiting to be sent" in text_of(desk.get(f"/dial/{command.pk}/"))
    Command.objects.update(state="sent")
    made = make_call("CA9", agent, direction="outbound", to_number=TO)
    assert outbox.confirm(command, seconds(1), made)
    part = desk.get(f"/dial/{command.pk}/", headers=HTMX).content.decode()
    assert 'href="/calls/CA9/"' in part
    assert "hx-get" not in part  # nothing more is to come


def test_the_agent_is_told_of_the_call_line_by_line(desk: Client, agent: Agent):
    desk.post("/dial/place/", order(agent, greeting="", metadata="appointment: Tuesday 10:30\r\n\r\n order : 4711 "))
    assert Command.objects.get().frame["metadata"] == {"appointment": "Tuesday 10:30", "order": "4711"}
    for wrong in ("no colon", ": no name", "no value:", "x" * 41 + ": y", "\n".join(f"fact {n}: y" for n in range(21))):
        answer = desk.post("/dial/place/", order(agent, metadata=wrong, key="other"), headers=HTMX)
        assert answer.status_code == 409, wrong
    assert Command.objects.count() == 1


def test_a_provider_that_takes_numbers_only_is_asked_for_nothing_more(desk: Client, north: Team):
    sippet = make_agent("rivera", make_connection("atlanta", north, provider="sippet"))
    open_socket(sippet)
    html = desk.get(f"/dial/?agent={sippet.pk}").content.decode()
    assert "dial-greeting" not in html
    assert "dial-metadata" not in html
    desk.post("/dial/place/", order(sippet, metadata="k: v") | {"from": ""})
    assert Command.objects.get().frame == {"action": "start_outbound_call", "input": {"toNumber": TO}}


def test_a_phone_line_calls_nobody(desk: Client, agent: Agent):
    make_agent("line:+442079460140", agent.connection)
    assert "line:" not in desk.get("/dial/").content.decode()


def test_the_form_sent_twice_calls_once(desk: Client, agent: Agent):
    for _ in range(2):
        desk.post("/dial/place/", order(agent))
    assert Command.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"), [({"to": "12"}, "number"), ({"to": ""}, "number"), ({"from": "+4930555"}, "no number of the agent")]
)
def test_what_cannot_be_called_is_refused_in_the_form(desk: Client, agent: Agent, fields: dict[str, str], words: str):
    answer = desk.post("/dial/place/", order(agent, **fields), headers=HTMX)
    assert (answer.status_code, words in answer.content.decode()) == (409, True)
    assert not Command.objects.exists()


def test_a_refusal_of_the_provider_is_shown_in_its_words(desk: Client, agent: Agent):
    desk.post("/dial/place/", order(agent))
    Command.objects.update(state="sent")
    command = Command.objects.get()
    outbox.refuse(command.pk, command.connection_id, "INVALID_NUMBER", seconds(1))
    text = text_of(desk.get(f"/dial/{command.pk}/"))
    assert "Failed: refused" in text
    assert "INVALID_NUMBER" in text


def test_what_nobody_knows_says_so(desk: Client, agent: Agent):
    desk.post("/dial/place/", order(agent))
    command = Command.objects.get()
    for state, words in (("not_confirmed", "said nothing in time"), ("unknown", "Nobody can tell")):
        Command.objects.update(state=state)
        assert words in text_of(desk.get(f"/dial/{command.pk}/"))


def test_a_waiting_call_is_cancelled_by_whom_it_belongs_to(desk: Client, agent: Agent):
    desk.post("/dial/place/", order(agent))
    command = Command.objects.get()
    desk.post(f"/dial/{command.pk}/cancel/")
    command.refresh_from_db()
    assert (command.state, command.failure) == ("failed", "cancelled")


def test_agents_of_others_call_nobody(client: Client, agent: Agent, ines: Operator, oskar: Operator, reviewer: Operator):
    client.force_login(ines)
    assert "Front desk" not in client.get("/dial/").content.decode()
    assert client.post("/dial/place/", order(agent)).status_code == 404
    client.force_login(reviewer)
    assert client.post("/dial/place/", order(agent), headers=HTMX).status_code == 409
    assert not Command.objects.exists()


def test_forms_that_act_open_for_nobody_who_only_reads(client: Client, agent: Agent, reviewer: Operator):
    client.force_login(reviewer)
    for path in ("/dial/", f"/agents/{agent.pk}/pausing-contact/"):
        assert client.get(path).status_code == 403


@pytest.mark.parametrize("wanted", ["", "x", "-1", "9" * 30, "²"])
def test_an_agent_that_is_no_number_is_no_agent(desk: Client, agent: Agent, wanted: str):
    assert desk.post("/dial/place/", order(agent, agent=wanted)).status_code == 404
    assert desk.get("/dial/", {"agent": wanted}).status_code == 200
