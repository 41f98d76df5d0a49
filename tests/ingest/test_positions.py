"""What is remembered of streams: of those that senders name for ever, of those made for one request for a day."""

import pytest

from callcenter.ingest import views, writer
from callcenter.ingest.locks import PASSING_KEPT, PRUNED_TOGETHER, prune_positions
from callcenter.ingest.message import Message
from callcenter.journal.models import Entry, StreamPosition
from tests.ingest.doors import Door
from tests.ingest.frames import said
from tests.ingest.playing import Player, make_source


@pytest.fixture
def player(transactional_db) -> Player:
    return Player(make_source())


def request(player: Player, key: str) -> Message:
    """What an HTTP request with an Idempotency-Key becomes."""
    return Message(player.source, [said(None, key)], player.now, f"key:{key}", 0, passing=True)


def streams() -> set[str]:
    return set(StreamPosition.objects.values_list("stream", flat=True))


def test_keys_are_forgotten_after_a_day_and_streams_of_senders_never(player) -> None:
    player.write([request(player, "a")])
    player.send([said(None, "hello")], stream="key:chosen by the sender", id=1)
    player.pass_time(PASSING_KEPT.total_seconds() - 1)
    assert prune_positions(player.now) == 0
    assert player.write([request(player, "a")]).answers[0].duplicates == 1
    player.pass_time(2)
    player.writers[0].forgot_at = float("-inf")
    player.writers[0].tick(player.now)
    assert streams() == {"key:chosen by the sender"}


def test_old_keys_go_a_few_at_a_time(player) -> None:
    player.write([request(player, str(number)) for number in range(PRUNED_TOGETHER + 10)])
    later = player.now + 2 * PASSING_KEPT
    assert [prune_positions(later), prune_positions(later), prune_positions(later)] == [PRUNED_TOGETHER, 10, 0]


def test_a_process_remembers_only_so_many_streams_and_the_database_knows_the_others(player, monkeypatch) -> None:
    monkeypatch.setattr(writer, "POSITIONS", 20)
    for number in range(50):
        player.send([said(None, "hello")], stream=f"s{number}", id=1)
    assert len(player.writers[0].positions) == 20
    assert player.send([said(None, "hello")], stream="s0", id=1).duplicates == 1
    assert Entry.objects.count() == 50


async def test_what_http_makes_for_one_request_is_forgotten(door: Door, monkeypatch) -> None:
    monkeypatch.setattr(views, "MAX_FRAMES", 2)
    await door.post([said(None, str(number)) for number in range(5)], key="long")
    await door.post({"stream": "theirs", "id": 1, "frames": [said(None, str(number)) for number in range(5)]})
    kept = {stream.split(":")[0] async for stream in StreamPosition.objects.filter(forget_at=None).values_list("stream", flat=True)}
    gone = {stream.split(":")[0] async for stream in StreamPosition.objects.exclude(forget_at=None).values_list("stream", flat=True)}
    assert (kept, gone) == ({"theirs"}, {"key", "piece"})
