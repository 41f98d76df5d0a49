"""``rebuild_calls`` finds every difference between the journal and the rows, and mends it."""

import random
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callcenter.calls import rebuild
from callcenter.calls.models import Agent, AuditEvent, Call, CallNote, Participant, Recording, Thread, ToolCall, TranscriptEntry
from callcenter.journal.models import Connection, Entry
from tests.ingest.frames import ended, frame, level, said, spoken, started
from tests.ingest.playing import Player, check_same, make_source, shown
from tests.providers.contract import sample

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "CA5d2e91b7c04f4a6e8b1d3f7a90c2e614"


@pytest.fixture
def _stories() -> None:
    """All that both providers can tell."""
    for log in ("pinecall-wire", "sippet-flat"):
        player = Player(make_source(log.partition("-")[0]))
        player.play(sample(log), 20)
        player.settle()


def run(*arguments: str) -> tuple[list[str], int]:
    """The lines printed, and the exit code."""
    out = StringIO()
    try:
        call_command("rebuild_calls", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue().splitlines(), error.returncode
    return out.getvalue().splitlines(), 0


CLEAN = (["clean"], 0)


@pytest.mark.usefixtures("_stories")
def test_the_samples_are_clean() -> None:
    assert run("--check") == CLEAN
    assert run() == CLEAN


def test_an_empty_journal_is_clean() -> None:
    assert run("--check") == CLEAN


def call(**changes: Any) -> Callable[[], object]:
    return lambda: Call.objects.filter(call_uuid=PHONE).update(**changes)


def first(model: Any, **changes: Any) -> Callable[[], object]:
    def change() -> None:
        row = model.objects.order_by("pk").first()
        model.objects.filter(pk=row.pk).update(**changes)

    return change


def gone(model: Any) -> Callable[[], object]:
    return lambda: model.objects.order_by("pk").first().delete()


def stray() -> None:
    TranscriptEntry.objects.create(call=Call.objects.get(call_uuid=PHONE), key="stray", speaker="agent", text="never said", state="final")


def orphan() -> None:
    Call.objects.create(call_uuid="CAnobody", connection=Connection.objects.get(slug="pinecall"))


SPOILED = {
    "status": (call(status="answered"), "status"),
    "a time": (call(started_at=None), "started_at"),
    "the last text": (call(last_text="never said"), "last_text"),
    "the version": (call(version=3), "version"),
    "the agent": (call(agent=None), "agent"),
    "the contact": (call(contact=None), "contact"),
    "metadata": (call(metadata={"a": 1}), "metadata"),
    "a call": (lambda: Call.objects.get(call_uuid=PHONE).delete(), "has no row"),
    "a line's text": (first(TranscriptEntry, text="never said"), "text"),
    "a line's place": (first(TranscriptEntry, sort_time=1.0), "sort_time"),
    "a line": (gone(TranscriptEntry), "has no row"),
    "a line too many": (stray, "has a row"),
    "a tool": (first(ToolCall, result={"x": 1}), "result"),
    "a participant": (first(Participant, left_at=None), "left_at"),
    "an audit event": (first(AuditEvent, data={}), "data"),
    "a note": (gone(CallNote), "has no row"),
    "a recording": (first(Recording, duration_ms=1), "duration_ms"),
    "a call without entries": (orphan, "no entry"),
    "an agent": (first(Agent, paused=True), "paused"),
    "an agent's version": (first(Agent, version=99), "version"),
    "a thread": (first(Thread, last_inbound_at=None), "last_inbound_at"),
    "a tick": (lambda: TranscriptEntry.objects.filter(delivery="read").update(delivery="sent"), "delivery"),
    "a tick too many": (lambda: TranscriptEntry.objects.filter(call__call_uuid=PHONE).update(delivery="sent"), "delivery"),
}


@pytest.mark.usefixtures("_stories")
@pytest.mark.parametrize(("spoil", "named"), SPOILED.values(), ids=SPOILED.keys())
def test_what_was_spoiled_is_told_and_mended(spoil, named) -> None:
    before = shown()
    spoil()
    told, code = run("--check")
    assert code == 1
    assert any(named in line for line in told), told
    repaired, code = run()
    assert code == 0
    assert repaired[:-1] == told
    assert repaired[-1] == f"{len(told)} differences repaired"
    assert run("--check") == CLEAN
    check_same(shown(), before)


@pytest.mark.usefixtures("_stories")
def test_all_rows_can_be_made_anew() -> None:
    before = shown()
    for model in (Call, Thread, Agent):
        model.objects.all().delete()
    run()
    assert run("--check") == CLEAN
    after = shown()
    check_same(after["calls"], before["calls"])
    check_same(after["threads"], before["threads"])


@pytest.mark.usefixtures("_stories")
def test_checking_changes_nothing() -> None:
    call(status="answered")()
    revisions = list(Call.objects.order_by("pk").values_list("status", "revision"))
    run("--check")
    assert list(Call.objects.order_by("pk").values_list("status", "revision")) == revisions


@pytest.mark.usefixtures("_stories")
def test_mending_gives_a_revision_to_what_changed_and_to_nothing_else() -> None:
    before = dict(Call.objects.values_list("call_uuid", "revision"))
    call(status="answered")()
    run()
    after = dict(Call.objects.values_list("call_uuid", "revision"))
    assert {uuid for uuid in after if after[uuid] != before[uuid]} == {PHONE}
    assert after[PHONE] > max(before.values())


@pytest.mark.usefixtures("_stories")
def test_one_call_can_be_looked_at_alone() -> None:
    Call.objects.update(error="spoiled")
    told, code = run("--check", "--call", PHONE)
    assert (len(told), code) == (1, 1)
    run("--call", PHONE)
    assert run("--check", "--call", PHONE) == CLEAN
    assert run("--check")[1] == 1


def test_a_live_server_goes_on_after_rows_were_mended() -> None:
    player = Player(make_source())
    player.play([started(), said(1, "one", "u1")])
    TranscriptEntry.objects.all().delete()
    run()
    player.play([said(2, "two", "u2"), ended(3)])
    assert run("--check") == CLEAN
    assert list(TranscriptEntry.objects.order_by("sort_time").values_list("text", flat=True)) == ["one", "two"]


def test_a_live_server_goes_on_after_a_call_was_made_anew() -> None:
    player = Player(make_source())
    player.play([started(), said(1, "one", "u1")])
    Call.objects.all().delete()
    run()
    player.play([said(2, "two", "u2")])
    assert run("--check") == CLEAN


def test_an_entry_that_nobody_can_read_any_more_stops_nothing() -> None:
    player = Player(make_source())
    player.play([started(), said(1, "one", "u1")])
    Entry.objects.filter(n=2).update(frame="{")
    told, code = run("--check")
    assert code == 1
    assert any("has a row" in line for line in told)


def test_the_queries_of_a_chunk_do_not_grow_with_its_calls(monkeypatch) -> None:
    player = Player(make_source())
    player.send([started(number, f"CA{number:032d}") for number in range(40)])

    def cost(chunk: int) -> int:
        monkeypatch.setattr(rebuild, "CHUNK", chunk)
        with CaptureQueriesContext(connection) as captured:
            assert run("--check") == CLEAN
        return len(captured)

    whole, halves = cost(40), cost(20)
    assert halves < whole * 2 + 5


@pytest.mark.parametrize("seed", range(4))
def test_the_journal_is_the_truth_whatever_came_in_whatever_order(seed) -> None:
    """Words, levels, silence, several processes, repetitions: the rows are what the journal gives."""
    order = random.Random(seed)
    player = Player(make_source(), writers=2)
    frames: list[Any] = []
    for number in range(8):
        uuid = f"CA{number:032d}"
        story = [started(0, uuid), said(0.5, "hello", "u0", uuid), said(None, "unmarked", "", uuid)]
        for turn in range(3):
            story += spoken(1 + turn * 3, f"m{number}{turn}", "this", "is", "an", "answer", call=uuid)
            story += [level(None, uuid), said(3 + turn * 3, f"turn {turn}", f"u{number}{turn}", uuid)]
        story += [frame("call.held", None, uuid), frame("call.unheld", None, uuid), frame("llm.thinking", None, uuid)]
        frames += order.sample(story, len(story)) + ([ended(20, uuid)] if number % 2 else [])
    frames += order.choices(frames, k=len(frames) // 3)
    order.shuffle(frames)
    while frames:
        size = order.randint(1, 12)
        player.send(frames[:size], order.randrange(2))
        frames = frames[size:]
        if order.random() < 0.2:
            player.settle()
    assert run("--check") == CLEAN
    player.settle()
    assert run("--check") == CLEAN
    assert Call.objects.count() == 8
