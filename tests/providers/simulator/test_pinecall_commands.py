"""Commands to Pinecall calls are answered at once and confirmed by what follows."""

import pytest

from callcenter.providers.simulator.voice import VoiceCall
from callcenter.providers.simulator.whatsapp import WhatsAppCall
from callcenter.providers.simulator.world import Plan
from tests.providers.simulator.worlds import PINECALL, Scene


class Console:
    """A world and somebody who commands it."""

    def __init__(self, channel="phone", conduct=("confirm",), **more):
        plan = Plan(calls=20, rate=50, meters=0, conduct=conduct)
        self.scene = Scene(plan, channels=(channel,), providers=("pinecall",), **more)
        self.world = self.scene.world
        self.count = 0

    def until(self, found, seconds=120):
        """Let the world go on until somebody is found."""
        start = self.world.scheduler.now
        while self.world.scheduler.now < start + seconds:
            self.scene.play(self.world.scheduler.now + 0.25)
            one = next((call for call in self.world.calls.values() if found(call)), None)
            if one is not None:
                return one
        raise AssertionError("nobody like that came")

    def tell(self, event, *, wait=1.0, **fields):
        """Send a command, let some time pass, and return what was said meanwhile."""
        self.count += 1
        self.scene.forget()
        self.answer = self.world.command(PINECALL, {"id": f"c{self.count}", "command": {"event": event, **fields}})
        self.scene.play(self.world.scheduler.now + wait)
        return self.scene.said()

    def told(self, call, event, *, wait=1.0, **fields):
        """The events about one call after a command to it."""
        said = self.tell(event, call_id=call.identity.call_id, wait=wait, **fields)
        return [one for one in said if one.frame.scope == call.identity.call_id]


def talking(call):
    return isinstance(call, VoiceCall) and call.flags.live and call.turn == 1 and not call.flags.held


def names(said):
    return [one.event for one in said]


def test_a_command_is_first_of_all_said_to_be_sent():
    console = Console()
    call = console.until(talking)
    console.tell("call.hold", call_id=call.identity.call_id, wait=0)
    assert console.answer == {"command": "c1", "status": "sent"}
    assert not console.scene.said("call.held")


def test_hold_silences_the_call_and_unhold_lets_it_go_on():
    console = Console()
    call = console.until(talking)
    assert "call.held" in names(console.told(call, "call.hold"))
    console.scene.play(console.world.scheduler.now + 8)
    console.scene.forget()
    console.scene.play(console.world.scheduler.now + 5)
    assert call.identity.call_id not in {one.frame.scope for one in console.scene.said()}
    assert "call.unheld" in names(console.told(call, "call.unhold"))
    console.scene.play(console.world.scheduler.now + 30)
    assert call.identity.call_id in {one.frame.scope for one in console.scene.said()}


def test_what_is_said_while_muted_comes_with_the_unmute():
    console = Console()
    call = console.until(talking)
    assert "call.muted" in names(console.told(call, "call.mute"))
    for _ in range(120):
        if call.muted_words:
            break
        console.scene.play(console.world.scheduler.now + 0.5)
    expected = " ".join(call.muted_words)
    said = console.told(call, "call.unmute")
    unmuted = next(one for one in said if one.event == "call.unmuted")
    assert unmuted.fields["mutedTranscript"] == expected
    assert expected


def test_tones_are_played():
    console = Console()
    said = console.told(console.until(talking), "call.dtmf", digits="57#")
    assert [one.fields["digits"] for one in said if one.event == "call.dtmf_sent"] == ["57#"]


def test_forwarding_ends_the_call_for_the_agent():
    console = Console()
    call = console.until(talking)
    said = console.told(call, "call.forward", to="+447700900177", message="", announce=False, wait=3)
    assert next(one for one in said if one.event == "call.forwarded").fields["to"] == "+447700900177"
    assert next(one for one in said if one.event == "call.ended").fields["reason"] == "forwarded"


def test_hanging_up_ends_the_call_once():
    console = Console()
    call = console.until(talking)
    said = console.told(call, "call.hangup", wait=30)
    assert names(said).count("call.ended") == 1
    assert call not in console.world.talking


def test_words_of_an_operator_are_spoken_under_their_own_id():
    console = Console()
    call = console.until(talking)
    said = console.told(call, "bot.reply", message_id="msg_o9f1g4hr27mn", text="A colleague will take over now.", in_reply_to="", wait=20)
    own = [one.event for one in said if one.fields.get("messageId") == "msg_o9f1g4hr27mn"]
    assert own[0] == "bot.speaking"
    assert own.count("bot.word") == 6
    assert "message.confirmed" in own


def test_words_in_pieces_are_put_together():
    console = Console()
    call = console.until(talking)
    for piece in ({"action": "start"}, {"action": "chunk", "token": "One "}, {"action": "chunk", "token": "moment."}):
        console.told(call, "bot.reply.stream", message_id="msg_p", **piece)
    said = console.told(call, "bot.reply.stream", message_id="msg_p", action="end", wait=20)
    assert (
        next(one for one in said if one.event == "message.confirmed" and one.fields["messageId"] == "msg_p").fields["text"] == "One moment."
    )


