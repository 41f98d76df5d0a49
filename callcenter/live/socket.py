"""One browser's socket as the hub sees it: what it shows, what it has confirmed, and whether it keeps up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from callcenter.console.floor import Audience
from callcenter.live.desk import Frame

UNSEEN_FRAMES = 8  # a browser this far behind gets no more edits but, when it is back, a fresh view
QUEUE = 32
SIGNED_OUT, DENIED = 4401, 4403


class Socket:
    """``send`` and ``close`` are the consumer's."""

    def __init__(
        self, operator: int, session: str, auth_hash: str, audience: Audience, send: Callable[[str], Awaitable[None]], close: Callable[[int], Awaitable[None]]
    ) -> None:
        self.operator, self.session, self.auth_hash, self.audience = operator, session, auth_hash, audience
        self.view: Any = None
        self.wishes = 1  # whole views asked for
        self.granted = 0  # the last wish that was met, set by the hub's thread
        self.visible = True
        self.lagging = False
        self.sent = 0
        self.seen = 0
        self.queue: asyncio.Queue[str | int] = asyncio.Queue(QUEUE)
        self._send, self._close = send, close
        self.task = asyncio.create_task(self._drain())

    @property
    def fresh(self) -> bool:
        """Does it need a whole view before edits make sense?"""
        return self.granted != self.wishes

    def wants(self) -> bool:
        """Is there any use in looking for edits for it?"""
        return not self.lagging

    def put(self, frame: Frame) -> None:
        """Queue the messages of a frame; too many unconfirmed ones make it lag."""
        if frame.html and self.sent - self.seen >= UNSEEN_FRAMES:
            self.lagging = True
            return
        for message in frame.messages(self.sent + 1):
            self.say(message)
        if frame.html:
            self.sent += 1

    def say(self, message: str) -> None:
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.lagging = True

    def confirm(self, frame: int) -> bool:
        """The browser has swapped this frame; True when that ends a lag."""
        self.seen = max(self.seen, min(frame, self.sent))
        if self.lagging and self.seen == self.sent and self.queue.empty():
            self.lagging, self.wishes = False, self.wishes + 1
            return True
        return False

    def deny(self) -> None:
        self._end(DENIED)

    def sign_out(self) -> None:
        self._end(SIGNED_OUT)

    def _end(self, code: int) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(code)

    async def _drain(self) -> None:
        while True:
            item = await self.queue.get()
            if isinstance(item, int):
                await self._close(item)
                return
            await self._send(item)
