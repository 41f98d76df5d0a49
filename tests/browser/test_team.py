"""Agents, operators, presence and giving calls in real browsers: what a supervisor asks for, and who sees what becomes of it."""

import json
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from websockets.exceptions import ConnectionClosed

from tests.browser.conftest import DESK, LEFT_EARLY, PHONE, Tabs, is_live, wait_until
from tests.e2e.outside import PASSWORD, House, Line
from tests.e2e.stories import Conversation, Frame

AGENT = "night-desk"  # of these tests alone: a pause as a whole is everybody's
KIRA = f"""
from callcenter.operators.people import add_person
from callcenter.operators.models import Operator
if not Operator.objects.filter(username="kira").exists():
    add_person("kira", "operator", {PASSWORD!r}, ["North"])
"""
Axe = Callable[[Page], list[str]]


class Provider:
    """Pauses and resumes as it is told, at whatever level; frames go by HTTP."""

    def __init__(self, line: Line) -> None:
        self.line = line
        line.hang_up()
        self.socket = line.open()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.socket.close()
        self.thread.join()

    def _listen(self) -> None:
        while True:
            try:
                command: Frame = json.loads(self.socket.recv())["command"]
            except ConnectionClosed:
                return
            if command["event"] in ("session.pause", "session.resume"):
                event = "session.paused" if command["event"] == "session.pause" else "session.resumed"
                self.line.post([{**command, "event": event}])


@pytest.fixture
def call(line: Line) -> Iterator[Conversation]:
    """Answered by the agent, whose provider does as it is told."""
    provider, found = Provider(line), Conversation("Lena Hoffmann", agent=AGENT)
    line.post([found.starts(), found.heard("u1", "I want to speak to a person.")])
    yield found
    line.post([found.ends()])
    provider.close()


@pytest.fixture
def kiras(browser: Browser, house: House, sign_in: Callable[[str], str]) -> Iterator[Tabs]:
    """The browser of an operator of the north."""
    house.console.manage("shell", "--no-imports", "-c", KIRA)
    found = Tabs(browser, house.console.url, sign_in)
    yield found
    found.close()
    found.forgive(LEFT_EARLY)
    assert found.complaints == []


def faults(page: Page, axe: Axe) -> list[str]:
    """What axe finds at both sizes in both themes, and what scrolls to the side."""
    found = []
    for width, height in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{page.url} is wider than {width} px")
        for theme in ("dark", "light"):
            page.emulate_media(color_scheme=theme)
            found += axe(page)
    return found


def test_an_agent_is_paused_everywhere_for_a_while_and_resumed(tabs: Tabs, call: Conversation, axe: Axe):
    floor, page = tabs.live("/?q=Lena"), tabs.open("/agents/")
    card = page.locator("article", has=page.get_by_role("heading", name=AGENT))
    expect(card.locator(".work-now")).to_contain_text("Answered by it now")
    card.get_by_role("link", name="Pause everywhere…").click()
    dialog = page.get_by_role("dialog", name=f"Pause {AGENT} everywhere?")
    expect(dialog).to_contain_text("1 live call")
    expect(dialog).to_contain_text("1 call it answers at this moment")
    expect(dialog).to_contain_text("0 open WhatsApp threads")
    assert faults(page, axe) == []
    dialog.get_by_role("link", name="Keep it answering").click()
    expect(dialog).to_be_hidden()

    card.get_by_role("link", name="Pause everywhere…").click()
    dialog.get_by_label("How long").select_option(index=1)
    dialog.get_by_label("Why").fill("Wrong prices")
    dialog.get_by_role("button", name="Pause everywhere").click()
    expect(page.get_by_text(f"{AGENT} was told to pause everywhere.")).to_be_visible()
    expect(card.locator(".note .b")).to_have_text("Paused")
    expect(card.locator(".note")).to_contain_text("By sofia, until")
    expect(card.locator(".note")).to_contain_text("Wrong prices")
    expect(card.locator(".note time")).to_be_visible()
    expect(floor.locator(f"#{call.row}")).to_contain_text("Agent paused everywhere")
    assert faults(page, axe) == []

    card.get_by_role("button", name="Resume everywhere").click()
    expect(card.get_by_role("link", name="Pause everywhere…")).to_be_visible()
    expect(card.locator(".note")).to_have_count(0)
    expect(floor.locator(f"#{call.row}")).not_to_contain_text("Agent paused everywhere")


