"""Who talks to whom in one simulated call, and the ids the providers would give."""

from dataclasses import dataclass, field
from random import Random
from uuid import UUID

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Identity:
    """The facts of a call that never change while it runs.

    ``call_id`` is the provider's conversation id (on WhatsApp the session id). ``from_number`` and
    ``to_number`` are spelled as that channel spells them: E.164, ``webrtc``, ``chat`` or bare digits.
    """

    call_id: str
    agent: str
    from_number: str
    to_number: str
    direction: str
    transport: str
    language: str
    name: str
    server_agent: str = ""
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def contact(self) -> str:
        """The other end's number, whichever way the call went."""
        return self.to_number if self.direction == "outbound" else self.from_number


def letters(rng: Random, count: int) -> str:
    """``count`` characters of a-z0-9."""
    return "".join(rng.choices(LETTERS, k=count))


def digits16(rng: Random, count: int) -> str:
    """``count`` hexadecimal digits."""
    return f"{rng.getrandbits(count * 4):0{count}x}"


def uuid(rng: Random) -> str:
    """A random UUID in its usual spelling."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def call_id(rng: Random, transport: str) -> str:
    """An id in the shape the provider uses for that transport (contract: pinecall.md G.2)."""
    if transport == "phone":
        return "CA" + digits16(rng, 32)
    if transport == "webrtc":
        return uuid(rng) if rng.random() < 0.5 else "wrt_" + letters(rng, 16)
    if transport == "chat":
        return "chat-" + digits16(rng, 10)
    return "wa-" + digits16(rng, 12)


def message_id(rng: Random) -> str:
    """The id of an agent's message."""
    return "msg_" + letters(rng, 12)


def utterance_id(rng: Random) -> str:
    """The id of a contact's utterance."""
    return "u_" + digits16(rng, 8)


def whatsapp_id(rng: Random) -> str:
    """The id Meta gives to a message."""
    return "wamid.HBg" + letters(rng, 20).upper()
