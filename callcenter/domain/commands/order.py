"""What an operator asks of a provider, in our words; each provider's encoder makes its JSON of it. Contract E, sippet 7."""

from enum import StrEnum

from msgspec import Struct


class Verb(StrEnum):
    """Imperatives. ``barge`` and ``resume_ai`` are Sippet's way to take a voice call over and to hand it back.

    ``set_status`` tells it whether an operator can take calls.
    """

    PAUSE = "pause"
    RESUME = "resume"
    SEND = "send"
    ACCEPT = "accept"
    REJECT = "reject"
    HOLD = "hold"
    UNHOLD = "unhold"
    MUTE = "mute"
    UNMUTE = "unmute"
    DTMF = "dtmf"
    FORWARD = "forward"
    HANG_UP = "hang_up"
    DIAL = "dial"
    SAY = "say"
    SAY_IN_PIECES = "say_in_pieces"
    STOP_SPEAKING = "stop_speaking"
    WHISPER = "whisper"
    SET_LANGUAGE = "set_language"
    ROUTE = "route"
    BARGE = "barge"
    RESUME_AI = "resume_ai"
    SET_STATUS = "set_status"


class Level(StrEnum):
    """How far a pause reaches."""

    CALL = "call"
    CONTACT = "contact"
    AGENT = "agent"


class Order(Struct, frozen=True, kw_only=True):
    """One order; "" = does not apply. ``contact`` are digits as the provider wrote them, ``agent`` is a slug.

    ``message_id`` names words to be said, ``request_id`` a change of history: both are made by us and never used again.
    ``to`` is a number or a SIP address, of ``route`` the slug of an agent; ``metadata`` goes with a call that is dialled.
    """

    verb: Verb
    agent: str = ""
    call: str = ""
    contact: str = ""
    level: Level = Level.CALL
    text: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    request_id: str = ""
    digits: str = ""
    to: str = ""
    from_number: str = ""
    greeting: str = ""
    language: str = ""  # a code: "fr"
    metadata: dict[str, str] = {}
    announce: bool = False
    reason: str = ""  # of a rejection: busy | rejected
    sip_user: str = ""
    status: str = ""  # of an operator: ready | not_ready


def pause_order(verb: Verb, agent: str, level: Level, target: str) -> Order:
    """To pause or to resume. ``target``: digits of the contact, a call, "" for the agent as a whole."""
    call, contact = (target if level is Level.CALL else ""), (target if level is Level.CONTACT else "")
    return Order(verb=verb, agent=agent, level=level, call=call, contact=contact)


# No event tells what became of these: the provider's answer to the request is all there will ever be. Contract sippet 4, 7.
BY_ANSWER = frozenset({Verb.SET_STATUS})

# Seconds until an order that nothing answered is "not confirmed". Contract E.2, sippet 7.
WAIT_S: dict[Verb, float] = {
    **dict.fromkeys(Verb, 10.0),
    Verb.SEND: 15.0,
    Verb.REJECT: 5.0,
    Verb.DIAL: 35.0,
    Verb.BARGE: 15.0,
    Verb.RESUME_AI: 15.0,
}
SIPPET_WAIT_S = 15.0
SIPPET_DIAL_S = 45.0
UTTERANCE_S = 120.0  # words that began to be spoken are confirmed at their end


def wait_of(provider: str, verb: Verb) -> float:
    """Seconds to wait for the effect of an order that was sent."""
    if provider != "sippet":
        return WAIT_S[verb]
    return SIPPET_DIAL_S if verb is Verb.DIAL else SIPPET_WAIT_S
