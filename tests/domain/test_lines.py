"""A line of the agent is what was heard of it; a line of the contact is its final text."""

import itertools

import pytest

from callcenter.calls.rows import project_state
from callcenter.domain.events.lifecycle import CallAnswered, CallEnded
from callcenter.domain.events.speech import (
    AgentAborted,
    AgentConfirmed,
    AgentFinished,
    AgentInterrupted,
    AgentReplied,
    AgentSpeaking,
    AgentWord,
    ContactInterim,
    ContactMessage,
    ReplyRejected,
    TranscriptCompleted,
    TranscriptDelta,
)
from callcenter.domain.events.whatsapp import WhatsAppAnswered, WhatsAppReceived
from tests.domain.story import Story, refolded

ANNOUNCED = "We have Friday at ten or Monday"
WORDS = ANNOUNCED.split()


@pytest.fixture
def story() -> Story:
    """A call whose agent has announced one sentence."""
    story = Story()
    story.hear(CallAnswered, at=0)
    story.hear(AgentSpeaking, at=1, message_id="m1", text=ANNOUNCED)
    return story


def say_words(story: Story, *indexes: int) -> None:
    for index in indexes:
        story.hear(AgentWord, at=1 + index / 10, message_id="m1", word=WORDS[index], index=index, after=0.1)


def test_what_is_announced_is_not_heard_yet(story) -> None:
    assert story.lines == [("agent", "", "speaking")]
    assert story.rows("line")[0]["announced"] == ANNOUNCED


def test_words_move_from_what_is_announced_to_what_is_heard(story) -> None:
    say_words(story, 0, 1, 2)
    assert story.live == [("We have Friday", "at ten or Monday", "speaking")]


def test_words_are_joined_by_their_index_in_whatever_order_they_come(story) -> None:
    say_words(story, 2, 0, 1)
    assert story.live == [("We have Friday", "at ten or Monday", "speaking")]


def test_a_repeated_word_is_one_word(story) -> None:
    say_words(story, 0, 1, 1, 0, 2)
    assert story.live == [("We have Friday", "at ten or Monday", "speaking")]


def test_words_without_an_index_are_taken_as_they_come(story) -> None:
    for word in WORDS[:3]:
        story.hear(AgentWord, message_id="m1", word=word)
    assert story.live == [("We have Friday", "at ten or Monday", "speaking")]


def test_words_that_come_before_their_line_are_kept_for_it() -> None:
    story = Story()
    story.hear(AgentWord, message_id="m1", word="We", index=0)
    assert story.live == [("We", "", "speaking")]
    story.hear(AgentSpeaking, message_id="m1", text=ANNOUNCED)
    assert story.live == [("We", "have Friday at ten or Monday", "speaking")]


def test_words_of_another_message_do_not_touch_the_line(story) -> None:
    story.hear(AgentWord, message_id="m2", word="Sorry", index=0)
    assert story.lines == [("agent", "", "speaking")]


def test_played_to_the_end_it_is_what_was_announced_though_words_are_missing(story) -> None:
    say_words(story, 0, 1, 4)
    story.hear(AgentFinished, at=3, message_id="m1")
    story.settle()
    assert story.lines == [("agent", ANNOUNCED, "final")]


def test_played_to_the_end_its_words_are_the_text_when_all_are_there(story) -> None:
    for index, word in enumerate(["We", "have", "Friday,", "at", "ten,", "or", "Monday."]):
        story.hear(AgentWord, message_id="m1", word=word, index=index)
    story.hear(AgentFinished, at=3, message_id="m1")
    story.settle()
    assert story.lines == [("agent", "We have Friday, at ten, or Monday.", "final")]


def test_streamed_without_an_announcement_its_words_are_the_text() -> None:
    story = Story()
    story.hear(AgentSpeaking, message_id="m1")
    for index in (1, 0):
        story.hear(AgentWord, message_id="m1", word=WORDS[index], index=index)
    story.hear(AgentFinished, message_id="m1")
    story.settle()
    assert story.lines == [("agent", "We have", "final")]


def test_a_confirmation_has_the_last_word(story) -> None:
    say_words(story, 0, 1)
    story.hear(AgentConfirmed, at=3, message_id="m1", text="We have Friday at 10.")
    story.hear(AgentFinished, at=3.1, message_id="m1")
    story.settle()
    assert story.lines == [("agent", "We have Friday at 10.", "final")]


