"""What one connection has to send and has not yet had acknowledged. Pure: no socket, no clock."""

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from callcenter.providers.simulator.frame import Frame, encode

MOST_FRAMES = 500
MOST_BYTES = 2 * 1024 * 1024


class Envelope(NamedTuple):
    """A numbered batch; ``message`` is the whole text message, the same bytes every time it is sent."""

    id: int
    frames: tuple[Frame, ...]
    message: bytes


@dataclass(slots=True)
class Tally:
    """What a connection has sent and been told."""

    frames_sent: int = 0
    durable_sent: int = 0
    durable_acknowledged: int = 0
    envelopes_sent: int = 0
    envelopes_acknowledged: int = 0
    envelopes_resent: int = 0
    shed: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    refused_envelopes: int = 0


class Acknowledged(NamedTuple):
    """An envelope the console has committed, and what it said about single frames."""

    envelope: Envelope
    rejected: list[object]


@dataclass(slots=True)
class Outbox:
    """Frames wait here until there is room; at most ``window`` envelopes are on their way at once.

    Beyond ``shed_at`` waiting frames ephemeral ones are dropped: a level meter of ten seconds ago
    helps nobody. Durable frames are never dropped.
    """

    stream: str
    window: int = 32
    shed_at: int = 20_000
    tally: Tally = field(default_factory=Tally)
    waiting: deque[Frame] = field(default_factory=deque)
    unacknowledged: OrderedDict[int, Envelope] = field(default_factory=OrderedDict)
    last_id: int = 0

    def put(self, frame: Frame) -> None:
        """One more frame to send."""
        if not frame.durable and len(self.waiting) >= self.shed_at:
            self.tally.shed += 1
            return
        self.waiting.append(frame)

    def put_first(self, frames: list[Frame]) -> None:
        """These go before everything that waits."""
        self.waiting.extendleft(reversed(frames))

    @property
    def empty(self) -> bool:
        """Whether everything is sent and acknowledged."""
        return not self.waiting and not self.unacknowledged

    @property
    def may_send(self) -> bool:
        """Whether there is something to send and room for it."""
        return bool(self.waiting) and len(self.unacknowledged) < self.window

    def next(self) -> Envelope | None:
        """The next envelope, which counts as on its way from now on; None without frames or room."""
        if not self.may_send:
            return None
        frames: list[Frame] = []
        size = 0
        while self.waiting and len(frames) < MOST_FRAMES:
            if frames and size + len(self.waiting[0].data) > MOST_BYTES:
                break
            frame = self.waiting.popleft()
            size += len(frame.data)
            frames.append(frame)
        self.last_id += 1
        envelope = Envelope(self.last_id, tuple(frames), self._message(self.last_id, frames))
        self.unacknowledged[envelope.id] = envelope
        self.tally.envelopes_sent += 1
        self.tally.frames_sent += len(frames)
        self.tally.durable_sent += sum(frame.durable for frame in frames)
        return envelope

    def acknowledge(self, answer: Mapping[str, object]) -> Acknowledged | None:
        """Take an answer to an envelope; None when it answers none of ours or refuses the whole."""
        number = answer.get("ack")
        envelope = self.unacknowledged.pop(number, None) if isinstance(number, int) else None
        if envelope is None:
            return None
        if "error" in answer:
            self.tally.refused_envelopes += 1
            return None
        rejected = answer.get("rejected")
        refused = rejected if isinstance(rejected, list) else []
        self.tally.accepted += count(answer.get("accepted"))
        self.tally.duplicates += count(answer.get("duplicates"))
        self.tally.rejected += len(refused)
        self.tally.envelopes_acknowledged += 1
        self.tally.durable_acknowledged += sum(frame.durable for frame in envelope.frames)
        return Acknowledged(envelope, refused)

    def _message(self, number: int, frames: list[Frame]) -> bytes:
        head = b'{"stream":%s,"id":%d,"frames":[' % (encode(self.stream), number)
        return head + b",".join(frame.data for frame in frames) + b"]}"


def count(value: object) -> int:
    """A number of an answer; anything else counts as none."""
    return value if isinstance(value, int) else 0
