"""The difference between two screens, as edits that htmx applies one after the other."""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from html import escape


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a list. ``cold`` differs when the whole element must be drawn anew; ``hot`` are cells pushed alone."""

    id: str
    cold: Hashable
    html: Callable[[], str]
    hot: tuple[tuple[str, str], ...] = ()  # (DOM id, html)


@dataclass(slots=True)
class Shot:
    """A screen at one moment. Whatever has a DOM id here stands in the page too."""

    lists: dict[str, list[Item]] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)  # DOM id -> html of the element
    texts: dict[str, str] = field(default_factory=dict)  # DOM id -> text of the leaf
    levels: dict[str, float] = field(default_factory=dict)  # DOM id -> 0..1
    attention: int = 0

    @property
    def size(self) -> int:
        """How many edits a whole view is."""
        return len(self.lists) + len(self.regions) + len(self.texts)


def edit(target: str, swap: str, html: str = "") -> str:
    """One change of the page: see static/feed.js for why it is not an hx-partial."""
    return f'<hx-edit hx-target="#{escape(target)}" hx-swap="{swap}">{html}</hx-edit>'


def snapshot(shot: Shot) -> list[str]:
    """Everything, for a page of any age: lists are morphed, so what has not changed is not touched."""
    edits = [edit(target, "innerMorph", "".join(item.html() for item in items)) for target, items in shot.lists.items()]
    edits += [edit(target, "outerMorph", html) for target, html in shot.regions.items()]
    edits += [edit(target, "textContent", escape(text)) for target, text in shot.texts.items()]
    return edits


def difference(old: Shot, new: Shot) -> list[str]:
    """What leads from one shot to the next. Everything is deleted before anything is inserted: an element that changes
    its list would else stand in the page twice, and the second edit would meet the wrong one.
    """
    stays = {
        target: _staying([item.id for item in old.lists.get(target, [])], [item.id for item in items])
        for target, items in new.lists.items()
        if old.lists.get(target) is not items
    }
    edits: list[str] = []
    for target, staying in stays.items():
        edits += [edit(item.id, "delete") for item in old.lists.get(target, []) if item.id not in staying]
    for target, staying in stays.items():
        edits += _list_edits(target, old.lists.get(target, []), new.lists[target], staying)
    edits += [edit(target, "outerMorph", html) for target, html in new.regions.items() if old.regions.get(target) != html]
    edits += [edit(target, "textContent", escape(text)) for target, text in new.texts.items() if old.texts.get(target) != text]
    return edits


def _list_edits(target: str, old: list[Item], new: list[Item], staying: set[str]) -> list[str]:
    known = {item.id: item for item in old}
    edits: list[str] = []
    before = ""
    for item in new:
        if item.id not in staying:
            edits.append(edit(before, "afterend", item.html()) if before else edit(target, "afterbegin", item.html()))
        elif (was := known[item.id]) is not item:
            edits += _item_edits(was, item)
        before = item.id
    return edits


def _item_edits(old: Item, new: Item) -> list[str]:
    if old.cold is not new.cold and old.cold != new.cold:
        return [edit(new.id, "outerMorph", new.html())]
    cells = dict(old.hot)
    return [edit(cell, "outerMorph", html) for cell, html in new.hot if cells.get(cell) != html]


def _staying(old: list[str], new: list[str]) -> set[str]:
    """The most elements that can stay where they are: the longest run of ids whose order is the same in both."""
    places = {name: place for place, name in enumerate(old)}
    common = [name for name in new if name in places]
    if _rising(places[name] for name in common):
        return set(common)
    tails: list[int] = []
    chain: list[tuple[str, int]] = []  # (id, index of the one before it in chain, -1 = none)
    ends: list[int] = []
    for name in common:
        at = bisect_left(tails, places[name])
        before = ends[at - 1] if at else -1
        chain.append((name, before))
        if at == len(tails):
            tails.append(places[name])
            ends.append(len(chain) - 1)
        else:
            tails[at], ends[at] = places[name], len(chain) - 1
    staying, link = set(), ends[-1] if ends else -1
    while link >= 0:
        name, link = chain[link]
        staying.add(name)
    return staying


def _rising(numbers: Iterable[int]) -> bool:
    last = -1
    for number in numbers:
        if number < last:
            return False
        last = number
    return True
