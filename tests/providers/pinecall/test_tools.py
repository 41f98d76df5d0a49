"""Tools the model asked for, what they returned, and what must not be stored."""

import json
from typing import Any

from callcenter.domain.decoded import Decoded
from callcenter.domain.events.work import Noted, Tool, ToolResult, ToolsCalled, ToolsReturned
from callcenter.providers.decode import decode


def called(*calls: Any) -> tuple[Tool, ...]:
    event = decode("pinecall", {"event": "llm.toolCall", "callId": "CA1", "msgId": "m1", "toolCalls": list(calls)}).event
    assert isinstance(event, ToolsCalled)
    assert event.group == "m1"
    return event.tools


def returning(*results: Any, **around: Any) -> Decoded:
    return decode("pinecall", {"event": "llm.tool_result", "call_id": "CA1", "msg_id": "m1", "results": list(results), **around})


def results(decoded: Decoded) -> tuple[ToolResult, ...]:
    assert isinstance(decoded.event, ToolsReturned)
    return decoded.event.results


def test_both_nested_shapes_of_a_tool_call_are_read() -> None:
    flat = {"id": "c1", "name": "services", "arguments": '{"age":"child"}'}
    nested = {"id": "c1", "function": {"name": "services", "arguments": '{"age":"child"}'}}
    assert called(flat) == called(nested) == (Tool(id="c1", name="services", arguments={"age": "child"}),)


def test_arguments_that_are_no_json_are_kept_as_text() -> None:
    assert called({"id": "c1", "name": "find", "arguments": '{"day": '})[0].arguments == '{"day": '
    assert called({"id": "c1", "name": "find", "arguments": {"camelCase": 1}})[0].arguments == {"camelCase": 1}
    assert called({"id": "c1", "name": "find"})[0].arguments is None


def test_arguments_are_bounded_in_depth_and_size() -> None:
    bottomless = "[" * 100_000 + "]" * 100_000
    assert called({"id": "c1", "name": "find", "arguments": bottomless})[0].arguments == bottomless
    long = json.dumps(["x" * 1024] * 300)
    assert called({"id": "c1", "name": "find", "arguments": long})[0].arguments == long
    assert called({"id": "c1", "name": "find", "arguments": '{"a\\u0000":"\\u0000b"}'})[0].arguments == {"a": "b"}


def test_what_is_no_tool_call_is_left_out() -> None:
    assert called("x", 5, {"id": "c1", "name": "find"}) == (Tool(id="c1", name="find"),)
    assert decode("pinecall", {"event": "llm.toolCall", "callId": "CA1", "toolCalls": {"id": "c1"}}).event is None


def test_tool_calls_without_ids_are_told_apart_by_their_place() -> None:
    assert [tool.id for tool in called({"name": "a"}, {"name": "b"})] == ["#0", "#1"]


def test_a_result_with_an_error_is_a_failure() -> None:
    good = {"tool_call_id": "c1", "result": {"slots": []}}
    bad = {"toolCallId": "c2", "result": {"error": "slot taken"}}
    assert results(returning(good, bad, "nonsense", {"result": 1})) == (
        ToolResult(id="c1", result={"slots": []}),
        ToolResult(id="c2", result={"error": "slot taken"}, failed=True),
    )


def test_an_empty_error_field_is_no_failure() -> None:
    assert not results(returning({"tool_call_id": "c1", "result": {"error": None, "slots": []}}))[0].failed


def test_confidential_results_are_neither_in_the_event_nor_in_the_stored_frame() -> None:
    read = returning({"tool_call_id": "c1", "result": {"pin": "4711"}, "ephemeral": True}, {"tool_call_id": "c2", "result": "open"})
    assert results(read) == (ToolResult(id="c1", confidential=True), ToolResult(id="c2", result="open"))
    assert "4711" not in str(read)
    assert read.frame["results"][1]["result"] == "open"


def test_a_confidential_failure_is_still_a_failure_when_read_from_the_journal() -> None:
    read = returning({"tool_call_id": "c1", "result": {"error": "wrong pin 4711"}, "ephemeral": 1})
    assert results(read) == (ToolResult(id="c1", failed=True, confidential=True),)
    assert "4711" not in str(read)
    assert decode("pinecall", read.frame).event == read.event


def test_confidential_results_leave_every_envelope() -> None:
    inner = {"event": "llm.toolResult", "callId": "CA1", "results": [{"tool_call_id": "c1", "result": "4711", "ephemeral": True}]}
    for frame in (
        {"seq": 1, "frame": inner},
        {"event": "llm.toolResult", "data": inner},
        {"event": "llm.toolResult", "data": json.dumps(inner)},
        {**inner, "results": inner["results"][0]},
        {**inner, "callId": 5},
    ):
        assert "4711" not in str(decode("pinecall", frame))


def test_skills_and_slow_answers_are_notes_with_a_key() -> None:
    def note(event: str, **fields: Any) -> Noted:
        found = decode("pinecall", {"event": event, "call_id": "CA1", **fields}).event
        assert isinstance(found, Noted)
        return found

    loaded = note("skill.loaded", skill="rescheduling", by="model", seq=52)
    assert (loaded.kind, loaded.key, loaded.data) == ("skill_loaded", "rescheduling:52", {"skill": "rescheduling", "by": "model"})
    assert note("skill.unloaded", skill="rescheduling").key == "rescheduling:"
    late = note("llm.preparing_timeout", turn=2, waitedMs=150)
    assert (late.kind, late.key, late.data) == ("preparing_timeout", "2", {"turn": 2, "waited_ms": 150})
    learnt = note("memory.ops", ops=[{"op": "add", "id": "mem_12"}, {"id": "mem_13"}, 5], turn=1)
    assert (learnt.kind, learnt.key) == ("memory", "mem_12,mem_13")
    assert note("memory.ops", turn=1).key == "turn 1"


def test_a_wrapper_tells_two_loads_of_a_skill_apart() -> None:
    frame = {"event": "skill.loaded", "skill": "booking", "callId": "CA1"}
    first, second = (decode("pinecall", {"seq": seq, "frame": frame}).event for seq in (4, 9))
    assert isinstance(first, Noted)
    assert isinstance(second, Noted)
    assert (first.key, second.key) == ("booking:4", "booking:9")
