"""The screens that browsers have open. Sockets with the same screen share its shots."""

from collections import deque
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Protocol

from django.template.loader import render_to_string
from django.utils import timezone

from callcenter.calls.limits import limits
from callcenter.calls.models import Call
from callcenter.console.calldesk.controls import controls_view
from callcenter.console.calldesk.rows import DeskRows, load_desk
from callcenter.console.calldesk.values import ControlsView
from callcenter.console.callpage import Parts, call_view
from callcenter.console.drawing import drawn_row
from callcenter.console.filters import Filters, read_filters
from callcenter.console.floor import Audience, clock, narrow, team_of
from callcenter.console.loading import earlier_calls, load_parts
from callcenter.console.view import CallView, LineView, RowView, segments
from callcenter.live.edits import Item, Shot
from callcenter.live.rights import DeniedError
from callcenter.live.table import News, Table
from callcenter.live.threads import ThreadKey, ThreadListKey, ThreadScreen, read_thread_view
from callcenter.operators.models import Operator

ID_CHARS = 200
# What the two cells show that are pushed alone; a tone of the state draws the whole row anew.
STATE = ("state", "speaking", "tone")
LAST = ("last_speaker", "last_tone", "last_text", "last_interim")
HOT = frozenset({"state", "speaking", *LAST, "said"})
COLD = tuple(name for name in RowView.__slots__ if name not in HOT)
DRAWN = 32  # values of one template that are remembered


@dataclass(frozen=True, slots=True)
class FloorKey:
    """A floor: whose calls, through which filters."""

    audience: Audience
    filters: Filters


@dataclass(frozen=True, slots=True)
class CallKey:
    """A call page: ``audience`` decides about the earlier calls it lists, ``reader`` and their role about the desk."""

    audience: Audience
    call: str
    reader: int = 0
    role: str = ""


Key = FloorKey | CallKey | ThreadListKey | ThreadKey


def read_view(view: Any, audience: Audience, reader: int = 0, role: str = "") -> Key:
    """The screen a browser says it shows; ``reader``: id of the operator who looks."""
    match view:
        case {"screen": "floor"}:
            return FloorKey(audience, read_filters(view))
        case {"screen": "call", "call": str(call)} if len(call) <= ID_CHARS and "\x00" not in call:
            return CallKey(audience, call, reader, role)
        case {"screen": "threads" | "thread"}:
            return read_thread_view(view, audience, reader, role)
    raise DeniedError


class Screen(Protocol):
    """One open screen; ``shot`` is what its browsers show."""

    shot: Shot

    def concerns(self, news: News) -> bool:
        """May it look different now?"""

    def shoot(self, table: Table, cache: "RowCache", news: News) -> Shot:
        """How it looks now. Raises DeniedError."""

    def levels(self, table: Table) -> dict[str, float]:
        """Its meters now: DOM id -> 0..1."""


class RowCache:
    """Each row, and each piece around the rows, is rendered once for a value of it, whoever looks at it."""

    def __init__(self) -> None:
        self.items: dict[str, tuple[RowView, Item]] = {}
        self.drawn: dict[str, deque[tuple[Any, str]]] = {}

    def item(self, row: RowView) -> Item:
        known = self.items.get(row.id)
        if known is not None and (known[0] is row or known[0] == row):
            return known[1]
        item = row_item(row, known)
        self.items[row.id] = (row, item)
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

    def forget(self, rows: set[str]) -> None:
        for row in self.items.keys() - rows:
            del self.items[row]


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


class FloorScreen:
    """Every filter and every audience is a floor of its own; their rows are the same."""

    def __init__(self, key: FloorKey) -> None:
        self.key = key
        self.shot = Shot()
        self.rows: list[RowView] = []

    def concerns(self, news: News) -> bool:
        return bool(news)

    def shoot(self, table: Table, cache: RowCache, news: News) -> Shot:  # noqa: ARG002
        audience, filters = self.key.audience, self.key.filters
        found = table.survey(audience)
        floor = narrow(found, audience, filters, table.connections.values(), clock(), table.streams())
        self.rows = [*floor.attention, *floor.progress]
        return Shot(
            lists={
                "floor-attention": [cache.item(row) for row in floor.attention],
                "floor-progress": [cache.item(row) for row in floor.progress],
            },
            regions={
                "floor-counters": cache.draw("calls/_counters.html", "counters", found.counters),
                "floor-connections": cache.draw("calls/_connections.html", "connections", floor.connections),
                "floor-attention-head": group_head("attention", len(floor.attention)),
                "floor-progress-head": group_head("progress", len(floor.progress)),
                "floor-empty": cache.draw("calls/_floor_empty.html", "counters", floor.counters),
            },
            texts={segment.id: str(segment.count) for segment in segments(floor.counters)},
            levels=self.levels(table),
            attention=floor.counters.attention,
        )

    def levels(self, table: Table) -> dict[str, float]:
        found = {}
        for row in self.rows:
            live = table.calls[row.uuid].live
            if live is not None:
                found[f"{row.id}-mc"], found[f"{row.id}-ma"] = live.levels
        return found


