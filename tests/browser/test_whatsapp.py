"""The WhatsApp desk in a real browser, with a provider at the other end whose line can be cut."""

import json
import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.browser.conftest import DESK, NETWORK, PHONE, Tabs, Theme, is_live, wait_until
from tests.browser.looks import assert_same
from tests.e2e.outside import House, Line
from tests.live.scene import WhatsApp

CANNED = """
from callcenter.console.models import CannedReply
CannedReply.objects.get_or_create(name="hours", team=None, defaults={"text": "We are open from nine to six."})
CannedReply.objects.get_or_create(name="thanks", team=None, defaults={"text": "Thank you for your message."})
"""


class Provider:
    """The provider's side: frames go by HTTP, so that only the commands' way can be cut; ``heard`` is what came down.

    ``session``: the contact's. What an earlier test left to be sent may come down too.
    """

    def __init__(self, line: Line) -> None:
        self.line = line
        self.session = ""
        self.socket: ClientConnection | None = None
        self.heard: list[dict[str, object]] = []
        line.hang_up()

    def connect(self) -> None:
        self.socket = self.line.open()

    def cut(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def texts(self, listen_s: float = 0.3) -> list[str]:
        """The messages that came down so far for the contact."""
        deadline = time.monotonic() + listen_s
        while self.socket is not None and (left := deadline - time.monotonic()) > 0:
            try:
                self.heard.append(json.loads(self.socket.recv(timeout=left))["command"])
            except (TimeoutError, ConnectionClosed):
                break
        mine = [command for command in self.heard if command.get("session_id") == self.session]
        return [str(command["text"]) for command in mine if command["event"] == "session.send"]


@pytest.fixture
def provider(line: Line) -> Iterator[Provider]:
    found = Provider(line)
    found.connect()
    yield found
    found.cut()


@pytest.fixture
def contact(line: Line, provider: Provider) -> WhatsApp:
    """Somebody who has just written."""
    found = WhatsApp(f"4477009{time.time_ns() % 100_000:05}")
    provider.session = found.uuid
    line.post([found.opens(), found.writes(f"wamid.{found.digits}", "Can I still book?")])
    return found


def open_thread(tabs: Tabs, contact: WhatsApp, who: str = "sofia") -> Page:
    page = tabs.live(f"/whatsapp/?q={contact.digits}", who=who)
    page.locator("#threads a").click()
    page.wait_for_url("**/whatsapp/*/")
    expect(page.locator("#script-list")).to_contain_text("Can I still book?")
    expect(page.locator("#link-text")).to_have_text("Live")
    return page


def take(page: Page) -> None:
    page.locator("#thread-head").get_by_role("button", name="Take over").click()
    expect(page.locator("#thread-head")).to_contain_text("You answer")
    expect(page.locator("#composer-box")).to_have_attribute("data-mode", "send")


def write(page: Page, text: str) -> None:
    page.locator("#reply").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def test_without_a_server_nothing_is_sent_and_the_words_stay(tabs: Tabs, contact: WhatsApp):
    page = open_thread(tabs, contact)
    take(page)
    page.context.set_offline(True)
    write(page, "Yes, at ten.")
    expect(page.locator("#wa-error")).to_have_text("No connection to the server: nothing was done.")
    expect(page.locator("#say-now")).to_have_text("No connection to the server: nothing was done.")
    expect(page.locator("#reply")).to_have_value("Yes, at ten.")
    page.context.set_offline(False)
    expect(page.locator("#wa-error")).to_be_empty()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".outgoing")).to_contain_text("Yes, at ten.")
    tabs.forgive("Failed to load resource: net::ERR", "htmx:error")


def test_while_the_server_is_gone_no_button_looks_ready_and_what_is_told_goes_when_it_is_back(tabs: Tabs, house: House, contact: WhatsApp):
    page = open_thread(tabs, contact)
    take(page)
    page.locator("#reply").fill("Yes, at ten.")
    send, composer = page.get_by_role("button", name="Send", exact=True), page.locator(".composer")
    expect(composer).to_have_css("filter", "none")
    try:
        house.console.stop()
        expect(page.locator("#link-text")).to_contain_text("Offline since")
        expect(composer).to_have_css("filter", "grayscale(1)")
        expect(page.locator("#thread-head")).to_have_css("filter", "grayscale(1)")
        send.click()
        expect(page.locator("#wa-error")).to_have_text("The server could not be reached. It may not have been done.")
        expect(page.locator("#link-note")).to_contain_text("trying to reconnect")
    finally:
        house.console.start()
    expect(page.locator("#link-text")).to_have_text("Live")
    expect(page.locator("#wa-error")).to_be_empty()
    expect(page.locator("#reply")).to_have_value("Yes, at ten.")
    expect(page.locator(".outgoing")).to_have_count(0)
    tabs.forgive(*NETWORK, "htmx:error")


