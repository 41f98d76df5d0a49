"""Commands in words: what was asked, and what became of it."""

from callcenter.commands.models import Command
from callcenter.console.naming import pretty_number
from callcenter.console.view import Tone
from callcenter.domain.commands.languages import LANGUAGES
from callcenter.domain.commands.order import Verb

State, Failure = Command.State, Command.Failure
LONGEST = 60

NAMES: dict[str, str] = {
    Verb.PAUSE: "Pause",
    Verb.RESUME: "Resume",
    Verb.SEND: "Send",
    Verb.ACCEPT: "Accept",
    Verb.REJECT: "Reject",
    Verb.HOLD: "Hold",
    Verb.UNHOLD: "End hold",
    Verb.MUTE: "Mute",
    Verb.UNMUTE: "Unmute",
    Verb.DTMF: "Tones",
    Verb.FORWARD: "Forward",
    Verb.HANG_UP: "Hang up",
    Verb.DIAL: "Dial",
    Verb.SAY: "Say",
    Verb.SAY_IN_PIECES: "Say in pieces",
    Verb.STOP_SPEAKING: "Stop speaking",
    Verb.WHISPER: "Whisper",
    Verb.SET_LANGUAGE: "Language",
    Verb.ROUTE: "Route",
    Verb.BARGE: "Join the call",
    Verb.RESUME_AI: "Let the agent go on",
    Verb.SET_STATUS: "Availability",
}
LEVELS = {"call": "this call", "contact": "this contact", "agent": "everywhere"}
STATES: dict[str, tuple[str, Tone]] = {
    State.PENDING: ("waiting", "ring"),
    State.SENDING: ("being sent", "info"),
    State.SENT: ("sent", "info"),
    State.CONFIRMED: ("confirmed", "ok"),
    State.NOT_CONFIRMED: ("not confirmed", "alert"),
    State.UNKNOWN: ("unknown whether it was sent", "alert"),
}
FAILURES: dict[str, tuple[str, Tone]] = {
    Failure.EXPIRED: ("expired, not sent", "alert"),
    Failure.REFUSED: ("refused", "alert"),
    Failure.CANCELLED: ("cancelled, not sent", "idle"),
    Failure.TAKEN: ("not sent", "alert"),
}


def name_of(command: Command) -> str:
    """What was asked: ``Forward to +44 20 7946 0177``."""
    order, name = command.order, NAMES.get(command.verb, command.verb)
    match command.verb:
        case Verb.PAUSE | Verb.RESUME:
            return f"{name}, {LEVELS.get(order.get('level', ''), 'this call')}"
        case Verb.SAY | Verb.SAY_IN_PIECES | Verb.WHISPER | Verb.SEND:
            return f"{name}: {clipped(order.get('text', ''))}"
        case Verb.DTMF:
            return f"{name} {order.get('digits', '')}"
        case Verb.SET_LANGUAGE:
            return f"{name} {LANGUAGES.get(order.get('language', ''), '')}"
        case Verb.ROUTE:
            return f"{name} to {clipped(order.get('to', ''))}"
        case Verb.FORWARD | Verb.DIAL:
            return f"{name} to {clipped(pretty_number(order.get('to', '')))}"
        case Verb.REJECT:
            return f"{name}, {order.get('reason') or 'rejected'}"
        case _:
            return name


def clipped(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def state_of(command: Command) -> tuple[str, Tone, str]:
    """Its state in words, their tone, and what the provider or the console said about a failure."""
    if command.state == State.FAILED:
        said, tone = FAILURES.get(command.failure, ("failed", "alert"))
        return said, tone, command.error
    if command.state == State.SENT and command.begun:
        return "being spoken", "info", ""
    said, tone = STATES.get(command.state, (command.state, "idle"))
    return said, tone, command.error if command.state == State.UNKNOWN else ""
