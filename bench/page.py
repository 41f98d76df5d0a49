"""A fresh page of the floor, while the centre is full: time of the server, size, and the number of queries."""

import asyncio
import time
from argparse import Namespace
from urllib.request import Request, urlopen

from bench import gauge
from bench.load import make_talks
from bench.product import Product, product
from bench.profiling import profiled
from bench.report import Report, middle, percentile
from bench.sender import Sender

PAGES = 20
QUERIES = """
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from callcenter.operators.models import Operator
client = Client(); client.force_login(Operator.objects.get(username='sofia'))
client.get('/', headers={'host': 'localhost'})
with CaptureQueriesContext(connection) as found: client.get('/', headers={'host': 'localhost'})
print(len(found))
"""


def run(options: Namespace) -> Report:
    report = Report("page", f"the floor with {options.calls} live calls, {PAGES} pages one after the other")
    gauge.prepare(options)
    with product(options.backend, priority=options.priority) as ready:
        asyncio.run(_calls(ready, 50))
        few = _queries(ready)
        asyncio.run(_calls(ready, options.calls - 50))
        many = _queries(ready)
        times, size = [], 0
        with profiled(ready.pid, options.profile, 6):
            before = gauge.read(ready.pid)
            for _ in range(PAGES * options.rounds):
                taken, size = _get(ready, "/")
                times.append(taken * 1000)
            cost = gauge.between(before, gauge.read(ready.pid))
        plain = [_get(ready, "/healthz")[0] * 1000 for _ in range(PAGES)]
    p95 = percentile(times, 0.95)
    report.add("floor page, p50", middle(times), "ms", reference=middle(plain), reference_is="GET /healthz")
    report.add("floor page, p95", p95, "ms", goal="< 150 ms", met=p95 < 150)
    report.add("processor time of a page", cost.cpu_s / len(times) * 1000, "ms")
    report.add("in the run queue", cost.waiting, "of time")
    report.add("bytes of the page", size, "")
    report.add(f"queries with {options.calls} calls", many, "", reference=few, reference_is="with 50 calls", goal="equal", met=few == many)
    return report


async def _calls(ready: Product, count: int) -> None:
    """Calls in the middle of a conversation."""
    sender = Sender(ready, make_talks(count))
    await sender.open()
    await sender.begin()
    await sender.run(1.0)
    await sender.drain()
    sender.close()


def _queries(ready: Product) -> int:
    return int(ready.console.manage("shell", "-v", "0", "-c", QUERIES).split()[-1])


def _get(ready: Product, path: str) -> tuple[float, int]:
    request = Request(f"{ready.console.url}{path}", headers={"Cookie": ready.cookies["sofia"]})
    began = time.perf_counter()
    with urlopen(request, timeout=60) as answer:
        size = len(answer.read())
    return time.perf_counter() - began, size
