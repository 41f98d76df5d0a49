"""Deliveries on the lines of a WhatsApp thread, over sessions and in any order; what the agent's pauses look like."""

import itertools
import random
from typing import Any

import pytest

from callcenter.calls.models import Agent, Call, Contact, Thread, TranscriptEntry
from callcenter.calls.rebuild import differences
from callcenter.domain.delivery import Bound, Outgoing, ThreadState, bind
from callcenter.ingest.writer import Writer
from callcenter.journal.models import Entry
from callcenter.journal.times import moment
from tests.ingest.frames import START
from tests.ingest.playing import Player, make_source

pytestmark = pytest.mark.django_db(transaction=True)

CONTACT = "447700900983"
DAY = 24 * 3600.0


@pytest.fixture
def player() -> Player:
    return Player(make_source(), writers=2)


def inbound(at: float, session: str = "wa-1", **fields: Any) -> dict[str, Any]:
    return {
        "event": "whatsapp.message", "agent_id": "frontdesk", "session_id": session, "from": CONTACT, "name": "Noor", "type": "text",
        "text": f"in {at:g}", "message_id": f"in.{at}", "paused": False, "ts": START + at, "seq": int(at * 10) + 1, **fields,
    }  # fmt: skip


def answer(at: float, session: str = "wa-1", **fields: Any) -> dict[str, Any]:
    return {
        "event": "whatsapp.response", "agent_id": "frontdesk", "session_id": session, "to": CONTACT, "text": f"out {at:g}",
        "ts": START + at, "seq": int(at * 10) + 2, **fields,
    }  # fmt: skip


def report(at: float, status: str, message_id: str) -> dict[str, Any]:
    return {
        "event": "whatsapp.status", "agent_id": "frontdesk", "recipient": CONTACT, "status": status, "message_id": message_id,
        "ts": START + at, "seq": int(at * 10) + 3,
    }  # fmt: skip


def ticks() -> dict[str, str]:
    lines = TranscriptEntry.objects.filter(speaker__in=["agent", "operator"]).order_by("sort_time", "sort_seq")
    return {line.text: line.delivery for line in lines}


def test_reports_without_a_known_id_take_the_oldest_line_without_one(player) -> None:
    player.play([inbound(1), answer(2), answer(3), report(4, "sent", "A"), report(5, "sent", "B"), report(6, "read", "A")])
    assert ticks() == {"out 2": "read", "out 3": "sent"}
    assert not TranscriptEntry.objects.filter(speaker="agent", delivery_inferred=False).exists()


def test_the_order_of_arrival_does_not_matter() -> None:
    story = [answer(2), answer(3), report(4, "sent", "A"), report(5, "delivered", "B"), report(6, "read", "A")]
    for number, order in enumerate(itertools.islice(itertools.permutations(story), 0, 120, 7)):
        player = Player(make_source(slug=f"c{number}"))
        player.play([{**piece, "session_id": f"wa-{number}"} if "session_id" in piece else piece for piece in order], 2)
        lines = TranscriptEntry.objects.filter(call__call_uuid=f"wa-{number}").order_by("sort_time")
        assert [line.delivery for line in lines] == ["read", "delivered"]


def test_a_report_may_overtake_its_line_by_a_minute(player) -> None:
    player.play([inbound(1), report(10, "sent", "A"), answer(60), report(100, "sent", "B"), answer(170)])
    assert ticks() == {"out 60": "sent", "out 170": ""}


def test_a_report_does_not_reach_lines_older_than_a_day(player) -> None:
    player.play([answer(2), answer(2 + DAY), report(10 + DAY, "sent", "A")])
    assert ticks() == {"out 2": "", f"out {2 + DAY:g}": "sent"}


def test_a_line_with_an_id_is_only_reached_by_it(player) -> None:
    player.play([answer(2, message_id="known"), answer(3), report(4, "sent", "other"), report(5, "read", "known")])
    assert ticks() == {"out 2": "read", "out 3": "sent"}
    assert TranscriptEntry.objects.get(text="out 2").delivery_inferred is False