def test_pieces_that_come_at_once_keep_their_order():
    console = Console()
    call = console.until(talking)
    tokens = [f"piece{number} " for number in range(30)]
    parts = [{"action": "start"}, *({"action": "chunk", "token": token} for token in tokens), {"action": "end"}]
    for number, part in enumerate(parts):
        command = {"event": "bot.reply.stream", "call_id": call.identity.call_id, "message_id": "msg_q", **part}
        console.world.command(PINECALL, {"id": f"p{number}", "command": command})
    console.scene.play(console.world.scheduler.now + 60)
    [text] = [one.fields["text"] for one in console.scene.said("message.confirmed") if one.fields["messageId"] == "msg_q"]
    assert text.split() == [token.strip() for token in tokens]


def test_an_answer_to_older_words_is_rejected():
    console = Console()
    call = console.until(lambda call: talking(call) and call.last_heard)
    said = console.told(call, "bot.reply", message_id="msg_late", text="Yes.", in_reply_to="u_long_ago")
    rejected = next(one for one in said if one.event == "reply.rejected")
    assert rejected.fields["messageId"] == "msg_late"


def test_the_agent_can_be_told_to_stop_speaking():
    console = Console()
    call = console.until(lambda call: talking(call) and call.speaker == "agent")
    said = console.told(call, "bot.cancel", wait=3)
    cut = [one for one in said if one.event == "bot.interrupted"]
    assert [one.fields["reason"] for one in cut] == ["cancelled"] or "message.confirmed" in names(said)


@pytest.mark.parametrize(("command", "event"), [("call.accept", "call.started"), ("call.reject", "call.rejected")])
def test_a_ringing_call_is_accepted_or_turned_away(command, event):
    console = Console(seed="ringing")
    call = console.until(lambda call: isinstance(call, VoiceCall) and call.flags.ringing)
    said = console.told(call, command, reason="busy", wait=1.5)
    assert event in names(said)
    if event == "call.rejected":
        assert said[-1].fields["reason"] == "busy"
        assert call not in console.world.talking


def test_dialling_makes_an_outbound_call_with_the_greeting():
    console = Console()
    console.until(talking)
    said = console.tell(
        "call.dial",
        agent_id="harbour-dental",
        to="+447700900502",
        greeting="Hello there.",
        metadata={"k": "v"},
        wait=20,
        **{"from": "+447700900118"},
    )
    dialled = [one for one in said if one.fields.get("to") == "+447700900502"]
    assert names(dialled)[:3] == ["call.dialing", "call.started", "bot.speaking"]
    assert dialled[0].fields["direction"] == "outbound"
    assert dialled[0].fields["metadata"] == {"k": "v"}


def test_a_number_that_cannot_be_dialled_is_an_error_without_a_call():
    console = Console()
    console.until(talking)
    said = console.tell("call.dial", agent_id="harbour-dental", to="+44770", wait=5)
    assert "call.error" in names(said)


def test_history_and_configuration_are_confirmed():
    console = Console()
    call = console.until(talking)
    added = console.tell("history.add", call_id=call.identity.call_id, request_id="rq_1", messages=[{"role": "assistant", "content": "x"}])
    assert [one.fields["requestId"] for one in added if one.event == "history.updated"] == ["rq_1"]
    noted = console.tell("history.add_context", call_id=call.identity.call_id, request_id="rq_2", text="be brief")
    assert [one.fields["requestId"] for one in noted if one.event == "history.updated"] == ["rq_2"]
    configured = console.tell("session.configure", session_id=call.identity.call_id, language="fr")
    assert "session.configured" in names(configured)


def in_session(call):
    return isinstance(call, WhatsAppCall) and call.flags.live and call.lines >= 1


def test_a_paused_session_is_silent_and_says_so_with_every_message():
    console = Console("whatsapp")
    call = console.until(in_session)
    session = call.identity.call_id
    said = console.tell("session.pause", agent_id=call.identity.agent, session_id=session)
    assert [one.fields for one in said if one.event == "session.paused"] == [{"sessionId": session, "agent": call.identity.agent}]
    console.scene.forget()
    console.scene.play(console.world.scheduler.now + 60)
    own = [one for one in console.scene.said("whatsapp.message", "whatsapp.response") if one.frame.scope == session]
    assert own
    assert all(one.event == "whatsapp.message" and one.fields["paused"] is True for one in own)
    said = console.tell("session.resume", agent_id=call.identity.agent, session_id=session)
    assert "session.resumed" in names(said)
    assert not call.paused


def test_contact_and_agent_are_levels_of_their_own():
    console = Console("whatsapp")
    call = console.until(in_session)
    agent, contact = call.identity.agent, call.identity.contact
    console.tell("session.pause", agent_id=agent, contact="+" + contact)
    console.tell("session.pause", agent_id=agent)
    console.tell("session.resume", agent_id=agent, contact=contact)
    assert call.paused
    console.tell("session.pause", agent_id=agent, contact=contact)
    console.tell("session.resume", agent_id=agent)
    assert not call.paused


