"""What a provider account remembers: its running number, who is paused, and whom it can reach."""

from dataclasses import dataclass, field

from callcenter.providers.simulator.businesses import Business, businesses_of
from callcenter.providers.simulator.identity import Identity

REMEMBERED = 2000


@dataclass(slots=True)
class Pauses:
    """The three independent levels of one agent (contract: pinecall.md F.4)."""

    agent: bool = False
    contacts: set[str] = field(default_factory=set)
    conversations: set[str] = field(default_factory=set)

    def covers(self, contact: str, conversation: str) -> bool:
        """Whether the model stays silent in that conversation."""
        return self.agent or digits(contact) in self.contacts or conversation in self.conversations

    def pause(self, contact: str, conversation: str) -> None:
        """Add one level: a conversation, else a contact, else the whole agent."""
        if conversation:
            self.conversations.add(conversation)
        elif contact:
            self.contacts.add(digits(contact))
        else:
            self.agent = True

    def resume(self, contact: str, conversation: str) -> None:
        """Remove one level; without a target all three are emptied."""
        if conversation:
            self.conversations.discard(conversation)
        elif contact:
            self.contacts.discard(digits(contact))
        else:
            self.agent = False
            self.contacts.clear()
            self.conversations.clear()


@dataclass(slots=True)
class Account:
    """One provider account behind one connection of the console. ``agents``: its agents' slugs, empty = all that the provider hosts."""

    slug: str
    provider: str
    form: str
    seq: int = 0
    pauses: dict[str, Pauses] = field(default_factory=dict)
    over: dict[str, Identity] = field(default_factory=dict)
    voice_pause: bool = False
    agents: tuple[str, ...] = ()

    @property
    def businesses(self) -> tuple[Business, ...]:
        """Those whose agents it has."""
        return tuple(one for one in businesses_of(self.provider) if not self.agents or one.agent in self.agents)

    def next_seq(self) -> int:
        """The next running number; numbers of frames a form hides leave gaps, as in life."""
        self.seq += 1
        return self.seq

    def pauses_of(self, agent: str) -> Pauses:
        """The pause levels of an agent, made on first use."""
        return self.pauses.setdefault(agent, Pauses())

    def remember(self, identity: Identity) -> None:
        """Keep an ended WhatsApp conversation, so that a contact can still be written to."""
        self.over[identity.call_id] = identity
        if len(self.over) > REMEMBERED:
            self.over.pop(next(iter(self.over)))


def digits(number: str) -> str:
    """A number without anything but its digits, the way contacts are compared."""
    return "".join(filter(str.isdigit, number))
