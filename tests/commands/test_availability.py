"""Sippet is told who can take calls; its answer is all that ever confirms it."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.commands import availability, outbox
from callcenter.commands.models import Command
from callcenter.commands.takeover import Actor
from callcenter.domain.commands.order import Order, Verb
from callcenter.journal.models import Connection, ConnectionHealth
from callcenter.operators.models import Operator, Team
from tests.factories import make_agent, make_call, make_connection


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def line(north: Team, south: Team, oskar: Operator) -> Connection:
    """Dialled by us, of Oskar's team, and he has a phone there; others are of another team, or come in by themselves."""
    Operator.objects.filter(pk=oskar.pk).update(sip_user="op.oskar")
    oskar.refresh_from_db()
    make_connection("pushed", north, provider="sippet")
    make_connection("elsewhere", south, provider="sippet", kind="sippet")
    return make_connection("ours", north, provider="sippet", kind="sippet")


def told() -> list[tuple[str, str, dict[str, str]]]:
    rows = Command.objects.order_by("created_at").select_related("connection")
    return [(row.connection.slug, row.state, row.frame["input"]) for row in rows]


def test_only_lines_that_we_dialled_for_the_operator_s_teams_are_told(line: Connection, oskar: Operator, ines: Operator) -> None:
    availability.tell(Actor(oskar, now()), ready=True)
    availability.tell(Actor(ines, now()), ready=True)  # Sippet has no name for her phone
    assert told() == [("ours", "pending", {"sipUserId": "op.oskar", "status": "ready"})]


def test_what_was_not_sent_yet_gives_way_to_what_is_wanted_now(line: Connection, oskar: Operator) -> None:
    availability.tell(Actor(oskar, now()), ready=True)
    availability.tell(Actor(oskar, now()), ready=False)
    assert [(state, given["status"]) for _, state, given in told()] == [("failed", "ready"), ("pending", "not_ready")]


def test_an_action_that_the_account_lacks_is_not_asked_for_and_the_reason_is_told(line: Connection, oskar: Operator) -> None:
    why = "Sippet knows no action set_operator_status."
    ConnectionHealth.objects.create(connection=line, fence=1, line="up", absent={"set_operator_status": why})
    availability.tell(Actor(oskar, now()), ready=True)
    assert told() == []
    assert [(shown.slug, command, reason) for shown, command, reason in availability.newest(oskar)] == [("ours", None, why)]


def test_the_answer_confirms_what_no_event_can_and_nothing_else(line: Connection, oskar: Operator, south: Team) -> None:
    availability.tell(Actor(oskar, now()), ready=True)
    status = Command.objects.get()
    call = make_call(agent=make_agent("frontdesk", line))
    hang_up, _ = outbox.enqueue(Order(verb=Verb.HANG_UP, call=call.call_uuid), outbox.Target(line, call=call), now=now())
    sent = {"state": "sent", "confirm_by": now() + timedelta(seconds=15)}
    Command.objects.update(**sent)
    stranger = Connection.objects.get(slug="elsewhere")
    assert not outbox.confirm_by_answer(status.pk, stranger.pk, now())
    assert outbox.confirm_by_answer(status.pk, line.pk, now())
    assert not outbox.confirm_by_answer(status.pk, line.pk, now())
    assert not outbox.confirm_by_answer(hang_up.pk, line.pk, now())
    assert dict(Command.objects.values_list("verb", "state")) == {"set_status": "confirmed", "hang_up": "sent"}