def test_a_report_reads_only_the_lines_it_may_concern(player, monkeypatch) -> None:
    read: list[int] = []

    def counted(lines: list[Outgoing], state: ThreadState) -> dict[int, Bound]:
        read.append(len(lines))
        return bind(lines, state)

    monkeypatch.setattr("callcenter.calls.states.bind", counted)
    for day in range(0, 40, 3):
        player.play([answer(day * DAY + at, f"wa-{day}") for at in range(10)] + [report(day * DAY + 20, "sent", f"R{day}")])
    read.clear()
    player.play([report(39 * DAY + 30, "read", "R39"), answer(39 * DAY + 40, "wa-39")])
    assert [lines for lines in read if lines > 12] == []
    assert read
    assert list(differences()) == []


@pytest.mark.parametrize("seed", range(6))
def test_binding_step_by_step_gives_what_the_journal_gives_in_any_order(player, seed) -> None:
    order = random.Random(seed)
    story: list[dict[str, Any]] = []
    for number in range(60):
        at = round(order.uniform(0, 12) * DAY) + number / 10
        session = f"wa-{int(at // DAY)}"
        story.append(answer(at, session, **({"message_id": f"K{number}"} if order.random() < 0.3 else {})))
        for status in order.sample(["sent", "delivered", "read", "failed"], order.randint(0, 3)):
            told = f"K{number}" if order.random() < 0.3 else f"R{order.randrange(40)}"
            story.append(report(at + order.choice([-30, 1, 5, 3600, DAY]), status, told))
    order.shuffle(story)
    for start in range(0, len(story), 5):
        player.send(story[start : start + 5], start // 5 % 2)
        assert [line for line in differences() if "delivery" in line] == []


def test_a_failure_shows_unless_the_message_arrived(player) -> None:
    player.play([answer(2, message_id="A"), answer(3, message_id="B"), answer(4, message_id="C")])
    player.play(
        [report(5, "sent", "A"), report(6, "failed", "A"), report(7, "read", "B"), report(8, "failed", "B"), report(9, "failed", "C")]
    )
    assert ticks() == {"out 2": "failed", "out 3": "read", "out 4": "failed"}


def test_sessions_of_one_contact_are_one_thread(player) -> None:
    player.play([inbound(1), answer(2), inbound(5000, "wa-2"), answer(5001, "wa-2"), report(5002, "sent", "A"), report(5003, "sent", "B")])
    assert ticks() == {"out 2": "sent", "out 5001": "sent"}
    thread = Thread.objects.get()
    assert set(thread.calls.values_list("call_uuid", flat=True)) == {"wa-1", "wa-2"}
    assert thread.last_inbound_at == moment(START + 5000)
    assert thread.last_at == moment(START + 5001)


def test_a_tick_changes_the_revision_of_its_call_and_no_other(player) -> None:
    player.play([inbound(1), answer(2), inbound(5000, "wa-2")])
    before = dict(Call.objects.values_list("call_uuid", "revision"))
    player.play([report(5002, "sent", "A")])
    after = dict(Call.objects.values_list("call_uuid", "revision"))
    assert after["wa-1"] > before["wa-1"]
    assert after["wa-2"] == before["wa-2"]


def test_a_report_that_comes_again_changes_nothing(player) -> None:
    player.play([answer(2), report(4, "sent", "A")])
    before = (Call.objects.get().revision, Thread.objects.get().revision, Entry.objects.count())
    player.play([report(4, "sent", "A")])
    assert (Call.objects.get().revision, Thread.objects.get().revision, Entry.objects.count()) == before


def test_a_report_alone_makes_the_thread_and_no_call(player) -> None:
    player.play([report(4, "sent", "A")])
    assert Thread.objects.get().version == 1
    assert not Call.objects.exists()


def test_the_contact_has_the_name_it_chose_and_its_digits(player) -> None:
    player.play([inbound(1), inbound(2, name="Noor ✨")])
    contact = Contact.objects.get()
    assert (contact.digits, contact.phone, contact.name) == (CONTACT, f"+{CONTACT}", "Noor ✨")


def test_two_equal_answers_are_two_messages(player) -> None:
    player.play([answer(2, text="ok"), answer(3, text="ok"), answer(3, text="ok")])
    assert TranscriptEntry.objects.filter(text="ok").count() == 2


def test_an_image_has_a_line_without_text(player) -> None:
    player.play([inbound(1, type="image", text="")])
    line = TranscriptEntry.objects.get()
    assert (line.kind, line.text, line.state) == ("image", "", "final")
    assert Call.objects.get().last_text == "[image]"


def test_a_session_that_only_started_belongs_to_its_contact(player) -> None:
    player.send([{"event": "whatsapp.session_started", "agent_id": "frontdesk", "session_id": "wa-1", "contact_phone": CONTACT}])
    call = Call.objects.get(thread__digits=CONTACT)
    assert (call.channel, call.from_number) == ("whatsapp", CONTACT)


def test_a_report_that_names_only_its_session_finds_the_thread(player) -> None:
    player.play([inbound(1), answer(2)])
    player.play([{"event": "whatsapp.status", "session_id": "wa-1", "status": "read", "message_id": "A", "ts": START + 3}])
    assert ticks() == {"out 2": "read"}
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("report", [{"event": "whatsapp.status", "status": "read", "message_id": "A"}, {"event": "session.paused"}])
def test_a_report_that_names_only_its_session_finds_it_after_a_restart_too(player, report: dict[str, Any]) -> None:
    player.play([inbound(1), answer(2)])
    player.writers = [Writer()]
    assert player.send([{**report, "session_id": "wa-1", "ts": START + 3}]).accepted == 1
    assert (ticks(), agent().paused_calls) in [({"out 2": "read"}, []), ({"out 2": ""}, ["wa-1"])]


def test_a_report_about_another_connections_session_makes_no_agent_here(player) -> None:
    player.play([inbound(1)])
    other = Player(make_source(slug="other"))
    other.send([{"event": "session.paused", "session_id": "wa-1", "ts": START + 3}])
    assert not Agent.objects.filter(connection=other.source.id).exists()
    assert agent().paused_calls == []


# Pauses


def pause(at: float, on: bool = True, **target: Any) -> dict[str, Any]:
    return {"event": "session.paused" if on else "session.resumed", "agent_id": "frontdesk", "ts": START + at, **target}


def agent() -> Agent:
    return Agent.objects.get(slug="frontdesk")


def test_a_pause_nobody_told_of_is_seen_in_a_message(player) -> None:
    player.play([inbound(1, paused=True)])
    assert agent().paused_elsewhere == ["wa-1"]
    player.play([inbound(2, paused=False)])
    assert agent().paused_elsewhere == []


def test_a_resume_that_was_missed_is_seen_in_a_message(player) -> None:
    player.play([pause(1, session_id="wa-1"), pause(2, contact=CONTACT), inbound(10, paused=False)])
    assert (agent().paused_calls, agent().paused_contacts) == ([], [])


def test_a_message_right_after_a_pause_proves_nothing(player) -> None:
    player.play([pause(1, session_id="wa-1"), inbound(2, paused=False)])
    assert agent().paused_calls == ["wa-1"]


def test_messages_that_tell_nothing_new_are_not_noted(player) -> None:
    player.play([inbound(1), pause(2), inbound(10, paused=True), inbound(11, paused=True), pause(20, on=False), inbound(30)])
    assert not Entry.objects.filter(event="pause.observed").exists()


def test_a_global_pause_changes_one_row(player) -> None:
    player.play([inbound(1), inbound(2, "wa-2")])
    before = dict(Call.objects.values_list("call_uuid", "revision"))
    player.play([pause(3)])
    assert agent().paused
    assert dict(Call.objects.values_list("call_uuid", "revision")) == before
    assert agent().revision > max(before.values())
