"""People at their screens: tabs of a real Chromium that are signed in, and complain about every console error."""

import math
import os
import re
import struct
import wave as wav
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.e2e.outside import House, Line, move_in, sign_in_at, until
from tests.e2e.stories import Conversation
from tests.servers import WAIT_S, Console, start_console

expect.set_options(timeout=WAIT_S * 1000)

AXE = Path(__file__).with_name("axe.min.js")
# Another theme is drawn with the next frame, and its transitions begin there.
AT_REST = """async () => {
  for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
  const changes = document.getAnimations().filter((a) => a instanceof CSSTransition);
  await Promise.all(changes.map((a) => a.finished.catch(() => {})));
}"""
DESK, PHONE = (1440, 900), (390, 844)
Theme = Literal["light", "dark"]
LEFT_EARLY = "WebSocket is closed before the connection is established"  # said when a tab leaves a page at once
# What pages complain of while the server is away.
NETWORK = ("WebSocket connection to .* failed", "htmx:ws:error", "Failed to load resource: net::ERR")
# Every violation of the content security policy becomes an error on the console of the page.
TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP", event.violatedDirective, event.blockedURI, event.sourceFile))"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="package")
def console(backend: str, static_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """One console for all tests with a browser: whoever stops it starts it again."""
    postgres_url = os.environ["DATABASE_URL"] if backend == "servers" else None
    with start_console(tmp_path_factory.mktemp("console"), static_root, postgres_url, processes=2 if postgres_url else 1) as running:
        yield running


@pytest.fixture(scope="package")
def inhabited(console: Console) -> House:
    return move_in(console)


@pytest.fixture(scope="module")
def house(inhabited: House) -> House:
    """Nobody is on the phone when a module begins."""
    talking = [call for call in inhabited.api.calls() if call["status"] != "completed"]
    if talking:
        ends = [Conversation(uuid=call["call_uuid"], agent=call["agent"], first=10**6).ends() for call in talking]
        inhabited.pinecall.send(*ends)
    return inhabited


@pytest.fixture
def line(house: House) -> Line:
    """Where calls come from."""
    return house.pinecall


@pytest.fixture(scope="module")
def sign_in(house: House) -> Callable[[str], str]:
    """The cookie of somebody who has signed in: once for each name."""

    @cache
    def cookie(who: str) -> str:
        return sign_in_at(house.console.url, who, Referer=house.console.url)

    return cookie


class Tabs:
    """One person's browser in one test."""

    def __init__(self, browser: Browser, url: str, sign_in: Callable[[str], str]) -> None:
        self.browser, self.url, self.sign_in = browser, url, sign_in
        self.context: BrowserContext | None = None
        self.complaints: list[str] = []

    def open(self, path: str = "/", who: str = "sofia", size: tuple[int, int] = DESK, theme: Theme = "light", url: str = "") -> Page:
        """A tab on this page; ``who`` "" is nobody. Tabs of one test share cookies; size and theme are those of the first."""
        if self.context is None:
            self.context = self.browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=theme)
            self.context.set_default_timeout(WAIT_S * 1000)
            self.context.add_init_script(TELL_VIOLATIONS)
            if who:
                self.context.add_cookies([{"name": "sessionid", "value": self.sign_in(who), "url": self.url}])
        page = self.context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto((url or self.url) + path)
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def live(self, path: str = "/", **how: Any) -> Page:
        """The same, once the page says that it is live."""
        page = self.open(path, **how)
        is_live(page)
        return page

    def forgive(self, *patterns: str) -> None:
        """These complaints were asked for."""
        self.complaints = [text for text in self.complaints if not any(re.search(pattern, text) for pattern in patterns)]

    def close(self) -> None:
        if self.context is not None:
            self.context.close()
            self.context = None


@pytest.fixture
def tabs(browser: Browser, house: House, sign_in: Callable[[str], str]) -> Iterator[Tabs]:
    """At the end nothing may be left on any console that was not forgiven."""
    found = Tabs(browser, house.console.url, sign_in)
    yield found
    found.close()
    found.forgive(LEFT_EARLY)
    assert found.complaints == []


def is_live(page: Page) -> None:
    expect(page.locator("#link-text")).to_have_text(re.compile("^Live"))


def log_in(page: Page, name: str, password: str) -> None:
    """Fill in the form that stands on the page."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def wait_until(page: Page, ready: Callable[[], Any], what: str) -> Any:
    """Ask again and again while the page goes on; ``until`` alone would keep its events waiting."""

    def asked() -> Any:
        page.wait_for_timeout(20)
        return ready()

    return until(asked, what)


@pytest.fixture(scope="session")
def wave() -> bytes:
    """Two seconds of a tone, as a WAV file."""
    file = BytesIO()
    with wav.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"".join(struct.pack("<h", round(9000 * math.sin(n / 3))) for n in range(16_000)))
    return file.getvalue()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """What axe-core finds wrong with a page, as "rule: selector", once its colours have come to rest."""
    source = AXE.read_text()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def run(page: Page) -> list[str]:
        page.evaluate(AT_REST)
        page.evaluate(source)
        found = page.evaluate("(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", tags)
        return [
            f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}" for rule in found["violations"] for node in rule["nodes"]
        ]

    return run
