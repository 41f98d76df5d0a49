"""One open ``/client`` socket from ``connect`` to its end: what is read, what is owed, signs of life. Contract B."""

import asyncio
from collections import deque
from random import Random
from time import time

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from callcenter.providers.client import Json, Line, NotSent
from callcenter.providers.pinecall.client import refusals
from callcenter.providers.pinecall.client.handup import HandUp
from callcenter.providers.pinecall.client.options import DirectSecrets
from callcenter.providers.pinecall.client.pace import Pace
from callcenter.providers.pinecall.client.reading import frames_of, word
from callcenter.providers.pinecall.client.registrar import Registrar
from callcenter.providers.pinecall.client.setup import AgentSetup
from callcenter.providers.pinecall.client.tools import Toolbox
from callcenter.providers.pinecall.client.words import Hider, Refused, Stopped, closed
from callcenter.providers.pinecall.fields import agent_of

UNSENT = 5000
TOOLS_AT_ONCE = 200
MISSED = 2


class Session:
    """Made around an open socket; ``serve`` runs it to its end."""

    def __init__(
        self, socket: ClientConnection, agents: list[AgentSetup], secrets: DirectSecrets, handup: HandUp,
        toolbox: Toolbox, hide: Hider, pace: Pace, rng: Random,
    ) -> None:  # fmt: skip
        self.socket, self.secrets, self.up, self.handup = socket, secrets, handup.up, handup
        self.toolbox, self.hide, self.pace = toolbox, hide, pace
        self.registrar = Registrar(agents, secrets, self.post, self._changed, hide, pace, rng)
        self.clock = asyncio.get_running_loop().time
        self.heard = self.clock()
        self.greeted = False
        self.end: Stopped | Refused | None = None
        self._refusal: Json | None = None
        self._said: tuple[Line, str] | None = None
        self._told = ""
        self._outgoing: deque[Json] = deque()
        self._some = asyncio.Event()
        self._tools: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Never returns. Raises Stopped, Refused or ConnectionClosed, with everything that was read on its way up."""
        helpers: list[asyncio.Task[None]] = []
        why = "the console let it go"
        try:
            self.post({"event": "connect", "api_key": self.secrets.api_key})
            helpers.append(self._helper(self._write()))
            await self._greeting()
            helpers += [self._helper(self._ping()), self._helper(self.registrar.run())]
            while True:
                await self._take(await self.socket.recv())
        except ConnectionClosed as error:
            end = self._why(error)
            why = str(end)
            raise end from None
        except (Stopped, Refused) as end:
            why = str(end)
            raise
        finally:
            self._voice_lost(why)
            for task in (*helpers, *self._tools):
                task.cancel()
            await asyncio.gather(*helpers, *self._tools, return_exceptions=True)
            await self.socket.close()

    def post(self, frame: Json) -> None:
        """Send a frame of our own, in order, soon."""
        self._outgoing.append(frame)
        self._some.set()
        if len(self._outgoing) > UNSENT:
            self._leave(Refused("Pinecall sends, but does not read what it is sent: the line is made anew."))

    async def command(self, frame: Json) -> None:
        """Give a command to the socket. Raises NotSent only when it surely did not leave."""
        agent = word(frame, "agent_id")
        if self.socket.state is not State.OPEN or not self.registrar.registered:
            raise NotSent("The line to Pinecall is down: the command did not leave.")
        if agent and agent_of(agent)[0] not in self.registrar.registered:
            raise NotSent(f"Agent {agent} is not registered at Pinecall: the command did not leave.")
        try:
            async with asyncio.timeout(self.pace.answer_s):
                await self.socket.send(msgspec.json.encode(frame), text=True)
        except (ConnectionClosed, TimeoutError):
            return  # it was written, and may have arrived: not to be said to have failed

    async def _greeting(self) -> None:
        try:
            async with asyncio.timeout(self.pace.answer_s):
                while not self.greeted:
                    await self._take(await self.socket.recv())
        except TimeoutError:
            raise Refused(f"Pinecall opened the line, but did not greet within {self.pace.answer_s:.0f} s.") from None

    async def _take(self, message: str | bytes) -> None:
        """Owe what is owed at once, then hand everything up. A sign of life is no frame."""
        self.heard = self.clock()
        kept: list[object] = []
        for frame in frames_of(message, self.hide):
            event = word(frame, "event")
            if event == "ping":
                self.post({"event": "pong"})
            elif event != "pong":
                kept.append(frame)
                self._heed(event, frame, kept)
        if kept:
            await self.handup.put(kept, len(message))
        if len(self._tools) > TOOLS_AT_ONCE:
            await asyncio.wait(self._tools, return_when=asyncio.FIRST_COMPLETED)
        if self.end is not None:
            raise self.end

    def _heed(self, event: str, frame: Json, kept: list[object]) -> None:
        match event:
            case "connected":
                self.greeted = True
            case "agent.created" | "agent.resumed":
                if slug := self.registrar.created(frame):
                    # What a stream says of an agent that is there: its calls can be believed again.
                    kept.append({"event": "connected", "agent": self.registrar.agents[slug].id})
            case "error" | "line.error" if self.greeted:
                self.registrar.failed(frame)
            case "error":
                self._refusal = frame
                if refusals.is_about_the_key(frame):
                    self.end = Stopped(refusals.wrong_key(frame, self.hide))
            case "agent.displaced":
                self.registrar.displaced(frame)
            case "llm.before":
                self.post({"event": "llm.ready", **{key: frame[key] for key in ("agent_id", "call_id", "turn") if key in frame}})
            case "llm.tool_call":
                task = asyncio.create_task(self._use_tools(frame))
                self._tools.add(task)
                task.add_done_callback(self._tools.discard)

    async def _use_tools(self, frame: Json) -> None:
        answer = await self.toolbox.answer(frame)
        self.post(answer)
        self._tell(self.toolbox.trouble)
        # The server is not known to repeat it to us, and a tool without a result would be shown as running for ever.
        self.handup.add([{**answer, "agent_id": word(frame, "agent_id")}], 0)

    def _changed(self, words: str) -> None:
        registrar = self.registrar
        if registrar.hopeless:
            self.end = Stopped(" ".join(registrar.refused.values()))
            return
        standing = " ".join(registrar.standing.values())
        now = (Line.UP if registrar.registered else Line.CONNECTING, f"{registrar.count} {standing}".strip())
        if now != self._said:
            self._said = now
            self.up.line(*now)
        if words not in standing:
            self._tell(words)

    def _tell(self, words: str) -> None:
        """Say it once: a flood of the same error is one sentence."""
        if words and words != self._told:
            self._told = words
            self.up.trouble(words)

    async def _write(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            while self._outgoing:
                await self.socket.send(msgspec.json.encode(self._outgoing.popleft()), text=True)

    async def _ping(self) -> None:
        """Two intervals in which nothing at all was heard: dead. While the runner has no room nobody listens."""
        missed = 0
        while True:
            asked = self.clock()
            self.post({"event": "ping"})
            await asyncio.sleep(self.pace.ping_s)
            missed = missed + 1 if self.heard < asked and not self.handup.full else 0
            if missed == MISSED:
                self._leave(Refused(f"Pinecall has been silent for {MISSED * self.pace.ping_s:.0f} s: the line is made anew."))
                return

    def _helper(self, part: object) -> asyncio.Task[None]:
        """A part of this session: a fault in it ends the session, and is not lost."""
        task: asyncio.Task[None] = asyncio.create_task(part)  # type: ignore[arg-type]
        task.add_done_callback(self._helper_ended)
        return task

    def _helper_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, ConnectionClosed):
            asyncio.get_running_loop().call_exception_handler({"message": "a part of the Pinecall client failed", "exception": error})
            self._leave(Refused("The client failed on its side; what happened stands in the log."))

    def _leave(self, end: Refused) -> None:
        self.end = self.end or end
        self.socket.transport.abort()

    def _why(self, error: ConnectionClosed) -> Stopped | Refused:
        """The end that was foreseen, the one that the other side gave, or the plain fact."""
        if self.end is not None:
            return self.end
        reason = self.hide(error.rcvd.reason) if error.rcvd else ""
        if "displaced" in reason.lower():
            return Stopped(" ".join(self.registrar.refused.values()) or refusals.displaced("", reason))
        if not self.greeted and refusals.is_about_the_key({"error": reason}):
            return Stopped(refusals.wrong_key({"error": reason}, self.hide))
        if self._refusal is not None:
            return Refused(refusals.unwelcome(self._refusal, self.hide))
        return Refused(self.hide(closed(error)))

    def _voice_lost(self, why: str) -> None:
        """Nothing is replayed after a gap: the calls of these agents are unverified until they are heard again."""
        ids = [self.registrar.agents[slug].id for slug in sorted(self.registrar.registered)]
        lost = [{"event": "bridge.voice", "agent_id": agent, "up": False, "reason": why, "ts": time()} for agent in ids]
        if lost:
            self.handup.add(lost, 0)
        self.registrar.registered.clear()
