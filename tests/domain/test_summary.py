"""The call in one row: status, why it ended, who, when and how long. Design law 3."""

import pytest

from callcenter.domain.events.console import CallFound, CallLost, LineSettled
from callcenter.domain.events.lifecycle import (
    CallAnswered,
    CallDialing,
    CallEnded,
    CallForwarded,
    CallRinging,
    CallRouted,
    CreditsExhausted,
    CreditsRejected,
    DialFailed,
    LanguageChanged,
    LimitReached,
    RecordingReceived,
)
from callcenter.domain.events.speech import AgentConfirmed, AgentSpeaking, ContactInterim, ContactMessage
from callcenter.domain.events.telephony import HoldChanged
from callcenter.domain.events.whatsapp import WhatsAppReceived
from callcenter.domain.summary import channel_of, digits
from tests.domain.story import ARRIVALS, CALL, START, Story


@pytest.fixture
def story() -> Story:
    return Story()


# Status


def test_it_rises_from_ringing_to_answered_to_completed(story) -> None:
    seen = []
    for kind in (CallRinging, CallAnswered, CallEnded):
        story.hear(kind, at=1)
        seen.append(story.summary.status)
    assert seen == ["ringing", "answered", "completed"]


def test_a_dial_rises_from_dialing_and_is_outbound(story) -> None:
    story.hear(CallDialing, at=1, direction="inbound")
    assert (story.summary.status, story.summary.direction) == ("dialing", "outbound")
    story.hear(CallAnswered, at=2)
    story.hear(CallDialing, at=3)
    assert story.summary.status == "answered"


def test_a_call_first_seen_in_the_middle_is_answered_since_nobody_knows_when(story) -> None:
    story.hear(ContactMessage, at=5, message_id="u1", text="Hello?")
    assert (story.summary.status, story.summary.answered_at) == ("answered", None)
    assert story.summary.started_at == START + 5


def test_the_first_end_by_the_providers_time_is_the_end(story) -> None:
    story.hear(CallEnded, at=20, reason="hangup", duration=18.0)
    story.hear(CallEnded, at=19, reason="idle_timeout", duration=17.0)
    assert (story.summary.end_reason, story.summary.ended_at, story.summary.duration_s) == ("idle_timeout", START + 19, 17.0)


def test_what_the_first_end_does_not_say_the_next_may(story) -> None:
    story.hear(CallEnded, at=19)
    story.hear(CallEnded, at=20, reason="hangup", error="The line broke.", ended_at=START + 19.5, duration=18.0)
    summary = story.summary
    assert (summary.end_reason, summary.error, summary.ended_at, summary.duration_s) == ("hangup", "The line broke.", START + 19.5, 18.0)


@pytest.mark.parametrize("late", [CallRinging, CallDialing, CallAnswered, CallFound, CallLost, RecordingReceived, ContactInterim])
def test_nothing_reopens_what_the_provider_ended(story, late) -> None:
    story.hear(CallAnswered, at=1)
    story.hear(CallEnded, at=9, reason="hangup")
    story.hear(late, at=10, **({"text": "Hello?"} if late is ContactInterim else {}))
    assert (story.summary.status, story.summary.end_reason) == ("completed", "hangup")


# Lost


def lost(story: Story) -> None:
    story.hear(CallAnswered, at=0)
    story.take(CallLost(call=CALL))


def test_the_console_closes_a_call_as_lost_when_it_was_last_heard(story) -> None:
    story.hear(CallAnswered, at=0)
    story.now += 700
    story.take(CallLost(call=CALL))
    summary = story.summary
    assert (summary.status, summary.end_reason, summary.ended_at) == ("completed", "lost", ARRIVALS + 1)


@pytest.mark.parametrize(
    ("kind", "fields"), [(CallFound, {}), (HoldChanged, {"on": True}), (ContactMessage, {"text": "Hello?"}), (CallAnswered, {})]
)
def test_a_sign_of_life_reopens_what_the_console_closed(story, kind, fields) -> None:
    lost(story)
    story.hear(kind, **fields)
    assert (story.summary.status, story.summary.end_reason) == ("answered", "")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (RecordingReceived, {"digest": "d1"}),
        (AgentConfirmed, {"message_id": "m1", "text": "Hello."}),
        (LineSettled, {"key": "m1"}),
        (ContactInterim, {"text": "Hello?"}),
    ],
)
def test_late_reports_do_not_reopen_what_the_console_closed(story, kind, fields) -> None:
    lost(story)
    story.hear(kind, **fields)
    assert story.summary.end_reason == "lost"


def test_a_real_end_replaces_the_loss(story) -> None:
    lost(story)
    story.hear(CallEnded, at=30, reason="hangup")
    assert (story.summary.end_reason, story.summary.ended_at) == ("hangup", START + 30)


