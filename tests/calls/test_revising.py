"""One transaction, one revision, taken last: nobody who changes a row stands in the way of the others, or deadlocks with them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import OperationalError, connection

from callcenter.calls.models import Agent, Call, Thread, TranscriptEntry
from callcenter.calls.revising import in_one, revising
from callcenter.calls.tombstones import delete_calls
from callcenter.commands.models import Command
from callcenter.commands.outbox import Target, enqueue
from callcenter.commands.takeover import Actor, hand_back, take_over
from callcenter.console.whatsapp.keeping import mark_read
from callcenter.domain.commands.order import Order, Verb
from callcenter.journal.revision import current_revision
from callcenter.operators.models import Operator
from tests.factories import make_agent, make_call, make_connection, make_contact, make_thread
from tests.ingest.frames import frame, started
from tests.ingest.playing import Player, make_source

ROUNDS = 30
DIGITS = "447700900983"


def written(number: int) -> dict[str, object]:
    ends = {"session_id": "wa-1", "from": DIGITS, "to": "442079460118", "direction": "inbound", "message_id": f"wamid.{number}"}
    return {"event": "whatsapp.message", "agent_id": "frontdesk", "text": f"Hello {number}", "type": "text", "ts": 1.8e9 + number, **ends}


def deadlocks() -> int:
    """Of the whole life of this database; SQLite has one writer and so none."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[1])


@pytest.mark.django_db
def test_what_nested_parts_changed_gets_one_revision_together() -> None:
    agent = make_agent("frontdesk", make_connection())
    make_call("one", agent)
    make_call("two", agent)
    thread = make_thread(agent, make_contact())
    before = current_revision()
    with revising() as changed:
        changed.calls.add("one")
        with revising() as part:
            part.calls.add("two")
            part.threads.add(thread.pk)
        assert current_revision() == before
    assert changed.revision == before + 1 == current_revision()
    assert set(Call.objects.values_list("revision", flat=True)) == {before + 1}
    assert Thread.objects.get().revision == before + 1


@pytest.mark.django_db
def test_a_part_that_was_taken_back_and_a_block_that_changed_nothing_take_no_revision() -> None:
    make_call("one", make_agent("frontdesk", make_connection()))
    before = Call.objects.get().revision
    with revising() as changed:
        with suppress(ZeroDivisionError), revising() as part:
            part.calls.add("one")
            raise ZeroDivisionError
        assert not changed
    assert (changed.revision, Call.objects.get().revision, current_revision()) == (0, before, before)


@pytest.mark.django_db(transaction=True)
def test_a_reader_an_operator_and_the_provider_in_one_thread_never_deadlock() -> None:
    source, operator = make_source(), Operator.objects.create_user("oskar", role="supervisor")
    player = Player(source)
    player.send([written(0)])
    thread = Thread.objects.get()
    operator.teams.add(thread.agent.team)
    before = deadlocks()
    together = Barrier(3, timeout=60)

    def run(work: Callable[[int], object]) -> None:
        for number in range(1, ROUNDS + 1):
            together.wait()
            work(number)
        connection.close()

    def reads(_number: int) -> None:
        newest = TranscriptEntry.objects.filter(call__thread=thread).order_by("-sort_time").first()
        assert newest
        mark_read(thread, Actor(operator, datetime.now(UTC)), str(newest.pk))

    def answers(number: int) -> None:
        act = take_over if number % 2 else hand_back
        act(thread, Actor(operator, datetime.now(UTC)), Thread.objects.get(pk=thread.pk).fence)

    with ThreadPoolExecutor(3) as people:
        jobs = [people.submit(run, work) for work in (reads, answers, lambda number: player.send([written(number)]))]
        for job in jobs:
            job.result()
    assert deadlocks() == before
    assert TranscriptEntry.objects.count() == ROUNDS + 1
    assert Thread.objects.get().fence == ROUNDS


@pytest.mark.django_db(transaction=True)
def test_a_command_on_a_call_and_a_frame_of_its_agent_wait_for_nobody() -> None:
    """The command points at the agent, which is looked up when it commits; the frame's batch holds that row meanwhile."""
    player = Player(make_source())
    player.send([started(0)])
    call = Call.objects.for_rows().get()
    assert call.agent
    order, target = Order(verb=Verb.HOLD, call=call.call_uuid), Target(call.connection, call.agent, call=call)
    before, together = deadlocks(), Barrier(2, timeout=60)

    def run(work: Callable[[int], object]) -> None:
        for number in range(1, ROUNDS + 1):
            together.wait()
            work(number)
        connection.close()

    def hears(number: int) -> None:
        player.send([frame("session.paused", number, "")])

    with ThreadPoolExecutor(2) as people:
        asks = people.submit(run, lambda number: enqueue(order, target, key=f"k{number}", now=datetime.now(UTC)))
        heard = people.submit(run, hears)
        asks.result()
        heard.result()
    assert deadlocks() == before
    assert Command.objects.count() == ROUNDS
    assert Agent.objects.get().paused


def broken(state: str) -> OperationalError:
    """As psycopg raises it, with the database's own code."""
    error = OperationalError("the database took it back")
    error.__cause__ = type("Cause", (Exception,), {"sqlstate": state})()
    return error


@pytest.mark.django_db
@pytest.mark.parametrize(("losses", "done"), [(0, True), (3, True), (4, False)])
def test_a_broken_deadlock_is_done_again_but_not_for_ever(losses: int, done: bool) -> None:
    make_call("one", make_agent("frontdesk", make_connection()))
    before, waiting = current_revision(), [broken("40P01")] * losses

    def work() -> str:
        if waiting:
            raise waiting.pop()
        with revising() as changed:
            changed.calls.add("one")
        return "done"

    if done:
        assert in_one(work) == "done"
    else:
        with pytest.raises(OperationalError):
            in_one(work)
    assert (waiting, current_revision()) == ([], before + done)


@pytest.mark.django_db
def test_what_is_no_deadlock_is_not_done_again() -> None:
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        raise broken("57P01")

    with pytest.raises(OperationalError):
        in_one(work)
    assert tries == [1]


@pytest.mark.django_db
def test_deleting_inside_a_larger_transaction_leaves_the_revision_to_it() -> None:
    make_call("one", make_agent("frontdesk", make_connection()))
    before = current_revision()
    with revising() as changed:
        assert delete_calls(Call.objects.all()) == 0
        assert current_revision() == before
    assert changed.revision == before + 1