def test_with_letters_twice_as_large_the_messages_keep_two_fifths_of_the_height(tabs: Tabs, contact: WhatsApp):
    page = open_thread(tabs, contact)
    take(page)
    page.set_viewport_size({"width": 720, "height": 450})
    box = page.locator("#script").bounding_box()
    assert box is not None
    assert box["height"] >= 0.4 * 450


def test_a_private_note_is_written_at_once_and_kept_by_ctrl_and_enter(tabs: Tabs, contact: WhatsApp):
    page = open_thread(tabs, contact)
    page.locator(".notebox summary").click()
    field = page.locator("#note-text")
    expect(field).to_be_focused()
    column, box = page.locator(".composer").bounding_box(), field.bounding_box()
    assert column is not None
    assert box is not None
    assert box["width"] > column["width"] - 40
    page.keyboard.type("Prefers mornings")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#script-list .teamnote")).to_contain_text("Prefers mornings")
    expect(field).to_have_value("")


def test_what_is_sent_while_the_line_is_cut_is_never_sent_after_its_expiry_and_once_before(
    tabs: Tabs, provider: Provider, contact: WhatsApp, line: Line
):
    page = open_thread(tabs, contact)
    take(page)
    page.locator("#reply").fill("Yes, at ten.")
    provider.texts()
    provider.cut()
    expect(page.locator("#composer-box")).to_contain_text("The connection is down")
    page.get_by_role("button", name="Send", exact=True).click()
    bubble = page.locator(".outgoing")
    expect(bubble).to_contain_text("Waiting to be sent")
    expect(page.locator("#reply")).to_have_value("")
    expect(bubble).to_contain_text("Not sent: the connection was down for too long")
    provider.connect()
    expect(page.locator("#composer-box")).not_to_contain_text("The connection is down")
    assert provider.texts(3) == []
    expect(bubble).to_contain_text("Yes, at ten.")
    bubble.get_by_role("button", name="Edit").click()
    expect(page.locator("#reply")).to_have_value("Yes, at ten.")

    provider.cut()
    expect(page.locator("#composer-box")).to_contain_text("The connection is down")
    write(page, "Yes, at eleven.")
    expect(page.locator(".outgoing", has_text="eleven")).to_contain_text("Waiting to be sent")
    provider.connect()
    assert wait_until(page, lambda: provider.texts(0.2), "the message came down") == ["Yes, at eleven."]
    expect(page.locator(".outgoing", has_text="eleven")).to_contain_text("Sent, not confirmed yet")
    line.post([contact.answers("Yes, at eleven.", source="human")])
    expect(page.locator(".outgoing", has_text="eleven")).to_have_count(0)
    expect(page.locator(".msg.out:not(.outgoing)", has_text="Yes, at eleven.")).to_contain_text("You")
    assert provider.texts(1) == ["Yes, at eleven."]
    assert_same(page, tabs.live(page.url.removeprefix(tabs.url)))


def test_a_message_pressed_twice_leaves_once_and_the_box_is_empty(tabs: Tabs, provider: Provider, contact: WhatsApp):
    page = open_thread(tabs, contact)
    page.locator("#reply").fill("One moment please.")
    page.get_by_role("button", name="Take over and reply").dblclick()
    expect(page.locator(".outgoing")).to_contain_text("One moment please.")
    expect(page.locator("#reply")).to_have_value("")
    expect(page.locator("#thread-head")).to_contain_text("You answer")
    wait_until(page, lambda: provider.texts(0.2), "the message came down")
    page.wait_for_timeout(1500)
    assert provider.texts() == ["One moment please."]
    tabs.forgive("409")


def held_back(page: Page, pattern: str) -> list[Route]:
    """The requests to such addresses, which wait from now on until the test lets them go."""
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    page.route(re.compile(pattern), hold)
    return asked


