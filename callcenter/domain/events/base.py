"""What every event has, and the stamp that orders events. Source: contract, sections A and G."""

from msgspec import Struct

LINE = "line:"  # the slug of a provider's phone line is this and its number


class Stamp(Struct, frozen=True, gc=False):
    """Where an event stands in time. Two that have a sequence and no time are compared by it, all others by time first.

    ``time`` is epoch seconds: the provider's ``ts``, else ``received``. ``seq`` is the provider's (0 = none), ``n`` the
    arrival number inside the scope. ``marked`` tells whether ``time`` is the provider's; ``received`` is the arrival.
    """

    time: float
    seq: int
    n: int
    marked: bool = False
    received: float = 0.0

    def _beside(self, other: "Stamp") -> tuple[float, int, int, bool, float]:
        """What is compared with the other."""
        sequenced = self.seq and other.seq and not (self.marked or other.marked)
        return (0.0 if sequenced else self.time, self.seq, self.n, self.marked, self.received)

    def __lt__(self, other: "Stamp") -> bool:
        return self._beside(other) < other._beside(self)

    def __le__(self, other: "Stamp") -> bool:
        return self._beside(other) <= other._beside(self)

    def __gt__(self, other: "Stamp") -> bool:
        return self._beside(other) > other._beside(self)

    def __ge__(self, other: "Stamp") -> bool:
        return self._beside(other) >= other._beside(self)


def stamp_of(ts: float | None, seq: int | None, n: int, received: float) -> Stamp:
    """The stamp of a frame with these marks; all times in epoch seconds."""
    if ts is None:
        return Stamp(received, seq or 0, n, False, received)
    return Stamp(ts, seq or 0, n, True, received)


class Event(Struct, frozen=True, kw_only=True):
    """A frame, decoded and normalised; past tense."""


class CallEvent(Event, frozen=True, kw_only=True):
    """An event about one call. The identity fields are what this frame says of the call; "" = it does not say."""

    call: str
    agent: str = ""
    from_number: str = ""
    to_number: str = ""
    direction: str = ""  # inbound | outbound
    channel: str = ""  # phone | webrtc | chat | whatsapp


class AgentEvent(Event, frozen=True, kw_only=True):
    """An event about one agent: ``agent`` is its slug."""

    agent: str


class ThreadEvent(Event, frozen=True, kw_only=True):
    """An event about a WhatsApp thread that names no call: the contact's digits and the agent's slug."""

    agent: str
    contact: str


class ConnectionEvent(Event, frozen=True, kw_only=True):
    """An event about the connection as a whole."""