def test_it_may_be_lost_found_and_lost_again(story) -> None:
    lost(story)
    story.hear(CallFound)
    story.hear(CallLost)
    assert story.summary.end_reason == "lost"


# A dial that failed


def test_a_dial_that_ended_unanswered_tells_its_reason_and_no_times(story) -> None:
    story.hear(CallDialing, at=1)
    story.hear(CallEnded, at=20, reason="no_answer", ended_at=START + 20)
    summary = story.summary
    assert (summary.status, summary.end_reason, summary.answered_at, summary.duration_s) == ("completed", "no_answer", None, 0.0)


def test_a_dial_that_ended_without_a_reason_failed(story) -> None:
    story.hear(CallDialing, at=1)
    story.hear(CallEnded, at=20)
    assert story.summary.end_reason == "failed"


def test_a_failed_dial_that_names_the_call_ends_it(story) -> None:
    story.hear(CallDialing, at=1)
    story.hear(DialFailed, at=2, error="Number not in service.")
    story.hear(CallAnswered, at=3)
    assert (story.summary.status, story.summary.end_reason, story.summary.error) == ("completed", "failed", "Number not in service.")


def test_a_failed_dial_that_was_only_inferred_is_disproved_by_the_answer(story) -> None:
    story.hear(CallDialing, at=1)
    story.hear(DialFailed, at=2, error="busy", inferred=True)
    assert (story.summary.status, story.summary.end_reason, story.summary.error) == ("completed", "failed", "busy")
    story.hear(CallAnswered, at=3)
    assert (story.summary.status, story.summary.end_reason, story.summary.error) == ("answered", "", "")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_failure_told_with_and_without_the_name_is_one_end(story, order) -> None:
    story.hear(CallDialing, at=1)
    for index in order:
        if index:
            story.hear(CallEnded, at=2, reason="busy")
        else:
            story.hear(DialFailed, at=2, error="Line busy.", inferred=True)
    assert (story.summary.end_reason, story.summary.error) == ("busy", "Line busy.")


def test_a_call_without_credit_was_rejected(story) -> None:
    story.hear(CreditsRejected, at=1)
    assert (story.summary.status, story.summary.end_reason) == ("completed", "rejected")
    assert story.summary.error


# Times


def test_it_started_at_the_earliest_time_that_anything_names(story) -> None:
    story.hear(CallAnswered, at=4, answered_at=START + 3)
    assert story.summary.started_at == START + 3
    story.hear(CallRinging, at=2, started_at=START + 1)
    assert (story.summary.started_at, story.summary.answered_at) == (START + 1, START + 3)


def test_no_call_began_after_it_was_heard_of(story) -> None:
    story.hear(CallDialing)
    story.hear(CallAnswered, after=5)
    before = story.summary.started_at, story.summary.answered_at
    story.hear(ContactMessage, at=ARRIVALS - START + 28, message_id="u1", text="Hello?")
    assert (story.summary.started_at, story.summary.answered_at) == before == (ARRIVALS + 1, ARRIVALS + 6)


def test_answered_twice_it_was_answered_the_first_time(story) -> None:
    story.hear(CallAnswered, at=4)
    story.hear(CallAnswered, at=2)
    assert story.summary.answered_at == START + 2


def test_without_the_providers_times_arrival_stands_in(story) -> None:
    story.hear(CallRinging)
    story.hear(CallAnswered)
    story.hear(CallEnded, after=10)
    summary = story.summary
    assert (summary.started_at, summary.answered_at, summary.ended_at) == (ARRIVALS + 1, ARRIVALS + 2, ARRIVALS + 12)
    assert summary.duration_s == 10


def test_the_providers_duration_is_believed(story) -> None:
    story.hear(CallAnswered, at=0)
    story.hear(CallEnded, at=100, duration=63.25)
    assert story.summary.duration_s == 63.25


def test_else_it_lasted_from_the_answer_to_the_end(story) -> None:
    story.hear(CallRinging, at=0)
    story.hear(CallAnswered, at=4)
    story.hear(CallEnded, at=20, ended_at=START + 19.5)
    assert story.summary.duration_s == 15.5


def test_two_clocks_are_never_subtracted(story) -> None:
    story.hear(CallAnswered, at=4)
    story.hear(CallEnded, after=30)
    assert story.summary.duration_s == 30


def test_times_that_contradict_each_other_give_no_negative_duration(story) -> None:
    story.hear(CallAnswered, at=4, answered_at=START + 50)
    story.hear(CallEnded, at=20, ended_at=START + 1)
    assert story.summary.duration_s == 0


