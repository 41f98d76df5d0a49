"""Since when a contact waits for an answer: from their first words after the last ones of anybody else, by arrival."""

import itertools
from collections.abc import Iterable
from typing import Any

import pytest

from callcenter.calls.rows import Projected, difference, kept_of, project_state
from callcenter.domain.events.base import CallEvent, Stamp
from callcenter.domain.events.console import HolderChanged
from callcenter.domain.events.lifecycle import CallAnswered, CallEnded, CallForwarded, CallRinging
from callcenter.domain.events.speech import (
    AgentAborted,
    AgentConfirmed,
    AgentFinished,
    AgentInterrupted,
    AgentSpeaking,
    ContactInterim,
    ContactMessage,
    ReplyRejected,
    TranscriptCompleted,
    TranscriptDelta,
)
from callcenter.domain.events.telephony import HoldChanged, MuteChanged, ParticipantJoined, ParticipantLeft
from callcenter.domain.events.whatsapp import WhatsAppReceived
from callcenter.domain.reduce import reduce
from callcenter.domain.summary import summary_of
from tests.domain.story import ARRIVALS, START, Story, refolded


@pytest.fixture
def story() -> Story:
    """The agent has greeted; a second later by our clock the contact says something."""
    story = Story()
    story.hear(CallAnswered, at=0)
    story.hear(AgentSpeaking, at=1, message_id="m1", text="How can I help?")
    story.hear(ContactMessage, at=2, message_id="u1", text="Hello? Is anybody there?")
    return story


def test_a_contact_waits_since_the_first_words_that_nobody_answered(story) -> None:
    assert story.summary.unanswered_since == ARRIVALS + 3
    story.hear(ContactMessage, at=30, message_id="u2", text="Hello?", after=28)
    assert story.summary.unanswered_since == ARRIVALS + 3


def test_who_begins_to_answer_answers_and_later_words_wait_anew(story) -> None:
    story.hear(AgentSpeaking, at=5, message_id="m2", text="Yes, I am here")
    assert story.summary.unanswered_since is None
    story.hear(ContactMessage, at=9, message_id="u2", text="Good.")
    assert story.summary.unanswered_since == ARRIVALS + 5


def test_a_reply_that_was_rejected_is_no_answer(story) -> None:
    story.hear(AgentSpeaking, at=5, message_id="m2", text="Yes, I am here")
    story.hear(ReplyRejected, at=6, message_id="m2", reason="filtered")
    assert story.summary.unanswered_since == ARRIVALS + 3


def test_an_answer_that_is_told_late_stands_where_it_was_said(story) -> None:
    story.hear(ContactMessage, at=30, message_id="u2", text="Hello?")
    story.hear(AgentConfirmed, at=20, message_id="m2", text="One moment.")
    assert story.summary.unanswered_since == ARRIVALS + 4


End = tuple[type[CallEvent], dict[str, Any]]


def a_sentence(*ends: End) -> Story:
    """The contact says something in the middle of the agent's sentence, which then ends so."""
    story = Story()
    story.hear(CallAnswered, at=0)
    story.hear(AgentSpeaking, at=1, message_id="m1", text="We have a slot on Friday at ten")
    story.hear(ContactMessage, at=3, message_id="u1", text="Mhm.")
    for kind, fields in ends:
        story.hear(kind, at=12, **fields)
    return story


SAID: End = (AgentFinished, {"message_id": "m1"})
CONFIRMED: End = (AgentConfirmed, {"message_id": "m1", "text": "We have a slot on Friday at ten."})
CUT: End = (AgentInterrupted, {"message_id": "m1", "words": 3})


@pytest.mark.parametrize("ends", [(SAID,), (CONFIRMED,), (SAID, CONFIRMED)])
def test_words_in_the_middle_of_a_sentence_said_to_its_end_wait_for_nothing(ends) -> None:
    assert in_all_orders(a_sentence(*ends)) == {None}


@pytest.mark.parametrize("ends", [(CUT,), (CUT, CONFIRMED), ((AgentAborted, {"message_id": "m1"}),)])
def test_a_sentence_that_was_cut_answers_only_what_came_before_it(ends) -> None:
    assert in_all_orders(a_sentence(*ends)) == {ARRIVALS + 3}


def test_words_after_the_end_of_a_sentence_wait_however_often_its_end_is_told() -> None:
    story = a_sentence(SAID)
    story.hear(ContactMessage, at=15, message_id="u2", text="Hello?")
    since = story.now
    story.hear(AgentConfirmed, at=16, message_id="m1", text="We have a slot on Friday at ten.")
    assert in_all_orders(story) == {since}


def test_a_transcript_that_grew_reaches_to_its_completion() -> None:
    story = on_legs("caller", "ai_agent")
    story.hear(TranscriptDelta, at=10, item="i2", speaker="agent", text="We have a slot")
    story.settle(after=1)
    story.hear(TranscriptCompleted, at=13, item="i3", speaker="contact", text="Mhm.")
    story.hear(TranscriptCompleted, at=20, item="i2", speaker="agent", text="We have a slot on Friday at ten.")
    assert story.summary.unanswered_since is None


