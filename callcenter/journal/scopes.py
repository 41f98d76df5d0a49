"""Scopes: each frame belongs to exactly one call, thread, agent or connection."""

from callcenter.domain.events.base import AgentEvent, CallEvent, ConnectionEvent, Event, ThreadEvent


def call_scope(call: str) -> str:
    return f"call:{call}"


def agent_scope(connection: int, agent: str) -> str:
    return f"agent:{connection}:{agent}"


def thread_scope(connection: int, agent: str, digits: str) -> str:
    return f"thread:{connection}:{agent[:180]}:{digits[:40]}"


def connection_scope(connection: int) -> str:
    return f"conn:{connection}"


def scope_of(event: Event | None, call: str, connection: int) -> str:
    """Where a frame belongs: by its event, else by the call it names, else to its connection."""
    if isinstance(event, CallEvent):
        return call_scope(event.call)
    if isinstance(event, ConnectionEvent):
        return connection_scope(connection)
    if isinstance(event, ThreadEvent) and event.agent and event.contact:
        return thread_scope(connection, event.agent, event.contact)
    if isinstance(event, AgentEvent) and event.agent:
        return agent_scope(connection, event.agent)
    return call_scope(call) if call else connection_scope(connection)
