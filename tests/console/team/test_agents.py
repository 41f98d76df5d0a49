"""The page of agents: what they do, who silenced them, and how they are silenced and freed."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from callcenter.calls.models import Agent, Call
from callcenter.commands.models import Command, Pause
from callcenter.operators.models import AuditLine, Operator, Team
from tests.factories import make_agent, make_call, make_connection, make_contact, make_thread, open_socket

HTMX = {"HX-Request": "true"}


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def agent(north: Team) -> Agent:
    """It has one call that rings, one that it answers, one that an operator answers, and two threads, one of them old."""
    line = make_connection("harbour", north, heard_at=now(), took_commands=True)
    found = make_agent("frontdesk", line, name="Front desk")
    open_socket(found)
    return found


@pytest.fixture
def desk(client: Client, supervisor: Operator) -> Client:
    client.force_login(supervisor)
    return client


def busy(agent: Agent, oskar: Operator) -> None:
    make_call("CA1", agent, status="ringing")
    make_call("CA2", agent)
    make_call("CA3", agent, holder=oskar)
    make_call("CA4", agent, status="completed")
    for number, age in (("447700900501", 1), ("447700900502", 30)):
        make_thread(agent, make_contact(number, team=agent.team), last_inbound_at=now() - timedelta(hours=age))


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def key_of(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to this address."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', html, re.DOTALL)
    assert form, action
    fields = re.findall(r'<input type="hidden" name="(key|contact|agent)" value="([^"]*)"', form[0])
    return dict(fields)


def test_a_card_says_what_the_agent_does_now(desk: Client, agent: Agent, oskar: Operator):
    busy(agent, oskar)
    text = text_of(desk.get("/agents/"))
    assert "Front desk" in text
    assert "Live Live calls 3 1 ringing Answered by it now 1 Open threads 1" in text


def test_a_card_counts_pauses_of_calls_that_go_on(desk: Client, agent: Agent, oskar: Operator):
    busy(agent, oskar)
    going_on = Call.objects.live().filter(agent=agent).values_list("call_uuid", flat=True)[0]
    Agent.objects.filter(pk=agent.pk).update(paused_calls=["CA-of-yesterday", going_on])
    assert "Paused in 1 call." in text_of(desk.get("/agents/"))
    Call.objects.filter(call_uuid=going_on).update(status="completed")
    assert "Paused in" not in text_of(desk.get("/agents/"))


def test_a_phone_line_stands_behind_the_agents_and_is_neither_paused_nor_dialled_from(desk: Client, agent: Agent):
    line = make_agent("line:+442079460140", agent.connection, name="line:+442079460140")
    html = desk.get("/agents/").content.decode()
    assert html.index("Front desk") < html.index("Line +44 20 7946 0140")
    assert "line:+" not in html
    assert f"/agents/{line.pk}/" not in html
    assert f"agent={line.pk}" not in html
    assert desk.get(f"/agents/{line.pk}/pausing/").status_code == 404


def test_before_a_pause_everywhere_the_dialog_says_what_it_touches(desk: Client, agent: Agent, oskar: Operator):
    busy(agent, oskar)
    answer = desk.get(f"/agents/{agent.pk}/pausing/", headers=HTMX)
    text = text_of(answer)
    assert "<html" not in answer.content.decode()
    assert "3 live calls" in text
    assert "1 call it answers at this moment" in text
    assert "1 open WhatsApp thread" in text
    assert "<html" in desk.get(f"/agents/{agent.pk}/pausing/").content.decode()  # the way without script


def test_a_supervisor_pauses_the_agent_as_a_whole_and_resumes_it(desk: Client, agent: Agent):
    fields = {"key": "k1", "why": "Wrong prices", "length": "60"}
    assert desk.post(f"/agents/{agent.pk}/pause/", fields).status_code == 302
    command, pause = Command.objects.get(), Pause.objects.get()
    assert command.frame == {"event": "session.pause", "agent_id": "frontdesk"}
    assert (pause.why, pause.level, pause.until - pause.began_at) == ("Wrong prices", "agent", timedelta(hours=1))  # type: ignore[operator]
    text = text_of(desk.get("/agents/"))
    assert "Pausing: the provider has not confirmed it yet" in text
    assert "By sofia , until" in text
    assert "Wrong prices" in text
    Agent.objects.update(paused=True)
    html = desk.get("/agents/").content.decode()
    assert "Paused" in html
    assert desk.post(f"/agents/{agent.pk}/resume/", key_of(html, f"/agents/{agent.pk}/resume/")).status_code == 302
    assert Command.objects.filter(verb="resume").get().frame == {"event": "session.resume", "agent_id": "frontdesk"}
    assert Pause.objects.get().ended_at is not None
    text = text_of(desk.get("/agents/"))
    assert "Paused; resuming" in text
    assert "Not from this console" not in text
    assert list(AuditLine.objects.order_by("pk").values_list("action", flat=True)) == ["pause", "resume"]


def test_the_same_form_sent_twice_is_one_command(desk: Client, agent: Agent):
    for _ in range(2):
        desk.post(f"/agents/{agent.pk}/pause/", {"key": "k1"})
    assert Command.objects.count() == 1


@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        ("sent", "", "Pausing: the provider has not confirmed it yet"),
        ("not_confirmed", "", "The provider did not confirm the pause"),
        ("unknown", "", "The provider did not confirm the pause"),
        ("failed", "no such agent", "Not paused: no such agent"),
        ("confirmed", "", "Asked to pause, and not silent"),
    ],
)
def test_what_was_asked_is_not_told_as_a_fact(desk: Client, agent: Agent, state: str, error: str, words: str):
    desk.post(f"/agents/{agent.pk}/pause/", {"key": "k1"})
    Command.objects.update(state=state, error=error)
    assert words in text_of(desk.get("/agents/"))


def test_a_pause_from_elsewhere_is_shown_as_such(desk: Client, agent: Agent):
    make_call("CA9", agent)
    Agent.objects.update(paused=True, paused_calls=["CA9"])
    text = text_of(desk.get("/agents/"))
    assert "Not from this console" in text
    assert "Paused in 1 call" in text


def test_a_contact_is_paused_by_number_before_any_call_exists(client: Client, agent: Agent, oskar: Operator):
    client.force_login(oskar)
    assert "Which contact" in text_of(client.get(f"/agents/{agent.pk}/pausing-contact/"))
    client.post(f"/agents/{agent.pk}/pause-contact/", {"key": "k1", "number": "+44 7700 900983", "why": "VIP"})
    assert Command.objects.get().frame == {"event": "session.pause", "agent_id": "frontdesk", "contact": "447700900983"}
    Agent.objects.update(paused_contacts=["447700900983"])
    html = client.get("/agents/").content.decode()
    assert "+44 7700 900983" in html
    fields = key_of(html, f"/agents/{agent.pk}/resume-contact/")
    assert fields["contact"] == "447700900983"
    client.post(f"/agents/{agent.pk}/resume-contact/", fields)
    assert Command.objects.get(verb="resume").frame["contact"] == "447700900983"


@pytest.mark.parametrize("number", ["", "12", "abc", "sip:lena@example.org"])
def test_a_wrong_number_is_refused_where_it_was_typed(client: Client, agent: Agent, oskar: Operator, number: str):
    client.force_login(oskar)
    answer = client.post(f"/agents/{agent.pk}/pause-contact/", {"key": "k1", "number": number}, headers=HTMX)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.content.decode()
    assert not Command.objects.exists()


def test_a_length_that_nobody_offered_is_refused(desk: Client, agent: Agent):
    assert desk.post(f"/agents/{agent.pk}/pause/", {"key": "k", "length": "9" * 12}, headers=HTMX).status_code == 409
    assert not Pause.objects.exists()


def test_an_operator_silences_no_agent_for_everybody_and_is_not_offered_it(client: Client, agent: Agent, oskar: Operator):
    client.force_login(oskar)
    assert "everywhere" not in client.get("/agents/").content.decode()
    answer = client.post(f"/agents/{agent.pk}/pause/", {"key": "k1"}, headers=HTMX)
    assert (answer.status_code, "Only supervisors" in answer.content.decode()) == (409, True)
    assert not Command.objects.exists()


def test_a_reviewer_sees_and_does_nothing(client: Client, agent: Agent, reviewer: Operator):
    client.force_login(reviewer)
    html = client.get("/agents/").content.decode()
    assert "Front desk" in html
    assert f"/agents/{agent.pk}/" not in html
    client.post(f"/agents/{agent.pk}/pause-contact/", {"key": "k1", "number": "+447700900983"})
    assert not Command.objects.exists()


def test_without_a_socket_or_with_another_provider_the_reason_stands_there(desk: Client, agent: Agent, south: Team):
    agent.connection.sockets.all().delete()
    make_agent("desk", make_connection("phones", south, provider="sippet"))
    text = text_of(desk.get("/agents/"))
    assert "The connection is down: nothing can be sent." in text
    assert "The provider cannot pause an agent." in text
    assert desk.post(f"/agents/{agent.pk}/pause/", {"key": "k1"}, headers=HTMX).status_code == 409


def test_agents_of_other_teams_do_not_exist(client: Client, agent: Agent, ines: Operator):
    client.force_login(ines)
    assert "Front desk" not in client.get("/agents/").content.decode()
    for tail in ("pausing-contact/", "pause/", "resume/", "pause-contact/", "resume-contact/"):
        ask = client.get if tail.startswith("pausing") else client.post
        assert ask(f"/agents/{agent.pk}/{tail}").status_code == 404


def test_the_page_asks_for_itself_again_and_gets_the_list_alone(desk: Client, agent: Agent):
    answer = desk.get("/agents/", headers=HTMX).content.decode().strip()
    assert answer.startswith('<div class="cards" id="agents" hx-get="/agents/"')
    assert answer in desk.get("/agents/").content.decode() or "csrfmiddlewaretoken" in answer


def test_a_contact_whose_thread_somebody_answers_is_silent_because_of_that_and_freed_by_handing_back(
    desk: Client, agent: Agent, oskar: Operator
):
    make_thread(agent, make_contact("447700900983", team=agent.team), holder=oskar)
    Agent.objects.update(paused_contacts=["447700900983"])
    answer = desk.get("/agents/")
    assert "While oskar answers." in text_of(answer)
    assert "resume-contact" not in answer.content.decode()
