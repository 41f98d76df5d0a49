"""What a batch does to journal and rows: once, in order, counted, and with as many queries whatever its size."""

import random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callcenter.calls.live_state import store
from callcenter.calls.models import Agent, Call, Thread, TranscriptEntry
from callcenter.journal.models import Connection, Entry
from tests.ingest.frames import CALL, ended, finished, frame, level, said, speaking, spoken, started, word
from tests.ingest.playing import Player, check_same, make_source, shown

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def player() -> Player:
    return Player(make_source())


def revision() -> int:
    return Call.objects.get(call_uuid=CALL).revision


def test_a_frame_sent_again_changes_no_revision(player) -> None:
    frames = [started(), said(1, "hello", "u1"), *spoken(2, "m1", "good", "morning"), ended(9)]
    player.play(frames)
    before = revision()
    player.pass_time(60)
    player.play(frames)
    assert revision() == before


def test_more_frames_than_are_looked_up_together_are_known_when_they_come_again(player, monkeypatch) -> None:
    """SQLite takes so many values in a statement."""
    monkeypatch.setattr("callcenter.ingest.locks.PAIRS_TOGETHER", 3)
    frames = [started(), *(said(n, f"line {n}", f"u{n}") for n in range(1, 7))]
    assert player.send(frames).accepted == 7
    answer = player.send([*frames, said(9, "line 9", "u9")])
    assert (answer.accepted, answer.duplicates) == (1, 7)


def test_a_level_beside_a_frame_that_is_known_already_is_taken_at_the_first_try(player, caplog) -> None:
    """The call is locked for the known frame, and nothing of it is to be settled."""
    player.send([started()], stream="s", id=1)
    answer = player.send([started(), level()], stream="s", id=2)
    assert (answer.accepted, answer.duplicates, answer.rejected) == (1, 1, [])
    assert caplog.records == []


def test_passing_frames_change_no_row(player) -> None:
    player.play([started(), speaking(1, "m1", "good morning")])
    before, entries = revision(), Entry.objects.count()
    player.play([word(1.1, "m1", 0, "good"), level(), frame("user.speaking", 1.2, text="uh"), frame("turn.end", 1.3)])
    player.settle()
    assert (revision(), Entry.objects.count()) == (before, entries)


def test_words_become_a_fact_when_their_line_is_finished(player) -> None:
    player.play(spoken(1, "m1", "good", "morning"))
    assert list(Entry.objects.filter(origin="console").values_list("event", flat=True)) == ["line.settled"]
    assert TranscriptEntry.objects.get().text == "good morning"


def test_a_word_that_comes_late_mends_the_finished_line(player) -> None:
    player.play([speaking(1, "m1", ""), word(1.1, "m1", 0, "good"), finished(2, "m1")])
    assert TranscriptEntry.objects.get().text == "good"
    player.send([word(1.2, "m1", 1, "morning")])
    assert TranscriptEntry.objects.get().text == "good morning"


def test_revisions_grow_in_the_order_of_commits(player) -> None:
    seen = []
    for number in range(5):
        call = f"CA{number:032d}"
        player.send([started(number, call)])
        seen.append(Call.objects.get(call_uuid=call).revision)
    assert seen == sorted(set(seen))
    player.send([said(20, "hello", "u1", f"CA{0:032d}")])
    assert Call.objects.latest("revision").call_uuid == f"CA{0:032d}"


def test_one_batch_has_one_revision(player) -> None:
    player.send([started(number, f"CA{number:032d}") for number in range(5)])
    assert Call.objects.values_list("revision", flat=True).distinct().count() == 1


def test_entries_are_numbered_in_their_scope_without_a_gap(player) -> None:
    player.play([started(), said(1, "one", "u1"), said(1, "one", "u1"), started(2, "CA2"), said(3, "two", "u2")])
    numbers: dict[str, list[int]] = {}
    for scope, n in Entry.objects.order_by("id").values_list("scope", "n"):
        numbers.setdefault(scope, []).append(n)
    assert numbers == {f"call:{CALL}": [1, 2, 3], "call:CA2": [1]}


def test_an_unknown_event_is_kept_raw_and_makes_no_row(player) -> None:
    player.send([frame("qa.flagged", 1, rule="closing")])
    assert Entry.objects.get().event == "qa.flagged"
    assert not Call.objects.exists()
    player.send([started(2)])
    assert Call.objects.get().version == 2


def test_an_agent_not_seen_before_joins_the_team_of_its_connection(player) -> None:
    player.send([{**started(), "agent_id": "Front_Desk"}])
    agent = Agent.objects.get()
    assert (agent.slug, agent.name, agent.team_id) == ("front-desk", "Front_Desk", player.source.team)


def test_an_error_of_the_provider_is_noted_on_the_connection(player) -> None:
    for fields in ({}, {"call_id": CALL}):
        player.send([{"event": "error", "code": "AGENT_CONFLICT", "error": "agent is registered elsewhere", **fields}])
    row = Connection.objects.get()
    assert row.last_error == "AGENT_CONFLICT agent is registered elsewhere"
    assert row.version == 2
    assert row.revision > 0


def test_events_that_name_no_agent_mean_the_only_one_of_the_connection(player) -> None:
    player.send([{"event": "session.paused"}])
    assert not Agent.objects.exists()
    player.send([started()])
    player.send([{"event": "session.paused", "ts": 1782900500.0}])
    assert Agent.objects.get().paused


