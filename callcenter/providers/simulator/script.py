"""What a conversation is written in: a handful of steps that the players turn into frames."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Text = str | tuple[str, ...]
"""One wording, or several to choose from. ``{slot}`` is filled from the call's own facts."""


@dataclass(frozen=True, slots=True)
class Say:
    """The agent says this; with ``cut`` the contact breaks in after that share of the words."""

    text: Text
    cut: float = 0.0


@dataclass(frozen=True, slots=True)
class Hear:
    """The contact says or writes this; ``kind`` is the WhatsApp kind (text, audio, image ...)."""

    text: Text
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Tool:
    """The agent uses a tool. With ``error`` it fails after the same time."""

    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    result: object = None
    error: str = ""
    seconds: float = 0.6


@dataclass(frozen=True, slots=True)
class Keys:
    """The contact presses keys."""

    digits: str


@dataclass(frozen=True, slots=True)
class Tones:
    """The agent plays tones into the call."""

    digits: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """The contact is silent; ``warned`` brings the idle warning, ``fatal`` the end."""

    seconds: float
    warned: bool = False
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """The call is held for a while."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Mute:
    """The contact's microphone is muted while they say ``said``."""

    said: Text


@dataclass(frozen=True, slots=True)
class Forward:
    """The call is passed to a person's number, which ends it for the agent."""


@dataclass(frozen=True, slots=True)
class Skill:
    """The model loads a skill for a part of the call."""

    name: str


@dataclass(frozen=True, slots=True)
class Takeover:
    """On Sippet an operator joins for some lines, then gives the call back or finishes it."""

    lines: tuple[Say | Hear, ...]
    hands_back: bool = False


Step = Say | Hear | Tool | Keys | Tones | Quiet | Hold | Mute | Forward | Skill | Takeover


@dataclass(frozen=True, slots=True)
class Script:
    """A conversation as data.

    ``topics`` are the kinds of business it fits (empty: any); ``channels`` those it is held on;
    ``outcome`` how an outbound call is answered: ``answered``, ``no-answer``, ``busy`` or ``impossible``.
    """

    name: str
    language: str
    channels: tuple[str, ...]
    steps: tuple[Step, ...]
    topics: tuple[str, ...] = ()
    direction: str = "inbound"
    outcome: str = "answered"
    reason: str = "hangup"
    weight: float = 1.0
