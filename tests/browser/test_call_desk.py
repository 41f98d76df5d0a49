"""The desk of a call in real browsers, with a provider at the other end that does what it is told."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from websockets.exceptions import ConnectionClosed

from tests.browser.conftest import PHONE, Tabs, is_live, wait_until
from tests.browser.looks import assert_same
from tests.e2e.outside import PASSWORD, House, Line
from tests.e2e.stories import Conversation, Frame

OSKAR = f"""
from callcenter.operators.people import add_person
from callcenter.operators.models import Operator
if not Operator.objects.filter(username="oskar").exists():
    add_person("oskar", "operator", {PASSWORD!r}, ["North"])
"""
COUNTED = """
from callcenter.calls.models import Call
from callcenter.commands.models import Command, Takeover
call = Call.objects.get(call_uuid={uuid!r})
taken = Takeover.objects.filter(call=call)
print(call.fence, taken.count(), taken.filter(ended_at=None).count(), Command.objects.filter(call=call, verb="say").count())
"""
# Both pages are told the moment at which to press, so that the two clicks fall into the same tick. Whoever is told too late
# sees the other's takeover already, and does not press: ``pressed`` tells.
PRESS_AT = """([at, fence]) => {
  window.pressed = new Promise((done) => setTimeout(() => {
    const form = document.getElementById("desk-take-over");
    const button = form?.querySelector("button");
    const free = Boolean(button) && !button.disabled && form.elements.fence.value === String(fence);
    if (free) button.click();
    done(free);
  }, at - Date.now()));
}"""

# Time disarms the button: it is armed as long as this looks.
COVERED = """() => {
  const arm = document.getElementById("desk-arm");
  arm.open = true;
  const a = document.querySelector("#desk-hang-up button").getBoundingClientRect();
  const meets = (b) => b.width && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const others = [...document.querySelectorAll(".deskrow .btn")].filter((one) => !one.closest(".arm") && one.checkVisibility());
  const covered = others.filter((one) => meets(one.getBoundingClientRect())).map((one) => one.textContent);
  arm.open = false;
  return a.width ? covered : ["there is no second press"];
}"""


class Provider:
    """Takes commands from a socket and does them; frames go by HTTP. ``silences``: does a pause silence the agent of a voice call?"""

    def __init__(self, line: Line, call: Conversation) -> None:
        self.line, self.call = line, call
        self.heard: list[Frame] = []
        self.silences = True
        line.hang_up()
        self.socket = line.open()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def send(self, *frames: Frame) -> None:
        self.line.post(frames)

    def close(self) -> None:
        self.socket.close()
        self.thread.join()

    def events(self) -> list[str]:
        return [str(command["event"]) for command in self.heard]

    def _listen(self) -> None:
        while True:
            try:
                command = json.loads(self.socket.recv())["command"]
            except ConnectionClosed:
                return
            self.heard.append(command)
            if frames := self._does(command):
                self.send(*frames)

    def _does(self, command: dict[str, Any]) -> list[Frame]:
        call = self.call
        match command["event"]:
            case "session.pause" | "session.resume" if self.silences:
                word = "paused" if command["event"] == "session.pause" else "resumed"
                frame = call.frame(f"session.{word}")
                return [{**{name: value for name, value in frame.items() if name != "call_id"}, "session_id": call.uuid}]
            case "bot.reply":
                return call.says(command["message_id"], command["text"])
            case "call.hold":
                return [call.held()]
            case "call.dtmf":
                return [call.frame("call.dtmf_sent", digits=command["digits"])]
            case "call.hangup":
                return [call.ends()]
        return []


@pytest.fixture
def call() -> Conversation:
    return Conversation("Lena Hoffmann")


@pytest.fixture
def provider(line: Line, call: Conversation) -> Iterator[Provider]:
    found = Provider(line, call)
    found.send(call.starts(), call.heard("u1", "I want to speak to a person."))
    yield found
    found.send(call.ends())
    found.close()


@pytest.fixture
def oskars(browser: Browser, house: House, sign_in: Callable[[str], str]) -> Iterator[Tabs]:
    """The browser of another operator of the north, on the other web process where there are two."""
    house.console.manage("shell", "--no-imports", "-c", OSKAR)
    found = Tabs(browser, house.console.url, sign_in)
    yield found
    found.close()
    found.forgive("409")
    assert found.complaints == []


def take_over(page: Page) -> None:
    page.locator("#desk-take-over button").click()
    expect(page.locator(".answering")).to_contain_text("You answer")


def fence_of(page: Page) -> int:
    return int(page.locator("#call-controls input[name=fence]").first.get_attribute("value") or "-1")


def shows_fence(page: Page, fence: int, what: str) -> None:
    wait_until(page, lambda: fence_of(page) == fence, what)


def test_of_two_who_press_at_once_exactly_one_wins_each_time(
    tabs: Tabs, oskars: Tabs, house: House, call: Conversation, provider: Provider, often: Callable[[int], int]
):
    rounds = often(100)
    path = f"/calls/{call.uuid}/"
    pages = {"sofia": tabs.live(path), "oskar": oskars.live(path, who="oskar", url=house.console.urls[-1])}
    wins, met, ahead_ms = dict.fromkeys(pages, 0), 0, 60
    for number in range(rounds):
        for page in pages.values():
            expect(page.locator("#desk-take-over button")).to_be_enabled()
            shows_fence(page, 2 * number, "the page of the agent's call")
        moment = pages["sofia"].evaluate(f"Date.now() + {ahead_ms}")
        for page in pages.values():
            page.evaluate(PRESS_AT, [moment, 2 * number])
        pressed = [page.evaluate("pressed") for page in pages.values()]
        for page in pages.values():
            shows_fence(page, 2 * number + 1, "one fencing step")
        titles = {who: page.locator(".answering .b").inner_text().strip() for who, page in pages.items()}
        [winner] = [who for who, title in titles.items() if title == "You answer"]
        [loser] = [who for who in pages if who != winner]
        assert titles[loser] == f"{winner} answers"
        if all(pressed):
            met += 1
            expect(pages[loser].locator("#desk-problem")).to_have_text(f"{winner} answers now.")
        else:
            ahead_ms = min(2 * ahead_ms, 2000)  # the machine is busy: told earlier, they meet next time
        assert pages[winner].locator("#desk-problem").inner_text() == ""
        expect(pages[loser].locator("#desk-say button")).to_be_disabled()
        wins[winner] += 1
        pages[winner].locator("#desk-hand-back button").evaluate("e => e.click()")  # pushes move it while a mouse would aim
    wait_until(pages["sofia"], lambda: fence_of(pages["sofia"]) == 2 * rounds, "the last call handed back")
    counted = house.console.manage("shell", "--no-imports", "-c", COUNTED.format(uuid=call.uuid))
    assert counted.split() == [str(2 * rounds), str(rounds), "0", "0"]
    assert sum(wins.values()) == rounds
    assert met > rounds / 2
    assert "bot.reply" not in provider.events()
    tabs.forgive("409")


def test_somebody_takes_over_from_the_floor_says_something_and_hangs_up(tabs: Tabs, call: Conversation, provider: Provider):
    page = tabs.live("/")
    page.locator(f"#row-{call.uuid} button.take").click()
    page.wait_for_url(f"**/calls/{call.uuid}/")
    is_live(page)
    expect(page.locator("#desk-silence")).to_have_text("The agent is silent.")
    page.locator("#whisper-text").fill("Half a thought")
    page.locator("#say-text").fill("Good morning, Sofia here.")
    expect(page.locator("#desk-say .line")).to_contain_text("Ctrl + Enter")
    page.locator("#say-text").press("Control+Enter")
    expect(page.locator("#desk-asked")).to_contain_text("Say: Good morning, Sofia here. confirmed", use_inner_text=True)
    expect(page.locator("#say-text")).to_have_value("")
    expect(page.locator("#whisper-text")).to_have_value("Half a thought")
    expect(page.locator("#script-list")).to_contain_text("words of sofia")
    expect(page.locator("#call-head")).not_to_contain_text("after the takeover")
    [said] = [command for command in provider.heard if command["event"] == "bot.reply"]
    assert said["text"] == "Good morning, Sofia here."

    page.get_by_role("button", name="Hold").click()
    expect(page.get_by_role("button", name="End hold")).to_be_visible()
    page.locator("#desk-arm summary").click()
    expect(page.locator("#desk-hang-up button")).to_be_visible()
    page.locator("#say-text").focus()
    expect(page.locator("#desk-hang-up button")).to_be_hidden()
    assert "call.hangup" not in provider.events()
    page.locator("#desk-arm summary").click()
    page.locator("#desk-hang-up button").click()
    expect(page.locator(".answering")).to_contain_text("The call is over.")
    assert provider.events().count("call.hangup") == 1


def test_the_second_press_of_hanging_up_covers_no_other_button(tabs: Tabs, call: Conversation, provider: Provider):
    page = tabs.live(f"/calls/{call.uuid}/")
    take_over(page)
    for width, height in [(1440, 900), (1024, 768), (800, 700), (390, 844)]:
        page.set_viewport_size({"width": width, "height": height})
        page.locator("#desk-arm summary").click()
        assert page.evaluate(COVERED) == []


def test_on_a_phone_what_cannot_be_said_now_has_its_reason_in_sight(tabs: Tabs, call: Conversation, provider: Provider):
    page = tabs.live(f"/calls/{call.uuid}/", size=PHONE)
    expect(page.locator("#desk-say button")).to_be_disabled()
    expect(page.locator("#desk-say .line > .sub")).to_have_text("Take over first.")
    expect(page.locator("#desk-say .line > .sub")).to_be_visible()


def test_an_agent_that_is_not_silenced_is_shown_so_and_its_lines_are_counted(tabs: Tabs, call: Conversation, provider: Provider):
    provider.silences = False
    page = tabs.live(f"/calls/{call.uuid}/")
    take_over(page)
    expect(page.locator("#desk-silence")).to_have_text("You hold it, agent not yet silent.")
    provider.send(*call.says("m1", "I can help you with that."), *call.says("m2", "Are you still there?"))
    expect(page.locator("#call-head")).to_contain_text("2 agent lines after the takeover")
    expect(page.locator("#script-list .marks", has_text="after the takeover")).to_have_count(2)
    fresh = tabs.live(f"/calls/{call.uuid}/")
    assert_same(page, fresh)


def test_tones_are_pressed_by_mouse_and_by_keyboard(tabs: Tabs, call: Conversation, provider: Provider):
    page = tabs.live(f"/calls/{call.uuid}/")
    page.get_by_role("button", name="Tones").click()
    page.locator("#tones-pad").get_by_role("button", name="5", exact=True).click()
    page.keyboard.press("5")
    page.keyboard.press("#")
    page.locator("#desk-digits").fill("12 34")
    page.locator("#desk-digits").press("Enter")
    wait_until(page, lambda: len(provider.heard) == 4, "four commands")
    assert [command["digits"] for command in provider.heard] == ["5", "5", "#", "1234"]
    page.locator("#desk-digits").fill("hello")
    page.locator("#desk-digits").press("Enter")
    expect(page.locator("#tones-problem")).to_have_text("Tones are 0 to 9, * and #.")
    expect(page.locator("#desk-digits")).to_have_value("hello")
    page.keyboard.press("Escape")
    expect(page.locator("#tones-pad")).to_be_hidden()
    tabs.forgive("409")


def test_enter_after_a_key_sends_no_tone_twice_and_a_button_still_takes_it(tabs: Tabs, call: Conversation, provider: Provider):
    page = tabs.live(f"/calls/{call.uuid}/")
    page.get_by_role("button", name="Tones").click()
    pad = page.locator("#tones-pad")
    for key in ("1", "2", "Enter"):
        page.keyboard.press(key)
    expect(pad).to_be_focused()
    expect(pad).to_have_css("outline-style", "solid")
    page.keyboard.press("Tab")
    expect(pad.get_by_role("button", name="1", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("9")
    page.keyboard.press("Enter")
    page.keyboard.press("#")
    wait_until(page, lambda: any(command["digits"] == "#" for command in provider.heard), "the last tone")
    assert [command["digits"] for command in provider.heard] == ["1", "2", "1", "9", "#"]


def test_a_number_that_cannot_be_dialled_is_refused_where_it_was_written(tabs: Tabs, call: Conversation, provider: Provider):
    page = tabs.live(f"/calls/{call.uuid}/")
    page.get_by_role("button", name="Forward").first.click()
    page.locator("#desk-number").fill("12")
    page.locator("#desk-number").press("Enter")
    expect(page.locator("#forward-problem")).to_contain_text("country code")
    expect(page.locator("#desk-number")).to_have_value("12")
    page.locator("#desk-number").fill("+44 20 7946 0177")
    page.locator("#desk-forward button").click()
    wait_until(page, lambda: provider.events() == ["call.forward"], "the order to forward")
    assert provider.heard[0]["to"] == "+442079460177"
    expect(page.locator("#forward-to")).to_be_hidden()
    tabs.forgive("409")


def test_without_scripts_everything_is_a_form(
    browser: Browser, house: House, sign_in: Callable[[str], str], call: Conversation, provider: Provider
):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": sign_in("sofia"), "url": house.console.url}])
    page = context.new_page()
    page.goto(f"{house.console.url}/calls/{call.uuid}/")
    take_over(page)
    page.locator("#say-text").fill("Good morning")
    page.locator("#desk-say button").click()
    expect(page.locator("#desk-asked")).to_contain_text("Say: Good morning")
    page.locator("#desk-arm summary").click()
    page.locator("#desk-hang-up button").click()
    wait_until(page, lambda: "call.hangup" in provider.events(), "the order to hang up")
    context.close()


def test_the_desk_is_open_to_everybody(tabs: Tabs, call: Conversation, provider: Provider, axe: Callable[[Page], list[str]]):
    page = tabs.live(f"/calls/{call.uuid}/")
    assert axe(page) == []
    take_over(page)
    expect(page.locator("#desk-silence")).to_have_text("The agent is silent.")
    assert axe(page) == []
    page.get_by_role("button", name="Tones").click()
    assert axe(page) == []
