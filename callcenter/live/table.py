"""Every live call, in memory, read by revision: one table for all browsers of a process."""

from collections.abc import Iterable

from callcenter.calls.limits import limits
from callcenter.calls.live_state import LiveCall, store
from callcenter.calls.models import Agent, Call
from callcenter.console.floor import FloorCall, clock, floor_call
from callcenter.console.rows import row_view
from callcenter.journal.models import Connection
from callcenter.journal.revision import current_revision

CONNECTIONS_S = 2.0


class Table:
    """Used by one thread. ``revision``: everything up to it is in the table."""

    def __init__(self) -> None:
        self.calls: dict[str, FloorCall] = {}
        self.agents: dict[int, Agent] = {}
        self.connections: list[Connection] = []
        self.connections_at = 0.0
        self.revision = -1
        self.ended = 0  # counts calls seen ending: whoever counts ended calls looks at it

    def refresh(self, live: Iterable[str]) -> set[str]:
        """Take in what changed since the last time, and live state of these calls; returns the calls that look different."""
        if self.revision < 0:
            return self._load()
        newest = current_revision()
        changed: set[str] = set()
        if newest != self.revision:
            changed |= self._take_agents()
            changed |= self._take_calls()
            self.revision = newest
        changed |= self._take_live(set(live) - changed)
        self._take_connections()
        return changed

    def age(self) -> set[str]:
        """Calls that look different for no other reason than the time of day: they became stale."""
        now, rules, changed = clock(), limits(), set()
        for uuid, item in self.calls.items():
            row = row_view(item.call, item.agent, item.live, now, rules)
            if row != item.row:
                item.row = row
                changed.add(uuid)
        return changed

    def _load(self) -> set[str]:
        self.revision = current_revision()
        self.agents = {agent.pk: agent for agent in Agent.objects.all()}
        self._put(Call.objects.live().for_rows())
        self._take_connections()
        return set(self.calls)

    def _take_calls(self) -> set[str]:
        return self._put(Call.objects.changed_since(self.revision).for_rows())

    def _put(self, calls: Iterable[Call]) -> set[str]:
        found = list(calls)
        live = store().get([call.call_uuid for call in found if call.status != "completed"])
        now, rules = clock(), limits()
        for call in found:
            if call.status == "completed":
                self.ended += 1
                self.calls.pop(call.call_uuid, None)
                continue
            agent = self.agent_of(call)
            self.calls[call.call_uuid] = floor_call(call, agent, live.get(call.call_uuid), now, rules)
        return {call.call_uuid for call in found}

    def agent_of(self, call: Call) -> Agent | None:
        """The newest row of the call's agent known here."""
        if call.agent is None:
            return None
        known = self.agents.get(call.agent.pk)
        if known is None or known.revision < call.agent.revision:
            self.agents[call.agent.pk] = known = call.agent
        return known

    def _take_agents(self) -> set[str]:
        """An agent-wide change is one row there and every call of the agent here."""
        news = {agent.pk: agent for agent in Agent.objects.filter(revision__gt=self.revision)}
        self.agents.update(news)
        now, rules, changed = clock(), limits(), set()
        for uuid, item in self.calls.items():
            if item.call.agent_id in news:
                agent = news[item.call.agent_id]
                self.calls[uuid] = floor_call(item.call, agent, item.live, now, rules)
                changed.add(uuid)
        return changed

    def _take_live(self, uuids: set[str]) -> set[str]:
        mine = [uuid for uuid in uuids if uuid in self.calls]
        found = store().get(mine)
        now, rules = clock(), limits()
        for uuid in mine:
            item = self.calls[uuid]
            item.live = _newer(found.get(uuid), item.live)
            item.row = row_view(item.call, item.agent, item.live, now, rules)
        return uuids

    def _take_connections(self) -> None:
        if clock() - self.connections_at >= CONNECTIONS_S:
            self.connections, self.connections_at = list(Connection.objects.all()), clock()


def _newer(found: LiveCall | None, known: LiveCall | None) -> LiveCall | None:
    """What an owner of an older epoch wrote after a hand-over is not taken."""
    if found is not None and known is not None and found.epoch < known.epoch:
        return known
    return found
