"""An agent is paused at three levels; messages tell what nobody told us; displaced, its calls cannot be believed. Contract F.4."""

import itertools
from typing import Any

import pytest

from callcenter.domain.agent_state import (
    CALLS,
    DOWNS,
    SETTLED_S,
    AgentState,
    contradiction,
    elsewhere,
    is_elsewhere,
    paused,
    reduce_agent,
    targets,
    unverified_since,
)
from callcenter.domain.events.base import AgentEvent, stamp_of
from callcenter.domain.events.console import PauseObserved
from callcenter.domain.events.control import AgentDisplaced, AgentSeen, CallsListed, DialFailedSomewhere, PauseChanged, VoiceLinkChanged
from tests.domain.story import ARRIVALS, START

CALL, CONTACT = "wa-1", "447700900128"
LEVELS = [("agent", ""), ("contact", CONTACT), ("call", CALL)]


class Agent:
    """Frames about one agent, folded as they come."""

    def __init__(self) -> None:
        self.state = AgentState()
        self.n = 0

    def hear(self, event: type[AgentEvent], /, time: float | None = None, **fields: Any) -> None:
        """``time``: seconds after the start, by the provider's clock."""
        self.n += 1
        stamp = stamp_of(None if time is None else START + time, None, self.n, ARRIVALS + self.n)
        reduce_agent(self.state, event(agent="frontdesk", **fields), stamp)

    def pause(self, level: str, target: str, time: float | None = None) -> None:
        self.hear(PauseChanged, time, on=True, level=level, target=target)

    def resume(self, level: str, target: str, time: float | None = None) -> None:
        self.hear(PauseChanged, time, on=False, level=level, target=target)

    def observe(self, at: float, *, silent: bool, call: str = CALL, contact: str = CONTACT) -> None:
        self.hear(PauseObserved, paused=silent, at=START + at, call=call, contact=contact)

    def contradicts(self, at: float, *, silent: bool, call: str = CALL, contact: str = CONTACT) -> bool:
        return contradiction(self.state, call=call, contact=contact, observed=silent, time=START + at)

    @property
    def levels(self) -> list[bool]:
        return [paused(self.state, level, target) for level, target in LEVELS]


@pytest.fixture
def agent() -> Agent:
    return Agent()


@pytest.mark.parametrize("index", range(3))
def test_each_level_is_paused_and_resumed_by_itself(agent, index) -> None:
    agent.pause(*LEVELS[index], 1)
    assert agent.levels == [place == index for place in range(3)]
    agent.resume(*LEVELS[index], 2)
    assert agent.levels == [False] * 3


@pytest.mark.parametrize("index", [1, 2])
def test_a_resume_with_a_target_leaves_the_other_levels(agent, index) -> None:
    for level in LEVELS:
        agent.pause(*level, 1)
    agent.resume(*LEVELS[index], 2)
    assert agent.levels == [place != index for place in range(3)]


def test_a_resume_without_a_target_empties_all_three(agent) -> None:
    for level in LEVELS:
        agent.pause(*level, 1)
    agent.resume("agent", "", 2)
    assert agent.levels == [False] * 3


def test_what_is_paused_after_a_resume_without_target_stays_paused(agent) -> None:
    agent.resume("agent", "", 2)
    agent.pause("contact", CONTACT, 1)
    agent.pause("call", CALL, 3)
    assert agent.levels == [False, False, True]


def test_the_newest_report_of_a_level_wins_in_any_order() -> None:
    reports = [(True, "contact", CONTACT, 1), (False, "contact", CONTACT, 2), (True, "contact", CONTACT, 3), (False, "agent", "", 2.5)]
    for order in itertools.permutations(reports):
        agent = Agent()
        for on, level, target, time in order:
            agent.hear(PauseChanged, time, on=on, level=level, target=target)
        assert agent.levels == [False, True, False]


def test_a_report_told_twice_changes_nothing(agent) -> None:
    agent.pause("contact", CONTACT, 1)
    agent.resume("contact", CONTACT, 2)
    agent.pause("contact", CONTACT, 1)
    assert agent.levels == [False] * 3


def test_without_marks_the_order_of_arrival_counts(agent) -> None:
    agent.pause("call", CALL)
    agent.resume("agent", "")
    assert agent.levels == [False] * 3
    agent.pause("call", CALL)
    assert agent.levels == [False, False, True]


def test_the_paused_targets_of_a_level_are_listed_in_order(agent) -> None:
    for contact in ("3", "1", "2"):
        agent.pause("contact", contact, 1)
    agent.resume("contact", "2", 2)
    assert targets(agent.state, "contact") == ["1", "3"]
    assert targets(agent.state, "call") == []


# What messages show


@pytest.mark.parametrize("index", range(3))
def test_an_answer_two_seconds_after_the_pause_proves_that_no_level_applies(agent, index) -> None:
    agent.pause(*LEVELS[index], 10)
    assert agent.contradicts(10 + SETTLED_S, silent=False)
    agent.observe(10 + SETTLED_S, silent=False)
    assert agent.levels == [False] * 3


def test_an_answer_within_two_seconds_may_have_been_overtaken(agent) -> None:
    agent.pause("contact", CONTACT, 10)
    assert not agent.contradicts(10 + SETTLED_S - 0.1, silent=False)
    agent.observe(10 + SETTLED_S - 0.1, silent=False)
    assert agent.levels == [False, True, False]


def test_an_answer_in_one_call_proves_nothing_for_another_contact_or_call(agent) -> None:
    agent.pause("contact", "49301234567", 10)
    agent.pause("call", "wa-2", 10)
    agent.observe(20, silent=False)
    assert targets(agent.state, "contact") == ["49301234567"]
    assert targets(agent.state, "call") == ["wa-2"]


