"""What the agent did besides talking: tools, audit events, notes."""

from typing import Any

from msgspec import Struct

from callcenter.domain.events.base import CallEvent


class Tool(Struct, frozen=True, kw_only=True):
    """One tool the model asked for. ``arguments``: any JSON, or the text when it was not valid JSON."""

    id: str
    name: str
    arguments: Any = None


class ToolResult(Struct, frozen=True, kw_only=True):
    """``result``: any JSON; ``failed`` when it carries an error; a ``confidential`` result is not kept."""

    id: str
    result: Any = None
    failed: bool = False
    confidential: bool = False


class ToolsCalled(CallEvent, frozen=True, kw_only=True):
    group: str  # the provider's msg_id
    tools: tuple[Tool, ...]


class ToolsReturned(CallEvent, frozen=True, kw_only=True):
    group: str
    results: tuple[ToolResult, ...]


class AuditRecorded(CallEvent, frozen=True, kw_only=True):
    """Sippet: what the agent did. ``id`` is never empty; ``data`` keeps every other field under its snake_case name."""

    id: str
    type: str
    at: float | None = None
    tool: Tool | None = None
    result: ToolResult | None = None
    data: dict[str, Any]


class Noted(CallEvent, frozen=True, kw_only=True):
    """Something worth a line in the timeline and nothing else.

    ``kind``: skill_loaded, skill_unloaded, preparing_timeout, memory, summary ...; ``key`` makes it idempotent in its kind.
    """

    kind: str
    key: str
    data: dict[str, Any]
