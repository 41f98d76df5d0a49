"""The ingest socket: ``/ws/ingest/<connection>/`` with a bearer token. Messages are answered in order, after their commit."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError

from callcenter.ingest.door import bearer, enter
from callcenter.ingest.message import Answer, Message, Source, TooLarge, open_text
from callcenter.ingest.pipeline import pipeline
from callcenter.ingest.replies import read_reply, read_wish, refuses_commands
from callcenter.ingest.sender import Held, sender
from callcenter.sockets import LightConsumer

log = logging.getLogger(__name__)

# The server reads a socket whatever we do: beyond this much waiting for its commit the socket is closed, and the
# sender repeats what was not acknowledged.
WAITING_MESSAGES = 5000
WAITING_BYTES = 64 * 1024 * 1024
TRY_LATER = 4013  # of the codes for "try again later", one that every server lets an application send
RECHECK_S = 20.0
READS_WITHIN_S = 2.0  # a server that has room sends at once; Daphne always has, and its pings find who does not read
LARGE = 256 * 1024
REVOKED = 4403


class IngestConsumer(LightConsumer):
    """One provider's socket."""

    closing = False
    unread = False  # a command found no room

    async def connect(self) -> None:
        """Refuse before accepting: a wrong token is a 403 of the handshake."""
        self.token = bearer(dict(self.scope["headers"]).get(b"authorization", b"").decode("latin-1"))
        self.slug = self.scope["url_route"]["kwargs"]["connection"]
        source = await sync_to_async(enter, thread_sensitive=False)(self.slug, self.token)
        if source is None:
            await self.close()
            return
        self.source: Source = source
        self.held = Held(self, source.id)
        self.takes_commands = False
        await self._take_commands(not refuses_commands(self.scope["headers"]))
        self.answers: asyncio.Queue[tuple[asyncio.Future[Answer] | dict[str, Any], int]] = asyncio.Queue()
        self.waiting_bytes = 0
        self.tasks = [asyncio.create_task(self._answer()), asyncio.create_task(self._recheck())]
        await self.accept()

    async def disconnect(self, code: int) -> None:
        for task in getattr(self, "tasks", []):
            task.cancel()
        if hasattr(self, "held"):
            await sender().leave(self.held)

    async def send_text(self, text: str) -> None:
        """A command of the console, on its way down. Raises ConnectionError when the socket is closing: servers would drop it.

        Raises TimeoutError when the other side does not read: nobody knows what of it left, and until an answer finds its way
        down no more commands go by this socket.
        """
        if self.closing:
            raise ConnectionError("The socket is closing.")
        try:
            async with asyncio.timeout(READS_WITHIN_S):
                await self.send(text)
        except TimeoutError:
            self.unread = True
            sender().let_go(self.held)
            self.left = asyncio.create_task(sender().leave(self.held))
            raise

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Queue a message. Binary messages carry nothing in either protocol."""
        if text_data is None or self.closing:
            return
        self.waiting_bytes += len(text_data)
        if self.waiting_bytes > WAITING_BYTES or self.answers.qsize() >= WAITING_MESSAGES:
            await self._end(TRY_LATER)
            return
        await self._take(text_data)

    async def _take(self, text: str) -> None:
        size = len(text)
        if size < 200 and (pong := _pong(text)) is not None:
            self.answers.put_nowait((pong, size))
            return
        if size < 200 and (wish := read_wish(text)) is not None:
            self.waiting_bytes -= size
            await self._take_commands(wish)
            return
        if size < LARGE and (reply := read_reply(text)) is not None:
            self.waiting_bytes -= size
            self.held.form.answered()
            await sender().answered(self.held, reply.command, reply.error)
            return
        try:
            message = await self._open(text)
        except TooLarge as error:
            self.answers.put_nowait(({"ack": error.ack, "error": "too_large"}, size))
            return
        self.held.form.look(message)
        future = pipeline().enqueue_now(message)
        if not self.source.by_runner:  # there is one runner: it may be asked for any agent, whoever was heard so far
            future.add_done_callback(lambda _: self.held.agents.update(message.agents))
        self.answers.put_nowait((future, size))

    async def _take_commands(self, wish: bool) -> None:
        """Only a socket that takes commands may be chosen for them."""
        if wish is self.takes_commands:
            return
        self.takes_commands = wish
        if wish:
            await self._join()
        else:
            await sender().leave(self.held)

    async def _join(self) -> None:
        await sender().join(self.held)
        if self.closing:  # meanwhile
            sender().let_go(self.held)

    async def _open(self, text: str) -> Message:
        now = datetime.now(UTC)
        if len(text) < LARGE:
            return open_text(self.source, text, now)
        return await asyncio.to_thread(open_text, self.source, text, now)

    async def _answer(self) -> None:
        """Answers leave in the order of their messages; one that cannot ends the socket, and what it was for is sent again."""
        try:
            await self._answer_all()
        except Exception:
            log.exception("An ingest socket of %s lost its answers; closing it", self.slug)
            with suppress(Exception):  # its line may be gone
                await self._end(TRY_LATER)

    async def _answer_all(self) -> None:
        while True:
            item, size = await self.answers.get()
            answer = item if isinstance(item, dict) else (await item).as_json()
            self.waiting_bytes -= size
            await self.send(orjson.dumps(answer).decode())
            if self.unread:
                self.unread = False
                await self.left
                if self.takes_commands:
                    await self._join()

    async def _recheck(self) -> None:
        """A rotated token or a disabled connection ends its sockets."""
        while True:
            await asyncio.sleep(RECHECK_S)
            try:
                source = await sync_to_async(enter, thread_sensitive=False)(self.slug, self.token)
            except (DatabaseError, InterfaceError):
                continue  # nobody can tell now
            if source is None:
                await self._end(REVOKED)
                return

    async def _end(self, code: int) -> None:
        """Close it once; from now on it takes no message and no command.

        What comes behind a message that was not taken would move the stream's position past it.
        """
        if self.closing:
            return
        self.closing = True
        sender().let_go(self.held)
        await self.close(code)


def _pong(text: str) -> dict[str, Any] | None:
    """The answer to a ping, in kind; None for anything else."""
    if "ping" not in text:
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, dict) or len(value) > 3:
        return None
    if value.get("action") == "ping":
        return {"action": "pong"}
    return {"event": "pong"} if value.get("event") == "ping" else None
