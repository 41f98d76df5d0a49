"""Lets the simulator's world speak as the Pinecall service: its calls over ``/client`` and the log, others over the stream."""

import asyncio
from collections.abc import Mapping
from itertools import count
from time import time
from typing import Any

import msgspec

from callcenter.providers.simulator.account import Account
from callcenter.providers.simulator.casting import CHANNELS, Casting
from callcenter.providers.simulator.frame import Frame
from callcenter.providers.simulator.services.pinecall import PinecallService
from callcenter.providers.simulator.services.pinecall_http import CARRIED
from callcenter.providers.simulator.world import Plan, World

WIRE, STREAM = "pinecall-service", "pinecall-process"
TICK_S = 0.02
CONTROL = "control"
OF_TOOLS = frozenset({"llm.tool_call", "llm.tool_result"})  # an agent that was registered without tools calls none


class PinecallWorld:
    """One world, two accounts: agents that a direct client registers, and those of a customer's process.

    ``agents``: all that there are; then nobody else has any.
    """

    def __init__(
        self, service: PinecallService, plan: Plan, seed: str, run: str, *, voice_pause: bool = False, agents: tuple[str, ...] = ()
    ) -> None:
        self.service = service
        self.numbers = count(1)
        accounts = [Account(WIRE, "pinecall", "wire", voice_pause=voice_pause, agents=agents)]
        if not agents:
            accounts.append(Account(STREAM, "pinecall", "stream", voice_pause=voice_pause))
        self.world = World(plan, Casting(seed, run, CHANNELS, "mixed"), accounts, time(), self._out)
        service.online |= {business.agent for business in accounts[0].businesses}
        service.obey = self.obey

    async def run(self) -> None:
        """Let the world go on until cancelled."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        while True:
            self.world.advance(loop.time() - start)
            await asyncio.sleep(TICK_S)

    async def obey(self, command: Mapping[str, Any]) -> None:
        """Do what a client asks; a refusal is an error without reference, as in life."""
        said = self.world.command(WIRE, {"id": f"client-{next(self.numbers)}", "command": command})
        if said.get("status") == "failed":
            agent = {"agent_id": command["agent_id"]} if "agent_id" in command else {}
            for peer in self.service.peers:
                await peer.say({"event": "error", "error": said.get("error"), **agent})

    def _out(self, slug: str, frame: Frame) -> None:
        if frame.scope == CONTROL:
            return
        body = msgspec.json.decode(frame.data)
        if slug == STREAM:
            if body["event"] in CARRIED:
                self.service.stream(body["event"], frame.data)
            return
        agent = str(body.get("agent_id", "")).rsplit(":", 1)[-1]
        holder = self.service.holders.get(agent)
        has_tools = bool(self.service.setups.get(agent, {}).get("tools"))
        if holder is not None and not holder.queue.full() and (has_tools or body["event"] not in OF_TOOLS):
            holder.queue.put_nowait(frame.data)
        call = body.get("call_id") or body.get("session_id")
        data = {key: value for key, value in body.items() if key not in ("event", "agent_id", "seq", "ts")}
        self.service.log.write(agent, body["event"], data, call=call, ephemeral=not frame.durable)
