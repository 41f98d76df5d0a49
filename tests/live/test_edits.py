"""Edits lead from any list to any other, touch as little as possible, and never meet an element twice."""

import re
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.live.desk import EDITS_IN_FRAME, pack
from callcenter.live.edits import Item, Shot, difference, edit, snapshot
from tests.live.page import EDIT, Page

LISTS = ("one", "two")
NAMES = [f"e{number}" for number in range(12)]


class Drawn:
    """An element whose html counts how often it was drawn."""

    def __init__(self, name: str, cold: int = 0, hot: int = 0) -> None:
        self.name, self.cold, self.hot = name, cold, hot
        self.times = 0

    def item(self) -> Item:
        return Item(self.name, self.cold, self.html, ((f"{self.name}-cell", self.cell()),))

    def cell(self) -> str:
        return f'<b id="{self.name}-cell">{self.hot}</b>'

    def html(self) -> str:
        self.times += 1
        return f'<div id="{self.name}">{self.cold}{self.cell()}</div>'


def shot(lists: Sequence[Sequence[Drawn]], region: int = 0, text: str = "") -> Shot:
    """``lists`` beside a region and a text."""
    return Shot(
        lists={name: [drawn.item() for drawn in members] for name, members in zip(LISTS, lists, strict=True)},
        regions={"region": f'<p id="region">{region}</p>'},
        texts={"text": text},
    )


def page(of: Shot) -> Page:
    """A page that shows this."""
    lists = "".join(f'<div id="{name}">{"".join(item.html() for item in items)}</div>' for name, items in of.lists.items())
    return Page(f'<main id="feed">{lists}{of.regions["region"]}<i id="text">{of.texts["text"]}</i></main>')


elements = st.builds(Drawn, st.sampled_from(NAMES), st.integers(0, 2), st.integers(0, 2))


@st.composite
def shots(draw: st.DrawFn) -> Shot:
    """Two lists without a common element."""
    members = draw(st.lists(elements, unique_by=lambda drawn: drawn.name, max_size=12))
    cut = draw(st.integers(0, len(members)))
    return shot((members[:cut], members[cut:]), draw(st.integers(0, 2)), draw(st.sampled_from(["", "7", "a<b"])).replace("<", ""))


def ids(of: Shot, name: str) -> list[str]:
    return [item.id for item in of.lists[name]]


def deleted(edits: list[str]) -> list[str]:
    return [target for target, swap, _ in EDIT.findall("".join(edits)) if swap == "delete"]


@given(shots(), shots())
@settings(max_examples=120, deadline=None)
def test_the_edits_lead_from_any_screen_to_any_other(old: Shot, new: Shot):
    shown = page(old)
    for message in pack(difference(old, new), 3):
        shown.take(message)
    assert shown == page(new)


@given(shots(), shots())
@settings(max_examples=50, deadline=None)
def test_a_whole_view_heals_any_page(old: Shot, new: Shot):
    shown = page(old)
    for message in pack(snapshot(new), new.size):
        shown.take(message)
    assert shown == page(new)


def longest_common_order(old: list[str], new: list[str]) -> int:
    """The most elements that can stay, found the slow way."""
    common = [name for name in old if name in new]
    for size in range(len(common), 0, -1):
        for chosen in combinations(common, size):
            if [name for name in new if name in chosen] == list(chosen):
                return size
    return 0


@given(st.permutations(NAMES[:7]), st.lists(st.sampled_from(NAMES[:9]), unique=True))
@settings(max_examples=80, deadline=None)
def test_as_many_elements_as_possible_stay_where_they_are(old: list[str], new: list[str]):
    before, after = shot(([Drawn(name) for name in old], [])), shot(([Drawn(name) for name in new], []))
    assert len(deleted(difference(before, after))) == len(old) - longest_common_order(old, new)


@given(shots(), shots())
@settings(max_examples=50, deadline=None)
def test_what_stays_in_its_order_is_never_deleted(old: Shot, new: Shot):
    gone = set(deleted(difference(old, new)))
    for name in LISTS:
        common = [item for item in ids(old, name) if item in ids(new, name)]
        if common == [item for item in ids(new, name) if item in ids(old, name)]:
            assert not gone & set(common)


def test_what_did_not_change_is_not_even_drawn():
    members = [Drawn(f"e{number}") for number in range(5)]
    grown = Drawn("e2", hot=1)
    edits = difference(shot((members, [])), shot(([*members[:2], grown, *members[3:]], [])))
    assert edits == [edit("e2-cell", "outerMorph", grown.cell())]
    assert [drawn.times for drawn in (*members, grown)] == [0] * 6


def test_an_element_is_drawn_anew_only_when_its_cold_part_changes():
    changed = Drawn("e1", cold=1, hot=1)
    edits = difference(shot(([Drawn("e0"), Drawn("e1")], [])), shot(([Drawn("e0"), changed], [])))
    assert [re.findall(r'hx-target="#(\S+)" hx-swap="(\w+)"', item) for item in edits] == [[("e1", "outerMorph")]]


def test_an_element_leaves_its_old_list_before_it_enters_the_new_one():
    """Else it would stand in the page twice, and the delete would meet the new one."""
    edits = difference(shot(([], [Drawn("e0"), Drawn("e1")])), shot(([Drawn("e1")], [Drawn("e0")])))
    assert [(target, swap) for target, swap, _ in EDIT.findall("".join(edits))] == [("e1", "delete"), ("one", "afterbegin")]


def test_equal_screens_need_no_edit():
    assert difference(shot(([Drawn("e0")], [])), shot(([Drawn("e0")], []))) == []


def test_texts_are_escaped():
    assert difference(shot(([], [])), shot(([], []), text="<b>&")) == [edit("text", "textContent", "&lt;b&gt;&amp;")]


@pytest.mark.parametrize(("edits", "messages"), [(0, 0), (1, 1), (EDITS_IN_FRAME, 1), (EDITS_IN_FRAME + 1, 2), (EDITS_IN_FRAME * 3, 3)])
def test_edits_are_packed_into_messages_of_a_bearable_size(edits: int, messages: int):
    made = [edit(f"e{number}", "delete") for number in range(edits)]
    packed = pack(made)
    assert len(packed) == messages
    assert "".join(packed) == "".join(made)
