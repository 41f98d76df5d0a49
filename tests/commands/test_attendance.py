"""What answering does to presence, and what a browser that is gone does to what its operator holds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callcenter.calls.models import Call
from callcenter.commands import relay
from callcenter.commands.models import Takeover
from callcenter.commands.takeover import Actor, hand_back, reassign, take_over, undo
from callcenter.operators import presence
from callcenter.operators.models import AuditLine, Operator, Presence, Team
from tests.factories import make_agent, make_call, make_connection, make_contact, make_thread

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 14, 0, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def state_of(operator: Operator) -> str:
    return Presence.objects.get(operator=operator).state


@pytest.fixture
def call(north: Team) -> Call:
    return make_call("CA1", make_agent(connection=make_connection(team=north)))


@pytest.fixture
def thread(north: Team) -> Any:
    agent = make_agent("shop", make_connection(team=north))
    thread = make_thread(agent, make_contact("447700900983", team=north))
    make_call("wa-1", agent, channel="whatsapp", thread=thread)
    return thread


def test_a_voice_call_is_on_call_and_after_it_comes_wrap_up(oskar: Operator, call: Call):
    taken = take_over(call, Actor(oskar, NOW), call.fence)
    assert state_of(oskar) == "on_call"
    hand_back(taken, Actor(oskar, later(5)), taken.fence)
    assert state_of(oskar) == "wrap_up"


def test_a_written_conversation_leaves_people_ready(oskar: Operator, thread: Any):
    presence.set_by_hand(oskar, "ready", "", NOW)
    take_over(thread, Actor(oskar, NOW), thread.fence)
    assert state_of(oskar) == "ready"


def test_the_end_of_the_call_leads_to_wrap_up_and_the_relay_to_ready(oskar: Operator, call: Call, settings):
    settings.WRAP_UP_S = 60
    presence.set_by_hand(oskar, "ready", "", NOW)
    take_over(call, Actor(oskar, NOW), call.fence)
    presence.seen([oskar.pk], later(100))
    Call.objects.update(status="completed")
    relay.tick(later(30))
    assert state_of(oskar) == "wrap_up"
    relay.tick(later(89))
    assert state_of(oskar) == "wrap_up"
    relay.tick(later(90))
    assert state_of(oskar) == "ready"


def test_whoever_still_talks_elsewhere_does_not_wrap_up(oskar: Operator, call: Call):
    other = make_call("CA2", call.agent)
    take_over(other, Actor(oskar, NOW), other.fence)
    taken = take_over(call, Actor(oskar, NOW), call.fence)
    hand_back(taken, Actor(oskar, NOW), taken.fence)
    assert state_of(oskar) == "on_call"


def test_a_call_given_to_somebody_else_changes_both(oskar: Operator, supervisor: Operator, call: Call):
    taken = take_over(call, Actor(oskar, NOW), call.fence)
    reassign(taken, supervisor, Actor(supervisor, NOW), taken.fence)
    assert (state_of(oskar), state_of(supervisor)) == ("wrap_up", "on_call")


def test_an_undone_takeover_leaves_no_trace_in_presence(oskar: Operator, call: Call):
    presence.set_by_hand(oskar, "not_ready", "Training", NOW)
    taken = take_over(call, Actor(oskar, NOW), call.fence)
    undo(taken, Actor(oskar, later(5)), taken.fence)
    assert state_of(oskar) == "not_ready"


def test_who_is_gone_gives_up_what_they_hold_visibly(oskar: Operator, ines: Operator, call: Call, thread: Any, settings):
    settings.AWAY_AFTER_S = 120
    for held in (call, thread):
        take_over(held, Actor(oskar, NOW), held.fence)
    other = make_call("CA2", call.agent)
    take_over(other, Actor(ines, NOW), other.fence)
    presence.seen([oskar.pk], NOW)
    presence.seen([ines.pk], later(100))
    relay.tick(later(120))
    assert Call.objects.filter(holder=oskar).exists()
    relay.tick(later(121))
    call.refresh_from_db()
    thread.refresh_from_db()
    assert (call.holder, thread.holder, call.fence, thread.fence) == (None, None, 2, 2)
    assert set(Takeover.objects.filter(operator=oskar).values_list("ended_how", flat=True)) == {"given_up"}
    assert AuditLine.objects.filter(action="give_up", detail__operator="oskar").count() == 2
    assert Call.objects.get(call_uuid="CA2").holder == ines
    assert state_of(oskar) == "wrap_up"
    assert relay.tick(later(122)) == 0


def test_who_got_it_only_just_now_keeps_it_a_while(oskar: Operator, supervisor: Operator, call: Call, settings):
    settings.AWAY_AFTER_S = 120
    presence.seen([oskar.pk], NOW)
    reassign(call, oskar, Actor(supervisor, later(1000)), call.fence)
    relay.tick(later(1001))
    assert Call.objects.filter(holder=oskar).exists()
    relay.tick(later(1121))
    assert not Call.objects.filter(holder=oskar).exists()
