"""No query that runs all the time reads a whole table that grows with the work: asked of the database, with enough rows in it."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from callcenter.calls.archiving import archive_before
from callcenter.calls.limits import limits
from callcenter.calls.models import Agent, Call, Contact, TranscriptEntry
from callcenter.ingest.silence import Silence
from callcenter.journal.models import Entry
from callcenter.live.desk import Desk
from callcenter.operators.models import Operator
from tests import factories
from tests.ingest.frames import ended, said, spoken, started
from tests.ingest.playing import Player, make_source
from tests.live.tab import Tab, deliver

pytestmark = pytest.mark.django_db(transaction=True)

# Those that grow with every call; agents, people and connections are few.
GROWING = (
    "journal_entry", "journal_archive", "journal_deadletter", "calls_call", "calls_contact", "calls_transcriptentry", "calls_toolcall",
    "calls_auditevent", "calls_participant", "calls_callnote", "calls_recording", "calls_tombstone", "commands_command",
)  # fmt: skip
OLD = 1500  # calls that are over
LINES = 4
NOW = datetime.now(UTC)
# PostgreSQL reads a table of few rows as a whole, and is right: it is asked about those that have many here.
MANY = ("journal_entry", "calls_call", "calls_contact", "calls_transcriptentry")
WHOLE = re.compile(rf"Seq Scan on ({'|'.join(MANY)})\b|^SCAN ({'|'.join(GROWING)})\b(?! USING INDEX)")


@pytest.fixture
def player() -> Player:
    """An old centre: calls, lines and entries of weeks, some archived, as statistics know them."""
    source = make_source()
    line = source.id
    team = Agent.objects.create(connection_id=line, slug="old", name="Old", team_id=source.team).team_id
    agent = Agent.objects.get()
    contacts = Contact.objects.bulk_create(Contact(team_id=team, digits=f"49{n:08}", phone=f"+49{n:08}") for n in range(OLD))
    calls = Call.objects.bulk_create(
        Call(
            call_uuid=f"old-{n}", connection_id=line, agent=agent, contact=contacts[n], status="completed", version=LINES, revision=0,
            started_at=NOW - timedelta(hours=n + 30), ended_at=NOW - timedelta(hours=n + 29), heard_at=NOW - timedelta(hours=n + 29),
        )
        for n in range(OLD)
    )  # fmt: skip
    TranscriptEntry.objects.bulk_create(
        TranscriptEntry(call=call, key=f"u{n}", speaker="contact", text="Hello", state="final") for call in calls for n in range(LINES)
    )
    Entry.objects.bulk_create(
        Entry(
            scope=f"call:{call.call_uuid}", n=n + 1, key=f"{call.pk}-{n}", connection_id=line, event="user.message", origin="provider",
            received_at=NOW - timedelta(hours=call.pk), frame=json.dumps(said(n, "Hello", f"u{n}", call.call_uuid)),
        )
        for call in calls
        for n in range(LINES)
    )  # fmt: skip
    for done, _ in enumerate(archive_before(NOW, together=100)):
        if done == 4:
            break
    if connection.vendor == "postgresql":  # SQLite has no statistics unless somebody makes some
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return Player(source)


@contextmanager
def explained() -> Iterator[list[str]]:
    """Every SELECT inside, and how the database goes about it: what reads a growing table as a whole."""
    whole: list[str] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        bounded = sql.startswith("SELECT COUNT(*) FROM (") and "LIMIT" in sql
        if sql.startswith(("SELECT", "WITH")) and not many and not bounded:
            if connection.vendor == "postgresql":  # in a cursor of its own: some of theirs are on the server
                cursor = connection.connection.cursor()
                cursor.execute(f"EXPLAIN {sql}", params)
            else:
                cursor = context["cursor"]
                execute(f"EXPLAIN QUERY PLAN {sql}", params, many, context)
            plan = [str(row[-1]) for row in cursor.fetchall()]
            whole.extend(f"{step}: {sql[:1500]}" for step in plan if WHOLE.search(step))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield whole


def test_ingest_never_reads_a_table_as_a_whole(player: Player) -> None:
    with explained() as whole:
        player.play([started(0), said(1, "Hello?", "u1"), *spoken(2, "m1", "Good", "morning")], size=3)
        player.settle()
        anew = Player(player.source)  # as after a restart
        anew.play([said(4, "I am late.", "u2"), ended(9)])
        anew.play([said(9, "One thing more.", "u9", "old-1499")])  # archived
        anew.play([said(9, "One thing more.", "u9", "old-1")])
        silence = Silence(limits())
        silence.looked_at = float("-inf")
        silence.lost(anew.writers[0].folder, NOW.timestamp() + 3600)
    assert "\n".join(whole) == ""


def test_no_page_and_no_look_reads_a_table_as_a_whole(player: Player, client: Client, oskar: Operator, admin: Operator) -> None:
    for number in range(5):
        player.play([started(0, f"CA-{number}"), said(1, "Hello?", "u1", f"CA-{number}")])
    desk, tabs = Desk(), [Tab(admin, "/"), Tab(oskar, "/calls/CA-1/")]
    with explained() as whole:
        for reader in (oskar, admin):
            client.force_login(reader)
            for path in ("/", "/?status=held", "/?q=hello", "/calls/CA-1/", "/calls/old-7/", "/calls/", "/calls/?page=3", "/whatsapp/"):
                assert client.get(path).status_code == 200
        deliver(desk, set(), tabs)
        player.play([said(2, "Still there?", "u2", "CA-1"), ended(3, "CA-2")])
        desk.table.looked_around = float("-inf")
        deliver(desk, {"CA-1"}, tabs)
        desk.rest()
        deliver(desk, set(), tabs)
        headers = factories.bearer(admin)
        for path in ("/api/v1/calls/?since=1", "/api/v1/calls/CA-1/", "/api/v1/calls/old-1499/events/", "/api/v1/calls/old-1/events/"):
            assert client.get(path, headers=headers).status_code == 200
    assert "\n".join(whole) == ""


def test_a_step_of_the_archive_reads_only_what_it_moves(player: Player) -> None:
    with explained() as whole:
        next(archive_before(NOW))
    assert "\n".join(whole) == ""
    assert "call_to_archive" in Call.objects.to_archive(NOW).order_by("ended_at")[:20].explain()
