"""Sippet calls: legs, pieces of speech, and the trail of the agent."""

import pytest

from callcenter.providers.simulator.world import Plan
from tests.providers.simulator.worlds import Scene, flat


@pytest.fixture(scope="module")
def calls():
    scene = Scene(Plan(calls=30, rate=15, speed=2, meters=0), providers=("sippet",)).play(200)
    return [[(one.event, flat(one.fields)) for one in said] for scope, said in scene.by_call().items() if scope != "control"]


def test_a_call_is_announced_answered_and_ended(calls):
    over = [call for call in calls if "call_ended" in dict(call)]
    assert len(over) > 50
    answered = [call for call in over if "call_answered" in dict(call)]
    assert len(answered) > len(over) * 0.7
    announced = [call for call in over if call[0][0] == "incoming_call"]
    assert len(over) > len(announced) > len(over) * 0.8


def test_the_caller_comes_first_and_the_agent_when_it_is_answered(calls):
    for call in calls:
        roles = [fields["role"] for event, fields in call if event == "call_participant_joined"]
        assert roles[:2] in (["caller"], ["caller", "ai_agent"])


def test_pieces_make_up_the_completed_text_or_are_corrected_by_it(calls):
    same = corrected = 0
    for call in calls:
        heard = ""
        for event, fields in call:
            if event == "call_transcript_delta":
                heard += fields["delta"]
            elif event == "call_transcript_completed":
                same += heard == fields["text"]
                corrected += heard != fields["text"]
                heard = ""
    assert same > 300
    assert 0 < corrected < same / 5


def test_the_trail_shows_tools_failures_tokens_and_progress(calls):
    trail = [fields for call in calls for event, fields in call if event == "call_ai_audit_event"]
    kinds = {fields["event_type"] for fields in trail}
    assert kinds == {"tool_call", "token_usage"}
    assert any(not fields["success"] and fields["error"] for fields in trail)
    for fields in trail:
        assert fields["step_index"] <= fields["total_steps"]
        assert 0 <= fields["progress_percent"] <= 100
        if fields["event_type"] == "token_usage":
            assert fields["total_tokens"] == fields["input_tokens"] + fields["output_tokens"]
    assert len({fields["id"] for fields in trail}) == len(trail)


def test_an_operator_takes_over_in_some_calls(calls):
    taken = [call for call in calls if any(fields.get("role") == "operator" for _, fields in call)]
    assert taken
    for call in taken:
        roles = [(event, fields["role"]) for event, fields in call if event.startswith("call_participant")]
        joined = roles.index(("call_participant_joined", "operator"))
        assert roles[joined + 1] == ("call_participant_left", "ai_agent")


def test_an_end_may_be_told_twice_and_an_answer_may_come_after_it(calls):
    ends = [[event for event, _ in call if event in ("call_ended", "call_answered")] for call in calls]
    assert any(listed[-2:] == ["call_ended", "call_ended"] for listed in ends)
    assert any(listed[-2:] == ["call_ended", "call_answered"] for listed in ends)


def test_some_calls_go_without_item_ids_and_some_write_epoch_times(calls):
    completed = [fields for call in calls for event, fields in call if event == "call_transcript_completed"]
    assert any("item_id" in fields for fields in completed)
    assert any("item_id" not in fields for fields in completed)
    assert {type(fields["occurred_at"]) for fields in completed} == {str, int}
