"""Putting a command into the outbox, and every change of its state. Design law 8.

Each change is one conditional update: whoever comes second changes nothing. Nothing leaves ``confirmed`` or ``failed``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import msgspec
from django.db import connection as db
from django.db.models import QuerySet

from callcenter.calls.hints import hint_after_commit
from callcenter.calls.models import Agent, Call, Thread
from callcenter.calls.revising import Changed, lock_rows, revising
from callcenter.commands.models import Command
from callcenter.domain.commands.order import BY_ANSWER, UTTERANCE_S, Order, Verb, wait_of
from callcenter.journal.models import Connection
from callcenter.journal.statements import select
from callcenter.providers.encode import encode

if TYPE_CHECKING:
    from callcenter.operators.models import Operator

State, Failure = Command.State, Command.Failure

EXPIRES_S = 15.0
LONGEST_S = 60.0
LEASE_S = 10.0  # a socket's process that has not marked by then what it claimed, died


_ANSWERABLE = "SELECT 1 FROM commands_command WHERE connection_id IN {} AND state IN {} AND created_at >= {} LIMIT 1"


def is_any_answerable(connections: set[int], since: datetime) -> bool:
    """Does any command of these connections, made since then, wait for an event? Asked at every commit of ingest."""
    at = db.ops.adapt_datetimefield_value(since)
    return bool(select(_ANSWERABLE, list(connections), [state.value for state in Command.ANSWERABLE], [at]))


@dataclass(frozen=True, slots=True)
class Target:
    """What a command is about; it is shown there. ``fence``: the number under which it was asked."""

    connection: Connection
    agent: Agent | None = None
    call: Call | None = None
    thread: Thread | None = None
    fence: int | None = None


def enqueue(
    order: Order, target: Target, *, now: datetime, operator: Operator | None = None, key: str = "", expires_s: float = EXPIRES_S
) -> tuple[Command, bool]:
    """Write the command; (command, False) when the same operator sent this key before. Raises KeyError for a verb unknown there."""
    key = key[:64] or uuid4().hex
    frame, *more = encode(target.connection.provider, order)
    with revising() as changed:
        command, new = Command.objects.get_or_create(
            operator=operator,
            key=key,
            defaults={
                "connection": target.connection,
                "agent": target.agent,
                "call": target.call,
                "thread": target.thread,
                "verb": order.verb.value,
                "order": msgspec.to_builtins(order),
                "frame": frame,
                "more_frames": more,
                "fence": target.fence,
                "expires_at": now + timedelta(seconds=min(max(expires_s, 1.0), LONGEST_S)),
            },
        )
        if new:
            _touch([command], changed)
    return command, new


def order_of(command: Command) -> Order:
    return msgspec.convert(command.order, Order)


# What the sender does


def claim(command: Command, socket: UUID, now: datetime) -> bool:
    """Nobody else sends it from now on; False when it expired, was cancelled, or is claimed."""
    return _move(
        Command.objects.filter(pk=command.pk, state=State.PENDING, expires_at__gt=now),
        [command],
        state=State.SENDING,
        claimed_at=now,
        socket=socket,
    )


def may_leave(command: Command, claimed: datetime, now: datetime) -> bool:
    """Asked directly before it leaves: is there still time, and does its claim, made at ``claimed``, still count?"""
    return now < min(command.expires_at, claimed + timedelta(seconds=LEASE_S))


def never_left(command: Command, socket: UUID, failure: Command.Failure, now: datetime, error: str = "") -> bool:
    """It was claimed for this socket, and nothing of it left. It does not wait again: who asked may have been replaced meanwhile."""
    rows = Command.objects.filter(pk=command.pk, state__in=(State.SENDING, State.UNKNOWN), socket=socket)
    return _move(rows, [command], state=State.FAILED, failure=failure, error=error, done_at=now)


def mark_sent(command: Command, now: datetime) -> bool:
    """It was handed to the socket. An answer may have come before."""
    wait = timedelta(seconds=wait_of(command.connection.provider, Verb(command.verb)))
    rows = Command.objects.filter(pk=command.pk, state=State.SENDING)
    return _move(rows, [command], state=State.SENT, sent_at=now, confirm_by=now + wait)


# What the provider's side says


def refuse(pk: UUID, connection: int, error: str, now: datetime) -> bool:
    """The other side of the socket, or an event, says that it will not be done."""
    rows = Command.objects.filter(pk=pk, connection=connection, state__in=Command.ANSWERABLE)
    return _move(rows, list(rows), state=State.FAILED, failure=Failure.REFUSED, error=error[:1000], done_at=now)


def confirm_by_answer(pk: UUID, connection: int, now: datetime) -> bool:
    """The provider took it, and no event will tell more. Of every other verb an answer says nothing."""
    rows = Command.objects.filter(pk=pk, connection=connection, verb__in=BY_ANSWER, state__in=Command.ANSWERABLE)
    return any(confirm(command, now) for command in rows)


def lose_track(pk: UUID, connection: int, error: str) -> bool:
    """A later piece of it was not passed on, the first was: nobody can tell what comes of that until an event does."""
    rows = Command.objects.filter(pk=pk, connection=connection, state__in=(State.SENDING, State.SENT))
    return _move(rows, list(rows), state=State.UNKNOWN, error=error[:1000])


def confirm(command: Command, now: datetime, call: Call | None = None) -> bool:
    made: dict[str, Any] = {"call": call} if call is not None and command.call_id is None else {}
    return _move(Command.objects.filter(pk=command.pk, state__in=Command.ANSWERABLE), [command], state=State.CONFIRMED, done_at=now, **made)


def begin(command: Command, now: datetime) -> bool:
    """Words began to be spoken: their end is waited for."""
    rows = Command.objects.filter(pk=command.pk, state__in=Command.ANSWERABLE, begun=False)
    by = now + timedelta(seconds=UTTERANCE_S)
    return _move(rows, [command], state=State.SENT, begun=True, confirm_by=by)


# What the operator does


def cancel(command: Command, now: datetime) -> bool:
    """Only what still waits can be cancelled."""
    rows = Command.objects.filter(pk=command.pk, state=State.PENDING)
    return _move(rows, [command], state=State.FAILED, failure=Failure.CANCELLED, done_at=now)


def take_from(waiting: QuerySet[Command], winner: str, now: datetime) -> int:
    """Somebody else took over: what the loser has not sent is not sent any more."""
    found = list(waiting.filter(state=State.PENDING))
    return sum(
        _move(
            Command.objects.filter(pk=command.pk, state=State.PENDING),
            [command],
            state=State.FAILED,
            failure=Failure.TAKEN,
            error=f"{winner} answers now.",
            done_at=now,
        )
        for command in found
    )


# What time does


def expire(now: datetime) -> int:
    """Nothing is sent after its expiry, also not when the connection returns."""
    rows = Command.objects.filter(state=State.PENDING, expires_at__lte=now)
    return _each(rows, state=State.FAILED, failure=Failure.EXPIRED, done_at=now)


def give_up_leases(now: datetime) -> int:
    """Claimed, and never marked as sent: nobody can tell whether it left."""
    rows = Command.objects.filter(state=State.SENDING, claimed_at__lte=now - timedelta(seconds=LEASE_S))
    return _each(rows, state=State.UNKNOWN)


def time_out(now: datetime) -> int:
    return _each(Command.objects.overdue(now), state=State.NOT_CONFIRMED)


def _each(rows: QuerySet[Command], **values: Any) -> int:
    """Row by row, each still as it was found."""
    return sum(_move(rows.filter(pk=command.pk), [command], **values) for command in rows.order_by("pk")[:500])


def _move(rows: QuerySet[Command], commands: list[Command], **values: Any) -> bool:
    """The conditional update; what shows the command changes with it."""
    with revising() as changed:
        _lock_targets(commands)
        moved = rows.update(**values)
        if moved:
            _touch(commands, changed)
    return bool(moved)


def _lock_targets(commands: list[Command]) -> None:
    """In the order that ingest keeps: threads, calls, agents; the revision comes last."""
    lock_rows(
        Thread.objects.filter(pk__in={c.thread_id for c in commands if c.thread_id}),
        Call.objects.filter(pk__in={c.call_id for c in commands if c.call_id}),
        Agent.objects.filter(pk__in=_agents(commands)),
    )


def _agents(commands: list[Command]) -> set[int]:
    """Those that show a command themselves, because no call and no thread does."""
    return {c.agent_id for c in commands if c.agent_id and not c.call_id and not c.thread_id}


def _touch(commands: list[Command], changed: Changed) -> None:
    """Screens find by revision what shows these commands: their call, the live calls of their thread, their agent."""
    changed.calls |= set(Call.objects.filter(pk__in={c.call_id for c in commands if c.call_id}).values_list("call_uuid", flat=True))
    changed.threads |= {c.thread_id for c in commands if c.thread_id}
    changed.agents |= _agents(commands)
    hint_after_commit()
