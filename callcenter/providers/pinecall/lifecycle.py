"""A call begins, moves and ends: D1 to D8, D37 to D43, D50, D54, D58."""

from typing import Any

from msgspec.structs import replace

from callcenter.domain.events.base import LINE, Event
from callcenter.domain.events.control import DialFailedSomewhere, ProviderFailed
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
from callcenter.domain.events.speech import IdleWarned
from callcenter.providers.pinecall.fields import Who, agent_of, rest
from callcenter.providers.pinecall.record import record
from callcenter.providers.values import count, epoch, mapping, name, number, text

Body = dict[str, Any]


def ringing(body: Body, who: Who) -> Event:
    return CallRinging(**who.fields, started_at=epoch(body.get("started_at")))


def dialing(_body: Body, who: Who) -> Event:
    return CallDialing(**who.fields)


def started(body: Body, who: Who) -> Event:
    return CallAnswered(
        **who.fields,
        answered_at=epoch(body.get("answered_at")),
        metadata=mapping(body.get("metadata")),
        language=name(body.get("language")),
        contact_name=name(body.get("contact_name")),
        contact=who.contact,
    )


def ended(body: Body, who: Who) -> Event | None:
    """An end without a call is what the SDK makes of a failed dial (C.3); ``routed`` ends only a line's part (D58)."""
    reason = reason_of(body)
    if not who.call:
        return DialFailedSomewhere(agent=who.agent, error=text(body.get("error")), code=name(body.get("code")))
    if reason == "routed" and who.agent.startswith(LINE):
        return None
    return _end(body, who, reason)


def recorded(body: Body, who: Who) -> Event:
    """The customer's own record of a finished conversation: an end that also tells what came before it."""
    end = _end(body, who, reason_of(body))
    return replace(end, conversed=bool(end.record), metadata=mapping(body.get("metadata")))


def chat_ended(body: Body, who: Who) -> Event:
    return _end(body, who, reason_of(body) or "chat_completed")


def chat_failed(body: Body, who: Who) -> Event:
    return _end(body, who, reason_of(body) or "chat_error")


def rejected(body: Body, who: Who) -> Event:
    return _end(body, who, reason_of(body) or "rejected")


def _end(body: Body, who: Who, reason: str) -> CallEnded:
    lasted = body.get("duration_seconds")
    return CallEnded(
        **who.fields,
        reason=reason,
        error=text(body.get("error")),
        started_at=epoch(body.get("started_at")),
        ended_at=epoch(body.get("ended_at")),
        duration=number(lasted if lasted is not None else body.get("duration")),
        record=record(body.get("messages")) or record(body.get("transcript")),
        contact=who.contact,
        contact_name=name(body.get("contact_name")),
    )


def reason_of(body: Body) -> str:
    """Dial failures spell ``no-answer``, everything else ``no_answer``."""
    return name(body.get("reason")).strip().replace("-", "_")


def dial_failed(body: Body, who: Who) -> Event:
    error, code = text(body.get("error")) or text(body.get("message")), name(body.get("code"))
    if not who.call:
        return DialFailedSomewhere(agent=who.agent, error=error, code=code)
    return DialFailed(**who.fields, error=error, code=code)


def forwarded(body: Body, who: Who) -> Event | None:
    target = name(body.get("target"))
    return CallForwarded(**who.fields, target=target) if target else None


def routed(body: Body, who: Who) -> Event | None:
    target = _target(body)
    return CallRouted(**who.fields, target=target) if target else None


def route_failed(body: Body, who: Who) -> Event:
    return CallRouted(**who.fields, target=_target(body), failure=reason_of(body) or "failed")


def _target(body: Body) -> str:
    target = body.get("target")
    return agent_of(target)[0] if type(target) is str else ""


def language(body: Body, who: Who) -> Event | None:
    spoken = name(body.get("language"))
    return LanguageChanged(**who.fields, language=spoken) if spoken else None


def recording(body: Body, who: Who) -> Event | None:
    """Without audio, and without the trace that audio leaves in a stored frame, there is nothing to attach."""
    if not (audio_of(body) or name(body.get("audio_sha256"))):
        return None
    format_ = name(body.get("format")).lower()
    return RecordingReceived(
        **who.fields,
        duration_ms=count(body.get("duration_ms")) or 0,
        sample_rate=count(body.get("sample_rate")) or 0,
        format=format_ if format_.isascii() and format_.isalnum() and len(format_) <= 10 else "wav",
    )


def audio_of(body: Body) -> str:
    """The recording itself, base64."""
    audio = body.get("audio")
    return audio if type(audio) is str else ""


def limit(body: Body, who: Who) -> Event:
    return LimitReached(**who.fields, reason=reason_of(body))


def idle(body: Body, who: Who) -> Event:
    return IdleWarned(**who.fields, remaining_s=number(body.get("remaining_seconds")) or 0)


def credits_rejected(body: Body, who: Who) -> Event:
    if not who.call:
        message = "The organisation has no credit: a call was refused on arrival."
        return ProviderFailed(code="CREDITS_REJECTED", message=message, details=rest(body))
    return CreditsRejected(**who.fields)


def credits_exhausted(_body: Body, who: Who) -> Event:
    return CreditsExhausted(**who.fields)
