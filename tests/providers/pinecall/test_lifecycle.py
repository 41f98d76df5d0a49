"""How calls begin, move and end."""

from typing import Any

import pytest

from callcenter.domain.events.base import Event
from callcenter.domain.events.control import DialFailedSomewhere, ProviderFailed
from callcenter.domain.events.lifecycle import (
    CallAnswered,
    CallEnded,
    CreditsRejected,
    DialFailed,
    LanguageChanged,
    LimitReached,
)
from callcenter.domain.events.speech import IdleWarned
from callcenter.providers.decode import decode
from tests.providers.contract import named


def event_of(event: str, **fields: Any) -> Event | None:
    return decode("pinecall", {"event": event, "agent_id": "desk", **fields}).event


def ended(event: str, **fields: Any) -> CallEnded:
    found = event_of(event, **{"call_id": "CA1", **fields})
    assert isinstance(found, CallEnded)
    return found


def test_the_end_carries_times_and_who_said_what() -> None:
    event = decode("pinecall", named("pinecall-wire", "call.ended")).event
    assert isinstance(event, CallEnded)
    assert (event.reason, event.duration, event.started_at, event.ended_at) == ("hangup", 52.991, 1782900002.0, 1782900054.991)
    assert event.record == (
        ("agent", "Good morning, Harbour Dental. How can I help?"),
        ("contact", "I need to move my appointment to Thursday morning"),
        ("agent", "I can offer nine o'clock or"),
        ("contact", "Nine is fine"),
        ("agent", "A colleague will take over now."),
    )


@pytest.mark.parametrize("reason", ["no-answer", "no_answer"])
def test_hyphens_in_reasons_are_folded(reason: str) -> None:
    assert ended("call.ended", reason=reason).reason == "no_answer"


def test_prompts_tools_and_empty_lines_are_not_part_of_the_record() -> None:
    history = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "  "},
        {"role": "user", "content": [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]},
        {"role": "tool", "content": "{}"},
        {"role": "assistant", "content": None},
        {"role": ["user"], "content": "x"},
        "nonsense",
    ]
    assert ended("call.ended", messages=history).record == (("contact", "Hello"),)


def test_the_transcript_stands_in_where_there_are_no_messages() -> None:
    lines = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    assert ended("bridge.transcript", messages=[], transcript=lines).record == (("contact", "Hi"), ("agent", "Hello"))


def test_the_record_of_a_bridge_has_javascript_times() -> None:
    event = ended("bridge.transcript", startedAt=1782900002000, endedAt="2026-07-01T10:00:54.500Z", duration=52.5, reason="hangup")
    assert (event.started_at, event.ended_at, event.duration) == (1782900002.0, 1782900054.5, 52.5)


def test_a_chat_ends_completed_or_with_its_error() -> None:
    assert ended("llm.chat.ended").reason == "chat_completed"
    failed = ended("llm.chat.error", error="model unavailable")
    assert (failed.reason, failed.error) == ("chat_error", "model unavailable")


def test_a_refusal_is_an_end_with_its_reason() -> None:
    assert ended("call.rejected", reason="busy").reason == "busy"
    assert ended("call.rejected").reason == "rejected"


def test_a_line_that_handed_over_ends_nothing() -> None:
    assert event_of("call.ended", call_id="CA1", agent_id="line:+4420", reason="routed") is None
    assert ended("call.ended", agent_id="line:+4420", reason="hangup").reason == "hangup"
    assert ended("call.ended", reason="routed").reason == "routed"


def test_an_end_without_a_call_is_a_failed_dial_of_that_agent() -> None:
    assert event_of("call.ended") == DialFailedSomewhere(agent="desk")


def test_a_failed_dial_names_its_call_or_only_its_agent() -> None:
    failed = event_of("call.error", call_id="CA1", error="Not dialable", code="INVALID_NUMBER")
    assert isinstance(failed, DialFailed)
    assert (failed.call, failed.error, failed.code) == ("CA1", "Not dialable", "INVALID_NUMBER")
    assert event_of("call.error", error="Not dialable") == DialFailedSomewhere(agent="desk", error="Not dialable")


def test_a_call_refused_for_credit_is_an_alarm_with_or_without_a_call() -> None:
    assert isinstance(event_of("credits.rejected", call_id="CA1"), CreditsRejected)
    alarm = event_of("credits.rejected", org_id="org_1")
    assert isinstance(alarm, ProviderFailed)
    assert (alarm.code, alarm.details) == ("CREDITS_REJECTED", {"org_id": "org_1"})


def test_metadata_is_an_object_or_absent() -> None:
    started = event_of("call.started", call_id="CA1", metadata={"camelCase": {"k": [1]}}, language="en")
    assert isinstance(started, CallAnswered)
    assert (started.metadata, started.language) == ({"camelCase": {"k": [1]}}, "en")
    assert isinstance(broken := event_of("call.started", call_id="CA1", metadata="x", language=5), CallAnswered)
    assert (broken.metadata, broken.language) == (None, "")


def test_the_language_changes_only_to_a_language() -> None:
    assert isinstance(event_of("call.updated", call_id="CA1", language="fr"), LanguageChanged)
    assert event_of("call.updated", call_id="CA1") is None


def test_limits_and_silence_are_told() -> None:
    limit = event_of("session.timeout", call_id="CA1", reason="max_duration")
    assert isinstance(limit, LimitReached)
    assert limit.reason == "max_duration"
    idle = event_of("session.idle_warning", call_id="CA1", remaining_seconds=15)
    assert isinstance(idle, IdleWarned)
    assert idle.remaining_s == 15


@pytest.mark.parametrize("nonsense", [True, "4", -1, None, [], {}, float("nan")])
def test_a_duration_of_the_wrong_type_is_absent(nonsense: object) -> None:
    assert ended("call.ended", duration=nonsense).duration is None


def test_reasons_are_cut_and_errors_are_kept() -> None:
    event = ended("call.ended", reason="r" * 300, error="e" * 300)
    assert (len(event.reason), len(event.error)) == (200, 300)