def test_what_is_written_while_a_message_or_a_note_leaves_stays(tabs: Tabs, provider: Provider, contact: WhatsApp):
    page = open_thread(tabs, contact)
    take(page)
    asked = held_back(page, "/(send|note)/$")
    reply, note = page.locator("#reply"), page.locator("#note-text")
    reply.fill("The first.")
    reply.press("Control+Enter")
    wait_until(page, lambda: asked, "the first message on its way")
    expect(reply).to_have_value("")
    reply.press("Control+Enter")  # an impatient hand
    reply.press_sequentially("The second.")
    asked[0].continue_()
    expect(page.locator(".outgoing", has_text="The first.")).to_be_visible()
    expect(reply).to_have_value("The second.")
    page.keyboard.press("Alt+N")
    note.fill("Prefers mornings")
    note.press("Control+Enter")
    wait_until(page, lambda: len(asked) > 1, "the note on its way")
    note.press_sequentially("And tea")
    asked[1].continue_()
    expect(page.locator("#script-list .teamnote")).to_contain_text("Prefers mornings")
    expect(note).to_have_value("And tea")
    expect(page.locator("#wa-error")).to_be_empty()
    note.press("Control+Enter")
    wait_until(page, lambda: len(asked) > 2, "the second note on its way")
    asked.pop().continue_()
    expect(page.locator("#script-list .teamnote")).to_have_count(2)
    assert [route.request.url.rsplit("/", 2)[1] for route in asked] == ["send", "note"]
    page.unroute_all()


def test_words_that_are_not_accepted_come_back_before_those_written_meanwhile(tabs: Tabs, provider: Provider, contact: WhatsApp):
    page = open_thread(tabs, contact)
    take(page)
    asked = held_back(page, "/send/$")
    reply = page.locator("#reply")
    with page.expect_response(lambda answer: "/draft/" in answer.url and "first" in (answer.request.post_data or "")):
        reply.fill("The first.")
    reply.press("Control+Enter")
    wait_until(page, lambda: asked, "the message on its way")
    page.wait_for_timeout(1500)  # longer than a draft waits to be saved
    page.reload()
    expect(reply).to_have_value("The first.")
    is_live(page)
    asked.clear()
    reply.press("Control+Enter")
    wait_until(page, lambda: asked, "the message on its way again")
    reply.press_sequentially("The second.")
    asked[0].abort("connectionreset")
    expect(reply).to_have_value("The first.\nThe second.")
    page.unroute_all()
    tabs.forgive(*NETWORK, "htmx:error")


def test_a_draft_outlives_the_page_and_pushes_leave_it_alone(tabs: Tabs, provider: Provider, contact: WhatsApp, line: Line):
    page = open_thread(tabs, contact)
    take(page)
    with page.expect_response(lambda answer: "/draft/" in answer.url and "up+for" in (answer.request.post_data or "")):
        page.locator("#reply").press_sequentially("I will look it up for")
    line.post([contact.writes(f"wamid.2.{contact.digits}", "Hello?")])
    expect(page.locator("#script-list")).to_contain_text("Hello?")
    expect(page.locator("#reply")).to_have_value("I will look it up for")
    expect(page.locator("#reply")).to_be_focused()
    page.reload()
    expect(page.locator("#reply")).to_have_value("I will look it up for")


def test_a_canned_reply_is_found_by_typing_and_by_mouse_and_the_shortcuts_reach_the_rest(
    tabs: Tabs, house: House, provider: Provider, contact: WhatsApp
):
    house.console.manage("shell", "--no-imports", "-c", CANNED)
    page = open_thread(tabs, contact)
    reply, canned = page.locator("#reply"), page.locator("#canned")
    reply.press_sequentially("/")
    expect(canned.get_by_role("option")).to_have_count(2)
    reply.press_sequentially("tha")
    expect(canned.locator("li:visible")).to_have_count(1)
    reply.press("Enter")
    expect(reply).to_have_value("Thank you for your message.")
    expect(canned).to_be_hidden()
    reply.fill("/")
    expect(canned).to_be_visible()
    canned.get_by_role("option", name="/hours").click()
    expect(reply).to_have_value("We are open from nine to six.")
    expect(reply).to_be_focused()
    expect(canned.locator("[hidden]")).to_have_count(0)  # as on a fresh page
    page.keyboard.press("Alt+N")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.press("Alt+S")
    expect(reply).to_be_focused()
    page.keyboard.press("Alt+P")
    expect(page.locator("#thread-menu").get_by_role("button", name="Pause for this contact")).to_be_visible()


