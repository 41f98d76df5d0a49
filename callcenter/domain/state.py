"""The state of one call. Registers keep the stamp that wins, so that the order of arrival does not matter.

Structs are changed in place by their reducer, which owns them. What is marked *live* comes from ephemeral
events: it is never journaled, so nothing durable may be derived from it except through a settled fact.
"""

from typing import Any

from msgspec import Struct, field

from callcenter.domain.events.base import Stamp


class Line(Struct):
    """One line of the transcript while facts about it come in."""

    key: str
    speaker: str  # contact | agent | operator
    message_id: str = ""
    at: float | None = None  # earliest provider time
    arrived: float = 0.0  # earliest arrival of a durable frame
    seq: int = 0
    n: int = 0
    text: str | None = None
    text_stamp: Stamp | None = None
    announced: str = ""
    confirmed: str | None = None
    words: dict[int, str] = field(default_factory=dict)
    pieces: str = ""
    replayed: int | None = None  # live: how much of ``pieces`` a repetition has matched so far
    last_piece: str = ""  # live
    heard: int | None = None  # words heard when interrupted
    open: bool = False  # being spoken
    finished: bool = False
    interrupted: bool = False
    aborted: bool = False
    durable: bool = False
    kind: str = "text"
    human: bool = False
    muted: bool = False
    recovered: bool = False
    latency_ms: int | None = None
    pending_latency: int | None = None  # live: to be settled
    first_heard: float | None = None  # live: time of the first word or piece
    touched: float = 0.0  # live: arrival of the last word or piece


class Toggle(Struct):
    """Hold or mute: a set, newest stamp wins. ``history`` in order of stamps, without repetitions."""

    on: bool = False
    stamp: Stamp | None = None
    before: Stamp | None = None
    history: list[tuple[Stamp, bool]] = field(default_factory=list)


class End(Struct, frozen=True):
    """The provider's end, normalised. Times in epoch s, duration in s."""

    stamp: Stamp
    reason: str
    error: str = ""
    ended_at: float | None = None
    duration: float | None = None


class ToolRow(Struct):
    key: str
    id: str
    name: str = ""
    arguments: Any = None
    result: Any = None
    state: str = "running"
    stamp: Stamp | None = None
    done: Stamp | None = None


class Stay(Struct):
    """One stay of a member on the line."""

    member: str
    role: str = ""
    joined_at: float | None = None
    left_at: float | None = None
    stamp: Stamp | None = None


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
    ringing: bool = False
    dialing: bool = False
    answered: bool = False
    answered_at: float | None = None  # earliest provider time of the answer
    answered_arrival: float | None = None
    end: End | None = None
    failure: str = ""  # text of a failed dial
    record: tuple[tuple[str, str], ...] = ()
    lost: int = 0  # arrival number of the console's own end
    alive: int = 0  # arrival number of the last sign of life
    hold: Toggle = field(default_factory=Toggle)
    mute: Toggle = field(default_factory=Toggle)
    forwarded_to: str = ""
    forwarded_stamp: Stamp | None = None
    lines: dict[str, Line] = field(default_factory=dict)
    tools: dict[str, ToolRow] = field(default_factory=dict)
    stays: list[Stay] = field(default_factory=list)
    audit: dict[str, Moment] = field(default_factory=dict)
    notes: dict[str, Moment] = field(default_factory=dict)
    recordings: dict[str, Audio] = field(default_factory=dict)
    heard: float = 0.0  # arrival of the last durable frame
    # live
    heard_live: float = 0.0
    interim: Interim | None = None
    drafts: dict[str, str] = field(default_factory=dict)  # Sippet without item ids: speaker -> key of the open draft
    activity: str = ""  # contact_speaking | thinking | agent_speaking | listening
    levels: list[float] = field(default_factory=lambda: [0.0, 0.0])  # contact, agent
    idle_s: float | None = None
    turn_ended: float | None = None
    unsettled: set[str] = field(default_factory=set)

    @property
    def completed(self) -> bool:
        return self.end is not None or self.is_lost

    @property
    def is_lost(self) -> bool:
        return self.end is None and self.lost > self.alive
