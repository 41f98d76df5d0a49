"""The reducer gives the same rows whatever the order, the repetitions and the cuts; design law 2, 3 and 4."""

from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.domain.events.console import CallFound, CallLost
from callcenter.domain.events.lifecycle import DialFailed
from callcenter.domain.summary import status_of
from tests.domain.folding import CALL, Journal, Told, fold, rows
from tests.domain.stories import DURABLE, PASSING, WITHOUT_END, marked, mixed

RANK = {"dialing": 0, "ringing": 0, "answered": 1, "completed": 2}


@settings(max_examples=400, deadline=None)
@given(marked(), st.randoms(use_true_random=False))
def test_marked_events_give_the_same_rows_in_any_order(story, random) -> None:
    shuffled = list(story)
    random.shuffle(shuffled)
    assert rows(fold(shuffled)) == rows(fold(story))


@settings(max_examples=150, deadline=None)
@given(marked(), st.randoms(use_true_random=False))
def test_marked_events_give_the_same_rows_however_often_they_come(story, random) -> None:
    again = story + random.choices(story, k=len(story))
    random.shuffle(again)
    assert rows(fold(again)) == rows(fold(story))


@settings(max_examples=150, deadline=None)
@given(marked(), st.data())
def test_marked_events_give_the_same_rows_cut_anywhere_and_resumed(story, data) -> None:
    cut = data.draw(st.integers(0, len(story)))
    back = data.draw(st.integers(0, cut))
    assert rows(fold(story[:cut] + story[back:])) == rows(fold(story))
    assert rows(fold(story[cut:] + story[:cut])) == rows(fold(story))


@settings(max_examples=150, deadline=None)
@given(mixed(), st.lists(PASSING, max_size=6))
def test_what_only_passes_never_changes_a_row(story, passing) -> None:
    journal = Journal()
    for told in story:
        journal.tell(told)
    before = rows(journal.state)
    for event in passing:
        journal.settle = lambda after=0.0: None  # type: ignore[method-assign]  # nothing is settled from here on
        journal.tell(Told(event, durable=False))
    assert rows(journal.state) == before


@settings(max_examples=400, deadline=None)
@given(mixed(), st.lists(st.integers(0, 25), max_size=4))
def test_the_journal_is_the_truth(story, pauses) -> None:
    """Whatever passes between durable events: folding only what was journaled gives the rows, at every moment."""
    journal = Journal()
    for number, told in enumerate(story):
        journal.tell(told)
        if number in pauses:
            journal.settle(after=1)
        assert rows(journal.refold()) == rows(journal.state)
    journal.settle(after=1)
    assert rows(journal.refold()) == rows(journal.state)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(DURABLE, st.just(CallLost(call=CALL)), st.just(CallFound(call=CALL))), max_size=12))
def test_the_status_never_steps_back(events) -> None:
    """But for what the console concluded by itself: a loss, or a failed dial that named no call."""
    journal, highest = Journal(), 0
    for event in events:
        if isinstance(event, CallLost) or (isinstance(event, DialFailed) and event.inferred):
            continue
        journal.tell(Told(event))
        rank = RANK[status_of(journal.state)]
        assert rank >= highest
        highest = rank


@settings(max_examples=150, deadline=None)
@given(marked(WITHOUT_END), marked(WITHOUT_END), st.sampled_from(["hangup", "no_answer"]))
def test_nothing_reopens_a_call_that_the_provider_ended(before, after, reason) -> None:
    from callcenter.domain.events.lifecycle import CallEnded

    end = Told(CallEnded(call=CALL, reason=reason), 20.5, 5000)
    state = fold([*before, end, *after, Told(CallFound(call=CALL)), Told(CallLost(call=CALL))])
    assert status_of(state) == "completed"
    assert rows(state)["summary"]["end_reason"] == reason
    assert not rows(state)["summary"]["held"]
