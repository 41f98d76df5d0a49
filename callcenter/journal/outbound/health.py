"""How a connection that we open is, in words: for the administration, the console's strip, health and metrics."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.timesince import timesince

from callcenter.journal.models import Connection, ConnectionHealth, RunnerLease
from callcenter.providers.client import Line

RUNNER_GONE = timedelta(seconds=10)
SILENT = timedelta(minutes=2)
NO_RUNNER = "Nothing runs the connections."
START_RUNNER = f"{NO_RUNNER} Start manage.py run_connections."  # for administrators


@dataclass(frozen=True, slots=True)
class Outbound:
    """``words``: one or more sentences, "" = all is well."""

    line: Line
    words: str
    down_since: datetime | None = None  # None: it is up, or nobody knows


def runner_lives(lease: RunnerLease | None, now: datetime) -> bool:
    return lease is not None and bool(lease.holder) and lease.seen_at is not None and now - lease.seen_at < RUNNER_GONE


def the_lease() -> RunnerLease | None:
    return RunnerLease.objects.filter(pk=1).first()


def runner_seen_at() -> datetime | None:
    lease = the_lease()
    return lease.seen_at if lease and lease.holder else None


def waiting_words(lease: RunnerLease | None, now: datetime) -> str:
    """A second runner, if one waits."""
    if lease is None or lease.waiting_at is None or now - lease.waiting_at > RUNNER_GONE:
        return ""
    return f"A second runner waits ({lease.waiting}); the first is {lease.place}. One of them is not needed."


def health_of(connection: Connection) -> ConnectionHealth | None:
    return getattr(connection, "health", None)


def outbound_of(connection: Connection, now: datetime) -> Outbound:
    """Two queries less for one that was read ``with_health``."""
    health = health_of(connection)
    if not connection.enabled:
        return Outbound(Line.STOPPED, "Disabled.")
    seen = connection.runner_seen_at if hasattr(connection, "runner_seen_at") else runner_seen_at()
    if seen is None or now - seen > RUNNER_GONE:
        return Outbound(Line.STOPPED, NO_RUNNER, (health.down_since if health else None) or seen)
    if health is None:
        return Outbound(Line.CONNECTING, "")
    words = [health.words, health.relay]
    if health.line == Line.UP and health.frame_at and now - health.frame_at > SILENT:
        words.append(f"Connected; the provider has been silent for {timesince(health.frame_at, now)}.")
    return Outbound(Line(health.line), " ".join(filter(None, words)), health.down_since)


Standing = tuple[bool, datetime | None, dict[str, str]]


def standing_of(connection: Connection, now: datetime) -> Standing:
    """What calls of this line show of it: whether it is up, since when it is not, and what the provider does not know."""
    found = outbound_of(connection, now)
    return found.line is Line.UP, found.down_since, absent_of(connection)


def absent_of(connection: Connection) -> dict[str, str]:
    """Actions that the provider was found not to know, with a sentence for each."""
    health = health_of(connection) if connection.is_outbound else None
    return health.absent if health else {}


def lag_words(health: ConnectionHealth) -> str:
    if not health.spooled or health.spooled_since is None:
        return "none"
    age = f"{(timezone.now() - health.spooled_since).total_seconds():.0f} s"
    return f"1 frame waits, for {age}" if health.spooled == 1 else f"{health.spooled:,} frames wait, the oldest for {age}"
