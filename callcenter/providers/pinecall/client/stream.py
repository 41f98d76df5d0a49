"""Pinecall, stream: reading what the customer's process serves with ``pc.stream``. Contract C.2 and C.3."""

import asyncio
from collections.abc import AsyncIterator
from random import Random
from time import time

import httpx

from callcenter.providers.client import Json, Line, NotSent, Step, Upward
from callcenter.providers.pinecall.client import check
from callcenter.providers.pinecall.client.gaps import ONLY_LISTENS
from callcenter.providers.pinecall.client.handup import HandUp
from callcenter.providers.pinecall.client.network import http_client, shown_address
from callcenter.providers.pinecall.client.options import StreamOptions, StreamSecrets, validate
from callcenter.providers.pinecall.client.pace import Backoff, Pace
from callcenter.providers.pinecall.client.reading import frames_of, word
from callcenter.providers.pinecall.client.sse import Parser, ServerEvent, TooLong
from callcenter.providers.pinecall.client.words import Broken, Hider, Refused, Stopped, failure, shown

WHAT = "The process"
ENDLESS = "The stream sends an event without an end: check that its address is the one of pc.stream."


class StreamClient:
    """A ``Client`` that only listens. ``silence_s`` without a byte means that the line is dead."""

    def __init__(self, options: StreamOptions, secrets: StreamSecrets, *, pace: Pace | None = None, rng: Random | None = None) -> None:
        self.options, self.secrets = options, secrets
        self.pace = pace or Pace()
        self.rng = rng or Random()  # noqa: S311 - jitter
        self.silence_s = options.silence_s if self.pace.silence_s is None else self.pace.silence_s
        self.hide = Hider((secrets.authorization, secrets.authorization.rpartition(" ")[2]))
        self.agents: list[str] = []
        self.heard = False

    async def run(self, up: Upward) -> None:
        """See ``Client.run``."""
        if problems := validate(self.options, self.secrets):
            up.line(Line.STOPPED, problems[0])
            return
        async with HandUp(up, self.pace.leave_s) as handup:
            await handup.during(self._keep(up, handup))

    async def command(self, _frame: Json) -> None:
        """See ``Client.command``."""
        raise NotSent(f"{ONLY_LISTENS} Connect the process by the bridge to act from here.")

    def check(self) -> AsyncIterator[Step]:
        """See ``Client.check``."""
        return check.stream(self.options, self.secrets, self.hide, self.first_event)

    async def first_event(self) -> str:
        """A sentence about the first event of a fresh stream. Raises Stopped, Refused, and what a network can raise."""
        parser = Parser()
        try:
            async with (
                asyncio.timeout(self.pace.answer_s),
                open_stream(self.options, self.secrets, self.pace) as client,
                client.stream("GET", self.options.url) as answer,
            ):
                refuse(answer)
                async for piece in answer.aiter_bytes():
                    for event in parser.feed(piece):
                        agents = ", ".join(shown(frame.get("agent")) for frame in self._frames(event))
                        return f"The stream speaks for {agents}." if agents else "The stream is open."
        except TooLong:
            raise Refused(ENDLESS) from None
        except TimeoutError:
            raise Refused(f"The stream did not greet within {self.pace.answer_s:.0f} s: check that it is pc.stream.") from None
        raise Refused("The process ended the stream at once.")

    async def _keep(self, up: Upward, handup: HandUp) -> None:
        """One answer after another, until one stops for good."""
        backoff = Backoff(self.pace.first_wait_s, self.pace.longest_wait_s, self.rng)
        while True:
            up.line(Line.CONNECTING)
            try:
                await self._read(up, handup)
            except Stopped as end:
                up.line(Line.STOPPED, self.hide(str(end)))
                return
            except Broken as error:
                words = self._words(error)
            finally:
                self._lost(handup)
            if self.heard:
                self.heard = False
                backoff.reset()
                up.trouble("The stream broke off; what happens until it is back is lost, since it repeats nothing.")
            wait = backoff.next()
            up.line(Line.WAITING, words, retry_s=wait)
            await asyncio.sleep(wait)

    async def _read(self, up: Upward, handup: HandUp) -> None:
        """One answer of the process to its end, which is always a failure."""
        async with open_stream(self.options, self.secrets, self.pace) as client, client.stream("GET", self.options.url) as answer:
            refuse(answer)
            up.line(Line.UP)
            parser = Parser()
            async for piece in answer.aiter_bytes():
                try:
                    frames = [frame for event in parser.feed(piece) for frame in self._frames(event)]
                except TooLong:
                    raise Refused(ENDLESS) from None
                if frames:
                    self.heard = True
                    await handup.put(frames, len(piece))
        raise Refused("The process ended the stream.")

    def _frames(self, event: ServerEvent) -> list[Json]:
        """A pair of name and data as one frame; ``connected`` of several agents as one frame for each."""
        frames = frames_of(event.data, self.hide)
        frames = [frame if "event" in frame or not event.name else {"event": event.name, **frame} for frame in frames]
        return [each for frame in frames for each in self._each_agent(frame)]

    def _each_agent(self, frame: Json) -> list[Json]:
        if word(frame, "event") != "connected":
            return [frame]
        listed = frame.get("agents")
        named = [agent for agent in listed if type(agent) is str and agent] if type(listed) is list else []
        self.agents = named or [agent for agent in (word(frame, "agent"),) if agent]
        return [{"event": "connected", "agent": agent} for agent in self.agents] or [frame]

    def _lost(self, handup: HandUp) -> None:
        """The calls of these agents are unverified until they are heard again."""
        lost = [
            {"event": "bridge.voice", "agent": agent, "up": False, "reason": "the stream broke off", "ts": time()} for agent in self.agents
        ]
        if lost:
            handup.add(lost, 0)
        self.agents = []

    def _words(self, error: BaseException) -> str:
        if isinstance(error, httpx.ReadTimeout):
            return f"The stream has been silent for {self.silence_s:.0f} s, though it gives a sign of life every 30: it is opened anew."
        return self.hide(failure(error, shown_address(self.options.url), WHAT))


def open_stream(options: StreamOptions, secrets: StreamSecrets, pace: Pace) -> httpx.AsyncClient:
    """A client with the headers that the process wants."""
    client = http_client(options.url, pace.open_s, read_s=options.silence_s if pace.silence_s is None else pace.silence_s)
    client.headers.update({"Accept": "text/event-stream", "Cache-Control": "no-cache"})
    if secrets.authorization:
        client.headers[options.header] = secrets.authorization
    return client


def refuse(answer: httpx.Response) -> None:
    """Raises Stopped or Refused for what is no stream of events."""
    status = answer.status_code
    if status in (401, 403):
        raise Stopped(f"The process answers {status}: it does not accept the value of the header. Correct it and save the connection.")
    if status == 204:
        raise Stopped("The process says that this stream is over for good (204). Check its address and save the connection.")
    if answer.is_redirect:
        place = shown_address(answer.headers.get("location", ""))
        raise Stopped(f"The stream has moved to {shown(place)}: put its new address into the connection.")
    if status != 200:
        raise Refused(f"The process answers {status} at this address: check the address and that it serves pc.stream there.")
    kind = answer.headers.get("content-type", "")
    if not kind.lower().startswith("text/event-stream"):
        raise Refused(f"What answers is no stream of events but {shown(kind) or 'something else'}: check the address.")
