"""Sippet's operator actions: refused in words, or confirmed by what happens."""

import pytest

from callcenter.providers.simulator.world import Plan
from tests.providers.simulator.worlds import SIPPET, Scene, flat


@pytest.fixture
def scene():
    return Scene(Plan(calls=10, rate=50, meters=0), providers=("sippet",), seed="actions").play(20)


def live(scene):
    return next(call for call in scene.world.talking if call.flags.live and not call.flags.taken)


def act(scene, action, wait=3.0, **given):
    scene.forget()
    answer = scene.world.command(SIPPET, {"id": f"{action} {scene.world.scheduler.now}", "command": {"action": action, "input": given}})
    scene.play(scene.world.scheduler.now + wait)
    return answer


def about(scene, call):
    return [(one.event, flat(one.fields).get("role")) for one in scene.said() if one.frame.scope == call.identity.call_id]


def test_an_operator_takes_a_call_over_and_gives_it_back(scene):
    call = live(scene)
    assert act(scene, "barge_call", callUuid=call.identity.call_id, sipUserId="op.lena")["status"] == "sent"
    said = about(scene, call)
    joined = said.index(("call_participant_joined", "operator"))
    assert said[joined + 1] == ("call_participant_left", "ai_agent")
    scene.forget()
    scene.play(scene.world.scheduler.now + 40)
    roles = {role for event, role in about(scene, call) if event == "call_transcript_completed"}
    assert roles <= {"operator", "user"}
    assert "operator" in roles
    act(scene, "resume_ai_call", callUuid=call.identity.call_id)
    assert {("call_participant_joined", "ai_agent"), ("call_participant_left", "operator")} <= set(about(scene, call))


def test_a_call_is_ended(scene):
    call = live(scene)
    act(scene, "end_call", callUuid=call.identity.call_id)
    assert ("call_ended", None) in about(scene, call)
    assert call not in scene.world.talking


def test_an_outbound_call_is_a_new_incoming_call_event(scene):
    assert act(scene, "start_outbound_call", toNumber="+14045550123", fromNumber="+14045550100", wait=15)["status"] == "sent"
    said = [flat(one.fields) for one in scene.said("incoming_call")]
    assert any(fields["to_number"] == "+14045550123" and fields["direction"] == "outbound" for fields in said)


@pytest.mark.parametrize(
    ("action", "given", "words"),
    [
        ("barge_call", {"callUuid": "unknown"}, "not_found"),
        ("end_call", {}, "callUuid is required"),
        ("start_outbound_call", {}, "toNumber is required"),
        ("hold_call", {"callUuid": "x"}, "action_not_found"),
    ],
)
def test_refusals_say_why(scene, action, given, words):
    answer = act(scene, action, **given)
    assert answer["status"] == "failed"
    assert words in answer["error"]


def test_the_opposite_of_an_end_is_no_end():
    scene = Scene(Plan(calls=10, rate=50, meters=0, conduct=("contradict",)), providers=("sippet",), seed="actions").play(20)
    call = live(scene)
    act(scene, "end_call", callUuid=call.identity.call_id, wait=1)
    assert ("call_ended", None) not in about(scene, call)
    assert call in scene.world.talking
