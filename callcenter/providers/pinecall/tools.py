"""Tools the model asked for and what they returned: D24, D47, I.3."""

from typing import Any

from callcenter.domain.events.base import Event
from callcenter.domain.events.work import Tool, ToolResult, ToolsCalled, ToolsReturned
from callcenter.providers.envelope import parse_json
from callcenter.providers.pinecall.fields import Who
from callcenter.providers.values import mapping, name, storable, text

Body = dict[str, Any]
ARGUMENT_CHARS = 256 * 1024


def called(body: Body, who: Who) -> Event | None:
    calls = body.get("tool_calls")
    tools = [tool_of(call, place) for place, call in enumerate(calls) if type(call) is dict] if type(calls) is list else []
    return ToolsCalled(**who.fields, group=name(body.get("msg_id")), tools=tuple(tools)) if tools else None


def called_once(body: Body, who: Who) -> Event | None:
    """The call log's ``tool.call``: one tool, without a group."""
    tool = tool_of(body, 0)
    return ToolsCalled(**who.fields, group=name(body.get("msg_id")), tools=(tool,)) if tool.name else None


def tool_of(call: Body, place: int) -> Tool:
    """``{id, name, arguments}`` or ``{id, function: {name, arguments}}``; a call without id is known by its place."""
    function = mapping(call.get("function")) or {}
    given = next((source[key] for source in (call, function) for key in ("arguments", "args") if key in source), None)
    return Tool(
        id=tool_id(call) or f"#{place}",
        name=name(call.get("name")) or name(function.get("name")),
        arguments=arguments(given),
    )


def arguments(given: Any) -> Any:
    """Parsed when they are the text of JSON that is not absurdly long, else as they are."""
    if type(given) is not str:
        return given
    if len(given) > ARGUMENT_CHARS:
        return text(given)
    return storable(parse_json(given))


def tool_id(entry: Body) -> str:
    return name(entry.get("tool_call_id")) or name(entry.get("toolCallId")) or name(entry.get("id"))


def returned(body: Body, who: Who) -> Event | None:
    entries = body.get("results")
    everything = bool(body.get("ephemeral"))
    results = [_result(entry, everything) for entry in entries if type(entry) is dict and tool_id(entry)] if type(entries) is list else []
    return ToolsReturned(**who.fields, group=name(body.get("msg_id")), results=tuple(results)) if results else None


def returned_once(body: Body, who: Who) -> Event | None:
    """The call log's ``tool.result``."""
    return ToolsReturned(**who.fields, group=name(body.get("msg_id")), results=(_result(body, False),)) if tool_id(body) else None


def _result(entry: Body, confidential: bool) -> ToolResult:
    confidential = confidential or bool(entry.get("ephemeral"))
    error = entry.get("error")
    result = entry.get("result")
    failed = has_failed(result) or error is not None
    if confidential:
        return ToolResult(id=tool_id(entry), failed=failed or entry.get("failed") is True, confidential=True)
    return ToolResult(id=tool_id(entry), result={"error": error} if result is None and error is not None else result, failed=failed)


def has_failed(result: Any) -> bool:
    """A result that is an object with an error is a failure."""
    return type(result) is dict and result.get("error") not in (None, False)


def without_confidential(value: Any, inherited: bool = False) -> Any:
    """The frame without results marked ``ephemeral``: of a failed one only ``"failed": true`` is left."""
    if type(value) is list:
        return [without_confidential(item, inherited) for item in value]
    if type(value) is not dict:
        return value
    secret = inherited or bool(value.get("ephemeral"))
    kept = {key: item if key == "result" else without_confidential(item, secret) for key, item in value.items()}
    if secret and ("result" in kept or "error" in kept):
        if has_failed(kept.pop("result", None)) or kept.pop("error", None) is not None:
            kept["failed"] = True
        kept.pop("error", None)
    return kept
