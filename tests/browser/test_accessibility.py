"""axe-core finds nothing on any page in either theme and either size; everything works from the keyboard."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Tabs, Theme, is_live, log_in
from tests.browser.screens import Screen, busy_house
from tests.e2e.outside import House, Line
from tests.e2e.stories import Conversation

THEMES: tuple[Theme, ...] = ("light", "dark")
PICTURES = os.environ.get("PICTURES")  # a folder: then every page is photographed as well
EXPECTED = "the server responded with a status of 40"


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def look_at(tabs: Tabs, screens: list[Screen], size: tuple[int, int], axe: Callable[[Page], list[str]], prefix: str = "") -> list[str]:
    """What is wrong with these screens, in light and in dark."""
    wrong = []
    for screen in screens:
        page = tabs.open(screen.path, who=screen.who, size=size)
        if screen.live:
            is_live(page)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            picture(page, f"{prefix}{screen.name}-{theme}-{size[0]}")
            wrong += [f"{screen.name} {theme}: {found}" for found in axe(page)]
        page.close()
    tabs.forgive(EXPECTED)
    return wrong


@pytest.fixture(scope="module")
def screens(house: House) -> list[Screen]:
    return busy_house(house.pinecall)


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_axe_finds_nothing_on_an_empty_floor(tabs: Tabs, axe, size: tuple[int, int]):
    """Ines of the south, where nothing ever comes in."""
    empty = [Screen("floor-empty", "/", who="ines", live=True), Screen("history-empty", "/calls/", who="ines")]
    assert look_at(tabs, empty, size, axe) == []


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_axe_finds_nothing_on_any_page(tabs: Tabs, axe, screens: list[Screen], size: tuple[int, int]):
    assert look_at(tabs, [screen for screen in screens if screen.who], size, axe) == []


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_axe_finds_nothing_on_the_login_page_and_when_it_refuses(tabs: Tabs, axe, size: tuple[int, int]):
    """A wrong password; then a form whose token is gone: 403."""
    assert look_at(tabs, [Screen("login", "/login/", who="")], size, axe) == []
    page = tabs.open("/login/")
    log_in(page, "sofia", "not this one")
    expect(page.get_by_role("alert")).to_be_visible()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        assert axe(page) == []
    page.evaluate("document.querySelector('[name=csrfmiddlewaretoken]').value = 'gone'")
    log_in(page, "sofia", "whatever")
    expect(page.get_by_role("heading", name="That form was no longer valid")).to_be_visible()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        picture(page, f"refused-{theme}-{size[0]}")
        assert axe(page) == []
    tabs.forgive(EXPECTED)


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_axe_finds_nothing_in_the_open_menu_and_with_an_open_detail(tabs: Tabs, axe, screens: list[Screen], size: tuple[int, int]):
    live = next(screen for screen in screens if screen.name == "call-live")
    page = tabs.live(live.path, size=size)
    if size == PHONE:
        page.get_by_role("tab", name="Timeline").click()
    page.locator("#timeline-list summary").first.click()
    page.get_by_role("button", name=re.compile("menu")).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        picture(page, f"menu-{theme}-{size[0]}")
        assert axe(page) == []


def test_the_first_tab_stop_skips_to_the_content(tabs: Tabs):
    page = tabs.live()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_tab_key_reaches_the_rows_and_enter_opens_the_call(tabs: Tabs, line: Line):
    call = Conversation("Lena Hoffmann")
    line.send(call.starts())
    page = tabs.live("/?q=Lena")
    page.locator("#main").focus()
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.closest('[id]')?.id"))
        if stops[-1] == call.row:
            break
    assert stops[-1] == call.row, stops
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/calls/{call.uuid}/")
    line.send(call.ends())


def test_the_focus_is_always_seen(tabs: Tabs, screens: list[Screen]):
    page = tabs.live()
    unseen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e), b = e.getBoundingClientRect();
              const ring = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none";
              return e === document.body || ring && b.width > 0 ? "" : e.outerHTML.slice(0, 120) }"""
        )
        unseen += [found] if found else []
    assert unseen == []


def test_on_a_phone_the_arrow_keys_move_between_the_parts_of_a_call(tabs: Tabs, screens: list[Screen]):
    live = next(screen for screen in screens if screen.name == "call-live")
    page = tabs.live(live.path, size=PHONE)
    script, timeline, contact = (page.get_by_role("tab", name=name) for name in ("Transcript", "Timeline", "Contact"))
    expect(page.locator("#p-script")).to_be_visible()
    expect(page.locator("#p-tl")).to_be_hidden()
    script.focus()
    page.keyboard.press("ArrowRight")
    expect(timeline).to_be_focused()
    expect(timeline).to_have_attribute("aria-selected", "true")
    expect(page.locator("#p-tl")).to_be_visible()
    expect(page.locator("#p-script")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(contact).to_be_focused()
    expect(page.locator("#p-side")).to_be_visible()


def test_the_theme_follows_the_system_until_somebody_chooses(tabs: Tabs):
    def background(page: Page) -> str:
        found: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return found

    page = tabs.live(theme="dark")
    dark = background(page)
    page.emulate_media(color_scheme="light")
    light = background(page)
    assert dark != light
    page.get_by_role("button", name="Switch light or dark theme").click()
    assert background(page) == dark
    page.reload()
    assert background(page) == dark


def test_only_discrete_news_is_spoken_and_the_floor_itself_is_not_live(tabs: Tabs, line: Line):
    page, call = tabs.live(), Conversation("Amira Saleh")
    line.send(call.starts(), call.heard("u1", "Is anybody there?"))
    expect(page.locator(f"#{call.row}-last")).to_contain_text("Is anybody there?")
    expect(page.locator("#say-polite")).to_be_empty()
    expect(page.locator("#say-now")).to_be_empty()
    assert page.locator("#feed [aria-live], #feed [role=status], #feed [role=alert], #feed [role=log]").count() == 0
    line.send(call.ends())


def test_with_the_switch_on_new_lines_are_read_aloud(tabs: Tabs, line: Line):
    call = Conversation("Amira Saleh")
    line.send(call.starts(), call.heard("u1", "An old line."))
    page = tabs.live(f"/calls/{call.uuid}/")
    page.get_by_role("switch", name="Announce new lines").check()
    line.send(call.heard("u2", "Is anybody there?"))
    expect(page.locator("#say-polite")).to_have_text("Caller: Is anybody there?")
    line.send(call.ends())
