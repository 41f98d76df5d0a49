"""Lines of the transcript, of every channel."""

from collections.abc import Iterator

from tests.live.changes.registry import BOTH, shown
from tests.live.scene import Scene


@shown(*BOTH)
def the_contact_is_speaking(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.hears("u1", "I need"))


@shown(*BOTH)
def interim_speech_is_replaced(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.send(scene.call.hears("u1", "I need"))
    yield
    scene.send(scene.call.hears("u1", "I need to move my"))


@shown(*BOTH)
def interim_speech_becomes_a_line(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.send(scene.call.hears("u1", "I need to move"))
    yield
    scene.send(scene.call.heard("u1", "I need to move my appointment"))


@shown(*BOTH)
def the_agent_announces_a_line(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.begins("m1", "We have nine or ten o'clock"))


@shown(*BOTH)
def the_agent_says_a_word(scene: Scene) -> Iterator[None]:
    scene.speak()
    yield
    scene.send(scene.call.word("m1", 3, "or"))


@shown(*BOTH)
def the_agent_finishes_a_line(scene: Scene) -> Iterator[None]:
    scene.speak()
    yield
    scene.send(scene.call.frame("bot.finished", message_id="m1", duration_ms=900))


@shown(*BOTH)
def the_agent_is_interrupted(scene: Scene) -> Iterator[None]:
    scene.speak()
    yield
    scene.send(scene.call.frame("bot.interrupted", message_id="m1", words_spoken=2, reason="user_spoke"))


@shown(*BOTH)
def the_contact_barges_in(scene: Scene) -> Iterator[None]:
    scene.speak()
    yield
    scene.send(scene.call.frame("barge_in", cancelled_message_id="m1"))


@shown(*BOTH)
def a_line_is_aborted(scene: Scene) -> Iterator[None]:
    scene.speak()
    yield
    scene.send(scene.call.frame("message.aborted", message_id="m1", reason="barge_in"))


@shown(*BOTH)
def a_line_is_confirmed_in_other_words(scene: Scene) -> Iterator[None]:
    scene.speak()
    yield
    scene.send(scene.call.frame("message.confirmed", message_id="m1", text="We have nine o'clock."))


@shown("page")
def a_reply_is_rejected(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("reply.rejected", message_id="m9", reason="message_obsolete"))


@shown(*BOTH)
def what_was_said_while_muted_comes(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.send(scene.call.frame("call.muted"))
    yield
    scene.send(scene.call.frame("call.unmuted", muted_transcript="hello, is anyone there"))


@shown("page")
def the_end_brings_a_line_that_was_lost(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.send(scene.call.ends())
    yield
    history = [("user", "Good morning"), ("assistant", "How can I help?"), ("user", "Goodbye then")]
    scene.send(scene.call.frame("bridge.transcript", messages=[{"role": role, "content": text} for role, text in history]))


@shown(*BOTH)
def a_chat_reply_is_streamed(scene: Scene) -> Iterator[None]:
    scene.type()
    scene.send(scene.chat.frame("llm.chat.chunk", message_id="r1", token="Yes, from"))
    yield
    scene.send(scene.chat.frame("llm.chat.chunk", message_id="r1", token=" the age of four."))


@shown(*BOTH)
def a_chat_reply_comes_whole(scene: Scene) -> Iterator[None]:
    scene.type()
    yield
    scene.send(scene.chat.frame("chat.response", text="Yes, from the age of four."))


@shown(*BOTH)
def a_sippet_draft_grows(scene: Scene) -> Iterator[None]:
    scene.dial()
    scene.sippet(scene.sip.piece("i1", "Dana can"))
    yield
    scene.sippet(scene.sip.piece("i1", " be there"))


@shown(*BOTH)
def an_operator_speaks_after_the_agent(scene: Scene) -> Iterator[None]:
    scene.dial()
    scene.sippet(scene.sip.piece("i1", "One moment"))
    yield
    scene.sippet(scene.sip.piece("i2", "Hello, Dana here", role="operator"))


@shown(*BOTH)
def a_sippet_draft_becomes_a_line(scene: Scene) -> Iterator[None]:
    scene.dial()
    scene.sippet(scene.sip.piece("i1", "Dana can bee"))
    yield
    scene.sippet(scene.sip.line("i1", "Dana can be there at four."))


@shown(*BOTH)
def a_whatsapp_message_comes(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.send(scene.whatsapp.writes("wamid.N2", "it really hurts", kind="audio"))


@shown(*BOTH)
def the_agent_answers_on_whatsapp(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.send(scene.whatsapp.answers("Would tomorrow work?"))


@shown(*BOTH)
def an_operator_answers_on_whatsapp(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.send(scene.whatsapp.answers("This is Petra from the practice.", source="human"))


@shown("page")
def a_message_is_delivered(scene: Scene) -> Iterator[None]:
    scene.write()
    scene.send(scene.whatsapp.status("sent"))
    yield
    scene.send(scene.whatsapp.status("delivered"))


@shown("page")
def a_message_is_read(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.send(scene.whatsapp.status("read"))


@shown("page")
def a_message_cannot_be_delivered(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.send(scene.whatsapp.status("failed"))


@shown(*BOTH)
def a_whatsapp_session_ends(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.send(scene.whatsapp.session("whatsapp.session_ended", contact_phone=scene.whatsapp.digits, reason="idle_timeout"))
