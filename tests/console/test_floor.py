"""Which rows a floor shows, in which order, with which figures, and what it says of connections."""

from datetime import datetime
from typing import Any

import pytest

from callcenter.console.filters import Filters, read_filters
from callcenter.console.floor import WINDOW, Audience, Floor, FloorCall, connection_view, narrow, survey
from callcenter.console.places import place_of
from callcenter.domain.limits import Limits
from callcenter.journal.models import Connection
from callcenter.operators.models import Team
from tests.console.calls import NOW, TEAM, a_call, ago, an_agent, an_operator, row

SOUTH = Team(pk=2, name="South")
LINE = Connection(pk=1, slug="berlin", provider="pinecall", team=TEAM)


def item(**values: Any) -> FloorCall:
    call = a_call(**values)
    return FloorCall(call, call.agent, None, place_of(call, call.agent, None, NOW.timestamp(), Limits()), row(call))


def floor(*items: FloorCall, audience: Audience = None, connections: list[Connection] | None = None, **filters: str) -> Floor:
    return narrow(survey(items, audience, 7), audience, Filters(**filters), connections or [], NOW.timestamp())


def uuids(shown: Floor) -> list[str]:
    return [row.uuid for row in (*shown.attention, *shown.progress)]


def test_attention_comes_first():
    shown = floor(item(call_uuid="a"), item(call_uuid="b", alarm="max_duration"), item(call_uuid="c", status="ringing"))
    assert [row.uuid for row in shown.attention] == ["b"]
    assert [row.uuid for row in shown.progress] == ["c", "a"]


def test_a_call_belongs_to_the_team_of_its_agent_and_without_one_to_that_of_its_connection():
    items = [item(call_uuid="a"), item(call_uuid="b", agent=an_agent(team=SOUTH)), item(call_uuid="c", agent=None)]
    assert uuids(floor(*items, audience=frozenset({1}))) == ["a", "c"]
    assert uuids(floor(*items, audience=frozenset({2}))) == ["b"]
    assert uuids(floor(*items, audience=frozenset())) == []
    assert uuids(floor(*items, audience=None)) == ["a", "b", "c"]


def test_figures_count_every_call_of_the_reader_whatever_the_filter():
    items = [
        item(call_uuid="a", reply_ms=400), item(call_uuid="b", reply_ms=1000, channel="whatsapp"), item(call_uuid="c", status="ringing"),
        item(call_uuid="d", held=True, holder=an_operator()), item(call_uuid="e", heard_at=ago(500), started_at=ago(600)),
        item(call_uuid="f", agent=an_agent(team=SOUTH)),
    ]  # fmt: skip
    figures = floor(*items, audience=frozenset({1}), channel="whatsapp").counters
    assert (figures.live, figures.with_agent, figures.with_operator, figures.attention) == (5, 4, 1, 1)
    assert (figures.ringing, figures.held, figures.by_channel) == (1, 1, {"phone": 4, "whatsapp": 1})
    assert figures.oldest_attention_ms == round(ago(600).timestamp() * 1000)
    assert (figures.answer_ms, figures.ended_today, figures.shown, figures.hidden) == (700, 7, 1, 0)


def test_what_nobody_measured_is_none():
    figures = floor(item()).counters
    assert (figures.answer_ms, figures.oldest_attention_ms) == (None, None)


def test_beyond_the_window_rows_are_only_counted():
    shown = floor(*(item(call_uuid=f"c{number:03}") for number in range(WINDOW + 5)))
    assert len(uuids(shown)) == WINDOW
    assert (shown.counters.live, shown.counters.shown, shown.counters.hidden) == (WINDOW + 5, WINDOW, 5)


@pytest.mark.parametrize(
    ("heard", "state"),
    [(None, "never"), (ago(0), "live"), (ago(30), "live"), (ago(31), "quiet"), (ago(120), "quiet"), (ago(121), "down")],
)
def test_a_connection_is_live_quiet_down_or_was_never_heard(heard: datetime | None, state: str):
    assert connection_view(Connection(slug="berlin", provider="pinecall", heard_at=heard), NOW.timestamp()).state == state


def test_the_sign_of_life_of_a_connection_moves_in_steps():
    shown = connection_view(Connection(slug="berlin", provider="pinecall", heard_at=ago(3)), NOW.timestamp())
    assert shown.heard_ms == round(NOW.timestamp()) // 10 * 10_000 - 0 if NOW.second % 10 >= 3 else round(ago(10).timestamp() * 1000)


def test_connections_are_shown_to_their_team():
    lines = [LINE, Connection(pk=2, slug="munich", provider="sippet", team=SOUTH)]
    assert [line.name for line in floor(audience=frozenset({2}), connections=lines).connections] == ["munich"]
    assert [line.name for line in floor(audience=None, connections=lines).connections] == ["berlin", "munich"]


# Filters

RINGING, HELD, ALARM = {"status": "ringing"}, {"held": True}, {"alarm": "max_duration"}


@pytest.mark.parametrize(
    ("filters", "values", "passes"),
    [
        ({}, {}, True),
        ({"status": "attention"}, ALARM, True),
        ({"status": "attention"}, {}, False),
        ({"status": "ringing"}, RINGING, True),
        ({"status": "ringing"}, {"status": "dialing"}, True),
        ({"status": "ringing"}, {}, False),
        ({"status": "held"}, HELD, True),
        ({"status": "held"}, {}, False),
        ({"status": "answered"}, {}, True),
        ({"status": "answered"}, RINGING, False),
        ({"status": "completed"}, {}, False),
        ({"status": "nonsense"}, {}, False),
        ({"channel": "phone"}, {}, True),
        ({"channel": "chat"}, {}, False),
        ({"agent": "nora"}, {}, True),
        ({"agent": "Nora"}, {}, False),
        ({"agent": "nora"}, {"agent": None}, False),
        ({"holder": "agent"}, {}, True),
        ({"holder": "operator"}, {}, False),
        ({"holder": "operator"}, {"holder": an_operator()}, True),
        ({"q": "HOFF"}, {"contact_name": "Lena Hoffmann"}, True),
        ({"q": "straße"}, {"contact_name": "STRASSE"}, True),
        ({"q": "boiler"}, {"last_text": "My boiler leaks"}, True),
        ({"q": "7700 900"}, {}, True),
        ({"q": "7700900"}, {}, True),
        ({"q": "77-00-90"}, {}, True),
        ({"q": "99"}, {}, False),
        ({"q": "nora"}, {}, True),
        ({"q": "CA1"}, {}, True),
        ({"q": ".*"}, {}, False),
        ({"status": "held", "q": "lena"}, {**HELD, "contact_name": "Lena"}, True),
        ({"status": "held", "q": "lena"}, {"contact_name": "Lena"}, False),
    ],
)
def test_a_filter_lets_a_row_pass_or_not(filters: dict[str, Any], values: dict[str, Any], passes: bool):
    assert uuids(floor(item(**values), **filters)) == (["CA1"] if passes else [])


def test_filters_are_read_from_anything():
    assert read_filters({"q": "  lena ", "status": "held", "more": "x"}) == Filters(q="lena", status="held")
    assert read_filters({"q": ["lena"], "status": None, "agent": 7, "holder": {}}) == Filters()
    assert read_filters({"q": "a\x00b" + "c" * 500}) == Filters(q="ab" + "c" * 97)


def test_filters_write_their_url():
    assert Filters().query_string == ""
    assert Filters(status="held", q="a&b=c d").query_string == "?status=held&q=a%26b%3Dc+d"
