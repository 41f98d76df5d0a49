"""What a provider's decoder makes of one frame."""

from typing import Any

from msgspec import Struct

from callcenter.domain.events.base import Event


class Unreadable(ValueError):
    """The frame cannot be read at all: it becomes a dead letter with this text."""


class Decoded(Struct, frozen=True, kw_only=True):
    """One frame, read.

    ``event`` is None when the frame is known and has no effect, or is unknown (``known`` False): then it is kept raw.
    ``call``, ``agent`` (slug) and ``contact`` (digits) are what the frame names, "" if nothing; they choose its scope.
    ``ts`` epoch s and ``seq`` are the provider's, None = absent. ``identified``: carries seq, ts or a message-level id,
    so a frame equal to the letter is a replay. ``frame`` is what may be stored: confidential results and audio are out of it.
    ``happened``: of a record that was fetched, when what it tells of took place, epoch s; None for what was told as it happened.
    ``audio`` is the encoded recording that was taken out of the frame, base64.
    """

    name: str
    event: Event | None
    durable: bool
    known: bool = True
    call: str = ""
    agent: str = ""
    agent_name: str = ""  # its owner's spelling, shown to people
    contact: str = ""
    ts: float | None = None
    seq: int | None = None
    identified: bool = False
    frame: Any = None
    happened: float | None = None
    audio: str = ""
