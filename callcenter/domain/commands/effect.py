"""Which event answers an order: the provider acknowledges nothing, its events tell what happened. Contract E.1, E.3."""

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from callcenter.domain.commands.order import Level, Order, Verb
from callcenter.domain.events.base import CallEvent, Event
from callcenter.domain.events.control import HistoryUpdated, PauseChanged, SessionConfigured
from callcenter.domain.events.lifecycle import (
    UNREACHED,
    CallAnswered,
    CallDialing,
    CallEnded,
    CallForwarded,
    CallRinging,
    CallRouted,
    DialFailed,
)
from callcenter.domain.events.speech import AgentAborted, AgentConfirmed, AgentInterrupted, AgentSpeaking, ReplyRejected
from callcenter.domain.events.telephony import DtmfSent, HoldChanged, MuteChanged, ParticipantJoined
from callcenter.domain.events.whatsapp import WhatsAppAnswered

OPERATOR_ROLES = frozenset({"operator", "human", "agent_human", "human_agent"})
AI_ROLES = frozenset({"ai_agent", "agent", "ai", "assistant"})


class Outcome(StrEnum):
    """What an event says of an order. ``BEGUN``: it is being done, wait for its end."""

    NOTHING = ""
    BEGUN = "begun"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Effect(Struct, frozen=True):
    """``words``: the provider's own, of a refusal. ``call``: the call that the order made, "" = none."""

    outcome: Outcome
    words: str = ""
    call: str = ""


NONE = Effect(Outcome.NOTHING)
CONFIRMED = Effect(Outcome.CONFIRMED)
BEGUN = Effect(Outcome.BEGUN)


def effect_of(order: Order, event: Event) -> Effect:
    """What this event says of this order; NONE when it has nothing to do with it."""
    return _ANSWERS[order.verb](order, event)


def may_answer(event: Event | None) -> bool:
    """Could it answer any order at all? Asked for every frame, so it only looks at the kind."""
    return type(event) in TELLING


TELLING: frozenset[type[Event]] = frozenset(
    {
        PauseChanged, HistoryUpdated, CallAnswered, CallDialing, CallEnded, CallForwarded, CallRinging, DialFailed,
        AgentAborted, AgentConfirmed, AgentInterrupted, AgentSpeaking, ReplyRejected, DtmfSent, HoldChanged, MuteChanged,
        ParticipantJoined, WhatsAppAnswered, SessionConfigured, CallRouted,
    }
)  # fmt: skip


def _pause(order: Order, event: Event) -> Effect:
    if not isinstance(event, PauseChanged) or event.on != (order.verb is Verb.PAUSE) or event.level != order.level:
        return NONE
    if event.agent and order.agent and event.agent != order.agent:
        return NONE
    wanted = {Level.AGENT: "", Level.CONTACT: digits(order.contact), Level.CALL: order.call}[order.level]
    return CONFIRMED if event.target == wanted else NONE


def _send(order: Order, event: Event) -> Effect:
    """The same words to the same conversation; a contact whose provider session is over may be answered under another id."""
    if not isinstance(event, WhatsAppAnswered) or not event.human or same_text(event.text) != same_text(order.text):
        return NONE
    here = event.call == order.call or (bool(order.contact) and digits(event.contact) == digits(order.contact))
    return CONFIRMED if here else NONE


def _accept(order: Order, event: Event) -> Effect:
    if not _of(order, event):
        return NONE
    if isinstance(event, CallAnswered):
        return CONFIRMED
    return Effect(Outcome.REFUSED, _end_words(event)) if isinstance(event, CallEnded) else NONE


def _ended(order: Order, event: Event) -> Effect:
    return CONFIRMED if isinstance(event, CallEnded) and _of(order, event) else NONE


def _reject(order: Order, event: Event) -> Effect:
    if isinstance(event, CallAnswered) and _of(order, event):
        return Effect(Outcome.REFUSED, "The call was answered.")
    return _ended(order, event)


def _hold(order: Order, event: Event) -> Effect:
    return CONFIRMED if isinstance(event, HoldChanged) and _of(order, event) and event.on == (order.verb is Verb.HOLD) else NONE


def _mute(order: Order, event: Event) -> Effect:
    return CONFIRMED if isinstance(event, MuteChanged) and _of(order, event) and event.on == (order.verb is Verb.MUTE) else NONE


def _dtmf(order: Order, event: Event) -> Effect:
    return CONFIRMED if isinstance(event, DtmfSent) and _of(order, event) and event.digits == order.digits else NONE


