"""The record that comes with the end fills the gaps: what nobody heard, where it was said."""

from callcenter.domain.events.lifecycle import CallEnded
from callcenter.domain.events.speech import AgentConfirmed, ContactMessage
from callcenter.domain.recover import recovered
from tests.domain.story import START, Story

SAID = (
    ("agent", "Good morning, Harbour Dental."),
    ("contact", "I would like an appointment."),
    ("agent", "We have Friday at ten."),
    ("contact", "That works."),
)


def story_of(*heard: int, record: tuple[tuple[str, str], ...] = SAID) -> Story:
    """A call of which only these lines of what was said were heard, then its end with the record."""
    story = Story()
    for index in heard:
        speaker, text = SAID[index]
        story.hear(ContactMessage if speaker == "contact" else AgentConfirmed, at=index, message_id=f"m{index}", text=text)
    story.hear(CallEnded, at=10, reason="hangup", record=record)
    return story


def texts(story: Story) -> list[tuple[str, bool]]:
    return [(row["text"], row["recovered"]) for row in story.rows("line")]


def test_what_was_heard_is_not_filled_in_again() -> None:
    assert recovered(story_of(0, 1, 2, 3).state) == []


def test_what_was_lost_stands_between_the_lines_around_it() -> None:
    assert texts(story_of(0, 3)) == [
        ("Good morning, Harbour Dental.", False),
        ("I would like an appointment.", True),
        ("We have Friday at ten.", True),
        ("That works.", False),
    ]


def test_what_was_lost_at_the_beginning_stands_first() -> None:
    assert texts(story_of(2))[:2] == [("Good morning, Harbour Dental.", True), ("I would like an appointment.", True)]


def test_a_call_of_which_nothing_was_heard_is_told_by_its_record() -> None:
    assert [text for text, _ in texts(story_of())] == [text for _, text in SAID]


def test_nobody_knows_when_a_recovered_line_was_said() -> None:
    assert [row["at"] for row in story_of(0).rows("line")] == [START, None, None, None]


def test_without_an_end_nothing_is_filled_in() -> None:
    story = Story()
    story.state.record = SAID
    assert recovered(story.state) == []


def test_case_and_punctuation_do_not_make_a_line_another_one() -> None:
    assert recovered(story_of(0, 1, 2, 3, record=(("contact", "that WORKS"), ("agent", "good morning - harbour dental"))).state) == []


def test_a_merged_item_of_the_record_is_known() -> None:
    assert recovered(story_of(0, 2, record=(("agent", "Good morning, Harbour Dental. We have Friday at ten."),)).state) == []


def test_a_cut_item_of_the_record_is_known() -> None:
    assert recovered(story_of(2, record=(("agent", "We have Friday"),)).state) == []


def test_the_same_words_of_the_other_side_are_another_line() -> None:
    assert [line.text for line in recovered(story_of(3, record=(("agent", "That works."),)).state)] == ["That works."]


def test_an_item_of_signs_alone_is_no_line() -> None:
    assert recovered(story_of(0, record=(("agent", "..."),)).state) == []


def test_the_longest_record_is_believed_in_any_order() -> None:
    for records in ((SAID, SAID[:2]), (SAID[:2], SAID)):
        story = Story()
        for record in records:
            story.hear(CallEnded, at=10, reason="hangup", record=record)
        assert len(story.rows("line")) == len(SAID)


def test_a_line_that_is_said_twice_and_heard_once_is_filled_in_once() -> None:
    record = (*SAID, ("contact", "That works."))
    assert [line.text for line in recovered(story_of(0, 1, 2, 3, record=record).state)] == ["That works."]


def test_a_short_line_does_not_stand_for_the_long_one_that_holds_its_words() -> None:
    story = Story()
    story.hear(ContactMessage, at=1, message_id="u1", text="No")
    said = (("contact", "No, I know nothing about a bill."), ("contact", "Nobody told me."))
    story.hear(CallEnded, at=10, reason="hangup", record=said)
    assert [line.text for line in recovered(story.state)] == ["No, I know nothing about a bill.", "Nobody told me."]
