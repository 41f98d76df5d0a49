"""Status is a lattice: dialing = ringing < answered < completed. The provider's first end wins, and is final."""

from typing import Any

from callcenter.domain.events.base import Stamp
from callcenter.domain.events.lifecycle import (
    CallAnswered,
    CallDialing,
    CallEnded,
    CallForwarded,
    CallRinging,
    CallRouted,
    CreditsExhausted,
    CreditsRejected,
    DialFailed,
    LanguageChanged,
    LimitReached,
    RecordingReceived,
)
from callcenter.domain.reduce.common import Handlers, claim_agent, newer
from callcenter.domain.reduce.notes import note
from callcenter.domain.state import Audio, CallState, End


def _ringing(state: CallState, event: CallRinging, stamp: Stamp) -> None:
    _began(state, event.started_at)


def _dialing(state: CallState, event: CallDialing, stamp: Stamp) -> None:
    state.dialing = True


def _answered(state: CallState, event: CallAnswered, stamp: Stamp) -> None:
    _began(state, event.started_at)
    _answer(state, stamp, event.answered_at)
    _describe(state, event.metadata, stamp)
    if event.language and newer(stamp, state.language_stamp):
        state.language, state.language_stamp = event.language, stamp
    if event.contact_name:
        name_contact(state, event.contact_name, stamp)
    state.contact = state.contact or event.contact


def _answer(state: CallState, stamp: Stamp, at: float | None = None) -> None:
    """The conversation runs by word of the provider, which may know since when."""
    known = at if at is not None else (stamp.time if stamp.marked else None)
    if known is not None and (state.answered_at is None or known < state.answered_at):
        state.answered_at = known
    if state.answered_arrival is None or stamp.received < state.answered_arrival:
        state.answered_arrival = stamp.received
    _began(state, at)


def _describe(state: CallState, metadata: dict[str, Any] | None, stamp: Stamp) -> None:
    if metadata and newer(stamp, state.metadata_stamp):
        state.metadata, state.metadata_stamp = metadata, stamp


def name_contact(state: CallState, name: str, stamp: Stamp) -> None:
    if newer(stamp, state.name_stamp):
        state.contact_name, state.name_stamp = name, stamp


def _began(state: CallState, at: float | None) -> None:
    if at is not None and (state.began is None or at < state.began):
        state.began = at


def finish(end: End | None, stamp: Stamp, **said: object) -> End:
    """The earliest report is the end; what it does not say (reason, error, ended_at, duration), the next one may."""
    end = End(stamp) if end is None else end
    end.stamp = min(end.stamp, stamp)
    for name, value in said.items():
        if value not in ("", None) and (name not in end.said or stamp < end.said[name][0]):
            end.said[name] = (stamp, value)
    return end


def _ended(state: CallState, event: CallEnded, stamp: Stamp) -> None:
    _began(state, event.started_at)
    if event.conversed:
        state.answered = True
        if event.started_at is not None and (state.answered_at is None or event.started_at < state.answered_at):
            state.answered_at = event.started_at
    _describe(state, event.metadata, stamp)
    state.contact = state.contact or event.contact
    if event.contact_name:
        name_contact(state, event.contact_name, stamp)
    said = {"reason": event.reason, "error": event.error, "ended_at": event.ended_at, "duration": event.duration}
    state.end = finish(state.end, stamp, **said)
    if (len(event.record), event.record) > (len(state.record), state.record):
        state.record = event.record


def _dial_failed(state: CallState, event: DialFailed, stamp: Stamp) -> None:
    if event.inferred:
        state.guess = finish(state.guess, stamp, reason="failed", error=event.error)
    else:
        state.end = finish(state.end, stamp, reason="failed", error=event.error)


def _forwarded(state: CallState, event: CallForwarded, stamp: Stamp) -> None:
    if newer(stamp, state.forwarded_stamp):
        state.forwarded_to, state.forwarded_stamp = event.target, stamp
    note(state, "forwarded", event.target, {"to": event.target}, stamp)


def _routed(state: CallState, event: CallRouted, stamp: Stamp) -> None:
    if event.failure:
        note(state, "route_failed", event.target, {"agent": event.target, "reason": event.failure}, stamp)
        return
    claim_agent(state, event.target, stamp)
    note(state, "routed", event.target, {"agent": event.target}, stamp)


def _language(state: CallState, event: LanguageChanged, stamp: Stamp) -> None:
    if newer(stamp, state.language_stamp):
        state.language, state.language_stamp = event.language, stamp
    note(state, "language", event.language, {"language": event.language}, stamp)


def _recorded(state: CallState, event: RecordingReceived, stamp: Stamp) -> None:
    if not event.file:
        return  # nothing to play: a frame that only tells of audio
    key = event.digest or str(event.duration_ms)
    held = state.recordings.get(key)
    if held is None or stamp < held.stamp:
        state.recordings[key] = Audio(key, event.file, event.digest, event.duration_ms, event.sample_rate, event.format, stamp)


def _limit(state: CallState, event: LimitReached, stamp: Stamp) -> None:
    note(state, "limit", event.reason, {"reason": event.reason}, stamp)


def _credits_rejected(state: CallState, event: CreditsRejected, stamp: Stamp) -> None:
    note(state, "credits_rejected", "", {}, stamp)
    state.end = finish(state.end, stamp, reason="rejected", error="The organisation has no credit.")


def _credits_exhausted(state: CallState, event: CreditsExhausted, stamp: Stamp) -> None:
    note(state, "credits_exhausted", "", {}, stamp)


HANDLERS: Handlers = {
    CallRinging: _ringing,
    CallDialing: _dialing,
    CallAnswered: _answered,
    CallEnded: _ended,
    DialFailed: _dial_failed,
    CallForwarded: _forwarded,
    CallRouted: _routed,
    LanguageChanged: _language,
    RecordingReceived: _recorded,
    LimitReached: _limit,
    CreditsRejected: _credits_rejected,
    CreditsExhausted: _credits_exhausted,
}