def test_a_pause_after_the_answer_stands(agent) -> None:
    agent.observe(20, silent=False)
    agent.pause("agent", "", 19)
    assert agent.levels == [True, False, False]


def test_silence_that_no_level_explains_is_paused_elsewhere(agent) -> None:
    assert agent.contradicts(20, silent=True)
    agent.observe(20, silent=True)
    assert elsewhere(agent.state) == [CALL]
    assert agent.levels == [False] * 3
    assert not agent.contradicts(21, silent=True)


def test_silence_that_a_level_explains_says_nothing_new(agent) -> None:
    agent.pause("agent", "", 10)
    assert not agent.contradicts(20, silent=True)
    agent.observe(20, silent=True)
    assert elsewhere(agent.state) == []


def test_an_answer_ends_being_paused_elsewhere(agent) -> None:
    agent.observe(20, silent=True)
    assert agent.contradicts(30, silent=False)
    agent.observe(30, silent=False)
    assert elsewhere(agent.state) == []


def test_a_resume_ends_being_paused_elsewhere(agent) -> None:
    agent.observe(20, silent=True)
    agent.resume("agent", "", 30)
    assert not is_elsewhere(agent.state, CALL)


def test_silence_just_after_a_resume_may_have_been_overtaken(agent) -> None:
    agent.pause("contact", CONTACT, 10)
    agent.resume("contact", CONTACT, 20)
    assert not agent.contradicts(21, silent=True)
    assert agent.contradicts(22, silent=True)


def test_an_answer_of_an_agent_that_nobody_paused_is_as_expected(agent) -> None:
    assert not agent.contradicts(20, silent=False)


def test_what_messages_show_is_the_same_in_any_order() -> None:
    seen = set()
    for order in itertools.permutations([(20.0, True), (30.0, False), (40.0, True), (40.0, True)]):
        agent = Agent()
        for at, silent in order:
            agent.observe(at, silent=silent)
        seen.add((tuple(elsewhere(agent.state)), tuple(agent.levels)))
    assert seen == {((CALL,), (False, False, False))}


# Whether its calls can be believed


def test_a_displaced_agent_is_unverified_until_it_is_seen_again(agent) -> None:
    assert unverified_since(agent.state) is None
    agent.hear(AgentDisplaced)
    assert unverified_since(agent.state) == ARRIVALS + 1
    agent.hear(AgentSeen)
    assert unverified_since(agent.state) is None


def test_a_voice_link_goes_down_and_up(agent) -> None:
    agent.hear(VoiceLinkChanged, 1, up=False)
    assert unverified_since(agent.state) == ARRIVALS + 1
    agent.hear(VoiceLinkChanged, 2, up=True)
    assert unverified_since(agent.state) is None


def test_a_link_that_came_up_before_it_went_down_is_down(agent) -> None:
    agent.hear(VoiceLinkChanged, 5, up=False)
    agent.hear(VoiceLinkChanged, 2, up=True)
    assert unverified_since(agent.state) is not None


def test_it_is_unverified_since_the_first_loss_after_it_was_last_there_in_any_order(agent) -> None:
    told = [("down", 1), ("up", 2), ("down", 3), ("down", 4)]
    for order in itertools.permutations(told):
        agent = Agent()
        arrived = {}
        for event, time in order:
            agent.hear(VoiceLinkChanged, time, up=event == "up")
            arrived[time] = ARRIVALS + agent.n
        assert unverified_since(agent.state) == arrived[3]


def test_a_voice_lost_again_and_again_is_remembered_within_bounds(agent) -> None:
    for time in range(10 * DOWNS):
        agent.hear(VoiceLinkChanged, time, up=False)
    assert unverified_since(agent.state) == ARRIVALS + 1
    assert len(agent.state.downs) <= DOWNS + 1


def test_of_the_calls_it_was_paused_in_the_newest_are_remembered_in_any_order() -> None:
    number = CALLS + 200
    times = [(f"call-{n:04}", float(n)) for n in range(number)]
    states = []
    for order in (times, times[::-1], times[::2] + times[1::2], times + times[:300]):
        agent = Agent()
        agent.pause("contact", CONTACT, -5)
        for call, time in order:
            agent.pause("call", call, time)
            agent.observe(time, silent=True, call=call, contact="")
            agent.observe(time, silent=False, call=call, contact="")
        assert paused(agent.state, "contact", CONTACT), "pauses that have no end by themselves are kept"
        states.append((sorted(agent.state.sets), agent.state.silent, agent.state.free, agent.state.calls))
    newest = [call for call, _ in times[-CALLS:]]
    assert [target for kind, target in states[0][0] if kind == "call"] == newest
    assert sorted(states[0][1]) == newest
    assert all(state == states[0] for state in states)


def test_a_call_in_which_it_answered_again_is_not_paused_after_a_thousand_others(agent) -> None:
    agent.pause("call", CALL, 0)
    agent.observe(10, silent=False)
    for number in range(CALLS):
        agent.observe(20 + number, silent=True, call=f"call-{number}", contact="")
        agent.observe(20 + number, silent=False, call=f"call-{number}", contact="")
    assert (targets(agent.state, "call"), elsewhere(agent.state)) == ([], [])


def test_of_two_observations_at_the_same_time_the_same_one_counts_in_any_order() -> None:
    states = []
    for contacts in (("", CONTACT), (CONTACT, "")):
        agent = Agent()
        for contact in contacts:
            agent.observe(5, silent=True, contact=contact)
        states.append(agent.state.silent)
    assert states[0] == states[1]


def test_what_concerns_calls_does_not_concern_the_agent(agent) -> None:
    agent.hear(CallsListed, calls=("CA1",))
    agent.hear(DialFailedSomewhere, error="busy")
    assert agent.state == AgentState()
