"""A call begins, moves and ends."""

from typing import Any

from callcenter.domain.events.base import CallEvent

# Reasons of an end with which nobody was reached.
UNREACHED = frozenset({"failed", "busy", "no_answer", "canceled", "cancelled", "rejected"})


class CallRinging(CallEvent, frozen=True, kw_only=True):
    """An inbound call waits to be accepted. ``started_at``: epoch s, None = the frame does not say."""

    started_at: float | None = None


class CallDialing(CallEvent, frozen=True, kw_only=True):
    """An outbound call is being placed."""


class CallAnswered(CallEvent, frozen=True, kw_only=True):
    """The conversation runs, on whatever channel; may come again for one call."""

    started_at: float | None = None  # epoch s, as answered_at; None = the frame does not say
    answered_at: float | None = None
    metadata: dict[str, Any] | None = None
    language: str = ""
    contact_name: str = ""
    contact: str = ""  # WhatsApp: digits


class CallSeen(CallEvent, frozen=True, kw_only=True):
    """Ephemeral: asked, the provider says that the call is not over; nothing new about it."""


class CallEnded(CallEvent, frozen=True, kw_only=True):
    """The provider says that it is over. ``reason`` is folded (``-`` to ``_``); times are epoch s, duration s.

    ``record`` is the provider's own history as (speaker, text), used to fill gaps. ``conversed``: it tells by itself that
    somebody answered, whether or not anything else did.
    """

    reason: str = ""
    error: str = ""
    started_at: float | None = None
    ended_at: float | None = None
    duration: float | None = None
    record: tuple[tuple[str, str], ...] = ()
    conversed: bool = False
    metadata: dict[str, Any] | None = None
    contact: str = ""  # WhatsApp: digits
    contact_name: str = ""


class DialFailed(CallEvent, frozen=True, kw_only=True):
    """An outbound call could not be placed. ``inferred``: the provider did not name the call, it was the only one dialing."""

    error: str = ""
    code: str = ""
    inferred: bool = False


class CallForwarded(CallEvent, frozen=True, kw_only=True):
    """The call was transferred to ``target``; it stays answered until its end."""

    target: str


class CallRouted(CallEvent, frozen=True, kw_only=True):
    """A phone line handed the call to ``target`` (an agent), or could not: ``failure`` says why."""

    target: str
    failure: str = ""


class LanguageChanged(CallEvent, frozen=True, kw_only=True):
    language: str


class RecordingReceived(CallEvent, frozen=True, kw_only=True):
    """The audio itself is already a file: ``file`` is its name in storage, ``digest`` its SHA-256."""

    file: str = ""
    digest: str = ""
    duration_ms: int = 0
    sample_rate: int = 0
    format: str = "wav"


class LimitReached(CallEvent, frozen=True, kw_only=True):
    """``session.timeout``: the call will be closed in a moment. ``reason``: max_duration | idle_timeout."""

    reason: str


class CreditsRejected(CallEvent, frozen=True, kw_only=True):
    """Refused on arrival for lack of credit."""


class CreditsExhausted(CallEvent, frozen=True, kw_only=True):
    """Credit ran out during the call."""