def test_the_box_of_a_note_that_opens_late_leaves_the_focus_where_it_went_meanwhile(tabs: Tabs, provider: Provider, contact: WhatsApp):
    page = open_thread(tabs, contact)
    page.evaluate(
        """() => new Promise((opened) => {
          document.addEventListener("toggle", () => setTimeout(opened), { capture: true, once: true });
          for (const code of ["KeyN", "KeyS"]) document.body.dispatchEvent(new KeyboardEvent("keydown", { code, altKey: true, bubbles: true }));
        })"""
    )
    expect(page.locator("#note-text")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "reply"


def test_reading_clears_the_count_and_a_refusal_is_shown_and_spoken(tabs: Tabs, provider: Provider, contact: WhatsApp):
    page = open_thread(tabs, contact)
    expect(page.locator("#threads")).not_to_contain_text("unread")
    take(page)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#wa-error")).to_contain_text("There are no words to send.")
    expect(page.locator("#say-now")).to_contain_text("There are no words to send.")
    write(page, "Now with words.")
    expect(page.locator("#wa-error")).to_be_empty()
    assert wait_until(page, lambda: provider.texts(0.2), "the message came down") == ["Now with words."]
    tabs.forgive("409")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_desk_has_no_accessibility_fault_and_no_scroll_to_the_side(
    tabs: Tabs, provider: Provider, contact: WhatsApp, line: Line, axe: Callable[[Page], list[str]], size: tuple[int, int], theme: Theme
):
    found = {}
    page = tabs.live("/whatsapp/", size=size, theme=theme)
    found["list"] = axe(page)
    page = tabs.live(f"/whatsapp/?q={contact.digits}")
    page.locator("#threads a").click()
    page.wait_for_url("**/whatsapp/*/")
    found["with the agent"] = axe(page)
    line.post([contact.writes(f"wamid.v.{contact.digits}", "As I said", kind="audio"), contact.answers("Today is full.")])
    take(page)
    provider.cut()
    expect(page.locator("#composer-box")).to_contain_text("The connection is down")
    write(page, "Hello, Sofia here.")
    expect(page.locator(".outgoing")).to_contain_text("Waiting to be sent")
    page.locator(".notebox summary").click()
    page.locator("#note-text").fill("Prefers mornings")
    page.get_by_role("button", name="Keep note").click()
    expect(page.locator(".teamnote")).to_contain_text("Prefers mornings")
    expect(page.locator("#note-text")).to_have_value("")
    page.get_by_role("button", name="More actions").click()
    found["held"] = axe(page)
    assert found == {name: [] for name in found}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_two_people_see_each_other_and_the_slower_one_is_told_who_answers(
    tabs: Tabs, browser: Browser, provider: Provider, contact: WhatsApp
):
    page = open_thread(tabs, contact)
    other = Tabs(browser, tabs.url, tabs.sign_in)
    try:
        colleague = open_thread(other, contact, who="ada")
        expect(page.locator("#thread-presence")).to_contain_text("ada is here too")
        reply = colleague.locator("#reply")

        def is_seen_typing() -> bool:
            reply.press_sequentially("I am ")  # said at most every five seconds, and true for eight
            return "ada is typing" in page.locator("#thread-presence").inner_text()

        wait_until(page, is_seen_typing, "ada is typing")
        reply.press_sequentially("writing")
        written = reply.input_value()
        take(page)
        expect(colleague.locator("#thread-head")).to_contain_text("sofia answers")
        expect(reply).to_have_value(written)
        assert not other.complaints
        colleague.goto("about:blank")
        expect(page.locator("#thread-presence")).not_to_contain_text("ada")
    finally:
        other.close()


def test_whoever_is_signed_out_meanwhile_is_told_so_at_the_first_press(tabs: Tabs, contact: WhatsApp):
    page = open_thread(tabs, contact)
    page.context.clear_cookies()  # as if signed out in another tab
    page.get_by_role("button", name="Take over").first.click()
    expect(page.locator("#wa-error")).to_contain_text("You are signed out, and nothing was done.")
    expect(page.locator("#say-now")).to_contain_text("You are signed out")
    tabs.forgive("Failed to load resource")
