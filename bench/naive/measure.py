"""How many events a second the reference takes while its browsers stay as fresh as the product's have to be."""

import asyncio
import os
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from bench import gauge
from bench.browsers import Board, Browser, floor_view
from bench.event_to_frame import full_load
from bench.load import PROBE, make_talks
from bench.product import SLUG, product
from bench.report import ROOT, Report, percentile
from bench.wire import Wire, open_wire
from tests.servers import free_port

RATES = (5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 80, 120, 200, 400)
FRESH_MS = 250.0
CALLS = (50, 100, 200, 400, 700, 1000)  # of 24 events a second each


def run(options: Namespace) -> Report:
    report = Report("naive", f"a row, a message to the group and a template for every event; {options.operators} browsers")
    gauge.prepare(options)
    best = 0.0
    for rate in RATES:
        with server(options.priority) as port:
            p99, lost = asyncio.run(_measure(port, rate, options.operators, min(options.seconds, 6.0)))
        report.add(f"{rate} events/s: p99", p99, "ms")
        report.add(f"{rate} events/s: not seen", lost, "")
        if p99 > FRESH_MS or lost:
            break
        best = float(rate)
    ours = _ours(report, options)
    ratio = ours / best if best else float("inf")
    report.add(
        "events the product takes, as fresh",
        ours,
        "per s",
        reference=best,
        reference_is="the straightforward design",
        ratio=ratio,
        goal=">= 300x",
        met=ratio >= 300,
    )
    return report


def _ours(report: Report, options: Namespace) -> float:
    """Events a second of the largest load that the product held in this run, with as many browsers and as fresh."""
    best = 0.0
    for calls in CALLS:
        with product(priority=options.priority) as ready:
            found = asyncio.run(full_load(ready, make_talks(calls), options.operators, min(options.seconds, 6.0)))
        p99 = percentile(found.late, 0.99) * 1000
        report.add(f"the product with {calls} calls: p99", p99, "ms")
        if not found.late or p99 > FRESH_MS or found.missing or found.unaccepted or found.journal_missing:
            break
        best = found.events / found.cost.seconds
    return best


@contextmanager
def server(priority: int) -> Iterator[int]:
    """A fresh one, under Daphne, on the core where the product runs."""
    with TemporaryDirectory(prefix="bench-") as folder:
        port = free_port()
        env = {**os.environ, "NAIVE_DATABASE": str(Path(folder) / "naive.sqlite3"), "DJANGO_SETTINGS_MODULE": "bench.naive.settings"}
        make = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
        subprocess.run(make, cwd=ROOT, env=env, check=True)
        command = [sys.executable, "-m", "daphne", "-p", str(port), "-b", "127.0.0.1", "-v", "0", "bench.naive.asgi:application"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True, stderr=subprocess.DEVNULL)
        gauge.prefer(process.pid, priority)
        gauge.pin("first", process.pid)
        try:
            yield port
        finally:
            process.kill()
            process.wait()


async def _measure(port: int, rate: int, count: int, seconds: float) -> tuple[float, int]:
    """p99 in ms from an event to its row in a browser, and rows that did not come within two more seconds."""
    ready: Any = SimpleNamespace(port=port, cookies={"sofia": ""})
    board = Board()
    source = await _until_open(port)
    browsers = [Browser(floor_view(), board) for _ in range(count)]
    for browser in browsers:
        await browser.open(ready, "sofia")
    talks = make_talks(20, quiet=20)
    for talk in talks:
        for frame in talk.begin():
            source.send(frame)
    await _quiet(browsers)
    start = time.perf_counter()
    for number in range(1, round(rate * seconds) + 1):
        await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
        board.sent[number] = time.perf_counter()
        source.send(talks[number % len(talks)].say(PROBE % number))
    await asyncio.sleep(2.0)
    lost = len(board.sent) * count - sum(board.arrived.values())
    for browser in browsers:
        browser.close()
    source.close()
    return percentile(board.late, 0.99) * 1000, lost


async def _quiet(browsers: list[Browser]) -> None:
    """Return when what the first frames caused is over: no browser has received anything for a second."""
    before = -1
    while before != (now := sum(browser.messages for browser in browsers)):
        before = now
        await asyncio.sleep(1.0)


async def _until_open(port: int) -> Wire:
    for _ in range(400):
        try:
            return await open_wire(port, f"/ws/ingest/{SLUG}/", {}, lambda _: None)
        except OSError:
            await asyncio.sleep(0.05)
    raise RuntimeError("The reference did not start.")
