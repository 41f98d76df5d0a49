"""The page of a thread: sessions, kinds of messages, who wrote them, and what the agent said after somebody took over."""

from datetime import datetime, timedelta

import pytest
from django.template.loader import render_to_string

from callcenter.calls.models import Agent, Call, Thread
from callcenter.commands.models import Command, Takeover
from callcenter.commands.outbox import Target, enqueue
from callcenter.console.whatsapp.loading import LINES, load_parts
from callcenter.console.whatsapp.thread import thread_view
from callcenter.console.whatsapp.values import Bubble, Outgoing, ThreadView
from callcenter.domain.commands.order import Order, Verb
from callcenter.operators.models import Operator
from tests import factories
from tests.console.whatsapp import samples
from tests.console.whatsapp.clock import NOW


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def line(thread: Thread, text: str, speaker: str, minutes: float, **changes: object) -> None:
    at = ago(minutes)
    call = thread.calls.latest("pk")
    factories.make_line(call, text, speaker, at=(at - factories.START).total_seconds(), sort_time=at.timestamp(), **changes)


def view(thread: Thread, reader: Operator, now: datetime = NOW) -> ThreadView:
    thread = Thread.objects.for_rows().get(pk=thread.pk)
    return thread_view(thread, reader, load_parts(thread, reader, now), now)


def bubbles(found: ThreadView) -> dict[str, Bubble]:
    return {entry.text: entry for entry in found.entries if isinstance(entry, Bubble)}


def words(found: ThreadView) -> list[str]:
    return [entry.text for entry in found.entries]


def asked(thread: Thread, who: Operator, text: str, minutes: float, state: str, **changes: object) -> Command:
    order = Order(verb=Verb.SEND, agent="frontdesk", call="wa-1", text=text)
    command, _ = enqueue(order, Target(thread.agent.connection, thread.agent, thread=thread), now=NOW, operator=who)
    Command.objects.filter(pk=command.pk).update(state=state, created_at=ago(minutes), **changes)
    return command


def test_messages_of_all_sessions_stand_in_one_order_with_their_borders(thread: Thread, oskar: Operator):
    first = thread.calls.get()
    Call.objects.filter(pk=first.pk).update(status="completed", ended_at=ago(0.5), end_reason="idle_timeout")
    factories.make_call("wa-2", thread.agent, contact=thread.contact, thread=thread, channel="whatsapp", started_at=ago(0.3))
    line(thread, "I am back", "contact", 0.2)
    found = words(view(thread, oskar))
    assert found[1:] == [
        "A session of the provider begins", "Can I still book?", "The session ended: idle timeout",
        "A session of the provider begins", "I am back",
    ]  # fmt: skip
    assert view(thread, oskar).sessions == 2


def test_a_reply_after_the_end_of_a_session_does_not_move_its_end(thread: Thread, oskar: Operator):
    Call.objects.update(status="completed", ended_at=ago(0.9), end_reason="idle_timeout")
    line(thread, "The last of the agent", "agent", 0.8)
    line(thread, "Are you still there?", "operator", 0.2)
    assert words(view(thread, oskar))[-3:] == ["The last of the agent", "The session ended: idle timeout", "Are you still there?"]


def test_what_the_agent_writes_after_a_takeover_is_marked_and_counted_while_it_lasts(thread: Thread, oskar: Operator):
    for text, minutes in (("Before", 10), ("During", 5), ("Again", 4), ("After", 1)):
        line(thread, text, "agent", minutes)
    taken = Takeover.objects.create(thread=thread, operator=oskar, fence=1, began_at=ago(7), ended_at=ago(2), ended_how="handed_back")
    found = view(thread, oskar)
    assert {text for text, bubble in bubbles(found).items() if bubble.late} == {"During", "Again"}
    assert found.late == 0
    Takeover.objects.filter(pk=taken.pk).update(ended_at=None, ended_how="")
    assert view(thread, oskar).late == 3


def test_an_operators_line_names_who_asked_for_it(thread: Thread, oskar: Operator, supervisor: Operator):
    asked(thread, oskar, "Hello", 9, "confirmed")
    asked(thread, supervisor, "Good bye", 8, "confirmed")
    for text, minutes in (("Hello", 8.5), ("Good bye", 7.5), ("Written elsewhere", 7)):
        line(thread, text, "operator", minutes, delivery="failed" if text == "Hello" else "read", delivery_error="Not on WhatsApp")
    found = bubbles(view(thread, oskar))
    assert {text: found[text].name for text in ("Hello", "Good bye", "Written elsewhere")} == {
        "Hello": "You", "Good bye": "sofia", "Written elsewhere": "Operator",
    }  # fmt: skip
    assert (found["Hello"].error, found["Hello"].again) == ("Not on WhatsApp", False)
    Thread.objects.update(holder=oskar)
    assert bubbles(view(thread, oskar))["Hello"].again


@pytest.mark.parametrize(
    ("state", "failure", "said", "again"),
    [
        ("pending", "", "Waiting to be sent", False),
        ("sending", "", "Sent, not confirmed yet", False),
        ("sent", "", "Sent, not confirmed yet", False),
        ("not_confirmed", "", "Not confirmed: the provider has not said that it left", True),
        ("unknown", "", "Nobody can tell whether it was sent", True),
        ("failed", "expired", "Not sent: the connection was down for too long", True),
        ("failed", "refused", "Refused: no such session", True),
        ("failed", "cancelled", "Cancelled, not sent", True),
        ("failed", "taken", "Not sent: no such session", True),
    ],
)
def test_a_message_that_is_no_line_yet_says_how_it_stands(
    thread: Thread, oskar: Operator, state: str, failure: str, said: str, again: bool
):
    Thread.objects.update(holder=oskar)
    asked(thread, oskar, "Hello", 0, state, failure=failure, error="no such session")
    [bubble] = [entry for entry in view(thread, oskar).entries if isinstance(entry, Outgoing)]
    assert (bubble.words, bubble.again, bubble.cancel) == (said, again, state == "pending")


def test_who_answers_without_a_silent_agent_is_told_so(thread: Thread, oskar: Operator):
    Thread.objects.update(holder=oskar)
    assert [badge.label for badge in view(thread, oskar).badges] == ["Agent not silenced: it may still answer"]
    Agent.objects.update(paused_contacts=[thread.digits])
    assert [badge.label for badge in view(thread, oskar).badges] == ["Paused for this contact"]
    Agent.objects.update(paused=True)
    assert [badge.label for badge in view(thread, oskar).badges] == ["Agent paused everywhere", "Paused for this contact"]


def test_a_very_long_thread_shows_its_newest_messages(thread: Thread, oskar: Operator):
    for number in range(LINES + 5):
        line(thread, f"Line {number}", "contact", 50 - number / 60)
    found = view(thread, oskar)
    shown = [entry.text for entry in found.entries if isinstance(entry, Bubble)]
    assert found.earlier
    assert len(shown) == LINES
    assert shown[-1] == "Can I still book?"


@pytest.mark.parametrize(("mode", "button"), [("send", "Send"), ("take", "Take over and reply"), ("locked", "")])
def test_the_composer_offers_what_its_mode_says(mode: str, button: str) -> None:
    html = render_to_string("whatsapp/_composer.html", {"thread": samples.view(mode=mode)})
    assert ("disabled>" in html.split("legend")[0]) is (mode == "locked")
    assert (f"<span>{button}</span>" in html) is bool(button)
    assert html.count("<button") == bool(button)
