"""Two web processes on one PostgreSQL and one Redis: whichever takes the frames, every page shows them."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import NETWORK, Tabs, is_live
from tests.browser.looks import assert_same
from tests.e2e.outside import House
from tests.e2e.stories import Conversation


def test_a_page_of_one_process_shows_what_the_other_takes_word_by_word(tabs: Tabs, house: House):
    there, call = house.pinecall.through(1), Conversation("Lena Hoffmann")
    page = tabs.live()
    there.send(call.starts(), call.begins("m1", "Good morning, how can I help?"))
    last = page.locator(f"#{call.row}-last")
    for index, word in enumerate(["Good", "morning,", "how", "can"]):
        there.send(call.word("m1", index, word))
        expect(last).to_have_text(re.compile(re.escape(word) + "$"))
    assert_same(page, tabs.live(url=house.console.urls[1]))
    there.send(*call.said("m1", "Good morning, how can I help?"), call.ends())
    expect(page.locator(f"#{call.row}")).to_have_count(0)


def test_when_one_process_dies_its_calls_go_on_through_the_other(tabs: Tabs, house: House):
    here, there, call = house.pinecall.through(0), house.pinecall.through(1), Conversation("Lena Hoffmann")
    floor = tabs.live()
    there.send(call.starts(), *call.says("m1", "Hello."), call.begins("m2", "One moment please."), call.word("m2", 0, "One"))
    page = tabs.live(f"/calls/{call.uuid}/")
    expect(floor.locator(f"#{call.row}-last")).to_contain_text("One")
    try:
        house.console.kill(1)
        here.send(call.word("m2", 1, "moment"), *call.said("m2", "One moment please."), call.heard("u1", "Of course."))
        expect(floor.locator(f"#{call.row}-last")).to_contain_text("Of course.")
        expect(page.locator("#script-list")).to_contain_text("Of course.")
        for tab in (floor, page):
            is_live(tab)
    finally:
        house.console.start()
    there.send(call.heard("u2", "And now through the one that came back."))
    expect(page.locator("#script-list")).to_contain_text("came back")
    assert_same(page, tabs.live(f"/calls/{call.uuid}/", url=house.console.urls[1]))
    assert [entry["text"] for entry in house.api.call(call.uuid)["transcript"]] == [
        "Hello.", "One moment please.", "Of course.", "And now through the one that came back.",
    ]  # fmt: skip
    here.send(call.ends())


def test_a_page_whose_process_dies_comes_back_when_the_process_does(tabs: Tabs, house: House):
    here, call = house.pinecall.through(0), Conversation("Lena Hoffmann")
    page = tabs.live(url=house.console.urls[1])
    here.send(call.starts())
    expect(page.locator(f"#{call.row}")).to_be_visible()
    try:
        house.console.kill(1)
        expect(page.locator("#link-text")).to_contain_text("Offline")
        here.send(call.heard("u1", "Said while this page was cut off."))
    finally:
        house.console.start()
    is_live(page)
    expect(page.locator(f"#{call.row}-last")).to_contain_text("cut off")
    assert_same(page, tabs.live())
    here.send(call.ends())
    tabs.forgive(*NETWORK)
