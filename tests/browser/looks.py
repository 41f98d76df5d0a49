"""What a page shows, in a form in which an old page and a fresh one can be compared."""

import difflib

from playwright.sync_api import Page

# Everything that readers see, without what a script, the clock or the reader put there: where the transcript begins,
# the filter's form, the text of timers, levels of meters, what is open, marks of htmx, and space beside tags.
SHOWN = """() => {
  const copy = document.getElementById("feed").cloneNode(true);
  copy.removeAttribute("data-since");
  for (const box of copy.querySelectorAll("[data-follow]")) box.removeAttribute("data-follow");
  for (const node of copy.querySelectorAll("wave-player, level-wave, .jump, .pick")) node.replaceChildren();
  for (const node of copy.querySelectorAll("call-timer, count-down")) node.replaceChildren();
  for (const node of [copy, ...copy.querySelectorAll("*")]) {
    for (const name of ["style", "open", "data-htmx-powered", "data-tab", "data-show"]) node.removeAttribute(name);
    if (node.getAttribute("class") !== null) node.setAttribute("class", [...node.classList].filter((c) => !c.startsWith("htmx")).sort().join(" "));
    for (const {name, value} of [...node.attributes].sort((a, b) => a.name < b.name ? -1 : 1)) {
      node.removeAttribute(name);
      node.setAttribute(name, value);
    }
  }
  return copy.outerHTML.replace(/\\s+/g, " ").replace(/> /g, ">").replace(/ </g, "<").replace(/></g, ">\\n<");
}"""


def shown(page: Page) -> str:
    """The page's live part, one element a line."""
    found: str = page.evaluate(SHOWN)
    return found


def differences(old: Page, fresh: Page) -> str:
    """What the old page shows otherwise than the fresh one, which is loaded again; "" = both show the same."""
    fresh.reload()
    fresh.locator("#link-text", has_text="Live").wait_for()
    lines = difflib.unified_diff(shown(old).splitlines(), shown(fresh).splitlines(), "old page", "fresh page", lineterm="", n=1)
    return "\n".join(lines)


def assert_same(old: Page, fresh: Page, tries: int = 20) -> None:
    """The old page shows what a fresh load shows; changes between the two looks are given time to arrive."""
    found = ""
    for _ in range(tries):
        found = differences(old, fresh)
        if not found:
            return
        old.wait_for_timeout(250)
    raise AssertionError(found)
