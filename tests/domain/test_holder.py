"""Who answers the contact: the highest number counts, and an undone takeover leaves nothing but its number."""

from callcenter.domain.delivery import ThreadState, reduce_thread
from callcenter.domain.events.base import Stamp
from callcenter.domain.events.console import HolderChanged, ThreadHolderChanged
from callcenter.domain.events.lifecycle import CallAnswered
from callcenter.domain.reduce import reduce
from callcenter.domain.state import CallState
from callcenter.domain.summary import summary_of

CALL = "CA1"


def told(n: int) -> Stamp:
    return Stamp(100.0 + n, 0, n, False, 100.0 + n)


def taken(fence: int, operator: int, why: str = "taken_over") -> HolderChanged:
    return HolderChanged(call=CALL, fence=fence, operator=operator, name=f"operator {operator}", why=why)


def after(*facts: HolderChanged) -> CallState:
    state = CallState(CALL)
    reduce(state, CallAnswered(call=CALL), told(1))
    for n, fact in enumerate(facts, start=2):
        reduce(state, fact, told(n))
    return state


def test_the_last_change_counts_and_each_leaves_a_note() -> None:
    state = after(taken(1, 7), taken(2, 8), taken(3, 0, "handed_back"))
    summary = summary_of(state)
    assert (summary.holder, summary.fence) == (0, 3)
    assert sorted(state.notes) == ["handed_back:3", "taken_over:1", "taken_over:2"]


def test_an_older_number_changes_nothing() -> None:
    assert summary_of(after(taken(2, 8), taken(1, 7))) == summary_of(after(taken(2, 8)))


def test_undone_it_leaves_only_its_number() -> None:
    state = after(taken(1, 7), taken(2, 0, "undone"))
    assert (state.holder, state.fence, state.notes) == (0, 2, {})


def test_it_proves_nothing_about_the_line_being_open() -> None:
    state = after()
    heard = state.heard
    reduce(state, taken(1, 7), told(50))
    assert (state.heard, state.alive) == (heard, 1)


def test_a_thread_has_its_holder_whatever_its_sessions_do() -> None:
    state = ThreadState()
    reduce_thread(state, ThreadHolderChanged(agent="a", contact="44", fence=2, operator=8), told(1))
    reduce_thread(state, ThreadHolderChanged(agent="a", contact="44", fence=1, operator=7), told(2))
    assert (state.holder, state.fence) == (8, 2)
