"""The whole console from right to left, as an installation with LANGUAGE_CODE=ar shows it; numbers and times stay readable."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Tabs
from tests.browser.screens import Screen, busy_house
from tests.browser.test_accessibility import look_at
from tests.browser.test_hostile_texts import assert_harmless
from tests.e2e.outside import House, Line
from tests.e2e.stories import Conversation
from tests.servers import Console


@pytest.fixture(scope="module")
def house(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same house, as one more process serves it in Arabic."""
    arabic = Console(tmp_path_factory.mktemp("arabic"), {**house.console.env, "LANGUAGE_CODE": "ar"})
    arabic.env["VAR_DIR"] = house.console.env["VAR_DIR"]
    arabic.start()
    yield replace(house, console=arabic, pinecall=Line(arabic, house.pinecall.slug, house.pinecall.token))
    arabic.kill()


@pytest.fixture(scope="module")
def screens(house: House) -> list[Screen]:
    return [screen for screen in busy_house(house.pinecall) if "nothing" not in screen.name]


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_every_page_runs_from_right_to_left_and_fits(tabs: Tabs, screens: list[Screen], size: tuple[int, int]):
    for screen in screens:
        page = tabs.open(screen.path, size=size)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        assert_harmless(page)
        page.close()
    tabs.forgive("status of 404")


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_axe_finds_nothing_from_right_to_left(tabs: Tabs, axe, screens: list[Screen], size: tuple[int, int]):
    assert look_at(tabs, [s for s in screens if s.name in ("floor", "call-live")], size, axe, "rtl-") == []


def test_numbers_and_timers_run_from_left_to_right_and_text_by_itself(tabs: Tabs, screens: list[Screen], line: Line):
    call = Conversation("Lena Hoffmann")
    line.send(call.starts(), call.heard("u1", "Good morning, is anybody there?"))
    page = tabs.live(f"/calls/{call.uuid}/")
    for place in ("#call-head .tel", "#call-head call-timer"):
        assert page.locator(place).first.evaluate("e => getComputedStyle(e).direction") == "ltr"
    assert page.locator("#script-list .words").first.evaluate("e => e.matches(':dir(ltr)')")
    line.send(call.heard("u2", "صباح الخير"))
    expect(page.locator("#script-list .words")).to_have_count(2)
    assert page.locator("#script-list .words").last.evaluate("e => e.matches(':dir(rtl)')")
    line.send(call.ends())


def test_the_arrow_keys_follow_the_direction_of_the_page(tabs: Tabs, screens: list[Screen]):
    live = next(screen for screen in screens if screen.name == "call-live")
    page = tabs.live(live.path, size=PHONE)
    tabs_of_call = page.get_by_role("tab")
    tabs_of_call.first.focus()
    page.keyboard.press("ArrowLeft")
    expect(tabs_of_call.nth(1)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(tabs_of_call.first).to_be_focused()


def test_the_rail_stands_on_the_right(tabs: Tabs):
    page = tabs.live()
    box = page.locator(".rail").bounding_box()
    assert box
    assert box["x"] > DESK[0] / 2
