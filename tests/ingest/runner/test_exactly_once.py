"""Every durable frame is in the journal once, whatever is cut, restarted or killed between the provider and the journal."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.e2e.outside import until
from tests.ingest.frames import Frame, frame, started
from tests.ingest.runner.world import KEY, Provider, Runner, World

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CALL = "CA-of-the-runner"


class Story:
    """Frames that name themselves by a mark. ``plain``: without anything by which a repetition could be recognised."""

    def __init__(self, provider: Provider) -> None:
        self.provider, self.told = provider, list[str]()

    def go_on(self, count: int, *, plain: bool) -> None:
        self.provider.say(*(self._next(plain) for _ in range(count)))

    def _next(self, plain: bool) -> Frame:
        mark = f"m{len(self.told)}"
        self.told.append(mark)
        if len(self.told) == 1:
            return started(0, CALL, mark=mark)
        at = None if plain else float(len(self.told))
        return frame("call.dtmf_sent", at, CALL, digits="1", mark=mark)


def test_cuts_restarts_and_a_killed_runner_lose_nothing_and_double_nothing(world: World, often: Callable[[int], int]) -> None:
    cuts = often(20)
    world.connection("once")
    runner, story = world.runner(), Story(world.provider)
    story.go_on(1, plain=False)
    until(lambda: world.journal("once")["m0"], "the first frame is in the journal")
    asked = []
    for cut in range(cuts):
        story.go_on(30, plain=True)
        world.provider.cut()
        if cut in (cuts // 3, 2 * cuts // 3):
            world.console.kill()
            story.go_on(30, plain=True)
            world.console.start()
        world.until_health("once", lambda now, cut=cut: now["line"] == "up" and now["reconnects"] > cut and not now["relay"], "all is back")  # type: ignore[misc]
        taken = len(world.provider.taken)
        asked.append(world.ask("once", str(1 + cut % 9)))
        try:
            until(lambda taken=taken: len(world.provider.taken) > taken, f"the command reaches the provider after cut {cut}")  # type: ignore[misc]
        except AssertionError as error:
            error.add_note(f"the command: {world.command(asked[-1])}, the line now: {world.health('once')}")
            raise

    killed_while_ingest_is_away(world, story, runner)
    killed_amid_frames(world, story, runner)

    def all_there() -> bool:
        return world.journal("once").keys() >= set(story.told)

    until(all_there, "every frame is in the journal")
    assert world.journal("once") == Counter(story.told)
    assert len(world.provider.taken) == len(asked)
    assert {world.command(pk)[0] for pk in asked} <= {"sent", "confirmed", "not_confirmed", "unknown"}
    health = world.until_health("once", lambda health: health["line"] == "up" and health["spooled"] == 0, "all is well")
    assert health["relay"] == ""
    assert KEY in world.provider.keys
    assert KEY not in runner.said() + world.console.log()
    assert runner.memory_mb() < 200


def killed_while_ingest_is_away(world: World, story: Story, runner: Runner) -> None:
    """What waits on disk, some of it on its way, is sent by the next runner under the same numbers."""
    before = world.health("once")["reconnects"]
    world.console.kill()
    story.go_on(700, plain=True)
    world.until_health("once", lambda health: health["spooled"] >= 700, "frames wait on disk")
    assert "Ingest does not answer" in world.health("once")["relay"]
    assert before > 0
    runner.kill()
    runner.start()
    world.console.start()


def killed_amid_frames(world: World, story: Story, runner: Runner) -> None:
    """Some are on disk, some in the socket, some committed and not acknowledged."""
    for _ in range(2):
        first = f"m{len(story.told)}"
        story.go_on(600, plain=False)
        until(lambda first=first: world.journal("once")[first], "the frames begin to come in")  # type: ignore[misc]
        runner.kill()
        runner.start()
        story.go_on(50, plain=False)
