"""How a connection that we open stands: at the door, on the floor, at the desk, in health."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.api.probes import ask_outbound
from callcenter.commands.desk import dial
from callcenter.commands.models import Command
from callcenter.commands.situation import situation_of
from callcenter.commands.takeover import Actor, Refused, reassign, take_over
from callcenter.console.calldesk.loading import load_controls
from callcenter.console.filters import Filters
from callcenter.console.floor import audience_of, connection_view
from callcenter.console.loading import load_floor
from callcenter.domain.commands.capability import ONE_WAY, why_not
from callcenter.domain.commands.order import Verb
from callcenter.ingest.runner.book import Book
from callcenter.journal.connections import find_connection
from callcenter.journal.models import Connection, ConnectionHealth, RunnerLease
from callcenter.journal.outbound import lease
from callcenter.journal.outbound.health import standing_of
from callcenter.operators.models import Operator, Team
from callcenter.providers.client import Line
from tests.factories import make_agent, make_call, make_connection, open_socket

LASTING = timedelta(minutes=5)  # a runner that was seen so far ahead lives, however slow the machine is


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
    assert seen("ours") == ("down", "Nothing runs the connections.")
    RunnerLease.objects.create(pk=1, holder="one", place="here", seen_at=now + LASTING)
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


def test_a_connection_that_only_reads_says_so_at_every_verb(north: Team, oskar: Operator, supervisor: Operator) -> None:
    line = make_connection("stream", north, kind="pinecall-stream")
    agent = make_agent("frontdesk", line)
    now = datetime.now(UTC)
    assert why_not(Verb.HANG_UP, situation_of(make_call(agent=agent), now)) == ONE_WAY
    with pytest.raises(Refused, match="cannot carry commands"):
        dial(agent, "+442079460118", "", Actor(oskar, now))
    assert ONE_WAY in seen("stream")[1]
    with pytest.raises(Refused, match="cannot carry commands"):
        take_over(make_call(agent=agent), Actor(oskar, now), 0)
    with pytest.raises(Refused, match="cannot carry commands"):
        reassign(make_call(agent=agent), oskar, Actor(supervisor, now), 0)


def test_what_the_provider_does_not_know_is_refused_with_a_sentence_before_it_is_asked(north: Team, oskar: Operator) -> None:
    now = datetime.now(UTC)
    line = make_connection("ours", north, provider="sippet", kind="sippet")
    agent = make_agent("frontdesk", line)
    open_socket(agent)
    RunnerLease.objects.create(pk=1, holder="one", place="here", seen_at=now + LASTING)
    lacks = {action: f"Sippet knows no action {action}." for action in ("end_call", "barge_call", "start_outbound_call")}
    ConnectionHealth.objects.create(connection=line, fence=1, line="up", frame_at=now, absent=lacks)
    call = make_call(agent=agent)
    situation = situation_of(call, now)
    assert why_not(Verb.HANG_UP, situation) == "Sippet knows no action end_call."
    assert why_not(Verb.RESUME_AI, situation) == ""
    controls = load_controls(call, oskar, now)
    assert controls.hang_up is not None
    assert controls.hang_up.why_not == "Sippet knows no action end_call."
    assert controls.take is not None
    assert controls.take.why_not == "Sippet knows no action barge_call."
    assert [row.take_why_not for row in load_floor(audience_of(oskar), Filters()).progress] == ["Sippet knows no action barge_call."]
    with pytest.raises(Refused, match="knows no action barge_call"):
        take_over(call, Actor(oskar, now), call.fence)
    with pytest.raises(Refused, match="knows no action start_outbound_call"):
        dial(agent, "+442079460118", "", Actor(oskar, now))
    assert not Command.objects.exists()


def down_since(book: Book, *lines: Line) -> datetime | None:
    """What its page says when the line has been so, one after the other."""
    for line in lines:
        book.line(line)
    return book.page.down_since


def test_a_line_that_is_down_is_down_since_it_was_last_up() -> None:
    book = Book(1, 1, str)
    opened = down_since(book)
    assert opened is not None
    assert down_since(book, Line.CONNECTING) == opened
    assert down_since(book, Line.UP) is None
    lost = down_since(book, Line.WAITING)
    assert lost is not None
    assert lost > opened
    assert down_since(book, Line.CONNECTING, Line.WAITING) == lost


def test_a_runner_that_ends_in_order_says_since_when_its_lines_are_down(north: Team) -> None:
    up, lost = make_connection("ours", north, kind="pinecall-direct"), make_connection("theirs", north, kind="pinecall-direct")
    fence, before = lease.take(lease.read_lease(), "one", "here"), datetime.now(UTC)
    ConnectionHealth.objects.create(connection=up, fence=fence, line="up")
    ConnectionHealth.objects.create(connection=lost, fence=fence, line="waiting", down_since=before - timedelta(minutes=7))
    lease.release("another", fence)
    assert standing_of(Connection.objects.with_health().get(pk=up.pk), before)[:2] == (True, None)
    lease.release("one", fence)
    is_up, since, _ = standing_of(Connection.objects.with_health().get(pk=up.pk), before)
    assert not is_up
    assert since is not None
    assert since >= before
    assert standing_of(Connection.objects.with_health().get(pk=lost.pk), before)[1] == before - timedelta(minutes=7)
