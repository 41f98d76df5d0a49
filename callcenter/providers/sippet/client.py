"""The connection to Sippet: a socket that is kept alive, a worker that fetches what was missed, and commands by RPC."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import nullcontext
from random import Random
from time import monotonic
from typing import Any

from callcenter.providers.client import Json, Line, NotSent, Step, Unsure, Upward
from callcenter.providers.sippet.actions import UNTOLD, body_of
from callcenter.providers.sippet.api import Api, KeyRefused, Refused, Unavailable
from callcenter.providers.sippet.check import walk
from callcenter.providers.sippet.dial import TokenRefused, open_socket
from callcenter.providers.sippet.options import SippetOptions, SippetSecrets, listed, validate
from callcenter.providers.sippet.pacing import Backoff
from callcenter.providers.sippet.snapshot import roles_of, translated
from callcenter.providers.sippet.sync import Sync
from callcenter.providers.sippet.wire import Dropped, Ear, JoinRefused, Wire
from callcenter.providers.together import first_of

HINT = "list_calls"  # how the console says that a webhook spoke of a call
REFUSALS = 3
SLOW_S = 60.0
STEADY_S = 3.0  # a line that held so long was a good one


class SippetClient:
    """A ``Client`` for one connection; made anew when its settings change."""

    def __init__(self, options: SippetOptions, secrets: SippetSecrets, rng: Random | None = None) -> None:
        self.options, self.secrets = options, secrets
        self.api = Api(options, secrets)
        self.sync = Sync(self.api, options)
        self.roles = roles_of(options)
        self.pace = Backoff(options.reconnect_least_s, options.reconnect_most_s, rng)
        self.refusals = 0
        self.up: Upward | None = None
        self.turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # by operator

    async def run(self, up: Upward) -> None:
        problems = validate(self.options)
        if problems:
            up.line(Line.STOPPED, problems[0])
            return
        self.up = up
        try:
            await first_of(self._keep(up), self.sync.run(up))
        finally:
            self.sync.left()
            await self.api.close()

    def check(self) -> AsyncIterator[Step]:
        return walk(self.options, self.secrets)

    async def command(self, frame: Json) -> None:
        """One request, never repeated. Where no answer came it may have been done: the provider's events, or a fetch, will tell."""
        if frame.get("action") == HINT:
            self.sync.want(_named_in(frame), 0.0)
            return
        body = body_of(frame, self.options)
        words = (self.sync.absent or {}).get(frame["action"])
        if words:
            raise NotSent(words)
        try:
            # No event would tell which of two came last: the second waits for the answer to the first.
            async with self.turns[_operator_in(frame)] if frame["action"] in UNTOLD else nullcontext():
                await self.api.run(body)
        except (Refused, KeyRefused) as refusal:
            raise NotSent(str(refusal)) from None
        except Unavailable as trouble:
            if not trouble.left:
                raise NotSent(str(trouble)) from None
            if frame["action"] in UNTOLD:
                raise Unsure(f"{trouble} Nobody can tell whether {body['action']} was done.") from None
            if self.up is not None:
                self.up.trouble(f"{trouble} Whether {body['action']} was done, the call itself has to show.")
        given = frame.get("input")
        call = given.get("callUuid") if isinstance(given, dict) else None
        if call or frame["action"] == "start_outbound_call":
            self.sync.follow(str(call or ""))

    # The line

    async def _keep(self, up: Upward) -> None:
        """Returns when the key is refused: nothing but a person's hand helps then."""
        while True:
            up.line(Line.CONNECTING)
            began, words, wait = monotonic(), "", 0.0
            try:
                await self._attend(up)
            except KeyRefused as refusal:
                up.line(Line.STOPPED, str(refusal))
                return
            except TokenRefused:
                words = "Sippet's socket refuses a token that Sippet made a moment ago; making another."
                self.refusals += 1
            except JoinRefused as refusal:
                words = f"Sippet refuses the channel: {refusal}"
                self.refusals += 1
            except Unavailable as trouble:
                words, wait = str(trouble), trouble.wait_s
            except Dropped as trouble:
                words = "" if trouble.calm else str(trouble)
            self.sync.left()
            self.sync.start()  # what can be fetched does not wait for the socket
            if monotonic() - began > STEADY_S:
                self.pace.reset()
            wait = max(wait, self.pace.next())
            if self.refusals >= REFUSALS:
                wait = max(wait, SLOW_S)
                words = f"{words} That was {self.refusals} times in a row: check the key's rights, and whether the clocks agree."
            up.line(Line.WAITING, words, retry_s=wait)
            await asyncio.sleep(wait)

    async def _attend(self, up: Upward) -> None:
        token = await self.api.mint()
        async with open_socket(self.options, token) as socket:
            await Wire(socket, self.options, self._topics(up), self._ear(up)).attend()

    def _ear(self, up: Upward) -> Ear:
        async def relay(frames: Sequence[object]) -> None:
            self.sync.watch(frames)
            await up.frames([self._translated(frame) for frame in frames] if self.roles else frames)

        def joined(topic: str) -> None:
            self.refusals = 0
            up.remember(self._memory(), topic)
            up.line(Line.UP)
            self.sync.joined()

        def left(words: str) -> None:
            self.sync.left()
            up.line(Line.CONNECTING, words)

        def unknown(words: str) -> None:
            up.line(Line.WAITING, words)
            self.sync.start()

        return Ear(relay, joined, left, unknown)

    def _topics(self, up: Upward) -> list[str]:
        """The one that worked last, the one of the settings, the others."""
        names = [self.options.topic.strip(), *listed(self.options.other_topics)]
        worked = up.recall(self._memory())
        return list(dict.fromkeys([*([worked] if worked in names else []), *names]))

    def _memory(self) -> str:
        return f"topic for {self.options.topic.strip()}"

    def _translated(self, frame: object) -> object:
        """Role words of the settings, in a frame of the channel."""
        if not isinstance(frame, list) or not isinstance(frame[4], dict):
            return frame
        payload = translated(frame[4], self.roles)
        for part in ("participant", "item"):
            if isinstance(payload.get(part), dict):
                payload = {**payload, part: translated(payload[part], self.roles)}
        return [*frame[:4], payload]


def _named_in(frame: Json) -> str:
    """The call that a list is asked for, "" = those that began lately."""
    found: Any = frame
    for key in ("filter", "callUuid", "eq"):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _operator_in(frame: Json) -> str:
    """Sippet's name for the operator whom an action is about."""
    given = frame.get("input")
    return str(given.get("sipUserId", "")) if isinstance(given, dict) else ""
