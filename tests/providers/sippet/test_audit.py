"""What the AI agent did: tools, steps and tokens."""

from typing import Any

from callcenter.domain.events.work import AuditRecorded, Tool, ToolResult
from callcenter.providers.decode import decode
from tests.providers.contract import sample

RECORDS = [decode("sippet", frame) for frame in sample("sippet-flat") if frame["event"] == "call_ai_audit_event"]


def recorded(**fields: Any) -> AuditRecorded:
    event = decode("sippet", {"event": "call_ai_audit_event", "callUuid": "u-1", **fields}).event
    assert isinstance(event, AuditRecorded)
    return event


def test_a_tool_that_answered_has_arguments_and_a_result() -> None:
    event = RECORDS[0].event
    assert isinstance(event, AuditRecorded)
    assert (event.id, event.type, event.at) == ("a1f0c5d2-11b7-4c9e-9e2a-40d7b6e83c11", "tool_call", 1782914540.0)
    assert event.tool == Tool(id="tc_901", name="find_engineer", arguments={"postal_code": "30303"})
    assert event.result == ToolResult(id="tc_901", result={"engineer": "Dana", "eta_minutes": 40})
    assert (event.data["state_label"], event.data["step_index"], event.data["payload"]) == ("Triage", 2, {"latencyMs": 210})
    assert RECORDS[0].agent == "3c58e1aa-7b02-4d6f-8f13-20b9d4c7e6a5"


def test_tokens_are_data_under_their_snake_case_names() -> None:
    event = RECORDS[1].event
    assert isinstance(event, AuditRecorded)
    assert (event.tool, event.result) == (None, None)
    assert (event.data["total_tokens"], event.data["input_audio_tokens"], event.data["payload"]) == (1840, 960, {"window": "turn"})


def test_a_tool_that_failed_has_its_error_as_result() -> None:
    event = RECORDS[2].event
    assert isinstance(event, AuditRecorded)
    assert event.result == ToolResult(id="tc_902", result={"error": "calendar timeout"}, failed=True)


def test_a_tool_that_only_ran_has_no_result_yet() -> None:
    event = RECORDS[3].event
    assert isinstance(event, AuditRecorded)
    assert event.tool == Tool(id="tc_903", name="send_survey", arguments={"channel": "sms"})
    assert event.result is None


def test_arguments_may_only_be_there_as_text() -> None:
    tool = recorded(id="a", toolName="find", toolArgumentsRaw='{"day":"monday"}').tool
    assert tool == Tool(id="a", name="find", arguments={"day": "monday"})


def test_a_failure_that_is_no_tool_is_no_result() -> None:
    event = recorded(id="a", eventType="handover", success=False, error="nobody there")
    assert (event.tool, event.result, event.data) == (None, None, {"success": False, "error": "nobody there"})


def test_a_record_nested_under_its_own_name_is_the_same() -> None:
    fields = {"id": "a", "eventType": "tool_call", "toolName": "find", "payload": {"latencyMs": 2}}
    nested = decode("sippet", {"event": "call_ai_audit_event", "call": {"call_uuid": "u-1"}, "auditEvent": fields}).event
    assert nested == recorded(**fields)


def test_a_record_without_id_is_known_by_what_it_says() -> None:
    first = recorded(eventType="tool_call", toolCallId="t", occurredAt="2026-07-01T14:02:20Z")
    assert first.id == "tool_call:t:1782914540.0"
    assert recorded(eventType="step", stepIndex=1).id == recorded(eventType="step", step_index=1).id
    assert recorded(eventType="step", stepIndex=1).id != recorded(eventType="step", stepIndex=2).id


def test_a_composed_id_is_no_id_of_the_frame() -> None:
    decoded = decode("sippet", {"event": "call_ai_audit_event", "callUuid": "u-1", "eventType": "step", "stepIndex": 1})
    assert not decoded.identified
