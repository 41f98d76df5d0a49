"""Events that answer commands: found in the batch that takes them, confirmed in its transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from callcenter.calls.models import Call
from callcenter.commands import outbox
from callcenter.commands.models import Command
from callcenter.domain.commands.effect import Outcome, effect_of
from callcenter.domain.commands.order import Verb
from callcenter.domain.events.base import Event

LOOK_BACK = timedelta(hours=1)
# One event answers one of these; of the others all that ask for the same.
ONE_EACH = frozenset({Verb.SEND, Verb.DIAL, Verb.DTMF, Verb.SET_LANGUAGE})


def apply(told: Sequence[tuple[int, Event]], now: datetime) -> None:
    """``told``: (connection id, event), in order of arrival. The oldest command comes first."""
    if not told:
        return
    recent = Command.objects.answerable().filter(connection__in={connection for connection, _ in told}, created_at__gte=now - LOOK_BACK)
    waiting = list(recent.select_related("connection"))
    for connection, event in told if waiting else ():
        for command in list(waiting):
            if command.connection_id != connection:
                continue
            outcome = _apply(command, event, now)
            if outcome in (Outcome.CONFIRMED, Outcome.REFUSED):
                waiting.remove(command)
            if outcome is Outcome.CONFIRMED and Verb(command.verb) in ONE_EACH:
                break


def _apply(command: Command, event: Event, now: datetime) -> Outcome:
    effect = effect_of(outbox.order_of(command), event)
    match effect.outcome:
        case Outcome.CONFIRMED:
            call = Call.objects.filter(call_uuid=effect.call).first() if effect.call else None
            outbox.confirm(command, now, call)
        case Outcome.REFUSED:
            outbox.refuse(command.pk, command.connection_id, effect.words, now)
        case Outcome.BEGUN:
            outbox.begin(command, now)
        case Outcome.NOTHING:
            pass
    return effect.outcome
