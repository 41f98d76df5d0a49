"""An agent that comes to another team takes along what is live: readers by revision see it."""

import pytest

from callcenter.calls.models import Call, Thread
from callcenter.calls.moving import move_agent, rename_agent
from callcenter.journal.revision import current_revision
from callcenter.operators.models import Operator, Team
from tests.api.reading import Reader
from tests.factories import make_agent, make_call, make_connection, make_contact, make_thread

pytestmark = pytest.mark.django_db


def test_live_calls_and_threads_of_a_moved_agent_change_with_it_and_nothing_else_does(north: Team, south: Team) -> None:
    connection = make_connection(team=north)
    agent, other = make_agent("frontdesk", connection), make_agent("orders", connection)
    contact = make_contact(team=north)
    make_thread(agent, contact)
    make_call("live", agent)
    make_call("over", agent, status="completed")
    make_call("another", other)
    before = dict(Call.objects.values_list("call_uuid", "revision"))
    revision = move_agent(agent, south)
    assert revision == current_revision()
    after = dict(Call.objects.values_list("call_uuid", "revision"))
    assert after == {**before, "live": revision}
    assert Thread.objects.get().revision == revision
    agent.refresh_from_db()
    assert (agent.team, agent.revision) == (south, revision)


def test_who_follows_by_revision_gets_the_calls_that_came(north: Team, south: Team, ines: Operator, oskar: Operator) -> None:
    agent = make_agent("frontdesk", make_connection(team=north))
    make_call("live", agent)
    make_thread(agent, make_contact(team=north))
    since = current_revision()
    move_agent(agent, south)
    assert Reader(ines).uuids(since=since) == ["live"]
    assert len(Reader(ines).read("threads/", since=since)["results"]) == 1
    assert Reader(oskar).uuids(since=since) == []


def test_live_calls_and_threads_show_the_new_name_of_an_agent(north: Team) -> None:
    agent = make_agent("7b0c5f12-0000-4000-8000-000000000001", make_connection(team=north))
    make_call("live", agent)
    make_call("over", agent, status="completed")
    make_thread(agent, make_contact(team=north))
    before = current_revision()
    revision = rename_agent(agent, "Front desk")
    assert list(Call.objects.filter(revision__gt=before).values_list("call_uuid", "revision", "agent__name")) == [
        ("live", revision, "Front desk")
    ]
    assert Thread.objects.get().revision == revision
