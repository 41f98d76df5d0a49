"""What goes wrong around the runner ends in a plain sentence and is made good: two runners, a full disk, a bug, a wrong key, a flood."""

import pytest

from tests.e2e.outside import until
from tests.ingest.frames import Frame, frame, started
from tests.ingest.runner.world import KEY, World

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

AT_REST = 3000  # turns of the loop in three beats; some 250 are usual, one that spins makes over ten thousand


def story(call: str, count: int, **fields: object) -> list[Frame]:
    """A call and ``count`` further frames of it."""
    return [
        started(0, call, mark="m0"),
        *(frame("call.dtmf_sent", float(number), call, digits="1", mark=f"m{number}", **fields) for number in range(1, count + 1)),
    ]


def test_a_second_runner_waits_and_takes_over_from_one_that_was_killed(world: World) -> None:
    world.connection("twice")
    first = world.runner()
    until(lambda: "Running the connections" in first.said(), "the first runs")
    world.until_health("twice", lambda health: health["line"] == "up", "its line is up")
    second = world.runner()
    until(lambda: "This one waits" in second.said(), "the second says that it waits")
    assert "Running" not in second.said()
    until(lambda: world.tell("from callcenter.journal.models import RunnerLease as L; print(L.objects.get().waiting)") != "", "noted")
    world.provider.say(*story("CA-twice", 3))
    until(lambda: world.journal("twice").total() == 4, "the frames came once")
    assert len(world.provider.sockets) == 1
    first.kill()
    until(lambda: "Running the connections" in second.said(), "the second takes over")
    world.provider.say(frame("call.dtmf_sent", 9.0, "CA-twice", digits="2", mark="after"))
    until(lambda: world.journal("twice")["after"] == 1, "frames come by the second")
    assert world.journal("twice").total() == 5
    second.stop()
    third = world.runner()
    until(lambda: "Running the connections" in third.said(), "who stopped in order leaves no wait behind")


def test_a_runner_that_was_frozen_and_replaced_closes_its_lines(world: World) -> None:
    world.connection("frozen")
    first = world.runner()
    world.until_health("frozen", lambda health: health["line"] == "up", "its line is up")
    first.freeze()
    second = world.runner()
    until(lambda: "Running the connections" in second.said(), "the second takes over")
    world.until_health("frozen", lambda health: health["line"] == "up", "its line is up too")
    world.provider.say(*story("CA-frozen", 40))
    first.thaw()
    until(lambda: "closes its lines and waits" in first.said(), "the first notices")
    until(lambda: len(world.provider.sockets) == 1, "one line is left")
    until(lambda: world.journal("frozen").total() >= 41, "the frames are there")
    assert set(world.journal("frozen").values()) == {1}


def test_a_full_disk_makes_the_provider_wait_and_loses_nothing(world: World) -> None:
    """The operating system refuses to let the file grow; then there is room again."""
    world.connection("full")
    runner = world.runner(FILE_LIMIT="3000000")  # less than a segment, more than a small SQLite database
    world.until_health("full", lambda health: health["line"] == "up", "the line is up")
    world.console.kill()
    frames = story("CA-full", 1000, padding="x" * 4000)
    world.provider.say(*frames)
    health = world.until_health("full", lambda health: "disk is full" in health["relay"], "the sentence")
    assert 0 < health["spooled"] < 1000
    assert world.turns_in_beats(runner, 3) < AT_REST
    runner.kill()
    runner.env["FILE_LIMIT"] = "0"
    runner.start()
    world.console.start()
    until(lambda: len(world.journal("full")) == 1001, "all are there")
    assert set(world.journal("full").values()) == {1}
    health = world.until_health("full", lambda health: not health["spooled"] and not health["relay"], "all is well again")
    assert "Traceback" not in runner.said()


def test_as_much_as_the_limit_allows_waits_and_no_more(world: World) -> None:
    pk = world.connection("limited")
    world.runner(SPOOL_LIMIT_MB="1")
    world.until_health("limited", lambda health: health["line"] == "up", "the line is up")
    world.console.kill()
    world.provider.say(*story("CA-limited", 2000, padding="x" * 1000))
    world.until_health("limited", lambda health: "SPOOL_LIMIT_MB" in health["relay"], "the sentence")
    folder = world.console.folder / "spool" / f"{pk}-limited"
    assert sum(path.stat().st_size for path in folder.rglob("*.log")) < 1_300_000
    world.console.start()
    until(lambda: len(world.journal("limited")) == 2001, "the provider goes on by itself")
    assert set(world.journal("limited").values()) == {1}


def test_a_bug_a_missing_key_and_a_refused_command_are_sentences_without_the_key(world: World) -> None:
    world.connection("buggy", mood="raise")
    pk = world.connection("good")
    runner = world.runner()
    health = world.until_health("buggy", lambda health: "RuntimeError" in health["words"], "the bug is told")
    assert health["line"] == "waiting"
    assert health["next_try_at"] is not None
    world.until_health("good", lambda health: health["line"] == "up", "the other one is not touched")
    world.change("buggy", secrets={})
    health = world.until_health("buggy", lambda health: health["line"] == "stopped", "it is stopped by a missing key")
    assert health["words"] == "The key is missing: copy it from the provider."
    world.provider.say(*story("CA-good", 1))
    until(lambda: world.journal("good").total() == 2, "the call is there")
    refused = world.ask("good", "0")
    until(lambda: world.command(refused)[0] == "failed", "the refusal comes back")
    assert world.command(refused)[1] == "The provider does not take 0 from …."
    assert world.provider.taken == []
    sockets = set(world.provider.sockets)
    world.change("good", enabled=False)
    until(lambda: not world.provider.sockets, "a disabled connection is closed")
    world.change("good", enabled=True)
    until(lambda: bool(world.provider.sockets - sockets), "and opened again")
    assert KEY not in runner.said() + world.console.log()
    assert KEY not in world.tell(
        f"from callcenter.journal.models import *; print(Connection.objects.filter(pk={pk}).values().first(), list(ConnectionHealth.objects.values()))"
    )


def test_ten_thousand_frames_at_once_are_taken_with_bounded_memory(world: World) -> None:
    world.connection("flood")
    runner = world.runner()
    world.until_health("flood", lambda health: health["line"] == "up", "the line is up")
    world.provider.say(*story("CA-flood", 10_000))
    until(lambda: len(world.journal("flood")) == 10_001, "all are in the journal")
    assert set(world.journal("flood").values()) == {1}
    assert runner.memory_mb() < 200
    turns = world.turns_in_beats(runner, 3)  # the provider is silent now
    assert turns < AT_REST
    print(f"flood: {runner.memory_mb():.0f} MB at most, {turns} turns at rest, {runner.cpu_s():.1f} s of processor time")  # noqa: T201
