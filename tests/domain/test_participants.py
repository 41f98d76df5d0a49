"""Who was on the line from when to when, though reports come twice, late or in the wrong order."""

import itertools

import pytest

from callcenter.domain.events.lifecycle import CallAnswered, CallEnded
from callcenter.domain.events.telephony import ParticipantJoined, ParticipantLeft
from callcenter.domain.presence import stays_of
from tests.domain.story import ARRIVALS, START, Story


def stays(story: Story) -> list[tuple[str, float | None, float | None]]:
    """(member, joined, left), in seconds after the start."""
    return [(stay.member, since_start(stay.joined_at), since_start(stay.left_at)) for stay in stays_of(story.state)]


def since_start(time: float | None) -> float | None:
    return None if time is None else time - START


def test_a_member_comes_and_goes() -> None:
    story = Story()
    story.hear(ParticipantJoined, member="m1", role="caller", joined_at=START + 1)
    assert stays(story) == [("m1", 1, None)]
    story.hear(ParticipantLeft, member="m1", joined_at=START + 1, left_at=START + 9)
    assert stays(story) == [("m1", 1, 9)]


def test_the_time_of_the_frame_stands_in_for_one_it_does_not_name() -> None:
    story = Story()
    story.hear(ParticipantJoined, at=1, member="m1")
    story.hear(ParticipantLeft, at=9, member="m1")
    assert stays(story) == [("m1", 1, 9)]


def test_a_second_stay_is_another_row() -> None:
    story = Story()
    for joined, left in ((1, 9), (20, 30)):
        story.hear(ParticipantJoined, member="m1", role="agent", joined_at=START + joined)
        story.hear(ParticipantLeft, member="m1", joined_at=START + joined, left_at=START + left)
    assert stays(story) == [("m1", 1, 9), ("m1", 20, 30)]
    assert len(story.rows("participant")) == 2


REPORTS = [
    (ParticipantJoined, {"joined_at": START + 1}),
    (ParticipantLeft, {"left_at": START + 9}),
    (ParticipantJoined, {"joined_at": START + 20}),
    (ParticipantLeft, {"left_at": START + 30}),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_leavings_that_name_no_stay_close_the_one_that_was_open(order) -> None:
    story = Story()
    for index in (*order, *order):
        kind, fields = REPORTS[index]
        story.hear(kind, member="m1", **fields)
    assert stays(story) == [("m1", 1, 9), ("m1", 20, 30)]


def test_a_leaving_before_its_joining_closes_it_all_the_same() -> None:
    story = Story()
    story.hear(ParticipantLeft, member="m1", joined_at=START + 1, left_at=START + 9)
    assert stays(story) == [("m1", 1, 9)]
    story.hear(ParticipantJoined, member="m1", role="agent", joined_at=START + 1)
    assert stays(story) == [("m1", 1, 9)]


def test_a_leaving_without_any_joining_is_a_stay_of_unknown_begin() -> None:
    story = Story()
    story.hear(ParticipantLeft, member="m1", left_at=START + 9)
    assert stays(story) == [("m1", None, 9)]


def test_the_earliest_of_two_leavings_of_one_stay_counts() -> None:
    story = Story()
    story.hear(ParticipantJoined, member="m1", joined_at=START + 1)
    for left in (12, 9):
        story.hear(ParticipantLeft, member="m1", joined_at=START + 1, left_at=START + left)
    assert stays(story) == [("m1", 1, 9)]


def test_without_any_time_stays_are_told_apart_by_arrival() -> None:
    story = Story()
    for kind in (ParticipantJoined, ParticipantJoined, ParticipantLeft, ParticipantLeft, ParticipantJoined):
        story.hear(kind, member="m1")
    assert [(stay.joined_at, stay.left_at, stay.number) for stay in stays_of(story.state)] == [
        (None, ARRIVALS + 3, 0),
        (None, None, 1),
    ]


def test_after_the_end_a_repetition_without_times_opens_nothing() -> None:
    story = Story()
    story.hear(ParticipantJoined, member="m1")
    story.hear(ParticipantLeft, member="m1")
    story.hear(CallEnded, at=9)
    story.hear(ParticipantJoined, member="m1")
    story.hear(ParticipantLeft, member="m1")
    assert len(stays_of(story.state)) == 1


def test_when_the_call_ends_everybody_has_left() -> None:
    story = Story()
    story.hear(CallAnswered, at=0)
    story.hear(ParticipantJoined, member="m1", joined_at=START + 1)
    story.hear(CallEnded, at=9, ended_at=START + 8)
    assert [row["left_at"] for row in story.rows("participant")] == [START + 8]


def test_the_newest_role_of_a_member_counts_and_silence_about_it_does_not() -> None:
    story = Story()
    story.hear(ParticipantJoined, at=3, member="m1", role="agent")
    story.hear(ParticipantJoined, at=1, member="m1", role="caller")
    story.hear(ParticipantLeft, at=9, member="m1")
    assert {row["role"] for row in story.rows("participant")} == {"agent"}


@pytest.mark.parametrize(("role", "status"), [("caller", "ringing"), ("", "ringing"), ("agent", "answered")])
def test_a_call_is_answered_when_somebody_other_than_the_caller_is_on_the_line(role, status) -> None:
    story = Story()
    story.hear(ParticipantJoined, at=1, member="m1", role=role)
    assert story.summary.status == status
