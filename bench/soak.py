"""The whole way at full load for minutes, while calls end and others begin: delay, memory, gaps; then the journal is folded again."""

import asyncio
import time
from argparse import Namespace

from bench import gauge
from bench.browsers import Board
from bench.event_to_frame import WARM_S, set_up, stretch, tell
from bench.load import Talk, make_talks
from bench.plot import bars
from bench.product import Product, product
from bench.report import Report, percentile
from bench.sender import Sender

SHORT_S, LONG_S = 60.0, 600.0
LASTING_S = 120.0  # of a call, on average


async def watch(ready: Product, board: Board, points: list[dict[str, float]], every: float) -> None:
    """Until it is cancelled: of each period the delays that came in, and what the server costs."""
    came, before = 0, gauge.read(ready.pid)
    while True:
        await asyncio.sleep(every)
        late, now = board.late[came:], gauge.read(ready.pid)
        came += len(late)
        cost = gauge.between(before, now)
        before = now
        points.append(
            {
                "p50_ms": percentile(late, 0.5) * 1000,
                "p99_ms": percentile(late, 0.99) * 1000,
                "rss_mib": now.rss_mib,
                "cores": cost.cores,
                "waiting": cost.waiting,
            }
        )


async def load(report: Report, ready: Product, talks: list[Talk], options: Namespace, seconds: float) -> int:
    """Returns how many durable frames were sent."""
    sender = Sender(ready, talks, options.size, LASTING_S)
    board, browsers = await set_up(ready, sender, options.operators, talks[10:20])
    await sender.run(WARM_S, board)
    points: list[dict[str, float]] = []
    watcher = asyncio.create_task(watch(ready, board, points, seconds / 10))
    tell(report, await stretch(ready, sender, browsers, board, seconds))
    watcher.cancel()
    for browser in browsers:
        browser.close()
    sender.close()
    report.series |= {name: [round(point[name], 3) for point in points] for name in points[0]}
    minutes = seconds / 600
    report.plots.append(bars(f"event to frame, p99 in ms, by {minutes:.1f} min", [point["p99_ms"] for point in points]))
    report.plots.append(bars(f"memory in MiB, by {minutes:.1f} min", [point["rss_mib"] for point in points]))
    grown = points[-1]["rss_mib"] - points[len(points) // 2]["rss_mib"]
    report.add("memory, second half: grown by", grown, "MiB")
    return sender.durable


def check(report: Report, ready: Product, durable: int) -> None:
    """The journal has everything, and folded again it gives the rows that are there."""
    count = "from callcenter.journal.models import Entry; print(Entry.objects.filter(origin='provider').count())"
    stored = int(ready.console.manage("shell", "-v", "0", "-c", count).split()[-1])
    report.add("durable frames missing in the journal", durable - stored, "", goal="0", met=durable == stored)
    began = time.monotonic()
    try:
        ready.console.manage("rebuild_calls", "--check")
        drift = 0
    except RuntimeError as error:
        if "differences" not in str(error):
            raise
        drift = 1
    report.add("rebuild_calls --check finds other rows", drift, "", goal="0", met=not drift)
    report.add("rebuild_calls --check took", time.monotonic() - began, "s")


def run(options: Namespace) -> Report:
    seconds = LONG_S if options.long else max(options.seconds, SHORT_S)
    full = f"{options.calls} calls, {options.calls * 24:,} events/s, {options.operators} browsers"
    report = Report("soak", f"{full}, {seconds:.0f} s, {options.server}")
    gauge.prepare(options)
    with product(options.backend, core=options.core, priority=options.priority, server=options.server, taken=options.taken) as ready:
        durable = asyncio.run(load(report, ready, make_talks(options.calls), options, seconds))
        asyncio.run(asyncio.sleep(1))
        check(report, ready, durable)
    return report
