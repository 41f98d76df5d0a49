"""The forms of a call's desk: every role, holder and state; by htmx and as plain forms."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from callcenter.calls.models import Agent, Call, CallNote, Thread
from callcenter.commands import relay
from callcenter.commands.models import Command, OpenSocket, Pause, Takeover
from callcenter.console.calldesk.actions import ACTIONS
from callcenter.console.models import Destination
from callcenter.operators.models import AuditLine, Operator, Team
from tests import factories
from tests.conftest import person
from tests.factories import make_agent, make_connection
from tests.ingest.frames import Frame, ended, frame, said, started
from tests.ingest.playing import Player, make_source

HTMX = {"HX-Request": "true"}
UUID = "CA1"
# What the form of each action carries when it is filled in.
FILLED: dict[str, dict[str, str]] = {
    "dtmf": {"digits": "57#"},
    "forward": {"to": "+44 20 7946 0177", "announce": "on"},
    "say": {"text": "Good morning"},
    "whisper": {"text": "Offer a refund."},
    "reject": {"reason": "busy"},
    "set-language": {"language": "fr"},
    "pause": {"level": "call", "why": "Complaint", "until": "900"},
    "resume": {"level": "call"},
}
VERBS = ("hold", "mute", "dtmf", "forward", "hang-up", "stop-speaking", "set-language")


class Desk:
    """One call of the north as its provider told it, a socket that takes commands, and browsers of several people."""

    def __init__(self, *frames: Frame) -> None:
        self.player = Player(make_source())
        self.player.send(frames)
        self.call = self.now()
        assert self.call.agent is not None
        assert self.call.contact is not None
        self.agent, self.contact = self.call.agent, self.call.contact
        now = datetime.now(UTC)
        self.socket = OpenSocket.objects.create(
            connection=self.agent.connection, agents=["frontdesk"], opened_at=now, seen_at=now + timedelta(days=1)
        )
        self.clients: dict[int, Client] = {}

    def client(self, who: Operator) -> Client:
        if who.pk not in self.clients:
            self.clients[who.pk] = Client()
            self.clients[who.pk].force_login(who)
        return self.clients[who.pk]

    def page(self, who: Operator) -> str:
        return self.client(who).get(f"/calls/{UUID}/").content.decode()

    def press(self, who: Operator, action: str, htmx: bool = True, **fields: Any) -> Any:
        """As the page that ``who`` sees now would send it."""
        page = self.page(who)
        stamp = {name: found[1] for name in ("key", "fence") if (found := re.search(rf'name="{name}" value="([^"]*)"', page))}
        data = {**stamp, **FILLED.get(action, {}), **fields}
        return self.client(who).post(f"/calls/{UUID}/do/{action}/", data, headers=HTMX if htmx else {})

    def now(self) -> Call:
        return Call.objects.for_rows().get(call_uuid=UUID)


@pytest.fixture
def desk(north: Team) -> Desk:
    return Desk(started(0, UUID))


@pytest.fixture
def petra(north: Team) -> Operator:
    """Another operator of the north."""
    return person("petra", "operator", north)


def reason_of(answer: Any) -> str:
    assert answer.status_code == 409, (answer.status_code, answer.content[:300])
    return unescape(re.sub(r"<[^>]*>", "", answer.content.decode()))


def test_taking_over_answers_with_the_desk_of_the_holder(desk: Desk, oskar: Operator):
    answer = desk.press(oskar, "take-over")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert html.startswith('<div class="calldesk" id="call-controls"')
    for words in ("You answer", "You hold it, agent not yet silent.", "Undo", "Hand back", "Pause, this call", "waiting"):
        assert words in html
    assert answer["Console-Pushed"] == "1"
    assert desk.now().holder == oskar


def test_a_plain_form_leads_back_to_the_call(desk: Desk, oskar: Operator):
    answer = desk.press(oskar, "take-over", htmx=False)
    assert (answer.status_code, answer["Location"]) == (303, f"/calls/{UUID}/")
    assert "You answer" in desk.page(oskar)


def test_a_plain_form_that_is_refused_says_why_on_the_next_page(desk: Desk, oskar: Operator, petra: Operator):
    page = {"fence": "0"}
    desk.press(oskar, "take-over")
    answer = desk.press(petra, "take-over", htmx=False, **page)
    assert (answer.status_code, answer["Location"]) == (303, f"/calls/{UUID}/")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["oskar answers now."]
    assert desk.press(petra, "take-over", htmx=False, next="floor", **page)["Location"] == "/"


def test_the_second_is_told_who_won_and_changes_nothing(desk: Desk, oskar: Operator, petra: Operator):
    desk.press(oskar, "take-over")
    assert reason_of(desk.press(petra, "take-over", fence="0")) == "oskar answers now."
    assert reason_of(desk.press(petra, "take-over")) == "oskar answers now."
    assert (desk.now().fence, Takeover.objects.count(), Command.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("fence", ["", "-1", "x", "9" * 30, "٣"])
def test_a_form_without_a_fence_takes_nothing(desk: Desk, oskar: Operator, fence: str):
    assert desk.press(oskar, "take-over", fence=fence).status_code == 409
    assert desk.now().holder is None


@pytest.mark.parametrize("action", VERBS)
def test_who_may_press_what_while_the_agent_and_while_somebody_else_answers(
    desk: Desk, oskar: Operator, petra: Operator, supervisor: Operator, reviewer: Operator, action: str
):
    assert desk.press(oskar, action).status_code == 200
    assert reason_of(desk.press(reviewer, action, fence="0")) == "Reviewers read and listen; they do not act."
    desk.press(oskar, "take-over")
    before = Command.objects.count()
    assert reason_of(desk.press(petra, action)) == "oskar answers now."
    assert Command.objects.count() == before
    assert desk.press(supervisor, action).status_code == 200
    assert desk.press(oskar, action).status_code == 200


def test_reviewers_can_do_nothing_at_all(desk: Desk, oskar: Operator, reviewer: Operator):
    assert "desk-take-over" not in desk.page(reviewer)
    for action in ACTIONS:
        for fence in ("0", "1"):
            assert desk.press(reviewer, action, fence=fence, key="k").status_code == 409, (action, fence)
    assert (Command.objects.count(), Takeover.objects.count(), Pause.objects.count(), desk.now().fence) == (0, 0, 0, 0)


def test_only_the_holder_says_something(desk: Desk, oskar: Operator, petra: Operator):
    assert reason_of(desk.press(oskar, "say")) == "Take over first."
    desk.press(oskar, "take-over")
    assert reason_of(desk.press(petra, "say")) == "oskar answers now."
    assert desk.press(oskar, "say").status_code == 200
    assert Command.objects.get(verb="say").order["text"] == "Good morning"
    assert Takeover.objects.get().first_reply_at is not None


def test_the_same_form_sent_twice_is_one_command_and_other_words_are_another(desk: Desk, oskar: Operator):
    desk.press(oskar, "take-over")
    page = desk.page(oskar)
    stamp = {name: re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in ("key", "fence")}
    for text in ("One", "One", "Two"):
        answer = desk.client(oskar).post(f"/calls/{UUID}/do/say/", {**stamp, "text": text}, headers=HTMX)
        assert answer.status_code == 200
    assert desk.client(oskar).post(f"/calls/{UUID}/do/hold/", stamp, headers=HTMX).status_code == 200
    assert sorted(c.order["text"] for c in Command.objects.filter(verb="say")) == ["One", "Two"]
    assert Command.objects.filter(verb="hold").count() == 1


def test_two_presses_of_one_tone_are_two_tones(desk: Desk, oskar: Operator):
    stamp = {"key": "page", "fence": "0", "digits": "5"}
    for press in ("1", "2", "2"):
        desk.client(oskar).post(f"/calls/{UUID}/do/dtmf/", {**stamp, "press": press}, headers=HTMX)
    assert Command.objects.filter(verb="dtmf").count() == 2


def test_handing_back_leaves_a_note_with_the_agent(desk: Desk, oskar: Operator):
    desk.press(oskar, "take-over")
    assert desk.press(oskar, "hand-back", note="She prefers mornings.").status_code == 200
    assert desk.now().holder is None
    assert Command.objects.get(verb="whisper").order["text"] == "She prefers mornings."
    assert Takeover.objects.get().ended_how == "handed_back"


def test_a_takeover_is_undone_as_if_nothing_had_happened(desk: Desk, oskar: Operator, monkeypatch: pytest.MonkeyPatch):
    for reader in ("commands.takeover", "console.calldesk.controls"):
        monkeypatch.setattr(f"callcenter.{reader}.UNDO_S", 600.0)  # however slowly the pages are made
    desk.press(oskar, "take-over")
    assert "desk-undo" in desk.page(oskar)
    assert desk.press(oskar, "undo").status_code == 200
    assert (desk.now().holder, Takeover.objects.count()) == (None, 0)
    assert reason_of(desk.press(oskar, "undo")) == "There is nothing to undo."


def test_a_supervisor_gives_the_call_to_somebody_of_its_team(
    desk: Desk, oskar: Operator, petra: Operator, ines: Operator, supervisor: Operator, reviewer: Operator
):
    desk.press(oskar, "take-over")
    sheet = desk.client(supervisor).get(f"/calls/{UUID}/give/", headers=HTMX).content.decode()
    assert set(re.findall(r'<option value="\d+">(\w+)</option>', sheet)) == {"petra"}
    assert "<html" in desk.client(supervisor).get(f"/calls/{UUID}/give/").content.decode()
    for stranger in (ines, reviewer):
        assert reason_of(desk.press(supervisor, "reassign", to=stranger.pk)) == "Choose somebody of its team."
    assert desk.press(supervisor, "reassign", to=petra.pk, why="Speaks Portuguese").status_code == 200
    assert desk.now().holder == petra
    assert reason_of(desk.press(petra, "reassign", to=oskar.pk)) == "Only supervisors reassign."
    assert desk.client(petra).get(f"/calls/{UUID}/give/").status_code == 403
    assert "petra answers" in desk.page(oskar)


def test_a_supervisor_is_not_offered_to_herself_whether_she_holds_the_call_or_not(desk: Desk, oskar: Operator, supervisor: Operator):
    for take in (False, True):
        if take:
            desk.press(supervisor, "take-over")
        sheet = desk.client(supervisor).get(f"/calls/{UUID}/give/", headers=HTMX).content.decode()
        assert re.findall(r'<option value="\d+">(\w+)</option>', sheet) == ["oskar"]


def test_a_number_that_cannot_be_dialled_is_refused_in_place(desk: Desk, oskar: Operator):
    assert "country code" in reason_of(desk.press(oskar, "forward", to="12"))
    assert reason_of(desk.press(oskar, "forward", to="sip:nobody")) == "A SIP address looks like sip:name@host."
    desk.press(oskar, "forward")
    order = Command.objects.get().order
    assert (order["to"], order["announce"]) == ("+442079460177", True)


def test_a_saved_destination_is_picked_from_the_teams_list(desk: Desk, oskar: Operator, north: Team, south: Team):
    office = Destination.objects.create(name="Office", number="sip:office@desk.example")
    duty = Destination.objects.create(name="Duty phone", number="+442079460177", team=north)
    other = Destination.objects.create(name="Far away", number="+442079460178", team=south)
    listed = re.findall(r'<option value="(\d+)">([^<]+)</option>', desk.page(oskar).partition("desk-saved")[2].partition("</select>")[0])
    assert listed == [(str(duty.pk), "Duty phone (+44 20 7946 0177)"), (str(office.pk), "Office (sip:office@desk.example)")]
    assert desk.press(oskar, "forward", to="", saved=duty.pk, announce="").status_code == 200
    order = Command.objects.get().order
    assert (order["to"], order["announce"]) == ("+442079460177", False)
    assert reason_of(desk.press(oskar, "forward", to="", saved=other.pk)) == "This destination is not saved any more."
    assert reason_of(desk.press(oskar, "forward", saved=duty.pk)) == "Choose a destination or write a number, not both."
    assert reason_of(desk.press(oskar, "forward", to=" ")) == "Choose a destination or write a number."


def test_words_for_the_contact_announce_the_forwarding(desk: Desk, oskar: Operator):
    desk.press(oskar, "forward", announce="", message="Just a\nmoment.")
    assert Command.objects.get().frame["message"] == "Just a moment."
    assert Command.objects.get().frame["announce"] is True
    assert reason_of(desk.press(oskar, "forward", message="x" * 301)) == "This is longer than 300 characters."


def test_an_operator_answers_by_voice_with_their_own_phone(desk: Desk, oskar: Operator):
    assert "write down your own phone" in desk.page(oskar)
    assert reason_of(desk.press(oskar, "forward-mine")).startswith("You have no phone of your own here yet")
    Operator.objects.filter(pk=oskar.pk).update(phone="+442079460199")
    page = desk.page(oskar)
    assert "+44 20 7946 0199" in page
    assert "leaves the agent for good" in page
    assert desk.press(oskar, "forward-mine", message="One moment, please.", to="+442079460100").status_code == 200
    assert Command.objects.get().frame == {
        "event": "call.forward", "call_id": UUID, "to": "+442079460199", "message": "One moment, please.", "announce": True,
    }  # fmt: skip


def test_the_holder_answers_the_words_that_the_page_shows(desk: Desk, oskar: Operator):
    desk.player.send([said(3, "Is it open?", "u1", UUID), said(4, "On Sunday, I mean", "u2", UUID)])
    desk.press(oskar, "take-over")
    page = desk.page(oskar)
    assert 'name="in_reply_to" value="u2"' in page
    assert "On Sunday, I mean" in page.partition("say-heard")[2]
    assert desk.press(oskar, "say", answer="on", in_reply_to="u2").status_code == 200
    assert Command.objects.filter(verb="say").get().frame["in_reply_to"] == "u2"
    assert desk.press(oskar, "say", in_reply_to="u2", text="Not as an answer").status_code == 200
    assert [command.frame["in_reply_to"] for command in Command.objects.filter(verb="say")] == ["", "u2"]
    assert reason_of(desk.press(oskar, "say", answer="on", in_reply_to="u9")) == "The contact said no such words on this call."


def test_a_long_text_is_said_in_pieces_under_one_name_and_counts_as_the_operators(desk: Desk, oskar: Operator):
    desk.press(oskar, "take-over")
    text = "Thank you for waiting so long this afternoon. I have found your order in our books. It left us this morning."
    assert desk.press(oskar, "say", pieces="on", text=text).status_code == 200
    command = Command.objects.get(verb="say_in_pieces")
    frames = [command.frame, *command.more_frames]
    assert [frame["action"] for frame in frames] == ["start", "chunk", "chunk", "end"]
    assert {frame["message_id"] for frame in frames} == {command.order["message_id"]}
    assert Takeover.objects.get().first_reply_at is not None
    assert reason_of(desk.press(oskar, "say", pieces="on", text=" ")) == "There are no words to send."
    message = command.order["message_id"]
    desk.player.send([frame("message.confirmed", 9, UUID, message_id=message, text=text)])
    shown = desk.client(oskar).get(f"/calls/{UUID}/").context["call"]
    assert [line.dictated for line in shown.script if getattr(line, "dictated", "")] == ["oskar"]


def test_the_timeline_says_who_put_the_call_on_hold(desk: Desk, oskar: Operator):
    assert desk.press(oskar, "hold").status_code == 200
    Command.objects.update(state="sent")
    desk.player.send([frame("call.held", 9, UUID)])
    Command.objects.update(created_at=CallNote.objects.get().at, done_at=CallNote.objects.get().at)  # the clocks agree
    shown = desk.client(oskar).get(f"/calls/{UUID}/").context["call"].timeline
    assert [(moment.title, moment.detail, moment.category) for moment in shown if moment.detail] == [("Put on hold", "by oskar", "audit")]


def test_the_language_is_one_of_the_list(desk: Desk, oskar: Operator):
    assert desk.press(oskar, "set-language").status_code == 200
    assert Command.objects.get().frame == {"event": "session.configure", "session_id": UUID, "language": "fr"}
    for wrong in ("", "xx", "French"):
        assert reason_of(desk.press(oskar, "set-language", language=wrong)) == "Choose one of the languages."


def test_a_call_of_a_phone_line_is_routed_to_an_agent_of_its_connection_that_one_may_see(north: Team, south: Team, oskar: Operator):
    desk = Desk(started(0, UUID, agent_id="line:+442079460140"))
    OpenSocket.objects.update(agents=["line:+442079460140"])
    line = desk.agent.connection
    make_agent("billing", line, name="Billing")
    make_agent("secret", line, name="Secret agent", team=south)
    make_agent("elsewhere", make_connection("other", north))
    page = desk.page(oskar)
    assert re.findall(r'<option value="([^"]+)">', page.partition("route-agent")[2].partition("</select>")[0]) == ["billing"]
    assert desk.press(oskar, "route", agent="billing", language="es", greeting=" Hola ").status_code == 200
    assert Command.objects.get().frame == {"event": "call.route", "call_id": UUID, "agent": "billing", "language": "es", "greeting": "Hola"}
    assert reason_of(desk.press(oskar, "route", agent="secret")) == "Choose one of the agents."
    assert reason_of(desk.press(oskar, "route", agent="billing", language="xx")) == "Choose one of the languages."
    desk.player.send([frame("call.routed", 5, UUID, agent_id="line:+442079460140", agent="billing")])
    assert desk.now().agent == Agent.objects.get(slug="billing")
    assert "desk-route" not in desk.page(oskar).partition("<div hidden>")[0]
    assert reason_of(desk.press(oskar, "route", agent="billing")) == "Only a call that a phone line answers can be routed."


def test_a_ringing_call_is_rejected_with_a_reason(north: Team, oskar: Operator):
    desk = Desk(frame("call.ringing", 0, UUID, **{"from": "+447700900128", "to": "+442079460118"}))
    assert reason_of(desk.press(oskar, "hold")) == "The call is not answered yet."
    page = desk.page(oskar)
    assert "the provider accepts in about" in page
    assert desk.press(oskar, "reject", reason="busy").status_code == 200
    assert Command.objects.get().order["reason"] == "busy"


def test_the_agent_is_paused_for_the_call_or_the_contact_with_why_and_until(desk: Desk, oskar: Operator):
    assert desk.press(oskar, "pause").status_code == 200
    assert desk.press(oskar, "pause", level="contact", until="").status_code == 200
    own, contact = Pause.objects.order_by("pk")
    assert (own.level, own.target, own.why) == ("call", UUID, "Complaint")
    assert own.until is not None
    assert own.until - own.began_at == timedelta(minutes=15)
    assert (contact.level, contact.target, contact.until) == ("contact", desk.contact.digits, None)
    page = desk.page(oskar)
    assert "Paused by oskar: Complaint" in page
    assert "Pause, this contact" in page
    assert desk.press(oskar, "resume", level="contact").status_code == 200
    assert reason_of(desk.press(oskar, "pause", level="agent")) == "Choose this call or this contact."


def test_nobody_lets_the_agent_talk_again_behind_the_back_of_who_answers(
    desk: Desk, oskar: Operator, petra: Operator, supervisor: Operator
):
    for level in ("call", "contact"):
        assert desk.press(oskar, "pause", level=level, until="").status_code == 200
    desk.press(oskar, "take-over")
    for level in ("call", "contact"):
        assert reason_of(desk.press(petra, "resume", level=level)) == "oskar answers now."
    assert desk.press(supervisor, "resume", level="contact").status_code == 200
    assert desk.press(oskar, "resume", level="call").status_code == 200
    assert not Pause.objects.filter(ended_at=None).exists()


def test_a_pause_whose_time_is_over_lasts_while_somebody_answers(desk: Desk, oskar: Operator):
    desk.press(oskar, "pause")
    desk.press(oskar, "take-over")
    over = datetime.now(UTC) + timedelta(hours=1)
    assert relay.end_pauses(over) == 0
    desk.press(oskar, "hand-back")
    assert relay.end_pauses(over) == 0, "it is looked at again in a while"
    assert relay.end_pauses(over + timedelta(seconds=relay.HELD_S)) == 1


def test_what_waits_is_cancelled_by_its_operator_or_a_supervisor(desk: Desk, oskar: Operator, petra: Operator, supervisor: Operator):
    desk.press(oskar, "hold")
    hold = Command.objects.get()
    assert "desk-cancel-0" in desk.page(oskar)
    assert "desk-cancel-0" not in desk.page(petra).replace('form="desk-cancel-0"', "")
    assert reason_of(desk.press(petra, "cancel", command=hold.pk)) == "Somebody else asked for this."
    answer = desk.press(supervisor, "cancel", command=hold.pk)
    assert "cancelled, not sent" in answer.content.decode()
    assert reason_of(desk.press(oskar, "cancel", command=hold.pk)) == "Too late: it is not waiting any more."


def test_commands_of_other_calls_are_not_cancelled_here(desk: Desk, oskar: Operator):
    desk.player.send([started(5, "CA2")])
    desk.client(oskar).post("/calls/CA2/do/hold/", {"fence": "0", "key": "k"}, headers=HTMX)
    hold = Command.objects.get(call__call_uuid="CA2")
    assert reason_of(desk.press(oskar, "cancel", command=hold.pk)) == "There is no such command on this call."


def test_nothing_is_asked_without_a_socket_and_nothing_of_a_call_that_is_over(desk: Desk, oskar: Operator):
    desk.press(oskar, "take-over")
    OpenSocket.objects.all().delete()
    assert reason_of(desk.press(oskar, "hold")) == "The connection is down: nothing can be sent."
    desk.player.send([ended(60, UUID)])
    for action in ("hold", "hang-up", "say", "pause"):
        assert reason_of(desk.press(oskar, action, fence="1")) == "The call is over."


def test_strangers_and_the_signed_out_reach_nothing(desk: Desk, ines: Operator):
    for action in ACTIONS:
        assert desk.client(ines).post(f"/calls/{UUID}/do/{action}/", {"fence": "0"}).status_code == 404
    assert desk.client(ines).get(f"/calls/{UUID}/give/").status_code == 404
    plain = Client().post(f"/calls/{UUID}/do/hold/", {"fence": "0"})
    assert (plain.status_code, plain["Location"]) == (302, f"/login/?next=/calls/{UUID}/")
    assert Client().post(f"/calls/{UUID}/do/hold/", headers=HTMX).status_code == 401
    assert Command.objects.count() == 0


def test_a_form_without_its_token_is_refused(desk: Desk, oskar: Operator):
    client = Client(enforce_csrf_checks=True)
    client.force_login(oskar)
    assert client.post(f"/calls/{UUID}/do/take-over/", {"fence": "0"}).status_code == 403
    assert desk.now().holder is None


def test_what_is_no_action_is_not_found_and_nothing_is_done_by_a_get(desk: Desk, oskar: Operator):
    assert desk.press(oskar, "explode").status_code == 404
    assert desk.client(oskar).get(f"/calls/{UUID}/do/take-over/").status_code == 405


def test_every_form_of_the_page_has_a_csrf_field_of_its_own(desk: Desk, oskar: Operator, supervisor: Operator):
    desk.press(oskar, "take-over")
    desk.press(oskar, "hold")
    for who in (oskar, supervisor):
        page = desk.page(who)
        forms = set(re.findall(r'<form [^>]*id="(desk-[\w-]+)"', page))
        fields = set(re.findall(r'name="csrfmiddlewaretoken" value="[^"]+" form="([\w-]+)"', page))
        assert forms <= fields


def test_everything_that_was_asked_is_in_the_audit_trail(desk: Desk, oskar: Operator):
    for action in ("take-over", "hold", "say", "hand-back"):
        desk.press(oskar, action)
    lines = AuditLine.objects.order_by("pk").values_list("action", "target", "operator__username", "address")
    assert list(lines) == [(name, f"call:{UUID}", "oskar", "127.0.0.1") for name in ("take_over", "hold", "say", "hand_back")]


def test_a_whatsapp_call_acts_on_its_thread(north: Team, oskar: Operator):
    ends = {"session_id": UUID, "from": "447700900983", "to": "442079460118", "direction": "inbound", "message_id": "wamid.1"}
    desk = Desk(frame("whatsapp.message", 1, "", text="Hello", type="text", **ends))
    thread = Thread.objects.get()
    page = desk.page(oskar)
    assert f'href="/whatsapp/{thread.pk}/"' in page
    assert "say-text" not in page
    assert desk.press(oskar, "take-over").status_code == 200
    assert Thread.objects.get().holder == oskar
    assert desk.press(oskar, "hand-back").status_code == 200
    assert Thread.objects.get().holder is None


def test_the_agents_lines_after_a_takeover_are_marked_and_counted(desk: Desk, oskar: Operator):
    call = desk.call
    factories.make_line(call, "Before", "agent", at=5)
    Takeover.objects.create(call=call, operator=oskar, fence=1, began_at=factories.seconds(10), ended_at=factories.seconds(30))
    factories.make_line(call, "Still talking", "agent", at=12)
    factories.make_line(call, "The contact answers", "contact", at=13)
    factories.make_line(call, "Dictated", "agent", at=14, message_id="msg_ours")
    factories.make_line(call, "And again", "agent", at=31)
    Command.objects.create(
        operator=oskar, key="k", connection=call.connection, call=call, verb="say", state="failed", failure="refused",
        order={"verb": "say", "message_id": "msg_ours"}, frame={}, expires_at=factories.seconds(60),
    )  # fmt: skip
    shown = desk.client(oskar).get(f"/calls/{UUID}/").context["call"]
    assert [line.text for line in shown.script if getattr(line, "late", False)] == ["Still talking"]
    assert [(line.text, line.dictated) for line in shown.script if getattr(line, "dictated", "")] == [("Dictated", "oskar")]
    page = desk.page(oskar)
    assert "1 agent line after the takeover" in page
    assert page.count("circle-alert") >= 2
    assert "words of" in page


def test_a_row_of_the_floor_takes_over_and_leads_to_the_call(desk: Desk, oskar: Operator, reviewer: Operator):
    floor = desk.client(oskar).get("/").content.decode()
    button = re.search(r'form="floor-take-over" formaction="([^"]+)" name="fence" value="(\d+)"', floor)
    assert button
    assert "may-act" in floor
    watching = desk.client(reviewer).get("/").content.decode()
    assert "may-act" not in watching
    assert 'id="floor-take-over"' not in watching
    answer = desk.client(oskar).post(button[1], {"fence": button[2], "next": "floor"})
    assert (answer.status_code, answer["Location"]) == (303, f"/calls/{UUID}/")
    taken = desk.client(oskar).get("/").content.decode()
    assert re.search(r'<button class="btn sm take"[^>]* disabled title="oskar answers now." aria-describedby="row-CA1-why"', taken)


def test_the_agent_row_is_the_newest_there_is(desk: Desk, oskar: Operator):
    desk.press(oskar, "take-over")
    Agent.objects.update(paused_calls=[UUID])
    assert "The agent is silent." in desk.page(oskar)
