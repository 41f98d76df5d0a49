"""Every live call, in memory, read by revision: one table for all browsers of a process."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from callcenter.calls.limits import limits
from callcenter.calls.live_state import Difference, LiveCall, differ, store
from callcenter.calls.models import Agent, Call, Contact, Thread, Tombstone
from callcenter.commands.models import OpenSocket
from callcenter.commands.sockets import alive, choose, only_streams
from callcenter.console.floor import Audience, FloorCall, Survey, clock, connection_view, count_ended_today, floor_call, survey
from callcenter.console.places import nobody_answers, place_of
from callcenter.console.rows import heard
from callcenter.console.view import ConnectionView
from callcenter.domain.limits import stale_since
from callcenter.journal.models import Connection
from callcenter.journal.outbound.health import Standing, standing_of
from callcenter.journal.revision import current_revision
from callcenter.live.changes import changed_calls, changed_kinds

LOOK_AROUND_S = 1.0


@dataclass(slots=True)
class News:
    """What one look found: ids of calls that look different, of agents that changed, of contacts by id whose calls did, with those calls.

    ``held``: of the calls, those that somebody else answers now. ``threads``: WhatsApp threads whose own row changed.
    ``levels``: a call is louder or quieter than before; by itself that changes nothing but meters.
    ``words``: calls in which more is being said, and nothing else happened.
    ``doors``: connections whose sockets for commands were opened or closed.
    ``places``: a call came, went, or stands elsewhere on the floor.
    ``moved``: calls belong to another team now, or are deleted. ``signs``: a connection, or the day, looks different.
    ``replies``: an agent of a call answers faster or slower than before.
    """

    calls: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    agents: set[int] = field(default_factory=set)
    contacts: dict[int, set[str]] = field(default_factory=dict)
    threads: set[int] = field(default_factory=set)
    levels: bool = False
    places: bool = False
    moved: bool = False
    signs: bool = False
    replies: bool = False
    doors: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.words) or self.is_more_than_words

    @property
    def is_more_than_words(self) -> bool:
        """May a row change its place, or a figure its value?"""
        return bool(self.calls or self.agents or self.contacts or self.moved or self.signs)


class Table:
    """Used by one thread. ``revision``: everything up to it is in the table."""

    def __init__(self) -> None:
        self.calls: dict[str, FloorCall] = {}
        self.agents: dict[int, Agent] = {}
        self.connections: dict[int, Connection] = {}
        self.standings: dict[int, Standing] = {}
        self.names: dict[int, str] = {}  # of contacts by id, as the calls here show them
        self.signs: list[ConnectionView] = []
        self.doors: list[OpenSocket] = []
        self.day: date | None = None
        self.ended: dict[Audience, int] = {}
        self.surveys: dict[Audience, Survey] = {}
        self.revision = -1
        self.looked_around = float("-inf")

    def refresh(self, live: Iterable[str]) -> News:
        """Take in what changed since the last time, and the live state of these calls. Raises what the database raises:
        then the table is of no use any more.
        """
        news = News()
        newest = current_revision()
        if self.revision < 0:
            self.agents = {agent.pk: agent for agent in Agent.objects.all()}
            self.connections = {connection.pk: connection for connection in Connection.objects.with_health()}
            self._put(Call.objects.live().for_floor(), news)
        elif newest != self.revision:
            kinds = changed_kinds(self.revision)
            if kinds.agents:
                self._take_agents(news)
            if kinds.threads:
                news.threads = set(Thread.objects.changed_since(self.revision).values_list("pk", flat=True))
            if kinds.gone:
                self._take_deleted(news)  # before the calls: one of them may be back
            self._put(changed_calls(self.revision), news)
        self.revision = newest
        self._take_live(set(live) - news.calls, news)
        if time.monotonic() - self.looked_around >= LOOK_AROUND_S:
            self._look_around(news)
        if news.places or news.moved or news.signs:
            self.surveys.clear()
        elif news.replies:
            for found in self.surveys.values():
                found.count_replies()
        return news

    def survey(self, audience: Audience) -> Survey:
        """Sorted and counted once for all floors of an audience, until something looks different."""
        if audience not in self.surveys:
            self.surveys[audience] = survey(self.calls.values(), audience, self.ended_today(audience))
        return self.surveys[audience]

    def ended_today(self, audience: Audience) -> int:
        """Counted once until a call ends or comes back, or midnight passes."""
        if audience not in self.ended:
            self.ended[audience] = count_ended_today(audience)
        return self.ended[audience]

    def agent_of(self, call: Call) -> Agent | None:
        """The agent's row as it is known here; the call takes it over. What is newer comes with the next look."""
        if call.agent is None:
            return None
        known = self.agents.setdefault(call.agent.pk, call.agent)
        if known is not call.agent:
            call.agent = known
        return known

    def _put(self, calls: Iterable[Call], news: News) -> None:
        found = list(calls)
        self._share(found)
        live = store().get([call.call_uuid for call in found if call.status != "completed"])
        now, rules = clock(), limits()
        for call in found:
            agent, known = self.agent_of(call), self.calls.get(call.call_uuid)
            news.calls.add(call.call_uuid)
            if known is not None and known.call.holder_id != call.holder_id:
                news.held.add(call.call_uuid)
            if call.contact_id is not None:
                news.contacts.setdefault(call.contact_id, set()).add(call.call_uuid)
            if call.status == "completed":
                self.calls.pop(call.call_uuid, None)
                self.ended.clear()
                news.places = True
                continue
            item = floor_call(call, agent, live.get(call.call_uuid), now, rules)
            if known is None:
                self.ended.clear()  # a call that was closed as lost may be back
                self.calls[call.call_uuid], news.places = item, True
                continue
            news.places |= item.place != known.place
            news.replies |= call.reply_ms != known.call.reply_ms
            known.call, known.agent, known.live, known.place, known.row = call, agent, item.live, item.place, None
        self._rename({call.contact.pk: call.contact for call in found if call.contact is not None}, news)

    def _share(self, calls: list[Call]) -> None:
        """Give these calls the agents and connections known here; those made a moment ago are read."""
        new = {call.agent_id for call in calls if call.agent_id} - self.agents.keys()
        self.agents.update(Agent.objects.in_bulk(new) if new else {})
        doors = {call.connection_id for call in calls} - self.connections.keys()
        self.connections.update(Connection.objects.with_health().in_bulk(doors) if doors else {})
        for call in calls:
            call.agent = self.agents[call.agent_id] if call.agent_id else None
            call.connection = self.connections[call.connection_id]

    def _rename(self, contacts: dict[int, Contact], news: News) -> None:
        """A contact is named by any of its calls: the other calls show the name too."""
        renamed = {pk for pk, contact in contacts.items() if self.names.setdefault(pk, contact.name) != contact.name}
        if not renamed:
            return
        self.names |= {pk: contacts[pk].name for pk in renamed}
        others = [uuid for uuid, item in self.calls.items() if item.call.contact_id in renamed]
        for uuid in others:
            self.calls[uuid].call.contact = contacts[self.calls[uuid].call.contact_id or 0]
        self._draw(others, news)

    def _take_agents(self, news: News) -> None:
        """An agent-wide change is one row there and every call of the agent here."""
        for agent in Agent.objects.filter(revision__gt=self.revision):
            known = self.agents.get(agent.pk)
            news.agents.add(agent.pk)
            news.moved |= known is not None and known.team_id != agent.team_id
            self.agents[agent.pk] = agent
        if news.moved:
            self.ended.clear()
        for uuid, item in self.calls.items():
            if item.call.agent_id in news.agents:
                item.agent = self.agent_of(item.call)
                news.calls.add(uuid)
        self._draw(news.calls, news)

    def _take_deleted(self, news: News) -> None:
        deleted = Tombstone.objects.filter(revision__gt=self.revision).values_list("call_uuid", flat=True)
        for uuid in deleted:
            self.calls.pop(uuid, None)
            news.calls.add(uuid)
            news.moved = True
        if news.moved:
            self.ended.clear()

    def _take_live(self, uuids: Iterable[str], news: News) -> None:
        mine = [uuid for uuid in uuids if uuid in self.calls]
        found = store().get(mine)
        told = []
        for uuid in mine:
            item = self.calls[uuid]
            known, item.live = item.live, _newer(found.get(uuid), item.live)
            if known == item.live:
                continue
            difference = differ(known, item.live) if not item.is_stale else Difference.MORE
            if difference is Difference.LEVELS:
                news.levels = True
            elif difference is Difference.WORDS:
                item.row, news.levels = None, True
                news.words.add(uuid)
            else:
                news.calls.add(uuid)
                told.append(uuid)
        self._draw(told, news)

    def _draw(self, uuids: Iterable[str], news: News) -> None:
        """These look different, and may stand elsewhere."""
        now, rules = clock(), limits()
        for uuid in list(uuids):
            item = self.calls[uuid]
            before, item.place, item.row = item.place, place_of(item.call, item.agent, item.live, now, rules), None
            news.places |= item.place != before
            news.calls.add(uuid)

    def _look_around(self, news: News) -> None:
        """What no revision tells: connections, the time of day, and live state whose hint was lost or that expired."""
        self.looked_around = time.monotonic()
        before = self.connections
        self.connections = {connection.pk: connection for connection in Connection.objects.with_health()}
        moved = {pk for pk, newest in self.connections.items() if pk in before and before[pk].team_id != newest.team_id}
        opened = {pk for pk, newest in self.connections.items() if pk in before and before[pk].posts_only != newest.posts_only}
        turned = self._share_connections(moved | opened)
        news.moved |= bool(moved)
        here = {item.call.contact_id for item in self.calls.values()}
        self.names = {contact: name for contact, name in self.names.items() if contact in here}
        self._take_doors(news)
        streams = self.streams()
        signs = [connection_view(connection, clock(), connection.pk in streams) for connection in self.connections.values()]
        day = timezone.localdate()
        if (signs, day) != (self.signs, self.day):
            self.signs, self.day, news.signs = signs, day, True
            self.ended.clear()
        if news.moved:
            self.ended.clear()
        self._take_live(list(self.calls), news)
        self._draw({*self._silent(), *turned}, news)

    def _share_connections(self, others: set[int]) -> set[str]:
        """Calls of lines that we opened get what the runner says of them now, and calls of ``others`` the row of their connection.
        Returns those whose line went down or came back, and those of ``others``.
        """
        lines = {pk: connection for pk, connection in self.connections.items() if connection.is_outbound}
        standings = {pk: standing_of(connection, timezone.now()) for pk, connection in lines.items()}
        turned = {pk for pk, standing in standings.items() if standing != self.standings.get(pk)}
        self.standings = standings
        changed = lines.keys() | others
        found = set()
        for uuid, item in self.calls.items() if changed else ():
            pk = item.call.connection_id
            if pk in changed:
                item.call.connection = self.connections[pk]
                if pk in turned or pk in others:
                    found.add(uuid)
        return found

    def _silent(self) -> list[str]:
        """Calls whose row has to say that there is no signal, or that nobody answers, or that this is over."""
        now, rules = clock(), limits()
        found = []
        for uuid, item in self.calls.items():
            call = item.call
            since = stale_since(call.channel, call.status, heard(call, item.live), now, rules)
            alone = nobody_answers(call.unanswered_since, item.live, now, rules)
            if (since is None) == item.is_stale or alone != item.place.unanswered:
                found.append(uuid)
        return found

    def standing_of(self, call: Call) -> Standing | None:
        """How the line stands that we opened for this call; None = the provider came to us."""
        return self.standings.get(call.connection_id)

    def listens(self, call: Call) -> bool:
        """Would a command for this call be taken now?"""
        agent = self.agent_of(call)
        return choose(self.doors, call.connection_id, agent.slug if agent else "") is not None

    def streams(self) -> frozenset[int]:
        """Connections that are plain streams now."""
        return only_streams(self.doors)

    def _take_doors(self, news: News) -> None:
        doors = alive(list(self.connections), timezone.now())
        before, after = _spoken_for(self.doors), _spoken_for(doors)
        self.doors = doors
        news.doors = {pk for pk in before.keys() | after.keys() if before.get(pk) != after.get(pk)}


def _spoken_for(doors: list[OpenSocket]) -> dict[int, list[list[str]]]:
    """Connection -> the agents that its sockets speak for."""
    found: dict[int, list[list[str]]] = {}
    for door in doors:
        found.setdefault(door.connection_id, []).append(door.agents)
    return found


def _newer(found: LiveCall | None, known: LiveCall | None) -> LiveCall | None:
    """What a former owner wrote after a hand-over is not taken."""
    if found is not None and known is not None and found.order < known.order:
        return known
    return found
