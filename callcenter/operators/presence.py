"""Whether people can take calls: set by hand, and by what happens. Every change is one conditional update."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, When

from callcenter.operators.models import Operator, Presence

State = Presence.State
SIGNED_OUT = "Signed out"
BY_HAND = (State.READY, State.WRAP_UP, State.NOT_READY)
REASON_CHARS = 120


def of(operator: Operator) -> Presence | None:
    """None = they never said and nothing ever happened."""
    return Presence.objects.filter(operator=operator).first()


def set_by_hand(operator: Operator, state: str, reason: str, now: datetime) -> bool:
    """False when this is nothing that people choose."""
    if state not in BY_HAND:
        return False
    said = " ".join(reason.replace("\x00", "").split())[:REASON_CHARS]
    _set(operator.pk, state, said if state == State.NOT_READY else "", now, by_hand=True)
    return True


def signed_in(operator: Operator, now: datetime) -> None:
    """Whoever comes back is there, and ready when they say so."""
    seen([operator.pk], now)
    Presence.objects.filter(operator=operator, state=State.NOT_READY, reason=SIGNED_OUT).update(reason="", since=now, by_hand=False)


def signed_out(operator: Operator, now: datetime) -> None:
    _set(operator.pk, State.NOT_READY, SIGNED_OUT, now)


def took_call(operator: int, now: datetime) -> None:
    """They answer a voice call; what they were before is kept for an undo, and for the end of their wrap-up."""
    row, _ = Presence.objects.get_or_create(operator_id=operator, defaults={"since": now})
    if row.state != State.ON_CALL:
        wraps_up = row.state == State.WRAP_UP and not row.by_hand  # after another call: that ends in what was before that one
        before = {} if wraps_up else {"before_state": row.state, "before_reason": row.reason}
        was = {**before, "wrapped_since": row.since if wraps_up else None}
        Presence.objects.filter(pk=operator, state=row.state).update(state=State.ON_CALL, reason="", since=now, by_hand=False, **was)


def left_call(operator: int, now: datetime) -> None:
    """Their last voice call is over or somebody else's. Who chose a state during the call keeps it."""
    Presence.objects.filter(pk=operator, state=State.ON_CALL).update(state=State.WRAP_UP, since=now, by_hand=False)


def undid_call(operator: int, now: datetime) -> None:
    """As if they had never answered: who wrapped up another call goes on with that, and for no longer."""
    row = Presence.objects.filter(pk=operator, state=State.ON_CALL).first()
    if row is None:
        return
    state, reason = row.before_state or State.READY, row.before_reason
    if row.wrapped_since is not None:
        state, reason = State.WRAP_UP, ""
    since = row.wrapped_since or now
    Presence.objects.filter(pk=operator, state=State.ON_CALL).update(state=state, reason=reason, since=since, by_hand=False)


def end_wrap_ups(now: datetime) -> int:
    """Wrap-up that began by itself ends by itself, in what was before the call; WRAP_UP_S 0 = never."""
    if not settings.WRAP_UP_S:
        return 0
    over = Presence.objects.filter(state=State.WRAP_UP, by_hand=False, since__lte=now - timedelta(seconds=settings.WRAP_UP_S))
    by_hand = Case(When(before_state=State.WRAP_UP, then=True), default=False)  # one that was chosen lasts
    before = over.exclude(before_state="").update(state=F("before_state"), reason=F("before_reason"), since=now, by_hand=by_hand)
    return before + over.update(state=State.READY, since=now)


def seen(operators: Iterable[int], now: datetime) -> None:
    """Their browsers are there: one update for all of them, and an insert for those who are new.

    It waits for nobody: whose row is being changed right now is seen anyway.
    """
    wanted = set(operators)
    if not wanted:
        return
    with transaction.atomic():
        free = Presence.objects.filter(pk__in=wanted).select_for_update(skip_locked=True).order_by().values("pk")
        told = Presence.objects.filter(pk__in=free).update(seen_at=now)
    if told < len(wanted):
        known = set(Presence.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        new = [Presence(operator_id=pk, since=now, seen_at=now) for pk in sorted(wanted - known)]
        Presence.objects.bulk_create(new, ignore_conflicts=True)


def gone(operators: Iterable[int], now: datetime) -> set[int]:
    """Those of whom no browser was seen for AWAY_AFTER_S; of whom nothing is known, the time begins now."""
    wanted = set(operators)
    found = dict(Presence.objects.filter(pk__in=wanted).values_list("pk", "seen_at"))
    seen([pk for pk in wanted if found.get(pk) is None], now)
    limit = now - timedelta(seconds=settings.AWAY_AFTER_S)
    return {pk for pk, at in found.items() if at is not None and at < limit}


def _set(operator: int, state: str, reason: str, now: datetime, *, by_hand: bool = False) -> None:
    values = {"state": state, "reason": reason, "since": now, "by_hand": by_hand}
    Presence.objects.update_or_create(operator_id=operator, defaults=values)
