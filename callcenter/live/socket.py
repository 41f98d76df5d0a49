"""One browser's socket as the hub sees it: what it shows, what it has confirmed, and whether it keeps up."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from callcenter.console.floor import Audience
from callcenter.live.desk import Frame

UNSEEN_FRAMES = 8  # a browser this far behind gets no more edits but, when it is back, a fresh view
ASKED = 4  # every so many frames, and after a whole view, the browser is asked to confirm
QUEUE = 32  # messages
SIGNED_OUT, DENIED = 4401, 4403


@dataclass(frozen=True, slots=True)
class Reader:
    """Who opened the page: ids of the operator and of the session, and the fingerprint of the password then."""

    operator: int
    session: str
    auth_hash: str


Send = Callable[[str], Awaitable[None]]
Close = Callable[[int], Awaitable[None]]


class Socket:
    """``send`` and ``close`` are the consumer's."""

    def __init__(
        self, reader: Reader, audience: Audience, send: Callable[[str], Awaitable[None]], close: Callable[[int], Awaitable[None]]
    ) -> None:
        self.reader, self.audience = reader, audience
        self.view: Any = None
        self.role = ""  # of the reader: who is demoted gets other controls
        self.wishes = 1  # whole views asked for
        self.granted = 0  # the last wish that was met, set by the hub's thread
        self.attention: int | None = None  # the figure it was told last, set by the hub's thread
        self.visible = True
        self.lagging = False
        self.ended = False
        self.sent = 0
        self.asked = 0  # the last frame it was asked to confirm
        self.seen = 0
        self.queue: asyncio.Queue[str | int] = asyncio.Queue(QUEUE)
        self._send, self._close = send, close
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send what is queued."""
        self._task = asyncio.create_task(self._drain())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    @property
    def fresh(self) -> bool:
        """Does it need a whole view before edits make sense?"""
        return self.granted != self.wishes

    def wants(self) -> bool:
        """Is there any use in looking for edits for it?"""
        return not (self.lagging or self.ended)

    def greet(self, view: Any) -> None:
        """The page says what it shows, maybe because what it got could not be swapped: what was sent counts as seen."""
        self.view, self.seen, self.lagging = view, self.sent, False

    def put(self, frame: Frame) -> None:
        """Queue a frame, all of it or nothing. Too many unconfirmed ones make the browser lag; levels are simply left out."""
        number = self.sent + 1
        asks = bool(frame.html) and (frame.greet or number % ASKED == 0)
        messages = frame.messages(number, ask=asks)
        if self.lagging or self.sent - self.seen >= UNSEEN_FRAMES or self.queue.qsize() + len(messages) > QUEUE:
            if frame.html or frame.attention is not None:
                self.lagging, self.attention = True, None
                self._recover()
            return
        for message in messages:
            self.queue.put_nowait(message)
        if frame.html:
            self.sent = number
        if asks:
            self.asked = number

    def say(self, message: str) -> None:
        """Queue something that nobody misses when there is no room."""
        if not self.queue.full():
            self.queue.put_nowait(message)

    def confirm(self, frame: int) -> bool:
        """The browser has swapped this frame; True when that ends a lag."""
        self.seen = max(self.seen, min(frame, self.sent))
        return self._recover()

    def deny(self) -> None:
        self._end(DENIED)

    def sign_out(self) -> None:
        self._end(SIGNED_OUT)

    def _recover(self) -> bool:
        """A lag ends with a wish for a whole view, as soon as nothing is under way any more."""
        if not self.lagging or self.seen < self.asked or not self.queue.empty():
            return False
        self.lagging, self.wishes = False, self.wishes + 1
        return True

    def _end(self, code: int) -> None:
        if self.ended:
            return
        self.ended = True
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
            self._recover()
