"""Hold and mute are sets: the newest report wins, and a late copy of an older one changes nothing. Contract G.3."""

import itertools

import pytest

from callcenter.domain.events.lifecycle import CallAnswered, CallEnded
from callcenter.domain.events.telephony import HoldChanged, MuteChanged
from tests.domain.story import Story, changes


@pytest.fixture
def story() -> Story:
    story = Story()
    story.hear(CallAnswered, at=0)
    return story


def test_a_call_is_held_and_taken_back(story) -> None:
    story.hear(HoldChanged, on=True)
    assert story.summary.held
    story.hear(HoldChanged, on=False)
    assert not story.summary.held


def test_hold_and_mute_do_not_touch_each_other(story) -> None:
    story.hear(MuteChanged, on=True)
    assert (story.summary.held, story.summary.muted) == (False, True)


@pytest.mark.parametrize("order", list(itertools.permutations([(1, True), (2, False), (3, True), (3, True)])))
def test_the_newest_stamp_wins_in_any_order(story, order) -> None:
    for at, on in order:
        story.hear(HoldChanged, at=at, on=on, after=0.01)
    assert changes(story.state.hold) == [True, False, True]
    assert story.summary.held


def test_times_of_one_second_are_told_apart_by_their_sequence(story) -> None:
    story.hear(HoldChanged, at=1, seq=3, on=False)
    story.hear(HoldChanged, at=1, seq=2, on=True)
    assert not story.summary.held


def test_without_marks_a_copy_within_300_ms_of_the_one_before_the_last_is_ignored(story) -> None:
    story.hear(HoldChanged, on=True)
    story.hear(HoldChanged, on=False, after=0.1)
    story.hear(HoldChanged, on=True, after=0.1)
    assert changes(story.state.hold) == [True, False]


def test_without_marks_the_same_wish_later_is_a_new_one(story) -> None:
    story.hear(HoldChanged, on=True)
    story.hear(HoldChanged, on=False, after=0.2)
    story.hear(HoldChanged, on=True, after=0.2)
    assert changes(story.state.hold) == [True, False, True]


def test_a_repetition_of_the_last_report_changes_nothing(story) -> None:
    for _ in range(3):
        story.hear(HoldChanged, on=True)
    assert changes(story.state.hold) == [True]


def test_a_first_report_that_it_is_off_tells_nothing(story) -> None:
    story.hear(HoldChanged, on=False)
    assert changes(story.state.hold) == []


def test_after_the_end_an_unmarked_report_is_only_a_copy(story) -> None:
    story.hear(HoldChanged, on=True)
    story.hear(HoldChanged, on=False, after=5)
    story.hear(CallEnded, at=20)
    story.hear(HoldChanged, on=True, after=60)
    assert changes(story.state.hold) == [True, False]


def test_a_completed_call_is_neither_held_nor_muted(story) -> None:
    story.hear(HoldChanged, at=1, on=True)
    story.hear(MuteChanged, at=1, on=True)
    story.hear(CallEnded, at=2)
    assert (story.summary.held, story.summary.muted) == (False, False)


def test_every_change_is_a_note(story) -> None:
    story.hear(HoldChanged, at=1, on=True)
    story.hear(MuteChanged, at=2, on=True)
    story.hear(HoldChanged, at=3, on=False)
    assert [note["kind"] for note in story.rows("note")] == ["hold_on", "mute_on", "hold_off"]


def test_what_the_contact_said_while_muted_is_a_line_of_its_own(story) -> None:
    story.hear(MuteChanged, on=True)
    for _ in range(2):
        story.hear(MuteChanged, on=False, transcript="Where is my card?")
    assert story.lines == [("contact", "Where is my card?", "final")]
    assert story.rows("line")[0]["muted"]
