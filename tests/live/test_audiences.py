"""Calls that change hands between teams: they leave one audience, enter another, and nobody keeps what is no longer theirs."""

import pytest
from django.test import Client

from callcenter.calls.models import Agent, Call
from callcenter.console.floor import audience_of
from callcenter.journal.models import Connection
from callcenter.live.socket import DENIED
from callcenter.operators.models import Operator, Team
from tests.e2e.stories import Conversation
from tests.live.scene import Scene, WhatsApp
from tests.live.stage import NEVER, Stage


@pytest.fixture
def scene(stage: Stage) -> Scene:
    return Scene(stage)


def move_agent(admin: Operator, team: Team) -> None:
    """As an administrator does it."""
    client, agent = Client(), Agent.objects.get(slug="frontdesk")
    client.force_login(admin)
    assert client.post(f"/admin/calls/agent/{agent.pk}/change/", {"team": team.pk, "name": agent.name}).status_code == 302


def move_connection(admin: Operator, connection: Connection, team: Team) -> None:
    client = Client()
    client.force_login(admin)
    answer = client.post(f"/admin/journal/connection/{connection.pk}/change/", {"team": team.pk, "enabled": "on"})
    assert answer.status_code == 302


def test_a_call_routed_to_an_agent_of_another_team_goes_over(
    scene: Scene, oskar: Operator, ines: Operator, supervisor: Operator, south: Team
):
    Agent.objects.create(connection=scene.stage.pinecall.connection, slug="orders", name="Orders", team=south)
    scene.talk()
    stage, path = scene.stage, f"/calls/{scene.call.uuid}/"
    left, page, entered = stage.open(oskar), stage.open(oskar, path), stage.open(ines)
    both, stays = stage.open(supervisor), stage.open(supervisor, path)
    stage.look()
    scene.send(scene.call.frame("call.routed") | {"agent_id": "line:+442079460140", "agent": "orders"})
    stage.look()
    assert left.page.ids("floor-progress") == []
    assert entered.page.ids("floor-progress") == both.page.ids("floor-progress") == [scene.call.row]
    assert page.closed == DENIED
    stage.check()
    scene.call.agent = "orders"
    scene.send(scene.call.heard("u9", "Words for the south only"))
    stage.look()
    assert "Words for the south only" in entered.page.text()
    assert "Words for the south only" in stays.page.text()
    assert "Words for the south only" not in "".join(left.told + page.told)
    stage.check()


def test_an_agent_moved_in_the_admin_takes_all_its_calls_along(
    scene: Scene, oskar: Operator, ines: Operator, reviewer: Operator, admin: Operator, south: Team
):
    over = Conversation(number=scene.call.number)
    scene.send(over.starts(), over.ends())
    scene.talk()
    stage = scene.stage
    left, entered, everywhere = stage.open(oskar), stage.open(ines), stage.open(admin)
    pages = [stage.open(person, f"/calls/{uuid}/") for uuid in (scene.call.uuid, over.uuid) for person in (oskar, reviewer, admin)]
    stage.look()
    assert left.page.words("floor-counters").endswith("Ended today1call")
    move_agent(admin, south)
    stage.look()
    assert left.page.ids("floor-progress") == []
    assert entered.page.ids("floor-progress") == everywhere.page.ids("floor-progress") == [scene.call.row]
    assert entered.page.words("floor-counters").endswith("Ended today1call")
    assert [page.closed for page in pages] == [DENIED, DENIED, None] * 2
    stage.check()


def test_earlier_calls_that_went_to_another_team_leave_the_list(scene: Scene, oskar: Operator, admin: Operator, north: Team, south: Team):
    """The agent of the earlier call moves; the agent of the call on the screen stays."""
    earlier = Conversation(number=scene.call.number, agent="orders")
    scene.send(earlier.starts(), earlier.heard("u1", "Words of an earlier call"), earlier.ends())
    scene.talk()
    page = scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()
    assert "Words of an earlier call" in page.page.text()
    Agent.objects.exclude(slug="orders").update(slug="kept")
    Agent.objects.filter(slug="orders").update(slug="frontdesk")
    move_agent(admin, south)
    scene.stage.look()
    assert "Words of an earlier call" not in page.page.text()
    scene.stage.check()


def test_an_earlier_call_that_became_another_contacts_leaves_the_list(scene: Scene, admin: Operator, south: Team):
    """Contacts belong to teams: the next frame after its agent moved gives the call the contact that the new team knows."""
    earlier = WhatsApp(scene.whatsapp.digits)
    scene.send(earlier.opens(), earlier.writes("wamid.1", "Words of an earlier call"))
    scene.send(scene.whatsapp.opens(), scene.whatsapp.writes("wamid.2", "Words of this call"))
    page = scene.stage.open(admin, f"/calls/{scene.whatsapp.uuid}/")
    scene.stage.look()
    assert "Words of an earlier call" in page.page.text()
    move_agent(admin, south)
    scene.stage.look()
    scene.stage.writer.asked_at = NEVER  # it asks for people every few seconds
    scene.send(earlier.writes("wamid.3", "And one more"))
    scene.stage.later()
    scene.stage.look()
    assert "And one more" not in page.page.text()
    scene.stage.check()


def test_a_connection_moved_in_the_admin_takes_its_calls_without_agent_along(
    scene: Scene, oskar: Operator, ines: Operator, admin: Operator, south: Team
):
    stage, call = scene.stage, Conversation(agent="")
    stage.pinecall.send(call.rings())
    assert Call.objects.get().agent is None
    left, entered, page = stage.open(oskar), stage.open(ines), stage.open(oskar, f"/calls/{call.uuid}/")
    stage.look()
    assert left.page.ids("floor-progress") == [call.row]
    move_connection(admin, stage.pinecall.connection, south)
    stage.later()
    stage.look()
    assert left.page.ids("floor-progress") == []
    assert entered.page.ids("floor-progress") == [call.row]
    assert page.closed == DENIED
    stage.check()


def test_an_operator_who_changes_teams_sees_the_other_team(scene: Scene, oskar: Operator, north: Team, south: Team):
    """What the hub does when it looks at rights; the consumer's part is tested with a real socket."""
    stage, elsewhere = scene.stage, Conversation()
    stage.south.send(elsewhere.starts())
    scene.talk()
    floor, page = stage.open(oskar), stage.open(oskar, f"/calls/{scene.call.uuid}/")
    stage.look()
    oskar.teams.set([south])
    for tab in (floor, page):
        tab.socket.audience, tab.socket.wishes = audience_of(oskar), tab.socket.wishes + 1
    stage.look()
    assert floor.page.ids("floor-progress") == [elsewhere.row]
    assert page.closed == DENIED
    stage.check()


def test_an_operator_without_a_team_sees_an_empty_floor(scene: Scene, oskar: Operator):
    scene.talk()
    oskar.teams.clear()
    floor = scene.stage.open(oskar)
    scene.stage.look()
    assert "You belong to no team yet" in floor.page.words("floor-empty")
    floor.check()


@pytest.mark.parametrize("uuid", ["unknown", "theirs"])
def test_a_call_of_another_team_is_closed_exactly_like_one_that_does_not_exist(scene: Scene, oskar: Operator, ines: Operator, uuid: str):
    scene.talk()
    tab = scene.stage.open(ines)
    tab.socket.view = {"screen": "call", "call": scene.call.uuid if uuid == "theirs" else "CA-unknown"}
    scene.stage.look()
    assert (tab.closed, tab.told) == (DENIED, [])
