"""From a provider's frame to paint in a real Chromium that shows fifty rows, and the longest task of its main thread."""

import asyncio
import os
import shutil
import time
from argparse import Namespace
from typing import Any

from playwright.async_api import CDPSession, Page, async_playwright

from bench import gauge
from bench.event_to_frame import WARM_S, set_up, stretch
from bench.load import make_talks
from bench.product import Product, product
from bench.report import Report, middle, percentile
from bench.sender import Sender

ROWS = 50
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# When each probe was painted, and what kept the main thread: the task after the frame that follows the change comes after its paint.
WATCH = """() => {
  window.painted = []; window.tasks = [];
  const seen = new Set(), after = new MessageChannel(), due = [];
  after.port1.onmessage = () => {
    const at = performance.timeOrigin + performance.now();
    for (const number of due.splice(0)) painted.push([number, at]);
  };
  const look = (text, fresh) => {
    for (const [, number] of text.matchAll(/probe-(\\d+)-/g)) {
      if (!seen.has(number)) fresh.push(+number);
      seen.add(number);
    }
  };
  new MutationObserver((records) => {
    const fresh = [];
    for (const record of records) {
      if (record.type === "characterData") look(record.target.data, fresh);
      for (const node of record.addedNodes) look(node.textContent, fresh);
    }
    if (fresh.length) requestAnimationFrame(() => { due.push(...fresh); after.port2.postMessage(0); });
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) tasks.push(entry.duration); }).observe({type: "longtask"});
}"""
SIZE = """() => {
  const rows = [...document.querySelectorAll("#feed .call")];
  const tall = rows.slice(0, 20).map((row) => row.getBoundingClientRect());
  return [tall[0].top, (tall.at(-1).bottom - tall[0].top) / tall.length];
}"""
VISIBLE = """() => [...document.querySelectorAll("#feed .call")].filter((row) => {
  const box = row.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight;
}).length"""


def run(options: Namespace) -> Report:
    calls, operators = options.calls, options.operators
    report = Report(
        "painted", f"{calls} calls, {calls * 24:,} events/s, {operators} browsers, one of them a Chromium with {ROWS} rows in sight"
    )
    gauge.prepare(options)
    with product(options.backend, priority=options.priority) as ready:
        asyncio.run(_measure(report, ready, options))
    return report


async def _measure(report: Report, ready: Product, options: Namespace) -> None:
    talks = make_talks(options.calls)
    sender = Sender(ready, talks, options.size)
    board, browsers = await set_up(ready, sender, options.operators - 1, talks[:10])
    async with async_playwright() as playwright:
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        flags = ["--disable-gpu", *(["--no-sandbox"] if os.getuid() == 0 else [])]
        chromium = await playwright.chromium.launch(executable_path=program, headless=True, args=flags)
        page = await _open(chromium, ready)
        for pid in gauge.family(os.getpid()):
            # It has a session of its own, which the wanted priority does not reach; and people's browsers have other machines.
            gauge.prefer(pid, options.priority)
            gauge.unpin(pid)
        await sender.run(WARM_S, board)
        await page.evaluate(WATCH)
        thread = await page.context.new_cdp_session(page)
        await thread.send("Performance.enable", {"timeDomain": "threadTicks"})
        before, began = await _spent(thread), time.monotonic()
        measured = await stretch(ready, sender, browsers, board, options.seconds)
        spent = {name: value - before[name] for name, value in (await _spent(thread)).items()}
        took = time.monotonic() - began  # with what was still under way
        painted: list[tuple[int, float]] = await page.evaluate("painted")
        tasks: list[float] = await page.evaluate("tasks")
        visible: int = await page.evaluate(VISIBLE)
        await chromium.close()
    ahead = time.time() - time.perf_counter()
    late = [at - (board.sent[number] + ahead) * 1000 for number, at in painted if number in board.sent]
    framed = [value * 1000 for value in measured.late]
    p99, longest = percentile(late, 0.99), max(tasks, default=0.0)
    beside = {"reference": percentile(framed, 0.99), "reference_is": "to frame, other browsers"}
    report.add("event to painted, p50", middle(late), "ms", reference=middle(framed), reference_is="to frame, other browsers")
    report.add("event to painted, p99", p99, "ms", goal="< 400 ms", met=bool(late) and p99 < 400, **beside)
    report.add("longest task of the main thread", longest, "ms", goal="<= 100", met=longest <= 100)
    report.add("tasks longer than 50 ms", len(tasks) / measured.cost.seconds, "per s")
    for name, seconds in spent.items():
        report.add(f"main thread, processor time: {name}", seconds / took, "of time")
    report.add("rows in sight", visible, "", goal=f">= {ROWS}", met=visible >= min(ROWS, options.calls))
    missing = len(board.sent) - len(late)
    report.add("probes never painted", missing, f"of {len(board.sent)}", goal="0", met=missing == 0)
    report.add("server", measured.cost.cores, "cores")
    report.add("server, in the run queue", measured.cost.waiting, "of time")
    report.series["painted_ms"] = [round(value, 1) for value in sorted(late)]
    report.series["tasks_ms"] = sorted(tasks)
    for browser in browsers:
        browser.close()
    sender.close()


async def _spent(thread: CDPSession) -> dict[str, float]:
    """Processor seconds of the page's main thread so far."""
    said = {metric["name"]: metric["value"] for metric in (await thread.send("Performance.getMetrics"))["metrics"]}
    kinds = {"all": "TaskDuration", "scripts": "ScriptDuration", "styles": "RecalcStyleDuration", "layout": "LayoutDuration"}
    return {kind: said[name] for kind, name in kinds.items()}


async def _open(chromium: Any, ready: Product) -> Page:
    """The floor of a supervisor, as high as its fifty rows need; small, as on a wall, for pixels are drawn without a graphics card."""
    context = await chromium.new_context(viewport={"width": 1440, "height": 900}, device_scale_factor=0.5)
    cookies = (part.split("=", 1) for part in ready.cookies["sofia"].split("; "))
    await context.add_cookies([{"name": name, "value": value, "url": ready.console.url} for name, value in cookies])
    page: Page = await context.new_page()
    await page.goto(f"{ready.console.url}/")
    await page.locator("#link-text", has_text="Live").wait_for(timeout=60_000)
    top, height = await page.evaluate(SIZE)
    await page.set_viewport_size({"width": 1440, "height": round(top + height * (ROWS + 3))})
    return page
