"""Pieces of a streamed reply: deltas, the whole text so far, and repetitions of both give one text; with sequences in any order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.events.console import LineSettled
from callcenter.domain.events.lifecycle import CallEnded
from callcenter.domain.events.speech import AgentConfirmed, AgentPiece, AgentReplied, AgentSpeaking, TranscriptDelta
from callcenter.domain.pieces import grow
from callcenter.domain.state import Saying
from tests.domain.story import Story

DELTAS = ["We", " open", " at", " nine", " on", " Friday."]
WHOLE = "We open at nine on Friday."
CUMULATIVE = [WHOLE[: len("".join(DELTAS[: count + 1]))] for count in range(len(DELTAS))]


def grown(*pieces: str) -> str:
    saying = Saying("m1", "agent", "m1", arrived=0, n=0)
    for piece in pieces:
        grow(saying, piece)
    return saying.pieces


def test_deltas_are_joined() -> None:
    assert grown(*DELTAS) == WHOLE


def test_a_piece_that_begins_with_the_text_so_far_is_the_whole_text() -> None:
    assert grown(*CUMULATIVE) == WHOLE


def test_the_whole_text_after_deltas_replaces_them() -> None:
    assert grown(*DELTAS[:4], WHOLE) == WHOLE


def test_each_piece_sent_twice_counts_once() -> None:
    assert grown(*(piece for piece in CUMULATIVE for _ in range(2))) == WHOLE
    long = ["We can", " offer", " Friday", " morning", " at ten."]
    assert grown(*(piece for piece in long for _ in range(2))) == "We can offer Friday morning at ten."


@pytest.mark.parametrize("cut", range(1, len(DELTAS) + 1))
def test_deltas_sent_again_from_the_start_are_followed_until_they_caught_up(cut) -> None:
    assert grown(*DELTAS[:cut], *DELTAS) == WHOLE


@pytest.mark.parametrize("cut", range(1, len(DELTAS) + 1))
def test_a_cumulative_text_sent_again_from_the_start_changes_nothing(cut) -> None:
    assert grown(*CUMULATIVE[:cut], *CUMULATIVE) == WHOLE


def test_a_copy_of_all_pieces_changes_nothing() -> None:
    assert grown(*DELTAS, *DELTAS) == WHOLE
    assert grown(*CUMULATIVE, *CUMULATIVE, *CUMULATIVE) == WHOLE


def test_a_capitalised_first_piece_that_comes_late_goes_before_the_rest() -> None:
    assert grown(" open", "We", " at nine.") == "We open at nine."


def test_equal_short_neighbours_are_both_kept() -> None:
    assert grown("Call ", "0", "2", "0", "0", "7") == "Call 02007"
    assert grown("It is ", "a", "a", "a", ".") == "It is aaa."


def test_equal_long_neighbours_are_a_copy() -> None:
    assert grown("Yes,", " please", " please", " do.") == "Yes, please do."


def test_nothing_adds_nothing() -> None:
    assert grown("", "We", "", " open") == "We open"


def test_pieces_of_two_messages_do_not_mix() -> None:
    story = Story("chat-1")
    for message, piece in (("m1", "We"), ("m2", "It"), ("m1", " open"), ("m2", " is")):
        story.hear(AgentPiece, message_id=message, text=piece)
    assert story.live == [("We open", "", "speaking"), ("It is", "", "speaking")]


def test_pieces_without_an_id_grow_one_line() -> None:
    story = Story("chat-1")
    for piece in DELTAS:
        story.hear(AgentPiece, message_id="", text=piece, after=0.1)
    assert story.live == [(WHOLE, "", "speaking")]


def test_pieces_become_a_line_when_they_fell_silent_and_are_not_settled_twice() -> None:
    story = Story("chat-1")
    for piece in DELTAS:
        story.hear(AgentPiece, message_id="m1", text=piece, after=0.1)
    assert story.settle(0.2) == []
    assert len(story.settle(0.2)) == 1
    assert story.lines == [("agent", WHOLE, "final")]
    assert story.live == []
    for piece in DELTAS:
        story.hear(AgentPiece, message_id="m1", text=piece, after=0.1)
    assert story.settle(1) == []
    assert story.lines == [("agent", WHOLE, "final")]


def test_pieces_go_on_from_what_the_journal_has() -> None:
    story = Story("chat-1")
    story.take(LineSettled(call="chat-1", key="m1", message_id="m1", text="We open"))
    story.hear(AgentPiece, message_id="m1", text=" at nine")
    assert story.live == [("We open at nine", "", "speaking")]
    story.settle(1)
    assert story.lines == [("agent", "We open at nine", "final")]


def test_a_shorter_settled_text_never_replaces_a_longer_one() -> None:
    story = Story("chat-1")
    for text in ("We open at nine", "We open"):
        story.take(LineSettled(call="chat-1", key="m1", message_id="m1", text=text))
    assert story.lines == [("agent", "We open at nine", "final")]


def test_the_whole_reply_replaces_its_pieces() -> None:
    story = Story("chat-1")
    story.hear(AgentPiece, message_id="", text="We op")
    story.hear(AgentReplied, text=WHOLE)
    assert (story.lines, story.live) == ([("agent", WHOLE, "final")], [])
    assert story.settle(1) == []


def test_a_confirmation_replaces_its_pieces() -> None:
    story = Story("chat-1")
    story.hear(AgentPiece, message_id="m1", text="We op")
    story.hear(AgentConfirmed, message_id="m1", text=WHOLE)
    story.settle(1)
    assert story.lines == [("agent", WHOLE, "final")]


def test_a_draft_of_the_contact_is_settled_only_by_the_end() -> None:
    story = Story()
    story.hear(TranscriptDelta, item="i1", speaker="contact", text="I would")
    assert story.settle(60) == []
    story.hear(CallEnded, reason="hangup")
    story.settle()
    assert story.lines == [("contact", "I would", "final")]


def test_a_delta_after_the_final_text_changes_nothing() -> None:
    story = Story("chat-1")
    story.hear(AgentSpeaking, message_id="", text=WHOLE)
    story.hear(CallEnded, reason="hangup")
    story.hear(TranscriptDelta, item="", speaker="agent", text="We op")
    assert (story.lines, story.live) == ([("agent", WHOLE, "final")], [])


@given(st.permutations(range(len(DELTAS))), st.lists(st.sampled_from(range(len(DELTAS)))))
def test_numbered_pieces_give_one_text_in_any_order_and_however_often_they_come(order: list[int], copies: list[int]) -> None:
    story = Story("chat-1")
    for place in [*order, *copies]:
        story.hear(AgentPiece, message_id="m1", text=DELTAS[place], at=place, seq=place + 1, after=0.1)
    story.settle(1)
    assert story.lines == [("agent", WHOLE, "final")]


@given(st.permutations(range(len(DELTAS))), st.sets(st.sampled_from(range(len(DELTAS)))), st.booleans())
def test_numbered_pieces_that_two_processes_heard_come_together(order: list[int], others: set[int], first: bool) -> None:
    """Each settles what it heard, and folds what the other settled before it goes on."""
    one, two = Story("chat-1"), Story("chat-1")
    for place in order:
        story = two if place in others else one
        story.hear(AgentPiece, message_id="m1", text=DELTAS[place], at=place, seq=place + 1, after=0.1)
    for here, there in ((one, two), (two, one), (one, two)) if first else ((two, one), (one, two), (two, one)):
        for fact in here.settle(1):
            there.take(fact)
    assert one.lines == two.lines == [("agent", WHOLE, "final")]
    assert one.settle(1) == two.settle(1) == []


def test_a_piece_without_a_sequence_puts_the_reply_in_order_of_arrival() -> None:
    story = Story("chat-1")
    for text, seq in (("We", 1), (" open", None), (" at nine", 2)):
        story.hear(AgentPiece, message_id="m1", text=text, seq=seq, after=0.1)
    assert story.live == [("We open at nine", "", "speaking")]
