"""Delivery reports find their line by id, else by order; they go upwards only. Contract F.5, F.6."""

import itertools

import pytest

from callcenter.domain.delivery import OVERTAKE_S, WINDOW_S, Bound, Outgoing, ThreadState, bind, reduce_thread
from callcenter.domain.events.base import stamp_of
from callcenter.domain.events.whatsapp import WhatsAppDelivered
from tests.domain.story import ARRIVALS, START


def thread(*reports: tuple[str, str, float | None]) -> ThreadState:
    """Reports (message id, status, seconds after the start by the provider's clock or None) in order of arrival."""
    state = ThreadState()
    for n, (message, status, at) in enumerate(reports, 1):
        event = WhatsAppDelivered(agent="frontdesk", contact="447700900128", status=status, message_id=message)
        reduce_thread(state, event, stamp_of(None if at is None else START + at, None, n, ARRIVALS + n))
    return state


def sent(*times: float) -> list[Outgoing]:
    """Lines without ids, sent so many seconds after the start; the first has the number 1."""
    return [Outgoing(number, "", START + at) for number, at in enumerate(times, 1)]


def statuses(lines: list[Outgoing], state: ThreadState) -> dict[int, str]:
    return {line: bound.status for line, bound in bind(lines, state).items()}


@pytest.mark.parametrize("order", list(itertools.permutations(("sent", "delivered", "read"))))
def test_statuses_in_any_order_end_with_the_highest(order) -> None:
    state = thread(*(("w1", status, None) for status in order))
    assert state.reports["w1"].status == "read"


@pytest.mark.parametrize("order", [("sent", "failed"), ("failed", "sent"), ("failed",)])
def test_a_failure_beats_having_been_sent(order) -> None:
    assert thread(*(("w1", status, None) for status in order)).reports["w1"].status == "failed"


@pytest.mark.parametrize("order", list(itertools.permutations(("sent", "failed", "delivered"))))
def test_a_sign_of_arrival_beats_a_failure(order) -> None:
    assert thread(*(("w1", status, None) for status in order)).reports["w1"].status == "delivered"


def test_the_time_of_each_status_is_the_earliest_told() -> None:
    state = thread(("w1", "delivered", 9), ("w1", "sent", 1), ("w1", "delivered", 4), ("w1", "delivered", 7))
    assert state.reports["w1"].at == {"delivered": START + 4, "sent": START + 1}


def test_a_report_told_twice_is_one_report() -> None:
    assert thread(("w1", "sent", 1), ("w1", "sent", 1)).reports.keys() == {"w1"}


def test_an_unknown_status_is_below_every_known_one() -> None:
    assert thread(("w1", "warmed", 1), ("w1", "failed", 2)).reports["w1"].status == "failed"


def test_a_report_finds_its_line_by_id() -> None:
    lines = [*sent(0), Outgoing(2, "w2", START + 5)]
    assert bind(lines, thread(("w2", "read", 6))) == {2: Bound("read", False)}


def test_a_report_without_a_known_id_takes_the_oldest_line_without_one_and_says_so() -> None:
    assert bind(sent(0, 5), thread(("w1", "sent", 6))) == {1: Bound("sent", True)}


def test_later_reports_follow_their_id() -> None:
    state = thread(("w1", "sent", 1), ("w2", "sent", 6), ("w1", "read", 20), ("w2", "delivered", 8))
    assert statuses(sent(0, 5), state) == {1: "read", 2: "delivered"}


def test_reports_are_bound_in_the_order_of_their_first_time_whatever_came_first() -> None:
    reports = [("w1", "sent", 1.0), ("w2", "sent", 6.0), ("w1", "delivered", 2.0), ("w2", "read", 9.0)]
    for order in itertools.permutations(reports):
        assert statuses(sent(0, 5), thread(*order)) == {1: "delivered", 2: "read"}


def test_more_reports_than_lines_leave_reports_over() -> None:
    assert statuses(sent(0), thread(("w1", "sent", 1), ("w2", "sent", 2))) == {1: "sent"}


@pytest.mark.parametrize(("late", "taken"), [(0, True), (OVERTAKE_S, True), (OVERTAKE_S + 1, False)])
def test_a_report_may_overtake_its_line_by_a_minute(late, taken) -> None:
    assert bool(bind(sent(late), thread(("w1", "sent", 0)))) is taken


@pytest.mark.parametrize(("late", "taken"), [(WINDOW_S, True), (WINDOW_S + 1, False)])
def test_a_report_is_bound_to_lines_of_the_last_day_only(late, taken) -> None:
    assert bool(bind(sent(0), thread(("w1", "sent", late)))) is taken


def test_a_line_too_old_is_passed_over() -> None:
    assert statuses(sent(0, WINDOW_S), thread(("w1", "sent", WINDOW_S + 10))) == {2: "sent"}


def test_a_line_that_turns_out_to_have_the_id_takes_its_report_back() -> None:
    state = thread(("w2", "read", 6))
    assert statuses(sent(0), state) == {1: "read"}
    assert statuses([*sent(0), Outgoing(2, "w2", START + 5)], state) == {2: "read"}


def test_why_a_message_failed_is_kept_until_something_shows_that_it_arrived() -> None:
    state = ThreadState()
    failure = WhatsAppDelivered(agent="frontdesk", contact="447700900983", status="failed", message_id="w1", error="Not on WhatsApp")
    reduce_thread(state, failure, stamp_of(START + 5, None, 1, ARRIVALS))
    assert bind(sent(0), state) == {1: Bound("failed", True, "Not on WhatsApp")}
    reduce_thread(
        state,
        WhatsAppDelivered(agent="frontdesk", contact="447700900983", status="read", message_id="w1"),
        stamp_of(START + 9, None, 2, ARRIVALS),
    )
    assert bind(sent(0), state) == {1: Bound("read", True)}