def test_presence_follows_what_people_say_and_what_they_do(tabs: Tabs, kiras: Tabs, call: Conversation, axe: Axe):
    board, page = tabs.open("/operators/"), kiras.live(f"/calls/{call.uuid}/", who="kira")
    row = board.locator("#operators > li", has_text="kira")

    def is_shown(*words: str) -> None:
        def looked() -> bool:
            board.reload()
            shown = " ".join((row.text_content() or "").split())
            return all(word in shown for word in words)

        wait_until(board, looked, f"kira is shown as {words}")

    def menu() -> None:
        page.get_by_role("button", name="kira, menu").click()
        expect(page.locator("#my-presence").get_by_role("button", name="Ready", exact=True)).to_be_visible()

    menu()
    reason = page.get_by_label("Reason when not ready")
    reason.fill("Lunch")
    reason.press("Enter")
    expect(page.locator("#my-presence")).to_contain_text("Not ready: Lunch, since")
    is_shown("Not ready: Lunch", "Browser open", "Holds nothing")
    page.locator("#my-presence").get_by_role("button", name="Ready", exact=True).click()
    expect(page.locator("#my-presence").get_by_role("button", name="Ready", exact=True)).to_have_attribute("aria-pressed", "true")
    is_shown("Ready")
    page.keyboard.press("Escape")
    page.locator("#desk-take-over button").click()
    expect(page.locator(".answering")).to_contain_text("You answer")
    is_shown("On a call", "Lena Hoffmann")
    assert faults(board, axe) == []
    page.locator("#desk-hand-back button").click()
    expect(page.locator(".answering")).to_contain_text(f"{AGENT} answers")
    is_shown("Wrap-up", "Holds nothing")


def test_a_call_is_given_to_somebody_who_is_told_on_the_floor_and_the_loser_on_the_call(tabs: Tabs, kiras: Tabs, call: Conversation):
    page, floor = tabs.live(f"/calls/{call.uuid}/"), kiras.live("/", who="kira", size=PHONE)
    card = floor.locator(f"#{call.row}")
    take = card.get_by_role("button", name="Take over the call with Lena Hoffmann")
    box = take.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["width"] >= 44
    take.click()
    floor.wait_for_url(f"**/calls/{call.uuid}/")
    is_live(floor)  # only pages that listen are told what follows
    expect(page.locator(".answering")).to_contain_text("kira answers")
    other = kiras.live("/")
    expect(other.locator(f"#{call.row}").get_by_role("button", name="Take over")).to_be_disabled()
    expect(other.locator(f"#{call.row} .why")).to_have_text("kira answers now.")

    page.locator("#desk-take-over button").click()
    expect(page.locator(".answering")).to_contain_text("You answer")
    words = "sofia took the call with Lena Hoffmann from you."
    expect(floor.locator(".told")).to_contain_text(words)
    expect(floor.locator(".told")).to_have_css("padding-inline-start", "16px")
    expect(floor.locator("#say-now")).to_have_text(words)
    expect(floor.locator(".told a")).to_be_hidden()
    expect(other.locator(".told")).to_contain_text(words)

    page.get_by_role("link", name="Give to…").click()
    dialog = page.get_by_role("dialog", name="Who answers Lena Hoffmann from now on?")
    dialog.get_by_label("Operator").select_option(label="kira")
    dialog.get_by_label("Why").fill("A complaint")
    dialog.get_by_role("button", name="Give").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".answering")).to_contain_text("kira answers")
    given = other.locator(".told", has_text="sofia gave you the call with Lena Hoffmann: A complaint")
    given.get_by_role("link", name="Open").click()
    other.wait_for_url(f"**/calls/{call.uuid}/")
    expect(other.locator(".answering")).to_contain_text("You answer")
    floor.locator(".told", has_text="took").get_by_role("button", name="Got it").click()
    expect(floor.locator(".told")).to_have_count(1)
