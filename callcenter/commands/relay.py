"""What time does to commands, pauses and takeovers. Any number of processes may do it at once."""

from datetime import datetime, timedelta

from callcenter.calls.holding import holders_where
from callcenter.calls.revising import in_one
from callcenter.commands import attendance, outbox
from callcenter.commands.models import Pause, Takeover
from callcenter.commands.outbox import Target, enqueue
from callcenter.commands.takeover import give_up
from callcenter.domain.commands.order import Level, Verb, pause_order
from callcenter.operators import audit, presence

HELD_S = 30.0


def tick(now: datetime) -> int:
    """Returns how many commands, pauses, takeovers and people changed."""
    changed = outbox.expire(now) + outbox.give_up_leases(now) + outbox.time_out(now)
    return changed + end_pauses(now) + close_takeovers(now) + take_back(now) + presence.end_wrap_ups(now)


def end_pauses(now: datetime) -> int:
    """A pause whose time is over is resumed by the console; whoever claims the row does it."""
    due = Pause.objects.filter(ended_at=None, until__lte=now).select_related("agent__connection").order_by("pk")
    return sum(in_one(lambda pause=pause: _end(pause, now)) for pause in due[:100])  # type: ignore[misc]


def _end(pause: Pause, now: datetime) -> int:
    if holders_where(pause.agent, Level(pause.level), pause.target):
        # Whoever answers in place of the agent would have it talk into that: looked at again when they may be done.
        Pause.objects.filter(pk=pause.pk, ended_at=None).update(until=now + timedelta(seconds=HELD_S))
        return 0
    if not Pause.objects.filter(pk=pause.pk, ended_at=None).update(ended_at=now):
        return 0
    order = pause_order(Verb.RESUME, pause.agent.slug, Level(pause.level), pause.target)
    enqueue(order, Target(pause.agent.connection, pause.agent), key=f"pause-over:{pause.pk}", now=now)
    audit.record(None, "resume", f"agent:{pause.agent_id}", detail={"level": pause.level, "pause": pause.pk}, result="time is over")
    return 1


def close_takeovers(now: datetime) -> int:
    """A call that ended needs nobody to answer it; who did wraps up."""
    over = dict(Takeover.objects.filter(ended_at=None, call__status="completed").values_list("pk", "operator"))
    if not over:
        return 0
    closed = Takeover.objects.filter(pk__in=over, ended_at=None).update(ended_at=now, ended_how=Takeover.End.CALL_OVER)
    attendance.ended(over.values(), now)
    return closed


def take_back(now: datetime) -> int:
    """What people hold whose browser has been gone for too long goes back, one by one and visibly."""
    return sum(in_one(lambda one=one: give_up(one[0], one[1], now)) for one in attendance.abandoned(now))  # type: ignore[misc]
