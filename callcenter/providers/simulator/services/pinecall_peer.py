"""One open ``/client`` socket of the played Pinecall service. Contract B."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from callcenter.providers.pinecall.fields import agent_of

if TYPE_CHECKING:
    from callcenter.providers.simulator.services.pinecall import PinecallService

QUEUED = 20_000
ANSWERED = {
    "agent.configure": "agent.configured",
    "channel.configure": "channel.configured",
    "channel.remove": "channel.removed",
}


class Peer:
    """Answers registrations at once and hands every other command to the service."""

    def __init__(self, service: "PinecallService", socket: ServerConnection) -> None:
        self.service, self.socket = service, socket
        self.welcome = False
        self.over = False
        self.queue: asyncio.Queue[bytes | str] = asyncio.Queue(QUEUED)
        self.writing = asyncio.Lock()

    async def talk(self) -> None:
        """The socket's whole life."""
        writer = asyncio.create_task(self._write())
        try:
            async for message in self.socket:
                if not self.service.conduct.silent:
                    await self._take(message)
        except ConnectionClosed:
            pass
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            self.over = True
            self._forget()
            self.service.gone(self)

    async def say(self, frame: Mapping[str, Any]) -> None:
        """Queue a frame for this socket."""
        await self.put(msgspec.json.encode(frame))

    async def put(self, message: bytes | str) -> None:
        """Queue a message as it is; what is queued when the socket ends is lost, as in life."""
        if not self.over:
            await self.queue.put(message)

    async def drained(self) -> None:
        """Wait until everything that was queued has left."""
        await self.queue.join()

    async def cut(self) -> None:
        """What was queued arrives, nothing after it; no message is half way meanwhile, so ``service.sent`` is exact."""
        await self.drained()
        async with self.writing:
            self.over = True
            self.socket.transport.write_eof()

    async def _write(self) -> None:
        while not self.over:
            message = await self.queue.get()
            try:
                await self.service.not_silent.wait()
                if self.service.conduct.lag_s:
                    await asyncio.sleep(self.service.conduct.lag_s)
                async with self.writing:
                    if not self.over:
                        await self.socket.send(message, text=True)
                        self.service.sent.append(message)
            except ConnectionClosed:
                self.over = True
            finally:
                self.queue.task_done()
        self._forget()

    def _forget(self) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()
            self.queue.task_done()

    async def _take(self, message: str | bytes) -> None:
        frame = msgspec.json.decode(message)
        self.service.received.append(frame)
        match frame.get("event"):
            case "connect":
                await self._welcome(frame)
            case "ping" if self.service.conduct.answers:
                await self.say({"event": "pong"})
            case "ping" | "pong" | "llm.ready" | "llm.tool_result":
                pass
            case _ if not self.welcome:
                await self._refuse("connect first")
            case "agent.create":
                await self._create(frame)
            case "channel.add":
                await self._add(frame)
            case event if event in ANSWERED:
                await self.say({**{key: frame[key] for key in ("agent_id", "ref") if key in frame}, "event": ANSWERED[event]})
            case _:
                await self.service.command(frame)

    async def _welcome(self, frame: Mapping[str, Any]) -> None:
        if frame.get("api_key") not in self.service.conduct.keys:
            await self._refuse(self.service.conduct.refusal)
        elif self.service.conduct.answers:
            self.welcome = True
            await self.say({"event": "connected", "org_id": "org_7fj2"})

    async def _refuse(self, why: str) -> None:
        await self.say({"event": "error", "error": why})
        await self.drained()
        await self.socket.close(1008, why)

    async def _create(self, frame: Mapping[str, Any]) -> None:
        agent = str(frame.get("agent_id", ""))
        slug = agent_of(agent)[0]
        scripted = self.service.conduct.conflicts.get(slug)
        holder = self.service.holders.get(slug)
        if scripted:
            await self.say({"event": "error", "error": f"agent {agent} is in use", "code": "AGENT_CONFLICT", **scripted.pop(0)})
        elif holder not in (None, self):
            words = {"error": f"agent {agent} is in use", "code": "AGENT_CONFLICT", "agent_id": agent, "holder_alive": True}
            await self.say({"event": "error", **words})
        else:
            self.service.holders[slug] = self
            self.service.setups[slug] = dict(frame)
            await self.say({"event": "agent.created", "agent_id": agent})

    async def _add(self, frame: Mapping[str, Any]) -> None:
        ref = str(frame.get("ref", ""))
        if ref in self.service.conduct.taken:
            words = {"error": f"{ref} is claimed", "code": "PHONE_IN_USE", "phone": ref, "agent_id": self.service.conduct.taken[ref]}
            await self.say({"event": "error", **words})
        else:
            shown = {key: frame[key] for key in ("agent_id", "type", "ref") if key in frame}
            await self.say({"event": "channel.added", **shown})
