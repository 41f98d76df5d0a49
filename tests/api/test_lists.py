"""Lists: filters, the order of changes, pages, and refusals in clear words."""

import pytest

from callcenter.calls.models import Call
from callcenter.calls.tombstones import delete_calls
from callcenter.journal.revision import current_revision, next_revision
from callcenter.operators.models import Operator, Team
from tests.api.reading import Reader
from tests.factories import make_agent, make_call, make_connection, make_contact, make_entry, make_thread, seconds


@pytest.fixture
def reader(oskar: Operator) -> Reader:
    return Reader(oskar)


@pytest.fixture
def stories(north: Team) -> None:
    """Three calls of the north, in the order in which they changed."""
    connection = make_connection("berlin", team=north)
    frontdesk, orders = make_agent("frontdesk", connection), make_agent("orders", connection)
    lena = make_contact("447700900128", "Lena Hoffmann", team=north)
    make_call("phone-1", frontdesk, contact=lena, contact_name="Lena Hoffmann")
    make_call("wa-2", orders, channel="whatsapp", contact=make_contact("34600111222", "José Núñez", team=north), contact_name="José Núñez")
    make_call("phone-3", frontdesk, status="completed", contact=lena, contact_name="Lena H.")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["phone-1", "wa-2", "phone-3"]),
        ({"status": "completed"}, ["phone-3"]),
        ({"status": "answered", "channel": "whatsapp"}, ["wa-2"]),
        ({"status": "ringing"}, []),
        ({"agent": "frontdesk"}, ["phone-1", "phone-3"]),
        ({"agent": "nobody"}, []),
        ({"contact": "447700900128"}, ["phone-1", "phone-3"]),
        ({"contact": "+44 7700 900-128"}, ["phone-1", "phone-3"]),
        ({"contact": "900128"}, ["phone-1", "phone-3"]),
        ({"contact": "hoffm"}, ["phone-1", "phone-3"]),
        ({"contact": "Núñez"}, ["wa-2"]),
        ({"contact": "nobody"}, []),
        ({"contact": "100%"}, []),
        ({"status": "", "channel": "", "agent": "", "contact": "", "since": "", "cursor": ""}, ["phone-1", "wa-2", "phone-3"]),
    ],
)
def test_filters_narrow_the_list(reader: Reader, stories: None, query: dict[str, str], found: list[str]):
    assert reader.uuids(**query) == found


def test_since_gives_what_changed_after_a_revision_and_not_that_revision(reader: Reader, stories: None):
    revisions = [call["revision"] for call in reader.read("calls/")["results"]]
    assert revisions == sorted(revisions)
    assert reader.uuids(since=revisions[0]) == ["wa-2", "phone-3"]
    assert reader.uuids(since=revisions[-1]) == []
    Call.objects.filter(call_uuid="phone-1").update(revision=next_revision())
    assert reader.uuids(since=revisions[-1]) == ["phone-1"]


def test_who_follows_by_revision_is_told_what_was_deleted_of_their_teams(reader: Reader, stories: None, south: Team):
    make_call("south-4", connection=make_connection("cadiz", team=south))
    since = current_revision()
    delete_calls(Call.objects.filter(call_uuid__in=["phone-1", "south-4"]))
    assert "deleted" not in reader.read("calls/")
    assert reader.read("calls/", since=since) == {"results": [], "next": None, "deleted": ["phone-1"]}
    assert reader.read("calls/", since=current_revision())["deleted"] == []
    first = reader.read("calls/", since=0, limit=1)
    assert first["deleted"] == ["phone-1"]
    assert "deleted" not in reader.read("calls/", since=0, cursor=first["next"])


def test_a_call_that_is_back_is_not_told_as_deleted(reader: Reader, stories: None):
    since = current_revision()
    connection = Call.objects.get(call_uuid="wa-2").connection
    delete_calls(Call.objects.filter(call_uuid="wa-2"))
    make_call("wa-2", connection=connection)
    answer = reader.read("calls/", since=since)
    assert ([call["call_uuid"] for call in answer["results"]], answer["deleted"]) == (["wa-2"], [])


def test_pages_give_every_call_once_in_order_even_when_many_share_a_revision(reader: Reader, north: Team):
    connection, revision = make_connection(team=north), next_revision()
    expected = [make_call(f"call-{i}", connection=connection, revision=revision).call_uuid for i in range(5)]
    expected += [make_call(f"call-{i}", connection=connection).call_uuid for i in range(5, 7)]
    page = reader.read("calls/", limit=2)
    found = page["results"]
    while page["next"]:
        page = reader.read("calls/", limit=2, cursor=page["next"])
        found += page["results"]
    assert [call["call_uuid"] for call in found] == expected


def test_a_call_that_changes_between_two_pages_is_not_missed(reader: Reader, stories: None):
    first = reader.read("calls/", limit=1)
    Call.objects.filter(call_uuid="wa-2").update(revision=next_revision())
    assert reader.uuids(cursor=first["next"]) == ["phone-3", "wa-2"]


