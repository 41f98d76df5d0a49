"""Commands, takeovers, pauses and sockets in the admin: found, read, never changed."""

from typing import Any

import pytest
from django.test import Client

from callcenter.commands.models import Command, OpenSocket, Pause, Takeover
from callcenter.operators.models import Operator, Team
from tests.adminpages import form_of, open_page, queries_of
from tests.factories import make_agent, make_call, make_command, make_connection, make_history

MODELS: dict[str, Any] = {"command": Command, "takeover": Takeover, "pause": Pause, "opensocket": OpenSocket}


@pytest.fixture
def desk(client: Client, admin: Operator, oskar: Operator, north: Team) -> Client:
    agent = make_agent("frontdesk", make_connection("harbour", north))
    call = make_call("CA-one", agent)
    make_command(call, agent=agent, operator=oskar, verb="hold")
    make_command(make_call("CA-two", agent), agent=agent, operator=oskar, verb="mute", state="failed", error="no such call here")
    make_history(call, oskar)
    client.force_login(admin)
    return client


@pytest.mark.parametrize("page", MODELS)
def test_rows_are_read_and_never_changed(desk: Client, page: str):
    html = open_page(desk, f"/admin/commands/{page}/")
    assert "harbour" in html or "oskar" in html
    assert desk.get(f"/admin/commands/{page}/add/").status_code == 403
    row = MODELS[page].objects.all()[0].pk
    path = f"/admin/commands/{page}/{row}/change/"
    assert form_of(open_page(desk, path)) == []
    assert desk.post(path, {"state": "confirmed"}).status_code == 403


def test_commands_are_found_by_state_verb_connection_and_words(desk: Client):
    for query, found in (
        ({"state": "failed"}, "CA-two"),
        ({"verb": "hold"}, "CA-one"),
        ({"q": "no such call"}, "CA-two"),
        ({"q": "CA-one"}, "CA-one"),
    ):
        html = open_page(desk, "/admin/commands/command/", **query)
        assert [name for name in ("CA-one", "CA-two") if f">{name}<" in html] == [found], query


def test_a_command_shows_the_order_and_the_frame(desk: Client):
    command = Command.objects.get(verb="hold")
    html = open_page(desk, f"/admin/commands/command/{command.pk}/change/")
    assert "call.hold" in html


def test_a_socket_names_phone_lines_by_their_number(desk: Client):
    OpenSocket.objects.update(agents=["frontdesk", "line:+442079460140"])
    assert "frontdesk, Line +442079460140" in open_page(desk, "/admin/commands/opensocket/")


def test_the_list_of_takeovers_says_what_was_taken(desk: Client):
    assert '<td class="field-about">CA-one</td>' in open_page(desk, "/admin/commands/takeover/")


def test_a_list_of_many_costs_what_a_list_of_few_costs(desk: Client, oskar: Operator):
    few = queries_of(desk, "/admin/commands/command/")
    agent = Command.objects.earliest("created_at").agent
    assert agent
    for number in range(20):
        make_command(make_call(f"CB{number}", agent), agent=agent, operator=oskar)
    assert queries_of(desk, "/admin/commands/command/") == few
