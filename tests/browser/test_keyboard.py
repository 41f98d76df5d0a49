"""The keyboard: what each shortcut does, that it is one's own and kept on the server, and that no bare key does harm."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LEFT_EARLY, NETWORK, Tabs
from tests.e2e.outside import House, Line
from tests.e2e.stories import Conversation


@pytest.fixture
def calls(line: Line) -> Iterator[list[Conversation]]:
    found = [Conversation("Quinn Abara"), Conversation("Quinn Berger")]
    socket = line.open()  # the connection listens, so that everything can be pressed
    for call in found:
        line.post([call.starts()])
    yield found
    line.post([call.ends() for call in found])
    socket.close()


@pytest.fixture
def elsewhere(browser: Browser, house: House, sign_in: Callable[[str], str]) -> Iterator[Tabs]:
    """Another browser of the same person."""
    found = Tabs(browser, house.console.url, sign_in)
    yield found
    found.close()
    found.forgive(LEFT_EARLY)
    assert found.complaints == []


def answers(page: Page, who: str) -> None:
    expect(page.locator(".answering .b")).to_have_text(f"{who}")


def test_everything_works_by_the_keyboard_and_no_bare_key_does_harm(tabs: Tabs, calls: list[Conversation], axe):
    floor = tabs.live("/?q=Quinn")
    floor.keyboard.press("Alt+ArrowDown")
    expect(floor.locator(f"#{calls[0].row} a.who")).to_be_focused()
    floor.keyboard.press("Alt+ArrowDown")
    expect(floor.locator(f"#{calls[1].row} a.who")).to_be_focused()
    floor.keyboard.press("Alt+ArrowUp")
    floor.keyboard.press("Enter")
    floor.wait_for_url(f"**/calls/{calls[0].uuid}/")
    page = floor
    expect(page.locator("#link-text")).to_have_text("Live")

    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_contain_text("Take over the call")
    assert axe(page) == []
    page.keyboard.press("Alt+T")  # behind the list nothing is pressed
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.locator("#main").focus()
    for key in "abcdefghijklmnopqrstuvwxyz0123456789":
        page.keyboard.press(key)
    answers(page, "frontdesk answers")

    page.keyboard.press("Alt+T")
    answers(page, "You answer")
    for keys, field in (("Alt+S", "#say-text"), ("Alt+W", "#whisper-text"), ("Alt+N", "#desk-note"), ("Alt+K", "#search")):
        page.keyboard.press(keys)
        expect(page.locator(field)).to_be_focused()
    page.locator("#say-text").fill("")
    page.locator("#say-text").press_sequentially("t?")
    expect(sheet).to_be_hidden()
    page.keyboard.press("Alt+P")
    expect(page.locator("#pauses")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+B")
    answers(page, "frontdesk answers")
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_url(f"**/calls/{calls[1].uuid}/")
    page.keyboard.press("Alt+ArrowUp")
    page.wait_for_url(f"**/calls/{calls[0].uuid}/")

    expect(page.locator("#link-text")).to_have_text("Live")
    page.context.set_offline(True)
    expect(page.locator("#link-text")).to_contain_text("Offline since")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#desk-problem")).to_contain_text("that page cannot be opened now")
    page.context.set_offline(False)
    expect(page.locator("#link-text")).to_have_text("Live")
    page.wait_for_url(f"**/calls/{calls[0].uuid}/")
    tabs.forgive(*NETWORK)


def test_keys_are_changed_and_switched_off_at_every_desk(tabs: Tabs, elsewhere: Tabs, calls: list[Conversation], axe):
    page, path = tabs.open("/me/keyboard/", who="ada"), f"/calls/{calls[0].uuid}/"
    field = page.get_by_label("Take over the call")
    field.focus()
    page.keyboard.press("Alt+B")
    expect(field).to_have_value("Alt+B")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".key .error").first).to_contain_text("has the same keys.")
    assert axe(page) == []
    tabs.forgive("status of 422")
    field.focus()
    page.keyboard.press("x")  # alone it would fire while somebody types: it is only written
    field.fill("")
    page.keyboard.press("Control+Shift+K")
    expect(field).to_have_value("Ctrl+Shift+K")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    other = elsewhere.live(path, who="ada")
    other.keyboard.press("Alt+T")
    other.keyboard.press("Control+Shift+K")
    answers(other, "You answer")
    page.get_by_role("switch", name="Shortcuts are on").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("switch", name="Shortcuts are on")).not_to_be_checked()
    other.reload()
    expect(other.locator("#link-text")).to_have_text("Live")
    for keys in ("?", "Alt+B"):
        other.keyboard.press(keys)
    expect(other.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    answers(other, "You answer")
    page.get_by_role("button", name="Back to the usual ones").click()
    expect(page.get_by_role("switch", name="Shortcuts are on")).to_be_checked()
    expect(field).to_have_value("Alt+T")
    other.locator("#desk-hand-back button").click()
    answers(other, "frontdesk answers")
