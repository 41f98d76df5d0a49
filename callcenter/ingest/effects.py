"""Events that answer commands: found in the batch that takes them, confirmed in its transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from callcenter.calls.models import Call
from callcenter.commands import outbox
from callcenter.commands.models import Command
from callcenter.domain.commands.effect import Outcome, effect_of
from callcenter.domain.commands.order import Verb
from callcenter.domain.events.base import Event
from callcenter.journal.models import Entry
from callcenter.journal.scopes import call_scope
from callcenter.journal.times import CLOCKS_S

LOOK_BACK = timedelta(hours=1)
# One event answers one of these; of the others all that ask for the same.
ONE_EACH = frozenset({Verb.SEND, Verb.DIAL, Verb.DTMF, Verb.SET_LANGUAGE})


class Told(NamedTuple):
    """An event of a connection. ``happened``: epoch s, of a record that was fetched, maybe long after; None = just now."""

    connection: int
    event: Event
    happened: float | None = None

    def is_older_than(self, command: Command) -> bool:
        """The call before the one that is dialled, an earlier stay on the line: no answer to what was asked later."""
        return self.happened is not None and self.happened < command.created_at.timestamp() - CLOCKS_S


def apply(told: Sequence[Told], now: datetime) -> None:
    """In order of arrival. The oldest command comes first."""
    sources = {one.connection for one in told}
    if not outbox.is_any_answerable(sources, now - LOOK_BACK):
        return
    recent = Command.objects.answerable().filter(connection__in=sources, created_at__gte=now - LOOK_BACK)
    waiting = list(recent.select_related("connection"))
    for one in told if waiting else ():
        for command in list(waiting):
            if command.connection_id != one.connection or one.is_older_than(command):
                continue
            outcome = _apply(command, one.event, now)
            if outcome in (Outcome.CONFIRMED, Outcome.REFUSED):
                waiting.remove(command)
                if Verb(command.verb) in ONE_EACH:
                    break


def _was_heard_before(call: str, command: Command) -> bool:
    """Before the command left. Ingest's clock tells both, whatever the pages' clock says."""
    left = command.claimed_at or command.created_at
    return Entry.objects.filter(scope=call_scope(call), received_at__lt=left).exists()


def _apply(command: Command, event: Event, now: datetime) -> Outcome:
    effect = effect_of(outbox.order_of(command), event)
    if effect.call and _was_heard_before(effect.call, command):
        return Outcome.NOTHING  # an earlier call to this number, not the one that was asked for
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
