"""One holder, fenced: whoever comes second is told who won, and nothing of the loser leaves."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from callcenter.calls.holding import Held, held_of
from callcenter.calls.models import Call, CallNote, Thread
from callcenter.calls.rebuild import differences
from callcenter.commands import desk, relay
from callcenter.commands.models import Command, OpenSocket, Takeover
from callcenter.commands.takeover import Actor, Refused, give_up, hand_back, reassign, take_over, undo
from callcenter.domain.commands.order import Order, Verb
from callcenter.operators.models import AuditLine, Operator
from callcenter.operators.people import add_person
from tests.ingest.frames import CALL, ended, frame, said, started
from tests.ingest.playing import Player, make_source

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
WHATSAPP = "wa-3c9f10b2d7e8"
DIGITS = "447700900983"


@pytest.fixture
def people() -> dict[str, Operator]:
    roles = {"oskar": "operator", "ines": "operator", "sofia": "supervisor", "rita": "reviewer"}
    return {name: add_person(name, role, "secret words", ["North"]) for name, role in roles.items()}


@pytest.fixture
def player() -> Player:
    """A Pinecall connection with an open socket that speaks for ``frontdesk``."""
    source = make_source()
    OpenSocket.objects.create(connection_id=source.id, agents=["frontdesk"], opened_at=NOW, seen_at=NOW + timedelta(days=1))
    return Player(source)


@pytest.fixture
def voice(player: Player) -> Call:
    player.send([started(0)])
    return Call.objects.for_rows().get(call_uuid=CALL)


@pytest.fixture
def thread(player: Player) -> Thread:
    player.send([written("Hello", 1)])
    return Thread.objects.get()


def written(text: str, at: float, session: str = WHATSAPP) -> dict[str, object]:
    """A message of the contact, as old as the test."""
    ends = {"session_id": session, "from": DIGITS, "to": "442079460118", "direction": "inbound", "message_id": f"wamid.{at}"}
    return {"event": "whatsapp.message", "agent_id": "frontdesk", "text": text, "type": "text", "ts": NOW.timestamp() + at, **ends}


def as_of(who: Operator, later: float = 0, key: str = "") -> Actor:
    return Actor(who, NOW + timedelta(seconds=later), "192.0.2.7", key)


def again(held: Held) -> Held:
    return type(held)._default_manager.get(pk=held.pk)


def orders() -> list[dict[str, object]]:
    """What was asked of the provider, oldest first."""
    return [command.frame for command in Command.objects.order_by("created_at", "pk")]


def test_taking_over_a_voice_call_holds_it_and_asks_for_silence(voice: Call, people: dict[str, Operator]) -> None:
    take_over(voice, as_of(people["oskar"]), 0, why="angry")
    call = Call.objects.get()
    assert (call.holder, call.fence) == (people["oskar"], 1)
    assert orders() == [{"event": "session.pause", "agent_id": "frontdesk", "session_id": CALL}]
    assert CallNote.objects.get().data == {"name": "oskar", "by": "oskar"}
    taken = Takeover.objects.get()
    assert (taken.operator, taken.why, taken.ended_at) == (people["oskar"], "angry", None)
    line = AuditLine.objects.get()
    assert (line.action, line.target, line.address) == ("take_over", f"call:{CALL}", "192.0.2.7")
    assert not list(differences())


def test_taking_over_a_thread_silences_its_contact_across_sessions(thread: Thread, people: dict[str, Operator]) -> None:
    take_over(thread, as_of(people["oskar"]), 0)
    assert orders() == [{"event": "session.pause", "agent_id": "frontdesk", "contact": DIGITS}]
    assert Call.objects.for_rows().get().answering == people["oskar"]
    assert not list(differences())


def test_the_second_is_told_who_won(voice: Call, people: dict[str, Operator]) -> None:
    take_over(voice, as_of(people["oskar"]), 0)
    with pytest.raises(Refused, match="oskar answers now"):
        take_over(voice, as_of(people["ines"]), 0)
    with pytest.raises(Refused, match="oskar answers now"):
        take_over(voice, as_of(people["ines"]), 1)
    assert Takeover.objects.count() == 1


def test_the_same_click_twice_takes_over_once(voice: Call, people: dict[str, Operator]) -> None:
    for _ in range(2):
        take_over(voice, as_of(people["oskar"]), 0)
    assert again(voice).fence == 1
    assert Command.objects.count() == 1


def test_reviewers_take_nothing(voice: Call, people: dict[str, Operator]) -> None:
    with pytest.raises(Refused, match="Reviewers"):
        take_over(voice, as_of(people["rita"]), 0)


def test_nobody_takes_a_call_that_is_over(player: Player, voice: Call, people: dict[str, Operator]) -> None:
    player.send([ended(5)])
    with pytest.raises(Refused, match="over"):
        take_over(voice, as_of(people["oskar"]), 0)


def test_a_supervisor_takes_from_an_operator_and_what_the_loser_had_not_sent_stays(voice: Call, people: dict[str, Operator]) -> None:
    take_over(voice, as_of(people["oskar"]), 0)
    said_it = desk.ask(voice, Order(verb=Verb.SAY, text="One moment."), as_of(people["oskar"], key="k"), 1)
    take_over(voice, as_of(people["sofia"]), 1)
    said_it.refresh_from_db()
    assert (said_it.state, said_it.failure, said_it.error) == ("failed", "taken", "sofia answers now.")
    with pytest.raises(Refused, match="sofia answers now"):
        desk.ask(voice, Order(verb=Verb.SAY, text="Still me."), as_of(people["oskar"], key="l"), 1)
    assert list(Takeover.objects.order_by("fence").values_list("operator__username", "ended_how")) == [("oskar", "taken"), ("sofia", "")]


def test_handing_back_frees_the_agent_and_takes_a_note_with_it(voice: Call, people: dict[str, Operator]) -> None:
    take_over(voice, as_of(people["oskar"]), 0)
    hand_back(voice, as_of(people["oskar"], 30), 1, note="She wants a refund.")
    call = Call.objects.get()
    assert (call.holder, call.fence) == (None, 2)
    note, resume = orders()[1:]
    assert (note["event"], note["text"]) == ("history.add_context", "She wants a refund.")
    assert resume == {"event": "session.resume", "agent_id": "frontdesk", "session_id": CALL}
    assert Takeover.objects.get().ended_how == "handed_back"
    assert not list(differences())


def test_reassigned_by_a_supervisor_only(voice: Call, people: dict[str, Operator]) -> None:
    with pytest.raises(Refused, match="supervisors"):
        reassign(voice, people["ines"], as_of(people["oskar"]), 0)
    reassign(voice, people["ines"], as_of(people["sofia"]), 0)
    assert again(voice).holder == people["ines"]
    with pytest.raises(Refused, match="Reviewers"):
        reassign(voice, people["rita"], as_of(people["sofia"]), 1)


def test_undone_within_ten_seconds_as_if_nothing_had_happened(voice: Call, people: dict[str, Operator]) -> None:
    take_over(voice, as_of(people["oskar"]), 0)
    undo(voice, as_of(people["oskar"], 9), 1)
    call = Call.objects.get()
    assert (call.holder, call.fence) == (None, 2)
    assert not Takeover.objects.exists()
    assert not CallNote.objects.exists()
    assert [(command.state, command.failure) for command in Command.objects.all()] == [("failed", "cancelled")]
    assert not list(differences())


@pytest.mark.parametrize("spoken", [True, False])
def test_not_undone_later_or_after_a_word(voice: Call, people: dict[str, Operator], spoken: bool) -> None:
    take_over(voice, as_of(people["oskar"]), 0)
    if spoken:
        desk.ask(voice, Order(verb=Verb.SAY, text="Hello"), as_of(people["oskar"], 1), 1)
    with pytest.raises(Refused, match="hand back instead"):
        undo(voice, as_of(people["oskar"], 2 if spoken else 11), 1)


def test_undone_it_goes_back_to_whom_it_was_taken_from(voice: Call, people: dict[str, Operator]) -> None:
    take_over(voice, as_of(people["oskar"]), 0)
    take_over(voice, as_of(people["sofia"], 5), 1)
    undo(voice, as_of(people["sofia"], 6), 2)
    assert again(voice).holder == people["oskar"]


def test_given_up_when_the_operator_is_gone(thread: Thread, people: dict[str, Operator]) -> None:
    take_over(thread, as_of(people["oskar"]), 0)
    assert not give_up(thread, people["ines"], NOW)
    assert give_up(thread, people["oskar"], NOW)
    assert Takeover.objects.get().ended_how == "given_up"
    assert orders()[-1] == {"event": "session.resume", "agent_id": "frontdesk", "contact": DIGITS}


def test_a_call_that_ends_closes_its_takeover(player: Player, voice: Call, people: dict[str, Operator]) -> None:
    take_over(voice, as_of(people["oskar"]), 0)
    player.send([ended(5)])
    relay.tick(NOW)
    assert Takeover.objects.get().ended_how == "call_over"


def test_a_running_ingest_process_goes_on_with_the_holder(player: Player, voice: Call, people: dict[str, Operator]) -> None:
    take_over(voice, as_of(people["oskar"]), 0)
    player.send([said(2, "Who is this?", "u2"), frame("call.held", 3)])
    call = Call.objects.get()
    assert (call.holder, call.fence, call.held) == (people["oskar"], 1, True)
    assert not list(differences())


def test_a_thread_whose_session_begins_anew_keeps_its_holder(player: Player, thread: Thread, people: dict[str, Operator]) -> None:
    take_over(thread, as_of(people["oskar"]), 0)
    over = {"event": "whatsapp.session_ended", "agent_id": "frontdesk", "session_id": WHATSAPP, "reason": "idle_timeout"}
    player.send([{**over, "ts": NOW.timestamp() + 5}, written("Me again", 6, "wa-000000000002")])
    row = Thread.objects.get()
    assert (row.holder, row.fence) == (people["oskar"], 1)
    assert {call.answering for call in Call.objects.for_rows()} == {people["oskar"]}
    command = desk.send(row, "I am here.", as_of(people["oskar"], 7), 1)
    assert command.frame["session_id"] == "wa-000000000002"


def test_only_the_holder_writes(thread: Thread, people: dict[str, Operator]) -> None:
    with pytest.raises(Refused, match="Take over first"):
        desk.send(thread, "Hello", as_of(people["oskar"]), 0)
    take_over(thread, as_of(people["ines"]), 0)
    for fence in (0, 1):
        with pytest.raises(Refused, match="ines answers now"):
            desk.send(thread, "Hello", as_of(people["oskar"]), fence)
    assert desk.send(thread, "Hello", as_of(people["ines"]), 1).state == "pending"


def test_nothing_is_written_after_the_window(thread: Thread, people: dict[str, Operator]) -> None:
    take_over(thread, as_of(people["oskar"]), 0)
    with pytest.raises(Refused, match="24 hours"):
        desk.send(thread, "Hello", as_of(people["oskar"], 25 * 3600), 1)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_a_hundred_times(player: Player, people: dict[str, Operator]) -> None:
    player.send([started(0, f"CA{n:032d}") for n in range(1, 101)])
    calls = list(Call.objects.for_rows())
    barrier = Barrier(2)

    def click(who: str) -> Callable[[Call], str]:
        def attempt(call: Call) -> str:
            try:
                take_over(held_of(call), as_of(people[who]), 0)
            except Refused as refusal:
                return str(refusal)
            return ""

        return attempt

    def run(who: str) -> list[str]:
        answers = []
        for call in calls:
            barrier.wait(60)
            answers.append(click(who)(call))
        connection.close()
        return answers

    with ThreadPoolExecutor(2) as pair:
        first, second = pair.map(run, ["oskar", "ines"])
    for oskar, ines, call in zip(first, second, Call.objects.order_by("pk"), strict=True):
        assert sorted([oskar, ines]) == ["", f"{'oskar' if not oskar else 'ines'} answers now."]
        assert call.fence == 1
    assert Takeover.objects.count() == Command.objects.count() == 100
    assert not list(differences())


def test_on_sippet_the_phone_of_whoever_takes_over_is_named(people: dict[str, Operator]) -> None:
    Operator.objects.filter(username="oskar").update(sip_user="op.oskar")
    player = Player(make_source("sippet", "phones"))
    player.send([{"event": "incoming_call", "payload": {"callUuid": "4b8d", "direction": "inbound"}}])
    player.send([{"event": "call_answered", "payload": {"callUuid": "4b8d"}}])
    call = Call.objects.for_rows().get()
    take_over(call, as_of(Operator.objects.get(username="oskar")), 0)
    hand_back(call, as_of(people["oskar"]), 1)
    assert orders() == [
        {"action": "barge_call", "input": {"callUuid": "4b8d", "sipUserId": "op.oskar"}},
        {"action": "resume_ai_call", "input": {"callUuid": "4b8d"}},
    ]
