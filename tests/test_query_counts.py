"""How many queries a page and a look of the feed cost: the same for 1, 20 and 200 calls.

A change of query_baselines.json is to be argued for.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from callcenter.calls.models import Agent, AuditEvent, Call, CallNote, CallPart, Contact, Participant, Thread, ToolCall, TranscriptEntry
from callcenter.journal.models import Connection
from callcenter.journal.revision import next_revision
from callcenter.live.desk import Desk
from callcenter.operators.models import Operator
from tests import factories
from tests.live.tab import Tab, deliver

BASELINES: dict[str, int] = json.loads(Path(__file__).with_name("query_baselines.json").read_text())
SIZES = (1, 20, 200)
NOW = datetime.now(UTC)


class Floor:
    """Calls with agents and contacts of their own; every second one is over. ``CA-0`` has as many lines as there are calls."""

    def __init__(self, line: Connection) -> None:
        self.line = line
        self.count = 0

    def grow(self, count: int) -> None:
        """Bring it to so many live calls, and as many finished ones."""
        new = range(self.count, count)
        team = self.line.team
        Agent.objects.bulk_create(Agent(connection=self.line, slug=f"agent-{n}", name=f"Agent {n}", team=team) for n in new)
        Contact.objects.bulk_create(Contact(team=team, digits=f"4477009{n:05}", phone=f"+4477009{n:05}") for n in new)
        agents = dict(Agent.objects.values_list("slug", "pk"))
        contacts = dict(Contact.objects.values_list("digits", "pk"))
        calls = []
        for n in new:
            common: dict[str, Any] = {"connection": self.line, "agent_id": agents[f"agent-{n}"], "last_text": f"Line {n}"}
            now = {"status": "answered", "heard_at": NOW, "started_at": factories.START}
            over = {"status": "completed", "ended_at": NOW, "started_at": factories.seconds(-60 - n)}
            calls.append(Call(call_uuid=f"CA-{n}", contact_id=contacts[f"4477009{n:05}"], **common, **now))
            calls.append(Call(call_uuid=f"CA-{n}-over", contact_id=contacts["447700900000"], **common, **over))
        Call.objects.bulk_create(calls)
        call = Call.objects.get(call_uuid="CA-0")
        TranscriptEntry.objects.bulk_create(
            TranscriptEntry(call=call, key=f"part-{n}", speaker="contact", state="final", text=f"Line {n}", sort_time=float(n)) for n in new
        )
        kinds: tuple[type[CallPart], ...] = (ToolCall, AuditEvent, Participant, CallNote)
        for kind in kinds:
            rows = [{"call": call, "key": f"part-{n}", "sort_n": n, "sort_time": float(n)} for n in new]
            kind._default_manager.bulk_create(kind(**row) for row in rows)
        self.count = count


def counted(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)


@pytest.fixture
def floor(north: Any) -> Floor:
    return Floor(factories.make_connection(team=north))


def test_pages_cost_the_same_for_one_call_and_for_two_hundred(floor: Floor, client: Client, oskar: Operator):
    client.force_login(oskar)
    paths = {
        "floor": "/", "floor filtered": "/?q=Line+0&channel=phone", "call page": "/calls/CA-0/", "finished call page": "/calls/CA-0-over/",
        "history": "/calls/", "history filtered": "/calls/?q=Line&status=completed", "history page 2": "/calls/?page=2",
    }  # fmt: skip
    costs: dict[str, set[int]] = {name: set() for name in paths}
    for size in SIZES:
        floor.grow(size)
        for name, path in paths.items():
            costs[name].add(counted(lambda path=path: client.get(path)))  # type: ignore[misc]
    assert costs == {name: {BASELINES[name]} for name in paths}


TEAM_PAGES = {"agents": "/agents/", "operators": "/operators/", "dial": "/dial/", "keyboard": "/me/keyboard/"}


def test_pages_of_agents_and_people_cost_the_same_for_few_and_for_many(
    floor: Floor, client: Client, supervisor: Operator, reviewer: Operator
):
    client.force_login(supervisor)
    costs: dict[str, set[int]] = {name: set() for name in TEAM_PAGES}
    for size in SIZES:
        floor.grow(size)
        Call.objects.filter(status="answered").update(holder=reviewer)
        for name, path in TEAM_PAGES.items():
            costs[name].add(counted(lambda path=path: client.get(path)))  # type: ignore[misc]
    assert costs == {name: {BASELINES[name]} for name in costs}


def test_a_look_of_the_feed_costs_the_same_for_one_changed_call_and_for_two_hundred(
    floor: Floor, oskar: Operator, reviewer: Operator, admin: Operator
):
    """Five tabs, of which three show the same floor through different filters, and one call page."""
    costs: dict[str, set[int]] = {"first look": set(), "look at changed calls": set(), "look without news": set()}
    for size in SIZES:
        floor.grow(size)
        desk = Desk()
        opened = [(oskar, "/"), (reviewer, "/"), (oskar, "/?status=held"), (admin, "/?q=line"), (oskar, "/calls/CA-0/")]
        tabs = [Tab(reader, path) for reader, path in opened]

        def look() -> None:
            desk.table.looked_around = float("-inf")  # noqa: B023
            deliver(desk, set(), tabs)  # noqa: B023

        costs["first look"].add(counted(look))
        Call.objects.exclude(status="completed").update(last_text="Changed", revision=next_revision())
        costs["look at changed calls"].add(counted(look))
        costs["look without news"].add(counted(look))
    assert costs == {name: {BASELINES[name]} for name in costs}


THREADS = ("whatsapp list", "whatsapp thread", "look at threads")


def test_the_whatsapp_desk_costs_the_same_for_one_thread_and_for_many(floor: Floor, client: Client, oskar: Operator):
    """One page of a thread with as many lines as there are threads, with its list beside it, and a look after all of them changed."""
    client.force_login(oskar)
    costs: dict[str, set[int]] = {name: set() for name in THREADS}
    for size in SIZES:
        floor.grow(size)
        for call in Call.objects.filter(status="answered", thread=None).select_related("agent", "contact"):
            assert call.agent is not None
            assert call.contact is not None
            call.thread = factories.make_thread(call.agent, call.contact, holder=oskar)
            call.save(update_fields=["thread"])
        path = f"/whatsapp/{Call.objects.get(call_uuid='CA-0').thread_id}/"
        costs["whatsapp list"].add(counted(lambda: client.get("/whatsapp/?q=Line&show=mine")))
        costs["whatsapp thread"].add(counted(lambda path=path: client.get(path)))  # type: ignore[misc]
        desk, tabs = Desk(), [Tab(oskar, path)]
        deliver(desk, set(), tabs)
        Thread.objects.update(revision=next_revision())
        desk.table.looked_around = float("inf")
        costs["look at threads"].add(counted(lambda desk=desk, tabs=tabs: deliver(desk, set(), tabs)))  # type: ignore[misc]
    assert costs == {name: {BASELINES[name]} for name in costs}


def test_no_baseline_is_left_over() -> None:
    measured = {
        "floor", "floor filtered", "call page", "finished call page", "history", "history filtered", "history page 2",
        "first look", "look at changed calls", "look without news", *TEAM_PAGES, *THREADS,
    }  # fmt: skip
    assert set(BASELINES) == measured
