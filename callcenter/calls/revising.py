"""Transactions whose changed rows get one revision, taken in their last statements. Design law 6.

The counter stays locked from there to the commit. Whoever took it earlier and then waited for a row would stand in the way of
everybody, and deadlock with whoever holds that row and waits for the counter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from callcenter.calls.models import Agent, Call, Thread, Tombstone
from callcenter.journal.models import Connection
from callcenter.journal.revision import next_revision

T = TypeVar("T")
TRIES = 4
TOGETHER = 500  # rows a statement
DEADLOCK = "40P01"


@dataclass(slots=True)
class Changed:
    """What looks different after this transaction: calls by call_uuid, the rest by id. ``gone``: deleted calls and their teams.

    ``told``: calls of which only what the provider tells changed: what operators asked for them is as it was.
    ``revision``: theirs, once the outermost block is over; 0 = nothing changed.
    """

    calls: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    agents: set[int] = field(default_factory=set)
    threads: set[int] = field(default_factory=set)
    connections: set[int] = field(default_factory=set)
    gone: dict[str, int] = field(default_factory=dict)
    revision: int = 0

    def __bool__(self) -> bool:
        return bool(self.calls or self.told or self.agents or self.threads or self.connections or self.gone)

    def include(self, other: Changed) -> None:
        self.calls |= other.calls
        self.told |= other.told
        self.agents |= other.agents
        self.threads |= other.threads
        self.connections |= other.connections
        self.gone |= other.gone


_open: ContextVar[Changed | None] = ContextVar("changed rows of the open transaction", default=None)


@contextmanager
def revising(*, locked: bool = False) -> Iterator[Changed]:
    """A transaction, or a part of the one that is open; what is put into the Changed gets the revision at the end of the outermost.

    ``locked``: the caller holds all the rows that it names, so they need not be locked before the counter.
    """
    outer, changed = _open.get(), Changed()
    token = _open.set(changed)
    try:
        with transaction.atomic():
            yield changed
            if outer is None:
                changed.revision = _mark(changed, locked=locked)
    finally:
        _open.reset(token)
    if outer is not None:
        outer.include(changed)


def in_one(work: Callable[[], T]) -> T:
    """Do it in one such transaction; again from the beginning when the database broke a deadlock by taking it back."""
    for _ in range(TRIES - 1):
        try:
            with revising():
                return work()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
                raise
    with revising():
        return work()


def lock_rows(*kinds: QuerySet[Any]) -> None:
    """Lock these rows in the order that everybody keeps: threads, calls, agents, connections, each by id.

    Not their keys: a row that points at one of them is written without waiting.
    """
    if connection.features.has_select_for_update:  # SQLite has one writer anyway
        for rows in kinds:
            list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk"))


def _mark(changed: Changed, *, locked: bool) -> int:
    if not changed:
        return 0
    rows: list[QuerySet[Any]] = [
        *(Thread.objects.filter(pk__in=some) for some in _together(changed.threads)),
        *(Call.objects.filter(call_uuid__in=some) for some in _together(changed.calls | changed.told)),
        *(Agent.objects.filter(pk__in=some) for some in _together(changed.agents)),
        *(Connection.objects.filter(pk__in=some) for some in _together(changed.connections)),
    ]
    if not locked:
        lock_rows(*rows)
    revision = next_revision()
    for kind in rows:
        kind.update(revision=revision)
    for some in _together(changed.calls):
        Call.objects.filter(call_uuid__in=some).update(desk_revision=revision)
    if changed.gone:
        _bury(changed.gone, revision)
    return revision


def _together(names: set[Any]) -> Iterator[list[Any]]:
    """In order, so many to a statement as every database takes."""
    waiting = sorted(names)
    yield from (waiting[start : start + TOGETHER] for start in range(0, len(waiting), TOGETHER))


def _bury(gone: dict[str, int], revision: int) -> None:
    now = timezone.now()
    stones = [Tombstone(call_uuid=uuid, team_id=team, deleted_at=now, revision=revision) for uuid, team in gone.items()]
    fields = ["team", "deleted_at", "revision"]
    Tombstone.objects.bulk_create(stones, update_conflicts=True, unique_fields=["call_uuid"], update_fields=fields)
