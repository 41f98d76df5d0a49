"""What is being said right now, as pages and pushes see it: in the store, and gone when the journal knows it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import monotonic

import pytest

from callcenter.calls import live_state
from callcenter.calls.live_state import LiveCall, MemoryStore, RedisStore, Store
from callcenter.calls.models import Call, TranscriptEntry
from callcenter.ingest.writer import FLUSH_REST_S, MANY
from tests.ingest.frames import CALL, ended, finished, frame, level, said, speaking, started, word
from tests.ingest.playing import Player, make_source


@pytest.fixture
def player(transactional_db, _flushed_at_once) -> Player:
    return Player(make_source())


def live(call: str = CALL) -> LiveCall:
    return live_state.store().get([call])[call]


def lines() -> list[tuple[str, str, str, str]]:
    return [(line.speaker, line.text, line.rest, line.state) for line in live().lines]


def test_words_grow_over_what_is_announced(player) -> None:
    player.play([started(), speaking(1, "m1", "good morning to you"), word(1.1, "m1", 0, "good"), word(1.2, "m1", 1, "morning")])
    assert lines() == [("agent", "good morning", "to you", "speaking")]
    assert live().activity == "agent_speaking"


def test_a_live_line_has_the_place_of_its_row(player) -> None:
    player.play([started(), speaking(1, "m1", "good morning"), word(1.1, "m1", 0, "good")])
    row = TranscriptEntry.objects.get()
    assert live().lines[0].order == (row.sort_time, row.sort_seq, row.sort_n)
    assert live().lines[0].key == row.key


def test_a_live_line_tells_when_its_last_words_came(player) -> None:
    player.play([started(), speaking(1, "m1", "good morning"), word(1.1, "m1", 0, "good")])
    came = live().heard
    player.play([level(1.2)])
    assert live().lines[0].heard == came < live().heard


def test_a_finished_line_is_not_live_any_more(player) -> None:
    player.play([started(), speaking(1, "m1", "good"), word(1.1, "m1", 0, "good"), finished(2, "m1")])
    assert lines() == []


def test_interim_speech_is_replaced_by_the_next_and_gone_with_the_final_text(player) -> None:
    player.play([started(), frame("user.speaking", 1, text="I nee"), frame("user.speaking", 2, text="I need")])
    assert lines() == [("contact", "I need", "", "interim")]
    player.play([said(3, "I need help", "u1")])
    assert lines() == []


def test_levels_idle_time_and_the_last_sign_of_life_are_live(player) -> None:
    player.play([started(), level(), frame("session.idle_warning", 2, remaining_seconds=7)])
    assert live().levels == (0.5, 0.0)
    assert live().idle_s == 7
    assert live().heard == player.now.timestamp()


def test_pieces_of_a_chat_reply_are_live_until_they_are_silent(player) -> None:
    chat = {"event": "chat.started", "agent_id": "frontdesk", "call_id": "chat-1"}
    piece = {"event": "llm.chat.chunk", "agent_id": "frontdesk", "call_id": "chat-1", "message_id": "m1"}
    player.play([chat, {**piece, "token": "A check-up"}, {**piece, "token": " is free"}])
    assert [line.text for line in live("chat-1").lines] == ["A check-up is free"]
    player.settle()
    player.send([level(None, "chat-1")])
    assert live("chat-1").lines == ()


def test_a_finished_call_has_no_live_state(player) -> None:
    player.play([started(), level(), ended(2)])
    assert live_state.store().get([CALL]) == {}


def test_a_call_nobody_announced_is_found_by_what_is_live(player) -> None:
    player.play([{**level(), "from": "+447700900128", "direction": "inbound"}])
    call = Call.objects.get(agent__slug="frontdesk")
    assert (call.status, call.from_number) == ("answered", "+447700900128")
    assert live().levels == (0.5, 0.0)


def heard_in(calls: list[str]) -> set[str]:
    """Of which of these a word is in the store."""
    return {call for call, live in live_state.store().get(calls).items() if live.lines}


def test_a_full_centre_publishes_at_once_what_somebody_looks_at_or_what_happened_and_of_the_rest_what_waited_longest(
    player, monkeypatch
) -> None:
    calls = [f"call-{number}" for number in range(2 * MANY + 3)]
    player.play([message for call in calls for message in (started(0, call), speaking(1, "m1", "good morning", call))], size=500)
    live_state.store().watch([calls[0]])
    monkeypatch.setattr(live_state, "ASK_S", 0.0)
    player.writers[0].flushed_at = float("inf")  # a moment ago
    player.send([level(1.5, call) for call in calls[3:]])
    player.writers[0].flushed_at = float("-inf")
    player.send([word(2, "m1", 0, "good", calls[0]), word(2, "m1", 0, "good", calls[1])])
    assert heard_in(calls) == {calls[0]}
    player.send([frame("session.idle_warning", 3, calls[1], remaining_seconds=7), word(4, "m1", 0, "good", calls[2])])
    assert heard_in(calls) == {calls[0], calls[1]}
    player.send([level(5, calls[0])])
    assert heard_in(calls) == set(calls[:3])


def test_of_a_centre_that_is_fuller_still_a_tenth_is_published_with_each_commit(player, monkeypatch) -> None:
    monkeypatch.setattr("callcenter.ingest.writer.MANY", 2)
    writer, calls = player.writers[0], [f"call-{number}" for number in range(60)]
    player.play([started(0, call) for call in calls])
    while writer.unflushed:
        player.settle()
    writer.flushed_at = float("inf")
    player.send([level(1, call) for call in calls])
    writer.flushed_at = float("-inf")
    player.send([level(2, calls[0])])
    assert len(writer.unflushed) == 54


def test_a_tick_leaves_what_was_said_since_to_the_next_commit(player, monkeypatch) -> None:
    monkeypatch.setattr("callcenter.ingest.writer.FLUSH_S", 0.0)
    player.play([started()])
    writer = player.writers[0]
    writer.flushed_at = monotonic() + 60  # however slow the machine is
    writer.unflushed[CALL] = False
    assert not writer.tick(player.now).flushed
    writer.flushed_at = monotonic() - FLUSH_REST_S
    assert writer.tick(player.now).flushed == {CALL}


# The stores


@pytest.fixture
def store(backend, settings) -> Store:
    return RedisStore(settings.REDIS_URL) if backend == "servers" else MemoryStore()


def state(epoch: int, heard: float = 9e9) -> LiveCall:
    return LiveCall(epoch=epoch, heard=heard, activity="listening", levels=(0.1, 0.2))


USES: dict[str, Callable[[Store], object]] = {
    "put": lambda store: store.put({"one": state(1)}),
    "get": lambda store: store.get(["one"]),
    "drop": lambda store: store.drop(["one"]),
    "watch": lambda store: store.watch({"one"}),
    "watched": lambda store: store.watched(),
}


def test_what_is_put_is_found_until_it_is_dropped(store) -> None:
    store.put({"one": state(1), "two": state(2)})
    assert store.get(["one", "two", "three"]) == {"one": state(1), "two": state(2)}
    store.drop(["one"])
    assert store.get(["one", "two"]) == {"two": state(2)}


def test_an_owner_that_was_replaced_does_not_write_any_more(store) -> None:
    """Where processes share a store; a process alone owns every call."""
    store.put({"one": state(5)})
    store.put({"one": state(4)})
    assert store.get(["one"])["one"].epoch == (5 if isinstance(store, RedisStore) else 4)
    store.put({"one": state(6)})
    assert store.get(["one"])["one"].epoch == 6


def test_of_two_owners_that_folded_the_same_the_one_that_heard_nothing_newer_does_not_write(store) -> None:
    """Where processes share a store; a process alone owns every call."""
    before, after = 9e9, 9e9 + 0.001
    store.put({"one": state(5, after), "two": state(5, after), "three": state(5, before)})
    store.put({"one": state(5, before), "two": state(6, before), "three": state(5, before)})
    found = {call: (live.epoch, live.heard) for call, live in store.get(["one", "two", "three"]).items()}
    assert found == {"one": (5, after if isinstance(store, RedisStore) else before), "two": (6, before), "three": (5, before)}
    store.put({"one": state(5, after + 0.001)})
    assert store.get(["one"])["one"].heard == after + 0.001


def test_of_two_owners_that_write_at_the_same_time_the_newer_wins(store, backend) -> None:
    """Each writes by a connection of its own, and neither looks before the other."""
    if not isinstance(store, RedisStore):
        assert backend == "sqlite"
        return
    calls, start = [f"call-{number}" for number in range(300)], Barrier(2)

    def write(epoch: int) -> None:
        for call in calls:
            start.wait(30)
            store.put({call: state(epoch)})

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(write, [1, 2]))
    assert {live.epoch for live in store.get(calls).values()} == {2}


def test_many_calls_are_written_together_each_by_its_own_epoch(store) -> None:
    store.put({"one": state(5), "two": state(5)})
    store.put({"one": state(4), "two": state(6), "three": state(1)})
    found = {call: live.epoch for call, live in store.get(["one", "two", "three"]).items()}
    assert found == {"one": 5 if isinstance(store, RedisStore) else 4, "two": 6, "three": 1}


def test_calls_count_as_looked_at_while_somebody_says_so(store, monkeypatch) -> None:
    monkeypatch.setattr(live_state, "ASK_S", 0.0)
    store.watch({"one", "two"})
    assert set(store.watched()) == {"one", "two"}
    monkeypatch.setattr(live_state, "WATCH_S", -1)
    store.watch({"one", "two"} if isinstance(store, RedisStore) else ())
    assert set(store.watched()) == set()


def test_nothing_is_asked_for_no_call(store) -> None:
    store.put({})
    store.drop([])
    assert store.get([]) == {}


def test_live_state_that_cannot_be_published_stops_no_commit(player, monkeypatch) -> None:
    def broken() -> Store:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr("callcenter.ingest.writer.store", broken)
    assert player.send([started(None), level()]).accepted == 2
    assert player.send([started(None)], stream="s", id=1).accepted == 1


@pytest.mark.parametrize("found_by", USES)
def test_without_redis_nobody_waits_for_it_again_and_again(found_by: str, monkeypatch) -> None:
    away = RedisStore("redis://127.0.0.1:1")
    USES[found_by](away)
    assert away.is_away

    def ask() -> None:
        raise AssertionError("Redis is asked again")

    monkeypatch.setattr(away.redis.connection_pool, "get_connection", ask)
    monkeypatch.setattr(live_state, "ASK_S", 0.0)
    for use in USES.values():
        use(away)
    assert (away.get(["one"]), set(away.watched())) == ({}, set())
