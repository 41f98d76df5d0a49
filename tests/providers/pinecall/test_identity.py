"""Which conversation, which agent, which channel. Contract A.2 and G.2."""

from typing import Any

import pytest

from callcenter.domain.decoded import Decoded, Unreadable
from callcenter.domain.events.base import CallEvent
from callcenter.domain.events.lifecycle import CallForwarded, CallRouted
from callcenter.providers.decode import decode


def read(event: str = "call.held", **fields: Any) -> Decoded:
    return decode("pinecall", {"event": event, **fields})


def identity(decoded: Decoded) -> CallEvent:
    assert isinstance(decoded.event, CallEvent)
    return decoded.event


@pytest.mark.parametrize(
    ("fields", "slug", "shown"),
    [
        ({"agent_id": "org_xyz:my-agent"}, "my-agent", "my-agent"),
        ({"agent_id": "org_xyz:front-desk", "agent": "Front Desk"}, "front-desk", "Front Desk"),
        ({"agentId": "org_xyz:front-desk", "agent": "Front Desk"}, "front-desk", "Front Desk"),
        ({"agent": "Front_Desk!"}, "front-desk", "Front_Desk!"),
        ({"agentId": "org:desk"}, "desk", "desk"),
        ({"agent_id": "desk", "agent": "billing"}, "desk", "desk"),
        ({"agent": "desk", "agentId": "billing"}, "desk", "desk"),
        ({"agent_id": 5, "agent": "desk"}, "desk", "desk"),
        ({"agent_id": "line:+442079460140"}, "line:+442079460140", "line:+442079460140"),
        ({"agent": "\u53d7\u4ed8"}, "\u53d7\u4ed8", "\u53d7\u4ed8"),
        ({"agent": "org:"}, "", ""),
        ({}, "", ""),
    ],
)
def test_the_agent_is_compared_by_slug_and_shown_as_its_owner_writes_it(fields: dict[str, Any], slug: str, shown: str) -> None:
    read_ = read(call_id="CA1", **fields)
    assert (read_.agent, read_.agent_name) == (slug, shown)
    assert identity(read_).agent == slug


@pytest.mark.parametrize(
    ("fields", "call"),
    [
        ({"call_id": "CA1", "session_id": "wa-1"}, "CA1"),
        ({"callId": "CA1"}, "CA1"),
        ({"sessionId": "wa-1"}, "wa-1"),
        ({"call_id": "", "session_id": "wa-1"}, "wa-1"),
        ({"call_id": 7, "session_id": "wa-1"}, "wa-1"),
        ({"call_id": None}, ""),
        ({"call_id": "C\0A1"}, "CA1"),
    ],
)
def test_the_conversation_is_the_call_else_the_session(fields: dict[str, Any], call: str) -> None:
    assert read(**fields).call == call


def test_an_endless_call_id_is_unreadable() -> None:
    assert read(call_id="x" * 200).call == "x" * 200
    for event in ("call.held", "bot.word", "ping", "nobody.knows"):
        with pytest.raises(Unreadable, match="201 characters"):
            read(event, call_id="x" * 201)


@pytest.mark.parametrize(
    ("call", "channel"),
    [
        ("CA5d2e91b7c04f4a6e8b1d3f7a90c2e614", "phone"),
        ("e07c2f4a-51d8-4b9e-8a36-c1f0d7b29e43", "webrtc"),
        ("wrt_91", "webrtc"),
        ("chat-b81f44", "chat"),
        ("test-1", "chat"),
        ("wa-3c9f10b2d7e8", "whatsapp"),
        ("e07c2f4a-51d8-4b9e-8a36-c1f0d7b29ezz", ""),
        ("something", ""),
    ],
)
def test_the_shape_of_the_id_tells_the_channel_when_the_frame_does_not(call: str, channel: str) -> None:
    assert identity(read(call_id=call)).channel == channel
    assert identity(read(call_id=call, transport="phone")).channel == "phone"
    assert identity(read(call_id=call, transport="pigeon")).channel == channel


def test_a_frame_that_only_chats_have_is_about_a_chat() -> None:
    assert identity(read("llm.chat.started", call_id="something")).channel == "chat"
    assert identity(read("chat.response", call_id="something", text="Yes")).channel == "chat"


def test_numbers_and_direction_are_taken_as_they_are_or_not_at_all() -> None:
    event = identity(read(call_id="CA1", **{"from": "+44770", "to": "sip:desk@example.org", "direction": "inbound"}))
    assert (event.from_number, event.to_number, event.direction) == ("+44770", "sip:desk@example.org", "inbound")
    nonsense: dict[str, Any] = {"from": 44770, "to": ["x"], "direction": "sideways"}
    event = identity(read(call_id="CA1", **nonsense))
    assert (event.from_number, event.to_number, event.direction) == ("", "", "")


def test_the_phone_number_of_a_browser_copy_is_ignored() -> None:
    event = identity(read(call_id="e07c2f4a-51d8-4b9e-8a36-c1f0d7b29e43", phone_number="session:e07c2f4a"))
    assert (event.from_number, event.to_number) == ("", "")


def test_a_forwarded_call_keeps_its_own_ends() -> None:
    event = read("call.forwarded", call_id="CA1", **{"from": "+44770", "to": "+44555"}).event
    assert isinstance(event, CallForwarded)
    assert (event.target, event.from_number, event.to_number) == ("+44555", "", "")


def test_a_routed_call_is_about_the_line_and_names_its_target() -> None:
    routed = read("call.routed", agent_id="line:+4420", call_id="CA1", agent="Front Desk")
    assert isinstance(routed.event, CallRouted)
    assert (routed.agent, routed.event.target, routed.event.failure) == ("line:+4420", "front-desk", "")
    failed = read("call.route_failed", agent_id="line:+4420", call_id="CA1", agent="billing", reason="offline").event
    assert isinstance(failed, CallRouted)
    assert (failed.target, failed.failure) == ("billing", "offline")
    assert read("call.routed", call_id="CA1", agent="desk").agent == ""


def test_a_dialled_call_is_outbound() -> None:
    assert identity(read("call.dialing", call_id="CA1")).direction == "outbound"


def test_whatsapp_has_a_contact_and_no_numbers() -> None:
    read_ = read("whatsapp.message", session_id="wa-1", text="Hi", **{"from": "+44 7700 900983", "to": "4420"})
    assert read_.contact == "447700900983"
    assert (identity(read_).from_number, identity(read_).to_number) == ("", "")


def test_a_tool_call_of_a_session_names_the_contact_who_opened_it() -> None:
    tools = [{"id": "t", "name": "find"}]
    read_ = read("llm.toolCall", callId="wa-1", toolCalls=tools, direction="inbound", **{"from": "447700900983", "to": "desk"})
    assert (read_.contact, identity(read_).from_number) == ("447700900983", "")


def test_an_event_about_no_call_is_kept_without_effect() -> None:
    for event in ("bot.word", "call.held", "user.message", "whatsapp.message", "llm.toolCall"):
        assert (read(event).event, read(event).known) == (None, True)


def test_a_short_memory_of_identities_never_mixes_calls() -> None:
    word = {"message_id": "m", "word": "x"}
    for round_ in range(3):
        for call, number in (("CA1", "+441"), ("CA2", "+442"), ("CA1", "+443")):
            event = identity(read("bot.word", call_id=call, agent=f"desk {round_}", **word, **{"from": number}))
            assert (event.call, event.from_number, event.agent) == (call, number, f"desk-{round_}")
