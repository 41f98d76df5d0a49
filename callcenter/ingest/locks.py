"""What a batch must hold before it folds: rows locked in one order for everybody, states brought up to their versions."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice

from django.db import connection, transaction
from django.db.models import Q
from msgspec import Struct

from callcenter.calls.directory import Directory
from callcenter.calls.folding import Folder
from callcenter.calls.models import Agent, Call, Thread
from callcenter.calls.rows import Projected
from callcenter.ingest.message import Message
from callcenter.journal.archive import archived_keys, last_numbers
from callcenter.journal.models import Connection, StreamPosition
from callcenter.journal.scopes import agent_scope, call_scope, connection_scope, thread_scope
from callcenter.journal.statements import Write, for_update, select

_CALLS = "SELECT id, call_uuid, version, agent_id, contact_id, thread_id, connection_id FROM calls_call WHERE call_uuid IN {} ORDER BY id"
_POSITIONS = (
    "SELECT connection_id, stream, last_id FROM journal_streamposition WHERE connection_id IN {} AND stream IN {} "
    "ORDER BY connection_id, stream"
)
_WRITE_POSITIONS = Write(StreamPosition, ("connection", "stream"), ("last_id",), ("forget_at",))
# One look into the index for each pair, whatever a planner thinks: "(scope, key) IN (VALUES ...)" makes SQLite read the whole
# index. Without a key: a scope with archived entries, whose keys are asked for then.
_KNOWN = (
    "WITH wanted(scope, key) AS (VALUES %s) SELECT scope, key FROM wanted WHERE EXISTS "
    "(SELECT 1 FROM journal_entry WHERE journal_entry.scope = wanted.scope AND journal_entry.key = wanted.key) "
    "UNION ALL SELECT scope, NULL FROM journal_archive WHERE scope IN (%s)"
)

PASSING_KEPT = timedelta(days=1)  # how long an Idempotency-Key is known
PRUNED_TOGETHER = 500
PAIRS_TOGETHER = 8_000  # with their scopes fewer values than the 32,766 that SQLite takes in a statement


class Owner(Struct, frozen=True):
    """The connection a call belongs to."""

    id: int
    slug: str


def fresh_by_memory(messages: list[Message], positions: dict[tuple[int, str], int]) -> list[bool]:
    """Which messages are new by what this process remembers; ``positions`` (connection, stream) -> last id moves on."""
    fresh = []
    for message in messages:
        key = (message.source.id, message.stream)
        new = not message.stream or message.envelope is None or message.envelope > positions.get(key, -(2**63))
        if new and message.stream and message.envelope is not None:
            positions[key] = message.envelope
        fresh.append(new)
    return fresh


def fresh_messages(messages: list[Message], positions: dict[tuple[int, str], int]) -> list[bool]:
    """The same by the database, under a lock; the positions are committed with this transaction."""
    passing = {(m.source.id, m.stream): m.received + PASSING_KEPT for m in messages if m.passing}
    streams = sorted({(message.source.id, message.stream) for message in messages if message.stream})
    if not streams:
        return [True] * len(messages)
    locked = _lock_positions(streams)
    new = [key for key in streams if key not in locked]
    if new:  # made first, so that there is something to lock
        made = [StreamPosition(connection_id=key[0], stream=key[1], last_id=-(2**63), forget_at=passing.get(key)) for key in new]
        StreamPosition.objects.bulk_create(made, ignore_conflicts=True)
        locked = _lock_positions(streams)
    for key, last in locked.items():
        positions[key] = max(last, positions.get(key, last))
    fresh = fresh_by_memory(messages, positions)
    _WRITE_POSITIONS([(*key, positions[key], None) for key in streams])
    return fresh


def _lock_positions(streams: list[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The last id of those streams that are known; another process waits for them until the commit."""
    rows = select(_POSITIONS + for_update(), [source for source, _ in streams], [stream for _, stream in streams])
    return {(source, stream): last for source, stream, last in rows}


def prune_positions(now: datetime) -> int:
    """Forget some of the streams that were made for one request and are old by now; returns how many."""
    with transaction.atomic():
        old = StreamPosition.objects.select_for_update(skip_locked=True).filter(forget_at__lt=now).order_by("forget_at")
        found = list(old.values_list("pk", flat=True)[:PRUNED_TOGETHER])
        return StreamPosition.objects.filter(pk__in=found).delete()[0] if found else 0


def is_committed(message: Message) -> bool:
    """Was this envelope, or a later one of its stream, committed before?"""
    streams = StreamPosition.objects.filter(connection=message.source.id, stream=message.stream, last_id__gte=message.envelope)
    return streams.exists()


