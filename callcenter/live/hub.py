"""The hub: one for each web process. It listens for hints, looks what changed by revision, and gives each open screen its edits.

A hint only says that it is time to look. The first change after quiet goes at once, then at most every 80 ms: under load that
is less than the time between two commits, so that each is looked at when it is there.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import orjson
from channels.layers import get_channel_layer
from django.utils import timezone

from callcenter.live.desk import Desk, Frame
from callcenter.live.rights import verdicts
from callcenter.live.socket import Socket
from callcenter.offloop import ask
from callcenter.operators import presence

log = logging.getLogger(__name__)
T = TypeVar("T")

FEED = "feed"
TICK_S = 0.08
LOOK_S = 1.0  # without any hint
LATE_LOOK_S = 0.5  # at the latest while ingest is behind
HEARTBEAT_S = 5.0
RIGHTS_S = 5.0
PRESENCE_S = 10.0
LISTEN_AGAIN_S = 1.0
RENEW_S = 1.0  # heartbeats wait no longer for a layer that does not answer


def pause(took: float, late: float) -> float:
    """Seconds until the next look: one that took long leaves room for the rest of the process, all the more to ingest that is late."""
    return max(TICK_S - took, took / 2, min(late, LATE_LOOK_S))


class Hub:
    """Made by ``hub()``. Database work and rendering happen in its one thread, sending on the event loop."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="feed")
        self.sockets: set[Socket] = set()
        self.live: set[str] = set()
        self.late = 0.0  # how far ingest was behind at most, s, since the last look
        self.wake = asyncio.Event()
        self.channel = ""
        self.tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._tick_loop()), asyncio.create_task(self._beat())]

    def join(self, socket: Socket) -> None:
        """The socket has said, or said anew, what it shows."""
        self.sockets.add(socket)
        socket.wishes += 1
        self.wake.set()

    def leave(self, socket: Socket) -> None:
        self.sockets.discard(socket)

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """Database work. In threads of their own, sockets would hold connections that nobody closes when the server restarts."""
        return await ask(self.thread, work, *arguments)

    async def _listen(self) -> None:
        """One subscription of the channel layer for all browsers. What it loses, the next look finds."""
        while True:
            try:
                layer = get_channel_layer()
                self.channel = await layer.new_channel()
                await layer.group_add(FEED, self.channel)
                while True:
                    self._hear(await layer.receive(self.channel))
            except Exception:
                log.warning("The feed lost the channel layer; listening again", exc_info=True)
                await asyncio.sleep(LISTEN_AGAIN_S)

    def _hear(self, hint: dict[str, Any]) -> None:
        if self.sockets:
            self.live.update(orjson.loads(hint.get("live", "[]")))
            self.late = max(self.late, hint.get("late", 0.0))
            self.wake.set()

    async def _tick_loop(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), LOOK_S)
            self.wake.clear()
            began = time.monotonic()
            try:
                await self._tick()
            except Exception:
                log.exception("The feed could not read what changed; trying again")
                with suppress(Exception):
                    await self.in_thread(self.desk.rest)
                await asyncio.sleep(LISTEN_AGAIN_S)
                self.wake.set()
            late, self.late = self.late, 0.0
            await asyncio.sleep(pause(time.monotonic() - began, late))

    async def _tick(self) -> None:
        """Raises whatever a look raises: then every screen gets a whole view at the next one."""
        if not self.sockets:
            if self.desk.screens:
                await self.in_thread(self.desk.rest)
            return
        live, self.live = self.live, set()
        sockets = [socket for socket in self.sockets if socket.wants()]
        frames = await self.in_thread(self.desk.tick, live, sockets)
        for socket, frame in frames:
            if socket in self.sockets:
                self._deliver(socket, frame)

    def _deliver(self, socket: Socket, frame: Frame) -> None:
        if frame.denied:
            socket.deny()
        else:
            socket.put(frame)

    async def _beat(self) -> None:
        """Tell every browser the time, and look whether its reader may still see what it shows."""
        checked = noted = 0.0
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            await self._stay_subscribed()
            now = orjson.dumps({"now": round(time.time() * 1000)}).decode()
            for socket in list(self.sockets):
                socket.say(now)
            if self.sockets and time.monotonic() - checked >= RIGHTS_S:
                checked = time.monotonic()
                await self._check_rights()
            if self.sockets and time.monotonic() - noted >= PRESENCE_S - HEARTBEAT_S / 2:
                noted = time.monotonic()
                await self._note_presence()

    async def _note_presence(self) -> None:
        """Whose browser is there: one update for everybody."""
        try:
            await self.in_thread(presence.seen, {socket.reader.operator for socket in self.sockets}, timezone.now())
        except Exception:
            log.exception("Who is there could not be noted")

    async def _stay_subscribed(self) -> None:
        """Layers forget members: the one in memory after a day, and when a message has waited for a minute."""
        try:
            if self.channel:
                async with asyncio.timeout(RENEW_S):
                    await get_channel_layer().group_add(FEED, self.channel)
        except Exception:
            log.warning("The feed could not renew its subscription", exc_info=True)

    async def _check_rights(self) -> None:
        sockets = list(self.sockets)
        try:
            found = await self.in_thread(verdicts, sockets)
        except Exception:
            log.exception("The rights of open pages could not be checked")
            return
        for socket, verdict in found:
            if verdict.signed_out:
                socket.sign_out()
            elif (verdict.audience, verdict.role) != (socket.audience, socket.role):
                socket.audience, socket.role = verdict.audience, verdict.role
                self.join(socket)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        found = _hubs[loop] = Hub()
    return found
