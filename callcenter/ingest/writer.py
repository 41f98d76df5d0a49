"""The writer's side of the pipeline, in its own thread: takes groups of messages, keeps the states, flushes live state."""

import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from time import monotonic

from django.db import close_old_connections, connection

from callcenter.calls.directory import Directory
from callcenter.calls.folding import Folder, KeptCall
from callcenter.calls.limits import limits
from callcenter.calls.live_state import LiveCall, store
from callcenter.calls.tombstones import prune_tombstones
from callcenter.domain.settle import due, is_news
from callcenter.ingest.batch import Batch, Outcome
from callcenter.ingest.decoding import Item, take
from callcenter.ingest.live import refresh_live
from callcenter.ingest.locks import prune_positions
from callcenter.ingest.message import Fact, Message, Source
from callcenter.ingest.poison import is_unreachable, rejected, without_poison
from callcenter.ingest.silence import Silence
from callcenter.journal.models import Connection
from callcenter.journal.statements import select
from callcenter.journal.times import epoch

log = logging.getLogger(__name__)

FLUSH_S = 0.05  # with a commit, so that the feed looks once for both
FLUSH_REST_S = 0.2  # what no commit took along
MANY, SHARE = 100, 10  # of calls that wait, nobody looks at, and nothing happened in, this many or a tenth is published with a commit
NEWEST = 0.25  # of the messages of a group that comes late
HEARD_S = 2.0
ELSEWHERE_S = 1.0
QUIET_S = 0.5
PEOPLE_S = 5.0
FORGET_S = 10.0
POSITIONS = 10_000  # streams remembered
OVER_S = 20.0  # how long the state of a call that ended is kept for what comes late


