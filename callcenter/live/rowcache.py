"""What is drawn once for all browsers: rows of floors, and the pieces around them."""

from collections import deque
from collections.abc import Set
from functools import partial
from typing import Any

from django.template.loader import render_to_string

from callcenter.console.drawing import drawn_row
from callcenter.console.view import RowView
from callcenter.live.edits import Item

# What the two cells show that are pushed alone; a tone of the state draws the whole row anew.
STATE = ("state", "speaking", "tone")
LAST = ("last_speaker", "last_tone", "last_text", "last_interim")
HOT = frozenset({"state", "speaking", *LAST, "said"})
COLD = tuple(name for name in RowView.__struct_fields__ if name not in HOT)
DRAWN = 32  # values of one template that are remembered


class RowCache:
    """Each row, and each piece around the rows, is rendered once for a value of it, whoever looks at it."""

    def __init__(self) -> None:
        self.items: dict[str, tuple[RowView, Item]] = {}
        self.drawn: dict[str, deque[tuple[Any, str]]] = {}

    def item(self, row: RowView) -> Item:
        known = self.items.get(row.uuid)
        if known is not None and (known[0] is row or known[0] == row):
            return known[1]
        item = row_item(row, known)
        self.items[row.uuid] = (row, item)
        return item

    def draw(self, template: str, name: str, value: Any) -> str:
        """The template with this one variable. Values are compared, so they need not be hashable."""
        drawn = self.drawn.setdefault(template, deque(maxlen=DRAWN))
        for known, html in drawn:
            if known == value:
                return html
        html = render_to_string(template, {name: value})
        drawn.appendleft((value, html))
        return html

    def forget(self, calls: Set[str]) -> None:
        """All but the rows of these calls."""
        for uuid in self.items.keys() - calls:
            del self.items[uuid]


def row_item(row: RowView, known: tuple[RowView, Item] | None = None) -> Item:
    """``known``: the same row as it was, whose cells stay as they are where they show the same."""
    cold = tuple([getattr(row, name) for name in COLD])
    cells = []
    for place, (cell, shown) in enumerate((("state", STATE), ("last", LAST))):
        if known is not None and all(getattr(row, name) == getattr(known[0], name) for name in shown):
            cells.append(known[1].hot[place])
        else:
            cells.append((f"{row.id}-{cell}", render_to_string(f"calls/_cell_{cell}.html", {"row": row})))
    return Item(row.id, cold, partial(drawn_row, row), tuple(cells))