def test_a_running_call_has_no_duration_yet(story) -> None:
    story.hear(CallAnswered, at=4)
    assert story.summary.duration_s == 0


# Who and where


def test_the_contact_of_an_inbound_call_is_who_called(story) -> None:
    story.hear(CallAnswered, from_number="+44 7700 900128", to_number="+442079460118", direction="inbound")
    assert story.summary.contact_digits == "447700900128"


def test_the_contact_of_an_outbound_call_is_who_was_called(story) -> None:
    story.hear(CallAnswered, from_number="+442079460118", to_number="+447700900128", direction="outbound")
    assert story.summary.contact_digits == "447700900128"


def test_the_earliest_frame_tells_who_calls_whom(story) -> None:
    story.hear(CallAnswered, at=2, from_number="+1", channel="phone")
    story.hear(CallRinging, at=1, from_number="+2", to_number="+3")
    assert (story.summary.from_number, story.summary.to_number, story.summary.channel) == ("+2", "+3", "phone")


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("+44 7700-900128", "447700900128"),
        ("447700900128", "447700900128"),
        ("webrtc", ""),
        ("chat", ""),
        ("sip:desk@example.com", ""),
        ("", ""),
        ("+", ""),
    ],
)
def test_only_numbers_have_digits(number, found) -> None:
    assert digits(number) == found


@pytest.mark.parametrize(
    ("call", "channel"),
    [(CALL, "phone"), ("wrt_1", "webrtc"), ("chat-1", "chat"), ("test-1", "chat"), ("wa-1", "whatsapp")],
)
def test_the_channel_is_guessed_by_the_shape_of_the_id(call, channel) -> None:
    assert channel_of(call) == channel
    story = Story(call)
    story.hear(ContactMessage, text="Hello?")
    assert story.summary.channel == channel


def test_a_channel_that_is_told_is_not_guessed() -> None:
    story = Story("chat-1")
    story.hear(CallAnswered, channel="webrtc")
    assert story.summary.channel == "webrtc"


def test_the_contact_of_whatsapp_is_known_by_its_digits() -> None:
    story = Story("wa-1")
    story.hear(WhatsAppReceived, contact="447700900128", name="Noor", text="Hello")
    summary = story.summary
    assert (summary.contact_digits, summary.from_number, summary.contact_name) == ("447700900128", "447700900128", "Noor")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_newest_agent_has_the_call_but_a_phone_line_takes_none_back(story, order) -> None:
    for index in order:
        story.hear(CallAnswered, at=5 + index, agent=("frontdesk", "line:main")[index])
    assert story.summary.agent == "frontdesk"
    story.hear(CallRouted, at=9, agent="line:main", target="billing")
    assert story.summary.agent == "billing"


def test_a_routing_that_failed_moves_nothing(story) -> None:
    story.hear(CallAnswered, at=1, agent="line:main")
    story.hear(CallRouted, at=2, target="billing", failure="The agent is offline.")
    assert story.summary.agent == "line:main"
    assert [note["kind"] for note in story.rows("note")] == ["route_failed"]


def test_the_newest_name_language_metadata_and_forwarding_stand_in_any_order(story) -> None:
    story.hear(CallAnswered, at=3, contact_name="Noor Haddad", language="es", metadata={"order": 2})
    story.hear(CallAnswered, at=1, contact_name="Noor", language="en", metadata={"order": 1})
    story.hear(LanguageChanged, at=2, language="fr")
    story.hear(CallForwarded, at=6, target="+2")
    story.hear(CallForwarded, at=5, target="+1")
    summary = story.summary
    assert (summary.contact_name, summary.language, summary.metadata) == ("Noor Haddad", "es", {"order": 2})
    assert (summary.forwarded_to, summary.status) == ("+2", "answered")


@pytest.mark.parametrize("order", [(5, 6), (6, 5)])
def test_the_alarm_is_the_first_limit_unless_the_credit_is_gone(story, order) -> None:
    for at in order:
        story.hear(LimitReached, at=at, reason={5: "idle_timeout", 6: "max_duration"}[at])
    assert story.summary.alarm == "idle_timeout"
    story.hear(CreditsExhausted, at=7)
    assert story.summary.alarm == "credits_exhausted"


def test_the_last_line_is_shown_and_it_is_not_a_rejected_one(story) -> None:
    assert (story.summary.last_speaker, story.summary.last_text) == ("", "")
    story.hear(ContactMessage, at=1, message_id="u1", text="x" * 600)
    assert (story.summary.last_speaker, story.summary.last_text) == ("contact", "x" * 500)
    story.hear(AgentSpeaking, at=2, message_id="m1", text="Good morning.")
    assert (story.summary.last_speaker, story.summary.last_text) == ("agent", "Good morning.")
