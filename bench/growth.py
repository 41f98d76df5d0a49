"""Cost as work grows: calls, then browsers. Each point is a stretch of the whole way on a fresh product."""

import asyncio
from argparse import Namespace

from bench import gauge
from bench.event_to_frame import full_load
from bench.load import make_talks
from bench.product import product
from bench.report import Report, percentile

SHORT = [(100, 20), (500, 20), (1000, 20), (500, 1), (500, 100)]
LONG = [(100, 50), (250, 50), (500, 50), (1000, 50), (2000, 50), (500, 1), (500, 25), (500, 100), (500, 200), (500, 400)]


def run(options: Namespace) -> Report:
    report = Report("growth", "the whole way with more calls, and with more browsers")
    gauge.prepare(options)
    for calls, operators in LONG if options.long else SHORT:
        with product(options.backend, priority=options.priority) as ready:
            found = asyncio.run(full_load(ready, make_talks(calls), operators, options.seconds))
        label = f"{calls} calls, {operators} browsers: "
        report.add(f"{label}server", found.cost.cores, "cores")
        report.add(f"{label}processor time of an event", found.cost.cpu_s / found.events * 1e6, "µs")
        report.add(f"{label}event to frame, p99", percentile(found.late, 0.99) * 1000, "ms")
        report.add(f"{label}memory", found.cost.peak_mib, "MiB")
        report.series[label] = {"calls": calls, "operators": operators, "cores": found.cost.cores}
    return report