def _forward(order: Order, event: Event) -> Effect:
    return CONFIRMED if isinstance(event, CallForwarded) and _of(order, event) else NONE


def _dial(order: Order, event: Event) -> Effect:
    """By the number that was dialled: the call has no name yet when the order leaves. Its end may be all that was heard of it."""
    if not isinstance(event, CallEvent) or same_number(event.to_number) != same_number(order.to):
        return NONE
    if order.agent and event.agent and event.agent != order.agent:
        return NONE
    if event.direction == "inbound":
        return NONE
    if isinstance(event, DialFailed) or (isinstance(event, CallEnded) and (event.error or event.reason in UNREACHED)):
        return Effect(Outcome.REFUSED, _end_words(event), event.call)
    placed = isinstance(event, CallDialing) or (isinstance(event, CallAnswered | CallRinging | CallEnded) and event.direction == "outbound")
    return Effect(Outcome.CONFIRMED, call=event.call) if placed else NONE


def _say(order: Order, event: Event) -> Effect:
    message = getattr(event, "message_id", "")
    if not message or message != order.message_id:
        return NONE
    if isinstance(event, AgentConfirmed):
        return CONFIRMED
    if isinstance(event, AgentSpeaking):
        return BEGUN
    if isinstance(event, AgentAborted | ReplyRejected):
        return Effect(Outcome.REFUSED, event.reason)
    return NONE


def _stop(order: Order, event: Event) -> Effect:
    """Of certain words, their own end; of whatever is being said, the next that is cut off."""
    if not isinstance(event, AgentInterrupted | AgentAborted) or not _of(order, event):
        return NONE
    return CONFIRMED if not order.message_id or order.message_id == event.message_id else NONE


def _whisper(order: Order, event: Event) -> Effect:
    """Older servers name no request: then the next change of the call's history is taken for it."""
    if not isinstance(event, HistoryUpdated):
        return NONE
    if event.request_id:
        return CONFIRMED if event.request_id == order.request_id else NONE
    return CONFIRMED if event.call == order.call else NONE


def _set_language(order: Order, event: Event) -> Effect:
    return CONFIRMED if isinstance(event, SessionConfigured) and event.call == order.call else NONE


def _route(order: Order, event: Event) -> Effect:
    if not isinstance(event, CallRouted) or not _of(order, event) or event.target != order.to:
        return NONE
    return Effect(Outcome.REFUSED, event.failure.replace("_", " ")) if event.failure else CONFIRMED


def _joined(roles: frozenset[str]) -> Callable[[Order, Event], Effect]:
    def answer(order: Order, event: Event) -> Effect:
        return CONFIRMED if isinstance(event, ParticipantJoined) and _of(order, event) and event.role in roles else NONE

    return answer


def _of(order: Order, event: Event) -> bool:
    return isinstance(event, CallEvent) and event.call == order.call


def _end_words(event: CallEnded | DialFailed) -> str:
    if isinstance(event, DialFailed):
        return event.error or event.code
    return event.error or event.reason.replace("_", " ")


def same_text(text: str) -> str:
    """Texts that differ only in line ends and outer blanks are the same."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def digits(number: str) -> str:
    return "".join(c for c in number if c in "0123456789")


def same_number(number: str) -> str:
    """Numbers are compared by their digits, SIP addresses as they are written."""
    return number.strip().lower() if number.lower().startswith("sip:") else digits(number)


_ANSWERS: dict[Verb, Callable[[Order, Event], Effect]] = {
    Verb.PAUSE: _pause,
    Verb.RESUME: _pause,
    Verb.SEND: _send,
    Verb.ACCEPT: _accept,
    Verb.REJECT: _reject,
    Verb.HOLD: _hold,
    Verb.UNHOLD: _hold,
    Verb.MUTE: _mute,
    Verb.UNMUTE: _mute,
    Verb.DTMF: _dtmf,
    Verb.FORWARD: _forward,
    Verb.HANG_UP: _ended,
    Verb.DIAL: _dial,
    Verb.SAY: _say,
    Verb.SAY_IN_PIECES: _say,
    Verb.STOP_SPEAKING: _stop,
    Verb.WHISPER: _whisper,
    Verb.SET_LANGUAGE: _set_language,
    Verb.ROUTE: _route,
    Verb.BARGE: _joined(OPERATOR_ROLES),
    Verb.RESUME_AI: _joined(AI_ROLES),
    Verb.SET_STATUS: lambda _order, _event: NONE,
}
