"""Refold the journal and hold it against the rows: the proof that the journal is the truth, and the way back when rows are wrong.

Works in chunks, each in its own transaction that locks the rows it looks at as ingest does, so it may run beside a live server.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat

from callcenter.calls.directory import Directory
from callcenter.calls.drift import agent_drift, call_drift, parts_of, thread_drift
from callcenter.calls.folding import Folder, KeptCall
from callcenter.calls.models import Agent, Call, Thread, TranscriptEntry
from callcenter.calls.project import project_calls
from callcenter.calls.revising import Changed, revising
from callcenter.calls.rows import Projected, project_state
from callcenter.calls.states import project_agents, project_threads
from callcenter.calls.tombstones import delete_calls
from callcenter.journal.archive import last_numbers
from callcenter.journal.models import Archive, Entry
from callcenter.journal.scopes import agent_scope, call_scope, thread_scope

CHUNK = 50
PAGE = 1000


def differences(call: str = "", *, repair: bool = False) -> Iterator[str]:
    """Each place where rows are not what the journal gives, one line each; repaired as they are told if asked.

    ``call``: only this call_uuid, without agents and threads.
    """
    if call:
        yield from _calls([call], repair)
        return
    for uuids in _chunks(_scopes("call:")):
        yield from _calls(uuids, repair)
    yield from _without_journal(repair)
    for scopes in _chunks(_all("agent:", _agent_rows)):
        yield from _agents(scopes, repair)
    for scopes in _chunks(_all("thread:", _thread_rows)):
        yield from _threads(scopes, repair)


def _scopes(prefix: str) -> Iterator[str]:
    """The names of all scopes of one kind, without their prefix. What is archived meanwhile comes twice rather than never."""
    for first in (Entry.objects.filter(n=1, scope__startswith=prefix), Archive.objects.filter(scope__startswith=prefix)):
        last = 0
        while page := list(first.filter(id__gt=last).order_by("id").values_list("id", "scope")[:PAGE]):
            yield from (scope.removeprefix(prefix) for _, scope in page)
            last = page[-1][0]


def _all(prefix: str, rows: Callable[[], Iterator[str]]) -> Iterator[str]:
    """Scopes in the journal, and rows that have none."""
    seen = set()
    for name in _scopes(prefix):
        seen.add(name)
        yield name
    yield from (name for name in rows() if name not in seen)


def _agent_rows() -> Iterator[str]:
    for connection, slug in Agent.objects.values_list("connection_id", "slug").iterator():
        yield agent_scope(connection, slug).removeprefix("agent:")


def _thread_rows() -> Iterator[str]:
    rows = Thread.objects.values_list("agent__connection_id", "agent__slug", "digits")
    for connection, slug, digits in rows.iterator():
        yield thread_scope(connection, slug, digits).removeprefix("thread:")


def _chunks(names: Iterator[str]) -> Iterator[list[str]]:
    while chunk := list(islice(names, CHUNK)):
        yield chunk


def _versions(scopes: Sequence[str]) -> dict[str, int]:
    """How many entries the journal has of each scope."""
    known = last_numbers(scopes)
    return {scope: known.get(scope, 0) for scope in scopes}


# Calls


def _calls(uuids: list[str], repair: bool) -> list[str]:
    with revising() as changed:
        folder = Folder(keep=len(uuids))
        rows = _locked_calls(uuids, folder)
        stored = parts_of(rows.values())
        found: list[str] = []
        wrong: dict[str, KeptCall] = {}
        for uuid in uuids:
            kept = folder.call(uuid)
            given = project_state(kept.state) if kept.state.arrived is not None else Projected()
            lines = list(call_drift(uuid, rows.get(uuid), stored.get(uuid, {}), given, kept.n, kept.owner))
            if lines:
                found += lines
                wrong[uuid] = kept
                kept.projected = Projected(None, stored.get(uuid, {}))
        if repair and wrong:
            _repair_calls(wrong, changed)
        found += _stray_ticks(list(rows.values()), repair)
    return found


def _repair_calls(wrong: dict[str, KeptCall], changed: Changed) -> None:
    """Write what the journal gives; a row that nothing in it is about goes."""
    told = {uuid: call for uuid, call in wrong.items() if call.state.arrived is not None}
    changed.calls |= project_calls(told, Directory(), {})
    delete_calls(Call.objects.filter(call_uuid__in=wrong.keys() - told.keys()))


def _stray_ticks(rows: list[Call], repair: bool) -> list[str]:
    """Only lines of a thread are delivered."""
    stray = TranscriptEntry.objects.filter(call__in=rows, call__thread=None).exclude(delivery="").select_related("call")
    found = [f"call {line.call.call_uuid} line {line.key}: delivery should be ''" for line in stray]
    if repair and found:
        stray.update(delivery="", delivery_inferred=False, delivery_error="")
    return found


def _locked_calls(uuids: list[str], folder: Folder) -> dict[str, Call]:
    """Lock the rows, then fold. A call that ingest made in between has its row by the second look."""
    rows: dict[str, Call] = {}
    for _ in range(2):
        missing = [uuid for uuid in uuids if uuid not in rows]
        locked = Call.objects.select_for_update(no_key=True, of=("self",)).filter(call_uuid__in=missing).order_by("id")
        rows.update({row.call_uuid: row for row in locked.select_related("agent", "contact", "thread", "connection")})
        folder.forget([call_scope(uuid) for uuid in missing])
        folder.catch_up(_versions([call_scope(uuid) for uuid in missing]))
        for uuid in missing:
            if uuid in rows:
                folder.call(uuid).owner, folder.call(uuid).pk = rows[uuid].connection_id, rows[uuid].pk
    return rows


def _without_journal(repair: bool) -> Iterator[str]:
    """Rows that no entry explains."""
    entries = Entry.objects.filter(scope=Concat(Value("call:"), OuterRef("call_uuid")))
    archived = Archive.objects.filter(scope=Concat(Value("call:"), OuterRef("call_uuid")))
    unknown = Call.objects.filter(~Exists(entries), ~Exists(archived)).order_by("id")
    for pk, uuid in list(unknown.values_list("pk", "call_uuid")):
        yield f"call {uuid}: has a row, and no entry in the journal"
        if repair:
            delete_calls(Call.objects.filter(pk=pk))


# Agents and threads


def _agents(names: list[str], repair: bool) -> list[str]:
    with revising() as changed:
        keys = {f"agent:{name}": (int(name.partition(":")[0]), name.partition(":")[2]) for name in names}
        if repair:
            Directory().find_agents(dict.fromkeys(keys.values(), ""))
        rows = {agent_scope(row.connection_id, row.slug): row for row in _locked_agents(list(keys.values()))}
        folder = Folder(keep=len(names))
        folder.catch_up(_versions(list(keys)))
        found = [line for scope in keys for line in agent_drift(scope, rows.get(scope), folder.agent(scope))]
        if repair and found:
            for row in rows.values():
                row.version = -1  # so that every row is written
            changed.agents = project_agents(rows, folder)
    return found


def _locked_agents(keys: list[tuple[int, str]]) -> list[Agent]:
    rows = Agent.objects.select_for_update(no_key=True).filter(connection__in={c for c, _ in keys}, slug__in={slug for _, slug in keys})
    return [row for row in rows.order_by("id") if (row.connection_id, row.slug) in keys]


def _threads(names: list[str], repair: bool) -> list[str]:
    with revising() as changed:
        scopes = [f"thread:{name}" for name in names]
        if repair:
            _make_threads(names)
        wanted = {name.rpartition(":")[2] for name in names}
        locked = (
            Thread.objects.select_for_update(no_key=True, of=("self",)).filter(digits__in=wanted).select_related("agent").order_by("id")
        )
        named = {thread_scope(row.agent.connection_id, row.agent.slug, row.digits): row for row in locked}
        rows = {scope: named[scope] for scope in scopes if scope in named}
        folder = Folder(keep=len(names))
        folder.catch_up(_versions(scopes))
        found = thread_drift(scopes, rows, folder)
        if repair and found:
            changed.threads, changed.calls = project_threads({}, rows, folder, whole=True)
    return found


def _make_threads(names: list[str]) -> None:
    """Threads that got a report have a row, with or without a line."""
    directory = Directory()
    keys = [(int(connection), slug, digits) for connection, slug, digits in map(_thread_key, names)]
    directory.find_agents({(connection, slug): "" for connection, slug, _ in keys})
    agents = {(connection, slug, digits): directory.agents[connection, slug] for connection, slug, digits in keys}
    directory.find_contacts({(agent.team_id, digits): (f"+{digits}", "") for (_, _, digits), agent in agents.items()})
    directory.find_threads({(agent.pk, digits): directory.contacts[agent.team_id, digits].pk for (_, _, digits), agent in agents.items()})


def _thread_key(name: str) -> tuple[str, str, str]:
    """``7:frontdesk:447700900128``; the slug may hold colons itself."""
    connection, _, rest = name.partition(":")
    slug, _, digits = rest.rpartition(":")
    return connection, slug, digits
