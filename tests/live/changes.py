"""Every kind of change that a screen can show. What stands before the ``yield`` happened before the pages were opened.

Each is told by one function of a scene; ``SHOWN_ON`` says on which screens somebody who may see it must notice it.
"""

import time
from collections.abc import Callable, Iterator

from django.conf import settings

from callcenter.journal.models import Connection
from callcenter.operators.people import team_named
from tests.live.scene import Scene, sound

Story = Callable[[Scene], Iterator[None]]
CHANGES: dict[str, Story] = {}
SHOWN_ON: dict[str, frozenset[str]] = {}


def shown(*screens: str) -> Callable[[Story], Story]:
    """Register a change that is seen on these screens: floor, page."""

    def register(story: Story) -> Story:
        name = story.__name__.replace("_", " ")
        CHANGES[name], SHOWN_ON[name] = story, frozenset(screens)
        return story

    return register


BOTH = ("floor", "page")

# A call begins


@shown("floor")
def a_call_rings(scene: Scene) -> Iterator[None]:
    yield
    scene.send(scene.call.rings())


@shown("floor")
def a_call_is_dialed(scene: Scene) -> Iterator[None]:
    yield
    scene.send(scene.call.frame("call.dialing", **{"from": "+442079460118", "to": "+447700900555"}))


@shown(*BOTH)
def a_ringing_call_is_answered(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.rings())
    scene.watched = scene.call.uuid
    yield
    scene.send(scene.call.starts(order="4711"))


@shown("floor")
def a_call_is_seen_in_the_middle(scene: Scene) -> Iterator[None]:
    yield
    scene.send(scene.call.heard("u1", "Are you still there?"))


@shown("floor")
def a_call_is_found_by_a_live_frame(scene: Scene) -> Iterator[None]:
    yield
    scene.send(scene.call.hears("u1", "Are you"))


@shown("floor")
def a_sippet_call_rings(scene: Scene) -> Iterator[None]:
    yield
    scene.sippet(scene.sip.rings())


@shown("floor")
def a_chat_begins(scene: Scene) -> Iterator[None]:
    yield
    scene.type()


@shown("floor")
def a_whatsapp_session_begins(scene: Scene) -> Iterator[None]:
    yield
    scene.write()


# Lines


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
def a_sippet_draft_becomes_a_line(scene: Scene) -> Iterator[None]:
    scene.dial()
    scene.sippet(scene.sip.piece("i1", "Dana can bee"))
    yield
    scene.sippet(scene.sip.line("i1", "Dana can be there at four."))


# Who does what


@shown(*BOTH)
def the_agent_thinks(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("turn.end", turn_id=1, message_id="u0", latency_ms=171))


@shown(*BOTH)
def the_contact_starts_to_speak(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("speech.started", turn_id=1))


@shown(*BOTH)
def a_tool_is_called(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.tool("t1", "findSlots", '{"day":"thursday"}', None)[0])


@shown("page")
def a_tool_returns(scene: Scene) -> Iterator[None]:
    scene.talk()
    called, returned = scene.call.tool("t1", "findSlots", '{"day":"thursday"}', {"slots": ["09:00"]})
    scene.send(called)
    yield
    scene.send(returned)


@shown("page")
def a_tool_fails(scene: Scene) -> Iterator[None]:
    scene.talk()
    called, returned = scene.call.tool("t1", "bookSlot", "{}", {"error": "slot taken"})
    scene.send(called)
    yield
    scene.send(returned)


@shown("page")
def an_audit_event_comes(scene: Scene) -> Iterator[None]:
    scene.dial()
    yield
    scene.sippet(scene.sip.audit("token_usage", success=True, totalTokens=1840, stepIndex=2, totalSteps=4))


@shown("page")
def a_step_fails(scene: Scene) -> Iterator[None]:
    scene.dial()
    yield
    scene.sippet(scene.sip.audit("tool_call", success=False, error="calendar timeout", toolName="book_visit", toolCallId="tc_1"))


@shown("page")
def a_participant_joins(scene: Scene) -> Iterator[None]:
    scene.dial()
    yield
    scene.sippet(scene.sip.joins("m-2", "operator"))


