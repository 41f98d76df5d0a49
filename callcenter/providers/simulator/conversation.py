"""What every simulated conversation has in common, whoever provides it.

A conversation is a generator of pauses: it leaves frames in ``out`` and yields the seconds until it
wants to go on. Commands act between two of its steps, through flags and by replacing the story.
"""

from collections import deque
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from callcenter.providers.simulator.account import Account
from callcenter.providers.simulator.frame import Frame
from callcenter.providers.simulator.identity import Identity
from callcenter.providers.simulator.people import wording
from callcenter.providers.simulator.timing import pace

Story = Generator[float, None, None]


class Reply(NamedTuple):
    """Words an operator wants spoken."""

    text: str
    message_id: str = ""


class Turn(NamedTuple):
    """Who made a sound and when, in seconds since the start; a recording is made of these."""

    speaker: str
    start: float
    end: float


@dataclass(slots=True)
class Flags:
    """What commands and the script switch on and off."""

    ringing: bool = False
    accepted: bool = False
    held: bool = False
    muted: bool = False
    live: bool = False
    ended: bool = False
    cut: bool = False
    taken: bool = False


class Conversation:
    """One call of any provider; the subclasses say how its facts become frames.

    ``now`` is the time on the frames (epoch seconds), ``clock`` the seconds as the story counts them;
    the two run apart when a story is told faster than life.
    """

    def __init__(self, account: Account, identity: Identity, slots: Mapping[str, str], rng: Random) -> None:
        self.account = account
        self.identity = identity
        self.slots = slots
        self.rng = rng
        # Ids follow the call's own id, so that a story told again in another run has fresh ones.
        self.ids = Random(identity.call_id)
        self.out: list[Frame] = []
        self.flags = Flags()
        self.now = 0.0
        self.clock = 0.0
        self.started_at = 0.0
        self.began = 0.0
        self.speaker = ""
        self.replies: deque[Reply] = deque()
        self.transcript: list[dict[str, object]] = []
        self.turns: list[Turn] = []
        self.rates = {"agent": pace(rng), "contact": pace(rng)}
        self.story: Story = self.nothing()
        self.wake_in: float | None = None

    def nothing(self) -> Story:
        """A story without a single step."""
        yield from ()

    def text(self, choices: str | tuple[str, ...]) -> str:
        """One wording of a script's text with this call's facts in it."""
        return wording(choices, self.slots, self.rng)

    def note(self, role: str, content: str) -> None:
        """Add a line to the model's history."""
        self.transcript.append({"role": role, "content": content})

    def sound(self, speaker: str, seconds: float) -> None:
        """Remember that somebody speaks from now for that long."""
        start = self.clock - self.began
        self.turns.append(Turn(speaker, start, start + seconds))

    def is_over(self) -> bool:
        """Whether the end has been said."""
        return self.flags.ended

    def begin(self) -> None:
        """The conversation begins now."""
        self.started_at, self.began = self.now, self.clock
        self.flags.live = True

    def since_start(self) -> float:
        """Seconds since the conversation began."""
        return round(max(self.now - self.started_at, 0.0), 3)

    def retell(self, story: Story, after: float = 0.05) -> None:
        """Go on with another story, soon."""
        self.story = story
        self.hurry(after)

    def hurry(self, after: float = 0.05) -> None:
        """Ask to be woken sooner than the story wanted."""
        self.wake_in = after

    def take(self) -> list[Frame]:
        """The frames made since last time."""
        frames, self.out = self.out, []
        return frames
