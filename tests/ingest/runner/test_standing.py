"""How a connection that we open stands: at the door, on the floor, at the desk, in health."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.api.probes import ask_outbound
from callcenter.commands.desk import dial
from callcenter.commands.situation import situation_of
from callcenter.commands.takeover import Actor, Refused
from callcenter.console.floor import connection_view
from callcenter.domain.commands.capability import ONE_WAY, why_not
from callcenter.domain.commands.order import Verb
from callcenter.journal.connections import find_connection
from callcenter.journal.models import Connection, ConnectionHealth, RunnerLease
from callcenter.journal.outbound import lease
from callcenter.operators.models import Operator, Team
from tests.factories import make_agent, make_call, make_connection


def seen(slug: str) -> tuple[str, str]:
    found = connection_view(Connection.objects.with_health().get(slug=slug), datetime.now(UTC).timestamp())
    return found.state, found.words


def test_the_token_of_the_runner_ends_with_its_lease(north: Team) -> None:
    ours, pushed = make_connection("ours", north, kind="sippet", provider="sippet"), make_connection("pushed", north)
    first = lease.take(lease.read_lease(), "one", "here")
    token = lease.runner_token(ours.pk, first)
    assert find_connection("ours", token) is not None
    assert find_connection("pushed", lease.runner_token(pushed.pk, first)) is None
    assert find_connection("pushed", token) is None
    second = lease.take(lease.read_lease(), "two", "there")
    assert find_connection("ours", token) is None
    assert find_connection("ours", lease.runner_token(ours.pk, second)) is not None
    assert not lease.renew("one", first)
    assert lease.renew("two", second)
    stale = RunnerLease(holder="one", fence=first, beat=1)
    assert not lease.take(stale, "three", "elsewhere")


def test_the_floor_says_what_the_runner_says(north: Team) -> None:
    now = datetime.now(UTC)
    line = make_connection("ours", north, kind="pinecall-direct", heard_at=now)
    assert seen("ours") == ("down", "Nothing runs the connections: start manage.py run_connections.")
    RunnerLease.objects.create(pk=1, holder="one", place="here", seen_at=now)
    health = ConnectionHealth.objects.create(connection=line, fence=1, line="up", frame_at=now)
    assert seen("ours") == ("live", "")
    ConnectionHealth.objects.update(frame_at=now - timedelta(minutes=7))
    Connection.objects.update(heard_at=now - timedelta(minutes=7))
    state, words = seen("ours")
    assert (state, words.replace("\xa0", " ")) == ("quiet", "Connected; the provider has been silent for 7 minutes.")
    ConnectionHealth.objects.update(line="waiting", words="The provider is away.", relay="The disk is full.", spooled=5)
    assert seen("ours") == ("down", "The provider is away. The disk is full.")
    assert ask_outbound()["connections"]["ours"] == {"line": "waiting", "reconnects": 0, "spooled": 5, "spooled_since": None}
    assert ask_outbound()["runner"] is True
    RunnerLease.objects.update(seen_at=now - timedelta(minutes=1))
    assert seen("ours")[1].startswith("Nothing runs the connections")
    assert health.fence == 1


def test_a_connection_that_only_reads_says_so_at_every_verb(north: Team, oskar: Operator) -> None:
    line = make_connection("stream", north, kind="pinecall-stream")
    agent = make_agent("frontdesk", line)
    now = datetime.now(UTC)
    assert why_not(Verb.HANG_UP, situation_of(make_call(agent=agent), now)) == ONE_WAY
    with pytest.raises(Refused, match="cannot carry commands"):
        dial(agent, "+442079460118", "", Actor(oskar, now))
    assert ONE_WAY in seen("stream")[1]
