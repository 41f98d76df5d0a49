"""Hold, mute, tones and who is on the line."""

from callcenter.domain.events.base import CallEvent


class HoldChanged(CallEvent, frozen=True, kw_only=True):
    on: bool


class MuteChanged(CallEvent, frozen=True, kw_only=True):
    """``transcript``: what the contact said while muted, "" = nothing."""

    on: bool
    transcript: str = ""


class DtmfSent(CallEvent, frozen=True, kw_only=True):
    digits: str


class DtmfReceived(CallEvent, frozen=True, kw_only=True):
    """``digit`` = this press, ``digits`` = all presses so far ("" on older servers)."""

    digit: str
    digits: str = ""


class ParticipantJoined(CallEvent, frozen=True, kw_only=True):
    """``joined_at`` epoch s or None; a second stay of one member has another ``joined_at``."""

    member: str
    role: str = ""
    joined_at: float | None = None


class ParticipantLeft(CallEvent, frozen=True, kw_only=True):
    member: str
    role: str = ""
    joined_at: float | None = None
    left_at: float | None = None
