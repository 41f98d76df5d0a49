"""The history: every call, of any state, found by what people remember of it."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from callcenter.calls.live_state import LiveCall
from callcenter.commands.models import Takeover
from callcenter.console.history import history_row
from callcenter.console.view import HistoryRow
from callcenter.console.views import PAGE_SIZE
from callcenter.domain.limits import Limits
from callcenter.operators.models import Operator, Team
from tests import factories
from tests.console.calls import NOW, a_call, ago, an_operator


def row(live: LiveCall | None = None, **values: Any) -> HistoryRow:
    return history_row(a_call(**values), live, NOW.timestamp(), Limits())


def test_a_live_call_has_no_length_yet_and_a_finished_one_says_why_it_ended():
    live, over = row(), row(status="completed", end_reason="no_answer", ended_at=ago(1), duration_s=57)
    assert (live.duration_s, over.duration_s) == (None, 57)
    assert (over.state, over.end_reason, over.tone, over.live_ms) == ("Ended", "no_answer", "ring", None)


def test_a_live_call_looks_as_on_the_floor_and_says_when_it_was_read():
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({}, "In progress", "ai"),
        ({"holder": an_operator()}, "In progress", "human"),
        ({"held": True}, "On hold", "hold"),
        ({"status": "ringing"}, "Ringing", "ring"),
        ({"status": "dialing"}, "Dialing", "ring"),
        ({"heard_at": ago(121)}, "No signal", "alert"),
        ({"heard_at": ago(121), "live": LiveCall(epoch=1, heard=ago(1).timestamp())}, "In progress", "ai"),
    ]
    for values, state, tone in cases:
        live = row(**values)
        assert (live.state, live.tone, live.live_ms) == (state, tone, NOW.timestamp() * 1000)


def test_only_of_a_call_that_is_over_the_page_says_that_nothing_was_said(reader: Client, north: Team):
    line = factories.make_connection(team=north)
    factories.make_call("ringing", connection=line, status="ringing", heard_at=timezone.now())
    live = reader.get("/calls/").content.decode()
    assert "Nothing said yet" in live
    assert re.search(r"Ringing</span>.*?live since <time", live, re.DOTALL)
    factories.make_call("over", connection=line, status="completed")
    assert "Nothing was said" in reader.get("/calls/?status=completed").content.decode()


def test_who_held_it_and_what_was_said_last():
    held = row(holder=an_operator(), last_speaker="contact", last_text="Thank you")
    assert (held.holder_kind, held.holder, held.summary, held.summary_speaker) == ("operator", "oskar", "Thank you", "Caller")


@pytest.fixture
def reader(client: Client, oskar: Operator) -> Client:
    client.force_login(oskar)
    return client


def shown(reader: Client, query: str = "") -> list[str]:
    page = reader.get(f"/calls/{query}").context["page"]
    return [row.uuid for row in page.object_list]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["new", "old"]),
        ("?status=completed", ["old"]),
        ("?status=answered", ["new"]),
        ("?status=held", ["new"]),
        ("?channel=whatsapp", ["old"]),
        ("?agent=orders", ["old"]),
        ("?agent=nobody", []),
        ("?holder=operator", ["old"]),
        ("?holder=agent", ["new"]),
        ("?q=hoffmann", ["new"]),
        ("?q=boiler", ["old"]),
        ("?q=900+983", ["old"]),
        ("?q=old", ["old"]),
        ("?q=ol", []),
        ("?q=%25", []),
        ("?status=nonsense", []),
        ("?page=nonsense", ["new", "old"]),
        ("?page=99", ["new", "old"]),
        ("?unknown=x", ["new", "old"]),
    ],
)
def test_a_call_is_found_by_what_people_remember(reader: Client, oskar: Operator, north: Team, query: str, found: list[str]):
    line = factories.make_connection(team=north)
    factories.make_call(
        "new", factories.make_agent("frontdesk", line), contact_name="Lena Hoffmann", held=True, started_at=factories.seconds(9)
    )
    old = factories.make_call(
        "old", factories.make_agent("orders", line), status="completed", channel="whatsapp", holder=oskar, last_text="My boiler leaks",
        from_number="447700900983", to_number="", started_at=factories.START,
    )  # fmt: skip
    factories.make_line(old, "My boiler leaks")
    assert shown(reader, query) == found


def test_a_call_that_an_operator_handed_back_was_answered_by_one(reader: Client, oskar: Operator, north: Team):
    agent = factories.make_agent(connection=factories.make_connection(team=north))
    thread = factories.make_thread(agent, factories.make_contact(team=north))
    over: dict[str, Any] = {"status": "completed", "started_at": factories.seconds(0), "ended_at": factories.seconds(60)}
    handed_back = factories.make_call("handed-back", agent, **over)
    undone = factories.make_call("alone", agent, **over)
    Takeover.objects.create(call=undone, operator=oskar, fence=1, began_at=factories.seconds(10), ended_how=Takeover.End.UNDONE)
    factories.make_call("session", agent, channel="whatsapp", thread=thread, **over)
    factories.make_call("earlier-session", agent, channel="whatsapp", thread=thread, **over | {"ended_at": factories.seconds(5)})
    wheres: list[dict[str, Any]] = [{"call": handed_back}, {"thread": thread}]
    for number, where in enumerate(wheres, 1):
        Takeover.objects.create(operator=oskar, fence=number, began_at=factories.seconds(10), ended_at=factories.seconds(20), **where)
    assert sorted(shown(reader, "?holder=operator")) == ["handed-back", "session"]
    assert sorted(shown(reader, "?holder=agent")) == ["alone", "earlier-session"]


def test_pages_are_turned_and_keep_the_filter(reader: Client, north: Team):
    line = factories.make_connection(team=north)
    for number in range(PAGE_SIZE + 3):
        factories.make_call(f"c{number:03}", connection=line, started_at=factories.seconds(number))
    first, second = shown(reader, "?channel=phone"), shown(reader, "?channel=phone&page=2")
    assert (first[0], len(first), second) == (f"c{PAGE_SIZE + 2:03}", PAGE_SIZE, ["c002", "c001", "c000"])
    assert "?channel=phone&amp;page=2" in reader.get("/calls/?channel=phone").content.decode()


def test_an_empty_history_says_what_to_do(reader: Client):
    assert "No calls yet" in reader.get("/calls/").content.decode()
    assert "No call matches" in reader.get("/calls/?q=nothing").content.decode()


# Days


@pytest.fixture
def three_days(north: Team, settings) -> None:
    """Calls before, in and after one day in Madrid, where it begins an hour earlier than in Greenwich; one never started."""
    settings.TIME_ZONE = "Europe/Madrid"
    line = factories.make_connection(team=north)
    times = {"eve": "2026-01-09T22:59:59", "first": "2026-01-09T23:00:00", "last": "2026-01-10T22:59:59", "next": "2026-01-10T23:00:00"}
    for name, at in times.items():
        factories.make_call(name, connection=line, started_at=datetime.fromisoformat(f"{at}+00:00"))
    factories.make_call("never", connection=line, started_at=None)


@pytest.mark.usefixtures("three_days")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?from=2026-01-10", ["next", "last", "first"]),
        ("?to=2026-01-10", ["last", "first", "eve"]),
        ("?from=2026-01-10&to=2026-01-10", ["last", "first"]),
        ("?from=2026-01-10&to=2026-01-10&q=las", []),
        ("?from=2026-01-10&to=2026-01-10&q=last", ["last"]),
        ("?from=2026-01-11&to=2026-01-10", []),
        ("?from=+2026-01-11+", ["next"]),
    ],
)
def test_a_day_lasts_from_midnight_to_midnight_where_the_console_is(reader: Client, query: str, found: list[str]):
    assert shown(reader, query) == found


@pytest.mark.usefixtures("three_days")
@pytest.mark.parametrize(
    "day", ["nonsense", "2026-02-30", "0001-01-01", "9999-12-31", "2026-1", "10.01.2026", "<b>", "%00", "%F0%9F%92%A9", "x" * 3000, "-1"]
)
def test_what_is_no_day_is_left_out_and_the_page_says_so(reader: Client, day: str):
    for field in ("from", "to"):
        answer = reader.get(f"/calls/?{field}={day}")
        assert answer.status_code == 200
        html = answer.content.decode()
        assert len(answer.context["page"].object_list) == 5
        assert bool(re.search(rf'name="{field}" value="" aria-invalid="true"', html)) is (day != "%00")
        assert (f'id="filter-{field}-problem"' in html) is (day != "%00")
        assert "<b>" not in html


def test_a_last_day_before_the_first_is_said_beside_it(reader: Client):
    assert "lies before the first" in reader.get("/calls/?from=2026-01-11&to=2026-01-10").content.decode()
    assert "filter-to-problem" not in reader.get("/calls/?from=2026-01-10&to=2026-01-10").content.decode()


def test_pages_and_the_form_keep_the_days(reader: Client, north: Team):
    line = factories.make_connection(team=north)
    for number in range(PAGE_SIZE + 1):
        factories.make_call(f"c{number:03}", connection=line, started_at=factories.seconds(number))
    day = factories.START.date().isoformat()
    html = reader.get(f"/calls/?channel=phone&from={day}&to={day}").content.decode()
    assert f"?channel=phone&amp;from={day}&amp;to={day}&amp;page=2" in html
    assert f'name="from" value="{day}"' in html
    assert f'name="to" value="{day}"' in html
    assert shown(reader, f"?from={day}&to={day}&page=2") == ["c000"]


def test_a_long_history_is_counted_up_to_a_bound(reader: Client, north: Team, monkeypatch: pytest.MonkeyPatch):
    line = factories.make_connection(team=north)
    for number in range(3):
        factories.make_call(f"c{number}", factories.make_agent(f"agent-{number}", line))
    assert '<h2 class="sm" id="h-past">3 calls</h2>' in reader.get("/calls/").content.decode()
    monkeypatch.setattr("callcenter.console.pages.COUNTED", 2)
    page = reader.get("/calls/")
    assert '<h2 class="sm" id="h-past">More than 2 calls</h2>' in page.content.decode()
    assert len(page.context["page"].object_list) == 2