@shown("page")
def a_participant_leaves(scene: Scene) -> Iterator[None]:
    scene.dial()
    yield
    scene.sippet(scene.sip.leaves("m-1", "caller"))


@shown("page")
def a_recording_arrives(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("call.recording", audio=sound(), duration_ms=200, sample_rate=8000))


@shown(*BOTH)
def the_language_changes(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("call.updated", language="fr"))


@shown(*BOTH)
def the_contact_gets_a_name(scene: Scene) -> Iterator[None]:
    scene.send(scene.whatsapp.opens(name=""))
    scene.watched = scene.whatsapp.uuid
    yield
    scene.send(scene.whatsapp.writes("wamid.N1", "It is me"))


@shown(*BOTH)
def another_call_names_the_contact(scene: Scene) -> Iterator[None]:
    """Both calls are of one number; the first has no name of its own."""
    scene.talk()
    nameless = type(scene.call)(number=scene.call.number)
    scene.send(nameless.starts(), nameless.heard("u1", "It is me again"))
    scene.watched = nameless.uuid
    yield
    scene.send(scene.call.frame("call.started", contact_name="Lena Maria Hoffmann", **{"from": scene.call.number}))


@shown(*BOTH)
def another_call_of_the_contact_went_on(scene: Scene) -> Iterator[None]:
    scene.talk()
    second = type(scene.call)(number=scene.call.number)
    scene.send({**second.starts(), "ts": round(time.time() + 1, 3)})
    scene.watched = second.uuid
    yield
    scene.send(scene.call.heard("u7", "I called you before that"))


# The telephone


@shown(*BOTH)
def a_call_is_held(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.held())