def test_events_that_name_no_agent_mean_nobody_where_there_are_two(player) -> None:
    player.play([started(), {**started(1, "CA2"), "agent_id": "billing"}, {"event": "session.paused", "ts": 1782900500.0}])
    player.play([{"event": "call.ended"}, {"event": "agent.displaced"}, {"event": "bridge.snapshot", "calls": []}])
    assert not Agent.objects.filter(paused=True).exists()
    assert Call.objects.live().count() == 2


@pytest.mark.parametrize("restart", [False, True])
def test_states_are_loaded_from_the_journal_when_they_are_not_in_memory(player, restart) -> None:
    frames = [started(), said(1, "one", "u1"), *spoken(2, "m1", "good", "morning"), said(4, "two", "u2"), ended(5)]
    for piece in frames:
        if restart and piece["event"] not in ("bot.word", "bot.finished"):  # words in memory die with the process
            player.writers[0] = type(player.writers[0])()
        player.send([piece])
    texts = list(TranscriptEntry.objects.order_by("sort_time").values_list("text", "state"))
    assert texts == [("one", "final"), ("good morning", "final"), ("two", "final")]
    assert Call.objects.get().status == "completed"


def test_two_processes_that_feed_one_call_agree_with_one(player) -> None:
    frames = [started(), said(0.5, "hello", "u0")]
    for number in range(6):
        frames += spoken(1 + number * 2, f"m{number}", *f"this is line number {number}".split())
        frames += [said(2.5 + number * 2, f"answer {number}", f"u{number + 1}")]
    frames += [frame("call.held", 20), frame("call.unheld", 21), ended(30)]
    player.play(frames)
    player.settle()
    one = shown()
    call_command("flush", "--no-input", verbosity=0)
    two = Player(make_source(), writers=2)
    order = random.Random(5)
    for piece in frames:
        two.send([piece], order.randrange(2))
    two.settle()
    two.settle()
    check_same(shown(), one)


# Queries


def texts(count: int, calls: int = 1) -> list[Any]:
    return [said(10 + n, f"line {n}", f"u{n}", f"CA{n % calls:032d}") for n in range(count)]


def queries_of(player: Player, frames: list[Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        player.send(frames)
    return len([query for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))])


@pytest.mark.parametrize("calls", [1, 20])
def test_a_batch_takes_as_many_queries_whatever_its_size(calls) -> None:
    few, many = Player(make_source(slug="few")), Player(make_source(slug="many"))
    opening = [started(n, f"CA{n:032d}") for n in range(calls)]
    few.send(opening)
    small = queries_of(few, texts(calls, calls))
    Call.objects.all().delete()
    Entry.objects.all().delete()
    many.send(opening)
    assert queries_of(many, texts(calls * 20, calls)) == small


def test_passing_frames_of_known_calls_take_no_query(player) -> None:
    player.play([started(), speaking(1, "m1", "good morning")])
    assert queries_of(player, [level(), word(1.1, "m1", 0, "good"), frame("user.speaking", 1.2, text="uh")] * 50) == 0


def whatsapp(number: int, text: str, at: float) -> dict[str, Any]:
    return {
        "event": "whatsapp.message", "agent_id": "frontdesk", "session_id": f"wa-{number}", "from": f"44770090{number:04d}",
        "name": f"Contact {number}", "type": "text", "text": text, "message_id": f"in.{number}.{at}", "ts": 1782900000 + at,
        "seq": int(at * 10),
    }  # fmt: skip


def test_the_queries_do_not_grow_with_the_number_of_threads() -> None:
    def cost(slug: str, threads: range) -> int:
        player = Player(make_source(slug=slug))
        reports = [
            {
                "event": "whatsapp.status",
                "agent_id": "frontdesk",
                "recipient": f"44770090{n:04d}",
                "status": "sent",
                "message_id": f"out.{n}",
            }
            for n in threads
        ]
        player.send([whatsapp(n, "hello", 1) for n in threads])
        player.send(reports)
        return queries_of(player, [whatsapp(n, "again", 2) for n in threads] + [{**r, "status": "read"} for r in reports])

    assert cost("few", range(2)) == cost("many", range(10, 30))
    assert Thread.objects.count() == 22


def test_a_call_that_ended_leaves_memory_and_what_comes_late_is_still_taken(player) -> None:
    player.play([started(), said(1, "hello", "u1"), ended(9)])
    writer = player.writers[0]
    assert writer.folder.knows(f"call:{CALL}")
    writer.over = dict.fromkeys(writer.over, float("-inf"))
    player.settle()
    assert not writer.folder.knows(f"call:{CALL}")
    player.send([said(2, "too late", "u2")])
    assert list(TranscriptEntry.objects.order_by("sort_time").values_list("text", flat=True)) == ["hello", "too late"]
    assert Call.objects.get(call_uuid=CALL).status == "completed"
    writer.over = dict.fromkeys(writer.over, float("-inf"))
    player.settle()
    assert not writer.folder.knows(f"call:{CALL}")


def test_a_call_that_left_memory_before_its_end_was_published_does_not_come_back(player) -> None:
    player.play([started(), speaking(1, "m1", "good morning"), word(1.1, "m1", 0, "good")])
    writer = player.writers[0]
    writer.flushed_at = float("inf")  # as in a process that was stopped for a while
    player.send([ended(9)])
    writer.over = dict.fromkeys(writer.over, float("-inf"))
    writer.flushed_at = float("-inf")
    player.settle()
    assert not writer.folder.knows(f"call:{CALL}")
    assert store().get([CALL]) == {}