def test_a_cursor_keeps_to_the_filters(reader: Reader, stories: None):
    first = reader.read("calls/", limit=1, agent="frontdesk")
    assert reader.uuids(cursor=first["next"], agent="frontdesk") == ["phone-3"]


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ({"status": "live"}, "status", "'ringing'"),
        ({"channel": "fax"}, "channel", "'webrtc'"),
        ({"since": "yesterday"}, "since", "integer"),
        ({"since": "-1"}, "since", "greater than or equal to 0"),
        ({"since": "1" * 30}, "since", "less than or equal"),
        ({"cursor": "page2"}, "cursor", "no cursor of this list"),
        ({"cursor": "é"}, "cursor", "no cursor of this list"),
        ({"cursor": "12"}, "cursor", "no cursor of this list"),
        ({"cursor": "1-" + "2" * 30}, "cursor", "no cursor of this list"),
        ({"cursor": "1-2\n"}, "cursor", "no cursor of this list"),
        ({"chanel": "phone"}, "chanel", "no such parameter; there is agent, contact, since"),
        ({"limit": "0"}, "limit", "greater than or equal to 1"),
        ({"contact": "a\x00b"}, "contact", "NUL"),
        ({"agent": "a" * 300}, "agent", "200"),
    ],
)
def test_a_parameter_without_sense_is_refused_in_words(reader: Reader, query: dict[str, str], field: str, words: str):
    answer = reader.answer("calls/", **query)
    assert answer.status_code == 422
    told = answer.json()
    assert [error["field"] for error in told["errors"]] == [field]
    assert words in told["detail"]


def test_the_journal_of_a_call_comes_in_the_order_of_arrival(reader: Reader, north: Team):
    call = make_call("CA1", connection=make_connection(team=north))
    make_entry(call, "call.started", '{"event":"call.started","call_id":"CA1","seq":1}', seq=1)
    make_entry(call, "line.settled", '{"event":"line.settled","fact":{"text":"\\u00e9"}}', origin="console", ts=None)
    make_entry(call, "something.new", '[1,2,"x"]')
    make_entry(make_call("CA2", connection=call.connection))
    first = reader.read("calls/CA1/events/", limit=2)
    assert first["results"] == [
        {
            "n": 1,
            "event": "call.started",
            "origin": "provider",
            "received_at": "2026-07-01T14:02:11.250Z",
            "ts": "2026-07-01T14:02:11.000Z",
            "seq": 1,
            "frame": {"event": "call.started", "call_id": "CA1", "seq": 1},
        },
        {
            "n": 2,
            "event": "line.settled",
            "origin": "console",
            "received_at": "2026-07-01T14:02:12.250Z",
            "ts": None,
            "seq": None,
            "frame": {"event": "line.settled", "fact": {"text": "é"}},
        },
    ]
    second = reader.read("calls/CA1/events/", cursor=first["next"])
    assert [(entry["n"], entry["frame"]) for entry in second["results"]] == [(3, [1, 2, "x"])]
    assert second["next"] is None


def test_agents_say_where_they_are_paused(reader: Reader, north: Team):
    make_agent(
        "frontdesk",
        make_connection("berlin", team=north, provider="sippet"),
        paused_contacts=["447700900128"],
        paused_calls=["CA2"],
        paused_elsewhere=["CA1"],
        unverified_since=seconds(0),
        revision=7,
    )
    assert reader.read("agents/") == {
        "results": [
            {
                "slug": "frontdesk",
                "name": "Frontdesk",
                "connection": "berlin",
                "provider": "sippet",
                "team": "North",
                "paused": False,
                "paused_contacts": ["447700900128"],
                "paused_calls": ["CA1", "CA2"],
                "unverified_since": "2026-07-01T14:02:10.250Z",
                "revision": 7,
            }
        ],
        "next": None,
    }


def test_a_thread_says_until_when_free_text_may_be_sent(reader: Reader, north: Team):
    agent = make_agent("orders", make_connection("berlin", team=north), paused_contacts=["34600111222"])
    thread = make_thread(agent, make_contact("34600111222", "José", team=north))
    silent = make_thread(agent, make_contact("34600333444", team=north), last_inbound_at=None)
    told = reader.read("threads/")["results"]
    assert told[0] == {
        "id": "berlin:orders:34600111222",
        "agent": "orders",
        "connection": "berlin",
        "contact": {"phone": "+34600111222", "name": "José"},
        "holder": {"kind": "agent", "name": "Orders"},
        "fence": 0,
        "paused": {"call": False, "contact": True, "agent": False},
        "last_inbound_at": "2026-07-01T14:02:10.250Z",
        "last_at": "2026-07-01T14:02:10.250Z",
        "window_open_until": "2026-07-02T14:02:10.250Z",
        "window_closes_at": "2026-07-02T14:02:10.250Z",
        "revision": thread.revision,
    }
    assert (told[1]["window_open_until"], told[1]["window_closes_at"]) == (None, None)
    assert len(reader.read("threads/", contact="jos")["results"]) == 1
    assert len(reader.read("threads/", contact="0033")["results"]) == 1
    assert len(reader.read("threads/", agent="frontdesk")["results"]) == 0
    assert [row["revision"] for row in reader.read("threads/", since=thread.revision)["results"]] == [silent.revision]


def test_a_thread_and_its_calls_say_who_holds_them_and_how_often_that_changed(reader: Reader, oskar: Operator, north: Team):
    agent = make_agent("orders", make_connection("berlin", team=north))
    thread = make_thread(agent, make_contact("34600111222", team=north), holder=oskar, fence=3)
    make_call("wa-1", agent, channel="whatsapp", thread=thread)
    held = {"kind": "operator", "name": "oskar"}
    told = reader.read("threads/")["results"][0]
    assert (told["holder"], told["fence"]) == (held, 3)
    assert reader.call("wa-1")["holder"] == held
