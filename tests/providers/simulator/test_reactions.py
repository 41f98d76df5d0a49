"""A simulated contact has read, or heard, what an operator said."""

from random import Random

import pytest

from callcenter.providers.simulator.reactions import kind_of, reaction_to
from tests.providers.simulator.test_pinecall_commands import Console, talking


@pytest.mark.parametrize(
    ("text", "kind", "figure"),
    [
        ("Would Thursday at 10:40 suit you?", "question", ""),
        ("I booked you in at 10:40.", "figure", "10:40"),
        ("The refund is 23,50 €.", "figure", "23,50 €"),
        ("Hello, this is Petra.", "hello", ""),
        ("I am sorry about that.", "sorry", ""),
        ("Goodbye and have a nice day", "bye", ""),
        ("One moment.", "other", ""),
        ("", "other", ""),
    ],
)
def test_words_are_of_a_kind(text: str, kind: str, figure: str):
    assert kind_of(text) == (kind, figure)


@pytest.mark.parametrize(("language", "answer"), [("en", "10:40"), ("es", "10:40"), ("es-MX", "10:40"), ("xx", "10:40")])
def test_a_figure_is_repeated_in_the_language_of_the_call(language: str, answer: str):
    assert answer in reaction_to("A las 10:40.", language, Random(1))


def test_a_contact_on_the_telephone_answers_what_the_agent_was_made_to_say():
    console = Console()
    call = console.until(talking)
    said = console.told(call, "bot.reply", text="I booked you in at 10:40.", message_id="msg_operator0001", wait=30)
    spoken = [one.event for one in said if one.event in ("message.confirmed", "user.message")]
    assert "message.confirmed" in spoken
    heard = [str(one.fields.get("text")) for one in said if one.event == "user.message"]
    assert any("10:40" in text for text in heard)


def test_a_contact_on_hold_of_a_silent_agent_asks_whether_anybody_is_there():
    console = Console(voice_pause=True)
    call = console.until(talking)
    console.tell("session.pause", agent_id=call.identity.agent, session_id=call.identity.call_id, wait=5)
    console.scene.forget()
    console.scene.play(console.world.scheduler.now + 60)
    mine = [one for one in console.scene.said() if one.frame.scope == call.identity.call_id]
    assert not [one for one in mine if one.event == "message.confirmed"]
    assert 1 <= len([one for one in mine if one.event == "user.message"]) <= 3


@pytest.mark.parametrize("lines", [1, 3, 5])
def test_a_contact_on_whatsapp_answers_what_was_written_before_long_wherever_the_talk_stands(lines: int):
    console = Console("whatsapp")
    call = console.until(lambda one: one.flags.live and getattr(one, "lines", 0) >= lines)
    fields = {"agent_id": call.identity.agent, "session_id": call.identity.call_id}
    console.tell("session.pause", **fields)
    said = console.tell("session.send", text="Your parcel arrives at 18:30.", wait=25, **fields)
    written = [str(one.fields.get("text")) for one in said if one.event == "whatsapp.message" and one.frame.scope == call.identity.call_id]
    assert any("18:30" in text for text in written)
