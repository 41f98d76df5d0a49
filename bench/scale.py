"""Several processes on PostgreSQL and Redis: how evenly they share the work, and what an event costs, beside one process for all."""

import asyncio
import os
from argparse import Namespace
from dataclasses import dataclass
from typing import Any

from bench import gauge
from bench.browsers import Board, mix, open_all
from bench.event_to_frame import Measured, stretch
from bench.load import make_talks
from bench.product import Product, product
from bench.report import Report, percentile
from bench.sender import Sender

SHORT, LONG = (200, 40), (500, 100)  # calls, browsers
WARM_S = 3.0


@dataclass(frozen=True, slots=True)
class Layout:
    """How many processes take frames, and how many others take browsers; ``web`` 0: the same one does both. ``half``: of the load."""

    ingest: int
    web: int
    half: bool = False

    @property
    def label(self) -> str:
        return f"{self.ingest} ingest + {self.web} web{', half the load' * self.half}: " if self.web else "one process: "

    @property
    def takers(self) -> range:
        return range(self.ingest)

    @property
    def showers(self) -> range:
        return range(self.ingest, self.ingest + self.web) if self.web else self.takers


ALONE = Layout(1, 0)
HALF = Layout(1, 1, half=True)  # each process has as much to do as in 2 + 2 with all of the load
FEW, ALL = (ALONE, HALF, Layout(1, 1), Layout(2, 2)), (ALONE, HALF, Layout(1, 1), Layout(2, 1), Layout(1, 2), Layout(2, 2))


@dataclass(slots=True)
class Found:
    """``spent``: processor seconds of each process."""

    layout: Layout
    measured: Measured
    spent: list[float]

    def of(self, processes: range) -> list[float]:
        return [self.spent[number] for number in processes]

    def event_us(self, processes: range) -> float:
        return sum(self.of(processes)) / self.measured.events * 1e6

    def message_us(self, processes: range) -> float:
        return sum(self.of(processes)) / self.measured.messages * 1e6


def run(options: Namespace) -> Report:
    calls, operators = LONG if options.long else SHORT
    report = Report(
        "scale", f"{calls} calls, {calls * 24:,} events/s, {operators} browsers; PostgreSQL and Redis; the servers' own cost not counted"
    )
    first: dict[str, Found] = {}
    for layout in ALL if options.long else FEW:
        gauge.unpin(os.getpid())  # so that its children start on every processor, until they are pinned
        with product("servers", layout.ingest + layout.web, options.core, options.priority) as ready:
            gauge.prepare(options)
            parts = 1 + layout.half
            found = asyncio.run(_measure(ready, layout, calls // parts, operators // parts, options.seconds))
        _tell(report, found, first)
    return report


async def _measure(ready: Product, layout: Layout, calls: int, operators: int, seconds: float) -> Found:
    board, talks = Board(), make_talks(calls)
    sender = Sender(ready, talks)
    for number, lane in enumerate(sender.lanes):
        await lane.open(ready.through(layout.takers[number % len(layout.takers)]))
    await sender.begin()
    pairs = mix(operators, [talk.id for talk in talks[:10]], board)
    browsers = await open_all(pairs, *map(ready.through, layout.showers))
    await sender.run(WARM_S, board)
    pids = [ready.pid_of(number) for number in range(layout.ingest + layout.web)]
    before = [gauge.read(pid).cpu_s for pid in pids]
    measured = await stretch(ready, sender, browsers, board, seconds)
    spent = [gauge.read(pid).cpu_s - start for pid, start in zip(pids, before, strict=True)]
    for browser in browsers:
        browser.close()
    sender.close()
    return Found(layout, measured, spent)


def _tell(report: Report, found: Found, first: dict[str, Found]) -> None:
    """``first``: what later rows are held against."""
    layout, measured, label = found.layout, found.measured, found.layout.label
    everybody = range(len(found.spent))
    alone = first.setdefault("alone", found)
    ours, theirs = found.event_us(everybody), alone.event_us(range(1))
    beside = {"reference": theirs, "reference_is": "one process", "ratio": ours / theirs} if layout.web else {}
    report.add(f"{label}processor time of an event, all processes", ours, "µs", **beside)
    if layout.web:
        _flat(report, found, first.setdefault("half", found))
    for kind, processes in (("ingest", layout.takers), ("web", layout.showers)):
        if len(processes) > 1:
            share = max(found.of(processes)) / sum(found.of(processes))
            report.add(f"{label}share of the {kind} process that did most", share, "", goal="evenly (<= 0.6)", met=share <= 0.6)
    report.add(f"{label}event to frame, p99", percentile(measured.late, 0.99) * 1000, "ms")
    lost = measured.missing + measured.unaccepted
    report.add(f"{label}lost: frames not accepted, probes not seen", lost, "", goal="0", met=lost == 0)
    report.add(f"{label}gaps in the frame numbers of browsers", measured.gaps, "", goal="0", met=measured.gaps == 0)
    report.series[label] = {"cpu_s": found.spent, "events": measured.events, "messages": measured.messages}


def _flat(report: Report, found: Found, half: Found) -> None:
    """What ``half`` itself needs is only told."""
    layout = found.layout
    for what, ours, theirs in (
        ("an event, ingest", found.event_us(layout.takers), half.event_us(half.layout.takers)),
        ("a message, web", found.message_us(layout.showers), half.message_us(half.layout.showers)),
    ):
        beside: dict[str, Any] = {"reference": theirs, "reference_is": "1 + 1, half the load", "ratio": ours / theirs}
        held = {} if found is half else {"goal": "flat (<= 1.3x)", "met": ours <= 1.3 * theirs, **beside}
        report.add(f"{layout.label}processor time of {what}", ours, "µs", **held)
