"""Sippet's public face: session tokens, the Phoenix socket and RPC on one port (contract: sippet.md 2, 3, 6, 7).

Whoever plays the calls says their events with ``say``; the books keep them whether or not anybody is connected,
and events that are said while a line is down are lost to it, as in life. The faults are fields, to be set at any time.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from secrets import token_hex
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from callcenter.providers.simulator.services.front import Asked, Front, Told, open_front
from callcenter.providers.simulator.services.sippet_books import Books, Complaint, iso

Body = dict[str, Any]
Act = Callable[[Body], Awaitable[Any]]

KEPT = 200_000
LISTS = ("list_calls", "list_call_participants", "list_call_transcripts")
NEEDS = {
    "end_call": ("callUuid",), "barge_call": ("callUuid",), "resume_ai_call": ("callUuid",), "start_outbound_call": ("toNumber",),
    "accept_call_queue_entry": (), "set_operator_status": ("status",), "issue_sip_access": (), "revoke_sip_access": (),
}  # fmt: skip


async def nothing(_: Body) -> None:
    """Accept an action and do nothing."""


class Socket:
    """One client: the topics it joined, each with the reference of its join."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.joined: dict[str, str] = {}

    async def send(self, *frame: Any) -> bool:
        """False: it has gone."""
        try:
            await self.connection.send(json.dumps(frame))
        except ConnectionClosed:
            return False
        return True


