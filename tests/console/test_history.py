"""The history: every call, of any state, found by what people remember of it."""

import pytest
from django.test import Client

from callcenter.console.history import history_row
from callcenter.console.views import PAGE_SIZE
from callcenter.operators.models import Operator, Team
from tests import factories
from tests.console.calls import a_call, ago, an_operator


def test_a_live_call_has_no_length_yet_and_a_finished_one_says_why_it_ended():
    now, over = history_row(a_call()), history_row(a_call(status="completed", end_reason="no_answer", ended_at=ago(1), duration_s=57))
    assert (now.state, now.duration_s) == ("Answered", None)
    assert (over.state, over.end_reason, over.duration_s, over.tone) == ("Ended", "no_answer", 57, "ring")


def test_who_held_it_and_what_was_said_last():
    row = history_row(a_call(holder=an_operator(), last_speaker="contact", last_text="Thank you"))
    assert (row.holder_kind, row.holder, row.summary, row.summary_speaker) == ("operator", "oskar", "Thank you", "Caller")


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
