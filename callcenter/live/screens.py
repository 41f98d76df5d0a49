"""The screens that browsers have open. Sockets with the same screen share its shots."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol

from django.template.loader import render_to_string

from callcenter.console.filters import Filters, read_filters
from callcenter.console.floor import Audience, clock, narrow
from callcenter.console.view import RowView, segments
from callcenter.live.callscreen import CallKey, CallScreen
from callcenter.live.edits import Item, Shot
from callcenter.live.rights import DeniedError
from callcenter.live.rowcache import RowCache
from callcenter.live.table import News, Table
from callcenter.live.threads import ThreadKey, ThreadListKey, ThreadScreen, read_thread_view

ID_CHARS = 200


@dataclass(frozen=True, slots=True)
class FloorKey:
    """A floor: whose calls, through which filters."""

    audience: Audience
    filters: Filters


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

    def shoot(self, table: Table, cache: RowCache, news: News) -> Shot:
        """How it looks now. Raises DeniedError."""

    def levels(self, table: Table) -> dict[str, float]:
        """Its meters now: DOM id -> 0..1."""

    def watched(self) -> Iterable[str]:
        """Calls whose words and levels it shows."""


class FloorScreen:
    """Every filter and every audience is a floor of its own; their rows are the same."""

    def __init__(self, key: FloorKey) -> None:
        self.key = key
        self.shot = Shot()
        self.rows: list[RowView] = []

    def concerns(self, news: News) -> bool:
        """Of words alone, those that are read here."""
        return news.is_more_than_words or any(row.uuid in news.words for row in self.rows)

    def shoot(self, table: Table, cache: RowCache, news: News) -> Shot:
        if not news.is_more_than_words and self.shot.lists:
            return self._with_words(table, cache)
        audience, filters = self.key.audience, self.key.filters
        found = table.survey(audience)
        floor = narrow(found, audience, filters, table.connections.values(), clock(), table.streams())
        self.rows = [*floor.attention, *floor.progress]
        return Shot(
            lists=self._lists(cache),
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

    def _with_words(self, table: Table, cache: RowCache) -> Shot:
        """The same rows in the same places."""
        self.rows = [table.calls[row.uuid].drawn() for row in self.rows]
        return replace(self.shot, lists=self._lists(cache), levels=self.levels(table))

    def _lists(self, cache: RowCache) -> dict[str, list[Item]]:
        groups: dict[str, list[Item]] = {"attention": [], "progress": []}
        for row in self.rows:
            groups[row.group].append(cache.item(row))
        return {f"floor-{group}": items for group, items in groups.items()}

    def watched(self) -> Iterable[str]:
        return [row.uuid for row in self.rows]

    def levels(self, table: Table) -> dict[str, float]:
        found: dict[str, float] = {}
        for row in self.rows:
            found |= table.calls[row.uuid].meters()
        return found


@lru_cache(maxsize=2048)
def group_head(group: str, count: int) -> str:
    return render_to_string("calls/_group.html", {"group": group, "count": count})


def make_screen(key: Key) -> Screen:
    if isinstance(key, ThreadListKey | ThreadKey):
        return ThreadScreen(key)
    return FloorScreen(key) if isinstance(key, FloorKey) else CallScreen(key)