def test_the_newest_confirmation_wins_though_it_comes_first(story) -> None:
    story.hear(AgentConfirmed, at=5, message_id="m1", text="The newer.")
    story.hear(AgentConfirmed, at=4, message_id="m1", text="The older.")
    assert story.lines == [("agent", "The newer.", "final")]


def test_a_confirmation_of_a_line_nobody_announced_is_a_line() -> None:
    story = Story()
    story.hear(AgentConfirmed, message_id="m1", text="Hello.")
    assert story.lines == [("agent", "Hello.", "final")]


def test_an_end_of_a_line_nobody_announced_is_none() -> None:
    story = Story()
    story.hear(AgentFinished, message_id="m1")
    story.hear(AgentInterrupted, message_id="m2", words=3)
    story.hear(AgentAborted, message_id="m3")
    assert story.lines == []


@pytest.mark.parametrize(
    ("spoken", "counted", "heard"),
    [
        ((0, 1, 2), None, "We have Friday"),
        ((0, 1, 2), 3, "We have Friday"),
        ((0, 1, 2, 3), 2, "We have"),
        ((0, 2), 4, "We have Friday at"),
        ((), 2, "We have"),
        ((), 0, ""),
        ((0, 1), 20, "We have"),
        ((), None, ANNOUNCED),
    ],
)
def test_interrupted_it_is_the_first_words_that_were_heard(story, spoken, counted, heard) -> None:
    say_words(story, *spoken)
    story.hear(AgentInterrupted, at=2, message_id="m1", words=counted, reason="user_spoke")
    story.settle()
    assert story.lines == [("agent", heard, "interrupted")]


def test_interrupted_stays_cut_though_a_confirmation_comes(story) -> None:
    say_words(story, 0, 1)
    story.hear(AgentConfirmed, at=2.1, message_id="m1", text=ANNOUNCED)
    story.hear(AgentInterrupted, at=2, message_id="m1", words=2)
    story.settle()
    assert story.lines == [("agent", "We have", "interrupted")]


def test_told_twice_the_greater_count_of_heard_words_stands(story) -> None:
    story.hear(AgentInterrupted, at=2, message_id="m1", words=4)
    story.hear(AgentInterrupted, at=2, message_id="m1", words=2)
    assert story.lines == [("agent", "We have Friday at", "interrupted")]


def test_aborted_it_keeps_what_was_heard(story) -> None:
    say_words(story, 0, 1)
    story.hear(AgentAborted, at=2, message_id="m1", reason="barge_in")
    story.settle()
    assert story.lines == [("agent", "We have", "aborted")]


def test_a_rejected_reply_shows_what_was_never_spoken(story) -> None:
    story.hear(ReplyRejected, at=2, message_id="m1", reason="message_obsolete")
    assert story.lines == [("agent", ANNOUNCED, "rejected")]
    assert story.summary.last_text == ""


def test_a_rejected_reply_that_nobody_announced_is_only_a_note() -> None:
    story = Story()
    story.hear(ReplyRejected, message_id="m1", reason="message_obsolete")
    assert story.lines == []
    assert [note["kind"] for note in story.rows("note")] == ["reply_rejected"]


def test_open_when_the_call_ends_it_is_cut_where_it_was(story) -> None:
    say_words(story, 0, 1, 2)
    story.hear(CallEnded, at=3, reason="hangup")
    story.settle()
    assert story.lines == [("agent", "We have Friday", "interrupted")]


def test_open_when_the_call_ends_without_words_it_is_cut_as_announced(story) -> None:
    story.hear(CallEnded, at=3, reason="hangup")
    assert story.lines == [("agent", ANNOUNCED, "interrupted")]


def test_finished_late_after_the_end_it_was_played(story) -> None:
    story.hear(CallEnded, at=3, reason="hangup")
    story.hear(AgentFinished, at=2.9, message_id="m1")
    assert story.lines == [("agent", ANNOUNCED, "final")]


