"""The screens that browsers have open. Sockets with the same screen share its shots."""

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from callcenter.calls.limits import limits
from callcenter.calls.models import Call
from callcenter.console.callpage import Parts, call_view
from callcenter.console.filters import Filters, read_filters
from callcenter.console.floor import Audience, build_floor, clock, count_ended_today, team_of
from callcenter.console.loading import load_parts
from callcenter.console.view import CallView, LineView, RowView, segments
from callcenter.live.edits import Item, Shot
from callcenter.live.table import Table

HOT = ("state", "speaking", "last_speaker", "last_tone", "last_text", "last_interim", "said")


class NotAllowed(Exception):
    """The reader may not see this screen, or there is no such."""


@dataclass(frozen=True, slots=True)
class FloorKey:
    """A floor: whose calls, through which filters."""

    audience: Audience
    filters: Filters


@dataclass(frozen=True, slots=True)
class CallKey:
    """A call page: ``audience`` decides about the earlier calls it lists."""

    audience: Audience
    call: str


Key = FloorKey | CallKey


def read_view(view: Any, audience: Audience) -> Key:
    """The screen a browser says it shows."""
    if isinstance(view, dict) and view.get("screen") == "call" and isinstance(view.get("call"), str):
        return CallKey(audience, view["call"][:200])
    if isinstance(view, dict) and view.get("screen") == "floor":
        return FloorKey(audience, read_filters(view))
    raise NotAllowed


class Screen:
    """One open screen; ``shot`` is what its browsers show."""

    def __init__(self) -> None:
        self.shot = Shot()
        self.due = True

    def concerns(self, changed: set[str]) -> bool:
        raise NotImplementedError

    def shoot(self, table: Table, cache: "RowCache", changed: set[str]) -> Shot:
        raise NotImplementedError


class RowCache:
    """Each row is rendered once for a value of it, whoever looks at it."""

    def __init__(self) -> None:
        self.items: dict[str, tuple[RowView, Item]] = {}

    def item(self, row: RowView) -> Item:
        known = self.items.get(row.id)
        if known is not None and known[0] == row:
            return known[1]
        item = row_item(row)
        self.items[row.id] = (row, item)
        return item

    def forget(self, rows: set[str]) -> None:
        for row in self.items.keys() - rows:
            del self.items[row]


def row_item(row: RowView) -> Item:
    cold = tuple(getattr(row, name) for name in RowView.__slots__ if name not in HOT)
    state = render_to_string("calls/_cell_state.html", {"row": row})
    last = render_to_string("calls/_cell_last.html", {"row": row})
    rendered: list[str] = []

    def html() -> str:
        if not rendered:
            rendered.append(render_to_string("calls/_row.html", {"row": row}))
        return rendered[0]

    return Item(row.id, cold, html, ((f"{row.id}-state", state), (f"{row.id}-last", last)))


class FloorScreen(Screen):
    def __init__(self, key: FloorKey) -> None:
        super().__init__()
        self.key = key
        self.ended_today = (-1, 0)

    def concerns(self, changed: set[str]) -> bool:
        return True

    def shoot(self, table: Table, cache: RowCache, changed: set[str]) -> Shot:
        if self.ended_today[0] != table.ended:
            self.ended_today = (table.ended, count_ended_today(self.key.audience))
        floor = build_floor(
            table.calls.values(), self.key.audience, self.key.filters, table.connections, self.ended_today[1], clock()
        )
        rows = [*floor.attention, *floor.progress]
        return Shot(
            lists={
                "floor-attention": [cache.item(row) for row in floor.attention],
                "floor-progress": [cache.item(row) for row in floor.progress],
            },
            regions={
                "floor-counters": render_to_string("calls/_counters.html", {"counters": floor.counters}),
                "floor-connections": render_to_string("calls/_connections.html", {"connections": floor.connections}),
                "floor-empty": render_to_string(
                    "calls/_floor_empty.html",
                    {
                        "rows_attention": floor.attention,
                        "rows_progress": floor.progress,
                        "counters": floor.counters,
                        "filters": self.key.filters,
                    },
                ),
            },
            texts={
                "floor-attention-count": str(len(floor.attention)),
                "floor-progress-count": str(len(floor.progress)),
                **{segment.id: str(segment.count) for segment in segments(floor.counters)},
            },
            levels={
                f"{row.id}-{side}": level
                for row in rows
                if (live := table.calls[row.uuid].live) is not None
                for side, level in zip(("mc", "ma"), live.levels, strict=True)
            },
            attention=floor.counters.attention,
        )


class CallScreen(Screen):
    """Its rows are read again when the call changed; its live state comes from the table."""

    def __init__(self, key: CallKey) -> None:
        super().__init__()
        self.key = key
        self.call: Call | None = None
        self.parts = Parts()

    def concerns(self, changed: set[str]) -> bool:
        return self.key.call in changed

    def shoot(self, table: Table, cache: RowCache, changed: set[str]) -> Shot:
        live = table.calls[self.key.call].live if self.key.call in table.calls else None
        call = self._read(table)
        view = call_view(call, table.agent_of(call), live, self.parts, clock(), limits())
        return call_shot(view, live.levels if live else (0.0, 0.0))

    def _read(self, table: Table) -> Call:
        """The call's row, and what is below it when the row is new here. Raises NotAllowed."""
        known = table.calls.get(self.key.call)
        call = known.call if known else Call.objects.for_rows().filter(call_uuid=self.key.call).first()
        if call is None or (self.key.audience is not None and team_of(call, table.agent_of(call)) not in self.key.audience):
            raise NotAllowed
        if self.call is None or call.revision != self.call.revision:
            self.parts = load_parts(call, self.key.audience)
        self.call = call
        return call


def call_shot(view: CallView, levels: tuple[float, float]) -> Shot:
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
        levels={"call-mc": levels[0], "call-ma": levels[1]},
    )


def _item(name: str, value: Any, template: str, variable: str) -> Item:
    return Item(name, value, lambda: render_to_string(template, {variable: value}))


def make_screen(key: Key) -> Screen:
    return FloorScreen(key) if isinstance(key, FloorKey) else CallScreen(key)