class SippetService:
    """``act`` carries out an action and returns the ``data`` of its answer; it may raise Complaint.

    ``sent``: the newest frames of the channel that left for clients.
    """

    def __init__(self, key: str, *, topic: str = "events", ttl_s: float = 300.0, act: Act = nothing) -> None:
        self.key, self.topic, self.ttl_s, self.act = key, topic, ttl_s, act
        self.books = Books()
        self.front: Front | None = None
        self.port = 0
        self.tokens: dict[str, float] = {}
        self.sockets: set[Socket] = set()
        self.joins = self.minted = self.beats = 0
        self.asked: list[Body] = []  # bodies of /run, in order
        self.sent: deque[list[Any]] = deque(maxlen=KEPT)
        # Faults
        self.refuse_tokens = False  # the socket takes none
        self.deaf = False  # heartbeats are not answered
        self.mute_joins = False
        self.join_refusal = ""  # a reason other than an unmatched topic
        self.lag_s = 0.0  # of every HTTP answer
        self.statuses: list[tuple[int, dict[str, str]]] = []  # of the next HTTP answers
        self.missing_actions: set[str] = set()
        self.missing_fields: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # What happens on the provider's side

    async def say(self, event: str, payload: Mapping[str, Any], *, push: bool = False) -> int:
        """One event of the channel. Returns how many clients it was sent to."""
        self.books.keep(event, payload, time())
        return await self.send(event, payload, push=push)

    async def send(self, event: str, payload: object, *, push: bool = False) -> int:
        """To every client in the channel, as a broadcast or as a push; nothing of it is written down."""
        there = 0
        for socket, ref in [(socket, socket.joined[self.topic]) for socket in self.sockets if self.topic in socket.joined]:
            frame = [ref if push else None, None, self.topic, event, payload]
            if await socket.send(*frame):
                self.sent.append(frame)
                there += 1
        return there

    async def throw(self, text: str) -> None:
        """Any text, to every socket."""
        for socket in list(self.sockets):
            with suppress(ConnectionClosed):
                await socket.connection.send(text)

    async def crash(self, event: str = "phx_error") -> None:
        """The channel crashes or closes; the sockets stay."""
        for socket in list(self.sockets):
            ref = socket.joined.pop(self.topic, None)
            if ref is not None:
                await socket.send(ref, ref, self.topic, event, {})

    async def restart(self, code: int = 1012) -> None:
        """Close every socket in order."""
        for socket in list(self.sockets):
            await socket.connection.close(code)

    def hang_up(self) -> None:
        """End every line as a network does: what was sent arrives, nothing is said, nothing more comes."""
        for socket in self.sockets:
            socket.joined.clear()
            socket.connection.transport.write_eof()

    def cut(self) -> int:
        """Cut every line without a word; what is on its way may be lost."""
        for socket in self.sockets:
            socket.joined.clear()
        return self.front.cut() if self.front is not None else 0

    # HTTP

    async def answer(self, asked: Asked) -> Told:
        await asyncio.sleep(self.lag_s)
        if self.statuses:
            status, headers = self.statuses.pop(0)
            return Told(status, {}, headers)
        if asked.method != "POST":
            return Told(405)
        if asked.headers.get("x-api-key") != self.key:
            return Told(401, {"error": "unauthorized"})
        if asked.path == "/api/realtime/session":
            return Told(200, self.mint())
        if asked.path in ("/rpc/public/run", "/rpc/public/validate"):
            return Told(200, await self._rpc(asked, execute=asked.path.endswith("run")))
        return Told(404, {})

    def mint(self) -> Body:
        token, now = f"st_{token_hex(16)}", time()
        self.tokens = {known: until for known, until in self.tokens.items() if until > now} | {token: now + self.ttl_s}
        self.minted += 1
        return {"token": token, "expires_at": iso(now + self.ttl_s), "ttl_seconds": self.ttl_s}

    async def _rpc(self, asked: Asked, *, execute: bool) -> Body:
        try:
            body = json.loads(asked.body)
            action = body["action"]
        except (ValueError, TypeError, KeyError):
            return failed(Complaint("required", "%{field} is required", "action"))
        if execute:
            self.asked.append(body)
        try:
            data = await self._do(action, body, execute=execute)
        except Complaint as complaint:
            return failed(complaint)
        return {"success": True, "data": data} if execute else {"success": True}

    async def _do(self, action: str, body: Body, *, execute: bool) -> Any:
        if action in self.missing_actions or action not in (*LISTS, *NEEDS):
            raise Complaint("action_not_found", f"Action {action} not found")
        unknown = self.missing_fields.intersection(map(str, body.get("fields") or ()))
        if unknown:
            raise Complaint("unknown_field", "Unknown field %{field}", min(unknown))
        if action in LISTS:
            return self.books.list(action, body)
        for name in NEEDS[action]:
            if not (body.get("input") or {}).get(name):
                raise Complaint("required", "%{field} is required", name)
        return await self.act(body) if execute else None

    # The socket

    def gate(self, connection: ServerConnection, request: Request) -> Response | None:
        """Before it opens: the token, once it is known, is looked at no more."""
        address = urlsplit(request.path)
        if address.path != "/socket/websocket":
            return connection.respond(HTTPStatus.NOT_FOUND, "")
        token = (parse_qs(address.query).get("session_token") or [""])[0]
        if self.refuse_tokens or self.tokens.get(token, 0.0) <= time():
            return connection.respond(HTTPStatus.FORBIDDEN, "")
        return None

    async def talk(self, connection: ServerConnection) -> None:
        socket = Socket(connection)
        self.sockets.add(socket)
        try:
            async for message in connection:
                with suppress(ValueError, TypeError):
                    await self._hear(socket, *json.loads(message))
        except ConnectionClosed:
            pass
        finally:
            self.sockets.discard(socket)

    async def _hear(self, socket: Socket, join_ref: Any, ref: Any, topic: str, event: str, _: Any) -> None:
        match event:
            case "heartbeat" if topic == "phoenix":
                self.beats += 1
                if not self.deaf:
                    await reply(socket, None, ref, topic, "ok", {})
            case "phx_join" if self.mute_joins:
                pass
            case "phx_join" if topic != self.topic:
                await reply(socket, None, ref, topic, "error", {"reason": "unmatched topic"})
            case "phx_join" if self.join_refusal:
                await reply(socket, join_ref, ref, topic, "error", {"reason": self.join_refusal})
            case "phx_join":
                socket.joined[topic] = ref
                self.joins += 1
                await reply(socket, join_ref, ref, topic, "ok", {})
            case "phx_leave":
                socket.joined.pop(topic, None)
                await reply(socket, join_ref, ref, topic, "ok", {})


async def reply(socket: Socket, join_ref: Any, ref: Any, topic: str, status: str, response: Body) -> None:
    await socket.send(join_ref, ref, topic, "phx_reply", {"status": status, "response": response})


def failed(complaint: Complaint) -> Body:
    return {"success": False, "errors": [complaint.error]}


@asynccontextmanager
async def serve_sippet(service: SippetService, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[SippetService]:
    """Serve until the end of the block; ``port`` 0 = a free one, found in ``service.port``."""
    async with open_front(service.answer, service.talk, service.gate, host, port) as (service.front, service.port):
        yield service
