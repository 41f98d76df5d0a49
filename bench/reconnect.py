"""A hundred browsers come back at the same moment, as after a restart: how long until each is current."""

import asyncio
import time
from argparse import Namespace

from bench import gauge
from bench.browsers import Board, mix, open_all
from bench.load import make_talks
from bench.product import Product, product
from bench.profiling import profiled
from bench.report import Report, middle
from bench.sender import Sender


def run(options: Namespace) -> Report:
    report = Report("reconnect", f"{options.operators} browsers open their socket at once; {options.calls} live calls")
    gauge.prepare(options)
    with product(options.backend, priority=options.priority) as ready:
        asyncio.run(_measure(report, ready, options))
    return report


async def _measure(report: Report, ready: Product, options: Namespace) -> None:
    talks = make_talks(options.calls)
    sender = Sender(ready, talks)
    await sender.open()
    await sender.begin()
    await sender.run(1.0)
    await sender.drain()
    alone, storms, cost = [], [], None
    for _ in range(options.rounds):
        alone.append((await _storm(ready, talks, 1))[0])
        before = gauge.read(ready.pid)
        with profiled(ready.pid, options.profile, 2):
            storms.append(await _storm(ready, talks, options.operators))
        cost = gauge.between(before, gauge.read(ready.pid))
    worst = max(last for last, _ in storms)
    report.add("all are current after, worst round", worst, "s", reference=middle(alone), reference_is="one browser alone",
               goal="< 2 s", met=worst < 2)  # fmt: skip
    report.add("half of them after", middle([half for _, half in storms]), "s")
    if cost is not None:
        report.add("server meanwhile", cost.cpu_s, "s of core")
        report.add("in the run queue", cost.waiting, "of time")
    sender.close()


async def _storm(ready: Product, talks, count: int) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """Seconds from the first SYN until the last, and until half of them, have their view."""
    pairs = mix(count, [talk.id for talk in talks[:10]], Board())
    began = time.perf_counter()
    browsers = await open_all(pairs, ready)
    took = sorted(browser.current_at - began for browser in browsers)
    for browser in browsers:
        browser.close()
    await asyncio.sleep(0.5)
    return took[-1], took[len(took) // 2]
