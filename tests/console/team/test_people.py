"""The list of operators, and what people set for themselves."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from callcenter.commands.models import Command
from callcenter.operators import keyboard, presence
from callcenter.operators.models import AuditLine, Operator, Presence, Team
from tests.console.team.test_agents import HTMX, text_of
from tests.factories import make_agent, make_call, make_connection, make_contact, make_thread


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def desk(client: Client, oskar: Operator) -> Client:
    client.force_login(oskar)
    return client


# The list


def test_a_supervisor_sees_who_is_there_and_what_they_hold(
    client: Client, supervisor: Operator, oskar: Operator, ines: Operator, north: Team
):
    agent = make_agent("frontdesk", make_connection(team=north))
    make_call("CA1", agent, holder=oskar, contact_name="Lena Hoffmann")
    make_call("CA2", agent, holder=oskar, status="completed", contact_name="Over")
    thread = make_thread(agent, make_contact("447700900501", "Tom Reed", north), holder=ines)
    presence.set_by_hand(oskar, "ready", "", now())
    presence.seen([oskar.pk], now())
    presence.set_by_hand(ines, "not_ready", "Lunch", now())
    presence.seen([ines.pk], now() - timedelta(minutes=5))
    client.force_login(supervisor)
    answer = client.get("/operators/")
    html, text = answer.content.decode(), text_of(answer)
    assert 'href="/calls/CA1/"' in html
    assert f'href="/whatsapp/{thread.pk}/"' in html
    assert "Over" not in html
    for words in ("Ready since", "Browser open", "Not ready: Lunch", "Browser gone", "will be given up", "Never here"):
        assert words in text, words


def test_operators_of_other_teams_are_not_in_it(client: Client, oskar: Operator, ines: Operator, north: Team):
    Operator.objects.filter(pk=oskar.pk).update(role="supervisor")
    client.force_login(oskar)
    html = client.get("/operators/").content.decode()
    assert "oskar" in html
    assert "ines" not in html


def test_what_somebody_holds_beyond_ones_teams_is_not_told(client: Client, oskar: Operator, supervisor: Operator, north: Team, south: Team):
    """Sofia is of both teams; a supervisor of the north alone sees her, and not what she holds in the south."""
    Operator.objects.filter(pk=oskar.pk).update(role="supervisor")
    far = make_agent("far", make_connection(team=south))
    make_call("CA1", far, holder=supervisor, contact_name="Secret Person")
    make_thread(far, make_contact("447700900501", "Hidden Person", south), holder=supervisor)
    client.force_login(oskar)
    html = client.get("/operators/").content.decode()
    assert "sofia" in html
    assert "Secret" not in html
    assert "Hidden" not in html


def test_operators_and_reviewers_have_no_such_list(client: Client, oskar: Operator, reviewer: Operator):
    for person in (oskar, reviewer):
        client.force_login(person)
        assert client.get("/operators/").status_code == 403
        assert 'href="/operators/"' not in client.get("/").content.decode()


def test_the_list_asks_for_itself_again(client: Client, supervisor: Operator):
    client.force_login(supervisor)
    answer = client.get("/operators/", headers=HTMX).content.decode().strip()
    assert answer.startswith('<ul class="panel crew" id="operators" hx-get="/operators/" hx-trigger="every 10s, online from:window"')
    assert answer in client.get("/operators/").content.decode()


# Presence


def test_people_say_themselves_whether_they_are_ready(desk: Client, oskar: Operator):
    answer = desk.post("/me/presence/", {"state": "not_ready", "reason": "Lunch", "next": "/calls/"})
    assert answer["Location"] == "/calls/"
    row = Presence.objects.get(operator=oskar)
    assert (row.state, row.reason, row.by_hand) == ("not_ready", "Lunch", True)
    assert AuditLine.objects.get(action="presence").detail == {"state": "not_ready", "reason": "Lunch"}
    part = desk.post("/me/presence/", {"state": "ready"}, headers=HTMX).content.decode()
    assert 'value="ready" aria-pressed="true"' in part
    assert 'value="ready" aria-pressed="true"' in desk.get("/me/presence/now/").content.decode()


@pytest.mark.parametrize("state", ["", "on_call", "sleeping"])
def test_other_states_are_refused(desk: Client, state: str):
    assert desk.post("/me/presence/", {"state": state}, headers=HTMX).status_code == 409
    assert not AuditLine.objects.exists()


@pytest.mark.parametrize("way", ["https://example.org/", "//example.org/", "javascript:alert(1)", ""])
def test_the_way_back_stays_in_the_console(desk: Client, way: str):
    assert desk.post("/me/presence/", {"state": "ready", "next": way})["Location"] == "/"


def test_a_page_that_is_not_live_says_that_it_is_there(desk: Client, oskar: Operator):
    assert 'hx-post="/me/seen/"' in desk.get("/calls/").content.decode()
    assert 'hx-post="/me/seen/"' not in desk.get("/").content.decode()
    assert desk.post("/me/seen/").status_code == 204
    assert Presence.objects.get(operator=oskar).seen_at is not None


# Keyboard


def usual() -> dict[str, str]:
    return {"on": "on", **{name: keys for name, (_, keys) in keyboard.ACTIONS.items()}}


def test_shortcuts_are_kept_for_the_operator_and_told_to_every_page(desk: Client, oskar: Operator, ines: Operator):
    assert desk.post("/me/keyboard/save/", {**usual(), "take_over": "Ctrl+Shift+X", "note": ""})["Location"] == "/me/keyboard/"
    oskar.refresh_from_db()
    assert oskar.keyboard == {"keys": {"take_over": "Ctrl+Shift+X", "note": ""}}
    html = desk.get("/").content.decode()
    assert "&quot;Ctrl+Shift+X&quot;: &quot;take_over&quot;" in html
    assert "&quot;note&quot;" not in html
    assert ines.keyboard == {}


def test_all_of_them_can_be_switched_off_and_the_usual_ones_come_back(desk: Client, oskar: Operator):
    fields = {name: keys for name, keys in usual().items() if name != "on"}
    desk.post("/me/keyboard/save/", fields)
    assert 'data-keys-json="{}"' in desk.get("/").content.decode()
    desk.post("/me/keyboard/save/", {**fields, "usual": "1"})
    oskar.refresh_from_db()
    assert oskar.keyboard == {}


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ("T", "Add Alt or Ctrl"), ("Shift+T", "Add Alt or Ctrl"), ("?", "Write keys"), ("Alt+Ü", "Write keys"), ("Alt+", "Write keys"),
        ("Alt+B", "has the same keys"), ("Ctrl+W", "keeps these keys"), ("<script>", "Write keys"),
    ],
)  # fmt: skip
def test_keys_that_cannot_be_are_shown_again_with_the_reason(desk: Client, oskar: Operator, keys: str, reason: str):
    answer = desk.post("/me/keyboard/save/", {**usual(), "take_over": keys})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert reason in html
    assert 'aria-describedby="key-take_over-error"' in html
    assert "<script>" not in html.replace("<script src", "")
    oskar.refresh_from_db()
    assert oskar.keyboard == {}


def test_the_question_mark_opens_the_list_and_may_be_changed(desk: Client, oskar: Operator):
    desk.post("/me/keyboard/save/", {**usual(), "help": "Alt+H"})
    oskar.refresh_from_db()
    assert oskar.keyboard == {"keys": {"help": "Alt+H"}}


def test_no_shortcut_destroys_anything():
    assert not {"hang_up", "reject", "forward", "dial", "delete"} & set(keyboard.ACTIONS)
    assert all("Alt+" in keys or name == "help" for name, (_, keys) in keyboard.ACTIONS.items())


def test_choosing_a_state_tells_sippet_and_the_menu_says_what_became_of_it(desk: Client, oskar: Operator, north: Team):
    Operator.objects.filter(pk=oskar.pk).update(sip_user="op.oskar")
    make_connection("ours", north, provider="sippet", kind="sippet")
    assert "ours : not told yet" in text_of(desk.get("/me/presence/now/"))
    assert "ours : ready, waiting" in text_of(desk.post("/me/presence/", {"state": "ready"}, headers=HTMX))
    Command.objects.update(state="failed", failure="refused", error="You may not touch <b>sipUserId</b>")
    html = desk.get("/me/presence/now/").content.decode()
    assert "ready, refused: You may not touch &lt;b&gt;sipUserId&lt;/b&gt;" in html
    assert "hx-trigger" not in html
    desk.post("/me/presence/", {"state": "elsewhere"})
    assert Command.objects.count() == 1
