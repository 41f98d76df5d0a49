"""Whether operators can take calls, told to Sippet when they say so. No event ever confirms it: its answer does. Contract sippet 7."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from callcenter.commands import outbox
from callcenter.commands.models import Command, CommandQuerySet
from callcenter.commands.outbox import Target, enqueue
from callcenter.commands.situation import lacking
from callcenter.commands.takeover import Actor
from callcenter.domain.commands.order import Order, Verb
from callcenter.journal.models import Connection
from callcenter.operators import audit
from callcenter.providers.clients import Kind

if TYPE_CHECKING:
    from callcenter.operators.models import Operator


def told_lines(operator: Operator) -> list[Connection]:
    """The connections that are told: those of the operator's teams which we dialled, if Sippet has a name for their phone."""
    if not operator.sip_user or not operator.can_act:
        return []
    found = Connection.objects.with_health().filter(kind=Kind.SIPPET, enabled=True, team__in=operator.teams.all())
    return list(found)


def tell(actor: Actor, *, ready: bool) -> None:
    """Ask every such connection for it; what was asked before and has not left is not sent any more."""
    for line in told_lines(actor.operator):
        if _why_not(line):
            continue
        for older in _asked(actor.operator, line).filter(state=Command.State.PENDING):
            outbox.cancel(older, actor.now)
        order = Order(verb=Verb.SET_STATUS, sip_user=actor.operator.sip_user, status="ready" if ready else "not_ready")
        command, _ = enqueue(order, Target(line), operator=actor.operator, key=uuid4().hex, now=actor.now)
        detail = {"command": str(command.pk), "status": order.status}
        audit.record(actor.operator, "set_status", f"connection:{line.slug}", address=actor.address, detail=detail, result="asked")


def newest(operator: Operator) -> list[tuple[Connection, Command | None, str]]:
    """Of each such connection the newest command, and why it cannot be asked at all, "" = it can."""
    return [(line, _asked(operator, line).order_by("-created_at").first(), _why_not(line)) for line in told_lines(operator)]


def _why_not(line: Connection) -> str:
    return lacking(line).get(Verb.SET_STATUS, "")


def _asked(operator: Operator, line: Connection) -> CommandQuerySet:
    return Command.objects.filter(operator=operator, connection=line, verb=Verb.SET_STATUS)
