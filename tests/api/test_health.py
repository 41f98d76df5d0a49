"""Health and metrics: true about this process, silent towards strangers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from callcenter.commands.models import Command
from callcenter.operators.models import Operator, Team
from tests.factories import START, bearer, make_agent, make_call, make_command, make_connection, make_dead_letter, make_entry, seconds

PARTS = {"database", "channel_layer", "ingest_lag", "oldest_pending_command", "last_frame", "outbound"}


@pytest.fixture
def busy(north: Team) -> None:
    """Two connections, one of them heard; the newest frame with a provider's time came after a quarter of a second."""
    connection = make_connection("berlin", north, heard_at=START)
    make_connection("paris", north)
    call = make_call("CA1", connection=connection)
    make_entry(call)
    make_entry(call, "bare", ts=None)
    make_entry(call, "line.settled", origin="console", ts=seconds(-500).timestamp())
    make_call("CA2", connection=connection, status="completed")
    make_dead_letter(connection)


def test_the_anonymous_learn_that_all_is_well_and_nothing_else(client: Client, busy: None):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"} | {part: {"status": "ok"} for part in PARTS}
    assert "no-store" in answer.headers["Cache-Control"]


def test_operators_who_are_no_administrators_learn_no_more(client: Client, busy: None, supervisor: Operator):
    assert "berlin" not in client.get("/healthz", headers=bearer(supervisor)).content.decode()
    client.force_login(supervisor)
    assert "berlin" not in client.get("/healthz").content.decode()


@pytest.mark.parametrize("by_session", [True, False])
def test_an_administrator_reads_the_figures(client: Client, busy: None, admin: Operator, by_session: bool):
    if by_session:
        client.force_login(admin)
    answer = client.get("/healthz", headers={} if by_session else bearer(admin)).json()
    assert answer["ingest_lag"] == {"status": "ok", "seconds": 0.25}
    assert answer["oldest_pending_command"] == {"status": "ok", "seconds": None}
    assert answer["last_frame"] == {"status": "ok", "connections": {"berlin": "2026-07-01T14:02:10.250Z", "paris": None}}


def test_a_lag_nobody_measured_is_null(client: Client, admin: Operator):
    assert client.get("/healthz", headers=bearer(admin)).json()["ingest_lag"]["seconds"] is None


def test_without_its_database_the_process_says_503(client: Client):
    # No fixture of this test opens the database, so every query raises.
    answer = client.get("/healthz", headers={"Authorization": "Bearer op_anything"})
    assert answer.status_code == 503
    told = answer.json()
    assert (told["status"], told["database"], told["channel_layer"]) == ("failed", {"status": "failed"}, {"status": "ok"})


def test_without_its_channel_layer_the_process_says_503(client: Client, db: None, settings):
    lost = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]}}
    settings.CHANNEL_LAYERS = {"default": lost}
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["channel_layer"] == {"status": "failed"}
    assert answer.json()["database"] == {"status": "ok"}


def test_metrics_are_for_administrators(client: Client, supervisor: Operator, admin: Operator):
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer op_wrong"}).status_code == 401
    assert client.get("/metrics", headers=bearer(supervisor)).status_code == 403
    assert client.get("/metrics", headers=bearer(admin)).status_code == 200
    client.force_login(supervisor)
    assert client.get("/metrics").status_code == 403
    client.force_login(admin)
    assert client.get("/metrics").status_code == 200


def test_metrics_are_in_prometheus_form(client: Client, busy: None, admin: Operator):
    answer = client.get("/metrics", headers=bearer(admin))
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    lines = answer.content.decode().splitlines()
    assert 'callcenter_live_calls{channel="phone",status="answered"} 1.0' in lines
    assert "callcenter_dead_letters 1.0" in lines
    assert "callcenter_ingest_lag_seconds 0.25" in lines
    assert 'callcenter_connection_never_heard{connection="paris"} 1.0' in lines
    assert any(line.startswith('callcenter_connection_silent_seconds{connection="berlin"} ') for line in lines)
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)
    assert not any(line.startswith("callcenter_oldest_pending_command_seconds ") for line in lines)
    assert 'callcenter_commands{state="pending"} 0.0' in lines


def test_the_oldest_command_that_waits_is_told_and_those_that_are_sent_are_counted(client: Client, admin: Operator, north: Team):
    agent = make_agent(connection=make_connection("berlin", north))
    for age, state in ((30, "pending"), (10, "pending"), (90, "sent"), (90, "failed")):
        command = make_command(agent=agent, state=state)
        Command.objects.filter(pk=command.pk).update(created_at=timezone.now() - timedelta(seconds=age))
    waits = client.get("/healthz", headers=bearer(admin)).json()["oldest_pending_command"]
    assert waits["status"] == "ok"
    assert waits["seconds"] >= 30
    assert waits["seconds"] < 90
    lines = client.get("/metrics", headers=bearer(admin)).content.decode().splitlines()
    told = {state: f'callcenter_commands{{state="{state}"}} {count}' for state, count in (("pending", 2.0), ("sent", 1.0), ("failed", 1.0))}
    assert set(told.values()) <= set(lines)
    assert any(line.startswith("callcenter_oldest_pending_command_seconds ") for line in lines)
