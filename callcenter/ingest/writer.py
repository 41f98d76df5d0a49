"""The writer's side of the pipeline, in its own thread: takes groups of messages, keeps the states, flushes live state."""

from datetime import datetime
from time import monotonic

from django.db import close_old_connections, connection

from callcenter.calls.folding import Folder
from callcenter.calls.limits import limits
from callcenter.calls.live_state import store
from callcenter.domain.settle import due
from callcenter.ingest.batch import Batch, Outcome
from callcenter.ingest.decoding import take
from callcenter.ingest.live import live_call
from callcenter.ingest.message import Fact, Message, Source
from callcenter.ingest.silence import Silence
from callcenter.journal.models import Connection
from callcenter.journal.times import epoch

FLUSH_S = 0.05
HEARD_S = 2.0


class Writer:
    """Not thread-safe on purpose: one thread uses it."""

    def __init__(self) -> None:
        self.folder = Folder()
        self.silence = Silence(limits())
        self.unflushed: set[str] = set()
        self.flushed_at = 0.0
        self.sources: dict[str, Source] = {}
        self.positions: dict[tuple[int, str], int] = {}
        self.heard: dict[int, datetime] = {}
        self.heard_at = 0.0

    def write(self, messages: list[Message], facts: list[Fact], now: datetime) -> Outcome:
        """Commit a group. Raises what the database raises; then nothing of the group is kept in memory either."""
        work = Batch(self.folder, messages, facts, now, self.positions)
        done = Outcome([])
        if messages or facts:
            try:
                done = work.run(take(messages))
            except Exception:
                self.folder.forget(work.scopes())
                self.positions.clear()
                connection.close()
                raise
        for uuid, source in work.heard.items():
            self.sources[uuid] = source
        for message in messages:
            self.heard[message.source.id] = message.received
        self.silence.listed(done.listed)
        self.unflushed |= done.live
        done.flushed = self._flush()
        self.folder.trim()
        return done

    def due(self, now: datetime) -> list[Fact]:
        """What time alone makes a fact: silent pieces, calls closed as lost. Called every tick."""
        close_old_connections()
        self._note_heard()
        facts: list[Fact] = []
        for uuid, source in list(self.sources.items()):
            kept = self.folder.scopes.get(f"call:{uuid}")
            if kept is None:
                del self.sources[uuid]
                continue
            state = self.folder.call(uuid).state
            facts.extend(Fact(source, fact) for fact in due(state, epoch(now)))
            if state.completed and not state.unsettled:
                del self.sources[uuid]
        facts.extend(self.silence.lost(self.folder, epoch(now)))
        return facts

    def _flush(self) -> set[str]:
        """Publish live state at most every 50 ms."""
        if not self.unflushed or monotonic() - self.flushed_at < FLUSH_S:
            return set()
        calls, self.unflushed, self.flushed_at = self.unflushed, set(), monotonic()
        states = {uuid: self.folder.call(uuid).state for uuid in calls}
        store().put({uuid: live_call(state) for uuid, state in states.items() if not state.completed})
        store().drop([uuid for uuid, state in states.items() if state.completed])
        return calls

    def _note_heard(self) -> None:
        """When each connection was last heard, to within two seconds."""
        if not self.heard or monotonic() - self.heard_at < HEARD_S:
            return
        heard, self.heard, self.heard_at = self.heard, {}, monotonic()
        for pk, at in heard.items():
            Connection.objects.filter(pk=pk).update(heard_at=at)
