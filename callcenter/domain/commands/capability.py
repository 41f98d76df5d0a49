"""What can be asked of a call now, by provider, channel and state: "" = yes, else the reason, as the button shows it. Contract E.4."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from callcenter.domain.commands.order import Verb

TEXT_CHANNELS = frozenset({"chat", "whatsapp"})
VOICE_CHANNELS = frozenset({"phone", "webrtc"})
ONE_WAY = "This connection cannot carry commands: it only reads."
POSTS_ONLY = "This connection only listens: it never opened a socket that takes commands."
DOWN = "The connection is down: nothing can be sent."
WINDOW_S = 24 * 3600.0


class Situation(Struct, frozen=True, kw_only=True):
    """A call as far as verbs depend on it. ``window_left_s``: WhatsApp's 24 hours, None = the contact never wrote.

    ``lacking``: verbs that exist at this provider, but not in this account, each with a sentence.
    """

    provider: str
    channel: str
    status: str
    direction: str = "inbound"
    held: bool = False
    muted: bool = False
    has_agent: bool = True
    on_line: bool = False  # a phone line answers it, no agent yet
    listening: bool = True  # an ingest socket is open that takes commands
    one_way: str = ""  # why the connection carries no commands at all
    window_left_s: float | None = None
    lacking: Mapping[Verb, str] = {}


Rule = Callable[[Situation], str]


def why_not(verb: Verb, situation: Situation) -> str:
    """The first reason against it."""
    for rule in _RULES[verb]:
        reason = rule(situation)
        if reason:
            return reason
    return ""


def offered(verb: Verb, provider: str, channel: str) -> bool:
    """Does the verb exist there at all? What never can be done is not drawn."""
    return (provider, verb) in _CHANNELS and channel in _CHANNELS[provider, verb]


def _known(verb: Verb) -> Rule:
    def rule(now: Situation) -> str:
        return now.lacking.get(verb, "") if offered(verb, now.provider, now.channel) else "The provider cannot do this here."

    return rule


def why_one_way(*, carries_commands: bool, posts_only: bool) -> str:
    """Why a connection carries no commands, however it stands now; "" = it does. ``posts_only``: no socket ever took any."""
    if not carries_commands:
        return ONE_WAY
    return POSTS_ONLY if posts_only else ""


def why_unreachable(one_way: str, *, listening: bool) -> str:
    """Why nothing at all can be asked over a connection now; "" = it can. Both as in Situation."""
    return one_way or ("" if listening else DOWN)


def _connected(now: Situation) -> str:
    return why_unreachable(now.one_way, listening=now.listening)


def _live(now: Situation) -> str:
    return "The call is over." if now.status == "completed" else ""


def _answered(now: Situation) -> str:
    return "" if now.status == "answered" else "The call is not answered yet."


def _ringing(now: Situation) -> str:
    return "" if now.status == "ringing" and now.direction == "inbound" else "The call does not ring."


def _window(now: Situation) -> str:
    if now.window_left_s is None:
        return "The contact has not written yet: WhatsApp allows no message."
    return "" if now.window_left_s > 0 else "The contact wrote more than 24 hours ago: WhatsApp allows no message."


def _has_agent(now: Situation) -> str:
    return "" if now.has_agent else "The provider has not said which agent this is."


def _on_line(now: Situation) -> str:
    return "" if now.on_line else "Only a call that a phone line answers can be routed."


def _not_held(now: Situation) -> str:
    return "The call is on hold already." if now.held else ""


def _held(now: Situation) -> str:
    return "" if now.held else "The call is not on hold."


def _not_muted(now: Situation) -> str:
    return "The contact is muted already." if now.muted else ""


def _muted(now: Situation) -> str:
    return "" if now.muted else "The contact is not muted."


_TALKING: tuple[Rule, ...] = (_live, _answered, _connected)
_STATE_RULES: dict[Verb, tuple[Rule, ...]] = {
    Verb.PAUSE: (_live, _has_agent, _connected),
    Verb.RESUME: (_live, _has_agent, _connected),
    Verb.SEND: (_has_agent, _window, _connected),
    Verb.ACCEPT: (_live, _ringing, _has_agent, _connected),
    Verb.REJECT: (_live, _ringing, _has_agent, _connected),
    Verb.HOLD: (*_TALKING, _not_held),
    Verb.UNHOLD: (*_TALKING, _held),
    Verb.MUTE: (*_TALKING, _not_muted),
    Verb.UNMUTE: (*_TALKING, _muted),
    Verb.DTMF: _TALKING,
    Verb.FORWARD: _TALKING,
    Verb.HANG_UP: (_live, _connected),
    Verb.DIAL: (_connected,),
    Verb.SAY: _TALKING,
    Verb.SAY_IN_PIECES: _TALKING,
    Verb.STOP_SPEAKING: _TALKING,
    Verb.WHISPER: _TALKING,
    Verb.SET_LANGUAGE: _TALKING,
    Verb.ROUTE: (_live, _on_line, _answered, _connected),
    Verb.BARGE: _TALKING,
    Verb.RESUME_AI: _TALKING,
    Verb.SET_STATUS: (_connected,),
}
_RULES: dict[Verb, tuple[Rule, ...]] = {verb: (_known(verb), *rules) for verb, rules in _STATE_RULES.items()}

_PHONE = frozenset({"phone"})
_ANY = VOICE_CHANNELS | TEXT_CHANNELS
_CHANNELS: dict[tuple[str, Verb], frozenset[str]] = {
    ("pinecall", Verb.PAUSE): _ANY - {"chat"},  # by voice it may not silence the agent: shown until it is confirmed
    ("pinecall", Verb.RESUME): _ANY - {"chat"},
    ("pinecall", Verb.SEND): frozenset({"whatsapp"}),
    ("pinecall", Verb.ACCEPT): _PHONE,
    ("pinecall", Verb.REJECT): _PHONE,
    ("pinecall", Verb.HOLD): VOICE_CHANNELS,
    ("pinecall", Verb.UNHOLD): VOICE_CHANNELS,
    ("pinecall", Verb.MUTE): VOICE_CHANNELS,
    ("pinecall", Verb.UNMUTE): VOICE_CHANNELS,
    ("pinecall", Verb.DTMF): _PHONE,
    ("pinecall", Verb.FORWARD): _PHONE,
    ("pinecall", Verb.HANG_UP): VOICE_CHANNELS | {"chat"},
    ("pinecall", Verb.DIAL): _PHONE,
    ("pinecall", Verb.SAY): VOICE_CHANNELS | {"chat"},
    ("pinecall", Verb.SAY_IN_PIECES): VOICE_CHANNELS,
    ("pinecall", Verb.STOP_SPEAKING): VOICE_CHANNELS,
    ("pinecall", Verb.WHISPER): VOICE_CHANNELS | {"chat"},
    ("pinecall", Verb.SET_LANGUAGE): VOICE_CHANNELS,
    ("pinecall", Verb.ROUTE): _PHONE,
    ("sippet", Verb.HANG_UP): VOICE_CHANNELS,
    ("sippet", Verb.BARGE): VOICE_CHANNELS,
    ("sippet", Verb.RESUME_AI): VOICE_CHANNELS,
    ("sippet", Verb.DIAL): _PHONE,
    ("sippet", Verb.SET_STATUS): _PHONE,
}
