"""What readers are doing survives what the server pushes: typing, selecting, opening, clicking, looking elsewhere."""

import re
from itertools import count

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Tabs, is_live, wait_until
from tests.e2e.outside import Line
from tests.e2e.stories import Conversation

FRAMES = 50
COUNT_FRAMES = """() => {
  window.frames_seen = 0;
  document.addEventListener("htmx:ws:after:message:incoming", ({detail}) => {
    if (JSON.parse(detail.message.data).content) window.frames_seen += 1;
  });
}"""
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
  Object.defineProperty(document, "visibilityState", {configurable: true, get: () => hidden ? "hidden" : "visible"});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def chatter(page: Page, line: Line, call: Conversation, shown: str) -> None:
    """So many pushes: after each one what ``shown`` points to has changed."""
    place = page.locator(shown)
    for number in range(FRAMES):
        line.send(call.hears("u-chatter", f"and then word {number}"))
        expect(place).to_contain_text(f"word {number}")


def test_typed_text_and_caret_survive_fifty_frames(tabs: Tabs, line: Line):
    call = Conversation()
    line.send(call.starts())
    page = tabs.live()
    field = page.locator("#filter-q")
    field.click()
    field.press_sequentially("hoffman")
    field.press("ArrowLeft")
    field.press("ArrowLeft")
    chatter(page, line, call, f"#{call.row}-last")
    expect(field).to_be_focused()
    assert field.evaluate("e => [e.value, e.selectionStart]") == ["hoffman", 5]
    field.press("x")
    assert field.input_value() == "hoffmxan"
    line.send(call.ends())


def test_a_selection_in_the_transcript_and_an_opened_detail_survive_fifty_frames(tabs: Tabs, line: Line):
    call = Conversation()
    line.send(
        call.starts(),
        *call.says("m1", "Please note the number four seven one."),
        *call.tool("t1", "find_slots", '{"day": "Friday"}', {"slots": []}),
    )
    page = tabs.live(f"/calls/{call.uuid}/")
    detail = page.locator("#timeline-list details")
    detail.locator("summary").click()
    participants = page.locator("details", has=page.get_by_role("heading", name="Participants"))
    participants.locator("summary").click()
    page.locator("#script-list .words").first.evaluate("e => getSelection().selectAllChildren(e)")
    chatter(page, line, call, "#script-list")
    assert page.evaluate("getSelection().toString().trim()") == "Please note the number four seven one."
    expect(detail).to_have_attribute("open", "")
    assert participants.get_attribute("open") is None
    line.send(call.heard("u-chatter", "and then nothing"), call.held())
    expect(page.locator("#call-head")).to_contain_text("On hold")
    expect(detail).to_have_attribute("open", "")
    assert page.evaluate("getSelection().toString().trim()") == "Please note the number four seven one."
    line.send(call.ends())


def test_a_click_survives_a_change_of_the_row_between_mouse_down_and_up(tabs: Tabs, line: Line):
    call = Conversation("Lena Hoffmann")
    line.send(call.starts())
    page = tabs.live()
    row = page.locator(f"#{call.row}")
    row.get_by_role("link", name=re.compile("^Open")).hover()
    page.mouse.down()
    line.send(call.held())
    expect(row).to_contain_text("On hold")
    page.mouse.up()
    page.wait_for_url(f"**/calls/{call.uuid}/")
    line.send(call.ends())


def test_focus_on_a_row_survives_its_changes(tabs: Tabs, line: Line):
    call, other = Conversation("Lena Hoffmann"), Conversation("Somebody else")
    line.send(call.starts())
    page = tabs.live()
    link = page.locator(f"#{call.row} a.who")
    link.focus()
    line.send(other.starts(), call.held())
    expect(page.locator(f"#{other.row}")).to_be_visible()
    expect(page.locator(f"#{call.row}")).to_contain_text("On hold")
    expect(link).to_be_focused()
    line.send(other.ends(), call.unheld())
    expect(page.locator(f"#{other.row}")).to_have_count(0)
    expect(link).to_be_focused()
    line.send(call.ends())


def test_a_hidden_tab_gets_the_alarm_only_and_the_whole_floor_when_it_is_looked_at(tabs: Tabs, line: Line):
    page, watcher, call, other = tabs.live(), tabs.live(), Conversation("Amira Saleh"), Conversation("Zoe Quiet")
    line.send(call.starts())
    expect(page.locator(".call")).to_have_count(1)
    page.evaluate(COUNT_FRAMES)
    page.evaluate(HIDE, True)
    sounds = count()

    def rests() -> bool:
        """Two changes that another tab shows do not reach this one: the server knows that it is hidden."""
        before = page.evaluate("frames_seen")
        for number in (next(sounds), next(sounds)):
            line.send(call.hears("u0", f"sound {number}"))
            expect(watcher.locator(f"#{call.row}-last")).to_contain_text(f"sound {number}")
        return bool(page.evaluate("frames_seen") == before)

    wait_until(page, rests, "the hidden tab is left alone")
    page.evaluate("frames_seen = 0")
    line.send(other.starts(), call.held(), call.runs_out_of_credit())
    expect(page).to_have_title(re.compile(r"^\(1\)"))
    line.send(*[call.hears("u1", f"word {number}") for number in range(5)], call.heard("u1", "Is anybody there?"))
    expect(watcher.locator(f"#floor-attention > #{call.row}")).to_contain_text("Is anybody there?")
    assert page.evaluate("frames_seen") == 0
    expect(page.locator(".call")).to_have_count(1)

    page.evaluate(HIDE, False)
    expect(page.locator(f"#floor-attention > #{call.row}")).to_contain_text("Is anybody there?")
    expect(page.locator(f"#floor-progress > #{other.row}")).to_be_visible()
    is_live(page)
    line.send(call.ends(), other.ends())
    expect(page.locator(".call")).to_have_count(0)


def test_the_socket_opens_on_every_one_of_twenty_loads_with_the_script_delayed(tabs: Tabs, line: Line):
    page = tabs.live()
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))

    def delay(route: Route) -> None:
        page.wait_for_timeout(50)
        route.continue_()

    page.route(re.compile(r"/static/vendor/.*\.js"), delay)
    for _ in range(20):
        opened.clear()
        page.reload()
        is_live(page)
        wait_until(page, lambda: len(opened) == 1, "one socket for each load")
