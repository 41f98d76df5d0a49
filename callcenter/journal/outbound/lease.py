"""One runner at a time. The holder lets ``beat`` rise; who waits takes over when it stands still, by a conditional update.

No clock is compared with another machine's: the one who waits measures with its own how long the beat stands still.
"""

from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from callcenter.journal.models import Connection, ConnectionHealth, RunnerLease

BEAT_S = 1.0
DEAD_S = 5.0  # a beat that stands still for so long belongs to nobody
FRESH_S = 4.0  # for so long after it began its last beat the holder may act
TOKEN = "run_"  # noqa: S105


def read_lease() -> RunnerLease:
    return RunnerLease.objects.get_or_create(pk=1)[0]


def take(seen: RunnerLease, holder: str, place: str) -> int:
    """The new fencing number, or 0 when somebody moved since ``seen`` was read."""
    rows = RunnerLease.objects.filter(pk=1, holder=seen.holder, beat=seen.beat, fence=seen.fence)
    values = {"holder": holder, "place": place, "fence": seen.fence + 1, "beat": seen.beat + 1, "seen_at": timezone.now()}
    return seen.fence + 1 if rows.update(**values) else 0


def renew(holder: str, fence: int) -> bool:
    """False: somebody else holds it now."""
    return bool(RunnerLease.objects.filter(pk=1, holder=holder, fence=fence).update(beat=F("beat") + 1, seen_at=timezone.now()))


def release(holder: str, fence: int) -> None:
    """Whoever waits need not wait for the beat to stand still. From now on its lines are down."""
    if RunnerLease.objects.filter(pk=1, holder=holder, fence=fence).update(holder="", beat=F("beat") + 1):
        ConnectionHealth.objects.filter(fence=fence, down_since=None).update(down_since=timezone.now())


def note_waiting(place: str) -> None:
    RunnerLease.objects.filter(pk=1).update(waiting=place, waiting_at=timezone.now())


def runner_token(connection: int, fence: int) -> str:
    """With which the runner comes to ingest. Nothing of it is stored: it is derived from SECRET_KEY, and ends with the lease."""
    return TOKEN + salted_hmac("callcenter.runner", f"{connection}:{fence}", algorithm="sha256").hexdigest()


def is_runner(connection: Connection, token: str) -> bool:
    if not token.startswith(TOKEN) or not connection.is_outbound:
        return False
    fence = RunnerLease.objects.filter(pk=1).values_list("fence", flat=True).first()
    return fence is not None and constant_time_compare(token, runner_token(connection.pk, fence))
