"""The state of one call. Registers keep the stamp that wins, so that the order of arrival does not matter.

Structs are changed in place by their reducer, which owns them. What is marked *live* comes from ephemeral
events: it is never journaled, so no row may be derived from it except through a settled fact.
"""

from typing import Any

from msgspec import Struct, field

from callcenter.domain.events.base import Stamp


class Line(Struct):
    """One line of the transcript, by what the journal tells of it."""

    key: str
    speaker: str  # contact | agent | operator | system
    message_id: str = ""
    at: float | None = None  # earliest provider time
    seq: int = 0  # of that time; without any time the lowest
    arrived: float = 0.0  # earliest arrival
    n: int = 0
    text: str | None = None
    announced: str = ""
    confirmed: str | None = None
    words: dict[int, str] = field(default_factory=dict)
    pieces: str = ""
    parts: dict[int, str] = field(default_factory=dict)  # sequence -> piece: what ``pieces`` is joined from, if all had one
    heard: int | None = None  # words heard when interrupted
    begun: bool = False
    finished: bool = False
    ended: Stamp | None = None  # the earliest report that it was said to the end; the contact's have none
    interrupted: bool = False
    aborted: bool = False
    loose: bool = False  # known by no id: the same text at nearly the same time is the same line
    kind: str = "text"
    human: bool = False
    muted: bool = False
    recovered: bool = False
    latency_ms: int | None = None
    told: dict[str, Stamp] = field(default_factory=dict)  # field -> the stamp of the newest report that set it

    @property
    def closed(self) -> bool:
        """Nothing more will be said of it."""
        return self.text is not None or self.confirmed is not None or self.finished or self.interrupted or self.aborted

    @property
    def open(self) -> bool:
        """It is being spoken."""
        return self.begun and not self.closed


class Saying(Struct):
    """Live: what was heard of one line and is not in the journal yet. Times in epoch s."""

    key: str
    speaker: str
    message_id: str
    arrived: float
    n: int
    at: float | None = None  # earliest provider time
    seq: int = 0
    touched: float = 0.0  # last arrival
    words: dict[int, str] = field(default_factory=dict)
    pieces: str = ""
    parts: dict[int, str] = field(default_factory=dict)  # sequence -> piece
    replayed: int | None = None  # how much of ``pieces`` a repetition has matched so far
    last_piece: str = ""
    latency_ms: int | None = None


class Toggle(Struct):
    """Hold or mute: a set, the newest stamp wins. ``told``: every report, in order of stamps."""

    told: list[tuple[Stamp, bool]] = field(default_factory=list)

    @property
    def history(self) -> list[tuple[Stamp, bool]]:
        """The reports that changed something."""
        changes: list[tuple[Stamp, bool]] = []
        for stamp, on in self.told:
            if on != (changes[-1][1] if changes else False):
                changes.append((stamp, on))
        return changes

    @property
    def on(self) -> bool:
        return bool(self.told) and self.told[-1][1]


class End(Struct):
    """The provider's end. ``said``: what its reports say of it, each from the earliest report that says it."""

    stamp: Stamp
    said: dict[str, tuple[Stamp, Any]] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        return str(self._said("reason", ""))

    @property
    def error(self) -> str:
        return str(self._said("error", ""))

    @property
    def ended_at(self) -> float | None:
        """Epoch s."""
        at: float | None = self._said("ended_at", None)
        return at

    @property
    def duration(self) -> float | None:
        """Seconds."""
        lasted: float | None = self._said("duration", None)
        return lasted

    def _said(self, name: str, otherwise: Any) -> Any:
        return self.said[name][1] if name in self.said else otherwise


class ToolRow(Struct):
    key: str
    id: str
    name: str = ""
    arguments: Any = None
    result: Any = None
    state: str = "running"
    stamp: Stamp | None = None  # earliest report of the call
    named: Stamp | None = None  # newest report of its name
    told: Stamp | None = None  # newest report of its arguments
    done: Stamp | None = None