def hold_threads(folder: Folder, uuids: Iterable[str], keys: Iterable[tuple[int, str, str]]) -> None:
    """Lock the threads of these calls, and those with (connection id, agent slug, digits), before any call.

    A report changes lines of other calls of its thread: whoever holds the thread may touch all of them.
    """
    perhaps = [uuid for uuid in uuids if not folder.knows(call_scope(uuid)) or folder.call(uuid).state.contact]
    wanted = Q(pk__in=Call.objects.filter(call_uuid__in=perhaps, thread__isnull=False).values("thread")) if perhaps else Q()
    written: dict[tuple[int, str], set[str]] = {}
    for source, agent, digits in keys:
        written.setdefault((source, agent), set()).add(digits[:64])
    for (source, agent), contacts in sorted(written.items()):  # a condition for each contact would be too many for SQLite
        wanted |= Q(agent__connection=source, agent__slug=agent, digits__in=sorted(contacts))
    if wanted:
        list(Thread.objects.select_for_update(no_key=True, of=("self",)).filter(wanted).order_by("id").values_list("pk", flat=True))


def lock_calls(folder: Folder, uuids: Iterable[str], directory: Directory) -> dict[str, Owner]:
    """Lock the rows there are and catch up with them. A call without a row is new, or only unknown frames named it."""
    wanted = sorted(set(uuids))
    found = select(_CALLS + for_update(), wanted)
    directory.find_connections({owner for *_, owner in found})
    owners, versions = {}, {call_scope(uuid): 0 for uuid in wanted}
    for _, uuid, version, *_, owner in found:
        owners[uuid] = Owner(owner, directory.connections[owner].slug)
        versions[call_scope(uuid)] = version
    missing = [call_scope(uuid) for uuid in wanted if uuid not in owners]
    if missing:
        versions.update(last_numbers(missing))
    folder.catch_up(versions)
    for pk, uuid, _, *relations, owner in found:
        call = folder.call(uuid)
        call.owner, call.pk, call.relations = owner, pk, relations
    for uuid in wanted:
        if uuid not in owners:  # its row may have been deleted: then all of it is written again
            call = folder.call(uuid)
            call.pk, call.projected, call.relations = 0, Projected(), None
    return owners


def lock_agents(folder: Folder, keys: Iterable[tuple[int, str]], directory: Directory) -> dict[str, Agent]:
    """The same for agents by (connection id, slug), which the directory has made already."""
    scopes = {directory.agents[key].pk: agent_scope(*key) for key in set(keys)}
    if not scopes:
        return {}
    rows = Agent.objects.select_for_update(no_key=True).filter(pk__in=scopes).order_by("id")
    locked = {scopes[row.pk]: row for row in rows}
    folder.catch_up({scope: row.version for scope, row in locked.items()})
    return locked


def lock_threads(folder: Folder, keys: Iterable[tuple[int, str, str]], directory: Directory) -> dict[str, Thread]:
    """The same for threads by (connection id, agent slug, digits)."""
    wanted = {key: directory.agents[key[0], key[1]] for key in set(keys)}
    if not wanted:
        return {}
    directory.find_contacts({(agent.team_id, digits[:64]): ("+" + digits, "") for (_, _, digits), agent in wanted.items()})
    directory.find_threads({(agent.pk, key[2][:64]): directory.contacts[agent.team_id, key[2][:64]].pk for key, agent in wanted.items()})
    scopes = {directory.threads[agent.pk, key[2][:64]].pk: thread_scope(*key) for key, agent in wanted.items()}
    rows = Thread.objects.select_for_update(no_key=True).filter(pk__in=scopes).order_by("id")
    locked = {scopes[row.pk]: row for row in rows}
    folder.catch_up({scope: row.version for scope, row in locked.items()})
    return locked


def lock_connections(folder: Folder, scopes: Iterable[str]) -> dict[str, Connection]:
    """The same for connections by scope."""
    wanted = {int(scope.removeprefix("conn:")) for scope in scopes}
    if not wanted:
        return {}
    rows = Connection.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("id")
    locked = {connection_scope(row.pk): row for row in rows}
    folder.catch_up({scope: row.version for scope, row in locked.items()})
    return locked


def known_keys(pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these (scope, key) stand in the journal already."""
    rest = iter(pairs)
    found: set[tuple[str, str | None]] = set()
    while wanted := list(islice(rest, PAIRS_TOGETHER)):
        scopes = {scope for scope, _ in wanted}
        sql = _KNOWN % (", ".join(["(%s, %s)"] * len(wanted)), ", ".join(["%s"] * len(scopes)))
        with connection.cursor() as cursor:
            cursor.execute(sql, [*(value for pair in wanted for value in pair), *scopes])
            found.update(cursor.fetchall())
    archived = {scope for scope, key in found if key is None}
    return {(scope, key) for scope, key in found if key is not None} | archived_keys(archived)