ENDS: list[tuple[type, dict[str, object]]] = [
    (AgentSpeaking, {"text": ANNOUNCED}),
    (AgentFinished, {}),
    (AgentConfirmed, {"text": "We have Friday."}),
    (AgentInterrupted, {"words": 2}),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_reports_of_a_line_may_come_in_any_order(order) -> None:
    story = Story()
    for index in order:
        kind, fields = ENDS[index]
        story.hear(kind, at=index, message_id="m1", **fields)
    assert story.lines == [("agent", "We have", "interrupted")]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_refined_announcement_wins_in_any_order(order) -> None:
    story = Story()
    for index in order:
        story.hear(AgentSpeaking, at=index, seq=index + 1, message_id="m1", text=("We have", ANNOUNCED)[index])
    assert story.rows("line")[0]["announced"] == ANNOUNCED


def test_an_announcement_is_not_emptied_by_one_without_text(story) -> None:
    story.hear(AgentSpeaking, at=2, message_id="m1")
    assert story.rows("line")[0]["announced"] == ANNOUNCED


def test_interim_speech_is_no_line_until_it_is_final() -> None:
    story = Story()
    story.hear(ContactInterim, message_id="u1", text="I would like")
    assert story.lines == []
    story.hear(ContactMessage, message_id="u1", text="I would like Friday.")
    assert story.lines == [("contact", "I would like Friday.", "final")]


def test_an_older_interim_text_does_not_replace_a_newer_one() -> None:
    story = Story()
    story.hear(ContactInterim, at=2, text="I would like")
    story.hear(ContactInterim, at=1, text="I would")
    assert story.state.interim is not None
    assert story.state.interim.text == "I would like"


def test_a_refined_text_of_the_contact_wins_by_the_providers_time() -> None:
    story = Story()
    story.hear(ContactMessage, at=2, seq=2, message_id="u1", text="Friday, please.")
    story.hear(ContactMessage, at=1, seq=1, message_id="u1", text="friday please")
    assert story.lines == [("contact", "Friday, please.", "final")]


def test_the_same_words_without_an_id_within_two_seconds_are_one_line() -> None:
    story = Story()
    story.hear(ContactMessage, text="Yes.")
    story.hear(ContactMessage, text="Yes.", after=1.9)
    story.hear(ContactMessage, text="Yes.", after=5)
    assert story.lines == [("contact", "Yes.", "final")] * 2


@pytest.mark.parametrize("times", [(0, 1.5), (1.5, 0)])
def test_the_same_words_within_two_seconds_of_the_providers_clock_are_one_line_in_any_order(times) -> None:
    story = Story()
    for at in times:
        story.hear(ContactMessage, at=at, text="Yes.", after=60)
    assert len(story.lines) == 1
    assert story.rows("line")[0]["at"] == min(story.rows("line")[0]["at"], story.state.began)


def test_two_texts_of_one_second_are_two_lines() -> None:
    story = Story()
    for text in ("Yes.", "No.", "Yes.", "No."):
        story.hear(ContactMessage, at=1, text=text)
    assert sorted(story.lines) == [("contact", "No.", "final"), ("contact", "Yes.", "final")]


def test_two_equal_whatsapp_messages_are_two_lines_and_an_immediate_copy_is_none() -> None:
    story = Story("wa-1")
    story.hear(WhatsAppAnswered, contact="447700900128", text="ok")
    story.hear(WhatsAppAnswered, contact="447700900128", text="ok", after=0.5)
    story.hear(WhatsAppAnswered, contact="447700900128", text="ok", after=3)
    assert story.lines == [("agent", "ok", "final")] * 2


def test_a_whatsapp_message_sent_again_with_its_id_is_one_line() -> None:
    story = Story("wa-1")
    for _ in range(2):
        story.hear(WhatsAppReceived, contact="447700900128", message_id="wamid.1", text="", kind="image", after=60)
    assert [(row["kind"], row["message_id"]) for row in story.rows("line")] == [("image", "wamid.1")]
    assert story.summary.last_text == "[image]"


def test_an_operators_answer_is_the_operators_line() -> None:
    story = Story("wa-1")
    story.hear(WhatsAppAnswered, contact="447700900128", text="This is Sofia.", human=True)
    assert story.lines == [("operator", "This is Sofia.", "final")]


def test_a_whole_chat_reply_is_its_line() -> None:
    story = Story("chat-1")
    story.hear(AgentReplied, message_id="m1", text="We open at nine.")
    story.hear(AgentReplied, message_id="m1", text="We open at nine.")
    assert story.lines == [("agent", "We open at nine.", "final")]


def test_a_completed_transcript_replaces_its_draft() -> None:
    story = Story()
    story.hear(TranscriptDelta, item="i1", speaker="contact", text="I wou")
    assert story.live == [("I wou", "", "interim")]
    story.hear(TranscriptCompleted, item="i1", speaker="contact", text="I would like Friday.")
    assert (story.lines, story.live) == ([("contact", "I would like Friday.", "final")], [])


def test_a_completed_transcript_without_an_item_closes_the_draft_of_its_speaker() -> None:
    story = Story()
    story.hear(TranscriptDelta, item="", speaker="contact", text="I wou")
    story.hear(TranscriptDelta, item="", speaker="agent", text="Of cou")
    story.hear(TranscriptCompleted, item="", speaker="contact", text="I would.")
    assert story.live == [("Of cou", "", "speaking")]
    assert story.lines == [("contact", "I would.", "final")]


@pytest.mark.parametrize(
    ("speaker", "being"), [("contact", "contact_speaking"), ("operator", "agent_speaking"), ("agent", "agent_speaking")]
)
def test_nobody_speaks_any_more_whose_transcript_is_completed(speaker, being) -> None:
    story = Story()
    story.hear(TranscriptDelta, item="i1", speaker=speaker, text="I wou")
    assert story.state.activity == being
    story.hear(TranscriptCompleted, item="i1", speaker=speaker, text="I would.")
    assert story.state.activity == "listening"


def test_who_speaks_meanwhile_is_still_speaking() -> None:
    story = Story()
    story.hear(TranscriptDelta, item="i1", speaker="contact", text="I wou")
    story.hear(TranscriptDelta, item="i2", speaker="agent", text="Of cou")
    story.hear(TranscriptCompleted, item="i1", speaker="contact", text="I would.")
    assert story.state.activity == "agent_speaking"


@pytest.mark.parametrize(("speaker", "being"), [("contact", "contact_speaking"), ("agent", "agent_speaking")])
def test_who_says_the_next_thing_already_is_still_speaking(speaker, being) -> None:
    story = Story()
    story.hear(TranscriptDelta, item="i1", speaker=speaker, text="I wou")
    story.hear(TranscriptDelta, item="i2", speaker=speaker, text="On Fri")
    story.hear(TranscriptCompleted, item="i1", speaker=speaker, text="I would.")
    assert story.state.activity == being
    story.hear(TranscriptCompleted, item="i2", speaker=speaker, text="On Friday.")
    assert story.state.activity == "listening"


def test_what_was_settled_is_not_being_said() -> None:
    story = Story()
    story.hear(TranscriptDelta, item="i1", speaker="agent", text="I would.")
    story.settle(after=1)
    story.hear(TranscriptDelta, item="i2", speaker="agent", text="On Fri")
    story.hear(TranscriptCompleted, item="i2", speaker="agent", text="On Friday.")
    assert story.state.activity == "listening"


def test_a_completion_without_text_is_only_a_mark() -> None:
    story = Story()
    story.hear(TranscriptCompleted, item="i1", speaker="contact", text="")
    assert story.lines == []


def test_lines_stand_in_the_order_of_the_providers_time_and_sequence() -> None:
    story = Story()
    story.hear(ContactMessage, at=3, seq=4, message_id="u2", text="third")
    story.hear(ContactMessage, at=1, seq=3, message_id="u1", text="second")
    story.hear(AgentReplied, at=1, seq=2, message_id="m1", text="first")
    assert [text for _, text, _ in story.lines] == ["first", "second", "third"]


def test_lines_without_times_stand_in_the_order_of_arrival() -> None:
    story = Story()
    for number in range(3):
        story.hear(ContactMessage, message_id=f"u{number}", text=str(number))
    story.hear(ContactMessage, message_id="u0", text="0")
    assert [text for _, text, _ in story.lines] == ["0", "1", "2"]


def test_lines_with_a_sequence_and_no_time_stand_in_its_order() -> None:
    story = Story()
    story.hear(ContactMessage, message_id="u0", text="unnumbered")
    story.hear(ContactMessage, seq=4, message_id="u4", text="4")
    story.hear(ContactMessage, message_id="u1", text="unnumbered too")
    story.hear(AgentReplied, seq=3, message_id="m3", text="3")
    story.hear(AgentReplied, seq=9, message_id="m9", text="9")
    story.hear(ContactMessage, seq=2, text="2")
    assert [text for _, text, _ in story.lines] == ["unnumbered", "2", "3", "4", "unnumbered too", "9"]
    assert [row["text"] for row in story.rows("line")] == [text for _, text, _ in story.lines]
    assert project_state(refolded(story.journal)) == project_state(story.state)


def test_of_two_reports_with_a_sequence_and_no_time_the_later_in_sequence_stands() -> None:
    story = Story()
    story.hear(ContactMessage, seq=5, message_id="u1", text="corrected")
    story.hear(ContactMessage, seq=4, message_id="u1", text="first heard")
    assert story.lines == [("contact", "corrected", "final")]


def test_a_word_heard_after_the_line_was_cut_is_not_shown_live(story) -> None:
    story.hear(AgentInterrupted, at=2, message_id="m1", words=1)
    say_words(story, 0)
    assert story.live == []