class Member(Struct):
    """Reports about one member on the line, by what they say: see domain.presence. Times in epoch s, None = not said."""

    member: str
    role: str = ""
    role_stamp: Stamp | None = None
    joins: dict[float | None, list[Stamp]] = field(default_factory=dict)
    leaves: dict[tuple[float | None, float | None], list[Stamp]] = field(default_factory=dict)  # (joined, left)


class Moment(Struct):
    """A note or an audit event: ``kind`` and its data, keyed in the state."""

    key: str
    kind: str
    data: dict[str, Any]
    stamp: Stamp
    at: float | None = None


class Audio(Struct):
    key: str
    file: str
    digest: str
    duration_ms: int
    sample_rate: int
    format: str
    stamp: Stamp


class Interim(Struct, frozen=True):
    """Live: what the contact seems to be saying."""

    message_id: str
    text: str
    stamp: Stamp


class CallState(Struct):
    """Everything known about one call. ``n`` = entries folded so far."""

    call: str
    n: int = 0
    identity: dict[str, tuple[Stamp, str]] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    metadata_stamp: Stamp | None = None
    agent: str = ""
    agent_stamp: tuple[bool, Stamp] | None = None  # (is not a phone line, stamp): the greatest wins
    contact: str = ""  # digits, WhatsApp only
    contact_name: str = ""
    name_stamp: Stamp | None = None
    language: str = ""
    language_stamp: Stamp | None = None
    began: float | None = None  # earliest provider time of a durable frame, or a start it names
    arrived: float | None = None  # earliest arrival of a durable frame
    dialing: bool = False
    answered: bool = False
    answered_at: float | None = None  # earliest provider time of the answer
    answered_arrival: float | None = None
    end: End | None = None
    guess: End | None = None  # a failed dial that did not name this call; its start by the provider disproves it
    record: tuple[tuple[str, str], ...] = ()
    holder: int = 0  # id of the operator who answers the contact; 0 = the agent
    fence: int = 0  # how often the holder changed
    lost: int = 0  # arrival number of the console's own end
    alive: int = 0  # arrival number of the last sign of life
    hold: Toggle = field(default_factory=Toggle)
    mute: Toggle = field(default_factory=Toggle)
    forwarded_to: str = ""
    forwarded_stamp: Stamp | None = None
    lines: dict[str, Line] = field(default_factory=dict)
    tools: dict[str, ToolRow] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    audit: dict[str, Moment] = field(default_factory=dict)
    notes: dict[str, Moment] = field(default_factory=dict)
    recordings: dict[str, Audio] = field(default_factory=dict)
    heard: float = 0.0  # arrival of the last durable frame
    arrivals: list[tuple[int, float]] = field(default_factory=list)  # of frames with a sequence and no time: see domain.sequence
    touched: set[str] = field(default_factory=set)  # keys of lines that may read otherwise since whoever projects emptied it
    # live
    heard_live: float = 0.0
    saying: dict[str, Saying] = field(default_factory=dict)
    interim: Interim | None = None
    drafts: dict[str, str] = field(default_factory=dict)  # speaker -> key of what is being said without an id
    activity: str = ""  # contact_speaking | thinking | agent_speaking | listening
    levels: list[float] = field(default_factory=lambda: [0.0, 0.0])  # contact, agent
    idle_s: float | None = None
    turn_ended: Stamp | None = None

    @property
    def over(self) -> End | None:
        """The end as far as the provider told it, or left it to be inferred."""
        if self.end is None and self.guess is not None and self.answered_arrival is None:
            return self.guess
        return self.end

    @property
    def completed(self) -> bool:
        return self.end is not None or self.lost > self.alive or (self.guess is not None and self.answered_arrival is None)

    @property
    def is_lost(self) -> bool:
        return self.lost > self.alive and self.over is None
