"""The hub's thread: reads what changed, shoots every open screen once, and hands out edits or whole views."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError
from django.utils import timezone

from callcenter.calls.live_state import store
from callcenter.live.edits import Shot, difference, snapshot
from callcenter.live.handover import Handovers, Told
from callcenter.live.rights import DeniedError
from callcenter.live.rowcache import RowCache
from callcenter.live.screens import Key, Screen, make_screen, read_view
from callcenter.live.table import News, Table

if TYPE_CHECKING:
    from callcenter.live.socket import Socket

log = logging.getLogger(__name__)

EDITS_IN_FRAME = 50
WATCH_AGAIN_S = 10.0
ASK = '"ask":true,'


@dataclass(slots=True)
class Frame:
    """What one tick sends to browsers of one screen. ``html`` are edits in portions of a bearable size, applied in order."""

    revision: int = 0
    html: list[str] = field(default_factory=list)
    levels: dict[str, float] = field(default_factory=dict)
    attention: int | None = None
    told: Told | None = None
    greet: bool = False
    denied: bool = False
    encoded: list[str] | None = None  # once for all browsers; of the last message what follows its head
    known: dict[tuple[int, bool], list[str]] = field(default_factory=dict)  # whoever is at the same number gets the same strings

    def messages(self, number: int, *, ask: bool = False) -> list[str]:
        """JSON objects in sending order, one for each portion, with the data in the last; see static/feed.js for ``content``.

        ``ask``: the browser shall confirm this ``number``.
        """
        if (number, ask) not in self.known:
            self.known[number, ask] = self._headed(f'"frame":{number},{ASK if ask else ""}' if self.html else "")
        return self.known[number, ask]

    def _headed(self, head: str) -> list[str]:
        if self.encoded is None:
            self.encoded = self._encode()
        if not self.encoded:
            return []
        *portions, last = self.encoded
        return [*portions, f"{{{head}{last}"]

    def _encode(self) -> list[str]:
        data: dict[str, Any] = {"rev": self.revision, "state": "live"} if self.html or self.greet else {}
        if self.levels:
            data["levels"] = self.levels
        if self.attention is not None:
            data["attention"] = self.attention
        if self.told is not None:
            data |= {"say": self.told.say, "url": self.told.url, "urgent": True}
        if self.html:
            data["content"] = self.html[-1]
        portions = [in_ascii({"content": portion}) for portion in self.html[:-1]]
        return [*portions, in_ascii(data)[1:]] if data else []


def in_ascii(data: dict[str, Any]) -> str:
    """JSON that the server turns into bytes by copying, which it does for each browser; other text takes a hundred times as long."""
    return json.dumps(data, separators=(",", ":"))


Frames = list[tuple["Socket", Frame]]


class Desk:
    """Not thread-safe on purpose."""

    def __init__(self) -> None:
        self.table = Table()
        self.screens: dict[Key, Screen] = {}
        self.cache = RowCache()
        self.handovers = Handovers()
        self.watched: frozenset[str] = frozenset()
        self.watched_at = float("-inf")
        self.wishes: dict[Socket, int] = {}  # read before the views, so that a newer wish stays open

    def tick(self, live: set[str], sockets: list["Socket"]) -> Frames:
        """Look once; ``live``: calls whose live state was published. After an error every screen gets a whole view."""
        try:
            return self._tick(live, sockets)
        except Exception:
            self.rest()
            raise

    def _tick(self, live: set[str], sockets: list["Socket"]) -> Frames:
        news = self.table.refresh(live)
        self.cache.forget(self.table.calls.keys())
        self.wishes = {socket: socket.wishes for socket in sockets}
        groups, frames = self._by_screen(sockets)
        for key, members in groups.items():
            try:
                frames += self._look(key, members, news)
            except DeniedError:
                frames += [(socket, Frame(denied=True)) for socket in members]
            except Exception:  # one screen that cannot be drawn must not stop the others
                log.exception("The screen %s could not be drawn; its browsers wait for the next look", key)
                self.screens.pop(key, None)
        self._close_unused(groups)
        self._watch({uuid for screen in self.screens.values() for uuid in screen.watched()})
        try:
            told = self.handovers.look(news, timezone.now())
        except DatabaseError:  # what was drawn must reach its browsers; who answers they see there
            log.warning("Whom a call was given to could not be read", exc_info=True)
            told = []
        return frames + [(socket, Frame(told=one)) for one in told for socket in sockets if socket.reader.operator == one.operator]

    def rest(self) -> None:
        """Forget everything: nobody looks, or what is known may be wrong."""
        self.table, self.screens = Table(), {}
        self._watch(set())

    def _watch(self, calls: set[str]) -> None:
        """Tell ingest which calls are looked at here, when they are others, and now and then."""
        if calls != self.watched or monotonic() - self.watched_at >= WATCH_AGAIN_S:
            self.watched, self.watched_at = frozenset(calls), monotonic()
            store().watch(self.watched)

    def _by_screen(self, sockets: list["Socket"]) -> tuple[dict[Key, list["Socket"]], Frames]:
        groups: dict[Key, list[Socket]] = {}
        frames = []
        for socket in sockets:
            try:
                groups.setdefault(read_view(socket.view, socket.audience, socket.reader.operator, socket.role), []).append(socket)
            except DeniedError:
                frames.append((socket, Frame(denied=True)))
        return groups, frames

    def _look(self, key: Key, members: list["Socket"], news: News) -> Frames:
        """Shoot the screen if it may look different; without an older shot everybody needs the whole view."""
        screen = self.screens.get(key)
        if screen is None:
            screen = make_screen(key)
            screen.shot = screen.shoot(self.table, self.cache, news)
            self.screens[key] = screen
            return self._frames(members, None, screen.shot)
        old = screen.shot
        if screen.concerns(news):
            screen.shot = screen.shoot(self.table, self.cache, news)
        elif news.levels:
            screen.shot = replace(old, levels=screen.levels(self.table))
        return self._frames(members, old, screen.shot)

    def _frames(self, members: list["Socket"], old: Shot | None, new: Shot) -> Frames:
        """Fresh sockets get everything, the others what changed; hidden ones only the alarm."""
        needy = {socket for socket in members if socket.visible and (old is None or socket.fresh)}
        same = (old is not None and old.lists is new.lists) or all(socket in needy or not socket.visible for socket in members)
        edits = [] if same or old is None else pack(difference(old, new))
        whole = pack(snapshot(new), new.size) if needy else []
        before = old.levels if old is not None else {}
        levels = {name: level for name, level in new.levels.items() if before.get(name, 0.0) != level}
        frames: Frames = []
        shared: dict[tuple[bool, int | None], Frame] = {}
        for socket in members:
            attention = new.attention if socket in needy or socket.attention != new.attention else None
            socket.attention = new.attention
            if socket in needy:
                socket.granted = self.wishes[socket]
                frame = shared.setdefault((True, attention), Frame(self.table.revision, whole, new.levels, attention, greet=True))
                frames.append((socket, frame))
            elif socket.visible and (edits or levels or attention is not None):
                frames.append((socket, shared.setdefault((False, attention), Frame(self.table.revision, edits, levels, attention))))
            elif attention is not None:
                frames.append((socket, Frame(self.table.revision, attention=attention)))
        return frames

    def _close_unused(self, groups: Iterable[Key]) -> None:
        for key in self.screens.keys() - set(groups):
            del self.screens[key]


def pack(edits: list[str], size: int = EDITS_IN_FRAME) -> list[str]:
    """Edits in portions of a bearable size."""
    return ["".join(edits[start : start + size]) for start in range(0, len(edits), max(1, size))]