@shown(*BOTH)
def a_call_is_taken_off_hold(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.send(scene.call.held())
    yield
    scene.send(scene.call.unheld())


@shown(*BOTH)
def the_contact_is_muted(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("call.muted"))


@shown("page")
def tones_are_sent(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("call.dtmf_sent", digits="57#"))


@shown("page")
def the_contact_presses_a_key(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("call.dtmf_received", digit="2", digits="2"))


@shown(*BOTH)
def a_call_is_forwarded(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("call.forwarded", to="+442079460177"))


@shown("page")
def a_skill_is_loaded(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("skill.loaded", skill="rescheduling", by="model"))


@shown("page")
def the_agent_remembers_something(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("memory.ops", ops=[{"id": "op1", "op": "add", "text": "prefers mornings"}]))


@shown(*BOTH)
def credit_runs_out(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.runs_out_of_credit())


@shown(*BOTH)
def a_limit_is_reached(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("session.timeout", reason="max_duration"))


@shown(*BOTH)
def the_contact_is_silent(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.send(scene.call.frame("session.idle_warning", remaining_seconds=15, idle_timeout_seconds=60))


@shown(*BOTH)
def the_contact_is_no_longer_silent(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.send(scene.call.frame("session.idle_warning", remaining_seconds=15, idle_timeout_seconds=60))
    yield
    scene.send(scene.call.frame("speech.started", turn_id=1))


# WhatsApp


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


# The agent


@shown(*BOTH)
def the_agent_is_paused_for_this_call(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.agent("session.paused", session_id=scene.whatsapp.uuid)


@shown(*BOTH)
def the_agent_is_paused_for_this_contact(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.agent("session.paused", contact=scene.whatsapp.digits)


@shown(*BOTH)
def the_agent_is_paused_everywhere(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.agent("session.paused")


@shown(*BOTH)
def the_agent_is_resumed(scene: Scene) -> Iterator[None]:
    scene.write()
    scene.agent("session.paused")
    scene.agent("session.paused", contact=scene.whatsapp.digits)
    yield
    scene.agent("session.resumed")


@shown(*BOTH)
def a_message_tells_of_a_pause_nobody_knew(scene: Scene) -> Iterator[None]:
    scene.write()
    yield
    scene.send(scene.whatsapp.writes("wamid.N2", "Hello?", paused=True))


@shown("page")
def the_agent_of_a_finished_call_is_paused(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.send(scene.call.ends())
    yield
    scene.agent("session.paused")


@shown(*BOTH)
def the_agent_is_displaced(scene: Scene) -> Iterator[None]:
    scene.talk()
    yield
    scene.agent("agent.displaced", reason="released by an operator")


@shown(*BOTH)
def the_voice_link_comes_back(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.agent("bridge.voice", up=False, state="down")
    scene.agent("agent.displaced")
    yield
    scene.agent("connected")


# Silence and the end


@shown(*BOTH)
def a_call_becomes_stale(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.starts(), scene.call.heard("u0", "Good morning"), ago=60)
    scene.watched = scene.call.uuid
    yield
    settings.STALE_AFTER_S = 30


@shown(*BOTH)
def a_stale_call_is_heard_again(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.starts(), scene.call.heard("u0", "Good morning"), ago=300)
    scene.watched = scene.call.uuid
    yield
    scene.send(scene.call.frame("speech.started", turn_id=2))


@shown(*BOTH)
def a_call_is_lost(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.starts(), scene.call.heard("u0", "Good morning"), ago=3600)
    scene.watched = scene.call.uuid
    yield
    scene.stage.tick()


@shown(*BOTH)
def a_lost_call_is_found_again(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.starts(), scene.call.heard("u0", "Good morning"), ago=3600)
    scene.watched = scene.call.uuid
    scene.stage.tick()
    yield
    scene.send(scene.call.hears("u1", "Sorry, the tunnel"))


@shown(*BOTH)
def a_call_ends(scene: Scene) -> Iterator[None]:
    scene.speak()
    yield
    scene.send(scene.call.ends())


@shown(*BOTH)
def a_ringing_call_is_refused_for_lack_of_credit(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.rings())
    scene.watched = scene.call.uuid
    yield
    scene.send(scene.call.frame("credits.rejected", org_id="org-1"))


@shown(*BOTH)
def a_dialed_call_fails(scene: Scene) -> Iterator[None]:
    scene.send(scene.call.frame("call.dialing", **{"from": "+442079460118", "to": "+447700900555"}))
    scene.watched = scene.call.uuid
    yield
    scene.send(scene.call.frame("call.error", error="The carrier refused.", code="CARRIER"))


@shown("page")
def a_finished_call_gets_its_recording(scene: Scene) -> Iterator[None]:
    scene.talk()
    scene.send(scene.call.ends())
    yield
    scene.send(scene.call.frame("call.recording", audio=sound(), duration_ms=200, sample_rate=8000))


@shown("floor")
def a_call_that_nobody_saw_has_ended(scene: Scene) -> Iterator[None]:
    yield
    scene.send(scene.call.ends())


# Beyond the calls


@shown("floor")
def a_connection_is_heard(scene: Scene) -> Iterator[None]:
    yield
    scene.stage.pinecall.send({"event": "ping"})
    scene.stage.tick()


@shown("floor")
def a_connection_becomes_quiet(scene: Scene) -> Iterator[None]:
    scene.stage.pinecall.send({"event": "ping"})
    scene.stage.tick()
    yield
    heard = Connection.objects.get(pk=scene.stage.pinecall.connection.pk).heard_at
    assert heard is not None
    Connection.objects.filter(pk=scene.stage.pinecall.connection.pk).update(heard_at=heard.replace(year=heard.year - 1))


@shown("floor")
def a_connection_is_added(scene: Scene) -> Iterator[None]:
    yield
    Connection.objects.create(slug="sippet-new", provider="sippet", team=team_named("North"), token_digest="d", token_prefix="p")


@shown(*BOTH)
def the_figures_move(scene: Scene) -> Iterator[None]:
    """The reply delay is measured when the agent's line after a turn is heard."""
    scene.talk()
    yield
    scene.send(scene.call.heard("u1", "When?"), scene.call.frame("turn.end", turn_id=2, message_id="u1", latency_ms=150))
    scene.send(scene.call.begins("m2", "On Monday"), *scene.call.said("m2", "On Monday"))
