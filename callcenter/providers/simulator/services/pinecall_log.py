"""The call log of the played Pinecall service: kept entries, cursors, tokens that expire. Contract I.1 and I.3."""

import asyncio
import secrets
from bisect import bisect_right
from dataclasses import dataclass, field
from operator import itemgetter
from time import monotonic, time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

if TYPE_CHECKING:
    from callcenter.providers.simulator.services.pinecall import PinecallService

KEPT = 50_000


@dataclass(slots=True)
class CallLog:
    """Entries of all agents under one running number; whoever waits for news waits on ``news``. ``asked``: the cursors of readers."""

    seq: int = 0
    entries: list[tuple[int, str, bytes]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    tokens: dict[str, float] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    def write(self, agent: str, kind: str, data: dict[str, Any], *, call: str | None = None, ephemeral: bool = False) -> int:
        """Add an entry; its number."""
        self.seq += 1
        entry = {"seq": self.seq, "ts": time(), "call": call, "agent": agent, "type": kind, "ephemeral": ephemeral, "data": data}
        self.entries.append((self.seq, agent, msgspec.json.encode(entry)))
        del self.entries[:-KEPT]
        self.news.set()
        self.news = asyncio.Event()
        return self.seq

    def mint(self, life_s: float) -> str:
        """A token that is good for so long."""
        token = secrets.token_hex(12)
        self.tokens[token] = monotonic() + life_s
        return token

    def accepts(self, token: str) -> bool:
        """Is it one of ours, and not too old?"""
        return self.tokens.get(token, 0) > monotonic()


async def attach(service: "PinecallService", socket: ServerConnection, path: str) -> None:
    """Everything after the cursor, then what comes; as long as the reader stays."""
    query = {key: values[-1] for key, values in parse_qs(urlsplit(path).query).items()}
    agent, after = query.get("agent", ""), int(query.get("after", "0"))
    log = service.log
    log.asked.append(after)
    service.observers.append(socket)
    reading = asyncio.create_task(_listen(socket))
    try:
        begun_anew = after > log.seq
        if begun_anew or after + 1 < service.conduct.keeps_log_from:
            first = max(service.conduct.keeps_log_from, 1)
            gap = {"type": "log.gap", "agent": agent, "data": {"resume_from": first, "snapshot": {}}}
            await socket.send(msgspec.json.encode(gap), text=True)
            after = first - 1
        if service.conduct.repeats_log:
            after = 0
        seen, told = after, False
        while not reading.done():
            news = log.news
            for seq, owner, entry in log.entries[bisect_right(log.entries, seen, key=itemgetter(0)) :]:
                seen = seq
                if owner == agent:
                    await service.not_silent.wait()
                    await socket.send(entry, text=True)
            if not told:
                told = True
                await socket.send(msgspec.json.encode({"type": "log.caught_up", "agent": agent}), text=True)
            waits = asyncio.create_task(news.wait())
            await asyncio.wait((waits, reading), return_when=asyncio.FIRST_COMPLETED)
            waits.cancel()
    except ConnectionClosed:
        pass
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        service.observers.remove(socket)


async def _listen(socket: ServerConnection) -> None:
    """An observer says nothing that matters; its pings are answered."""
    try:
        async for _ in socket:
            await socket.send('{"event":"pong"}')
    except ConnectionClosed:
        return
