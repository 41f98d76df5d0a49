"""Pinecall, observer: the live log of agents that others own, resumed where it was left. Contract I.1 and I.3."""

import asyncio
from collections.abc import AsyncIterator
from random import Random
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from callcenter.providers.client import Json, Line, NotSent, Step, Upward
from callcenter.providers.pinecall.client import check
from callcenter.providers.pinecall.client.gaps import ONLY_LISTENS
from callcenter.providers.pinecall.client.handup import HandUp
from callcenter.providers.pinecall.client.network import open_socket, shown_address, socket_base
from callcenter.providers.pinecall.client.options import ObserverOptions, ObserverSecrets, validate
from callcenter.providers.pinecall.client.pace import Backoff, Pace
from callcenter.providers.pinecall.client.reading import frames_of, word
from callcenter.providers.pinecall.client.rest import stream_token
from callcenter.providers.pinecall.client.words import Broken, Hider, Refused, Stopped, failure
from callcenter.providers.together import first_of
from callcenter.providers.values import sequence

PING_S = 25.0
SIGN_OF_LIFE_S = 20.0
PING = '{"action":"ping"}'


class ObserverClient:
    """A ``Client`` that only listens: one socket and one cursor for each agent."""

    def __init__(self, options: ObserverOptions, secrets: ObserverSecrets, *, pace: Pace | None = None, rng: Random | None = None) -> None:
        self.options, self.secrets = options, secrets
        self.pace = pace or Pace()
        self.rng = rng or Random()  # noqa: S311 - jitter
        self.hide = Hider((secrets.api_key,))
        self.lines: dict[str, tuple[Line, str, float | None]] = {}

    async def run(self, up: Upward) -> None:
        """See ``Client.run``."""
        if problems := validate(self.options, self.secrets):
            up.line(Line.STOPPED, problems[0])
            return
        up.line(Line.CONNECTING)
        async with HandUp(up, self.pace.leave_s) as handup:
            await handup.during(self._follow_all(up, handup))

    async def command(self, _frame: Json) -> None:
        """See ``Client.command``."""
        raise NotSent(f"{ONLY_LISTENS} Use the bridge or a direct connection to act from here.")

    def check(self) -> AsyncIterator[Step]:
        """See ``Client.check``."""
        return check.observer(self.options, self.secrets, self.hide, self.open_log)

    async def open_log(self, agent: str, after: int | None) -> ClientConnection:
        """A fresh token and the socket of an agent's log. Raises Stopped, Refused, and what a network can raise."""
        token = await stream_token(self.options.server, self.secrets.api_key, agent, self.pace.open_s)
        path = "/ws/stream" if self.options.older_server else "/v1/attach"
        cursor = "" if after is None else f"&after={after}"
        url = f"{socket_base(self.options.server)}{path}?token={quote(token, safe='')}&agent={quote(agent, safe='')}{cursor}"
        try:
            return await open_socket(url, self.pace.open_s, pings_s=SIGN_OF_LIFE_S)
        except InvalidStatus as error:
            raise Refused(_refusal(agent, error.response.status_code, older=self.options.older_server)) from None

    async def _follow_all(self, up: Upward, handup: HandUp) -> None:
        """Until one of the logs stops for good, which stops all."""
        try:
            await first_of(*(self._follow(agent, up, handup) for agent in self.options.agents))
        except Stopped as end:
            up.line(Line.STOPPED, str(end))

    async def _follow(self, agent: str, up: Upward, handup: HandUp) -> None:
        """One agent's log for ever. Raises Stopped."""
        log = Log(agent, up)
        backoff = Backoff(self.pace.first_wait_s, self.pace.longest_wait_s, self.rng)
        while True:
            pings: asyncio.Task[None] | None = None
            try:
                socket = await self.open_log(agent, log.last)
                self._say(up, agent, Line.UP)
                try:
                    pings = asyncio.create_task(_ping(socket)) if self.options.older_server else None
                    while True:
                        message = await socket.recv()
                        backoff.reset()
                        await log.take(frames_of(message, self.hide), len(message), handup)
                finally:
                    if pings is not None:
                        pings.cancel()
                    await socket.close()
            except Broken as error:
                words = self.hide(failure(error, shown_address(self.options.server)))
            wait = backoff.next()
            self._say(up, agent, Line.WAITING, words, wait)
            await asyncio.sleep(wait)

    def _say(self, up: Upward, agent: str, line: Line, words: str = "", wait: float | None = None) -> None:
        """The connection is up as soon as one log is; what the others lack is said beside it."""
        self.lines[agent] = line, words, wait
        if any(state is Line.UP for state, _, _ in self.lines.values()):
            missing = " ".join(why for state, why, _ in self.lines.values() if state is not Line.UP)
            up.line(Line.UP, missing)
        else:
            up.line(line, words, retry_s=wait)


class Log:
    """The cursor of one agent's log; ``last`` None = as the server begins."""

    def __init__(self, agent: str, up: Upward) -> None:
        self.agent, self.up = agent, up
        self.name = f"log:{agent}"
        known = up.recall(self.name)
        self.last = int(known) if known.isdecimal() else None

    async def take(self, frames: list[Json], size: int, handup: HandUp) -> None:
        """Hand on what is new; the sequence is the cursor and filters what came before."""
        new: list[Json] = []
        for frame in frames:
            seq = sequence(frame.get("seq"))
            if word(frame, "type", "event") == "log.gap":
                self._gap(frame)
                new.append(frame)
            elif word(frame, "event") in ("ping", "pong"):
                continue
            elif seq is None:
                new.append(frame)
            elif self.last is None or seq > self.last:
                self.last = seq
                new.append(frame)
        if new:
            await handup.put(new, size, cursor=None if self.last is None else (self.name, str(self.last)))

    def _gap(self, frame: Json) -> None:
        """The log goes on elsewhere: later after a loss, earlier when it was begun anew."""
        data = frame.get("data")
        resume = sequence((data if type(data) is dict else frame).get("resume_from"))
        if resume is not None:
            self.last = resume - 1 if resume else None
        self.up.trouble(f"The log of agent {self.agent} has a gap: what lies in it is not kept by Pinecall any more.")


async def _ping(socket: ClientConnection) -> None:
    """Older servers want to hear from us."""
    try:
        while True:
            await asyncio.sleep(PING_S)
            await socket.send(PING)
    except ConnectionClosed:
        return


def _refusal(agent: str, status: int, *, older: bool) -> str:
    if status in (401, 403):
        return f"Pinecall refused the token for agent {agent} that it had just given ({status}): a new one is fetched."
    if status == 404 and not older:
        return "This Pinecall server has no call log: switch on the setting for older servers, or use the bridge."
    return f"Pinecall answers {status} when the log of agent {agent} is opened; it is tried again."
