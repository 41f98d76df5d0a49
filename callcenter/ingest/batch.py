"""One group commit: frames in, journal and rows written in one transaction. Read this first.

Inside the transaction the calls are locked and up to date, so their order is ours; outside of it nothing is written.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct, field

from callcenter.calls.directory import Directory
from callcenter.calls.folding import Folder, KeptCall
from callcenter.calls.project import project_calls
from callcenter.calls.revising import Changed, revising
from callcenter.calls.states import project_agents, project_threads
from callcenter.domain.agent_state import contradiction, unverified_since
from callcenter.domain.commands.effect import may_answer
from callcenter.domain.events.base import AgentEvent, CallEvent, Event, Stamp, stamp_of
from callcenter.domain.events.console import CallFound, CallLost, PauseObserved
from callcenter.domain.events.control import (
    AgentSeen,
    CallsListed,
    DialFailedSomewhere,
    HistoryUpdated,
    ProviderFailed,
    SessionConfigured,
)
from callcenter.domain.events.lifecycle import DialFailed, RecordingReceived
from callcenter.domain.events.speech import AgentPiece, AgentWord, ContactInterim, LevelMeasured, TranscriptDelta
from callcenter.domain.events.whatsapp import WhatsAppReceived
from callcenter.domain.reduce import reduce
from callcenter.domain.reduce.live import hear_level
from callcenter.domain.settle import due
from callcenter.ingest import effects, locks
from callcenter.ingest.decoding import Item, Metered, Rejected, Taken, as_text, take_one
from callcenter.ingest.dials import Dials
from callcenter.ingest.message import KEPT_TEXT, Answer, Fact, Listed, Message, Source
from callcenter.ingest.scoping import Scoping
from callcenter.journal.append import NewEntry, append
from callcenter.journal.keys import fact_key, key_of
from callcenter.journal.models import Connection, DeadLetter
from callcenter.journal.reading import fact_frame
from callcenter.journal.scopes import agent_scope, call_scope, connection_scope, scope_of
from callcenter.journal.times import epoch

PASSING = frozenset({AgentWord, AgentPiece, TranscriptDelta, ContactInterim, LevelMeasured})  # what nobody has to act upon


class Outcome(Struct):
    """What a batch did. ``calls`` changed at ``revision`` (0 = no row did); ``live`` heard something, durable or not,
    ``said``: more than levels, ``happened``: more than words.

    ``listed``: what bridges said they know. ``flushed``: calls whose live state was published after it.
    """

    answers: list[Answer]
    revision: int = 0
    calls: set[str] = field(default_factory=set)
    live: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    happened: set[str] = field(default_factory=set)
    listed: list[Listed] = field(default_factory=list)
    flushed: set[str] = field(default_factory=set)

    def include(self, part: "Outcome") -> None:
        """What a part of the same work did."""
        self.answers += part.answers
        self.revision = max(self.revision, part.revision)
        self.calls |= part.calls
        self.live |= part.live
        self.said |= part.said
        self.happened |= part.happened
        self.listed += part.listed
        self.flushed |= part.flushed


class _TakenBack(Exception):
    """Rolls a rehearsal back."""


class Batch:
    """The work of one transaction; made anew for every try."""

    def __init__(
        self,
        folder: Folder,
        directory: Directory,
        messages: list[Message],
        facts: Iterable[Fact],
        now: datetime,
        positions: dict[tuple[int, str], int],
        quiet: dict[str, Source] | None = None,
    ) -> None:
        """``quiet``: calls of which something may have to be settled though no frame came."""
        self.directory = directory
        self.folder, self.messages, self.facts, self.now, self.positions = folder, messages, list(facts), now, positions
        self.quiet = quiet or {}
        self.outcome = Outcome([Answer(message.envelope) for message in messages])
        self.sources = {item.id for item in [*(m.source for m in messages), *(f.source for f in self.facts), *self.quiet.values()]}
        self.entries: list[NewEntry] = []
        self.letters: list[DeadLetter] = []
        self.touched: dict[str, Source] = {}
        self.heard: dict[str, Source] = {}
        self.seen: set[tuple[str, str]] = set()
        self.locked: set[str] = set()
        self.owners: dict[str, locks.Owner] = {}
        self.told: list[effects.Told] = []  # what may answer a command
        self.changed = Changed()
        self.failed: set[int] = set()  # ids of connections that reported an error
        self.metered = [message.passed for message in messages]  # how many frames of each were levels passed over, or of calls known here

    def run(self, frames: Sequence[Item], *, rehearsal: bool = False) -> Outcome:
        """Commit everything or nothing. What is only ephemeral, of calls known here, needs no transaction.

        A ``rehearsal`` does everything and takes it back; the states it changed must be forgotten.
        """
        items = self._hear_levels(frames)
        heavy = [item for item in items if not self._is_light(item)]
        if frames and not (heavy or self.facts or self.quiet):
            self._take_all(items, locks.fresh_by_memory(self.messages, self.positions))
            return self.outcome
        try:
            with revising(locked=True) as changed:
                self._run(items, heavy)
                changed.include(self.changed)
                if rehearsal:
                    raise _TakenBack
            self.outcome.revision = changed.revision
        except _TakenBack:
            pass
        return self.outcome

    def _run(self, items: list[Taken | Rejected], heavy: list[Taken | Rejected]) -> None:
        fresh = locks.fresh_messages(self.messages, self.positions)
        self._lock([item for item in heavy if isinstance(item, Taken) and fresh[item.message]])
        self._take_all(items, fresh)
        for fact in self.facts:
            if not self.folder.call(fact.fact.call).state.completed:
                self._fact(fact.source, fact.fact)
        self._settle()
        self._write()

    def scopes(self) -> set[str]:
        """Every scope that was changed in memory: to be forgotten when the transaction fails. Levels leave nothing to take back."""
        return {entry.scope for entry in self.entries} | {call_scope(uuid) for uuid in self.heard}

    def _hear_levels(self, frames: Sequence[Item]) -> list[Taken | Rejected]:
        """The other frames. A level is heard at once, also one that came before, while its call is known here, belongs to its
        connection and lives; else it is a frame like any other.
        """
        items: list[Taken | Rejected] = []
        sources, received = [message.source.id for message in self.messages], [epoch(message.received) for message in self.messages]
        known, live = self.folder.scopes.get, self.outcome.live
        for item in frames:
            if type(item) is not Metered:
                items.append(item)  # type: ignore[arg-type]
                continue
            number, (call, side, height) = item.message, item.level
            kept = known("call:" + call)
            if isinstance(kept, KeptCall) and kept.owner == sources[number] and not (kept.state.lost and kept.state.is_lost):
                hear_level(kept.state, side, height, received[number])
                live.add(call)
                self.metered[number] += 1
            else:
                items.append(take_one(number, item.index, item.frame, self.messages[number]))
        return items

    def _is_light(self, item: Taken | Rejected) -> bool:
        """Nothing to write, nothing to load, nothing of it settles a line."""
        if not isinstance(item, Taken) or item.decoded.durable:
            return False
        event = item.decoded.event
        if not isinstance(event, CallEvent):
            return not isinstance(event, AgentSeen | HistoryUpdated | SessionConfigured)
        kept = self.folder.scopes.get(call_scope(event.call))
        if not isinstance(kept, KeptCall) or kept.owner != self._source(item).id or kept.state.is_lost:
            return False
        if not isinstance(event, AgentWord | AgentPiece | TranscriptDelta):
            return True
        line = kept.state.lines.get(event.message_id) if isinstance(event, AgentWord) else None
        return not kept.state.completed and (line is None or line.open)

    def _take_all(self, items: list[Taken | Rejected], fresh: list[bool]) -> None:
        """In order. ``fresh``: which messages are new."""
        for item in items:
            if not fresh[item.message]:
                self.outcome.answers[item.message].duplicates += 1
            elif isinstance(item, Rejected):
                self._reject(item)
            else:
                self._take(item)
        for answer, count, new in zip(self.outcome.answers, self.metered, fresh, strict=True):
            if new:
                answer.accepted += count
            else:
                answer.duplicates += count

    # Before the first frame

    def _lock(self, frames: list[Taken]) -> None:
        """Load and lock what the frames touch, in one order for everybody: known threads, calls, agents, new threads, connections."""
        self.directory.find_connections(self.sources)
        named = [(self._source(item), item.decoded) for item in frames]
        agents = {(source.id, decoded.agent): decoded.agent_name for source, decoded in named if decoded.agent}
        self.names = agents
        self.directory.find_agents(agents)
        self.dials = Dials(
            [(source.id, decoded.event.agent) for source, decoded in named if isinstance(decoded.event, DialFailedSomewhere)]
        )
        calls = {decoded.call for _, decoded in named if decoded.call} | self.dials.calls() | self.quiet.keys()
        calls |= {fact.fact.call for fact in self.facts}
        written = [(source.id, decoded.agent, getattr(decoded.event, "contact", "")) for source, decoded in named if decoded.agent]
        locks.hold_threads(self.folder, calls, [key for key in written if key[2]])
        self.owners = locks.lock_calls(self.folder, calls, self.directory)
        self.locked = calls
        durable = [item for item in frames if item.decoded.durable]
        scoping = Scoping(self.folder, named)
        self.scope_of = {id(item): scoping.scope(self._source(item), item.decoded) for item in durable}
        scopes = set(self.scope_of.values())
        self.directory.find_agents({key: key[1] for key in scoping.agents | {thread[:2] for thread in scoping.threads}})
        speaking = {(s.id, d.agent) for s, d in named if d.agent and isinstance(d.event, AgentSeen | WhatsAppReceived)}
        self.agents = locks.lock_agents(self.folder, speaking | scoping.agents, self.directory)
        self.threads = locks.lock_threads(self.folder, scoping.threads, self.directory)
        self.connections = locks.lock_connections(self.folder, [scope for scope in scopes if scope.startswith("conn:")])
        self.keys = {id(item): self._key(item) for item in durable}
        self.seen = locks.known_keys((self.scope_of[place], key) for place, key in self.keys.items())
        self.outcome.said |= calls
        self.outcome.happened |= calls

    def _source(self, item: Taken) -> Source:
        return self.messages[item.message].source

    def _key(self, item: Taken) -> str:
        message = self.messages[item.message]
        return key_of(item.decoded, message.stream, message.envelope, item.index)

    # One frame

    def _reject(self, item: Rejected) -> None:
        message = self.messages[item.message]
        self.outcome.answers[item.message].rejected.append((item.index, item.error))
        self.letters.append(
            DeadLetter(
                connection_id=message.source.id,
                received_at=message.received,
                error=item.error[:300],
                frame=item.text,
                stream=message.stream,
                envelope=message.envelope,
            )
        )

    def _take(self, item: Taken) -> None:
        decoded, source, answer = item.decoded, self._source(item), self.outcome.answers[item.message]
        owner = self.owners.get(decoded.call)
        if owner is not None and owner.id != source.id:
            error = f"This call belongs to the connection {owner.slug}."
            self._reject(Rejected(item.message, item.index, error, as_text(decoded.frame)[:KEPT_TEXT]))
            return
        received = self.messages[item.message].received
        if not decoded.durable:
            answer.accepted += 1
            if decoded.event is not None and may_answer(decoded.event):
                self.told.append(effects.Told(source.id, decoded.event))
            self._hear(source, item, received)
            return
        event, scope, key = decoded.event, self.scope_of[id(item)], self.keys[id(item)]
        if (scope, key) in self.seen:
            answer.duplicates += 1
            return
        self.seen.add((scope, key))
        answer.accepted += 1
        stamp = stamp_of(decoded.ts, decoded.seq, self.folder.of(scope).n + 1, epoch(received))
        entry = NewEntry(key=key, event=decoded.name[:200], origin=item.origin, received_at=received, ts=decoded.ts, seq=decoded.seq)
        self._append(source, scope, entry, decoded.frame, event, stamp)
        if event is not None and may_answer(event):
            self.told.append(effects.Told(source.id, event, decoded.happened))
        self._follow(source, event, stamp)

    def _hear(self, source: Source, item: Taken, received: datetime) -> None:
        """Fold an ephemeral frame into live state; a call unknown so far, or closed as lost, is found by it."""
        decoded, event = item.decoded, item.decoded.event
        if isinstance(event, AgentSeen) and unverified_since(self.folder.agent(agent_scope(source.id, event.agent)).state):
            self._fact(source, event)
        if not isinstance(event, CallEvent):
            return
        self.outcome.live.add(event.call)
        self.outcome.said.add(event.call)
        if type(event) not in PASSING:
            self.outcome.happened.add(event.call)
        self.heard[event.call] = source
        kept = self.folder.call(event.call)
        if not kept.owner or kept.state.is_lost:
            self._fact(source, found_by(event))
        reduce(kept.state, event, stamp_of(decoded.ts, decoded.seq, kept.n, epoch(received)), durable=False)

    def _follow(self, source: Source, event: Event | None, stamp: Stamp) -> None:
        """What follows from one event for other scopes."""
        if isinstance(event, CallsListed):
            self.outcome.listed.append(Listed(source, event, stamp.received))
        elif isinstance(event, DialFailedSomewhere):
            call = self.dials.only_one(source.id, event, self.folder, self.touched)
            if call is not None:
                self._fact(source, DialFailed(call=call, error=event.error, code=event.code, inferred=True))
        elif isinstance(event, WhatsAppReceived) and event.paused is not None and event.agent:
            agent = self.folder.agent(agent_scope(source.id, event.agent)).state
            if contradiction(agent, call=event.call, contact=event.contact, observed=event.paused, time=stamp.time):
                fact = PauseObserved(agent=event.agent, paused=event.paused, at=stamp.time, call=event.call, contact=event.contact)
                self._fact(source, fact)
        elif isinstance(event, RecordingReceived) and not self.folder.call(event.call).state.alive:
            self._fact(source, CallLost(call=event.call))  # nothing but its recording is known: it is not live
        elif isinstance(event, ProviderFailed):
            row = self.connections[connection_scope(source.id)]
            row.last_error, row.last_error_at = f"{event.code} {event.message}".strip(), self.now
            self.failed.add(row.pk)

    # Writing

    def _fact(self, source: Source, fact: CallEvent | AgentEvent) -> None:
        scope, frame = scope_of(fact, "", source.id), fact_frame(fact)
        stamp = stamp_of(None, None, self.folder.of(scope).n + 1, epoch(self.now))
        entry = NewEntry(key=fact_key(), event=str(frame["event"]), origin="console", received_at=self.now)
        self._append(source, scope, entry, frame, fact, stamp)

    def _append(self, source: Source, scope: str, entry: NewEntry, frame: object, event: Event | None, stamp: Stamp) -> None:
        """Give the entry its place in its scope, and fold it."""
        entry.scope, entry.n, entry.connection_id, entry.frame = scope, stamp.n, source.id, as_text(frame)
        self.entries.append(entry)
        kept = self.folder.of(scope)
        if isinstance(kept, KeptCall):
            uuid = kept.state.call
            self.touched[uuid] = source
            self.outcome.live.add(uuid)
            self.outcome.said.add(uuid)
            self.outcome.happened.add(uuid)
            if isinstance(event, CallEvent) and not kept.owner:
                kept.owner = source.id
                self.owners[uuid] = locks.Owner(source.id, source.slug)
        kept.fold(event, stamp)

    def _settle(self) -> None:
        """Words and pieces heard so far become facts where their line is closed."""
        sources = {**self.quiet, **self.heard, **self.touched}
        for uuid in sorted(self.locked & sources.keys()):
            for fact in due(self.folder.call(uuid).state, epoch(self.now)):
                self._fact(sources[uuid], fact)

    def _write(self) -> None:
        append(self.entries)
        if self.letters:
            DeadLetter.objects.bulk_create(self.letters)
        kept = {uuid: call for uuid in sorted(self.touched) if (call := self.folder.call(uuid)).state.arrived is not None}
        calls = project_calls(kept, self.directory, self.names)
        threads, bound = project_threads(kept, self.threads, self.folder)
        agents = project_agents(self.agents, self.folder)
        for scope, row in self.connections.items():
            row.version = self.folder.of(scope).n
        if self.connections:
            Connection.objects.bulk_update(self.connections.values(), ["version", "last_error", "last_error_at"])
        effects.apply(self.told, self.now)
        self.outcome.calls = calls | bound
        self.changed = Changed(told=self.outcome.calls, agents=agents, threads=threads, connections=self.failed)


def found_by(event: CallEvent) -> CallFound:
    """The fact that a live frame showed this call, with what it says of it."""
    return CallFound(
        call=event.call,
        agent=event.agent,
        from_number=event.from_number,
        to_number=event.to_number,
        direction=event.direction,
        channel=event.channel,
    )
