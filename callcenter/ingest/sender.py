"""The sender of one process: claims what waits for its ingest sockets, hands it to them, marks it as sent. Design law 8.

A claim is a conditional update, made directly before the command leaves, so several processes may look at once. What was claimed
and never marked becomes unknown.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

import orjson
from channels.layers import get_channel_layer
from django.db import InterfaceError, OperationalError, connections

from callcenter.calls import hints
from callcenter.commands import outbox, relay, sockets
from callcenter.commands.models import Command
from callcenter.ingest.form import Form
from callcenter.ingest.telling import FEED, Teller, feed_hint
from callcenter.offloop import ask
from callcenter.providers.together import end

log = logging.getLogger(__name__)
T = TypeVar("T")

GROUP = "commands"
GONE = "The connection was closed before it could be sent."
LOOK_S = 0.5
RELAY_S = 1.0
ALIVE_S = 4.0
LISTEN_AGAIN_S = 1.0
TOGETHER = 200
PIECES_KEPT = 1000


class Line(Protocol):
    """An open ingest socket."""

    async def send_text(self, text: str) -> None: ...


class Held:
    """A socket of this process. ``agents``: slugs that it spoke for, none = any; ``form`` tells a plain stream from a bridge.

    ``pieces``: later messages of its newest commands -> the command.
    """

    def __init__(self, line: Line, connection: int) -> None:
        self.id, self.line, self.connection = uuid4(), line, connection
        self.agents: set[str] = set()
        self.form = Form()
        self.pieces: dict[UUID, UUID] = {}

    async def send(self, command: Command) -> None:
        """All of it, one message after the other and nothing between. Raises whatever the socket raises: then nobody knows."""
        for number, (name, frame) in enumerate(command.messages):
            if number:
                self.pieces[name] = command.pk
                if len(self.pieces) > PIECES_KEPT:
                    del self.pieces[next(iter(self.pieces))]
            await self.line.send_text(orjson.dumps({"id": str(name), "command": frame}).decode())


class Sender:
    """Made by ``sender()``: one for each event loop. All its database work happens in its one thread, in order."""

    def __init__(self) -> None:
        self.held: dict[UUID, Held] = {}
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="sender")
        self.wake = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.said: dict[UUID, tuple[list[str], bool]] = {}
        self.said_at = self.relayed_at = 0.0
        self.feed, self.senders = Teller(FEED), Teller(GROUP)
        hints.listen(self._hinted)
        self.tasks = [asyncio.create_task(part()) for part in (self._work_loop, self._listen)]

    async def join(self, held: Held) -> None:
        """A socket takes commands: from now on it may be chosen."""
        await self.in_thread(sockets.register, held.id, held.connection, datetime.now(UTC))
        self.held[held.id] = held
        self.wake.set()

    def let_go(self, held: Held) -> None:
        """No command goes by this socket any more."""
        self.held.pop(held.id, None)

    async def leave(self, held: Held) -> None:
        """It is chosen no more, by no process."""
        self.let_go(held)
        with suppress(OperationalError, InterfaceError):  # it is forgotten after a minute anyway
            await self.in_thread(sockets.unregister, [held.id])

    async def answered(self, held: Held, command: UUID, error: str | None) -> None:
        """The other side says that it did not pass the command, or a later piece of it, on; ``error`` None: that it did."""
        if error is None:
            await self.in_thread(outbox.confirm_by_answer, command, held.connection, datetime.now(UTC))
            return
        whole = held.pieces.get(command)
        if whole is None:
            await self.in_thread(outbox.refuse, command, held.connection, error, datetime.now(UTC))
        else:
            await self.in_thread(outbox.lose_track, whole, held.connection, error)

    async def close(self) -> None:
        hints.forget(self._hinted)
        await end(self.tasks)
        await asyncio.gather(self.feed.close(), self.senders.close())
        await self.loop.run_in_executor(self.thread, connections.close_all)
        self.thread.shutdown()

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        return await ask(self.thread, work, *arguments)

    # Hints

    def _hinted(self) -> None:
        """Called in whatever thread committed."""
        self.loop.call_soon_threadsafe(self._spread)

    def _spread(self) -> None:
        """Tell the feeds and the senders of all processes to look."""
        self.wake.set()
        self.feed.tell(feed_hint())
        self.senders.tell({"type": "commands.hint"})

    async def _listen(self) -> None:
        while True:
            try:
                layer = get_channel_layer()
                channel = await layer.new_channel()
                await layer.group_add(GROUP, channel)
                while True:
                    await self._pass_on(await layer.receive(channel))
                    self.wake.set()
            except Exception:
                log.warning("The sender lost the channel layer; listening again", exc_info=True)
                await asyncio.sleep(LISTEN_AGAIN_S)

    async def _pass_on(self, hint: dict[str, Any]) -> None:
        """What a webhook hints at: to the newest socket here. It is no row, nobody waits for it."""
        lines = [held for held in self.held.values() if held.connection == hint.get("connection")]
        if "command" in hint and lines:
            with suppress(Exception):
                await lines[-1].line.send_text(orjson.dumps({"id": str(uuid4()), "command": hint["command"]}).decode())

    # Work

    async def _work_loop(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), LOOK_S)
            self.wake.clear()
            try:
                await self._work()
            except Exception:
                log.exception("The sender could not look; trying again")
                await asyncio.sleep(LOOK_S)

    async def _work(self) -> None:
        now = datetime.now(UTC)
        if monotonic() - self.relayed_at >= RELAY_S:
            self.relayed_at = monotonic()
            await self.in_thread(relay.tick, now)
        if not self.held:
            return
        await self._stay_known(now)
        for command, held in await self.in_thread(self._waiting, now):
            if held.id in self.held:
                await self._hand_over(command, held)

    async def _hand_over(self, command: Command, held: Held) -> None:
        """Claim it, send it, mark it as sent. Raises when the database takes no claim: then it waits, and so do all others.

        A claim may have waited for locks: what took too long does not leave.
        """
        claimed = datetime.now(UTC)
        if not await self.in_thread(outbox.claim, command, held.id, claimed):
            return
        if not outbox.may_leave(command, claimed, datetime.now(UTC)):
            await self.in_thread(outbox.never_left, command, held.id, Command.Failure.EXPIRED, datetime.now(UTC))
            return
        if held.id not in self.held:
            await self.in_thread(outbox.never_left, command, held.id, Command.Failure.REFUSED, datetime.now(UTC), GONE)
            return
        try:
            await held.send(command)
        except TimeoutError:
            log.warning("A command found no room on a socket of connection %s, whose other side does not read", held.connection)
            return  # as below
        except Exception:
            log.warning("A command did not leave", exc_info=True)
            return  # its lease ends: nobody can tell how much of it left
        try:
            await self.in_thread(outbox.mark_sent, command, datetime.now(UTC))
        except Exception:
            log.exception("A command that left was not marked as sent; an event may still tell")

    async def _stay_known(self, now: datetime) -> None:
        known = {held.id: (sorted(held.agents), held.form.is_stream) for held in self.held.values()}
        if known != self.said or monotonic() - self.said_at >= ALIVE_S:
            await self.in_thread(sockets.keep_alive, known, now)
            self.said, self.said_at = known, monotonic()

    def _waiting(self, now: datetime) -> list[tuple[Command, Held]]:
        """In the sender's thread: what waits, and goes by a socket of this process."""
        mine = sorted({held.connection for held in self.held.values()})
        rows = Command.objects.waiting().filter(connection__in=mine, expires_at__gt=now)
        waiting = list(rows.select_related("connection", "agent")[:TOGETHER])
        if not waiting:
            return []
        open_now = sockets.alive(mine, now)
        found = []
        for command in waiting:
            socket = sockets.choose(open_now, command.connection_id, command.agent.slug if command.agent else "")
            held = self.held.get(socket.pk) if socket else None
            if held is not None:
                found.append((command, held))
        return found


_senders: WeakKeyDictionary[asyncio.AbstractEventLoop, Sender] = WeakKeyDictionary()


def sender() -> Sender:
    """The sender of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _senders.get(loop)
    if found is None:
        found = _senders[loop] = Sender()
    return found
