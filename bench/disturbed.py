"""What everybody notices of one slow query, of one huge frame, and of one browser that stops reading: in turns with nothing of it."""

import asyncio
import time
from argparse import Namespace
from collections.abc import Callable, Coroutine
from typing import Any

from bench import gauge
from bench.browsers import Browser
from bench.event_to_frame import Measured, set_up, stretch
from bench.load import make_talks
from bench.product import SLUG, Product, product
from bench.report import Report, middle, percentile
from bench.sender import Lane, Sender

CALLS, OPERATORS = 300, 40
ENTRIES = 1_000_000  # of calls that are over, which the slow query goes through
HUGE = 4 * 1024 * 1024
EVERY_S = 2.0  # from one huge frame to the next
OLD = f"""
from bench.old import grow
from callcenter.calls.models import Agent, Contact
from callcenter.journal.models import Connection
line = Connection.objects.get(slug="{SLUG}")
agent = Agent.objects.create(connection=line, slug="old", name="Old", team=line.team)
contact = Contact.objects.create(team=line.team, digits="447700900128", phone="+447700900128")
grow({ENTRIES}, "{"0" * 24}", line.pk, agent.pk, contact.pk)
"""
Trouble = Callable[[], Coroutine[Any, Any, None]]


def run(options: Namespace) -> Report:
    report = Report("disturbed", f"{CALLS} calls, {OPERATORS} browsers, {ENTRIES:,} old entries; then one thing that disturbs")
    gauge.prepare(options)
    with product(options.backend, priority=options.priority) as ready:
        ready.console.manage("shell", "-v", "0", "-c", OLD)
        asyncio.run(_measure(report, ready, options))
    return report


async def _measure(report: Report, ready: Product, options: Namespace) -> None:
    talks = make_talks(CALLS)
    sender, lane = Sender(ready, talks), Lane("huge", 1)
    board, browsers = await set_up(ready, sender, OPERATORS, talks[:10])
    await lane.open(ready)
    await sender.run(1.0)
    queries: list[float] = []
    stretches: list[Measured] = []
    done = asyncio.Event()

    async def search() -> None:
        while not done.is_set():
            began = time.perf_counter()
            await asyncio.to_thread(ready.page, "sofia", f"/calls/?q=nothing-like-it-{len(queries)}")
            queries.append(time.perf_counter() - began)

    async def shout() -> None:
        while not done.is_set():
            lane.put([talks[-1].say("x" * HUGE)])
            lane.flush(rest=True)
            await asyncio.sleep(EVERY_S)

    async def p99(watched: list[Browser], trouble: Trouble | None = None) -> float:
        """Of the delay from event to frame, ms."""
        done.clear()
        task = asyncio.create_task(trouble()) if trouble else None
        stretches.append(await stretch(ready, sender, watched, board, options.seconds))
        done.set()
        if task:
            await task  # what it began may not run on into the next stretch
        return percentile(stretches[-1].late, 0.99) * 1000

    async def in_turns(trouble: Trouble) -> tuple[float, float]:
        """With it and without it."""
        turns = [(await p99(browsers, trouble), await p99(browsers)) for _ in range(options.rounds)]
        return middle([with_it for with_it, _ in turns]), middle([without for _, without in turns])

    _tell(report, "a search through the whole history, again and again", *await in_turns(search))
    report.add("such a search took", middle(queries) * 1000, "ms")
    _tell(report, f"a message of {HUGE // 2**20} MiB every {EVERY_S:.0f} s", *await in_turns(shout))
    report.add("huge messages not accepted", lane.sent - lane.accepted, "", goal="0", met=lane.sent == lane.accepted)
    before, memory = await p99(browsers), gauge.read(ready.pid).rss_mib
    browsers[0].stall()
    _tell(report, "one browser reads no more, the others", middle([await p99(browsers[1:]) for _ in range(options.rounds)]), before)
    grown = gauge.read(ready.pid).rss_mib - memory
    report.add("memory of the server grew by", grown, "MiB", goal="< 20", met=grown < 20)
    lost, gaps = sum(found.missing for found in stretches) + sender.unaccepted, sum(browser.gaps for browser in browsers)
    report.add("lost: frames not accepted, probes not seen", lost, "", goal="0", met=lost == 0)
    report.add("probes that a floor had only in newer ones of their call", sum(found.passed for found in stretches), "")
    report.add("gaps in the frame numbers of browsers", gaps, "", goal="0", met=gaps == 0)
    lane.wire.close()
    sender.close()


def _tell(report: Report, trouble: str, with_it: float, without: float) -> None:
    ratio = with_it / without
    report.add(f"{trouble}: event to frame p99", with_it, "ms", reference=without, reference_is="without it", ratio=ratio,
               goal="unchanged (<= 1.5x, noise)", met=ratio <= 1.5)  # fmt: skip
