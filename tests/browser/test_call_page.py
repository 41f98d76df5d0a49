"""The page of one call: the same address while it lives and after its end, and a transcript that grows under the reader."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Tabs, wait_until
from tests.e2e.outside import Line
from tests.e2e.stories import Conversation

# What was spoken of the only line, without what is only announced.
HEARD = """() => [...document.querySelector("#script-list .words")?.childNodes ?? []]
  .filter((node) => !node.classList?.contains("rest")).map((node) => node.textContent).join("").trim()"""

BELOW = "e => e.scrollHeight - e.scrollTop - e.clientHeight"


def wait_for_words(page: Page, words: str) -> None:
    wait_until(page, lambda: page.evaluate(HEARD) == words, f"the words {words!r}")


def path(call: Conversation) -> str:
    return f"/calls/{call.uuid}/"


def scrolled(page: Page) -> float:
    """How far the end of the transcript is below what is seen, in px."""
    left: float = page.locator("#script").evaluate(BELOW)
    return left


def tools(call: Conversation, count: int, first: int = 0) -> list[dict[str, object]]:
    """So many tools that were called and answered at length."""
    found = {"slots": [f"{hour:02}:{minute:02}" for hour in range(9, 17) for minute in (0, 20, 40)]}
    return [frame for n in range(first, first + count) for frame in call.tool(f"t{n}", f"tool_{n}", '{"day": "Friday"}', found)]


def turn(page: Page, text: str) -> Locator:
    return page.locator("#script-list > .turn", has_text=text)


def talk(call: Conversation, count: int, first: int = 0) -> list[dict[str, object]]:
    """So many exchanges, long enough to fill a screen."""
    frames = []
    for number in range(first, first + count):
        frames.append(call.heard(f"u{number}", f"Question number {number}: " + "what about the week after that? " * 4))
        frames += call.says(f"m{number}", f"Answer number {number}: " + "that one is free as well. " * 4)
    return frames


def test_the_transcript_grows_word_by_word(tabs: Tabs, line: Line):
    call, text = Conversation("Lena Hoffmann"), "Good morning, Harbour Dental. How can I help?"
    line.send(call.starts())
    page = tabs.live(path(call))
    expect(page.locator("#script")).to_contain_text("No words")
    line.send(call.begins("m1", text))
    words = text.split()
    for index, word in enumerate(words):
        line.send(call.word("m1", index, word))
        wait_for_words(page, " ".join(words[: index + 1]))
        expect(page.locator("#script-list .words")).to_have_text(text)  # what is announced stands faint behind them
    line.send(*call.said("m1", text))
    expect(page.locator("#script-list > .turn")).to_have_attribute("data-state", "final")
    expect(page.locator("#script-list > .turn")).to_have_count(1)
    line.send(call.ends())


def test_the_same_address_shows_the_call_live_and_over(tabs: Tabs, line: Line):
    call = Conversation("Mateo Vega")
    line.send(
        call.starts(plan="family"), *call.says("m1", "Hello."), *call.tool("t1", "find_slots", '{"day": "Friday"}', {"slots": ["09:00"]})
    )
    page = tabs.live(path(call))
    expect(page.locator("#call-head call-timer")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    expect(page.locator("#timeline-list")).to_contain_text("find_slots")
    expect(page.locator("#script-list .marker")).to_contain_text("find_slots")
    expect(page.locator("#contact")).to_contain_text("family")
    line.send(call.ends())
    expect(page.locator("#call-head")).to_contain_text("Ended")
    expect(page.locator("#call-head call-timer")).to_have_count(0)
    length = page.locator("#call-head .bigtimer").inner_text()
    assert re.search(r"\b\d\d:\d\d$", length)
    page.reload()
    expect(page.locator("#call-head .bigtimer")).to_have_text(length, use_inner_text=True)
    expect(turn(page, "Hello.")).to_be_visible()
    page.goto(f"{tabs.url}/calls/?q=Mateo")
    page.get_by_role("link", name="Mateo Vega").first.click()
    page.wait_for_url(f"**{path(call)}")


def test_the_transcript_follows_until_the_reader_scrolls_up_and_offers_a_way_back(tabs: Tabs, line: Line):
    call = Conversation()
    line.send(call.starts(), *talk(call, 12))
    page = tabs.live(path(call))
    jump = page.get_by_role("button", name=re.compile("Jump to live"))
    wait_until(page, lambda: scrolled(page) < 2, "the transcript at its end")
    line.send(*talk(call, 1, first=12))
    turn(page, "Answer number 12").wait_for()
    wait_until(page, lambda: scrolled(page) < 2, "the transcript following")
    expect(jump).to_be_hidden()

    page.locator("#script").hover()
    page.mouse.wheel(0, -900)
    expect(jump).to_be_visible()
    top = page.locator("#script").evaluate("e => e.scrollTop")
    line.send(*talk(call, 2, first=13))
    expect(jump).to_have_text("Jump to live, 4 new lines")
    assert page.locator("#script").evaluate("e => e.scrollTop") == top

    jump.click()
    expect(jump).to_be_hidden()
    wait_until(page, lambda: scrolled(page) < 2, "the transcript at its end again")
    line.send(*talk(call, 1, first=15))
    turn(page, "Answer number 15").wait_for()
    wait_until(page, lambda: scrolled(page) < 2, "the transcript following again")
    line.send(call.ends())


def test_a_reader_who_scrolls_down_to_the_end_follows_again(tabs: Tabs, line: Line):
    call = Conversation()
    line.send(call.starts(), *talk(call, 12))
    page = tabs.live(path(call))
    wait_until(page, lambda: scrolled(page) < 2, "the transcript at its end")
    page.locator("#script").hover()
    page.mouse.wheel(0, -600)
    expect(page.locator("#jump")).to_be_visible()
    page.mouse.wheel(0, 2000)
    expect(page.locator("#jump")).to_be_hidden()
    line.send(*talk(call, 1, first=12), call.ends())
    turn(page, "Answer number 12").wait_for()
    wait_until(page, lambda: scrolled(page) < 2, "the transcript following")


def test_the_timeline_follows_as_the_transcript_does_until_the_reader_scrolls_up_or_opens_a_moment(tabs: Tabs, line: Line):
    call = Conversation()
    line.send(call.starts(), *tools(call, 24))
    page = tabs.live(path(call))
    box = page.get_by_role("region", name="What happened, oldest first")
    at_end = lambda: box.evaluate(BELOW) < 2  # noqa: E731
    wait_until(page, at_end, "the timeline at its end")
    line.send(*tools(call, 1, first=24))
    expect(page.locator("#timeline-list")).to_contain_text("tool_24")
    wait_until(page, at_end, "the timeline following")

    box.hover()
    page.mouse.wheel(0, -500)
    wait_until(page, lambda: box.evaluate(BELOW) > 100, "the reader further up")
    page.wait_for_timeout(300)  # the wheel comes to rest
    top = box.evaluate("e => e.scrollTop")
    line.send(*tools(call, 1, first=25))
    expect(page.locator("#timeline-list")).to_contain_text("tool_25")
    assert box.evaluate("e => e.scrollTop") == top
    page.mouse.wheel(0, 5000)
    wait_until(page, at_end, "the reader at the end again")
    line.send(*tools(call, 1, first=26))
    expect(page.locator("#timeline-list")).to_contain_text("tool_26")
    wait_until(page, at_end, "the timeline following again")

    moment = page.locator("#timeline-list summary", has_text="tool_24")
    moment.click()
    line.send(*tools(call, 1, first=27))
    expect(page.locator("#timeline-list")).to_contain_text("tool_27")
    expect(moment).to_be_in_viewport()
    line.send(call.ends())


def test_who_opens_a_call_that_is_over_begins_at_its_first_line(tabs: Tabs, line: Line):
    call = Conversation()
    line.send(call.starts(), *talk(call, 12), call.ends())
    page = tabs.live(path(call))
    expect(turn(page, "Question number 0")).to_be_in_viewport()
    expect(page.locator("#jump")).to_be_hidden()


def test_lines_come_in_their_order_even_when_frames_do_not(tabs: Tabs, line: Line):
    call = Conversation()
    first, second = call.starts(), call.heard("u1", "The first.")
    third, fourth = call.heard("u2", "The second."), call.heard("u3", "The third.")
    line.send(first, fourth)
    page = tabs.live(path(call))
    expect(page.locator("#script-list > .turn")).to_have_count(1)
    line.send(second)
    expect(page.locator("#script-list .words")).to_have_text(["The first.", "The third."])
    line.send(third)
    expect(page.locator("#script-list .words")).to_have_text(["The first.", "The second.", "The third."])
    line.send(third, second, call.ends())
    expect(page.locator("#call-head")).to_contain_text("Ended")
    expect(page.locator("#script-list .words")).to_have_count(3)


def test_a_mark_in_the_transcript_leads_to_its_moment_in_the_timeline(tabs: Tabs, line: Line):
    call = Conversation()
    line.send(call.starts(), *call.tool("t1", "find_slots", '{"day": "Friday"}', {"slots": ["09:00"]}))
    page = tabs.live(path(call))
    page.locator("#script-list a.toolchip").click()
    expect(page.locator("#timeline-list details")).to_have_attribute("open", "")
    expect(page.locator("#timeline-list pre")).to_contain_text("09:00")
    assert page.url.endswith(path(call))
    line.send(call.ends())


def test_the_recording_plays_from_the_call_page(tabs: Tabs, line: Line, wave: bytes):
    call = Conversation()
    line.send(call.starts())
    page = tabs.live(path(call))
    line.upload(call.uuid, wave)
    play = page.get_by_role("button", name="Play the recording")
    expect(play).to_be_visible()
    play.click()
    wait_until(page, lambda: page.locator("audio").evaluate("e => e.currentTime") > 0, "the recording playing")
    line.send(call.ends())
