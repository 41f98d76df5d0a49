"""What was heard becomes a fact of the journal once its line is closed, and only once."""

from callcenter.calls.rows import project_state
from callcenter.domain.events.console import LineSettled
from callcenter.domain.events.lifecycle import CallEnded
from callcenter.domain.events.speech import (
    AgentConfirmed,
    AgentFinished,
    AgentInterrupted,
    AgentReplied,
    AgentSpeaking,
    AgentWord,
    ContactInterim,
    TranscriptDelta,
    TurnContinued,
    TurnEnded,
)
from callcenter.domain.settle import due
from tests.domain.story import ARRIVALS, CALL, START, Story, refolded


def speaking(*words: str) -> Story:
    """The agent is saying these words of a longer announcement."""
    story = Story()
    story.hear(AgentSpeaking, at=1, seq=1, message_id="m1", text="Good morning, how can I help?")
    for index, word in enumerate(words):
        story.hear(AgentWord, at=2 + index, seq=2 + index, message_id="m1", word=word, index=index)
    return story


def test_a_quiet_call_has_nothing_to_settle() -> None:
    assert due(Story().state, ARRIVALS) == []


def test_words_wait_while_their_line_is_open() -> None:
    assert speaking("Good", "morning,").settle(60) == []


def test_words_are_settled_when_their_line_is_closed() -> None:
    story = speaking("Good", "morning,")
    story.hear(AgentInterrupted, at=5, message_id="m1", words=2)
    [fact] = story.settle()
    assert fact == LineSettled(
        call=CALL,
        key="m1",
        message_id="m1",
        at=START + 2,
        seq=2,
        arrived=ARRIVALS + 2,
        words=((0, "Good"), (1, "morning,")),
    )


def test_what_is_settled_is_not_settled_again() -> None:
    story = speaking("Good")
    story.hear(AgentFinished, message_id="m1")
    assert len(story.settle()) == 1
    assert story.settle(60) == []
    assert story.state.saying == {}


def test_a_settled_word_that_comes_again_is_no_news() -> None:
    story = speaking("Good")
    story.hear(AgentFinished, message_id="m1")
    story.settle()
    story.hear(AgentWord, message_id="m1", word="Good", index=0)
    assert story.settle() == []


def test_a_late_word_is_settled_by_a_fact_of_its_own() -> None:
    story = speaking("Good")
    story.hear(AgentInterrupted, message_id="m1", words=2)
    story.settle()
    story.hear(AgentWord, message_id="m1", word="morning,", index=1)
    assert [fact.words for fact in story.settle() if isinstance(fact, LineSettled)] == [((1, "morning,"),)]
    assert story.lines == [("agent", "Good morning,", "interrupted")]


def test_words_before_their_line_wait_for_it() -> None:
    story = Story()
    story.hear(AgentWord, message_id="m1", word="Good", index=0)
    assert story.settle(60) == []
    story.hear(AgentFinished, message_id="m1")
    assert len(story.settle()) == 1
    assert story.lines == [("agent", "Good", "final")]


def test_the_end_of_the_call_settles_all() -> None:
    story = speaking("Good")
    story.hear(AgentWord, message_id="m2", word="And", index=0)
    story.hear(CallEnded, reason="hangup")
    assert [fact.key for fact in story.settle() if isinstance(fact, LineSettled)] == ["m1", "m2"]
    assert story.settle(60) == []


def test_words_beside_a_final_text_do_not_matter_any_more() -> None:
    story = Story("chat-1")
    story.hear(AgentWord, message_id="m1", word="Good", index=0)
    story.hear(AgentReplied, message_id="m1", text="Good morning.")
    story.hear(AgentWord, message_id="m1", word="morning.", index=1)
    assert story.settle(60) == []
    assert story.state.saying == {}


def test_interim_speech_is_never_settled() -> None:
    story = Story()
    story.hear(ContactInterim, text="I would")
    story.hear(CallEnded, reason="hangup")
    assert story.settle(60) == []


def test_a_draft_without_an_item_is_never_settled_and_goes_with_the_call() -> None:
    story = Story()
    story.hear(TranscriptDelta, item="", speaker="agent", text="Of cou")
    assert story.settle(60) == []
    story.hear(CallEnded, reason="hangup")
    assert story.settle() == []
    assert story.state.saying == {}


def test_the_time_to_reply_counts_from_the_end_of_the_turn_to_the_agents_voice() -> None:
    story = Story()
    story.hear(TurnEnded, at=10)
    story.hear(AgentSpeaking, at=10.8, message_id="m1", text="Yes.", after=5)
    story.hear(AgentFinished, at=11.5, message_id="m1")
    story.settle()
    assert story.summary.reply_ms == 800


def test_the_time_to_reply_never_mixes_two_clocks() -> None:
    story = Story()
    story.hear(TurnEnded, at=10)
    story.hear(AgentSpeaking, message_id="m1", text="Yes.", after=0.5)
    story.hear(AgentFinished, message_id="m1")
    story.settle()
    assert story.summary.reply_ms == 500


def test_a_turn_that_went_on_is_not_answered() -> None:
    story = Story()
    story.hear(TurnEnded, at=10)
    story.hear(TurnContinued, at=11)
    story.hear(AgentSpeaking, at=12, message_id="m1", text="Yes.")
    story.hear(AgentFinished, at=13, message_id="m1")
    story.settle()
    assert story.summary.reply_ms is None


def test_the_time_to_reply_of_a_call_is_the_median_of_its_lines() -> None:
    story = Story()
    for number, latency in enumerate((400, 5000, 700)):
        story.take(LineSettled(call=CALL, key=f"m{number}", latency_ms=latency))
    assert story.summary.reply_ms == 700


def test_a_settled_fact_carries_the_same_rows_into_a_refold() -> None:
    story = Story()
    story.hear(TurnEnded, at=0.2)
    story.hear(AgentSpeaking, at=1, message_id="m1", text="Good morning, how can I help?")
    story.hear(AgentWord, at=2, message_id="m1", word="Good", index=0)
    story.hear(AgentInterrupted, at=3, message_id="m1", words=1)
    story.settle()
    story.hear(AgentConfirmed, at=4, message_id="m1", text="Good morning, how can I help?")
    assert project_state(refolded(story.journal)) == project_state(story.state)
    assert story.summary.reply_ms == 800


def test_a_fact_of_another_process_takes_only_what_it_tells_from_what_is_being_said() -> None:
    story = speaking("Good", "morning,")
    story.take(LineSettled(call=CALL, key="m1", message_id="m1", words=((0, "Good"),)))
    assert story.live == [("Good morning,", "how can I help?", "speaking")]
    story.hear(AgentFinished, message_id="m1")
    assert [fact.words for fact in story.settle() if isinstance(fact, LineSettled)] == [((1, "morning,"),)]
