"""What the simulator says is what the providers say: their names, in their forms."""

import pytest

from callcenter.providers.simulator.names import EVENTS
from callcenter.providers.simulator.world import Plan
from tests.providers.simulator.worlds import PINECALL, SIPPET, Scene, flat

# The names of the providers' contract, as each form spells them.
STREAM = {
    "call.preparing", "call.started", "call.ended", "call.ringing", "call.forwarded", "call.recording",
    "chat.started", "whatsapp.started", "speech.started", "speech.ended", "user.speaking", "user.message",
    "eager.turn", "turn.end", "turn.continued", "turn.pause", "turn.resumed", "bot.speaking", "bot.word",
    "bot.finished", "bot.interrupted", "message.confirmed", "message.aborted", "reply.rejected", "llm.toolCall",
    "llm.tool_result", "session.idleWarning", "session.timeout", "session.paused", "session.resumed",
    "call.held", "call.unheld", "call.muted", "call.unmuted", "call.dtmf_sent", "call.dtmf_received",
    "whatsapp.message", "whatsapp.response", "whatsapp.status", "whatsapp.session_ended", "credits.rejected",
    "credits.exhausted", "audio.metrics", "call.preparingTimeout", "skill.loaded", "skill.unloaded",
    "connected", "ping", "pong", "call.dialing", "call.rejected", "call.error", "session.sent",
    "session.configured", "agent.configured", "history.data", "history.updated", "bridge.snapshot", "bridge.transcript",
    "call.routed", "call.route_failed",
}  # fmt: skip
WIRE = {
    "call.started", "llm.before", "call.ended", "call.ringing", "call.forwarded", "call.recording",
    "llm.chat.started", "whatsapp.session_started", "speech.started", "speech.ended", "user.speaking",
    "user.message", "chat.message", "eager.turn", "turn.end", "turn.continued", "turn.pause", "turn.resumed",
    "bot.speaking", "chat.response", "llm.chat.chunk", "bot.word", "bot.finished", "bot.interrupted",
    "barge_in", "message.confirmed", "message.aborted", "reply.rejected", "llm.tool_call", "llm.tool_result",
    "session.idle_warning", "session.timeout", "session.paused", "session.resumed", "session.sent",
    "session.configured", "call.held", "call.unheld", "call.muted", "call.unmuted", "call.dtmf_sent",
    "call.dtmf_received", "whatsapp.message", "whatsapp.response", "whatsapp.status", "whatsapp.session_ended",
    "credits.rejected", "credits.exhausted", "audio.metrics", "call.dialing", "call.rejected", "call.error",
    "call.updated", "call.routed", "call.route_failed", "agent.configured", "llm.chat.ended", "llm.chat.error", "llm.preparing_timeout", "skill.loaded",
    "skill.unloaded", "connected", "agent.created", "channel.added", "history.data", "history.updated", "ping",
    "pong",
}  # fmt: skip
SIPPET_NAMES = {
    "incoming_call", "call_answered", "call_ended", "call_participant_joined", "call_participant_left",
    "call_transcript_delta", "call_transcript_completed", "call_ai_audit_event", "phx_reply", "phx_error",
    "phx_close",
}  # fmt: skip
WITHOUT_NUMBER = {
    "call.started", "call.ended", "call.ringing", "call.held", "call.unheld", "call.muted", "call.unmuted",
    "eager.turn", "turn.end", "llm.toolCall", "session.paused", "session.resumed", "chat.started",
    "whatsapp.started", "skill.loaded",
}  # fmt: skip
BUSY = Plan(calls=60, rate=20, speed=4, meters=0)


@pytest.fixture(scope="module")
def stream():
    scene = Scene(BUSY)
    scene.greet(PINECALL)
    scene.greet(SIPPET)
    return scene.play(80)


@pytest.fixture(scope="module")
def wire():
    scene = Scene(BUSY, form="wire", providers=("pinecall",))
    scene.greet(PINECALL)
    return scene.play(80)


def test_every_name_of_the_stream_is_one_that_the_contract_lists(stream):
    names = {one.event for one in stream.said() if one.connection == PINECALL}
    assert names <= STREAM
    assert len(names) > 40


