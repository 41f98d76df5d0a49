"""A stand-in for the browser: a page that takes the feed's edits as htmx and static/feed.js would, and can be compared."""

import re
from collections import Counter
from difflib import unified_diff

from lxml import html
from lxml.etree import _Element as Element

EDIT = re.compile(r'<hx-edit hx-target="#([A-Za-z][\w-]*)" hx-swap="(\w+)">(.*?)</hx-edit>', re.DOTALL)
# The reader's own: what is opened, followed and typed, and where the page stands.
OWN_ATTRIBUTES = frozenset({"open", "data-follow", "data-since", "style"})
OWN_ELEMENTS = frozenset({("form", "pick"), ("label", "switch end")})


class Page:
    """The part of a page that the feed may change, ``#feed``."""

    def __init__(self, text: str) -> None:
        self.source = text
        [self.root] = html.document_fromstring(text).xpath('//*[@id="feed"]')
        self.check_ids()

    def take(self, content: str) -> None:
        """The edits of one message, one after the other. Fails when anything else is in it."""
        assert EDIT.sub("", content) == "", f"not only edits: {EDIT.sub('', content)[:200]!r}"
        for target, swap, fragment in EDIT.findall(content):
            self.swap(self.first(target), swap, fragment)
        self.check_ids()

    def first(self, name: str) -> Element:
        """The first element of this id, as querySelector finds it."""
        found = self.root.xpath("descendant-or-self::*[@id=$name]", name=name)
        assert found, f"#{name} is not in the page"
        return found[0]

    def swap(self, target: Element, swap: str, fragment: str) -> None:
        parent = target.getparent()
        new = elements(fragment)
        match swap:
            case "innerMorph":
                skipped = skipped_in(target)
                target[:] = new
                target.text = None
                put_back(target, skipped)
            case "outerMorph":
                [element] = new
                assert element.get("id") == target.get("id"), "a morph does not change who an element is"
                skipped = skipped_in(target)
                parent.replace(target, element)
                put_back(element, skipped)
            case "delete":
                target.drop_tree()
            case "afterend":
                parent[parent.index(target) + 1 : 0] = new
            case "afterbegin":
                target[0:0] = new
            case "textContent":
                assert not new, "text takes no elements"
                target[:] = []
                target.text = html.fragment_fromstring(fragment, create_parent="b").text
            case _:
                raise AssertionError(f"htmx knows no swap {swap!r}")

    def check_ids(self) -> None:
        """An id that stands twice would send an edit to the wrong element."""
        counts = Counter(self.root.xpath("descendant-or-self::*/@id"))
        assert max(counts.values()) == 1, [name for name, count in counts.items() if count > 1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Page) and self.lines() == other.lines()

    def __hash__(self) -> int:
        return hash(tuple(self.lines()))

    def lines(self) -> list[str]:
        """The page in words that can be compared."""
        return list(described(self.root, ""))

    def text(self) -> str:
        return str(self.root.text_content())

    def ids(self, target: str) -> list[str]:
        """The ids of the children of a list, in order."""
        return [child.get("id", "") for child in self.first(target)]

    def words(self, name: str) -> str:
        """The text of one element, without the spaces of its layout."""
        return " ".join(str(self.first(name).text_content()).split())


def difference(pushed: Page, fresh: Page) -> str:
    """What a failed test prints."""
    return "\n".join(unified_diff(pushed.lines(), fresh.lines(), "old page plus pushes", "fresh page", n=2, lineterm=""))


def elements(fragment: str) -> list[Element]:
    """The elements of a fragment; white space between them does not count."""
    found = html.fragments_fromstring(fragment, no_leading_text=False) if fragment.strip() else []
    return [item for item in found if not isinstance(item, str)]


def skipped_in(target: Element) -> dict[str, Element]:
    """What a morph leaves alone, by its id, or by that of the element around it."""
    return {name_of(element): element for element in target.xpath("descendant::*[@hx-morph-skip]")}


def name_of(element: Element) -> str:
    return str(element.get("id") or element.getparent().get("id"))


def put_back(target: Element, skipped: dict[str, Element]) -> None:
    for element in target.xpath("descendant::*[@hx-morph-skip]"):
        old = skipped.get(name_of(element))
        if old is not None:
            element.getparent().replace(element, old)


def described(element: Element, indent: str) -> list[str]:
    """An element and what is in it, one line each; the time that a timer shows is not compared, but its start is."""
    if (element.tag, element.get("class")) in OWN_ELEMENTS or not isinstance(element.tag, str):
        return []
    attributes = sorted((name, value) for name, value in element.items() if name not in OWN_ATTRIBUTES)
    found = [indent + element.tag + "".join(f" {name}={value!r}" for name, value in attributes)]
    if element.tag == "call-timer":
        return found
    found += said(element.text, indent)
    for child in element:
        found += described(child, indent + "  ")
        found += said(child.tail, indent)
    return found


def said(text: str | None, indent: str) -> list[str]:
    words = " ".join((text or "").split())
    return [f"{indent}  {words!r}"] if words else []
