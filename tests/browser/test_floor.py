"""The floor moves by itself: calls come, talk, change and leave, and every figure follows."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Tabs, is_live, wait_until
from tests.e2e.outside import Line
from tests.e2e.stories import Conversation, WebCall

RECORD_LAST_LINE = """(id) => {
  window.texts = [];
  const cell = () => document.querySelector(`#${id}-last [dir=auto]:last-child`)?.textContent ?? "";
  new MutationObserver(() => cell() !== window.texts.at(-1) && window.texts.push(cell()))
    .observe(document.getElementById("feed"), {subtree: true, childList: true, characterData: true});
}"""

WHEN_TOLD = """(id) => {
  document.addEventListener("feed:attention", ({detail}) => {
    window.told = [detail, Boolean(document.querySelector(`#floor-attention > #${id}`))];
  });
}"""

# As if the server had told its time: so many ms before or after this browser's.
BEAT = """(ahead) => document.dispatchEvent(new CustomEvent("htmx:ws:after:message:incoming",
  {detail: {message: {data: JSON.stringify({now: Date.now() + ahead})}}}))"""

# It is gone after four seconds.
REMEMBER_NOTE = """() => new MutationObserver(() => {
  window.note ??= document.querySelector(".moved-note")?.textContent;
}).observe(document.body, {childList: true})"""

ZOOMED = (720, 450)  # 1440 by 900 at 200 %
WHOLE = """() => {
  const room = document.querySelector(".floor").getBoundingClientRect();
  const rows = [...document.querySelectorAll(".calls .call")].map((row) => row.getBoundingClientRect());
  return rows.filter((row) => row.height && row.top >= room.top && row.bottom <= room.bottom).length;
}"""


def figure(page, name: str):
    return page.locator("#floor-counters > div", has_text=name).locator(".v")


def test_an_empty_floor_says_so_and_a_new_call_appears_on_it(tabs: Tabs, line: Line):
    page, call = tabs.live(), Conversation("Lena Hoffmann")
    expect(page.locator("#floor-empty")).to_contain_text("No live calls")
    line.send(call.rings())
    expect(page.locator(f"#floor-progress > #{call.row}")).to_contain_text("Ringing")
    expect(page.locator("#floor-empty")).to_be_empty()
    expect(figure(page, "Live calls")).to_have_text("1")
    expect(figure(page, "Ringing")).to_have_text("1")
    expect(page.locator("#floor-n-all")).to_have_text("1")

    line.send(call.starts())
    row = page.locator(f"#{call.row}")
    expect(row).to_contain_text("Lena Hoffmann")
    expect(row).not_to_contain_text("Ringing")
    expect(figure(page, "Ringing")).to_have_text("0")
    ended = int(figure(page, "Ended today").inner_text())

    line.send(call.ends())
    expect(row).to_have_count(0)
    expect(figure(page, "Live calls")).to_have_text("0")
    expect(figure(page, "Ended today")).to_have_text(str(ended + 1))
    expect(page.locator("#floor-empty")).to_contain_text("No live calls")


@pytest.mark.parametrize(("size", "least"), [(PHONE, 3), (ZOOMED, 1)], ids=["phone", "letters twice as large"])
def test_calls_are_seen_without_scrolling_where_there_is_little_room(tabs: Tabs, line: Line, size: tuple[int, int], least: int):
    calls = [Conversation(f"Person {number}") for number in range(4)]
    for call in calls:
        line.send(call.starts(), *call.says("m1", "Good morning, Harbour Dental. How can I help you today, and with whom do I speak?"))
    page = tabs.live(size=size)
    expect(page.locator(".calls .call")).to_have_count(4)
    assert page.evaluate(WHOLE) >= least
    line.send(*[call.ends() for call in calls])


def test_words_grow_in_the_last_line_one_by_one(tabs: Tabs, line: Line):
    page, call = tabs.live(), Conversation()
    text = "Good morning, Harbour Dental. How can I help?"
    line.send(call.starts(), call.begins("m1", text))
    page.locator(f"#{call.row}").wait_for()
    page.evaluate(RECORD_LAST_LINE, call.row)
    last, words = page.locator(f"#{call.row}-last"), text.split()
    for index, word in enumerate(words):
        line.send(call.word("m1", index, word))
        expect(last).to_have_text(re.compile(re.escape(" ".join(words[: index + 1])) + "$"))
    line.send(*call.said("m1", text))
    expect(last).not_to_have_class(re.compile("interim"))
    seen = [shown for shown in page.evaluate("texts") if shown.startswith("Good")]
    assert len(seen) >= len(words), page.evaluate("texts")
    assert all(later.startswith(earlier) for earlier, later in pairwise(seen)), seen
    line.send(call.ends())


def test_the_data_of_a_frame_is_told_when_its_rows_stand_in_the_page(tabs: Tabs, line: Line):
    page, call = tabs.live(), Conversation()
    line.send(call.starts())
    page.locator(f"#{call.row}").wait_for()
    page.evaluate(WHEN_TOLD, call.row)
    line.send(call.runs_out_of_credit())
    expect(page).to_have_title(re.compile(r"^\(1\)"))
    assert page.evaluate("told") == [1, True]
    line.send(call.ends())


def test_interim_speech_of_the_contact_shows_and_is_replaced_by_what_was_said(tabs: Tabs, line: Line):
    page, call = tabs.live(), Conversation()
    last = page.locator(f"#{call.row}-last")
    line.send(call.starts(), call.frame("speech.started", turn_id=1), call.hears("u1", "I need to"))
    expect(last).to_contain_text("I need to")
    expect(last).to_have_class(re.compile("interim"))
    expect(page.locator(f"#{call.row}-state")).to_contain_text("Caller speaking")
    line.send(call.heard("u1", "I need to move my appointment"))
    expect(last).to_contain_text("Caller I need to move my appointment")
    expect(last).not_to_have_class(re.compile("interim"))
    line.send(call.ends())


def test_a_call_that_needs_a_human_moves_to_the_top_and_into_the_title(tabs: Tabs, line: Line):
    page, call, other = tabs.live(), Conversation("Amira Saleh"), Conversation("Zoe Quiet")
    line.send(other.starts(), call.starts())
    expect(page.locator("#floor-progress > .call")).to_have_count(2)
    line.send(call.runs_out_of_credit())
    expect(page.locator(f"#floor-attention > #{call.row}")).to_contain_text("Credit is used up")
    expect(page.locator("#floor-attention-count")).to_have_text("1")
    expect(figure(page, "Need attention")).to_have_text("1")
    expect(page).to_have_title(re.compile(r"^\(1\) Live floor"))
    expect(page.locator(".call").first).to_have_attribute("id", call.row)
    line.send(call.ends(), other.ends())
    expect(page).to_have_title(re.compile("^Live floor"))


def test_the_timer_ticks(tabs: Tabs, line: Line):
    page, call = tabs.live(), Conversation()
    line.send(call.starts())
    timer = page.locator(f"#{call.row} .c-time call-timer")
    expect(timer).to_have_text(re.compile(r"^\d\d:\d\d$"))
    shown = [timer.inner_text()]
    for _ in range(2):
        expect(timer).not_to_have_text(shown[-1])
        shown.append(timer.inner_text())
    assert shown == sorted(shown)
    line.send(call.ends())


def test_a_message_that_was_handled_late_does_not_turn_the_clock_back(tabs: Tabs, line: Line):
    page, call = tabs.live(), Conversation()
    line.send(call.starts())
    timer = page.locator(f"#{call.row} .c-time call-timer")
    expect(timer).to_have_text(re.compile(r"^\d\d:\d\d$"))
    page.evaluate(BEAT, 3_000_000)
    expect(timer).to_have_text(re.compile("^50:"))
    page.evaluate(BEAT, 0)
    assert timer.inner_text().startswith("50:")
    line.send(call.ends())


def test_levels_move_the_meters(tabs: Tabs, line: Line):
    page, call = tabs.live(), Conversation()
    line.send(call.starts())
    meter = page.locator(f"#{call.row}-mc")
    meter.wait_for()

    def level() -> float:
        line.send(call.louder("user", -6.0))
        return float(meter.evaluate("e => getComputedStyle(e).getPropertyValue('--v') || '0'"))

    assert wait_until(page, lambda: level() > 0.8, "a loud caller on the meter")
    line.send(call.ends())


def test_pushes_respect_the_filters_of_the_address(tabs: Tabs, line: Line):
    page = tabs.live("/?status=held&channel=phone")
    phone, web = Conversation("On the phone"), WebCall("In the browser")
    line.send(phone.starts(), web.starts())
    expect(page.locator("#floor-n-all")).to_have_text("2")
    expect(page.locator("#floor-empty")).to_contain_text("No call matches this filter")
    line.send(phone.held(), web.held())
    expect(page.locator("#floor-progress > .call")).to_have_count(1)
    expect(page.locator(f"#{phone.row}")).to_contain_text("On hold")
    expect(page.locator("#floor-n-held")).to_have_text("2")
    expect(page.locator("#floor-empty")).to_be_empty()
    line.send(phone.unheld())
    expect(page.locator("#floor-progress > .call")).to_have_count(0)
    expect(page.locator("#floor-n-held")).to_have_text("1")
    line.send(phone.ends(), web.ends())


def test_a_text_filter_finds_a_call_once_somebody_says_the_word(tabs: Tabs, line: Line):
    page, call, other = tabs.live("/?q=saturday"), Conversation(), Conversation()
    line.send(call.starts(), other.starts())
    expect(page.locator("#floor-n-all")).to_have_text("2")
    line.send(call.heard("u1", "Are you open on Saturday?"))
    expect(page.locator(f"#{call.row}-last")).to_contain_text("Are you open on Saturday?")
    expect(page.locator(".call")).to_have_count(1)
    line.send(call.heard("u2", "Or on Sunday?"))
    expect(page.locator(".call")).to_have_count(0)
    line.send(call.ends(), other.ends())


def test_back_and_forward_keep_the_filters(tabs: Tabs, line: Line):
    page, ringing, web = tabs.live(), Conversation(), WebCall("In the browser")
    line.send(ringing.rings(), web.starts())
    expect(page.locator(".call")).to_have_count(2)
    page.locator(".seg a", has_text="Ringing").click()
    page.wait_for_url("**/?status=ringing")
    page.get_by_label("Channel, applies at once").select_option("webrtc")
    page.wait_for_url("**/?status=ringing&channel=webrtc")
    expect(page.locator("#floor-empty")).to_contain_text("No call matches this filter")

    page.go_back()
    page.wait_for_url("**/?status=ringing")
    is_live(page)
    expect(page.get_by_label("Channel, applies at once")).to_have_value("")
    expect(page.locator(".call")).to_have_count(1)
    another = Conversation()
    line.send(another.rings())
    expect(page.locator(f"#{another.row}")).to_contain_text("Ringing")
    page.go_back()
    expect(page.locator(".call")).to_have_count(3)
    page.go_forward()
    page.wait_for_url("**/?status=ringing")
    is_live(page)
    expect(page.locator(".call")).to_have_count(2)
    line.send(ringing.ends(), web.ends(), another.ends())


def test_a_row_that_comes_under_a_resting_pointer_is_not_taken_over_by_the_press_that_meant_another(tabs: Tabs, line: Line):
    first, second = Conversation("Meant"), Conversation("Came up")
    page = tabs.live()
    line.send(first.starts(), *first.says("m1", "Good morning."))
    button = page.locator(f"#{first.row}").get_by_role("button", name="Take over")
    box = button.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.evaluate("performance.now = () => 10_000")  # however slow the machine is
    line.send(second.starts(), second.runs_out_of_credit())
    expect(page.locator(f"#floor-attention > #{second.row}")).to_be_visible()
    assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('[role=row]').id", (x, y)) == second.row
    page.mouse.move(x + 1, y)  # a hand is never quite at rest
    page.evaluate(REMEMBER_NOTE)
    page.mouse.down()
    page.mouse.up()
    expect(page.locator("#say-now")).to_contain_text("The list moved")
    assert "nothing was done" in page.evaluate("note")
    page.evaluate("performance.now = () => 20_000")  # as somebody who has read it
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(f"**/calls/{second.uuid}/")
    line.send(first.ends(), second.ends())
