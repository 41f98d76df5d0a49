"""What answering does to an operator's presence, and what their absence does to what they hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from callcenter.calls.models import Call, Thread
from callcenter.commands.models import Takeover
from callcenter.operators import presence
from callcenter.operators.models import Operator

if TYPE_CHECKING:
    from callcenter.calls.holding import Held

VOICE = (Call.Channel.PHONE, Call.Channel.WEBRTC)
TOGETHER = 100  # what one look takes back


def began(held: Held, operator: Operator, now: datetime) -> None:
    """A voice call takes a person whole; written conversations leave them ready."""
    if is_voice(held):
        presence.took_call(operator.pk, now)


def ended(operators: Iterable[int], now: datetime) -> None:
    """Asked after the takeover is closed: who answers no other voice call wraps up."""
    wanted = set(operators)
    talking = Takeover.objects.filter(operator__in=wanted, ended_at=None, call__channel__in=VOICE).values_list("operator", flat=True)
    for operator in wanted - set(talking):
        presence.left_call(operator, now)


def undone(held: Held, operator: Operator, now: datetime) -> None:
    if is_voice(held) and not Takeover.objects.filter(operator=operator, ended_at=None, call__channel__in=VOICE).exists():
        presence.undid_call(operator.pk, now)


def is_voice(held: Held) -> bool:
    return isinstance(held, Call) and held.channel in VOICE


def abandoned(now: datetime) -> list[tuple[Held, Operator]]:
    """What people hold whose browser is gone, and who did not get it only just now."""
    calls = Call.objects.live().filter(holder__isnull=False).select_related("holder")
    threads = Thread.objects.filter(holder__isnull=False).select_related("holder")
    holders = {*calls.order_by().values_list("holder", flat=True), *threads.order_by().values_list("holder", flat=True)}
    away = presence.gone([pk for pk in holders if pk], now) if holders else set()
    if not away:
        return []
    recent = Takeover.objects.filter(ended_at=None, began_at__gt=now - timedelta(seconds=settings.AWAY_AFTER_S))
    spared_calls, spared_threads = (set(recent.values_list(name, flat=True)) for name in ("call", "thread"))
    found: list[Held] = [call for call in calls.filter(holder__in=away)[:TOGETHER] if call.pk not in spared_calls]
    found += [thread for thread in threads.filter(holder__in=away)[:TOGETHER] if thread.pk not in spared_threads]
    return [(held, held.holder) for held in found if held.holder is not None]
