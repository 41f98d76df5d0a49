"""One browser of many stops reading: what the others notice, and what the server keeps for it."""

import asyncio
from argparse import Namespace

from bench import gauge
from bench.browsers import Board, all_current, mix, open_all
from bench.event_to_frame import stretch
from bench.load import make_talks
from bench.product import Product, product
from bench.report import Report, percentile
from bench.sender import Sender

CALLS, OPERATORS = 300, 40


def run(options: Namespace) -> Report:
    report = Report("stalled", f"{CALLS} calls, {OPERATORS} browsers, then one of them stops reading")
    gauge.prepare(options)
    with product(options.backend, priority=options.priority) as ready:
        asyncio.run(_measure(report, ready, options))
    return report


async def _measure(report: Report, ready: Product, options: Namespace) -> None:
    board, talks = Board(), make_talks(CALLS)
    sender = Sender(ready, talks)
    await sender.open()
    await sender.begin()
    pairs = mix(OPERATORS, [talk.id for talk in talks[:10]], board)
    await open_all(ready, pairs)
    browsers = [browser for browser, _ in pairs]
    await all_current(browsers)
    await sender.run(1.0)
    before, with_one = [], []
    memory = 0.0
    for number in range(options.rounds):
        if number == 0:
            found = await stretch(ready, sender, browsers, board, options.seconds)
            before.append(percentile(found.late, 0.99) * 1000)
            memory = gauge.read(ready.pid).rss_mib
            browsers[0].stall()
        found = await stretch(ready, sender, browsers[1:], board, options.seconds)
        with_one.append(percentile(found.late, 0.99) * 1000)
    after = gauge.read(ready.pid).rss_mib
    ratio = with_one[0] / before[0]
    report.add("others, event to frame p99", with_one[0], "ms", reference=before[0], reference_is="before it stalled", ratio=ratio,
               goal="unchanged (<= 1.5x, noise)", met=ratio <= 1.5)  # fmt: skip
    report.add("memory of the server grew by", after - memory, "MiB", goal="< 20", met=after - memory < 20)
    sender.close()
