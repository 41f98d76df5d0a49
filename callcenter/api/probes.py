"""The parts of the console that health reports on, each asked for real."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex
from typing import Any

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from callcenter.api.times import rfc3339
from callcenter.commands.models import Command
from callcenter.journal.models import Connection, Entry
from callcenter.journal.outbound.health import health_of, outbound_of, runner_lives, the_lease
from callcenter.journal.times import epoch
from callcenter.providers.clients import Kind

LAYER_S = 1.0
LOOK_BACK = 100  # newest entries among which one carries the provider's time


def ask_database() -> Mapping[str, Any]:
    """Raises what the database raises."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return {}


async def ask_channel_layer() -> Mapping[str, Any]:
    """A message there and back within a second. Raises TimeoutError, or what the layer raises."""
    layer = get_channel_layer()
    word = token_hex(8)
    async with asyncio.timeout(LAYER_S):
        channel = await layer.new_channel()
        await layer.send(channel, {"type": "health.word", "word": word})
        while (await layer.receive(channel)).get("word") != word:
            pass
    return {}


def ask_ingest_lag() -> Mapping[str, Any]:
    """``seconds`` from the provider's clock to our door for the newest frame that tells its time; null when none does."""
    newest = Entry.objects.filter(origin=Entry.Origin.PROVIDER).order_by("-id").values_list("ts", "received_at")[:LOOK_BACK]
    lags = (epoch(received) - ts for ts, received in newest if ts is not None)
    lag = next(lags, None)
    return {"seconds": None if lag is None else round(lag, 3)}


def ask_oldest_pending_command() -> Mapping[str, Any]:
    """``seconds`` that the oldest command waits for its connection; null while none waits."""
    oldest = Command.objects.waiting().values_list("created_at", flat=True).first()
    return {"seconds": None if oldest is None else round(max(0.0, (timezone.now() - oldest).total_seconds()), 3)}


def commands_by_state() -> dict[str, int]:
    """Every state, those without commands too."""
    found = dict(Command.objects.order_by().values_list("state").annotate(Count("id")))
    return {state: found.get(state, 0) for state in Command.State.values}


def ask_last_frame() -> Mapping[str, Any]:
    """When each connection was last heard."""
    return {"connections": {slug: rfc3339(heard) for slug, heard in last_heard()}}


def last_heard() -> list[tuple[str, datetime | None]]:
    """Slug and time of the last frame, of every enabled connection."""
    return list(Connection.objects.filter(enabled=True).order_by("slug").values_list("slug", "heard_at"))


def ask_outbound() -> Mapping[str, Any]:
    """The runner, and how the connections are that it opens. That none runs is no fault of this process."""
    lease, now = the_lease(), timezone.now()
    return {
        "runner": bool(lease and runner_lives(lease, now)),
        "connections": {
            connection.slug: {"line": outbound_of(connection, now).line.value, **_figures(connection)} for connection in opened_by_us()
        },
    }


def opened_by_us() -> list[Connection]:
    return list(Connection.objects.with_health().filter(enabled=True).exclude(kind=Kind.PUSH))


def _figures(connection: Connection) -> dict[str, Any]:
    health = health_of(connection)
    if health is None:
        return {"reconnects": None, "spooled": None, "spooled_since": None}
    return {"reconnects": health.reconnects, "spooled": health.spooled, "spooled_since": rfc3339(health.spooled_since)}


PROBES = {
    "database": sync_to_async(ask_database),
    "channel_layer": ask_channel_layer,
    "ingest_lag": sync_to_async(ask_ingest_lag),
    "oldest_pending_command": sync_to_async(ask_oldest_pending_command),
    "last_frame": sync_to_async(ask_last_frame),
    "outbound": sync_to_async(ask_outbound),
}