class Writer:
    """Not thread-safe on purpose: one thread uses it."""

    def __init__(self) -> None:
        self.folder = Folder()
        self.directory = Directory()
        self.asked_at = 0.0
        self.silence = Silence(limits())
        self.unflushed: dict[str, bool] = {}  # those that wait longest first; True = over, and perhaps forgotten here
        self.unsaid: set[str] = set()  # those of them of which more than levels was heard
        self.urgent: set[str] = set()  # those of which more than words was heard
        self.flushed_at = 0.0
        self.sources: dict[str, Source] = {}
        self.positions: dict[tuple[int, str], int] = {}
        self.over: dict[str, float] = {}  # calls that ended -> when they were heard last, the longest ago first
        self.heard: dict[int, datetime] = {}
        self.heard_at = 0.0
        self.looked_elsewhere_at = 0.0
        self.looked_quiet_at = 0.0
        self.forgot_at = 0.0

    def write(self, messages: list[Message], now: datetime, *, late: bool = False) -> Outcome:
        """Commit a group. Raises when the database cannot be reached; then nothing of the group is kept in memory either.

        ``late``: it waited for long, and of its levels only the newest are read.
        """
        levels_from = int(len(messages) * (1 - NEWEST)) if late else 0
        done = self._commit(messages, take(messages, levels_from), [], {}, now)
        for message in messages:
            self.heard[message.source.id] = message.received
        return done

    def tick(self, now: datetime) -> Outcome:
        """What time alone makes a fact: silent pieces, calls closed as lost. Flushes live state."""
        close_old_connections()
        self._note_heard()
        self._forget_old(now)
        self._forget_over()
        done = self._commit([], [], self.silence.lost(self.folder, epoch(now)), self._quiet(now), now)
        self.silence.committed()
        return done

    def _commit(
        self, messages: list[Message], frames: Sequence[Item], facts: list[Fact], quiet: dict[str, Source], now: datetime
    ) -> Outcome:
        done = Outcome([])
        if messages or facts or quiet:
            try:
                done = self._try(messages, frames, facts, quiet, now)
            except Exception as error:
                if is_unreachable(error):
                    raise
                log.exception("A group of %d frames was not committed; looking for what spoils it", len(frames))
                done = self._without_spoilers(messages, frames, facts, quiet, now) if messages else self._one_by_one(facts, quiet, now)
        self.silence.listed(done.listed)
        self.unflushed |= dict.fromkeys(done.live, False)
        self.unsaid |= done.said
        self.urgent |= done.happened
        self._note_over(done.said)
        done.flushed = self._flush(FLUSH_S if messages else FLUSH_REST_S)
        self.folder.trim()
        return done

    def _note_over(self, calls: set[str]) -> None:
        at = monotonic()
        for uuid in calls:
            kept = self.folder.scopes.get(f"call:{uuid}")
            if isinstance(kept, KeptCall) and kept.state.completed:
                self.over.pop(uuid, None)
                self.over[uuid] = at

    def _forget_over(self) -> None:
        """Of calls that ended a while ago the journal knows everything: what comes late loads them again."""
        oldest = monotonic() - OVER_S
        while self.over and self.over[uuid := next(iter(self.over))] < oldest:
            del self.over[uuid]
            kept = self.folder.scopes.get(f"call:{uuid}")
            if isinstance(kept, KeptCall) and kept.state.completed:
                self.folder.forget([kept.scope])
                if uuid in self.unflushed:
                    self.unflushed[uuid] = True

    def _without_spoilers(
        self, messages: list[Message], frames: Sequence[Item], facts: list[Fact], quiet: dict[str, Source], now: datetime
    ) -> Outcome:
        """Frames that cannot be stored are rejected; of a message that cannot be, all. Raises when not even that can be kept."""
        try:
            good = without_poison(frames, lambda some: self._try(messages, some, facts, quiet, now, rehearsal=True))
            return self._try(messages, good, facts, quiet, now)
        except Exception as error:
            if is_unreachable(error):
                raise
            log.exception("%d messages cannot be stored together", len(messages))
            if len(messages) == 1:
                return self._try(messages, [rejected(item, error) for item in frames], facts, quiet, now)
        whole = Outcome([])
        for message in messages:
            part = self._commit([message], take([message]), [], {}, now)
            whole.include(part)
        return whole

    def _one_by_one(self, facts: list[Fact], quiet: dict[str, Source], now: datetime) -> Outcome:
        """One call whose fact cannot be stored stops no other; it is left alone until its next frame."""
        whole = Outcome([])
        singles: list[tuple[list[Fact], dict[str, Source]]] = [([fact], {}) for fact in facts]
        singles += [([], {uuid: source}) for uuid, source in quiet.items()]
        for some, calls in singles:
            try:
                part = self._try([], [], some, calls, now)
            except Exception as error:
                if is_unreachable(error):
                    raise
                log.exception("A fact of the console could not be stored")
                for uuid in calls:
                    self.sources.pop(uuid, None)
                continue
            whole.include(part)
        return whole

    def _try(
        self,
        messages: list[Message],
        frames: Sequence[Item],
        facts: list[Fact],
        quiet: dict[str, Source],
        now: datetime,
        *,
        rehearsal: bool = False,
    ) -> Outcome:
        work = Batch(self.folder, self._people(), messages, facts, now, self.positions, quiet)
        try:
            done = work.run(frames, rehearsal=rehearsal)
        except BaseException as error:
            self._forget(work)
            if is_unreachable(error):
                connection.close()
            raise
        if rehearsal:
            self._forget(work)
        else:
            self.sources.update(work.heard)
            self._bound_positions()
        return done

    def _bound_positions(self) -> None:
        """What this process remembers of streams saves it nothing that the database does not know: the oldest may go."""
        while len(self.positions) > POSITIONS:
            del self.positions[next(iter(self.positions))]

    def _forget(self, work: Batch) -> None:
        """What is in memory may not be in the database: it is loaded anew."""
        self.folder.forget(work.scopes())
        self.positions.clear()
        self.directory.clear()

    def _people(self) -> Directory:
        """Agents and contacts as they were a moment ago."""
        if monotonic() - self.asked_at > PEOPLE_S:
            self.directory.clear()
            self.asked_at = monotonic()
        return self.directory

    def _quiet(self, now: datetime) -> dict[str, Source]:
        """Calls of which something is due though no frame came."""
        if monotonic() - self.looked_quiet_at < QUIET_S:
            return {}
        self.looked_quiet_at, at = monotonic(), epoch(now)
        quiet, waiting = {}, {}
        for uuid, source in list(self.sources.items()):
            kept = self.folder.scopes.get(f"call:{uuid}")
            if not isinstance(kept, KeptCall):
                del self.sources[uuid]
            elif not kept.state.saying:
                del self.sources[uuid]  # until something is said in it again
            elif due(kept.state, at):
                quiet[uuid] = source
            elif any(is_news(saying, kept.state.lines.get(key)) for key, saying in kept.state.saying.items()):
                waiting[uuid] = source
            elif kept.state.completed:
                del self.sources[uuid]
        return {**quiet, **self._closed_elsewhere(waiting)}

    def _closed_elsewhere(self, waiting: dict[str, Source]) -> dict[str, Source]:
        """Of calls with words not settled yet, those that another process went on with: their line may be closed by now."""
        if not waiting or monotonic() - self.looked_elsewhere_at < ELSEWHERE_S:
            return {}
        self.looked_elsewhere_at = monotonic()
        versions = select("SELECT call_uuid, version FROM calls_call WHERE call_uuid IN {}", list(waiting))
        return {uuid: waiting[uuid] for uuid, version in versions if version > self.folder.call(uuid).n}

    def _flush(self, after_s: float) -> set[str]:
        """Publish live state, if that was not done just now. What the store does not take waits until it answers again."""
        if not self.unflushed or monotonic() - self.flushed_at < after_s:
            return set()
        self.flushed_at = monotonic()
        calls = set(self.unflushed)
        try:
            if store().is_away:
                return set()
            calls = self._to_publish()
            self._publish(calls)
            if store().is_away:
                return set()
        except Exception:
            log.warning("The live state of %d calls was not published", len(calls), exc_info=True)
        for uuid in calls:
            del self.unflushed[uuid]
        self.unsaid -= calls
        self.urgent -= calls
        return calls

    def _publish(self, calls: set[str]) -> None:
        being: dict[str, LiveCall] = {}
        over = []
        for uuid in calls:
            kept = self.folder.scopes.get(f"call:{uuid}")
            if self.unflushed[uuid] or (isinstance(kept, KeptCall) and kept.state.completed):
                over.append(uuid)
            elif isinstance(kept, KeptCall):  # else it may be another process's by now
                being[uuid] = refresh_live(kept, only_levels=uuid not in self.unsaid)
        store().put(being)
        store().drop(over)

    def _to_publish(self) -> set[str]:
        """Of a full centre what somebody looks at, and what may call for somebody; of the rest a tenth, which waited longest."""
        if len(self.unflushed) <= MANY:
            return set(self.unflushed)
        try:
            now = {*self.urgent, *store().watched()}
        except Exception:
            log.warning("Which calls are looked at could not be read", exc_info=True)
            return set(self.unflushed)
        return {*islice(self.unflushed, max(MANY, len(self.unflushed) // SHARE)), *(self.unflushed.keys() & now)}

    def _forget_old(self, now: datetime) -> None:
        """Positions of requests, and tombstones, that nobody asks for any more: a few at a time."""
        if monotonic() - self.forgot_at < FORGET_S:
            return
        self.forgot_at = monotonic()
        prune_positions(now)
        prune_tombstones(now)

    def _note_heard(self) -> None:
        """When each connection was last heard, to within two seconds."""
        if not self.heard or monotonic() - self.heard_at < HEARD_S:
            return
        heard, self.heard, self.heard_at = self.heard, {}, monotonic()
        for pk, at in heard.items():
            Connection.objects.filter(pk=pk).update(heard_at=at)
