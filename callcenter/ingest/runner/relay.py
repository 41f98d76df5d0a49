"""One connection's line to our own ingest: sends what is spooled, takes acknowledgements, receives commands, says how it is."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from callcenter.ingest.runner.large import TOO_LARGE, Away, deliver, is_large
from callcenter.ingest.runner.spool import Envelope, words_of
from callcenter.ingest.runner.store import Store
from callcenter.providers.together import first_of

FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 5.0
OPEN_S = 10.0
ACK_S = 60.0  # an open socket on which nothing is acknowledged for so long is left
DISK_S = 1.0
ANSWERS = 1000  # kept for the next socket
AWAY = "Ingest does not answer: frames are kept on disk until it does."
SILENT = "Ingest acknowledged nothing for {:.0f} seconds: its line is opened anew. Frames are kept on disk."
REFUSED = "Ingest refuses the runner: another runner took over, or this one has another SECRET_KEY. Frames are kept on disk."


class Silent(Exception):
    """Ingest acknowledges nothing of what was sent."""


class Relay:
    """``words``: why frames do not get into ingest, "" = they do. ``command`` and ``room`` are set before it runs.

    ``may_act``: this runner still holds the lease. ``trouble`` takes one sentence.
    """

    def __init__(self, url: str, token: str, store: Store, may_act: Callable[[], bool], trouble: Callable[[str], None]) -> None:
        self.url, self.token, self.store, self.may_act, self.trouble = url, token, store, may_act, trouble
        self.command: Callable[[str, dict[str, Any]], None] = lambda _number, _frame: None
        self.room: Callable[[], None] = lambda: None
        self.wake = asyncio.Event()
        self.answers: deque[str] = deque(maxlen=ANSWERS)
        self.words = ""
        self.takes_commands = self.said = False
        self.rejected = 0
        self.waits_since: float | None = None  # for an acknowledgement
        self.large: Envelope | None = None  # waits until everything before it is acknowledged; nothing goes after it until then
        self.turn = asyncio.Event()

    def carry_commands(self, wish: bool) -> None:
        """Whether the provider can be reached: only then commands may come. Until then they wait at the console."""
        self.takes_commands = wish
        self.wake.set()

    def answer(self, command: str, error: str | None) -> None:
        """What became of a command; it reaches ingest by this socket or the next."""
        said = {"command": command, "status": "sent"} if error is None else {"command": command, "status": "failed", "error": error}
        self.answers.append(orjson.dumps(said).decode())
        self.wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        wait = FIRST_WAIT_S
        while True:
            words = AWAY
            try:
                async with connect(
                    self.url,
                    additional_headers={"Authorization": f"Bearer {self.token}", "X-Commands": "no"},
                    compression=None,
                    proxy=None,
                    max_size=None,
                    open_timeout=OPEN_S,
                    ping_timeout=60,
                    close_timeout=2,
                ) as socket:
                    await self._serve(socket)
            except InvalidStatus as error:
                words = REFUSED if error.response.status_code in (401, 403) else AWAY
            except (ConnectionClosed, InvalidHandshake, TimeoutError):
                pass
            except Away as error:
                words = str(error)
            except Silent:
                words = SILENT.format(ACK_S)
                self.trouble(words)
            except OSError as error:
                if error.filename is not None:  # of the spool, not of the socket
                    words = words_of(error, self.store.folder)
            if self.said:
                wait, self.said = FIRST_WAIT_S, False
            self.words = words
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))  # noqa: S311
            wait = min(2 * wait, LONGEST_WAIT_S)

    async def _serve(self, socket: ClientConnection) -> None:
        """One life of the socket; whichever part ends first ends both."""
        self.store.rewind()
        self.words = ""
        self.waits_since = self.large = None
        self.wake.set()
        await first_of(self._send(socket), self._read(socket), self._watch(), self._deliver())

    async def _send(self, socket: ClientConnection) -> None:
        open_for_commands = False
        while True:
            await self.wake.wait()
            self.wake.clear()
            while self.answers:
                await socket.send(self.answers[0])
                self.answers.popleft()
            if open_for_commands is not self.takes_commands:
                open_for_commands = self.takes_commands
                await socket.send('{"commands":"yes"}' if open_for_commands else '{"commands":"no"}')
            while self.may_act() and self.large is None and (envelope := await self._next()) is not None:
                self.waits_since = self.waits_since or monotonic()
                if is_large(envelope.text):
                    self.large = envelope
                    self.turn.set()
                else:
                    await socket.send(envelope.text)

    async def _deliver(self) -> None:
        """Large envelopes, each in its turn: ingest takes the numbers of a stream as they rise. Raises Away."""
        while True:
            await self.turn.wait()
            self.turn.clear()
            if self.large is not None and self.store.first_on_way == self.large.id:
                said = await deliver(self.url, self.token, self.large.text)
                number, self.large = self.large.id, None
                self._acknowledged({**said, "ack": number})

    async def _watch(self) -> None:
        """An ingest that takes what is sent and never answers would hold everything up: nothing else closes its socket."""
        while True:
            await asyncio.sleep(ACK_S / 60)
            if self.waits_since is not None and monotonic() - self.waits_since >= ACK_S:
                raise Silent

    async def _next(self) -> Envelope | None:
        """The next envelope. A disk that cannot note what is on its way is waited for."""
        while True:
            try:
                return self.store.next()
            except OSError as error:
                self.words = words_of(error, self.store.folder)
                await asyncio.sleep(DISK_S)

    async def _read(self, socket: ClientConnection) -> None:
        async for message in socket:
            try:
                said = orjson.loads(message)
            except orjson.JSONDecodeError:
                continue
            if not isinstance(said, dict):
                continue
            if isinstance(said.get("ack"), int):
                self._acknowledged(said)
            elif isinstance(said.get("id"), str) and isinstance(said.get("command"), dict):
                self.command(said["id"], said["command"])

    def _acknowledged(self, said: dict[str, Any]) -> None:
        self.said = True
        if said.get("error"):
            self.trouble(TOO_LARGE)
        elif said.get("rejected"):
            self.rejected += len(said["rejected"])
            self.trouble(f"{self.rejected:,} frames could not be read; the first words of each are under Dead letters.")
        with suppress(OSError):  # it is noted again with the next; a restart before would send it twice under one id
            self.store.acknowledge(said["ack"])
        self.waits_since = monotonic() if self.store.first_on_way else None
        self.room()
        self.turn.set()
        self.wake.set()
