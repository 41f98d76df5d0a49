"""A Pinecall service on this machine: ``/client``, the call log, tokens, a stream of events, and live audio.

It stands for the provider (and, under ``/events``, for a customer's process) in tests, and behind ``manage.py simulate``.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from callcenter.providers.pinecall.fields import agent_of
from callcenter.providers.simulator.services import pinecall_http
from callcenter.providers.simulator.services.pinecall_conduct import Conduct
from callcenter.providers.simulator.services.pinecall_live import listen
from callcenter.providers.simulator.services.pinecall_log import CallLog, attach
from callcenter.providers.simulator.services.pinecall_peer import Peer

SILENT = logging.Logger("silent", logging.CRITICAL + 1)  # noqa: LOG001 - no logger of the tree: a configuration would wake it up
KEPT = 200_000
Obey = Callable[[Mapping[str, Any]], Awaitable[None]]


class PinecallService:
    """``received``: frames of all clients, in order. ``sent``: the newest messages that left for them, ``streamed``: for readers.

    ``holders``: slug -> the socket that has the agent.

    ``online``: agents of others, for the log and the stream.
    """

    def __init__(self, conduct: Conduct | None = None) -> None:
        self.conduct = conduct or Conduct()
        self.url = ""
        self.peers: list[Peer] = []
        self.connects = 0
        self.holders: dict[str, Peer] = {}
        self.setups: dict[str, dict[str, Any]] = {}
        self.received: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.sent: deque[bytes | str] = deque(maxlen=KEPT)
        self.streamed: deque[bytes] = deque(maxlen=KEPT)
        self.online: set[str] = set()
        self.log = CallLog()
        self.observers: list[ServerConnection] = []
        self.readers: list[pinecall_http.StreamReader] = []
        self.not_silent = asyncio.Event()
        self.not_silent.set()
        self.obey: Obey | None = None
        self._over: dict[str, asyncio.Event] = {}

    # What a script may do

    async def say(self, frame: Mapping[str, Any]) -> bool:
        """Send a frame to whoever holds its agent; False = nobody does, and the frame is lost."""
        holder = self.holders.get(agent_of(str(frame.get("agent_id", "")))[0])
        if holder is None:
            return False
        await holder.say(frame)
        return True

    async def cut(self) -> None:
        """End every line as a network does: what was sent arrives, nothing is said, nothing more comes."""
        for peer in list(self.peers):
            await peer.cut()
            self.gone(peer)
        for observer in list(self.observers):
            observer.transport.write_eof()
        for reader in list(self.readers):
            reader.raw(None)

    def break_off(self) -> None:
        """Reset every line: what is on its way may be lost."""
        for socket in [*(peer.socket for peer in self.peers), *self.observers, *(reader.connection for reader in self.readers)]:
            socket.transport.abort()

    async def displace(self, agent: str, reason: str = "released by an operator") -> None:
        """Somebody takes an agent over."""
        holder = self.holders.pop(agent_of(agent)[0])
        await holder.say({"event": "agent.displaced", "agent_id": agent, "reason": reason})
        await holder.drained()
        await holder.socket.close(4001, f"Displaced: {reason}")

    def fall_silent(self, *, silent: bool = True) -> None:
        """Read nothing and say nothing, with every line open; or speak again."""
        self.conduct.silent = silent
        if silent:
            self.not_silent.clear()
        else:
            self.not_silent.set()

    def expire_tokens(self) -> None:
        """No token that was given is good any more."""
        self.log.tokens.clear()

    def stream(self, event: str, data: dict[str, Any] | bytes) -> None:
        """Tell all readers of the stream of events."""
        for reader in self.readers:
            reader.put(event, data)

    def sounding(self, call: str) -> asyncio.Event:
        """Set when the call is over and its live audio ends."""
        return self._over.setdefault(call, asyncio.Event())

    # What its parts ask

    def gone(self, peer: Peer) -> None:
        """A socket has ended: its agents are free."""
        if peer in self.peers:
            self.peers.remove(peer)
        self.holders = {slug: holder for slug, holder in self.holders.items() if holder is not peer}

    async def command(self, frame: Mapping[str, Any]) -> None:
        """A command of a client."""
        if self.obey is not None:
            await self.obey(frame)

    async def route(self, connection: ServerConnection, request: Request) -> Response | None:
        """Plain HTTP is answered here; a socket that may not open is refused."""
        parts = urlsplit(request.path)
        if parts.path == "/events":
            return await pinecall_http.stream(self, connection, request)
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return pinecall_http.rest(self, request)
        token = parse_qs(parts.query).get("token", [""])[0]
        if parts.path in ("/v1/attach", "/ws/stream"):
            if parts.path == "/v1/attach" and not self.conduct.has_log:
                return pinecall_http.answer(404, {"detail": "Not found"})
            return None if self.log.accepts(token) else pinecall_http.answer(401, {"detail": "Token expired"})
        if parts.path.startswith("/live/"):
            return None if token in self.conduct.keys else pinecall_http.answer(401, {"detail": "Invalid API key"})
        return None if parts.path == "/client" else pinecall_http.answer(404, {"detail": "Not found"})

    async def talk(self, socket: ServerConnection) -> None:
        """One socket's life."""
        path = socket.request.path if socket.request else ""
        if path.startswith("/client"):
            self.connects += 1
            peer = Peer(self, socket)
            self.peers.append(peer)
            await peer.talk()
        elif path.startswith("/live/"):
            await listen(self, socket, path.split("/")[2])
        else:
            await attach(self, socket, path)


@asynccontextmanager
async def serve_pinecall(service: PinecallService, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[PinecallService]:
    """Serve while the block runs; ``port`` 0 takes a free one. ``service.url`` is the base address."""
    server = serve(
        service.talk, host, port, process_request=service.route, open_timeout=None, ping_interval=None, compression=None, max_size=None,
        close_timeout=1, logger=SILENT,
    )  # fmt: skip
    async with server as running:
        bound = next(iter(running.sockets)).getsockname()
        service.url = f"http://{host}:{bound[1]}"
        try:
            yield service
        finally:
            service.fall_silent(silent=False)
            service.break_off()
