"""Every button of the WhatsApp desk: who may press it, what it asks for, and what it says when it may not."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from callcenter.calls.models import Agent, Thread, TranscriptEntry
from callcenter.commands import outbox
from callcenter.commands.models import Command, OpenSocket, Pause, Takeover
from callcenter.console.models import Draft, PrivateNote, ReadMark
from callcenter.console.whatsapp import presence
from callcenter.domain.commands.capability import POSTS_ONLY
from callcenter.journal.models import Connection
from callcenter.operators.models import AuditLine, Operator, Team
from tests.conftest import person
from tests.console.whatsapp.seat import Seat, why

BUTTONS = ("take", "hand-back", "reassign", "undo", "pause", "resume", "send", "note", "draft", "seen", "presence")
READS = "Reviewers read and listen; they do not act."


def sends() -> list[str]:
    return [command.order["text"] for command in Command.objects.filter(verb="send").order_by("created_at")]


@pytest.fixture
def seat(thread: Thread, oskar: Operator) -> Seat:
    found = Seat(oskar, thread)
    found.look()
    return found


@pytest.fixture
def holding(seat: Seat) -> Seat:
    assert seat.press("take").status_code == 200
    seat.look()
    return seat


@pytest.mark.parametrize("button", BUTTONS)
def test_nobody_presses_anything_on_a_thread_of_another_team(thread: Thread, ines: Operator, button: str):
    assert Seat(ines, thread).press(button).status_code == 404
    assert Client().post(f"/whatsapp/{thread.pk}/{button}/").status_code == 302
    assert Client().get(f"/whatsapp/{thread.pk}/{button}/").status_code == 405
    assert not Command.objects.exists()


@pytest.mark.parametrize("button", ["take", "hand-back", "pause", "resume", "send", "note", "draft"])
def test_a_reviewer_reads_and_does_nothing(thread: Thread, reviewer: Operator, button: str):
    seat = Seat(reviewer, thread)
    html = seat.look()
    assert why(seat.press(button, text="Hello", note="A note")) in (READS, "Take over first.")
    assert f"{seat.path}take/" not in html
    assert "Private note for the team" not in html
    assert READS in html
    assert not Command.objects.exists()


def test_over_a_connection_that_only_listens_every_button_that_acts_is_drawn_closed_with_that_reason(thread: Thread, supervisor: Operator):
    OpenSocket.objects.all().delete()
    Connection.objects.update(heard_at=datetime.now(UTC))
    seat = Seat(supervisor, thread)
    html = seat.look()
    head = html.partition('id="thread-head"')[2].partition("</header>")[0]
    closed = re.findall(r'<button [^>]*disabled title="([^"]*)"[^>]*>.*?<span>([^<]*)</span>', head)
    assert {reason for reason, _ in closed} == {POSTS_ONLY}
    assert {label for _, label in closed} == {"Take over", "Give to…", "Pause for this contact", "Pause the agent everywhere …"}
    assert "hx-get" not in head


def test_a_supervisor_gives_the_conversation_to_somebody_of_its_team(
    holding: Seat, thread: Thread, north: Team, oskar: Operator, ines: Operator, supervisor: Operator
):
    petra = person("petra", "operator", north)
    seat = Seat(supervisor, thread)
    assert f"{seat.path}give/" in seat.look()
    assert f"{seat.path}give/" not in holding.look()
    sheet = seat.client.get(f"{seat.path}give/", headers={"HX-Request": "true"}).content.decode()
    assert set(re.findall(r'<option value="\d+">(\w+)</option>', sheet)) == {"petra"}
    assert "<html" in seat.client.get(f"{seat.path}give/").content.decode()
    assert holding.client.get(f"{seat.path}give/").status_code == 403
    assert why(seat.press("reassign", to=ines.pk)) == "Choose somebody of its team."
    assert why(holding.press("reassign", to=petra.pk)) == "Only supervisors reassign."
    given: dict[str, Any] = {"to": petra.pk, "why": "  Speaks\nPortuguese "}
    assert "petra answers" in seat.press("reassign", **given).content.decode()
    assert seat.press("reassign", **given).status_code == 200  # the same form twice gives once
    thread.refresh_from_db()
    assert (thread.holder, thread.fence) == (petra, 2)
    assert "sofia gave it to petra from oskar: Speaks Portuguese" in holding.look()
    line = AuditLine.objects.get(action="reassign")
    assert (line.operator, line.target) == (supervisor, f"thread:{thread.pk}")
    assert line.detail == {"fence": 2, "from": "oskar", "to": "petra", "why": "Speaks Portuguese"}
    assert why(holding.press("send", text="Hello")) == "petra answers now."


def test_a_form_without_the_token_is_refused(thread: Thread, oskar: Operator):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(oskar)
    assert strict.post(f"/whatsapp/{thread.pk}/take/", {"fence": "0", "key": "k"}).status_code == 403


def test_taking_over_holds_the_thread_and_asks_for_silence(seat: Seat, thread: Thread):
    answer = seat.press("take")
    assert 'id="thread-head"' in answer.content.decode()
    assert "You answer" in answer.content.decode()
    assert Thread.objects.get().holder == seat.who
    assert [command.frame["event"] for command in Command.objects.all()] == ["session.pause"]
    assert "Agent not silent yet" in seat.look()


def test_the_second_is_told_who_won_and_nothing_of_theirs_leaves(seat: Seat, thread: Thread, north):
    other = Seat(person("petra", "operator", north), thread)
    other.look()
    seat.press("take")
    assert why(other.press("take")) == "oskar answers now."
    assert why(other.press("send", text="Mine", take="1")) == "oskar answers now."
    assert sends() == []
    assert "oskar answers now." in other.look()


def test_a_plain_form_goes_back_to_the_page_with_the_reason(seat: Seat, thread: Thread):
    assert seat.press("take", htmx=False)["Location"] == f"/whatsapp/{thread.pk}/"
    answer = seat.client.post(f"{seat.path}send/", {"fence": "0", "key": "x", "text": ""}, follow=True)
    assert "answer" in answer.content.decode()
    seat.look()
    assert (
        "There are no words to send." in seat.client.post(f"{seat.path}send/", {**seat.fields, "text": " "}, follow=True).content.decode()
    )


def test_the_holder_writes_once_for_a_form_pressed_twice_and_the_draft_is_gone(holding: Seat):
    holding.press("draft", text="Good morn")
    assert Draft.objects.get().text == "Good morn"
    assert "Good morn</textarea>" in holding.look()
    first, second = holding.press("send", text="Good morning"), holding.press("send", text="Good morning")
    assert (first.status_code, second.status_code) == (200, 200)
    assert sends() == ["Good morning"]
    assert not Draft.objects.exists()
    assert "Waiting to be sent" in holding.look()
    holding.press("send", text="Good morning")
    assert sends() == ["Good morning", "Good morning"]


def test_another_text_under_the_key_of_the_last_one_is_not_lost(holding: Seat):
    holding.press("send", text="One")
    assert "Press Send again" in why(holding.press("send", text="Two"))
    holding.look()
    assert holding.press("send", text="Two").status_code == 200
    assert sends() == ["One", "Two"]


def test_take_over_and_reply_is_one_press(seat: Seat):
    assert "Take over and reply" in seat.look()
    assert seat.press("send", text="Hello", take="1").status_code == 200
    assert seat.press("send", text="Hello", take="1").status_code == 200
    assert sends() == ["Hello"]
    assert Thread.objects.get().holder == seat.who
    assert Takeover.objects.get().first_reply_at is not None


def test_a_reply_that_cannot_be_sent_takes_nothing_over(seat: Seat):
    TranscriptEntry.objects.update(sort_time=F("sort_time") - 25 * 3600)
    assert "24 hours ago" in why(seat.press("send", text="Hello", take="1"))
    assert Thread.objects.get().holder is None
    assert not Takeover.objects.exists()


@pytest.mark.parametrize(
    ("inbound", "words"), [(timedelta(hours=25), "more than 24 hours ago"), (None, "has not written yet")], ids=["closed", "never"]
)
def test_the_composer_is_locked_when_whatsapp_takes_nothing(holding: Seat, inbound: timedelta | None, words: str):
    Thread.objects.update(last_inbound_at=datetime.now(UTC) - inbound if inbound else None)
    html = holding.look()
    assert 'data-mode="locked" disabled' in html
    assert words in html
    assert words in why(holding.press("send", text="Hello"))


def test_while_the_connection_is_down_a_message_waits_and_can_be_cancelled(holding: Seat):
    OpenSocket.objects.all().delete()
    assert "The connection is down. What you send waits" in holding.look()
    assert holding.press("send", text="Hello").status_code == 200
    html = holding.look()
    assert "Waiting to be sent" in html
    command = Command.objects.get(verb="send")
    assert holding.press(f"cancel/{command.pk}").status_code == 200
    assert "Cancelled, not sent" in holding.look()
    assert why(holding.press(f"cancel/{command.pk}")) == "It was too late: the message is on its way."


def test_a_message_that_expired_says_so_and_its_words_can_be_sent_again_or_changed(holding: Seat):
    holding.press("send", text="Hello there")
    outbox.expire(datetime.now(UTC) + timedelta(minutes=2))
    html = holding.look()
    assert "Not sent: the connection was down for too long" in html
    assert "Retry" in html
    old = Command.objects.get(verb="send")
    holding.press("draft", htmx=False, **{"from": f"command:{old.pk}"})
    assert "Hello there</textarea>" in holding.look()
    assert holding.press("send", again=f"command:{old.pk}", text="something else being typed").status_code == 200
    assert sends() == ["Hello there", "Hello there"]
    assert Draft.objects.get().text == "Hello there"
    assert holding.look().count("Not sent") == 0


def test_only_words_of_this_thread_are_sent_again(holding: Seat, thread: Thread):
    line = TranscriptEntry.objects.get()
    for name in (f"line:{line.pk}", "line:999999", "command:nothing", f"command:{thread.pk}", "x"):
        assert why(holding.press("send", again=name)) == "There is no such message."


def test_handing_back_keeps_the_note_for_the_team(holding: Seat):
    assert holding.press("hand-back", handback_note="Wants a call tomorrow").status_code == 200
    assert Thread.objects.get().holder is None
    assert "On handing back: Wants a call tomorrow" in holding.look()


def test_a_takeover_can_be_undone_until_something_was_said(holding: Seat, monkeypatch: pytest.MonkeyPatch):
    for reader in ("commands.takeover", "console.whatsapp.chances"):
        monkeypatch.setattr(f"callcenter.{reader}.UNDO_S", 600.0)  # however slowly the pages are made
    assert "Undo" in holding.look()
    assert holding.press("undo").status_code == 200
    assert Thread.objects.get().holder is None
    holding.look()
    holding.press("send", text="Hello", take="1")
    assert "Undo" not in holding.look()
    assert "hand back instead" in why(holding.press("undo"))


def test_the_contact_is_paused_and_resumed(seat: Seat):
    assert seat.press("pause", why="lunch").status_code == 200
    assert Pause.objects.get().level == "contact"
    assert "oskar paused Frontdesk for this contact: lunch" in seat.look()
    assert seat.press("resume").status_code == 200
    assert "The pause of Frontdesk for this contact is over" in seat.look()


def test_only_supervisors_pause_and_resume_the_agent_as_a_whole(seat: Seat, thread: Thread, supervisor: Operator):
    assert "Pause the agent everywhere" not in seat.look()
    assert "Only supervisors" in why(seat.press("resume", level="agent"))
    boss = Seat(supervisor, thread)
    assert f'href="/agents/{thread.agent_id}/pausing/"' in boss.look()
    Agent.objects.update(paused=True)
    assert "Resume the agent everywhere" in boss.look()
    assert boss.press("resume", htmx=False, level="agent").status_code == 302
    assert Command.objects.get().frame == {"event": "session.resume", "agent_id": "frontdesk"}


def test_a_note_is_for_the_team_kept_once_and_never_sent(seat: Seat, supervisor: Operator, thread: Thread):
    assert seat.press("note", note="Prefers mornings").status_code == 200
    assert seat.press("note", note="Prefers mornings").status_code == 200
    assert PrivateNote.objects.count() == 1
    assert "Prefers mornings" in Seat(supervisor, thread).look()
    assert not Command.objects.exists()
    assert AuditLine.objects.filter(action="note").count() == 1
    assert "empty" in why(seat.press("note", note="  "))
    assert "Press Keep note again" in why(seat.press("note", note="Another one under the key of the last"))


def test_a_draft_is_its_operators_alone(seat: Seat, supervisor: Operator, thread: Thread):
    assert seat.press("draft", text="Half a sen").status_code == 204
    assert "Half a sen" in seat.look()
    assert "Half a sen" not in Seat(supervisor, thread).look()
    seat.press("draft", text="")
    assert not Draft.objects.exists()


def test_reading_moves_the_mark_forwards_only(seat: Seat, thread: Thread):
    line = TranscriptEntry.objects.get()
    assert '1<span class="vh"> unread' in seat.look()
    assert seat.press("seen", line=line.pk).status_code == 204
    assert "unread" not in seat.look()
    revision = Thread.objects.get().revision
    seat.press("seen", line=line.pk)
    seat.press("seen", line="nothing")
    assert Thread.objects.get().revision == revision
    assert ReadMark.objects.get().upto == line.sort_time


def test_others_see_who_is_here_and_who_types(seat: Seat, supervisor: Operator, thread: Thread, monkeypatch):
    boss = Seat(supervisor, thread)
    assert seat.press("presence", typing="1").status_code == 204
    assert "oskar is typing" in boss.look()
    assert "oskar is typing" not in seat.look()
    now = time.time()
    monkeypatch.setattr(presence, "time", lambda: now + presence.TYPING_S + 1)
    assert "oskar is here too" in boss.look()
    monkeypatch.setattr(presence, "time", lambda: now + presence.VIEWING_S + 1)
    assert "oskar is here" not in boss.look()
    seat.press("presence")
    assert "oskar is here too" in boss.look()
    seat.press("presence", gone="1")
    assert "oskar is here" not in boss.look()
    assert not Command.objects.exists()


@pytest.mark.parametrize("fence", ["", "-1", "x", "9" * 30])
def test_a_form_that_is_not_ours_does_nothing(seat: Seat, fence: str):
    seat.fields["fence"] = fence
    assert "incomplete" in why(seat.press("take"))
