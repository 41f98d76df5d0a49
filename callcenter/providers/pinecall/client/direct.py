"""Pinecall, direct: this console owns the agents. Contract B."""

import asyncio
from collections.abc import AsyncIterator
from random import Random

from callcenter.providers.client import Json, Line, NotSent, Step, Upward
from callcenter.providers.pinecall.client import check
from callcenter.providers.pinecall.client.handup import HandUp
from callcenter.providers.pinecall.client.network import open_socket, shown_address, socket_base
from callcenter.providers.pinecall.client.options import DirectOptions, DirectSecrets, validate
from callcenter.providers.pinecall.client.pace import Backoff, Pace
from callcenter.providers.pinecall.client.session import Session
from callcenter.providers.pinecall.client.tools import Toolbox
from callcenter.providers.pinecall.client.validation import slug_of
from callcenter.providers.pinecall.client.words import Broken, Hider, Stopped, failure


class DirectClient:
    """A ``Client``. Agents that were refused or displaced stay so until the client is made anew."""

    def __init__(self, options: DirectOptions, secrets: DirectSecrets, *, pace: Pace | None = None, rng: Random | None = None) -> None:
        self.options, self.secrets = options, secrets
        self.pace = pace or Pace()
        self.rng = rng or Random()  # noqa: S311 - jitter
        self.url = f"{socket_base(options.server)}/client"
        self.hide = hider(secrets)
        self.toolbox = Toolbox(options.tool_url, secrets.tool_token, options.tool_wait_s, self.hide)
        self.refused: dict[str, str] = {}
        self.session: Session | None = None

    async def run(self, up: Upward) -> None:
        """See ``Client.run``."""
        if problems := validate(self.options, self.secrets):
            up.line(Line.STOPPED, problems[0])
            return
        async with HandUp(up, self.pace.leave_s) as handup:
            await handup.during(self._keep(up, handup))

    async def command(self, frame: Json) -> None:
        """See ``Client.command``."""
        if self.session is None:
            raise NotSent("The line to Pinecall is down: the command did not leave.")
        await self.session.command(frame)

    def check(self) -> AsyncIterator[Step]:
        """See ``Client.check``."""
        return check.direct(self.options, self.secrets, self.pace, self.hide)

    async def _keep(self, up: Upward, handup: HandUp) -> None:
        """One line after another, until one stops for good."""
        backoff = Backoff(self.pace.first_wait_s, self.pace.longest_wait_s, self.rng)
        while True:
            up.line(Line.CONNECTING)
            try:
                await self._live(handup, backoff)
                return
            except Stopped as end:
                up.line(Line.STOPPED, str(end))
                return
            except Broken as error:
                words = failure(error, shown_address(self.url))
            wait = backoff.next()
            up.line(Line.WAITING, words, retry_s=wait)
            await asyncio.sleep(wait)

    async def _live(self, handup: HandUp, backoff: Backoff) -> None:
        agents = [agent for agent in self.options.agents if slug_of(agent) not in self.refused]
        if not agents:
            raise Stopped(" ".join(self.refused.values()))
        socket = await open_socket(self.url, self.pace.open_s)
        session = Session(socket, agents, self.secrets, handup, self.toolbox, self.hide, self.pace, self.rng)
        self.session = session
        try:
            await session.serve()
        finally:
            self.session = None
            self.refused |= session.registrar.refused
            if session.greeted:
                backoff.reset()


def hider(secrets: DirectSecrets) -> Hider:
    """Hides all of them."""
    whatsapp = [value for kept in secrets.whatsapp.values() for value in (kept.access_token, kept.verify_token, kept.app_secret)]
    return Hider((secrets.api_key, secrets.tool_token, *whatsapp))
