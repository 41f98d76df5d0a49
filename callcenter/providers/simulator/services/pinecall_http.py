"""The HTTP side of the played Pinecall service: tokens, agents, numbers, and the stream of a customer's process. Contract C.2 and I."""

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from callcenter.providers.pinecall.fields import agent_of

if TYPE_CHECKING:
    from callcenter.providers.simulator.services.pinecall import PinecallService

# Contract C.3: what the SDK's stream carries; server-sent events also lack the tool calls.
CARRIED = frozenset({
    "call.started", "call.ended", "speech.started", "speech.ended", "user.speaking", "user.message", "eager.turn", "turn.pause", "turn.end",
    "turn.resumed", "turn.continued", "bot.speaking", "bot.word", "bot.finished", "bot.interrupted", "message.confirmed", "reply.rejected",
    "audio.metrics", "whatsapp.message", "whatsapp.response", "whatsapp.status", "whatsapp.sessionEnded", "whatsapp.session_ended",
    "session.paused", "session.resumed", "call.dtmf_received", "skill.loaded", "skill.unloaded",
})  # fmt: skip


def answer(status: int, body: Any) -> Response:
    """A JSON answer that closes the line."""
    data = msgspec.json.encode(body)
    headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(data)), "Connection": "close"})
    return Response(status, "OK" if status == 200 else "No", headers, data)


def rest(service: "PinecallService", request: Request) -> Response:
    """Everything under the server's address that is no socket."""
    parts = urlsplit(request.path)
    if request.headers.get("Authorization", "").removeprefix("Bearer ") not in service.conduct.keys:
        return answer(401, {"detail": "Invalid API key"})
    online = sorted({*service.holders, *service.online})
    if parts.path in ("/stream/token", "/webrtc/token", "/chat/token"):
        for agent in parse_qs(parts.query).get("agent_id", [""])[0].split(","):
            if agent_of(agent)[0] not in online:
                return answer(404, {"detail": f"Agent '{agent}' is not online"})
        life = service.conduct.token_life_s
        return answer(200, {"token": service.log.mint(life), "server": service.url.replace("http", "ws", 1), "expires_in": life})
    if parts.path == "/api/sdk/agents":
        agents = [{"slug": slug, "org_id": "org_7fj2", "phones": [], "channels": {}, "active": True} for slug in online]
        return answer(200, {"success": True, "agents": agents, "total": len(agents), "phone_map": {}, "dev_overrides": None})
    if parts.path == "/api/sdk/phone-numbers" and service.conduct.numbers is not None:
        return answer(200, {"success": True, "phones": [{"number": number, "isSdk": True} for number in service.conduct.numbers]})
    return answer(404, {"detail": "Not found"})


async def stream(service: "PinecallService", connection: ServerConnection, request: Request) -> Response | None:
    """Server-sent events for as long as the reader stays; None when they are over."""
    wanted = service.conduct.stream_value
    if wanted and request.headers.get("Authorization") != wanted:
        return answer(401, {"detail": "no"})
    if service.conduct.stream_status != 200:
        return answer(service.conduct.stream_status, {"detail": "not now"})
    transport = connection.transport
    transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n")
    reader = StreamReader(connection)
    reader.put("connected", {"agents": sorted(service.online)})
    service.readers.append(reader)
    try:
        await reader.serve(service)
    finally:
        service.readers.remove(reader)
        if not transport.is_closing():
            transport.write_eof()
        await connection.wait_closed()
    return None


class StreamReader:
    """One reader of the stream."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(20_000)

    def put(self, event: str, data: dict[str, Any] | bytes) -> None:
        """Queue one pair of event and data."""
        body = data if isinstance(data, bytes) else msgspec.json.encode(data)
        self.raw(b"event: " + event.encode() + b"\ndata: " + body + b"\n\n")

    def raw(self, data: bytes | None) -> None:
        """Queue bytes as they are; None cuts the line after what was queued before."""
        if not self.queue.full():
            self.queue.put_nowait(data)

    async def serve(self, service: "PinecallService") -> None:
        """Write until the reader has gone, or the line is cut."""
        gone = asyncio.create_task(self.connection.wait_closed())
        try:
            while not gone.done():
                data = await self._next(gone, service.conduct.stream_ping_s)
                if data is None:
                    return
                await service.not_silent.wait()
                if not gone.done():
                    self.connection.transport.write(data)
                    await self.connection.drain()
                    service.streamed.append(data)
        finally:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)

    async def _next(self, gone: asyncio.Task[None], ping_s: float) -> bytes | None:
        get = asyncio.create_task(self.queue.get())
        done, _ = await asyncio.wait((get, gone), timeout=ping_s, return_when=asyncio.FIRST_COMPLETED)
        if get in done:
            return get.result()
        get.cancel()
        return None if done else b":ping\n\n"
