"""The strict content security policy holds on every page: nothing is refused, nothing complains, and inline code does not run."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Tabs, is_live, log_in
from tests.browser.screens import busy_house
from tests.e2e.outside import PASSWORD, House

ADMIN_LISTS = "#content-main a[href*='/admin/']:not(.addlink, .changelink)"


def test_no_page_of_the_console_complains(tabs: Tabs, house: House):
    """The fixture looks at every console at the end."""
    for screen in busy_house(house.pinecall):
        page = tabs.open(screen.path)
        if screen.live:
            is_live(page)
        policy = page.request.get(page.url).headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        page.close()
    tabs.forgive("the server responded with a status of 404")


def test_the_admin_does_not_complain_either(tabs: Tabs, house: House):
    busy_house(house.pinecall)
    page = tabs.open("/admin/", who="")
    page.wait_for_url("**/admin/login/**")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#content-main")).to_be_visible()
    lists = sorted({link.get_attribute("href") or "" for link in page.locator(ADMIN_LISTS).all()})
    assert len(lists) > 3
    for path in lists:
        page.goto(tabs.url + path)
        expect(page.locator("#content")).to_be_visible()
        first = page.locator("#result_list tbody th a").first
        if first.count():
            first.click()
            expect(page.locator("#content")).to_be_visible()


def test_inline_code_does_not_run(tabs: Tabs):
    page = tabs.live()
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
          document.body.insertAdjacentHTML("beforeend", "<button id='x' onclick='window.ran = true'>x</button>");
          document.getElementById("x").click();
        }"""
    )
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in text for text in tabs.complaints)
    tabs.forgive("Content Security Policy", "^CSP script-src")


def test_logging_out_ends_with_the_login_page(tabs: Tabs):
    page = tabs.open(who="")
    log_in(page, "sofia", PASSWORD)
    is_live(page)
    page.get_by_role("button", name=re.compile("menu")).click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/")
    page.goto(f"{tabs.url}/")
    page.wait_for_url("**/login/?next=/")
