"""A call that a phone line answers first: it goes to an agent when the line, or an operator, routes it (contract: pinecall.md D58)."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from callcenter.providers.simulator.account import Account
from callcenter.providers.simulator.businesses import Business, by_agent
from callcenter.providers.simulator.conversation import Story
from callcenter.providers.simulator.identity import Identity
from callcenter.providers.simulator.pinecall_form import WireForm, form_for
from callcenter.providers.simulator.script import Script
from callcenter.providers.simulator.voice import VoiceCall
from callcenter.providers.simulator.voice_commands import word

MENU_SECONDS = (15.0, 30.0)


class LineCall(VoiceCall):
    """The line plays its menu; after a while it routes the call to the agent whose number was called."""

    def __init__(
        self, account: Account, identity: Identity, slots: Mapping[str, str], rng: Random, script: Script, forward_to: str, records: bool
    ) -> None:
        own = replace(identity, agent=f"line:{identity.to_number}", server_agent="")
        super().__init__(account, own, slots, rng, script, forward_to, records)
        self.usual = identity.agent
        self.routed = False

    def before_the_agent(self) -> Story:
        """Wait for an operator who routes the call, as long as the menu lasts."""
        left = self.rng.uniform(*MENU_SECONDS)
        while left > 0 and not self.routed:
            yield 0.5
            left -= 0.5
        business = by_agent("pinecall", self.usual)
        if business is not None and not (self.routed or self.is_over()):
            self.hand_to(business)

    def obey(self, event: str, command: Mapping[str, object]) -> bool:
        """Routing is for calls that the line still has."""
        if event != "call.route":
            return super().obey(event, command)
        if self.routed or not self.flags.live:
            return False
        business = by_agent("pinecall", word(command, "agent"))
        if business is None:
            self.tell("call.route_failed", {"agent": word(command, "agent"), "reason": "unknown"})
            return True
        self.greeting = word(command, "greeting")
        self.hand_to(business, word(command, "language"))
        return True

    def oppose(self, event: str, command: Mapping[str, object]) -> None:
        """The agent is said to be away."""
        if event == "call.route":
            self.tell("call.route_failed", {"agent": word(command, "agent"), "reason": "offline"})
        else:
            super().oppose(event, command)

    def hand_to(self, business: Business, language: str = "") -> None:
        """The line's word of it, on the wire the end of its part too, and the agent's own start of the call."""
        line = self.identity
        self.routed = True
        self.tell("call.routed", {"agent": business.agent})
        if self.on_wire:
            self.tell("call.ended", {"reason": "routed", **self.ends()})
        spoken = language or business.language
        self.identity = replace(line, agent=business.agent, server_agent=business.server_agent, language=spoken)
        self.form = form_for(self.account.form, self.identity)
        wire = {**self.ends(), "direction": line.direction, "transport": line.transport, "metadata": line.metadata, "language": spoken}
        self.emit("call.started", {"routed_from": line.agent}, wire=wire)

    def tell(self, event: str, fields: Mapping[str, object]) -> None:
        """A line's word about routing: no agent's stream has it, a bridge passes on what the server said."""
        frame = WireForm(self.identity).encode(event, fields, self.account.next_seq(), self.now)
        if frame is not None:
            self.out.append(frame)
