"""One life of the realtime socket: joining, heartbeats, and what comes in. Phoenix frames, version 2: contract 3."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any

import msgspec
from msgspec import Struct
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from callcenter.providers.sippet.options import SippetOptions
from callcenter.providers.together import end_of, first_of
from callcenter.providers.values import clean, name, storable

WAITING_FRAMES = 2000
TOGETHER = 500
REJOIN_S = (1.0, 2.0, 5.0, 10.0)
STABLE_S = 60.0
LOOK_AGAIN_S = 300.0  # for a channel that the socket did not know
BEHIND_S = 10.0
GO_S = 2.0  # for what is in hand when the client is stopped
RESTARTS = (1001, 1012)
NONSENSE_CHARS = 4096
NONSENSE_KEPT = 20  # of one socket: more of it says nothing new
UNMATCHED = "unmatched topic"


class Dropped(Exception):
    """The socket is gone, the text says how; ``calm``: the provider restarts, nothing is wrong."""

    def __init__(self, words: str, *, calm: bool = False) -> None:
        super().__init__(words)
        self.calm = calm


class JoinRefused(Exception):
    """The channel exists and refuses us; the text is the provider's reason."""


class Ear(Struct, frozen=True):
    """Who is told. ``relay``: frames as they came, in order; ``joined``: the name of the channel; ``left``, ``unknown``: a sentence."""

    relay: Callable[[Sequence[object]], Awaitable[None]]
    joined: Callable[[str], None]
    left: Callable[[str], None]
    unknown: Callable[[str], None]


