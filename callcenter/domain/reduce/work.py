"""Tools, audit events, notes."""

from callcenter.domain.events.base import Stamp
from callcenter.domain.events.work import AuditRecorded, Noted, Tool, ToolResult, ToolsCalled, ToolsReturned
from callcenter.domain.reduce.common import Handlers, newer
from callcenter.domain.reduce.notes import note
from callcenter.domain.state import CallState, Moment, ToolRow


def _called(state: CallState, event: ToolsCalled, stamp: Stamp) -> None:
    state.activity = "thinking"
    for tool in event.tools:
        _call(state, f"{event.group}:{tool.id}", tool, stamp)


def _returned(state: CallState, event: ToolsReturned, stamp: Stamp) -> None:
    for result in event.results:
        _return(state, f"{event.group}:{result.id}", result, stamp)


def _row(state: CallState, key: str, tool_id: str) -> ToolRow:
    key = key[:260]
    row = state.tools.get(key)
    if row is None:
        row = state.tools[key] = ToolRow(key, tool_id)
    return row


def _call(state: CallState, key: str, tool: Tool, stamp: Stamp) -> None:
    row = _row(state, key, tool.id)
    if tool.name and newer(stamp, row.named):
        row.name, row.named = tool.name, stamp
    if tool.arguments is not None and newer(stamp, row.told):
        row.arguments, row.told = tool.arguments, stamp
    if row.stamp is None or stamp < row.stamp:
        row.stamp = stamp


def _return(state: CallState, key: str, result: ToolResult, stamp: Stamp) -> None:
    row = _row(state, key, result.id)
    if not newer(stamp, row.done):
        return
    row.result, row.done = result.result, stamp
    row.state = "confidential" if result.confidential else "failed" if result.failed else "done"


def _audited(state: CallState, event: AuditRecorded, stamp: Stamp) -> None:
    if event.id not in state.audit or stamp < state.audit[event.id].stamp:
        state.audit[event.id] = Moment(event.id, event.type, event.data, stamp, event.at)
    if event.tool:
        _call(state, f"audit:{event.tool.id}", event.tool, stamp)
    if event.result:
        _return(state, f"audit:{event.result.id}", event.result, stamp)


def _noted(state: CallState, event: Noted, stamp: Stamp) -> None:
    note(state, event.kind, event.key, event.data, stamp)


HANDLERS: Handlers = {
    ToolsCalled: _called,
    ToolsReturned: _returned,
    AuditRecorded: _audited,
    Noted: _noted,
}
