"""What one more frame to one more browser costs, against bare ``websockets.broadcast`` of the same bytes at the same pace, and
against the least that the server itself needs for it.
"""

import asyncio
import os
import subprocess
import sys
from argparse import Namespace
from contextlib import contextmanager
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import bare_app, gauge
from bench.browsers import Board, Browser, floor_view, open_all
from bench.load import make_talks
from bench.product import Product, product
from bench.report import ROOT, Report, middle
from bench.sender import Sender
from bench.wire import Wire, open_wire
from tests.servers import free_port

TICK_S = 0.1
ASKED = 4  # as callcenter/live/socket.py
LIMITS = {"daphne": 3.3, "uvicorn": 1.5}
CALLS = 8  # whose last lines change in every tick: about 2 kB of edits


def run(options: Namespace) -> Report:
    report = Report(
        "fanout", f"{CALLS} rows change ten times a second; {options.operators} browsers on one floor against 1, {options.server}"
    )
    gauge.prepare(options)
    with product(options.backend, priority=options.priority, server=options.server) as ready:
        asyncio.run(_measure(report, ready, options))
    return report


async def _measure(report: Report, ready: Product, options: Namespace) -> None:
    talks = make_talks(CALLS, quiet=CALLS)
    sender = Sender(ready, talks)
    await sender.open()
    await sender.begin()
    ours: list[float] = []
    theirs: list[float] = []
    floors: list[float] = []
    size = 0.0
    for _ in range(options.rounds):
        few, _, _ = await _feed(ready, sender, 1, options.seconds)
        many, messages, size = await _feed(ready, sender, options.operators, options.seconds)
        ours.append((many - few) / messages * 1e6)
        theirs.append(await _bare("broadcast", round(size), options.operators, options.seconds, options.priority))
        floors.append(await _bare(options.server, round(size), options.operators, options.seconds, options.priority))
    ratio, limit = middle(ours) / middle(theirs), LIMITS[options.server]
    report.add(
        "processor time of a message to a browser, with its confirmation", middle(ours), "µs",
        reference=middle(theirs), reference_is="bare broadcast", ratio=ratio, goal=f"<= {limit}x", met=ratio <= limit,
    )  # fmt: skip
    least = middle(floors)
    report.add(
        "the same, against the server alone", middle(ours), "µs", reference=least, reference_is="its own sends", ratio=middle(ours) / least
    )
    report.add("bytes of a message, mean", size, "")
    sender.close()


async def _feed(ready: Product, sender: Sender, count: int, seconds: float) -> tuple[float, int, float]:
    """Processor seconds, messages and their mean size while rows change."""
    board = Board()
    browsers = await open_all([(Browser(floor_view(), board), "sofia") for _ in range(count)], ready)
    changing = asyncio.create_task(_change(sender))
    await asyncio.sleep(1.0)
    messages, size = sum(b.messages for b in browsers), sum(b.bytes for b in browsers)
    before = gauge.read(ready.pid)
    await asyncio.sleep(seconds)
    cost = gauge.between(before, gauge.read(ready.pid))
    changing.cancel()
    messages, size = sum(b.messages for b in browsers) - messages, sum(b.bytes for b in browsers) - size
    for browser in browsers:
        browser.close()
    await asyncio.sleep(0.3)
    return cost.cpu_s, messages, size / max(1, messages)


async def _change(sender: Sender) -> None:
    """The interim words of every call, ten times a second."""
    number = 0
    while True:
        number += 1
        for talk in sender.talks:
            text = f'"messageId":"u{talk.number}","text":"I would like to move my appointment to the week after, number {number}",'
            sender.lane(talk).put([talk.frame("user.speaking", text)])
        sender.flush(rest=True)
        await asyncio.sleep(TICK_S)


def bare_command(kind: str, port: int) -> list[str]:
    """What sends and nothing else: ``websockets`` itself, or an application under a server."""
    app = f"{bare_app.__name__}:application"
    if kind == "daphne":
        return [sys.executable, "-m", "daphne", "--endpoint", f"tcp:port={port}:interface=127.0.0.1:backlog=1024", app]
    if kind == "uvicorn":
        quiet = ["--log-level", "warning", "--ws-per-message-deflate", "false"]
        return [sys.executable, "-m", "uvicorn", "--port", str(port), *quiet, app]
    return [sys.executable, "-m", "bench.bare", str(port)]


@contextmanager
def bare_server(kind: str, size: int, every_s: float, priority: int) -> Iterator[tuple[int, int]]:
    """Yields its port and its process id."""
    port = free_port()
    with TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "message"
        file.write_text("x" * size)
        told = {**os.environ, bare_app.FILE: str(file), bare_app.EVERY_S: str(every_s)}
        process = subprocess.Popen(bare_command(kind, port), cwd=ROOT, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        gauge.prefer(process.pid, priority)
        gauge.pin("first", process.pid)
        try:
            yield port, process.pid
        finally:
            process.kill()
            process.wait()


async def _bare(kind: str, size: int, count: int, seconds: float, priority: int) -> float:
    """µs of processor time for a message, by the same difference; a message a tick, as the feed sends, one of four confirmed."""
    spent, received = [], 0
    with bare_server(kind, size, TICK_S, priority) as (port, pid):
        for sockets in (1, count):
            wires: list[Wire] = []
            counts = [0]

            def hear(_: bytes, wires: list[Wire] = wires, counts: list[int] = counts) -> None:
                counts[0] += 1
                if wires and counts[0] % ASKED == 0:
                    wires[counts[0] // ASKED % len(wires)].send(b'{"seen":1}')

            wires.extend([await _until_open(port, hear) for _ in range(sockets)])
            await asyncio.sleep(0.5)
            counts[0], before = 0, gauge.read(pid)
            await asyncio.sleep(seconds)
            spent.append(gauge.between(before, gauge.read(pid)).cpu_s)
            received = counts[0]
            for wire in wires:
                wire.close()
            await asyncio.sleep(0.2)
    return (spent[1] - spent[0]) / received * 1e6


async def _until_open(port: int, hear) -> Wire:  # type: ignore[no-untyped-def]
    for _ in range(200):
        try:
            return await open_wire(port, "/", {}, hear)
        except OSError:
            await asyncio.sleep(0.05)
    raise RuntimeError("The bare server did not start.")