class Wire:
    """``topics``: names of the channel, the likeliest first."""

    def __init__(self, socket: ClientConnection, options: SippetOptions, topics: Sequence[str], ear: Ear) -> None:
        self.socket, self.options, self.topics, self.ear = socket, options, list(topics), ear
        self.topic = self.join_ref = ""
        self.refs = self.nonsense = 0
        self.behind_until = 0.0  # monotonic s: until then answers may wait behind what we did not read in time
        self.pending: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.out = asyncio.Event()
        self.arrived: asyncio.Queue[object] = asyncio.Queue(WAITING_FRAMES)

    async def attend(self) -> None:
        """Until the socket is gone. What was read is handed on before. Raises Dropped, JoinRefused, and what ``relay`` raises."""
        relay = asyncio.create_task(self._relay())
        limit: float | None = None
        try:
            await first_of(self._read(), self._beat(), self._stay_joined(), end_of(relay))
        except asyncio.CancelledError:
            limit = GO_S
            raise
        finally:
            try:
                async with asyncio.timeout(limit):
                    await self._hand_on_the_rest(relay)
            except TimeoutError:
                pass
            finally:
                relay.cancel()

    async def _hand_on_the_rest(self, relay: asyncio.Task[None]) -> None:
        """There may be no room for the mark of the end; a relay that failed makes none."""
        mark = asyncio.create_task(self.arrived.put(None))
        try:
            await asyncio.wait((mark, relay), return_when=asyncio.FIRST_COMPLETED)
            await relay
        finally:
            mark.cancel()

    # What comes in

    async def _read(self) -> None:
        try:
            async for message in self.socket:
                frame = self._take(message) if isinstance(message, str) else None
                if frame is not None:
                    await self._queue(frame)
        except ConnectionClosed:
            pass
        raise self._dropped()

    async def _queue(self, frame: object) -> None:
        """Without room we stop reading, and the provider waits."""
        if not self.arrived.full():
            self.arrived.put_nowait(frame)
            return
        await self.arrived.put(frame)
        self.behind_until = monotonic() + BEHIND_S

    async def _relay(self) -> None:
        """Batches as large as what has arrived meanwhile: a flood does not become a flood of small steps."""
        while True:
            batch = [await self.arrived.get()]
            while len(batch) < TOGETHER and not self.arrived.empty():
                batch.append(self.arrived.get_nowait())
            last = batch[-1] is None
            if last:
                batch.pop()
            if batch:
                await self.ear.relay(batch)
            if last:
                return

    def _take(self, text: str) -> object:
        """The frame to hand on, None = there is none. Replies wake who waits for them."""
        frame = _parse(text)
        if not _is_phoenix(frame):
            self.nonsense += 1
            return clean(text[:NONSENSE_CHARS]) if self.nonsense <= NONSENSE_KEPT else None
        join_ref, ref, topic, event, payload = frame
        if event == "phx_reply":
            waiting = self.pending.pop(ref, None) if isinstance(ref, str) else None
            if waiting is not None and not waiting.done():
                waiting.set_result(payload if isinstance(payload, dict) else {})
            # The answer to a heartbeat is the sign of life of a quiet line.
            return storable(frame) if topic == "phoenix" and waiting is not None else None
        if topic != self.topic or (join_ref is not None and join_ref != self.join_ref):
            return None
        if event in ("phx_error", "phx_close"):
            self.out.set()
            return None
        return storable(frame)

    # What goes out

    async def _send(self, join_ref: str | None, ref: str, topic: str, event: str) -> None:
        try:
            await self.socket.send(json.dumps([join_ref, ref, topic, event, {}]))
        except ConnectionClosed:
            raise self._dropped() from None

    def _expect(self) -> tuple[str, asyncio.Future[dict[str, Any]]]:
        self.refs += 1
        ref = str(self.refs)
        waiting = self.pending[ref] = asyncio.get_running_loop().create_future()
        return ref, waiting

    async def _beat(self) -> None:
        """No answer before the next one is due is a dead socket, unless we ourselves did not come to read it."""
        while True:
            ref, waiting = self._expect()
            await self._send(None, ref, "phoenix", "heartbeat")
            await asyncio.sleep(self.options.heartbeat_s)
            if not waiting.done() and monotonic() > self.behind_until and not self.arrived.full():
                raise Dropped("Sippet's socket stopped answering heartbeats.")
            self.pending.pop(ref, None)

    async def _stay_joined(self) -> None:
        tries = 0
        while True:
            self.out.clear()
            topic = await self._join_any()
            if topic:
                joined_at = monotonic()
                self.ear.joined(topic)
                await self.out.wait()
                tries = 0 if monotonic() - joined_at > STABLE_S else tries
                self.ear.left("Sippet closed the channel; joining it again.")
                await asyncio.sleep(REJOIN_S[min(tries, len(REJOIN_S) - 1)])
                tries += 1
            else:
                names = ", ".join(self.topics)
                self.ear.unknown(f"The socket is open, but Sippet knows none of the channels {names}: set the channel's name.")
                await asyncio.sleep(LOOK_AGAIN_S)

    async def _join_any(self) -> str:
        """The first channel that the socket knows, "" = none. Raises JoinRefused, Dropped."""
        for topic in list(self.topics):
            if await self._join(topic):
                self.topics.remove(topic)
                self.topics.insert(0, topic)
                return topic
        return ""

    async def _join(self, topic: str) -> bool:
        ref, waiting = self._expect()
        self.topic, self.join_ref = topic, ref
        await self._send(ref, ref, topic, "phx_join")
        try:
            reply = await asyncio.wait_for(waiting, self.options.join_timeout_s)
        except TimeoutError:
            raise Dropped(f"Sippet did not answer the join of {topic} within {self.options.join_timeout_s:g} s.") from None
        if reply.get("status") == "ok":
            return True
        reason = _reason(reply)
        if UNMATCHED in reason:
            return False
        raise JoinRefused(reason)

    def _dropped(self) -> Dropped:
        code = self.socket.close_code
        if code in RESTARTS:
            return Dropped("Sippet restarts its socket.", calm=True)
        return Dropped("Sippet's socket was closed." if code in (None, 1006) else f"Sippet's socket was closed (code {code}).")


def _reason(reply: dict[str, Any]) -> str:
    response = reply.get("response")
    return (name(response.get("reason")) if isinstance(response, dict) else "") or "no reason given"


def _is_phoenix(frame: Any) -> bool:
    return isinstance(frame, list) and len(frame) == 5 and isinstance(frame[2], str) and isinstance(frame[3], str) and bool(frame[3])


def _parse(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        pass
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
