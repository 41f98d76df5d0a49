"""Processes killed and servers restarted under the load of sixty quick calls: nothing acknowledged is lost, pages heal by themselves."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Page

from callcenter.console.dom import dom_id
from tests.browser.conftest import Tabs, is_live, wait_until
from tests.browser.looks import assert_same
from tests.cluster.town import Town
from tests.e2e.outside import House
from tests.e2e.simulators import Simulator, check_against_the_journal, simulators

LOAD = ("--speed", "2", "--patience", "60")
CALLS = 60
# When the page was told of which rows: [milliseconds, ids].
NOTE_NEWS = """() => {
  window.news = [];
  document.addEventListener("htmx:ws:after:message:incoming", ({detail}) => {
    const ids = String(detail.message.data).match(/\\brow-[\\w-]+/g);
    if (ids) window.news.push([Date.now(), [...new Set(ids)]]);
  });
}"""


def told_more(page: Page) -> None:
    """Returns when the page was told of changed rows from now on."""
    already = page.evaluate("news.length")
    wait_until(page, lambda: page.evaluate("news.length") > already + 3, "rows that change")


def acknowledged_more(page: Page, running: list[Simulator]) -> None:
    """Returns when both providers were told that frames of from now on are committed."""
    far = [simulator.acknowledged() + 50_000 for simulator in running]
    wait_until(page, lambda: all(s.acknowledged() > enough for s, enough in zip(running, far, strict=True)), "acknowledged frames")


def end_of(house: House, running: list[Simulator], page: Page) -> None:
    """Both simulators end in order, and the journal holds all that they were told it holds."""
    for simulator in running:
        simulator.process.terminate()
    summaries = [wait_until(page, lambda s=s: s.process.poll() is not None and s.summary(), "its summary") for s in running]  # type: ignore[misc]
    for simulator, summary in zip(running, summaries, strict=True):
        check_against_the_journal(house, simulator, summary)
    assert house.check().strip() == "clean"


def test_calls_of_an_ingest_process_that_is_killed_go_on_through_the_other(
    tabs: Tabs, house: House, town: Town, tmp_path: Path, record_property: Callable[[str, object], None]
):
    page = tabs.live()
    with simulators(house, tmp_path, 0, CALLS, LOAD) as running:
        wait_until(page, lambda: town.open_lines("ingest-1") and town.open_lines("ingest-2"), "both processes have calls")
        wait_until(page, lambda: len(house.api.calls(status="answered")) > CALLS / 2, "calls")
        page.evaluate(NOTE_NEWS)
        told_more(page)
        before = page.evaluate("Date.now()")
        town.crew.kill("ingest-1", hold=True)
        acknowledged_more(page, running)
        assert not town.open_lines("ingest-1")
        live = {call["call_uuid"]: call["connection"] for call in house.api.calls(status="answered")}
        assert set(live.values()) == {house.pinecall.slug, house.sippet.slug}
        told_more(page)
        news = page.evaluate("news")
        record_property("gaps_on_screens_s", json.dumps(gaps(news, live, before)))
        town.crew.release("ingest-1")
        end_of(house, running, page)
    is_live(page)
    assert_same(page, tabs.live())


def gaps(news: list[tuple[float, list[str]]], calls: dict[str, str], around: float) -> dict[str, float]:
    """For each connection the longest time in which no row of its calls changed, in s, from just before ``around`` on."""
    found = {}
    for connection in sorted(set(calls.values())):
        mine = tuple(dom_id("row", uuid) for uuid, owner in calls.items() if owner == connection)
        times = [at for at, ids in news if any(name.startswith(mine) for name in ids)]
        late = [after - at for at, after in pairwise(times) if after >= around]
        found[connection] = max(late, default=0.0) / 1000
    return found


def kill_web(town: Town) -> None:
    """The one that has more browsers."""
    name = max(("web-1", "web-2"), key=town.open_lines)
    town.crew.kill(name)
    town.back(name)


ACCIDENTS: list[Callable[[Town], None]] = [
    kill_web,
    lambda town: town.crew.restart("redis"),
    lambda town: town.crew.restart("postgres"),
    lambda town: town.crew.kill("nginx"),
]


def test_pages_heal_by_themselves_whatever_is_killed_or_restarted(tabs: Tabs, house: House, town: Town, tmp_path: Path):
    with simulators(house, tmp_path, 0, CALLS, LOAD) as running:
        floor = tabs.live()
        wait_until(floor, lambda: len(house.api.calls(status="answered")) > CALLS / 2, "calls")
        path = f"/calls/{house.api.calls(status='answered')[0]['call_uuid']}/"
        page = tabs.live(path)
        floor.evaluate(NOTE_NEWS)
        for happens in ACCIDENTS:
            happens(town)
            for tab in (floor, page):
                is_live(tab)
            acknowledged_more(floor, running)
            told_more(floor)
        end_of(house, running, floor)
    for tab in (floor, page):
        is_live(tab)
    assert_same(floor, tabs.live())
    assert_same(page, tabs.live(path))
