"""Calls that a phone line answers first, and the language of a call."""

import pytest

from callcenter.providers.simulator.line import LineCall
from tests.providers.simulator.test_pinecall_commands import Console, names, talking


def at_the_line(call):
    return isinstance(call, LineCall) and call.flags.live and not call.routed


def on(console):
    call = console.until(at_the_line, seconds=600)
    assert call.identity.agent == f"line:{call.identity.to_number}"
    return call


@pytest.mark.parametrize("form", ["stream", "wire"])
def test_an_operator_routes_a_call_to_an_agent_that_greets_as_it_was_told(form):
    console = Console(form=form)
    call = on(console)
    said = console.told(call, "call.route", agent="rivera-home", language="en", greeting="Billing, good morning.", wait=12)
    routed = next(one for one in said if one.event == "call.routed")
    assert (routed.fields["agent"], routed.fields["agent_id"]) == ("rivera-home", f"line:{call.identity.to_number}")
    begun = next(one for one in said if one.event == "call.started")
    assert "rivera-home" in (begun.fields.get("agent_id"), begun.fields.get("agent"))
    assert any(one.fields.get("text") == "Billing, good morning." for one in said if one.event == "bot.speaking")


def test_nobody_who_routes_it_and_the_line_does_so_itself():
    console = Console()
    call = on(console)
    console.scene.play(console.world.scheduler.now + 31)
    assert (call.routed, call.identity.agent) == (True, call.usual)


def test_an_agent_that_nobody_knows_cannot_have_the_call():
    console = Console()
    call = on(console)
    said = console.told(call, "call.route", agent="nobody")
    assert [one.fields["reason"] for one in said if one.event == "call.route_failed"] == ["unknown"]
    assert not call.routed


def test_a_call_that_an_agent_has_is_not_routed_any_more():
    console = Console()
    call = console.until(talking)
    assert not {"call.routed", "call.route_failed"} & set(names(console.told(call, "call.route", agent="rivera-home")))


def test_a_contrary_provider_says_that_the_agent_is_away():
    console = Console(conduct=("contradict",))
    said = console.told(on(console), "call.route", agent="rivera-home")
    assert [one.fields["reason"] for one in said if one.event == "call.route_failed"] == ["offline"]


def test_a_change_of_language_is_confirmed_for_a_running_call_and_for_no_other():
    console = Console(form="wire")
    call = console.until(talking)
    said = console.tell("session.configure", session_id=call.identity.call_id, language="es")
    assert [one.fields["session_id"] for one in said if one.event == "session.configured"] == [call.identity.call_id]
    assert [one.fields["language"] for one in said if one.event == "call.updated"] == ["es"]
    assert call.identity.language == "es"
    assert "session.configured" not in names(console.tell("session.configure", session_id="CA0", language="es"))
