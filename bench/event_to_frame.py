"""The whole way at full load: a provider's frame in, the same words in a frame to every browser."""

import asyncio
from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import Path

from bench import gauge
from bench.browsers import Board, Browser, mix, open_all
from bench.load import Talk, make_talks
from bench.product import Product, product
from bench.profiling import profiled
from bench.report import Report, middle, percentile
from bench.sender import Sender

WARM_S = 3.0


@dataclass
class Measured:
    """One stretch of load. Times in seconds."""

    cost: gauge.Cost
    own: gauge.Cost
    late: list[float]
    ack_late: list[float]
    events: int
    frames: int
    messages: int
    bytes: int
    gaps: int
    missing: int
    passed: int  # probes that a floor had only in newer ones of their call
    unaccepted: int
    behind: float
    journal_missing: int = 0
    fragments: list[int] = field(default_factory=list)


async def stretch(ready: Product, sender: Sender, browsers: list[Browser], board: Board, seconds: float) -> Measured:
    """Run the load for so long and measure; the probes of the stretch must reach every browser that reads before it ends."""
    board.sent, board.late = {}, []
    messages, size = sum(b.messages for b in browsers), sum(b.bytes for b in browsers)
    frames, events = sum(b.frames for b in browsers), sender.sent
    for lane in sender.lanes:
        lane.ack_late.clear()
    sender.late = 0.0
    before, own = gauge.read(ready.pid), gauge.read()
    await sender.run(seconds, board)
    after, own_after = gauge.read(ready.pid), gauge.read()
    late, ack_late = list(board.late), sender.ack_late
    await sender.drain()
    await asyncio.sleep(2.0)  # what is under way arrives
    unshown = [browser.unshown() for browser in browsers if browser.reading]
    return Measured(
        gauge.between(before, after),
        gauge.between(own, own_after),
        late,
        ack_late,
        sender.sent - events,
        sum(b.frames for b in browsers) - frames,
        sum(b.messages for b in browsers) - messages,
        sum(b.bytes for b in browsers) - size,
        sum(b.gaps for b in browsers),
        sum(lost for lost, _ in unshown),
        sum(passed for _, passed in unshown),
        sender.unaccepted,
        sender.late,
        fragments=[count for b in browsers for count in b.fragments[-50:]],
    )


async def set_up(ready: Product, sender: Sender, operators: int, shown: list[Talk]) -> tuple[Board, list[Browser]]:
    """Calls begin, then browsers open their pages; ``shown``: the calls whose own pages are among these."""
    board = Board()
    await sender.open()
    await sender.begin()
    return board, await open_all(mix(operators, [talk.id for talk in shown], board), ready)


async def full_load(
    ready: Product, talks: list[Talk], operators: int, seconds: float, size: int = 24, profile: Path | None = None
) -> Measured:
    """Calls begin, browsers open their pages, and after a warm-up one stretch is measured."""
    sender = Sender(ready, talks, size)
    board, browsers = await set_up(ready, sender, operators, talks[:10])
    await sender.run(WARM_S, board)
    with profiled(ready.pid, profile, seconds):
        measured = await stretch(ready, sender, browsers, board, seconds)
    count = "from callcenter.journal.models import Entry; print(Entry.objects.filter(origin='provider').count())"
    await asyncio.sleep(0.5)
    stored = int(ready.console.manage("shell", "-v", "0", "-c", count).split()[-1])
    measured.journal_missing = sender.durable - stored
    for browser in browsers:
        browser.close()
    sender.close()
    return measured


def tell(report: Report, found: Measured, label: str = "") -> None:
    """The rows that every run of the whole way has."""
    ms = [late * 1000 for late in found.late]
    report.add(f"{label}event to frame, p50", middle(ms), "ms")
    p99 = percentile(ms, 0.99)
    report.add(f"{label}event to frame, p99", p99, "ms", goal="< 250 ms", met=bool(ms) and p99 < 250)
    report.add(f"{label}event to acknowledgement, p99", percentile([late * 1000 for late in found.ack_late], 0.99), "ms")
    report.add(f"{label}server", found.cost.cores, "cores", goal="< 1", met=found.cost.cores < 0.97)
    report.add(f"{label}server, in the run queue", found.cost.waiting, "of time")
    report.add(f"{label}memory of the server", found.cost.peak_mib, "MiB peak", goal="< 300", met=found.cost.peak_mib < 300)
    report.add(f"{label}events taken", found.events / found.cost.seconds, "per s")
    report.add(f"{label}messages to browsers", found.messages / found.cost.seconds, "per s")
    report.add(f"{label}to browsers", found.bytes / found.cost.seconds / 1e6, "MB per s")
    report.add(f"{label}fragments in a frame, most", max(found.fragments, default=0), "")
    lost = found.missing + found.unaccepted + found.journal_missing
    report.add(f"{label}lost: frames not accepted, not in the journal, probes not seen", lost, "", goal="0", met=lost == 0)
    report.add(f"{label}probes that a floor had only in newer ones of their call", found.passed, "")
    report.add(f"{label}gaps in the frame numbers of browsers", found.gaps, "", goal="0", met=found.gaps == 0)
    report.add(f"{label}load generator", found.own.cores, "cores")
    report.add(f"{label}load generator, in the run queue", found.own.waiting, "of time")
    report.add(f"{label}load generator fell behind by", found.behind * 1000, "ms at most")
    report.series[f"{label}late_ms"] = [round(value, 1) for value in sorted(ms)[:: max(1, len(ms) // 500)]]


def run(options: Namespace) -> Report:
    calls, operators = options.calls, options.operators
    report = Report(
        "event_to_frame",
        f"{calls} calls, {calls * 24:,} events/s in envelopes of {options.size}, {operators} browsers, one process, {options.server}",
    )
    gauge.prepare(options)
    with product(options.backend, core=options.core, priority=options.priority, server=options.server, taken=options.taken) as ready:
        tell(report, asyncio.run(full_load(ready, make_talks(calls), operators, options.seconds, options.size, options.profile)))
    return report
