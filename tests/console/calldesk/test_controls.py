"""The desk of a call as values: who may press what, why not, and what is said about the agent's silence."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from callcenter.calls.models import Call, Thread, TranscriptEntry
from callcenter.commands.models import Command, Pause, Takeover
from callcenter.console.calldesk.controls import controls_view, silence_of
from callcenter.console.calldesk.rows import DeskRows
from callcenter.console.calldesk.values import ControlsView
from callcenter.console.models import Destination
from callcenter.domain.commands.capability import POSTS_ONLY
from callcenter.journal.models import Connection
from callcenter.operators.models import Operator
from tests.console.calls import NOW, TEAM, a_call, a_contact, ago, an_agent, an_operator

OSKAR = an_operator(role="operator")
INES = Operator(pk=6, username="ines", role="operator")
SOFIA = Operator(pk=7, username="sofia", role="supervisor")
RITA = Operator(pk=8, username="rita", role="reviewer")


def a_command(verb: str = "hold", state: str = "sent", age: float = 1, **values: Any) -> Command:
    number = values.pop("number", 1)
    given = {"operator": OSKAR, "state": state, "created_at": ago(age), "order": {"verb": verb}, "call_id": 1, **values}
    return Command(pk=UUID(int=number), verb=verb, **given)


def desk(who: Operator = OSKAR, call: Call | None = None, rows: DeskRows | None = None) -> ControlsView:
    call = call or a_call()
    return controls_view(call, call.agent, who, rows or DeskRows(), NOW)


def held(by: Operator = OSKAR, **values: Any) -> Call:
    return a_call(holder=by, fence=1, **values)


def sippet(**values: Any) -> Call:
    return a_call(connection=Connection(pk=2, slug="atlanta", provider="sippet", team=TEAM), **values)


def reasons(view: ControlsView) -> dict[str, str]:
    buttons = [view.take, view.back, view.tones, view.forward, view.hang_up, view.say, view.whisper, view.accept, view.reject, *view.tools]
    return {button.action: button.why_not for button in buttons if button is not None}


def test_a_reviewer_has_no_desk() -> None:
    assert not desk(RITA).shown


def test_what_an_operator_may_do_while_the_agent_answers() -> None:
    assert reasons(desk()) == {
        "take-over": "", "hold": "", "mute": "", "stop-speaking": "", "dtmf": "", "forward": "", "hang-up": "", "whisper": "",
        "say": "Take over first.",
    }  # fmt: skip


def test_what_the_holder_may_do() -> None:
    view = desk(OSKAR, held())
    assert (view.mine, view.title, view.take) == (True, "You answer", None)
    assert set(reasons(view).values()) == {""}
    assert {"hand-back", "say"} <= set(reasons(view))


def test_somebody_elses_call_is_named_and_closed_to_a_colleague() -> None:
    view = desk(INES, held())
    assert view.title == "oskar answers"
    found = reasons(view)
    assert found.pop("whisper") == ""  # steering the agent unheard goes behind nobody's back
    assert set(found.values()) == {"oskar answers now."}
    assert "hand-back" not in found


def test_a_supervisor_may_take_hand_back_and_give_away_what_somebody_holds() -> None:
    view = desk(SOFIA, held())
    assert reasons(view)["take-over"] == reasons(view)["hand-back"] == reasons(view)["hang-up"] == ""
    assert reasons(view)["say"] == "oskar answers now."
    assert view.reassign is not None
    assert desk(OSKAR, held()).reassign is None


def test_without_a_socket_every_order_is_closed_with_the_reason_and_taking_over_is_not() -> None:
    found = reasons(desk(OSKAR, held(), DeskRows(listening=False)))
    assert found.pop("hand-back") == ""
    assert set(found.values()) == {"The connection is down: nothing can be sent."}


def test_over_a_connection_that_only_posts_every_button_is_closed_and_so_is_taking_over() -> None:
    connection = Connection(pk=2, slug="harbour", provider="pinecall", team=TEAM, heard_at=NOW)
    found = reasons(desk(OSKAR, a_call(connection=connection), DeskRows(listening=False)))
    assert found.pop("say") == "Take over first."
    assert set(found.values()) == {POSTS_ONLY}
    assert "take-over" in found
    given = desk(SOFIA, a_call(connection=connection)).reassign
    assert given is not None
    assert given.why_not == POSTS_ONLY


def test_a_connection_that_took_commands_once_is_down_and_not_one_that_only_listens() -> None:
    connection = Connection(pk=2, slug="harbour", provider="pinecall", team=TEAM, heard_at=NOW, took_commands=True)
    found = reasons(desk(OSKAR, a_call(connection=connection), DeskRows(listening=False)))
    assert found["hang-up"] == "The connection is down: nothing can be sent."
    assert found["take-over"] == ""


def test_what_is_on_is_turned_off() -> None:
    assert [button.action for button in desk(call=a_call(held=True, muted=True)).tools] == ["unhold", "unmute", "stop-speaking"]


def test_what_a_provider_never_offers_is_not_drawn() -> None:
    assert set(reasons(desk(call=sippet()))) == {"take-over", "hang-up"}
    assert set(reasons(desk(call=a_call(channel="chat")))) == {"take-over", "hang-up", "say", "whisper"}


def test_a_ringing_call_is_accepted_or_rejected_and_the_providers_own_accepting_is_counted_down() -> None:
    view = desk(call=a_call(status="ringing", answered_at=None, started_at=ago(2)))
    assert view.accepts_at_ms == round((ago(2).timestamp() + 5) * 1000)
    assert reasons(view)["accept"] == reasons(view)["reject"] == ""
    assert reasons(view)["hold"] == "The call is not answered yet."
    assert desk().accept is None
    assert desk(call=a_call(status="ringing", direction="outbound")).accept is None


def test_a_call_that_is_over_keeps_what_was_just_asked_and_no_button() -> None:
    assert not desk(call=a_call(status="completed")).shown
    view = desk(call=a_call(status="completed"), rows=DeskRows([a_command("hang_up", "confirmed")]))
    assert (view.shown, view.title, reasons(view), [one.state for one in view.asked]) == (True, "The call is over.", {}, ["confirmed"])


def test_a_call_that_is_over_tells_all_that_was_asked_for_it_however_long_ago() -> None:
    call = a_call(status="completed", ended_at=NOW)
    told = a_command("whisper", "confirmed", age=4000, call_id=call.pk, order={"verb": "whisper", "text": "Offer ten forty"})
    for_the_agent = a_command("pause", "confirmed", age=4000, number=2, call_id=None)
    view = desk(call=call, rows=DeskRows(commands=[for_the_agent, told]))
    assert view.shown
    assert [one.name for one in view.asked] == ["Whisper: Offer ten forty"]
    assert desk(call=a_call(), rows=DeskRows(commands=[told])).asked == ()


def test_on_whatsapp_the_thread_is_held_and_written_in_elsewhere() -> None:
    thread = Thread(pk=9, agent=an_agent(), contact=a_contact(), digits="447700900128", holder=OSKAR, fence=4)
    view = desk(call=a_call(channel="whatsapp", thread=thread, fence=1))
    assert (view.mine, view.fence, view.thread_url) == (True, 4, "/whatsapp/9/")
    assert set(reasons(view)) == {"hand-back"}
    assert [pause.level for pause in view.pauses] == ["call"]


@pytest.mark.parametrize(
    ("commands", "call", "words"),
    [
        ([], held(), "Agent not silenced: it may still answer."),
        ([a_command("pause")], held(), "You hold it, agent not yet silent."),
        ([a_command("pause", "pending")], held(), "You hold it, agent not yet silent."),
        ([a_command("pause", "not_confirmed")], held(), "Agent not silenced: not confirmed."),
        ([a_command("pause", "failed", failure="refused", error="No such session.")], held(), "Agent not silenced: No such session."),
        ([a_command("pause", "confirmed")], held(agent=an_agent(paused_calls=["CA1"])), "The agent is silent."),
        ([a_command("pause", "confirmed")], held(), "Agent not silenced: it answers again."),
        ([a_command("resume", number=2), a_command("pause", "confirmed")], held(), "Agent not silenced: it may still answer."),
        ([], held(agent=an_agent(paused=True)), "The agent is silent."),
        ([], held(agent=an_agent(paused_contacts=["447700900128"]), contact=a_contact()), "The agent is silent."),
        ([a_command("barge", "confirmed")], sippet(holder=OSKAR), "The agent has left the call."),
        ([a_command("barge")], sippet(holder=OSKAR), "You hold it, agent not yet silent."),
        ([a_command("pause")], a_call(), ""),
    ],
)  # fmt: skip
def test_the_agent_is_silent_when_the_provider_says_so_and_not_before(commands: list[Command], call: Call, words: str) -> None:
    assert silence_of(call, call.agent, commands, mine=True)[0] == words


def test_a_takeover_can_be_undone_for_ten_seconds_by_whoever_made_it_until_they_speak() -> None:
    taken = Takeover(operator=OSKAR, began_at=ago(4))
    view = desk(OSKAR, held(), DeskRows(takeover=taken))
    assert view.undo is not None
    assert view.undo_until_ms == round((NOW + timedelta(seconds=6)).timestamp() * 1000)
    assert view.next_at == (NOW + timedelta(seconds=6)).timestamp()
    for other in (
        desk(OSKAR, held(), DeskRows(takeover=Takeover(operator=OSKAR, began_at=ago(10)))),
        desk(OSKAR, held(), DeskRows(takeover=Takeover(operator=OSKAR, began_at=ago(4), first_reply_at=ago(1)))),
        desk(SOFIA, held(), DeskRows(takeover=taken)),
    ):
        assert other.undo is None


def test_five_commands_are_shown_that_are_open_or_young() -> None:
    commands = [a_command(number=n, state="confirmed", age=n) for n in range(1, 4)]
    commands += [a_command(number=4, state="not_confirmed", age=61), a_command(number=5, age=100)]
    view = desk(rows=DeskRows(commands))
    assert [(one.command[-1], one.state) for one in view.asked] == [
        ("1", "confirmed"),
        ("2", "confirmed"),
        ("3", "confirmed"),
        ("5", "sent"),
    ]
    assert view.next_at == ago(3).timestamp() + 60
    assert len(desk(rows=DeskRows([a_command(number=n) for n in range(9)])).asked) == 5


def test_a_waiting_command_can_be_cancelled_by_its_operator_and_by_a_supervisor() -> None:
    rows = DeskRows([a_command(state="pending"), a_command(number=2)])
    assert [one.cancel for one in desk(OSKAR, rows=rows).asked] == ["desk-cancel-0", ""]
    assert [one.cancel for one in desk(SOFIA, rows=rows).asked] == ["desk-cancel-0", ""]
    assert [one.cancel for one in desk(INES, rows=rows).asked] == ["", ""]
    assert [one.who for one in desk(INES, rows=rows).asked] == ["oskar", "oskar"]


def test_the_key_changes_with_every_command_and_every_holder_and_is_the_operators_own() -> None:
    keys = [
        desk().key,
        desk(INES).key,
        desk(call=a_call(fence=1)).key,
        desk(rows=DeskRows([a_command()])).key,
        desk(rows=DeskRows([a_command(number=2), a_command()])).key,
    ]
    assert len(set(keys)) == len(keys)
    assert desk().key == keys[0]
    assert max(map(len, keys)) <= 64


def test_a_pause_tells_who_asked_and_whether_the_provider_agrees() -> None:
    call = a_call(contact=a_contact(), agent=an_agent(paused_contacts=["447700900128"]))
    asked = Pause(level="contact", target="447700900128", operator=SOFIA, why="Complaint", until=NOW)
    own, contact = desk(call=call, rows=DeskRows(pauses=[asked])).pauses
    assert (own.on, own.asked, own.button.label) == (False, "", "Pause")
    assert (contact.on, contact.asked, contact.confirmed, contact.button.label) == (True, "sofia: Complaint", True, "Resume")
    waiting = desk(call=a_call(contact=a_contact()), rows=DeskRows(pauses=[asked])).pauses[1]
    assert (waiting.on, waiting.confirmed, waiting.button.label) == (False, False, "Pause")


def test_where_a_call_can_be_forwarded_to_is_named() -> None:
    saved = [
        Destination(pk=3, name="Duty phone", number="+442079460177"),
        Destination(pk=4, name="Office", number="sip:office@desk.example"),
    ]
    who = an_operator(role="operator", phone="+442079460199")
    view = desk(who, rows=DeskRows(destinations=saved))
    assert view.destinations == (("3", "Duty phone (+44 20 7946 0177)"), ("4", "Office (sip:office@desk.example)"))
    assert (view.own_phone, desk().own_phone) == ("+44 20 7946 0199", "")


def test_the_language_of_a_voice_call_can_be_changed_and_is_named() -> None:
    view = desk(call=a_call(language="es-ES"))
    assert view.language is not None
    assert (view.language.why_not, view.spoken) == ("", "Spanish")
    assert desk(call=a_call(language="tlh")).spoken == ""
    assert desk(INES, held()).language.why_not == "oskar answers now."  # type: ignore[union-attr]
    assert desk(call=a_call(channel="chat")).language is None
    assert desk(call=sippet()).language is None


def test_only_a_call_that_a_phone_line_answers_is_routed_to_an_agent() -> None:
    line, rows = an_agent(slug="line:+442079460140"), DeskRows(agents=[an_agent(slug="billing", name="Billing")])
    view = desk(call=a_call(agent=line), rows=rows)
    assert view.route is not None
    assert (view.route.why_not, view.agents) == ("", (("billing", "Billing"),))
    assert desk(rows=rows).route is None
    down = desk(call=a_call(agent=line), rows=DeskRows(listening=False)).route
    assert down is not None
    assert down.why_not == "The connection is down: nothing can be sent."
    ringing = desk(call=a_call(agent=line, status="ringing")).route
    assert ringing is not None
    assert ringing.why_not == "The call is not answered yet."


def test_the_holder_alone_may_answer_the_contacts_last_words_by_name() -> None:
    rows = DeskRows(heard=TranscriptEntry(message_id="u1", text="Is it open?"))
    assert (desk(OSKAR, held(), rows).heard_id, desk(OSKAR, held(), rows).heard) == ("u1", "Is it open?")
    assert desk(INES, held(), rows).heard_id == ""
    assert desk(OSKAR, held()).in_pieces
    assert not desk(OSKAR, held(channel="chat")).in_pieces