def test_who_said_nothing_yet_waits_for_nothing() -> None:
    story = Story()
    story.hear(CallAnswered, at=0)
    story.hear(ContactInterim, at=1, text="Hel")
    assert story.summary.unanswered_since is None


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (CallEnded, {"reason": "hangup"}),
        (HoldChanged, {"on": True}),
        (MuteChanged, {"on": True}),
        (CallForwarded, {"target": "+442079460177"}),
    ],
)
def test_nobody_waits_on_hold_muted_elsewhere_or_after_the_end(story, kind, fields) -> None:
    story.hear(kind, at=40, **fields)
    assert story.summary.unanswered_since is None


@pytest.mark.parametrize("kind", [HoldChanged, MuteChanged])
def test_who_comes_back_from_hold_or_is_heard_again_still_waits(story, kind) -> None:
    story.hear(kind, at=40, on=True)
    story.hear(kind, at=50, on=False)
    assert story.summary.unanswered_since == ARRIVALS + 3


@pytest.mark.parametrize(
    ("call", "kind", "fields"), [("chat-1", ContactMessage, {}), ("wa-1", WhatsAppReceived, {"contact": "447700900128"})]
)
def test_only_a_voice_waits_for_an_answer_within_seconds(call, kind, fields) -> None:
    story = Story(call)
    story.hear(CallAnswered, at=0)
    story.hear(kind, at=2, message_id="u1", text="Hello?", **fields)
    assert story.summary.last_speaker == "contact"
    assert story.summary.unanswered_since is None


def test_a_takeover_answers_nothing(story) -> None:
    story.take(HolderChanged(call=story.state.call, fence=1, operator=7, why="taken_over"))
    assert story.summary.unanswered_since == ARRIVALS + 3


def on_legs(*roles: str) -> Story:
    """A call of which the provider says who is on the line."""
    story = Story("4b8d0f1e-92c7-4a56-b3e1-7d60c2a9f518")
    story.hear(CallRinging, at=0)
    for role in roles:
        story.hear(ParticipantJoined, at=1, member=f"m-{role}", role=role)
    story.hear(TranscriptCompleted, at=2, item="i1", speaker="contact", text="Hello?")
    return story


def test_an_operator_on_a_leg_of_their_own_may_answer_unheard() -> None:
    assert on_legs("caller", "ai_agent").summary.unanswered_since is not None
    assert on_legs("caller", "operator").summary.unanswered_since is None
    story = on_legs("caller", "ai_agent")
    story.take(HolderChanged(call=story.state.call, fence=1, operator=7, why="taken_over"))
    assert story.summary.unanswered_since is None


def with_one_who_left(named: bool) -> Story:
    """An operator came and left; ``named``: the provider says when the stay began and ended."""
    story = on_legs("caller", "ai_agent")
    times: list[dict[str, Any]] = [{"joined_at": START + 3}, {"joined_at": START + 3, "left_at": START + 5}] if named else [{}, {}]
    story.hear(ParticipantJoined, at=3, member="m-7", role="operator", **times[0])
    assert story.summary.unanswered_since is None
    story.hear(ParticipantLeft, at=5, member="m-7", **times[1])
    return story


@pytest.mark.parametrize("named", [False, True])
def test_an_operator_who_left_answers_no_more(named) -> None:
    story = with_one_who_left(named)
    story.hear(TranscriptCompleted, at=58, item="i2", speaker="agent", text="I am back.")
    story.hear(TranscriptCompleted, at=60, item="i3", speaker="contact", text="Hello?")
    for order in itertools.permutations(story.journal[3:]):
        assert summary_of(refolded([*story.journal[:3], *order], story.state.call)).unanswered_since == story.now


@pytest.mark.parametrize("named", [False, True])
def test_an_operator_who_came_back_may_answer_unheard_again(named) -> None:
    story = with_one_who_left(named)
    times: dict[str, Any] = {"joined_at": START + 50} if named else {}
    story.hear(ParticipantJoined, at=50, member="m-7", role="operator", **times)
    story.hear(TranscriptCompleted, at=60, item="i3", speaker="contact", text="Hello?")
    assert story.summary.unanswered_since is None


def test_an_operator_whose_words_are_written_down_is_heard() -> None:
    story = on_legs("caller", "operator")
    story.hear(TranscriptCompleted, at=3, item="i2", speaker="operator", text="Good morning.")
    assert story.summary.unanswered_since is None
    story.hear(TranscriptCompleted, at=9, item="i3", speaker="contact", text="Are you still there?")
    assert story.summary.unanswered_since == story.now


def test_it_is_the_same_in_any_order_and_in_steps(story) -> None:
    story.hear(AgentSpeaking, at=5, message_id="m2", text="Yes?")
    story.hear(ContactMessage, at=9, message_id="u2", text="My boiler leaks.")
    story.hear(ContactMessage, at=12, message_id="u3", text="Hello?")
    assert in_all_orders(story) == {ARRIVALS + 5}


def in_all_orders(story: Story) -> set[float | None]:
    """What is found at once and in steps, in whatever order the frames are folded."""
    journals = list(itertools.permutations(story.journal))
    at_once = {summary_of(refolded(journal)).unanswered_since for journal in journals}
    return {story.summary.unanswered_since, *at_once, *map(in_steps, journals)}


def in_steps(journal: Iterable[tuple[CallEvent, Stamp]]) -> float | None:
    """What the rows say when they were compared after each event, as ingest does."""
    state, before = refolded(()), Projected()
    for event, stamp in journal:
        reduce(state, event, stamp)
        after = project_state(state, before)
        before = kept_of(before, after, difference(state, before, after).gone)
        state.touched.clear()
    assert before.summary is not None
    return before.summary.unanswered_since