def test_an_operators_message_goes_out_and_is_reported():
    console = Console("whatsapp")
    call = console.until(lambda call: in_session(call) and not call.failing)
    session = call.identity.call_id
    console.tell("session.pause", agent_id=call.identity.agent, session_id=session)
    said = console.tell("session.send", agent_id=call.identity.agent, session_id=session, text="Petra here.", wait=15)
    own = [one for one in said if one.frame.scope == session]
    response = next(one for one in own if one.event == "whatsapp.response")
    assert (response.fields["text"], response.fields["source"]) == ("Petra here.", "human")
    statuses = [one.fields["status"] for one in own if one.event == "whatsapp.status"]
    assert statuses[-3:] == ["sent", "delivered", "read"]
    assert "session.sent" in names(own)


def test_a_contact_whose_session_is_over_can_be_written_to_by_number():
    console = Console("whatsapp")
    call = console.until(in_session)
    session = call.identity.call_id
    console.until(lambda _: session in console.world.accounts[PINECALL].over, seconds=600)
    assert not [one for one in console.tell("session.send", agent_id="x", session_id=session, text="hello?") if one.frame.scope == session]
    said = console.tell("session.send", agent_id="x", session_id=session, contact=call.identity.contact, text="hello?", wait=15)
    assert [one.event for one in said if one.frame.scope == session][:2] == ["session.sent", "whatsapp.response"]


def test_voice_calls_are_not_paused_unless_that_is_switched_on():
    console = Console()
    call = console.until(talking)
    assert "session.paused" not in names(console.tell("session.pause", agent_id=call.identity.agent, session_id=call.identity.call_id))
    able = Console(voice_pause=True)
    call = able.until(talking)
    assert "session.paused" in names(able.tell("session.pause", agent_id=call.identity.agent, session_id=call.identity.call_id))
    assert call.paused


def test_a_chat_takes_words_and_the_end():
    console = Console("chat")
    call = console.until(lambda call: call.flags.live)
    said = console.told(call, "bot.reply", message_id="msg_chat", text="Hello from a person.", wait=30)
    assert [one.event for one in said if one.fields.get("messageId") == "msg_chat"] == ["bot.speaking", "message.confirmed"]
    call = console.until(lambda call: call.flags.live)
    assert "call.ended" in names(console.told(call, "call.hangup", wait=3))


def test_the_same_command_twice_is_answered_twice_and_done_once():
    console = Console()
    call = console.until(talking)
    message = {"id": "same", "command": {"event": "call.dtmf", "call_id": call.identity.call_id, "digits": "1"}}
    console.scene.forget()
    answers = [console.world.command(PINECALL, message) for _ in range(2)]
    assert answers == [{"command": "same", "status": "sent"}] * 2
    console.scene.play(console.world.scheduler.now + 2)
    assert len([one for one in console.scene.said("call.dtmf_sent") if one.frame.scope == call.identity.call_id]) == 1


def test_what_no_bridge_passes_on_is_refused():
    console = Console()
    console.tell("agent.create", agent_id="x")
    assert console.answer["status"] == "failed"
    assert console.world.command(PINECALL, {"id": "n", "command": "call.hold"})["status"] == "failed"


def test_a_command_for_an_unknown_call_is_passed_over_in_silence():
    console = Console()
    assert not [one for one in console.tell("call.hold", call_id="CA0") if one.event == "call.held"]
    assert console.answer["status"] == "sent"


def test_the_provider_can_refuse():
    console = Console(conduct=("refuse",))
    call = console.until(talking)
    assert "call.held" not in names(console.told(call, "call.hold", wait=30))
    assert console.answer["status"] == "failed"
    assert console.answer["error"]


def test_the_provider_can_ignore():
    console = Console(conduct=("ignore",))
    call = console.until(talking)
    assert "call.held" not in names(console.told(call, "call.hold"))
    assert console.answer["status"] == "sent"
    assert not call.flags.held


def test_the_provider_can_be_late():
    console = Console(conduct=("delay",))
    console.until(talking)
    assert "session.paused" not in names(console.tell("session.pause", agent_id="harbour-dental", wait=11))
    assert console.answer["status"] == "sent"
    console.scene.play(console.world.scheduler.now + 15)
    assert "session.paused" in names(console.scene.said())


def test_the_provider_can_do_the_opposite():
    console = Console(conduct=("contradict",))
    call = console.until(talking)
    assert "call.unheld" in names(console.told(call, "call.hold"))
    said = console.told(call, "bot.reply", message_id="msg_x", text="hello", in_reply_to="")
    assert "reply.rejected" in names(said)
    assert "session.resumed" in names(console.tell("session.pause", agent_id="harbour-dental"))


def test_the_wire_confirms_in_its_own_spelling():
    console = Console(form="wire")
    call = console.until(talking)
    said = console.tell("call.hold", call_id=call.identity.call_id)
    held = next(one for one in said if one.event == "call.held")
    assert held.fields["call_id"] == call.identity.call_id
    assert held.fields["seq"]
