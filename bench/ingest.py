"""The door alone: the load as fast as it is taken, no browser looking; against parsing the same messages."""

import asyncio
import time
from argparse import Namespace

import orjson

from bench import gauge
from bench.load import make_talks, slot
from bench.product import product
from bench.profiling import profiled
from bench.report import Report, middle, percentile
from bench.sender import Sender


def run(options: Namespace) -> Report:
    report = Report("ingest", f"{options.calls} calls, frames in envelopes of {options.size}, no browser")
    gauge.prepare(options)
    with product(options.backend, priority=options.priority) as ready:
        asyncio.run(_measure(report, ready, options))
    return report


async def _measure(report: Report, ready, options: Namespace) -> None:  # type: ignore[no-untyped-def]
    talks = make_talks(options.calls)
    sender = Sender(ready, talks, options.size)
    await sender.open()
    await sender.begin()
    await sender.run(2.0)
    await sender.drain()
    events, before = sender.sent, gauge.read(ready.pid)
    with profiled(ready.pid, options.profile, options.seconds):
        await sender.run(options.seconds)
        await sender.drain()
        cost = gauge.between(before, gauge.read(ready.pid))
    rate = (sender.sent - events) / cost.seconds
    micros = cost.cpu_s / (sender.sent - events) * 1e6
    loads = _loads([made for number in range(20) for made, _ in slot(talks[:50], number)])
    report.add("events taken at the pace of life", rate, "per s")
    report.add("server", cost.cores, "cores")
    report.add("processor time of an event", micros, "µs", reference=loads, reference_is="orjson.loads of one frame", ratio=micros / loads)
    report.add("so one core would take", 1e6 / micros, "per s")
    report.add("acknowledged after, p99", percentile(sender.ack_late, 0.99) * 1000, "ms")
    report.add("in the run queue", cost.waiting, "of time")
    report.add("not accepted", sender.unaccepted, "", goal="0", met=sender.unaccepted == 0)
    sender.close()


def _loads(frames: list[bytes]) -> float:
    """µs of processor time for a frame."""
    found = []
    for _ in range(5):
        began = time.thread_time()
        for made in frames:
            orjson.loads(made)
        found.append((time.thread_time() - began) / len(frames) * 1e6)
    return middle(found)