def test_every_name_of_the_wire_is_one_that_the_contract_lists(wire):
    names = {one.event for one in wire.said()}
    assert names <= WIRE
    assert {"llm.before", "barge_in", "llm.chat.chunk", "chat.response"} <= names


def test_every_name_of_sippet_is_one_that_the_contract_lists(stream):
    names = {one.event for one in stream.said() if one.connection == SIPPET}
    assert names <= SIPPET_NAMES
    assert len(names - {"phx_reply"}) == 8


def test_every_event_that_the_forms_know_has_a_name_of_the_contract():
    assert set(EVENTS) - {"bridge.transcript"} <= WIRE
    assert {row.stream for row in EVENTS.values() if row.stream} <= STREAM


def test_the_stream_is_camel_case_and_the_wire_is_not(stream, wire):
    for one in stream.said("bot.word", "user.message", "whatsapp.message"):
        assert not any("_" in key for key in one.fields)
        assert one.fields["agent"]
    for one in wire.said("bot.word", "user.message", "whatsapp.message"):
        assert not any(key != key.lower() for key in one.fields)
        assert one.fields["agent_id"]
        assert isinstance(one.fields["seq"], int)
        assert isinstance(one.fields["ts"], float)


def test_what_the_sdk_sends_without_number_and_time_has_none(stream):
    for one in stream.said():
        if one.connection == PINECALL and one.event in WITHOUT_NUMBER:
            assert "seq" not in one.fields
            assert "ts" not in one.fields


def test_turns_carry_their_number_as_id_in_the_stream_only(stream, wire):
    assert all(isinstance(one.fields["id"], int) for one in stream.said("turn.end"))
    assert all("text" in one.fields and "turnId" not in one.fields for one in stream.said("turn.end"))
    assert all("turn_id" in one.fields and "text" not in one.fields for one in wire.said("turn.end"))


def test_running_numbers_grow_and_leave_gaps_where_the_stream_hides_frames(stream):
    numbers = [one.fields["seq"] for one in stream.said() if "seq" in one.fields]
    assert numbers == sorted(numbers)
    assert numbers[-1] > len(set(numbers))


def test_every_channel_is_spelled_its_own_way(stream):
    seen: dict[str, dict[str, str]] = {}
    for one in stream.said("call.started", "chat.started", "whatsapp.started"):
        seen.setdefault(one.fields["transport"], one.fields)
    assert set(seen) == {"phone", "webrtc", "chat", "whatsapp"}
    assert seen["phone"]["from"].startswith("+")
    assert seen["webrtc"]["from"] == "webrtc"
    assert seen["chat"]["from"] == "chat"
    assert seen["whatsapp"]["from"].isdigit()


def test_sippet_comes_in_both_casings_flat_nested_and_as_arrays(stream):
    own = [one for one in stream.said() if one.connection == SIPPET]
    assert any("callUuid" in one.fields for one in own)
    assert any("call_uuid" in one.fields for one in own)
    assert any("call" in one.fields for one in own)
    raw = [one.frame.data[:1] for one in own]
    assert b"[" in raw
    assert b"{" in raw
    for one in own:
        assert one.event == "phx_reply" or flat(one.fields)["call_uuid"]


def test_phoenix_alone_or_flat_alone_can_be_had():
    plan = Plan(calls=4, rate=20, speed=10, meters=0)
    phoenix = Scene(plan, sippet_form="phoenix", providers=("sippet",)).play(5)
    relay = Scene(plan, sippet_form="flat", providers=("sippet",)).play(5)
    assert {frame.data[:1] for _, frame in phoenix.frames} == {b"["}
    assert {frame.data[:1] for _, frame in relay.frames if frame.scope != "control"} == {b"{"}


def test_all_numbers_lie_in_ranges_kept_for_fiction(stream):
    for one in stream.said("call.started", "call.ringing", "incoming_call"):
        fields = flat(one.fields)
        numbers = (fields[end] for end in ("from", "to", "from_number", "to_number") if end in fields)
        for number in numbers:
            if number.startswith("+"):
                assert number.startswith(("+447700900", "+34600000")) or number[5:9] == "5550"


def test_both_languages_are_spoken(stream):
    agents = {one.fields["agent"] for one in stream.said("call.started")}
    assert {"harbour-dental", "casa-lola"} <= agents
    assert any("¿" in one.fields["text"] for one in stream.said("message.confirmed"))