@lru_cache(maxsize=2048)
def group_head(group: str, count: int) -> str:
    return render_to_string("calls/_group.html", {"group": group, "count": count})


class CallScreen:
    """Its rows are read again when the call changed; its live state comes from the table."""

    def __init__(self, key: CallKey) -> None:
        self.key = key
        self.shot = Shot()
        self.call: Call | None = None
        self.parts = Parts()
        self.rows = DeskRows()
        self.next_at = float("inf")

    def concerns(self, news: News) -> bool:
        """Its own news, its agent's, its connection's, those of the contact's other calls, and what time alone changes."""
        if self.call is None or news.moved or self.key.call in news.calls:
            return True
        if clock() >= self.next_at or self.call.connection_id in news.doors or self.rows.thread in news.threads:
            return True
        return self.call.agent_id in news.agents or self._lists_others(self.call, news)

    def _lists_others(self, call: Call, news: News) -> bool:
        """Did a call change that is listed here, or that may have to be? One that left the contact is news of another contact."""
        return call.contact_id in news.contacts or any(earlier.call_uuid in news.calls for earlier in self.parts.earlier)

    def levels(self, table: Table) -> dict[str, float]:
        live = table.calls[self.key.call].live if self.key.call in table.calls else None
        heights = live.levels if live else (0.0, 0.0)
        return {"call-mc": heights[0], "call-ma": heights[1]}

    def shoot(self, table: Table, cache: RowCache, news: News) -> Shot:  # noqa: ARG002
        live = table.calls[self.key.call].live if self.key.call in table.calls else None
        call = self._read(table, news)
        agent = table.agent_of(call)
        view = call_view(call, agent, live, self.parts, clock(), limits())
        shot = call_shot(view, self.levels(table))
        shot.regions["call-controls"] = render_to_string("calls/_controls.html", {"controls": self._controls(call, table)})
        return shot

    def _controls(self, call: Call, table: Table) -> ControlsView:
        """The reader's desk. Raises DeniedError when there is no such reader any more."""
        reader = Operator.objects.filter(pk=self.key.reader, is_active=True).first()
        if reader is None:
            raise DeniedError
        now = timezone.now()
        self.rows = load_desk(call, reader, now, listening=table.listens(call))
        controls = controls_view(call, table.agent_of(call), reader, self.rows, now)
        self.next_at = controls.next_at
        return controls

    def _read(self, table: Table, news: News) -> Call:
        """The call's row, and what is below it when the row is new here. Raises DeniedError."""
        known = table.calls.get(self.key.call)
        call = known.call if known else Call.objects.for_rows().filter(call_uuid=self.key.call).first()
        if call is None or (self.key.audience is not None and team_of(call, table.agent_of(call)) not in self.key.audience):
            raise DeniedError
        if self.call is None or call.revision != self.call.revision:
            self.parts = load_parts(call, self.key.audience)
        elif news.moved or self._lists_others(call, news):
            self.parts.earlier = earlier_calls(call, self.key.audience)
        self.call = call
        return call


def call_shot(view: CallView, levels: dict[str, float]) -> Shot:
    """The call page as lists and regions."""
    script = [
        _item(item.id, item, "calls/_line.html", "line")
        if isinstance(item, LineView)
        else _item(item.inline_id, item, "calls/_moment_inline.html", "moment")
        for item in view.script
    ]
    return Shot(
        lists={
            "script-list": script,
            "timeline-list": [_item(moment.id, moment, "calls/_moment.html", "moment") for moment in view.timeline],
            "participants": [_item(person.id, person, "calls/_participant.html", "participant") for person in view.participants],
            "recordings": [_item(sound.id, sound, "calls/_recording.html", "recording") for sound in view.recordings],
        },
        regions={
            "call-head": render_to_string("calls/_callhead.html", {"call": view}),
            "call-warning": render_to_string("calls/_warning.html", {"call": view}),
            "call-meters": render_to_string("calls/_meters.html", {"call": view}),
            "contact": render_to_string("calls/_contact.html", {"call": view}),
        },
        levels=levels,
    )


def _item(name: str, value: Any, template: str, variable: str) -> Item:
    return Item(name, value, lambda: render_to_string(template, {variable: value}))


def make_screen(key: Key) -> Screen:
    if isinstance(key, ThreadListKey | ThreadKey):
        return ThreadScreen(key)
    return FloorScreen(key) if isinstance(key, FloorKey) else CallScreen(key)
