"""The four sample logs tell one story, in whatever order and however often their frames come."""

import random
from typing import Any

import pytest
from django.core.management import call_command

from callcenter.calls.models import Call
from callcenter.domain.events.speech import AgentPiece
from tests.ingest.playing import Player, check_same, decoded, make_source, shown, shuffled, tail_first
from tests.providers.contract import sample

SAMPLES = ("pinecall-stream", "pinecall-wire", "sippet-flat", "sippet-phoenix")
SEEDS = 6

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=SAMPLES)
def log(request) -> str:
    return str(request.param)


def provider_of(log: str) -> str:
    return log.partition("-")[0]


def story_of(log: str, *playings: list[Any], size: int = 1, writers: int = 1) -> dict[str, Any]:
    """What is shown after these playings, each some seconds after the one before."""
    player = Player(make_source(provider_of(log)), writers)
    for frames in playings:
        player.play(frames, size)
        player.settle()
        player.pass_time(30)
    return shown()


_stories: dict[str, dict[str, Any]] = {}


def in_order(log: str) -> dict[str, Any]:
    """The story as it came, played once; the database is empty again afterwards."""
    if log not in _stories:
        _stories[log] = story_of(log, sample(log))
        call_command("flush", "--no-input", verbosity=0)
    return _stories[log]


def test_it_is_the_same_with_each_frame_doubled(log) -> None:
    story = in_order(log)
    check_same(story_of(log, [frame for frame in sample(log) for _ in range(2)]), story)


def test_it_is_the_same_when_the_whole_log_comes_again_and_changes_no_revision(log) -> None:
    player = Player(make_source(provider_of(log)))
    player.play(sample(log))
    player.settle()
    story, revisions = shown(), list(Call.objects.order_by("pk").values_list("call_uuid", "revision"))
    for _ in range(2):
        player.pass_time(30)
        player.play(sample(log))
        player.settle()
        check_same(shown(), story)
    assert list(Call.objects.order_by("pk").values_list("call_uuid", "revision")) == revisions


@pytest.mark.parametrize("seed", range(SEEDS))
def test_it_is_the_same_shuffled_within_each_call(log, seed) -> None:
    story = in_order(log)
    order = random.Random(f"{log} {seed}")
    check_same(story_of(log, shuffled(provider_of(log), sample(log), order), size=order.choice((1, 3, 20))), story)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_it_is_the_same_cut_and_resumed_with_overlap(log, part) -> None:
    story = in_order(log)
    frames = sample(log)
    cut = int(len(frames) * part)
    player = Player(make_source(provider_of(log)))
    player.play(frames[:cut])
    player.play(frames[max(0, cut - 15) :])
    player.settle()
    check_same(shown(), story)


@pytest.mark.parametrize("part", [0.3, 0.6])
def test_it_is_the_same_tail_first(log, part) -> None:
    story = in_order(log)
    frames = sample(log)
    check_same(story_of(log, tail_first(provider_of(log), frames, int(len(frames) * part))), story)


def test_it_is_the_same_in_one_message(log) -> None:
    story = in_order(log)
    check_same(story_of(log, sample(log), size=1000), story)


def test_it_is_the_same_when_two_processes_take_turns(log) -> None:
    """Pieces of one reply, which nothing numbers, must come through one of them."""
    pieces = {read.call for frame in sample(log) if (read := decoded(provider_of(log), frame)) and isinstance(read.event, AgentPiece)}
    frames = [frame for frame in sample(log) if not ((read := decoded(provider_of(log), frame)) and read.call in pieces)]
    story = story_of(log, frames)
    call_command("flush", "--no-input", verbosity=0)
    check_same(story_of(log, frames, writers=2), story)
