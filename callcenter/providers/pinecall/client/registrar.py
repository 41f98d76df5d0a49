"""Registers the agents over one open socket, and keeps to the rules when somebody else holds one. Contract B.1, B.5, B.6.

One ``agent.create`` is on its way at a time, since an error may not say whom it is about.
"""

import asyncio
from collections.abc import Callable, Iterable
from random import Random

from callcenter.providers.client import Json
from callcenter.providers.pinecall.client import refusals
from callcenter.providers.pinecall.client.options import DirectSecrets
from callcenter.providers.pinecall.client.pace import Backoff, Pace
from callcenter.providers.pinecall.client.reading import word
from callcenter.providers.pinecall.client.registration import agent_frame, channel_frames
from callcenter.providers.pinecall.client.setup import AgentSetup
from callcenter.providers.pinecall.client.validation import slug_of
from callcenter.providers.pinecall.client.words import Hider, shown
from callcenter.providers.pinecall.fields import agent_of
from callcenter.providers.values import number

LONGEST_S = 300.0


class Asking:
    """One agent that is not registered yet. Times of the loop's clock; ``since``: of the first conflict of this episode."""

    def __init__(self, agent: AgentSetup, backoff: Backoff) -> None:
        self.agent, self.backoff = agent, backoff
        self.due = 0.0
        self.since: float | None = None


class Registrar:
    """``registered`` and ``refused`` hold slugs; ``standing``: slug -> why it is not registered.

    ``changed`` is called after each step with a sentence, "" = nothing to say.
    """

    def __init__(
        self, agents: Iterable[AgentSetup], secrets: DirectSecrets, post: Callable[[Json], None], changed: Callable[[str], None],
        hide: Hider, pace: Pace, rng: Random,
    ) -> None:  # fmt: skip
        self.secrets, self.post, self.changed, self.hide, self.pace, self.rng = secrets, post, changed, hide, pace, rng
        self.agents = {slug_of(agent): agent for agent in agents}
        self.pending = {slug: self._asking(slug) for slug in self.agents}
        self.registered: set[str] = set()
        self.refused: dict[str, str] = {}
        self.standing: dict[str, str] = {}
        self.asked = ""
        self._moved = asyncio.Event()

    @property
    def hopeless(self) -> bool:
        """No agent is registered and none will be."""
        return not self.registered and not self.pending

    @property
    def count(self) -> str:
        """How many agents are registered while it is not all of them, as a sentence; "" = all, or none yet."""
        here, wanted = len(self.registered), len(self.agents)
        return "" if here in (0, wanted) else f"{here} of {wanted} agents registered."

    async def run(self) -> None:
        """Ask for each agent when it is due, for as long as the socket lives."""
        clock = asyncio.get_running_loop().time
        while True:
            slug, asking = min(self.pending.items(), key=lambda item: item[1].due, default=("", None))
            if asking is None or asking.due > clock():
                await self._wait(None if asking is None else asking.due - clock())
                continue
            self.asked = slug
            asking.due = clock() + self.pace.unanswered_s
            self.post(agent_frame(asking.agent))
            await self._answer_of(slug, clock() + self.pace.answer_s)

    async def _answer_of(self, slug: str, deadline: float) -> None:
        clock = asyncio.get_running_loop().time
        while self.asked == slug and clock() < deadline:
            await self._wait(deadline - clock())
        if self.asked == slug:
            self.asked = ""
            self.changed(f"Pinecall has not answered the registration of agent {self._shown(slug)}; it is asked again.")

    async def _wait(self, seconds: float | None) -> None:
        self._moved.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._moved.wait()
        except TimeoutError:
            pass

    def created(self, frame: Json) -> str:
        """The slug of the agent that exists from now on, "" when it was known to exist."""
        slug = agent_of(word(frame, "agent_id"))[0] or self.asked
        asking = self.pending.pop(slug, None)
        if asking is None:
            return ""
        self.registered.add(slug)
        for channel in channel_frames(asking.agent, self.secrets):
            self.post(channel)
        self._answered(slug, "")
        return slug

    def failed(self, frame: Json) -> None:
        """An ``error`` or ``line.error`` frame."""
        code = refusals.code_of(frame)
        named = agent_of(word(frame, "agent_id"))[0]
        slug = named or self.asked
        if code not in refusals.ABOUT_AGENTS or slug not in self.agents or slug in self.refused:
            self.changed(refusals.others(frame, self.hide))
        elif code in refusals.CONFLICTS:
            self._conflict(slug, frame)
        elif code == refusals.CAPACITY:
            wait = self._delay(slug, min(number(frame.get("retry_after_s")) or self.pace.capacity_s, LONGEST_S))
            self._answered(slug, refusals.at_capacity(self._shown(slug), frame, wait))
        elif code == refusals.FATAL_CONFLICT:
            self._refuse(slug, refusals.surely_held(self._shown(slug)))
        else:
            self._refuse(slug, refusals.bad_configuration(self._shown(slug), frame, self.hide))

    def displaced(self, frame: Json) -> None:
        """Someone took an agent over; nobody takes it back by machine."""
        slug = agent_of(word(frame, "agent_id"))[0] or (next(iter(self.agents)) if len(self.agents) == 1 else "")
        words = refusals.displaced(self._shown(slug) if slug in self.agents else "", self.hide(shown(frame.get("reason"))))
        if slug in self.agents:
            self._refuse(slug, words)
        else:
            self.changed(words)

    def _conflict(self, slug: str, frame: Json) -> None:
        now = asyncio.get_running_loop().time()
        asking = self.pending.get(slug)
        if asking is None:
            self._delay(slug, 0)
            asking = self.pending[slug]
        if asking.since is None or frame.get("holder_alive") is False:
            asking.since = now
            asking.backoff.reset()
        wished = number(frame.get("retry_after_s"))
        wait = asking.backoff.next() if wished is None else max(wished, 0.05)
        if now + wait - asking.since > self.pace.conflict_limit_s:
            self._refuse(slug, refusals.stays_held(self._shown(slug), self.pace.conflict_limit_s))
            return
        self._delay(slug, wait)
        self._answered(slug, refusals.held_elsewhere(self._shown(slug), wait))

    def _delay(self, slug: str, wait: float) -> float:
        """Ask again later; an agent that was registered is so no longer."""
        self.registered.discard(slug)
        asking = self.pending.get(slug)
        if asking is None:
            asking = self.pending[slug] = self._asking(slug)
        asking.due = asyncio.get_running_loop().time() + wait
        return wait

    def _refuse(self, slug: str, words: str) -> None:
        self.pending.pop(slug, None)
        self.registered.discard(slug)
        self.refused[slug] = words
        self._answered(slug, words)

    def _answered(self, slug: str, words: str) -> None:
        if self.asked == slug:
            self.asked = ""
        self.standing.pop(slug, None)
        if words:
            self.standing[slug] = words
        self._moved.set()
        self.changed(words)

    def _asking(self, slug: str) -> Asking:
        backoff = Backoff(self.pace.conflict_first_s, self.pace.conflict_longest_s, self.rng, below=0.15, above=0.15)
        return Asking(self.agents[slug], backoff)

    def _shown(self, slug: str) -> str:
        return self.agents[slug].id
