"""The states of a command: law 8, in any order of what may happen to it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.calls.models import Call
from callcenter.commands import outbox
from callcenter.commands.models import Command
from callcenter.commands.outbox import Target, enqueue
from callcenter.domain.commands.order import Order, Verb
from callcenter.operators.models import Operator
from tests.factories import make_agent, make_call

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 14, 0, tzinfo=UTC)
# What may follow what. A command that is final goes nowhere.
FOLLOWS = {
    "pending": {"sending", "failed"},
    "sending": {"sent", "unknown", "confirmed", "failed"},
    "sent": {"sent", "confirmed", "not_confirmed", "failed"},
    "not_confirmed": {"confirmed", "failed", "sent"},
    "unknown": {"confirmed", "failed", "sent"},
    "confirmed": set(),
    "failed": set(),
}


def waiting(key: str = "", expires_s: float = 15) -> Command:
    call = Call.objects.first() or make_call(agent=make_agent())
    order = Order(verb=Verb.HOLD, agent="frontdesk", call=call.call_uuid)
    command, _ = enqueue(order, Target(call.connection, call.agent, call=call), now=NOW, key=key, expires_s=expires_s)
    return command


def state_of(command: Command) -> str:
    command.refresh_from_db()
    return command.state


STEPS = {
    "claim": lambda command, at: outbox.claim(command, uuid4(), at),
    "too late": lambda command, at: outbox.never_left(command, command.socket or uuid4(), Command.Failure.EXPIRED, at),
    "mark": outbox.mark_sent,
    "refuse": lambda command, at: outbox.refuse(command.pk, command.connection_id, "no", at),
    "confirm": outbox.confirm,
    "begin": outbox.begin,
    "cancel": outbox.cancel,
    "expire": lambda _, at: outbox.expire(at),
    "leases": lambda _, at: outbox.give_up_leases(at),
    "time out": lambda _, at: outbox.time_out(at),
}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 30)), max_size=12))
def test_whatever_happens_a_command_goes_only_where_it_may_and_is_claimed_once(steps: list[tuple[str, int]]) -> None:
    command, at, claims = waiting(), NOW, 0
    state = state_of(command)
    for name, seconds in steps:
        at += timedelta(seconds=seconds)
        moved = STEPS[name](command, at)
        claims += bool(moved) and name == "claim"
        after = state_of(command)
        assert after == state or after in FOLLOWS[state]
        assert not (name == "claim" and moved and at >= command.expires_at)
        state = after
    assert claims <= 1


def test_the_same_form_sent_twice_is_one_command() -> None:
    assert waiting("once").pk != waiting("twice").pk
    with_operator = [enqueue_as_somebody() for _ in range(2)]
    assert with_operator[0].pk == with_operator[1].pk


def enqueue_as_somebody() -> Command:
    operator, _ = Operator.objects.get_or_create(username="oskar")
    call = Call.objects.first() or make_call(agent=make_agent())
    order = Order(verb=Verb.HOLD, agent="frontdesk", call=call.call_uuid)
    command, _ = enqueue(order, Target(call.connection, call.agent, call=call), now=NOW, operator=operator, key="same")
    return command


@pytest.mark.parametrize(("asked", "given"), [(15, 15), (600, 60), (0, 1)])
def test_it_expires_after_a_minute_at_most(asked: float, given: float) -> None:
    assert waiting(expires_s=asked).expires_at == NOW + timedelta(seconds=given)


def test_every_change_is_seen_by_who_reads_its_call_by_revision() -> None:
    command = waiting()
    seen = []
    for step in ("claim", "mark", "confirm"):
        STEPS[step](command, NOW)
        seen.append(Call.objects.get().revision)
    assert seen == sorted(set(seen))


def test_two_sockets_that_claim_at_once_do_not_both_send() -> None:
    command = waiting()
    assert [outbox.claim(command, uuid4(), NOW) for _ in range(3)] == [True, False, False]
