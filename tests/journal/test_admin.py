"""Connections, the journal and dead letters in the Django admin."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from callcenter.journal.connections import find_connection, hook_path
from callcenter.journal.models import Connection, ConnectionHealth, DeadLetter, Entry, RunnerLease
from callcenter.journal.revision import current_revision
from callcenter.operators.models import Operator, Team
from tests.adminpages import form_of, open_page, queries_of
from tests.factories import make_call, make_connection, make_dead_letter, make_entry

CONNECTIONS, ENTRIES, LETTERS = "/admin/journal/connection/", "/admin/journal/entry/", "/admin/journal/deadletter/"


@pytest.fixture
def desk(client: Client, admin: Operator) -> Client:
    """The browser of an administrator."""
    client.force_login(admin)
    return client


def shown_token(answer) -> str:
    shown = " ".join(str(message) for message in get_messages(answer.wsgi_request))
    found = re.search(r"in_\S+", shown)
    assert found
    return found[0]


def test_only_admins_come_in(client: Client, supervisor: Operator):
    client.force_login(supervisor)
    for path in (CONNECTIONS, ENTRIES, LETTERS):
        assert client.get(path).status_code == 302


def test_a_new_connection_shows_its_token_once(desk: Client, north: Team):
    assert set(form_of(open_page(desk, CONNECTIONS + "add/"))) >= {"slug", "provider", "team"}
    answer = desk.post(CONNECTIONS + "add/", {"slug": "berlin", "provider": "sippet", "team": north.pk})
    token = shown_token(answer)
    connection = find_connection("berlin", token)
    assert connection
    assert (connection.provider, connection.team, connection.enabled) == ("sippet", north, True)
    assert connection.revision == current_revision()
    assert token in open_page(desk, CONNECTIONS)
    for path in (CONNECTIONS, f"{CONNECTIONS}{connection.pk}/change/", f"{CONNECTIONS}{connection.pk}/history/", "/admin/"):
        assert token not in open_page(desk, path)


def test_a_name_that_exists_is_refused_with_words_beside_the_field(desk: Client, north: Team):
    make_connection("berlin", north)
    html = desk.post(CONNECTIONS + "add/", {"slug": "berlin", "provider": "sippet", "team": north.pk}).content.decode()
    assert "already exists" in html
    assert Connection.objects.count() == 1


def test_of_a_connection_only_team_and_enabled_can_be_changed(desk: Client, north: Team, south: Team):
    connection = make_connection("berlin", north, version=7)
    path = f"{CONNECTIONS}{connection.pk}/change/"
    names = {name for name in form_of(open_page(desk, path)) if not name.startswith("_")}
    assert names == {"team", "enabled"}
    desk.post(path, {"slug": "paris", "provider": "sippet", "team": south.pk, "token_digest": "x"})
    connection.refresh_from_db()
    assert (connection.slug, connection.provider, connection.team, connection.enabled) == ("berlin", "pinecall", south, False)
    assert connection.revision == current_revision() > 0
    assert connection.version == 7


def test_a_new_token_closes_the_old_one(desk: Client, north: Team):
    desk.post(CONNECTIONS + "add/", {"slug": "berlin", "provider": "sippet", "team": north.pk})
    old = shown_token(desk.get("/admin/"))
    connection = Connection.objects.get()
    answer = desk.post(CONNECTIONS, {"action": "rotate_token", "_selected_action": [connection.pk]})
    new = shown_token(answer)
    assert find_connection("berlin", new) == connection
    assert find_connection("berlin", old) is None
    assert "Gave it a new token" in open_page(desk, f"{CONNECTIONS}{connection.pk}/history/")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "never heard"),
        ({"heard_at": timedelta(seconds=5)}, "live"),
        ({"heard_at": timedelta(minutes=7)}, "silent for 7"),
        ({"enabled": False}, "disabled"),
        ({"last_error": "402 no credit"}, "402 no credit"),
    ],
)
def test_the_list_says_how_each_connection_is(desk: Client, north: Team, changes: dict[str, Any], words: str):
    if "heard_at" in changes:
        changes = {"heard_at": datetime.now(UTC) - changes["heard_at"]}
    make_connection("berlin", north, **changes)
    assert words in open_page(desk, CONNECTIONS).replace("\xa0", " ")
    assert "berlin" in open_page(desk, CONNECTIONS, q="North", provider__exact="pinecall", enabled__exact=int(changes.get("enabled", True)))


def test_the_journal_is_found_by_call_and_filtered(desk: Client, north: Team):
    call = make_call("CA/1 é", connection=make_connection("berlin", north))
    make_entry(call, "call.started", '{"event": "call.started"}')
    make_entry(call, "line.settled", "{}", origin="console")
    make_entry(make_call("CA2", connection=call.connection), "call.ended", '{"event": "call.ended"}')
    for query in ({"q": "CA/1 é"}, {"q": "call:CA/1 é"}, {"scope": "call:CA/1 é"}):
        html = open_page(desk, ENTRIES, **query)
        assert "2 entries" in html
    assert "1 entry" in open_page(desk, ENTRIES, event="call.ended")
    assert "1 entry" in open_page(desk, ENTRIES, origin__exact="console")
    assert "3 entries" in open_page(desk, ENTRIES, connection__id__exact=call.connection.pk, received_at__year=2026)
    assert "0 entries" in open_page(desk, ENTRIES, q="CA")


def test_an_entry_shows_its_frame_as_text(desk: Client, north: Team):
    call = make_call("CA1", connection=make_connection(team=north))
    hostile = make_entry(call, frame='{"text":"<script>alert(1)</script> مرحبا","n":1}')
    html = open_page(desk, f"{ENTRIES}{hostile.pk}/change/")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; مرحبا" in html
    assert "\n  &quot;n&quot;: 1" in html
    unreadable = make_dead_letter(call.connection, frame="{<b>half")
    assert "<pre>{&lt;b&gt;half</pre>" in open_page(desk, f"{LETTERS}{unreadable.pk}/change/")


def test_the_journal_is_only_looked_at(desk: Client, north: Team):
    entry = make_entry(make_call(connection=make_connection(team=north)))
    assert desk.get(ENTRIES + "add/").status_code == 403
    assert desk.post(f"{ENTRIES}{entry.pk}/change/", {"frame": "{}"}).status_code == 403
    assert desk.post(f"{ENTRIES}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    desk.post(ENTRIES, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    assert list(Entry.objects.values_list("frame", flat=True)) == [entry.frame]
    assert form_of(open_page(desk, f"{ENTRIES}{entry.pk}/change/")) == []


def test_dead_letters_are_looked_at_and_may_go(desk: Client, north: Team):
    letter = make_dead_letter(make_connection("berlin", north), "This call belongs to the connection paris.")
    assert "belongs to the connection" in open_page(desk, LETTERS, q="paris", connection__id__exact=letter.connection.pk)
    assert desk.get(LETTERS + "add/").status_code == 403
    assert desk.post(f"{LETTERS}{letter.pk}/change/", {"error": ""}).status_code == 403
    desk.post(LETTERS, {"action": "delete_selected", "_selected_action": [letter.pk], "post": "yes"})
    assert not DeadLetter.objects.exists()


def test_stream_positions_and_the_counter_are_not_shown(desk: Client):
    html = open_page(desk, "/admin/")
    assert "journal/entry" in html
    assert "streamposition" not in html
    assert "journal/revision" not in html


@pytest.mark.parametrize("path", [CONNECTIONS, ENTRIES, LETTERS])
def test_a_list_costs_the_same_for_many_rows(desk: Client, north: Team, path: str):
    def fill() -> None:
        connection = make_connection(team=north, heard_at=datetime.now(UTC))
        make_entry(make_call(connection=connection))
        make_dead_letter(connection)

    fill()
    before = queries_of(desk, path)
    for _ in range(5):
        fill()
    assert queries_of(desk, path) == before


def test_lists_of_frames_tell_the_millisecond_and_the_beginning_of_the_frame(desk: Client, north: Team, settings):
    settings.TIME_ZONE = "Europe/Madrid"
    call = make_call("CA1", connection=make_connection(team=north))
    at = datetime(2026, 1, 9, 23, 5, 7, 80_900, tzinfo=UTC)
    frame = '{"event":"call.started","text":"' + "x" * 500 + '"}'
    entry = make_entry(call, frame=frame, received_at=at)
    letter = make_dead_letter(call.connection, frame=frame, received_at=at)
    for path, row in ((ENTRIES, entry.pk), (LETTERS, letter.pk)):
        html = open_page(desk, path)
        assert "2026-01-10 00:05:07.080" in html
        assert "call.started&quot;,&quot;text" in html
        assert "x" * 60 not in html
        assert "2026-01-10 00:05:07.080" in open_page(desk, f"{path}{row}/change/")


def test_health_has_one_word_for_what_works_and_one_form_for_times(desk: Client, north: Team):
    at = datetime(2026, 7, 1, 14, 2, 10, tzinfo=UTC)
    line = make_connection("stream", north, kind="pinecall-stream", heard_at=at, last_error="busy", last_error_at=at)
    RunnerLease.objects.update_or_create(pk=1, defaults={"holder": "h", "seen_at": datetime.now(UTC) + timedelta(minutes=5)})
    ConnectionHealth.objects.update_or_create(
        connection=line, defaults={"fence": 0, "line": "up", "line_at": at, "next_try_at": at, "frame_at": at}
    )
    assert '<td class="field-state">live' in open_page(desk, CONNECTIONS)
    health = open_page(desk, f"{CONNECTIONS}{line.pk}/change/")
    assert health.count("1 Jul 2026 14:02:10") == 5
    assert "2 p.m." not in health


@pytest.mark.parametrize("kind", ["push", "sippet"])
def test_the_page_of_a_sippet_connection_has_the_address_for_its_webhooks(desk: Client, north: Team, kind: str):
    line = make_connection("phones", north, "sippet", kind=kind)
    html = open_page(desk, f"{CONNECTIONS}{line.pk}/change/")
    assert "Webhooks" in html
    assert hook_path(line) in html


def test_a_provider_without_webhooks_has_no_place_for_them(desk: Client, north: Team):
    assert "Webhooks" not in open_page(desk, f"{CONNECTIONS}{make_connection('harbour', north).pk}/change/")
