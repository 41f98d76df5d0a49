"""Taking over and handing back: the holder changes at commit, the agent's silence is asked of the provider. Design laws 7 and 9."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from callcenter.calls.holding import Held, StaleFence, change_holder, lock
from callcenter.calls.models import Call, Thread
from callcenter.calls.revising import revising
from callcenter.commands import attendance, outbox, rights
from callcenter.commands.models import Command, Takeover
from callcenter.commands.outbox import Target, enqueue
from callcenter.commands.situation import lacking, why_one_way
from callcenter.domain.commands.capability import offered
from callcenter.domain.commands.order import Level, Order, Verb
from callcenter.operators import audit

if TYPE_CHECKING:
    from callcenter.operators.models import Operator

UNDO_S = 10.0
ANYBODY = object()
End = Takeover.End


class Refused(Exception):
    """The operator may not do this, or not now; the text says why."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, from where, when. ``key``: made by the page, the same form sent twice acts once."""

    operator: Operator
    now: datetime
    address: str = ""
    key: str = ""


def take_over(held: Held, actor: Actor, fence: int, why: str = "") -> Held:
    """Raises Refused, with the winner's name for whoever comes second."""
    with revising():
        row = locked(held, fence, wanted=actor.operator)
        if row.fence != fence:
            return row
        allow(rights.may_take(actor.operator, row.holder))
        if isinstance(row, Call) and row.status == "completed":
            raise Refused("The call is over.")
        allow(why_not_taken(row))
        previous = row.holder
        _close(row, actor.now, End.TAKEN)
        row = change_holder(row, actor.operator, fence=row.fence, by=actor.operator, why="taken_over", now=actor.now)
        _open(row, actor.operator, previous, why, actor.now)
        if previous is not None:
            outbox.take_from(commands_on(row).filter(operator=previous), actor.operator.display_name, actor.now)
        _silence(row, actor)
        audit.record(
            actor.operator,
            "take_over",
            name_of(row),
            address=actor.address,
            detail={"fence": row.fence, "why": why, "from": _who(previous)},
        )
    return row


def why_not_taken(held: Held) -> str:
    """Why nobody could answer it: no word would leave, or taking over is an action of Sippet that the account does not have."""
    connection = held.connection if isinstance(held, Call) else held.agent.connection
    return why_one_way(connection) or (lacking(connection).get(Verb.BARGE, "") if connection.provider == "sippet" else "")


def hand_back(held: Held, actor: Actor, fence: int, note: str = "") -> Held:
    """To the agent, with a note that it alone reads, where the provider can take one."""
    with revising():
        row = locked(held, fence, wanted=None)
        if row.fence != fence:
            return row
        allow(rights.may_give_back(actor.operator, row.holder))
        previous = row.holder
        _close(row, actor.now, End.HANDED_BACK)
        row = change_holder(row, None, fence=row.fence, by=actor.operator, why="handed_back", now=actor.now)
        if previous is not None and previous.pk != actor.operator.pk:
            outbox.take_from(commands_on(row).filter(operator=previous), "The agent", actor.now)
        _free(row, actor, note)
        audit.record(actor.operator, "hand_back", name_of(row), address=actor.address, detail={"fence": row.fence, "note": bool(note)})
    return row


def reassign(held: Held, to: Operator, actor: Actor, fence: int, why: str = "") -> Held:
    """A supervisor gives the call to somebody else of its team."""
    with revising():
        row = locked(held, fence, wanted=to)
        allow(rights.may_reassign(actor.operator))
        if row.fence != fence:
            return row
        allow(rights.may_act(to))
        allow(why_not_taken(row))
        previous = row.holder
        if previous is not None and previous.pk == to.pk:
            raise Refused(f"{to.display_name} answers already.")
        _close(row, actor.now, End.REASSIGNED)
        row = change_holder(row, to, fence=row.fence, by=actor.operator, why="reassigned", now=actor.now)
        _open(row, to, previous, why, actor.now, given_by=actor.operator if to.pk != actor.operator.pk else None)
        if previous is None:
            _silence(row, actor)
        else:
            outbox.take_from(commands_on(row).filter(operator=previous), to.display_name, actor.now)
        detail = {"fence": row.fence, "from": _who(previous), "to": to.username, "why": why}
        audit.record(actor.operator, "reassign", name_of(row), address=actor.address, detail=detail)
    return row


def undo(held: Held, actor: Actor, fence: int) -> Held:
    """Within ten seconds, while nothing human was said: as if nothing had happened."""
    with revising():
        row = locked(held, fence)
        allow(rights.may_act(actor.operator))
        taken = open_takeover(row)
        if taken is None or taken.operator_id != actor.operator.pk or row.holder is None:
            raise Refused("There is nothing to undo.")
        if taken.first_reply_at is not None:
            raise Refused("You have answered already: hand back instead.")
        if actor.now - taken.began_at > timedelta(seconds=UNDO_S):
            raise Refused("More than ten seconds have passed: hand back instead.")
        previous = taken.previous
        taken.delete()
        attendance.undone(row, actor.operator, actor.now)
        row = change_holder(row, previous, fence=row.fence, by=actor.operator, why="undone", now=actor.now)
        asked = commands_on(row).filter(operator=actor.operator, verb__in=[Verb.PAUSE, Verb.BARGE], created_at__gte=taken.began_at)
        unsent = [command for command in asked if outbox.cancel(command, actor.now)]
        if previous is None and not unsent:
            _free(row, actor, "")
        audit.record(actor.operator, "undo_take_over", name_of(row), address=actor.address, detail={"fence": row.fence})
    return row


