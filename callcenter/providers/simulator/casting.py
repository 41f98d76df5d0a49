"""Who calls whom next: the business, the channel, the contact and the script of a new call."""

from collections import deque
from dataclasses import dataclass, field
from random import Random

from callcenter.providers.simulator import identity as ids
from callcenter.providers.simulator.account import Account, digits
from callcenter.providers.simulator.businesses import Business, contact_of
from callcenter.providers.simulator.chat import ChatCall
from callcenter.providers.simulator.conversation import Conversation
from callcenter.providers.simulator.identity import Identity
from callcenter.providers.simulator.lasting import lasting
from callcenter.providers.simulator.line import LineCall
from callcenter.providers.simulator.people import name_for, slots_for
from callcenter.providers.simulator.script import Script
from callcenter.providers.simulator.scripts import choose, fitting
from callcenter.providers.simulator.sippet_call import SippetCall
from callcenter.providers.simulator.voice import VoiceCall
from callcenter.providers.simulator.whatsapp import WhatsAppCall

CHANNELS = ("phone", "webrtc", "chat", "whatsapp")
WEIGHTS = {"phone": 0.5, "webrtc": 0.12, "chat": 0.14, "whatsapp": 0.24}
OUTBOUND_SHARE = 0.16
RETURNING_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Part:
    """What a new call needs; a command that dials fills some of it in itself."""

    business: Business
    channel: str
    direction: str
    script: Script
    contact: str = ""
    line: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


class Casting:
    """Draws parts with one seeded random, and lets contacts of a business come back."""

    def __init__(self, seed: str, run: str, channels: tuple[str, ...], sippet_wrapping: str) -> None:
        self.seed, self.run = seed, run
        self.rng = Random(f"{seed} casting")
        self.channels = channels
        self.wrapping = sippet_wrapping
        self.recent: dict[str, deque[str]] = {}
        self.count = 0

    def plays(self, provider: str) -> bool:
        """Whether a provider holds any of the wanted channels; Sippet is telephony only."""
        return provider == "pinecall" or "phone" in self.channels

    def draw(self, account: Account, things: int = 1) -> Part:
        """The next part on an account, about up to so many things."""
        channels = self.channels if account.provider == "pinecall" else ("phone",)
        while True:
            business = self.rng.choice(account.businesses)
            channel = self.rng.choices(channels, [WEIGHTS[name] for name in channels])[0]
            outbound = channel == "phone" and self.rng.random() < OUTBOUND_SHARE
            direction = "outbound" if outbound else "inbound"
            script = choose(business, channel, direction, self.rng)
            if script is not None:
                if things > 1:
                    script = lasting(script, fitting(business, channel, direction), things, self.rng)
                return Part(business, channel, direction, script)

    def contact(self, business: Business, busy: set[str]) -> str:
        """A number that is not in ``busy``: often one that was here before."""
        recent = self.recent.setdefault(business.agent, deque(maxlen=40))
        for _ in range(50):
            returning = recent and self.rng.random() < RETURNING_SHARE
            number = self.rng.choice(recent) if returning else contact_of(business, self.rng)[0]
            if number not in busy:
                break
        recent.append(number)
        return number

    def cast(self, account: Account, part: Part, busy: set[str]) -> Conversation:
        """The conversation of a part, ready to begin."""
        self.count += 1
        rng = Random(f"{self.seed} {account.slug} {self.count}")
        business = part.business
        number = part.contact or self.contact(business, busy)
        line = part.line or rng.choice(business.numbers)
        name = name_for(number, business.language)
        slots = slots_for(business.language, name, business.name, number, rng)
        own = ids.call_id if account.provider == "pinecall" else lambda rng, _: ids.uuid(rng)
        call_id = own(Random(f"{self.seed} {self.run} {account.slug} {self.count}"), part.channel)
        from_number, to_number = ends(part, number, line)
        metadata = part.metadata or metadata_of(part, rng)
        identity = Identity(
            call_id, business.agent, from_number, to_number, part.direction, part.channel,
            business.language, name, business.server_agent, metadata,
        )  # fmt: skip
        if account.provider == "sippet":
            return SippetCall(account, identity, slots, rng, part.script, self.wrapping)
        if part.channel == "chat":
            return ChatCall(account, identity, slots, rng, part.script)
        if part.channel == "whatsapp":
            return WhatsAppCall(account, identity, slots, rng, part.script)
        records = rng.random() < 0.6 and part.channel == "phone"
        answered = part.channel == "phone" and part.direction == "inbound" and line in business.lines
        kind = LineCall if answered else VoiceCall
        return kind(account, identity, slots, rng, part.script, business.forward_to, records)


def ends(part: Part, number: str, line: str) -> tuple[str, str]:
    """Both ends as the channel spells them (contract: pinecall.md A.2)."""
    if part.channel == "webrtc":
        return "webrtc", "webrtc"
    if part.channel == "chat":
        return "chat", part.business.agent
    if part.channel == "whatsapp":
        return digits(number), part.business.agent
    return (line, number) if part.direction == "outbound" else (number, line)


def metadata_of(part: Part, rng: Random) -> dict[str, str]:
    """What the business's own page or application adds to a call."""
    if part.channel in ("webrtc", "chat"):
        return {"userId": f"u-{rng.randint(100, 999)}", "plan": rng.choice(("basic", "family", "plus"))}
    if part.direction == "outbound":
        return {"appointmentId": f"apt_{rng.randint(1000, 9999)}"}
    return {}
