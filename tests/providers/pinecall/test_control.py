"""Pauses, agents, errors and the bridge."""

from typing import Any

import pytest

from callcenter.domain.events.base import Event
from callcenter.domain.events.control import (
    AgentDisplaced,
    AgentSeen,
    CallsListed,
    PauseChanged,
    ProviderFailed,
    VoiceLinkChanged,
)
from callcenter.providers.decode import decode


def event_of(event: str, **fields: Any) -> Event | None:
    return decode("pinecall", {"event": event, "agent": "desk", **fields}).event


@pytest.mark.parametrize(
    ("fields", "level", "target"),
    [
        ({"sessionId": "wa-1"}, "call", "wa-1"),
        ({"callId": "CA1"}, "call", "CA1"),
        ({"contact": "+44 7700 900983"}, "contact", "447700900983"),
        ({}, "agent", ""),
        ({"sessionId": None, "contact": ""}, "agent", ""),
    ],
)
def test_a_pause_has_one_of_three_levels(fields: dict[str, Any], level: str, target: str) -> None:
    assert event_of("session.paused", **fields) == PauseChanged(agent="desk", on=True, level=level, target=target)
    assert event_of("session.resumed", **fields) == PauseChanged(agent="desk", on=False, level=level, target=target)


@pytest.mark.parametrize("fields", [{"sessionId": 5}, {"contact": "nobody"}, {"contact": 447700900983}, {"callId": []}])
def test_a_target_that_cannot_be_read_never_becomes_the_whole_agent(fields: dict[str, Any]) -> None:
    assert event_of("session.paused", **fields) is None


def test_an_agent_announces_itself() -> None:
    assert event_of("connected") == AgentSeen(agent="desk")
    assert decode("pinecall", {"event": "connected", "agents": ["Front Desk"]}).event == AgentSeen(agent="front-desk")
    assert decode("pinecall", {"event": "connected", "agents": ["a", "b"]}).event is None
    assert decode("pinecall", {"event": "connected", "org_id": "org_7fj2"}).event is None


def test_an_error_keeps_the_words_of_the_provider() -> None:
    event = event_of("error", code="AGENT_CONFLICT", error="agent is registered elsewhere", retry_after_s=5)
    assert event == ProviderFailed(code="AGENT_CONFLICT", message="agent is registered elsewhere", details={"retry_after_s": 5})
    assert event_of("bridge.error", message="voice socket is down", command="call.hold", id=None) == ProviderFailed(
        message="voice socket is down", details={"command": "call.hold", "id": None}
    )
    assert isinstance(event_of("line.error", code="LINE_CONFLICT"), ProviderFailed)


def test_a_displaced_agent_tells_why() -> None:
    assert event_of("agent.displaced", reason="released by an operator") == AgentDisplaced(agent="desk", reason="released by an operator")


def test_the_bridge_tells_of_its_voice_socket() -> None:
    assert event_of("bridge.voice", up=False, reason="ping time-out") == VoiceLinkChanged(agent="desk", up=False, reason="ping time-out")
    assert event_of("bridge.voice", up=True) == VoiceLinkChanged(agent="desk", up=True)
    assert event_of("bridge.voice", up="yes") is None


def test_a_snapshot_lists_calls_once() -> None:
    calls = [{"callId": "CA1"}, {"call_id": "CA2"}, "CA1", {"callId": "x" * 300}, {"callId": 5}, None]
    assert event_of("bridge.snapshot", calls=calls) == CallsListed(agent="desk", calls=("CA1", "CA2"))
    assert event_of("bridge.snapshot", calls=[]) == CallsListed(agent="desk", calls=())


def test_a_snapshot_without_a_list_says_nothing_of_any_call() -> None:
    assert event_of("bridge.snapshot") is None
    assert event_of("bridge.snapshot", calls={"callId": "CA1"}) is None
