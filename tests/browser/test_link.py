"""The indicator tells the truth about the connection, and a page that lost it comes back by itself with nothing lost or doubled."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.conftest import NETWORK, Tabs, is_live, log_in
from tests.browser.looks import assert_same
from tests.e2e.outside import PASSWORD, House, Line
from tests.e2e.stories import Conversation

REMEMBER_STATES = """() => {
  window.states = [document.body.dataset.link];
  document.addEventListener("feed:link", ({detail}) => window.states.push(detail.state));
}"""
REMEMBER_PROBLEM = """() => document.addEventListener("feed:link", () => {
  window.problem = document.getElementById("desk-problem").textContent;
})"""
AFTER = "(element) => getComputedStyle(element, '::after').content"  # what the style adds to the words
SHOW = """(shown) => {
  Object.defineProperty(document, "hidden", {value: !shown, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def dialling(tabs: Tabs) -> Page:
    """The form to dial out, by an agent that can be told to."""
    page = tabs.open("/dial/")
    agent = page.locator("#dial-agent option", has_text="frontdesk").first.get_attribute("value")
    page.goto(f"{page.url}?agent={agent}")
    return page


def states(page: Page) -> list[str]:
    found: list[str] = page.evaluate("states")
    return found


def test_the_indicator_says_live_then_offline_since_when_then_live_again(tabs: Tabs, house: House, line: Line):
    call = Conversation("Lena Hoffmann")
    line.send(call.starts())
    page = tabs.live()
    page.evaluate(REMEMBER_STATES)
    expect(page.locator("#link-note")).to_be_hidden()
    timer = page.locator(f"#{call.row} .c-time")
    try:
        house.console.stop()
        expect(page.locator("#link-text")).to_have_text(re.compile(r"^Offline since \d\d:\d\d:\d\d$"))
        expect(page.locator("#link-note")).to_contain_text("No connection to the server since")
        expect(page.locator("#say-now")).to_contain_text("Connection lost")
        strip = page.locator("#floor-connections .said").first
        assert re.fullmatch(r"live", strip.inner_text())
        assert re.fullmatch(r'"\u00a0\d+ s ago"', strip.evaluate(AFTER))
        page.locator(f"#{call.row}").get_by_role("button", name="Take over").click()
        expect(page.locator("#link-note")).to_contain_text("nothing was done")
        frozen = timer.inner_text()
        expect(page.locator(f"#{call.row}")).to_be_visible()
        assert timer.inner_text() == frozen
    finally:
        house.console.start()
    is_live(page)
    assert strip.evaluate(AFTER) == "none"
    expect(page.locator("#link-note")).to_be_hidden()
    expect(page.locator("#say-polite")).to_contain_text("Live again")
    assert states(page)[-3:] == ["offline", "catching-up", "live"]
    line.send(call.ends())
    expect(page.locator(f"#{call.row}")).to_have_count(0)
    tabs.forgive(*NETWORK)


def test_a_browser_that_says_it_is_offline_is_believed_until_a_message_proves_the_opposite(tabs: Tabs):
    page = tabs.live()
    told = page.locator("#link-text")
    page.evaluate(REMEMBER_STATES)
    page.context.set_offline(True)
    expect(told).to_have_text(re.compile(r"^Offline since \d\d:\d\d:\d\d$"))
    expect(page.locator("body")).to_have_attribute("data-link", "offline")
    page.context.set_offline(False)
    is_live(page)
    assert states(page) == ["live", "offline", "catching-up", "live"]  # never silent: nobody waited for that
    page.evaluate("dispatchEvent(new Event('offline'))")  # as it is for a server on the same machine
    expect(told).to_have_text(re.compile("^Offline since"))
    is_live(page)
    assert states(page)[4:] == ["offline", "live"]
    tabs.forgive(*NETWORK)


def test_a_press_that_finds_no_way_to_the_server_puts_the_page_in_doubt_until_the_next_message(tabs: Tabs, line: Line):
    call = Conversation("Pressed in vain")
    line.send(call.starts())
    page, perhaps = tabs.live(f"/calls/{call.uuid}/"), "The server could not be reached. It may not have been done."
    page.evaluate(REMEMBER_STATES)
    page.evaluate(REMEMBER_PROBLEM)
    page.route("**/take-over/", lambda route: route.abort("connectionreset"))
    page.get_by_role("button", name="Take over").click()
    expect(page.locator("#link-text")).to_have_text(re.compile("^Offline since"))
    expect(page.locator("#desk-problem")).to_have_text(perhaps)
    page.wait_for_timeout(1100)  # what comes sooner may have been under way, and proves nothing
    line.send(call.hears("u1", "Hello"))
    is_live(page)
    assert states(page) == ["live", "offline", "live"]
    assert page.evaluate("problem") == perhaps  # a line that is back at once leaves it to be read
    expect(page.locator("#desk-problem")).to_be_empty()
    page.unroute_all()
    line.send(call.ends())
    tabs.forgive(*NETWORK, "htmx:error")


def test_pages_that_ask_again_and_again_are_as_honest(tabs: Tabs, house: House):
    pages = [tabs.live("/agents/"), tabs.live("/operators/")]
    try:
        house.console.stop()
        for page in pages:
            expect(page.locator("#link-text")).to_have_text(re.compile(r"^Offline since \d\d:\d\d:\d\d$"))
            expect(page.locator("#link-note")).to_contain_text("No connection to the server since")
            expect(page.locator("#say-now")).to_contain_text("Connection lost")
    finally:
        house.console.start()
    for page in pages:
        is_live(page)
        expect(page.locator("#link-note")).to_be_hidden()
    pages[0].context.clear_cookies()  # as if signed out in another tab
    for page in pages:
        expect(page.locator("#link-text")).to_have_text("Signed out")
        expect(page.get_by_label("Password")).to_have_count(0)
    tabs.forgive(*NETWORK, "htmx:error", "/me/seen/")  # the sign of life of who is no longer signed in


def test_pages_that_do_not_change_by_themselves_say_that_the_server_is_gone_and_stay(tabs: Tabs, house: House):
    page = tabs.open("/calls/")
    told = page.locator("#link-text")
    expect(told).to_have_text("Connected")
    search = page.get_by_label("Search the history")
    search.fill("Lena")
    page.context.set_offline(True)
    expect(told).to_have_text(re.compile(r"^Offline since \d\d:\d\d:\d\d$"))
    said = page.locator("#say-now")
    expect(said).to_contain_text("Connection lost")  # which would take the place of what is said below
    for leave in (lambda: search.press("Enter"), page.get_by_role("link", name="Floor").click):
        said.evaluate("(said) => said.replaceChildren()")  # what is heard next is said of this press
        leave()
        expect(page.locator("#link-note")).to_contain_text("that page cannot be opened now")
        expect(said).to_contain_text("that page cannot be opened now")
    page.context.set_offline(False)
    expect(told).to_have_text("Connected")
    expect(page.locator("#link-note")).to_be_hidden()
    search.press("Enter")
    page.wait_for_url("**/calls/?q=Lena")
    try:
        house.console.stop()
        expect(told).to_have_text(re.compile("^Offline since"))
    finally:
        house.console.start()
    expect(told).to_have_text("Connected")
    page.context.clear_cookies()  # as if signed out in another tab
    expect(told).to_have_text("Signed out")
    tabs.forgive(*NETWORK, "htmx:error", "/me/seen/")


@pytest.mark.parametrize("knows", [True, False], ids=["the page knows", "the page does not know yet"])
def test_a_number_that_cannot_be_dialled_offline_is_told_where_it_was_pressed(tabs: Tabs, line: Line, knows: bool):
    call = Conversation("Has an agent")
    line.send(call.starts(), call.ends())
    page = dialling(tabs)
    told, problem = page.locator("#link-text"), page.locator("#sheet-error")
    page.get_by_label("Number to call").fill("+442079460177")
    if not knows:
        page.route("**/me/seen/", lambda route: route.fulfill(status=204))
    page.context.set_offline(True)
    expect(told).to_have_text(re.compile("^Offline since") if knows else "Connected")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(problem).to_have_text("No connection to the server: nothing was done.")
    expect(page.locator("#say-now")).to_have_text("No connection to the server: nothing was done.")
    page.context.set_offline(False)
    expect(told).to_have_text("Connected")
    expect(problem).to_be_empty()
    expect(page.get_by_label("Number to call")).to_have_value("+442079460177")
    page.route("**/dial/place/", lambda route: route.abort("connectionreset"))
    page.get_by_role("button", name="Call", exact=True).click()
    expect(problem).to_have_text("The server could not be reached. It may not have been done.")
    page.unroute_all()
    tabs.forgive(*NETWORK, "htmx:error")


def test_without_scripts_no_page_claims_to_be_connecting(browser: Browser, house: House, sign_in: Callable[[str], str]):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": sign_in("sofia"), "url": house.console.url}])
    page = context.new_page()
    for path in ("/", "/calls/", "/agents/"):
        page.goto(house.console.url + path)
        expect(page.locator("noscript p")).to_be_visible()
        expect(page.locator("#link")).to_be_hidden()
    context.close()


def test_a_hidden_page_that_is_seldom_asked_for_does_not_say_that_nobody_answers(tabs: Tabs):
    page = tabs.live("/agents/")
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 60)  # from here on only the test lets time pass
    page.route("**/agents/", lambda route: route.continue_() if route.request.is_navigation_request() else None)
    page.reload()
    is_live(page)  # it will ask again, and is never answered
    told = page.locator("#link-text")
    page.evaluate(SHOW, False)
    page.clock.run_for(30_000)
    expect(told).to_have_text(re.compile("^Live, last word"))
    page.evaluate(SHOW, True)
    page.clock.run_for(10_000)
    expect(told).to_have_text(re.compile("^Live, last word"))
    page.clock.run_for(10_000)
    expect(told).to_have_text(re.compile("^No word from the server for"))
    page.unroute_all()


def test_a_page_whose_line_alone_is_gone_still_acts_and_leads_elsewhere(tabs: Tabs, house: House, line: Line):
    """Some proxies let no WebSocket through: what goes by HTTP is not stopped."""
    call = Conversation("Behind a proxy")
    line.send(call.starts(), *call.says("m1", "Good morning."))
    page = tabs.open(who="")
    log_in(page, "sofia", PASSWORD)
    page.route_web_socket("**/ws/feed/", lambda route: route.close(code=1013))
    page.goto(f"{house.console.url}/")
    told = page.locator("#link-text")
    expect(told).to_have_text(re.compile("^Offline since"))
    page.locator(f"#{call.row}").get_by_role("button", name="Take over").click()
    page.wait_for_url(f"**/calls/{call.uuid}/")
    expect(told).to_have_text(re.compile("^Offline since"))
    page.get_by_role("button", name="Hand back").click()
    expect(page.get_by_role("button", name="Take over")).to_be_visible()
    page.get_by_role("link", name="History").click()
    page.wait_for_url("**/calls/")
    line.send(call.ends())
    tabs.forgive(*NETWORK)


def test_a_press_of_somebody_signed_out_meanwhile_says_so_where_it_was_pressed(tabs: Tabs, line: Line):
    call = Conversation("Has an agent")
    line.send(call.starts(), call.ends())
    page = dialling(tabs)
    page.get_by_label("Number to call").fill("+442079460177")
    page.context.clear_cookies()  # as if signed out in another tab
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.locator("#sheet-error")).to_contain_text("You are signed out, and nothing was done.")
    expect(page.locator("#say-now")).to_contain_text("You are signed out")
    expect(page.get_by_label("Number to call")).to_have_value("+442079460177")
    tabs.forgive(*NETWORK, "/me/seen/", "/dial/place/")


def test_an_edit_that_the_browser_cannot_make_brings_the_whole_view(tabs: Tabs, line: Line):
    call = Conversation("Edited badly")
    line.send(call.starts(), *call.says("m1", "Good morning."))
    spoiled = ["How can I help?", "Anything else?"]
    broken: list[str] = []

    def break_some(route: WebSocketRoute) -> None:
        """The first edit of the call's row with each of these words names a target that is no selector."""
        server = route.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            text = str(message)
            if found := [words for words in spoiled if words in text]:
                text = re.sub(r'hx-target=\\"[^"]*"', r'hx-target=\\"%%\\"', text)
                broken.append(text)
                spoiled.remove(found[0])
            route.send(text)

        server.on_message(pass_on)

    page = tabs.open()
    page.route_web_socket("**/ws/feed/", break_some)
    page.reload()
    is_live(page)
    row = page.locator(f"#{call.row}")
    expect(row).to_contain_text("Good morning.")
    page.evaluate(REMEMBER_STATES)
    line.send(*call.says("m2", "How can I help?"))
    expect(row).to_contain_text("How can I help?")
    is_live(page)
    assert states(page)[-2:] == ["catching-up", "live"]
    line.send(*call.says("m3", "Anything else?"))
    expect(row).to_contain_text("Anything else?")  # also when it was asked for a moment ago
    is_live(page)
    assert [text.count("%%") > 0 for text in broken] == [True, True]
    assert_same(page, tabs.live())
    line.send(call.ends())
    tabs.forgive("htmx:ws:error")


def test_a_page_whose_person_signs_out_in_another_tab_says_so_and_stays_away(tabs: Tabs, line: Line):
    other = tabs.open(who="")
    log_in(other, "sofia", PASSWORD)
    page = tabs.live()
    other.get_by_role("button", name=re.compile("menu")).click()
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/login/")
    expect(page.locator("#link-text")).to_have_text("Signed out")
    expect(page.locator("#link-note")).to_contain_text("You were signed out. What you see is as of")
    call = Conversation("Not for those outside")
    line.send(call.starts())
    page.reload()
    page.wait_for_url("**/login/**")
    line.send(call.ends())


def test_after_sigkill_pages_come_back_by_themselves_and_equal_a_fresh_load(tabs: Tabs, house: House, line: Line):
    calls = [Conversation(f"Person {number}") for number in range(6)]
    said: dict[str, list[str]] = {call.uuid: [] for call in calls}

    def speak(call: Conversation, number: int) -> None:
        text = f"Sentence {number} of this call."
        line.send(call.heard(f"u{number}", text))
        said[call.uuid].append(text)

    for call in calls:
        line.send(call.starts(), call.begins("m0", "Good morning, how can I help?"), call.word("m0", 0, "Good"))
    floor, page = tabs.live(), tabs.live(f"/calls/{calls[0].uuid}/")
    for number in range(5):
        for call in calls:
            speak(call, number)
    try:
        house.console.kill()
        expect(floor.locator("#link-text")).to_contain_text("Offline")
        expect(page.locator("#link-text")).to_contain_text("Offline")
    finally:
        house.console.start()
    newcomer = Conversation("Came while nobody looked")
    line.send(newcomer.starts(), calls[1].ends(), calls[2].held(), calls[3].runs_out_of_credit())
    for call in (calls[0], calls[2], newcomer):
        said.setdefault(call.uuid, [])
        for number in range(5, 8):
            speak(call, number)
    line.send(calls[0].word("m0", 1, "morning,"))
    for tab in (floor, page):
        is_live(tab)
    expect(floor.locator(f"#{newcomer.row}")).to_contain_text("Sentence 7")
    expect(page.locator("#script-list")).to_contain_text("Sentence 7")
    expect(floor.locator(f"#{calls[1].row}")).to_have_count(0)

    assert_same(floor, tabs.live())
    assert_same(page, tabs.live(f"/calls/{calls[0].uuid}/"))
    for uuid, texts in said.items():
        told = [entry["text"] for entry in house.api.call(uuid)["transcript"] if entry["speaker"] == "contact"]
        assert told == texts
    line.send(*[call.ends() for call in [*calls, newcomer]])
    tabs.forgive(*NETWORK)


def test_a_call_that_ends_while_the_server_is_away_is_shown_as_ended(tabs: Tabs, house: House, line: Line):
    call = Conversation("Hangs up meanwhile")
    line.send(call.starts(), *call.says("m1", "Hello."))
    page = tabs.live(f"/calls/{call.uuid}/")
    try:
        house.console.kill()
        expect(page.locator("#link-text")).to_contain_text("Offline")
    finally:
        house.console.start()
    line.send(call.ends())
    is_live(page)
    expect(page.locator("#call-head")).to_contain_text("Ended")
    assert_same(page, tabs.live(f"/calls/{call.uuid}/"))
    tabs.forgive(*NETWORK)
