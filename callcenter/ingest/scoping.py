"""Which scope each frame belongs to, also when an older server leaves out the agent or the contact. Contract G.8."""

from collections.abc import Iterable

from callcenter.calls.folding import Folder
from callcenter.calls.models import Agent
from callcenter.domain.decoded import Decoded
from callcenter.domain.events.base import AgentEvent, ThreadEvent
from callcenter.domain.state import CallState
from callcenter.ingest.message import Source
from callcenter.journal.scopes import agent_scope, scope_of, thread_scope


class Scoping:
    """Made for one batch, when its calls are locked: the call tells what its frame does not say, else the connection does."""

    def __init__(self, folder: Folder, frames: Iterable[tuple[Source, Decoded]]) -> None:
        self.folder = folder
        self.only = _only_agents({source.id for source, decoded in frames if _lacks_agent(decoded)})
        self.agents: set[tuple[int, str]] = set()
        self.threads: set[tuple[int, str, str]] = set()

    def scope(self, source: Source, decoded: Decoded) -> str:
        """The scope of this frame; agents and threads that it touches are remembered, to be locked."""
        event = decoded.event
        if not isinstance(event, AgentEvent | ThreadEvent):
            return scope_of(event, decoded.call, source.id)
        known = self._known(source, decoded.call)
        agent = event.agent or (known.agent if known is not None else "") or self.only.get(source.id, "")
        if not agent:
            return scope_of(None, decoded.call, source.id)
        if isinstance(event, AgentEvent):
            self.agents.add((source.id, agent))
            return agent_scope(source.id, agent)
        contact = event.contact or (known.contact if known is not None else "")
        if not contact:
            return scope_of(None, decoded.call, source.id)
        self.threads.add((source.id, agent, contact))
        return thread_scope(source.id, agent, contact)

    def _known(self, source: Source, call: str) -> CallState | None:
        """What is known of a call, unless it is another connection's."""
        kept = self.folder.call(call) if call else None
        return kept.state if kept is not None and kept.owner in (0, source.id) else None


def _lacks_agent(decoded: Decoded) -> bool:
    return isinstance(decoded.event, AgentEvent | ThreadEvent) and not decoded.event.agent


def _only_agents(connections: set[int]) -> dict[int, str]:
    """Connection id -> the slug of its agent, where it has only one."""
    slugs: dict[int, list[str]] = {}
    if connections:
        for connection, slug in Agent.objects.filter(connection__in=connections).values_list("connection_id", "slug"):
            slugs.setdefault(connection, []).append(slug)
    return {connection: found[0] for connection, found in slugs.items() if len(found) == 1}
