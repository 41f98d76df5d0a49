"""Whatever a provider or a contact writes is shown as text, and no text breaks a layout."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Tabs, is_live
from tests.console.samples import HOSTILE
from tests.e2e.outside import House, Line
from tests.e2e.stories import Conversation

# Nothing that was written may have become an element, and nothing sticks out of the window.
FOREIGN = "img, iframe, script[src=''], main script, hx-edit, hx-partial, b[onmouseover], [onerror]"
STICKS_OUT = """() => {
  const seen = (e) => { for (let p = e.parentElement; p; p = p.parentElement)
    if (p !== document.body && p !== document.documentElement && getComputedStyle(p).overflowX !== "visible") return false; return true; };
  return [...document.querySelectorAll("main *")].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || box.left < -1) && seen(e);
  }).slice(0, 5).map((e) => e.outerHTML.slice(0, 160));
}"""
# Panels that scroll from top to bottom must have no second way to scroll.
SIDEWAYS = """() => [...document.querySelectorAll(".panel, #script, #p-side, .panel > .scroll.grow")]
  .filter((e) => e.offsetWidth && getComputedStyle(e).overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1 && !e.matches(".kpis"))
  .map((e) => [e.id || e.className, e.scrollWidth, e.clientWidth])"""


def assert_harmless(page: Page) -> None:
    assert page.locator(FOREIGN).count() == 0
    width, window = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert width <= window
    assert page.evaluate(STICKS_OUT) == []
    assert page.evaluate(SIDEWAYS) == []


def suffering(text: str) -> Conversation:
    """A call that carries the text wherever a text can be."""
    call = Conversation(text)
    call.agent = f"agent {text}"[:150]
    return call


def tell(line: Line, call: Conversation, text: str) -> None:
    line.send(
        call.starts(**{"note": text, text[:60]: "a name as hostile as a value"}),
        call.heard("u1", text),
        *call.tool("t1", text[:200], f'{{"text": "{"x" * 300}"}}', {"said": text}),
        *call.says("m1", text),
        call.frame("call.dtmf_received", digits=text[:80]),
        call.frame("call.forwarded", to=text[:80]),
        call.heard("u2", text),
    )


@pytest.fixture(scope="module")
def calls(house: House) -> dict[str, Conversation]:
    """One call for each kind of hostile text."""
    found = {name: suffering(text) for name, text in HOSTILE.items()}
    for name, call in found.items():
        tell(house.pinecall, call, HOSTILE[name])
    return found


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_floor_and_the_history_show_text_and_keep_their_layout(tabs: Tabs, calls: dict[str, Conversation], size: tuple[int, int]):
    page = tabs.live(size=size)
    expect(page.locator(".call")).to_have_count(len(calls))
    assert_harmless(page)
    expect(page.locator(f"#{calls['markup'].row} .who")).to_have_text(HOSTILE["markup"])
    expect(page.locator(f"#{calls['template'].row}-last")).to_contain_text("{{ row.uuid }}{% now 'Y' %}")
    history = tabs.open("/calls/")
    for call in calls.values():
        expect(history.locator(f"a.who[href='/calls/{call.uuid}/']")).to_have_count(1)
    assert_harmless(history)


@pytest.mark.parametrize("size", [DESK, PHONE])
@pytest.mark.parametrize("kind", HOSTILE)
def test_the_call_page_shows_text_and_keeps_its_layout(tabs: Tabs, calls: dict[str, Conversation], kind: str, size: tuple[int, int]):
    page = tabs.live(f"/calls/{calls[kind].uuid}/", size=size)
    words = page.locator("#script-list .words")
    expect(words).to_have_count(3)
    assert_harmless(page)
    if size == PHONE:
        for tab in ("Timeline", "Contact"):
            page.get_by_role("tab", name=tab).click()
            assert_harmless(page)
    else:
        for summary in page.locator("#timeline-list summary").all():
            summary.click()
        assert_harmless(page)
        said = words.first.evaluate("e => e.textContent")
        assert said == HOSTILE[kind] or (len(said) > 1000 and HOSTILE[kind].startswith(said[:1000]))


def test_hostile_text_is_as_harmless_when_it_is_pushed(tabs: Tabs, line: Line):
    calls = {kind: suffering(text) for kind, text in HOSTILE.items()}
    floor = tabs.live("/?status=held")
    for kind, call in calls.items():
        text = HOSTILE[kind]
        line.send(call.starts(note=text), call.held(), call.heard("u1", "A beginning."))
        expect(floor.locator(f"#{call.row}")).to_be_visible()
        page = tabs.live(f"/calls/{call.uuid}/")
        line.send(call.hears("u2", text), call.begins("m1", text), call.word("m1", 0, text[:5000]))
        line.send(call.heard("u2", text), *call.said("m1", text), *call.tool("t1", text[:200], text, {"said": text}))
        expect(page.locator("#script-list .turn[data-state=final]")).to_have_count(3)
        expect(page.locator("#timeline-list")).not_to_contain_text("Nothing has happened")
        for tab in (floor, page):
            assert_harmless(tab)
            is_live(tab)
        line.send(call.ends())
        expect(page.locator("#call-head")).to_contain_text("Ended")
        page.close()
    expect(floor.locator(".call")).to_have_count(0)


def test_a_filter_with_hostile_text_is_shown_as_text(tabs: Tabs):
    for path in ("/", "/calls/"):
        page = tabs.open(f"{path}?q=%22%3E%3Cimg%20src%3Dx%3E%3Cb%20onmouseover%3D1%3E&agent=%3Cscript%3E&channel='&status=%00&holder=%3C")
        expect(page.locator("#filter-q")).to_have_value('"><img src=x><b onmouseover=1>')
        assert_harmless(page)
