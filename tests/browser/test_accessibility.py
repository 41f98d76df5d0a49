"""axe-core finds nothing on any page in either theme and either size; everything works from the keyboard."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Tabs, Theme, is_live
from tests.browser.screens import Screen, busy_house
from tests.e2e.outside import Line
from tests.e2e.stories import Conversation

LOOKS = [(theme, size) for theme in ("light", "dark") for size in (DESK, PHONE)]
PICTURES = os.environ.get("PICTURES")  # a folder: then every page is photographed as well
EXPECTED = "the server responded with a status of 40"


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def look_at(
    tabs: Tabs, screens: list[Screen], theme: Theme, size: tuple[int, int], axe: Callable[[Page], list[str]], prefix: str = ""
) -> dict[str, list[str]]:
    """What is wrong, by screen; everything in one browser window."""
    wrong = {}
    for screen in screens:
        if tabs.context and not screen.who:
            tabs.close()
        page = tabs.open(screen.path, who=screen.who, size=size, theme=theme)
        if screen.live:
            is_live(page)
        picture(page, f"{prefix}{screen.name}-{theme}-{size[0]}")
        wrong[screen.name] = axe(page)
        page.close()
        if not screen.who:
            tabs.close()
    tabs.forgive(EXPECTED)
    return {name: found for name, found in wrong.items() if found}


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_axe_finds_nothing_on_an_empty_floor(tabs: Tabs, axe, theme: Theme, size: tuple[int, int]):
    """The first tests of this file: nothing has come in yet."""
    empty = [Screen("floor-empty", "/", live=True), Screen("history-empty", "/calls/")]
    assert look_at(tabs, empty, theme, size, axe) == {}


@pytest.fixture(scope="module")
def screens(house) -> list[Screen]:
    return busy_house(house.pinecall)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_axe_finds_nothing_on_any_page(tabs: Tabs, axe, screens: list[Screen], theme: Theme, size: tuple[int, int]):
    assert look_at(tabs, screens, theme, size, axe) == {}


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_axe_finds_nothing_on_the_page_that_refuses_a_form(tabs: Tabs, axe, theme: Theme, size: tuple[int, int]):
    """The form's token is gone: 403."""
    page = tabs.open("/login/", who="", size=size, theme=theme)
    page.evaluate("document.querySelector('[name=csrfmiddlewaretoken]').value = 'gone'")
    page.get_by_label("Name").fill("sofia")
    page.get_by_label("Password").fill("whatever")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="That form was no longer valid")).to_be_visible()
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
    assert axe(page) == []
    page.get_by_role("button", name=re.compile("menu")).click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
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
