"""The hub's thread: reads what changed, shoots every open screen once, and hands out edits or whole views."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from django.db import close_old_connections

from callcenter.live.edits import Shot, difference, snapshot
from callcenter.live.rights import Verdict, verdicts
from callcenter.live.screens import Key, NotAllowed, RowCache, Screen, make_screen, read_view
from callcenter.live.table import Table

if TYPE_CHECKING:
    from callcenter.live.socket import Socket

EDITS_IN_FRAME = 50


@dataclass(slots=True)
class Frame:
    """What one tick sends to one browser. ``html`` are messages of edits, applied in order."""

    revision: int = 0
    html: list[str] = field(default_factory=list)
    levels: dict[str, float] = field(default_factory=dict)
    attention: int | None = None
    greet: bool = False
    denied: bool = False

    def messages(self, number: int) -> list[str]:
        """Messages in sending order; ``number`` is what the browser confirms."""
        found = list(self.html)
        data: dict[str, Any] = {}
        if self.html or self.greet:
            data = {"rev": self.revision, "state": "live", "frame": number if self.html else None}
        if self.levels:
            data["levels"] = self.levels
        if self.attention is not None:
            data["attention"] = self.attention
        data = {name: value for name, value in data.items() if value is not None}
        return [*found, orjson.dumps(data).decode()] if data else found


class Desk:
    """Not thread-safe on purpose."""

    def __init__(self) -> None:
        self.table = Table()
        self.screens: dict[Key, Screen] = {}
        self.cache = RowCache()
        self.wishes: dict[Socket, int] = {}  # read before the views, so that a newer wish stays open

    def tick(self, live: set[str], sockets: list["Socket"]) -> list[tuple["Socket", Frame]]:
        """Look once; ``live``: calls whose live state was published."""
        close_old_connections()
        before = self.table.revision
        changed = self.table.refresh(live)
        changed |= self.table.age()
        self.cache.forget({item.row.id for item in self.table.calls.values()})
        self.wishes = {socket: socket.wishes for socket in sockets}
        groups, frames = self._by_screen(sockets)
        moved = bool(changed) or before != self.table.revision
        for key, members in groups.items():
            screen = self.screens.get(key) or make_screen(key)
            known = key in self.screens
            if known and not (moved or screen.due) and not any(socket.fresh for socket in members):
                continue
            try:
                if not known or screen.concerns(changed) or screen.due:
                    old, screen.shot = screen.shot, screen.shoot(self.table, self.cache, changed)
                else:
                    old = screen.shot
            except NotAllowed:
                frames += [(socket, Frame(denied=True)) for socket in members]
                continue
            self.screens[key], screen.due = screen, False
            frames += self._frames(members, old, screen.shot)
        self._close_unused(groups)
        return frames

    def check_rights(self, sockets: list["Socket"]) -> list[tuple["Socket", Verdict]]:
        close_old_connections()
        return verdicts(sockets)

    def _by_screen(self, sockets: list["Socket"]) -> tuple[dict[Key, list["Socket"]], list[tuple["Socket", Frame]]]:
        groups: dict[Key, list[Socket]] = {}
        frames = []
        for socket in sockets:
            try:
                groups.setdefault(read_view(socket.view, socket.audience), []).append(socket)
            except NotAllowed:
                frames.append((socket, Frame(denied=True)))
        return groups, frames

    def _frames(self, members: list["Socket"], old: Shot, new: Shot) -> list[tuple["Socket", Frame]]:
        """Fresh sockets get everything, the others what changed; hidden ones only the alarm."""
        edits = pack(difference(old, new)) if any(not socket.fresh for socket in members) else []
        whole = pack(snapshot(new), len(new.lists) + len(new.regions) + len(new.texts)) if any(s.fresh for s in members) else []
        levels = {name: level for name, level in new.levels.items() if old.levels.get(name, 0.0) != level}
        attention = new.attention if old.attention != new.attention else None
        frames = []
        for socket in members:
            if not socket.visible:
                if attention is not None:
                    frames.append((socket, Frame(self.table.revision, attention=attention)))
            elif socket.fresh:
                socket.granted = self.wishes[socket]
                frames.append((socket, Frame(self.table.revision, whole, new.levels, new.attention, greet=True)))
            elif edits or levels or attention is not None:
                frames.append((socket, Frame(self.table.revision, edits, levels, attention)))
        return frames

    def _close_unused(self, groups: Iterable[Key]) -> None:
        for key in self.screens.keys() - set(groups):
            del self.screens[key]


def pack(edits: list[str], size: int = EDITS_IN_FRAME) -> list[str]:
    """Edits as messages of a bearable size."""
    return ["".join(edits[start : start + size]) for start in range(0, len(edits), max(1, size))]
