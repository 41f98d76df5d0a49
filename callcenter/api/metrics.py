"""``GET /metrics`` in Prometheus form, for administrators: their session, or the bearer token of one."""

from collections.abc import Iterator
from time import time

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from callcenter.api.probes import ask_ingest_lag, ask_oldest_pending_command, commands_by_state, last_heard, opened_by_us
from callcenter.calls.models import Call
from callcenter.journal.models import DeadLetter
from callcenter.journal.outbound.health import health_of, outbound_of, runner_lives, the_lease
from callcenter.journal.revision import current_revision
from callcenter.journal.times import epoch
from callcenter.operators import roles
from callcenter.operators.bearer import known_operator
from callcenter.providers.client import Line


class ConsoleCollector(Collector):
    """Reads the database when it is asked; every process gives the same figures."""

    def collect(self) -> Iterator[Metric]:
        yield _live_calls()
        yield from _connections()
        yield from _outbound()
        yield _commands()
        waits = ask_oldest_pending_command()["seconds"]
        yield _single("callcenter_oldest_pending_command_seconds", "Since the oldest command that waits was asked for.", waits)
        yield _single("callcenter_revision", "The last revision committed.", current_revision())
        yield _single("callcenter_dead_letters", "Frames kept because they could not be read.", DeadLetter.objects.count())
        yield _single("callcenter_ingest_lag_seconds", "From the provider's clock to our door, newest frame.", ask_ingest_lag()["seconds"])


def _live_calls() -> Metric:
    live = GaugeMetricFamily("callcenter_live_calls", "Calls that are not over.", labels=["channel", "status"])
    for channel, status, count in Call.objects.live().order_by().values_list("channel", "status").annotate(Count("id")):
        live.add_metric([channel, status], count)
    return live


def _commands() -> Metric:
    family = GaugeMetricFamily("callcenter_commands", "Commands of operators by what became of them.", labels=["state"])
    for state, count in commands_by_state().items():
        family.add_metric([state], count)
    return family


def _connections() -> Iterator[Metric]:
    silent = GaugeMetricFamily("callcenter_connection_silent_seconds", "Since the last frame of a connection.", labels=["connection"])
    never = GaugeMetricFamily("callcenter_connection_never_heard", "1 for a connection without any frame so far.", labels=["connection"])
    for slug, heard in last_heard():
        never.add_metric([slug], heard is None)
        if heard is not None:
            silent.add_metric([slug], max(0.0, time() - epoch(heard)))
    yield silent
    yield never


def _outbound() -> Iterator[Metric]:
    """Connections that the runner opens."""
    now = timezone.now()
    up = GaugeMetricFamily("callcenter_connection_up", "1 while the line that we opened stands.", labels=["connection"])
    again = GaugeMetricFamily("callcenter_connection_reconnects", "Since the runner opened it.", labels=["connection"])
    spooled = GaugeMetricFamily("callcenter_connection_spooled_frames", "Frames on disk that wait for ingest.", labels=["connection"])
    oldest = GaugeMetricFamily("callcenter_connection_spooled_seconds", "Age of the oldest of them.", labels=["connection"])
    for connection in opened_by_us():
        up.add_metric([connection.slug], outbound_of(connection, now).line == Line.UP)
        if (health := health_of(connection)) is not None:
            again.add_metric([connection.slug], health.reconnects)
            spooled.add_metric([connection.slug], health.spooled)
            if health.spooled_since is not None:
                oldest.add_metric([connection.slug], max(0.0, time() - epoch(health.spooled_since)))
    lease = the_lease()
    yield _single("callcenter_runner_up", "1 while a runner of connections lives.", float(runner_lives(lease, now)))
    yield from (up, again, spooled, oldest)


def _single(name: str, words: str, value: float | None) -> Metric:
    """A figure nobody measured has no sample."""
    family = GaugeMetricFamily(name, words)
    if value is not None:
        family.add_metric([], value)
    return family


def registry() -> CollectorRegistry:
    """The console's figures and those of this process."""
    made = CollectorRegistry()
    made.register(ConsoleCollector())
    ProcessCollector(registry=made)
    PlatformCollector(registry=made)
    GCCollector(registry=made)
    return made


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """401 for the anonymous, 403 for those who are no administrators."""
    operator = known_operator(request)
    if operator is None:
        words = "This needs the bearer token of an administrator."
        return HttpResponse(words, status=401, headers={"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    if not roles.may_administer(operator.role):
        return HttpResponse("Only administrators read the metrics.", status=403, content_type="text/plain")
    return HttpResponse(generate_latest(registry()), headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "private, no-store"})
