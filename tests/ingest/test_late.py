"""Ingest that does not keep up: levels that newer ones follow are counted and passed over, everything else is as if it were in time,
and the feed is told to look less often.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from channels.layers import get_channel_layer
from django.db import DataError

from callcenter.calls import live_state
from callcenter.calls.models import TranscriptEntry
from callcenter.ingest.batch import Batch
from callcenter.ingest.message import Message, Source, open_text
from callcenter.ingest.pipeline import pipeline
from callcenter.ingest.telling import FEED
from tests.ingest.doors import WAIT_S, Door
from tests.ingest.frames import CALL, frame, said, spoken, started
from tests.ingest.playing import ARRIVALS, Player, make_source

LOUD, QUIET = -6.0, -54.0


@pytest.fixture
def player(transactional_db: None, _flushed_at_once: None) -> Player:
    return Player(make_source())


def level(db: float, source: str = "user") -> dict[str, Any]:
    return frame("audio.metrics", source=source, energy_db=db)


def envelopes(source: Source, *groups: list[Any], received: datetime = ARRIVALS) -> list[Message]:
    """A message of each group, as a bridge sends it."""
    texts = [orjson.dumps({"stream": "s", "id": number, "frames": frames}).decode() for number, frames in enumerate(groups, 1)]
    return [open_text(source, text, received) for text in texts]


def levels() -> tuple[float, float]:
    return live_state.store().get([CALL])[CALL].levels


def test_of_a_late_group_the_newest_levels_are_heard(player: Player) -> None:
    player.play([started()])
    messages = envelopes(player.source, [level(LOUD)], [level(LOUD, "bot"), level(LOUD)], [level(LOUD)], [level(QUIET)])
    player.writers[0].write(messages, ARRIVALS, late=True)
    contact, agent = levels()
    assert (round(contact, 2), agent) == (0.1, 0.0)


def test_of_a_group_in_time_every_level_is_heard(player: Player) -> None:
    player.play([started()])
    player.writers[0].write(envelopes(player.source, [level(LOUD, "bot")], [level(LOUD)], [level(LOUD)], [level(QUIET)]), ARRIVALS)
    contact, agent = levels()
    assert (round(contact, 2), round(agent, 2)) == (0.1, 0.9)


@pytest.mark.parametrize("late", [False, True])
def test_whatever_is_no_level_is_stored_and_counted_in_a_late_group_as_in_time(player: Player, late: bool) -> None:
    groups: list[list[Any]] = [
        [started(), level(LOUD), said(1, '{"event":"audio.metrics",', "u1")],
        [level(LOUD), {"event": "audio.metrics"}, 7, *spoken(2, "m1", "good", "morning")],
        [said(5, "audio.metrics", "u2"), level(LOUD), level(LOUD)],
        [level(LOUD)],
    ]
    done = player.writers[0].write(envelopes(player.source, *groups), ARRIVALS, late=late)
    assert [(answer.accepted, len(answer.rejected)) for answer in done.answers] == [(3, 0), (6, 1), (3, 0), (1, 0)]
    texts = TranscriptEntry.objects.order_by("sort_time", "sort_seq").values_list("text", flat=True)
    assert list(texts) == ['{"event":"audio.metrics",', "good morning", "audio.metrics"]


def test_a_late_group_that_comes_again_is_known_as_a_whole(player: Player) -> None:
    groups: list[list[Any]] = [[started(), level(LOUD)], [level(LOUD), level(LOUD)], [level(LOUD)], [level(QUIET)]]
    player.writers[0].write(envelopes(player.source, *groups), ARRIVALS, late=True)
    again = player.writers[0].write(envelopes(player.source, *groups), ARRIVALS, late=True)
    assert [(answer.accepted, answer.duplicates) for answer in again.answers] == [(0, 2), (0, 2), (0, 1), (0, 1)]


@pytest.mark.parametrize("together", [True, False])
def test_of_a_late_group_only_what_cannot_be_stored_is_rejected(player: Player, monkeypatch: pytest.MonkeyPatch, together: bool) -> None:
    """Whether the rest can be stored together or, as is tried at last, each message alone."""
    write = Batch._write

    def break_on_bad(batch: Batch) -> None:
        if any("bad" in entry.frame for entry in batch.entries) or (not together and len(batch.outcome.answers) > 1):
            raise DataError("this does not fit")
        write(batch)

    monkeypatch.setattr(Batch, "_write", break_on_bad)
    groups: list[list[Any]] = [
        [started(), level(LOUD)],
        [level(LOUD), said(1, "bad", "u1"), said(2, "good", "u2"), level(LOUD)],
        [said(3, "better", "u3"), level(LOUD)],
        [level(QUIET)],
    ]
    done = player.writers[0].write(envelopes(player.source, *groups), ARRIVALS, late=True)
    assert [(answer.accepted, [index for index, _ in answer.rejected]) for answer in done.answers] == [(2, []), (3, [1]), (2, []), (1, [])]
    assert list(TranscriptEntry.objects.order_by("sort_time").values_list("text", flat=True)) == ["good", "better"]


def test_what_only_begins_like_a_level_is_rejected_in_a_late_group_too(player: Player) -> None:
    broken = open_text(player.source, '{"event":"audio.metrics",broken', ARRIVALS)
    done = player.writers[0].write([broken, *envelopes(player.source, [started()], [level(LOUD)], [level(LOUD)])], ARRIVALS, late=True)
    assert [(answer.accepted, len(answer.rejected)) for answer in done.answers] == [(0, 1), (1, 0), (1, 0), (1, 0)]


@pytest.mark.parametrize(("in_time", "is_late"), [(1e6, False), (-1.0, True)])
async def test_the_feed_is_told_how_late_a_group_was(door: Door, monkeypatch: pytest.MonkeyPatch, in_time: float, is_late: bool) -> None:
    monkeypatch.setattr("callcenter.ingest.pipeline.IN_TIME_S", in_time)
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(FEED, channel)
    text = orjson.dumps([started()]).decode()
    await pipeline().submit(open_text(door.source, text, datetime.now(UTC)))
    hint = await asyncio.wait_for(layer.receive(channel), WAIT_S)
    assert (hint["late"] > 0) is is_late


async def test_a_group_that_is_behind_is_written_as_late(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    await pipeline().submit(open_text(door.source, orjson.dumps([started()]).decode(), datetime.now(UTC)))
    monkeypatch.setattr("callcenter.ingest.pipeline.IN_TIME_S", -1.0)
    groups = [[level(LOUD, "bot"), level(LOUD)], [level(LOUD)], [level(LOUD)], [level(QUIET)]]
    futures = [pipeline().enqueue_now(message) for message in envelopes(door.source, *groups, received=datetime.now(UTC))]
    answers = await asyncio.wait_for(asyncio.gather(*futures), WAIT_S)
    assert [answer.accepted for answer in answers] == [2, 1, 1, 1]
    kept = pipeline().writer.folder.call(CALL)
    assert kept.state.levels[1] == 0.0
