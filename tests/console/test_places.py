"""A call's place on the floor, from a few columns, is the place that its row shows; and the page is built on places."""

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from callcenter.calls.live_state import LiveCall, store
from callcenter.calls.models import Call, Contact
from callcenter.console.filters import Filters
from callcenter.console.floor import WINDOW, narrow, survey
from callcenter.console.floor import floor_call as on_floor
from callcenter.console.loading import load_floor
from callcenter.console.places import places, sketches
from callcenter.domain.limits import Limits
from callcenter.journal.models import Connection
from callcenter.operators.models import Operator, Team
from tests import factories

NOW = timezone.now()
FILTERS = [
    Filters(), Filters(status="attention"), Filters(status="ringing"), Filters(status="held"), Filters(status="answered"),
    Filters(channel="chat"), Filters(agent="agent-0"), Filters(holder="operator"), Filters(q="caller 7"), Filters(q="caller"),
    Filters(status="held", holder="agent", q="7700"),
]  # fmt: skip


@pytest.fixture
def calls(north: Team, oskar: Operator) -> list[Call]:
    """Every mixture of what decides about a place, more of them than a floor shows."""
    line = factories.make_connection(team=north)
    agents = [factories.make_agent("agent-0", line), factories.make_agent("agent-1", line, unverified_since=NOW), None]
    made, contacts = [], [Contact(team=north, digits=f"447700{n:06}", phone=f"+447700{n:06}", name=f"Caller {n}") for n in range(600)]
    contacts = Contact.objects.bulk_create(contacts)
    states = product(
        ("ringing", "answered"), ("phone", "chat"), (False, True), ("", "max_duration"), (None, oskar), agents, (0, 500), (None, 20, 60)
    )
    for n, (status, channel, held, alarm, holder, agent, silent, waited) in enumerate(states):
        times = {"started_at": factories.seconds(n % 7), "heard_at": timezone.now() - timedelta(seconds=silent)}
        if waited is not None:
            times["unanswered_since"] = timezone.now() - timedelta(seconds=waited)
        told = {"status": status, "channel": channel, "held": held, "alarm": alarm, "holder": holder, "reply_ms": n * 10 or None}
        made.append(
            Call(call_uuid=f"CA-{n}", connection=line, agent=agent, contact=contacts[n], from_number=contacts[n].phone, **told, **times)
        )
    store().put({call.call_uuid: LiveCall(1, NOW.timestamp() - 500, idle_s=5.0) for call in made[::3]})
    return Call.objects.bulk_create(made)


def everything() -> list[Call]:
    return list(Call.objects.live().for_rows())


def test_every_call_has_the_place_that_its_row_shows(calls: list[Call]) -> None:
    live, now = store().get([call.call_uuid for call in calls]), timezone.now().timestamp()
    rows = {call.pk: on_floor(call, call.agent, live.get(call.call_uuid), now, Limits()).drawn() for call in everything()}
    found = places(sketches(Call.objects.live()), live, now, Limits())
    assert len(found) == len(calls) > WINDOW
    for place in found:
        row = rows[place.pk]
        shown = (row.group, row.sort, row.tone, row.channel, row.holder_kind, row.started_ms, row.unanswered)
        assert (place.group, place.sort, place.tone, place.channel, place.holder_kind, place.started_ms, place.unanswered) == shown
        assert (row.group == "attention") == (row.stale_since_ms is not None or any(badge.tone == "alert" for badge in row.badges))


@pytest.mark.parametrize("filters", FILTERS, ids=lambda filters: filters.query_string or "all")
def test_a_page_is_what_the_feed_would_show(calls: list[Call], filters: Filters) -> None:
    live, now = store().get([call.call_uuid for call in Call.objects.all()]), timezone.now().timestamp()
    items = [on_floor(call, call.agent, live.get(call.call_uuid), now, Limits()) for call in everything()]
    assert load_floor(None, filters) == narrow(survey(items, None, 0), None, filters, Connection.objects.with_health(), now)


def test_a_call_on_whatsapp_is_answered_by_whom_its_thread_says(north: Team, oskar: Operator) -> None:
    agent = factories.make_agent(connection=factories.make_connection(team=north))
    thread = factories.make_thread(agent, factories.make_contact(team=north), holder=oskar)
    factories.make_call("CA-thread", agent, channel="whatsapp", thread=thread)
    assert [place.holder_kind for place in places(sketches(Call.objects.live()), {}, NOW.timestamp(), Limits())] == ["operator"]
