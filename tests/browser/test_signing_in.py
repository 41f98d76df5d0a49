"""Who gets in, and what those who do not are told."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Tabs, is_live, log_in
from tests.e2e.outside import PASSWORD, Line
from tests.e2e.stories import Conversation


def test_a_wrong_password_is_told_and_the_right_one_opens_the_floor(tabs: Tabs):
    page = tabs.open(who="")
    page.wait_for_url("**/login/?next=/")
    expect(page.get_by_label("Name")).to_be_focused()
    log_in(page, "sofia", "not this one")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("correct username and password")
    expect(page).to_have_title(re.compile("^Error"))
    expect(page.get_by_label("Name")).to_have_value("sofia")
    expect(page.get_by_label("Password")).to_have_value("")
    log_in(page, "sofia", PASSWORD)
    page.wait_for_url(f"{tabs.url}/")
    is_live(page)


def test_signing_in_leads_where_the_person_wanted_to_go(tabs: Tabs, line: Line):
    call = Conversation("Lena Hoffmann")
    line.send(call.starts())
    page = tabs.open(f"/calls/{call.uuid}/", who="")
    log_in(page, "sofia", PASSWORD)
    page.wait_for_url(f"**/calls/{call.uuid}/")
    expect(page.get_by_role("heading", name="Lena Hoffmann")).to_be_visible()
    line.send(call.ends())


def test_a_stranger_sees_nothing_of_a_call_of_another_team(tabs: Tabs, line: Line):
    call = Conversation("Only for the north")
    line.send(call.starts(), *call.says("m1", "A northern secret."))
    floor = tabs.live(who="ines")
    expect(floor.locator("#floor-empty")).to_contain_text("No live calls")
    expect(floor.locator("#floor-counters .v").first).to_have_text("0")
    expect(floor.locator("#floor-connections")).not_to_contain_text("north")
    page = tabs.open(f"/calls/{call.uuid}/")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    assert "northern" not in page.content()
    nowhere = tabs.open("/calls/CAnobody/")
    assert nowhere.locator("main").inner_html() == page.locator("main").inner_html()
    history = tabs.open("/calls/")
    expect(history.locator("main")).to_contain_text("No calls yet")
    line.send(call.ends())
    expect(floor.locator("#floor-counters > div", has_text="Ended today").locator(".v")).to_have_text("0")
    tabs.forgive("the server responded with a status of 404")


def test_a_stranger_who_asks_the_socket_for_a_call_is_told_no_and_nothing_else(tabs: Tabs, line: Line):
    call = Conversation("Only for the north")
    line.send(call.starts(), *call.says("m1", "A northern secret."))
    page = tabs.live(who="ines")
    heard = page.evaluate(
        """(view) => new Promise((done) => {
          const said = [], socket = new WebSocket(location.origin.replace("http", "ws") + "/ws/feed/");
          socket.onopen = () => socket.send(JSON.stringify({since: 0, view}));
          socket.onmessage = ({data}) => said.push(data);
          socket.onclose = ({code}) => done({code, said});
        })""",
        {"screen": "call", "call": call.uuid},
    )
    assert heard == {"code": 4403, "said": []}
    line.send(call.ends())
