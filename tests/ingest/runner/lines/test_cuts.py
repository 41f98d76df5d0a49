"""A hundred calls on each kind of connection, while providers' lines are cut and ingest is killed: nothing is lost, nothing doubled."""

import json
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.outside import until
from tests.ingest.runner.lines.played import SIDES, Side, Sippet
from tests.ingest.runner.lines.stage import Stage, set_up
from tests.ingest.runner.world import Runner, World

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

LOOKS = 10
EVERY = 3  # cuts between two commands

DIAL = """
from django.utils import timezone
from callcenter.calls.models import Agent
from callcenter.commands.outbox import Target, enqueue
from callcenter.domain.commands.order import Order, Verb
agent = Agent.objects.filter(connection__slug={slug!r}).exclude(slug__contains=":").first()
order = Order(verb=Verb.DIAL, agent=agent.slug, to={to!r})
command, _ = enqueue(order, Target(agent.connection, agent), now=timezone.now(), expires_s=60)
print(command.pk)
"""
AGENTS = (
    "from callcenter.calls.models import Agent; print(Agent.objects.filter(connection__slug={slug!r}).exclude(slug__contains=':').count())"
)
AUDIT = "import json; from tests.ingest.runner.lines.ledger import audit; print(json.dumps(audit({slug!r}, {record!r})))"
ENDED = """
import json
from callcenter.calls.models import Call
print(json.dumps(sorted(Call.objects.filter(connection__slug={slug!r}, status="completed").values_list("call_uuid", flat=True))))
"""


@pytest.fixture
def sides(stage: Stage) -> Iterator[list[Side]]:
    made = [kind(stage) for kind in SIDES]
    yield made
    for side in made:
        side.close()


class Ordeal:
    """One side's line, cut ``planned`` times while ``calls`` calls go on. ``cuts``: how many so far."""

    def __init__(self, world: World, side: Side, calls: int, planned: int) -> None:
        self.world, self.side, self.rng = world, side, random.Random(f"cuts of {side.kind}")
        self.calls, self.planned, self.cuts = calls, planned, 0
        self.dialled: list[str] = []

    def run(self) -> None:
        side = self.side
        if side.commands:
            until(lambda: self.world.tell(AGENTS.format(slug=side.slug)) != "0", f"an agent of {side.slug}")
        for _ in range(self.planned):
            until(side.is_joined, f"{side.slug} is joined")
            far = side.count() + self.rng.randrange(10, 200)
            until(lambda far=far: side.count() >= far, f"{side.slug} tells more")  # type: ignore[misc]
            side.cut()
            self.cuts += 1
            until(lambda: not side.is_joined(), f"{side.slug} is cut")
            if side.commands and self.cuts % EVERY == 0:
                self.dial()
        until(lambda: side.world.population.started >= self.calls, f"{self.calls} calls of {side.slug}")
        side.stage.do(side.accept_no_more)
        until(side.is_over, f"the calls of {side.slug} end")

    def dial(self) -> None:
        """Once the runner says that the line is back; the provider's own event confirms it. Like people, it dials again when ingest
        was killed, or the line went, with the command in its hands: then nobody knows what came of it."""
        slug, cuts, processes = self.side.slug, self.cuts, list(self.world.console.web)
        back = self.world.until_health(
            slug, lambda now: now["line"] == "up" and now["reconnects"] >= cuts, f"{slug} is back after cut {cuts}"
        )
        number = f"+4420794{60_000 + len(self.dialled)}"
        command = self.world.tell(DIAL.format(slug=self.side.slug, to=number))
        self.dialled.append(command)

        def nobody_knows() -> bool:
            if self.world.command(command)[0] not in ("unknown", "not_confirmed"):
                return False
            return self.world.console.web != processes or bool(self.world.health(slug)["reconnects"] > back["reconnects"])

        # While ingest is away for long it counts as not confirmed, until the event that says so comes in.
        try:
            until(
                lambda: self.world.command(command)[0] in ("confirmed", "failed") or nobody_knows(),
                f"{slug} dials {number} after cut {cuts}",
            )
        except AssertionError as error:
            error.add_note(f"the command: {self.world.command(command)}, the line then: {back}, now: {self.world.health(slug)}")
            raise
        if nobody_knows():
            self.dial()
            return
        assert self.world.command(command) == ("confirmed", ""), f"{slug} after cut {cuts}"


def restart_ingest(world: World, ordeals: list[Ordeal]) -> None:
    for third in (1, 2):
        cuts = third * ordeals[0].planned // 3
        until(lambda cuts=cuts: all(ordeal.cuts >= cuts for ordeal in ordeals), f"{cuts} cuts everywhere")  # type: ignore[misc]
        world.console.kill()
        world.until_health(ordeals[-1].side.slug, lambda health: health["spooled"] > 0, "frames wait on disk")
        world.console.start()


def audited(world: World, side: Side, folder: Path) -> dict[str, Any]:
    """What is in against what has left by now."""
    record = folder / f"{side.slug}.ndjson"
    record.write_bytes(b"\n".join(side.stage.do(side.told)))
    world.until_health(side.slug, lambda health: health["line"] == "up" and not health["spooled"], f"all of {side.slug} is in")
    found: dict[str, Any] = json.loads(world.tell(AUDIT.format(slug=side.slug, record=str(record))))
    return found


def check(world: World, side: Side, calls: int, folder: Path) -> None:
    """A recording leaves after the end of its call, and may be under way at the first look."""
    found = audited(world, side, folder)
    for _ in range(LOOKS):
        if not (found["lost"] or found["strange"]):
            break
        time.sleep(1)
        found = audited(world, side, folder)
    assert (found["lost"], found["doubled"], found["strange"], found["dead"]) == (0, 0, 0, []), f"{side.slug}: {found}"
    assert found["durable"] > 2 * calls
    if isinstance(side, Sippet):  # what it missed it has fetched
        ended = side.stage.do(side.ended)
        until(lambda: json.loads(world.tell(ENDED.format(slug=side.slug))) == ended, "every call of Sippet's books is over here too")
    print(f"{side.slug}: {found['durable']} durable frames of {side.world.population.started} calls, each once")  # noqa: T201


def test_of_a_hundred_calls_on_each_kind_every_durable_frame_is_in_the_journal_once(
    world: World, sides: list[Side], tmp_path: Path, often: Callable[[int], int]
) -> None:
    calls = often(100)
    for side in sides:
        set_up(world, side.slug, side.kind, options=side.options, secrets=side.secrets, agents=side.agents)
    runner: Runner = world.runner(SCRIPTED="0")
    for side in sides:
        until(side.is_joined, f"{side.slug} is joined")
    before = runner.memory_mb("VmRSS")
    for side in sides:
        side.play()
    ordeals = [Ordeal(world, side, calls, often(20)) for side in sides]
    with ThreadPoolExecutor(len(sides) + 1) as threads:
        works = [threads.submit(ordeal.run) for ordeal in ordeals] + [threads.submit(restart_ingest, world, ordeals)]
        for work in works:
            work.result()
    for side in sides:
        check(world, side, calls, tmp_path)
    assert world.console.manage("rebuild_calls", "--check").strip() == "clean"
    assert "Traceback" not in runner.said()
    after, most = runner.memory_mb("VmRSS"), runner.memory_mb()
    print(f"runner: {before:.0f} MB before, {after:.0f} MB after, {most:.0f} MB at most; {runner.cpu_s():.1f} s of processor time")  # noqa: T201
    assert most < 200