def give_up(held: Held, operator: Operator, now: datetime) -> bool:
    """The operator's browser has been gone for too long: back to the team, visibly. The agent stays as it is."""
    with revising():
        row = lock(held, None)
        if row.holder is None or row.holder.pk != operator.pk:
            return False
        _close(row, now, End.GIVEN_UP)
        row = change_holder(row, None, fence=row.fence, by=operator, why="given_up", now=now)
        _free(row, Actor(operator, now), "")
        audit.record(None, "give_up", name_of(row), detail={"operator": operator.username, "fence": row.fence})
    return True


def note_reply(held: Held, now: datetime) -> None:
    """The first human words of a takeover."""
    taken = open_takeover(held)
    if taken is not None and taken.first_reply_at is None:
        Takeover.objects.filter(pk=taken.pk, first_reply_at=None).update(first_reply_at=now)


def open_takeover(held: Held) -> Takeover | None:
    return _takeovers(held).filter(ended_at=None).select_related("operator", "previous").first()


def _takeovers(held: Held) -> QuerySet[Takeover]:
    return Takeover.objects.filter(call=held) if isinstance(held, Call) else Takeover.objects.filter(thread=held)


def commands_on(held: Held) -> QuerySet[Command]:
    return Command.objects.filter(call=held) if isinstance(held, Call) else Command.objects.filter(thread=held)


def name_of(held: Held) -> str:
    return f"call:{held.call_uuid}" if isinstance(held, Call) else f"thread:{held.pk}"


def _who(operator: Operator | None) -> str:
    return operator.username if operator else ""


def allow(reason: str) -> None:
    if reason:
        raise Refused(reason)


def locked(held: Held, fence: int, wanted: Operator | object | None = ANYBODY) -> Held:
    """The row under this number. It has another one when the same form came twice: then ``wanted`` holds it already."""
    try:
        return lock(held, fence)
    except StaleFence as error:
        if error.holder == wanted:
            return lock(held, None)
        who = error.holder.display_name if error.holder else "The agent"
        raise Refused(f"{who} answers now.") from error


def _open(row: Held, operator: Operator, previous: Operator | None, why: str, now: datetime, given_by: Operator | None = None) -> None:
    where = {"call": row} if isinstance(row, Call) else {"thread": row}
    people = {"operator": operator, "previous": previous, "given_by": given_by}
    Takeover.objects.create(**where, **people, fence=row.fence, why=why[:300], began_at=now)
    attendance.began(row, operator, now)


def _close(row: Held, now: datetime, how: str) -> None:
    open_ones = _takeovers(row).filter(ended_at=None)
    people = list(open_ones.values_list("operator", flat=True))
    open_ones.update(ended_at=now, ended_how=how)
    attendance.ended(people, now)


def target_of(row: Held) -> Target:
    """Where a command about this call or thread goes, and where it is shown."""
    if isinstance(row, Call):
        return Target(row.connection, row.agent, call=row, fence=row.fence)
    return Target(row.agent.connection, row.agent, thread=row, fence=row.fence)


def _silence(row: Held, actor: Actor) -> None:
    """Ask the provider to silence the agent, where it can be asked at all."""
    order = _order(row, Verb.PAUSE, Verb.BARGE, row.holder.sip_user if row.holder else "")
    if order is not None:
        enqueue(order, target_of(row), operator=actor.operator, key=f"silence:{row.fence}:{row.pk}:{name_of(row)[:4]}", now=actor.now)


def _free(row: Held, actor: Actor, note: str) -> None:
    target = target_of(row)
    if note and isinstance(row, Call) and offered(Verb.WHISPER, target.connection.provider, row.channel):
        words = Order(verb=Verb.WHISPER, agent=_slug(row), call=row.call_uuid, text=note, request_id=f"note-{row.pk}-{row.fence}")
        enqueue(words, target, operator=actor.operator, key=f"note:{row.fence}:{row.pk}", now=actor.now)
    order = _order(row, Verb.RESUME, Verb.RESUME_AI, "")
    if order is not None:
        enqueue(order, target, operator=actor.operator, key=f"free:{row.fence}:{row.pk}:{name_of(row)[:4]}", now=actor.now)


def _order(row: Held, pinecall: Verb, sippet: Verb, sip_user: str) -> Order | None:
    """A thread is silenced by its contact, so that it stays so across provider sessions; a call by its id."""
    if isinstance(row, Thread):
        return Order(verb=pinecall, agent=row.agent.slug, contact=row.digits, level=Level.CONTACT)
    verb = sippet if row.connection.provider == "sippet" else pinecall
    if row.status == "completed" or not offered(verb, row.connection.provider, row.channel):
        return None
    return Order(verb=verb, agent=_slug(row), call=row.call_uuid, sip_user=sip_user)


def _slug(call: Call) -> str:
    return call.agent.slug if call.agent else ""
