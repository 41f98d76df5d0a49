"""What an operator can do on one call, as plain values. Templates render these and nothing else; pages and pushes share them.

Times are epoch milliseconds (``*_ms``) or None; texts come from outside and are escaped by the templates.
"""

from msgspec import Struct

from callcenter.console.view import Tone


class Button(Struct, frozen=True):
    """One thing to press. ``why_not``: the reason why it cannot be done now, "" = it can."""

    action: str  # the last part of its address: "take-over"
    label: str
    icon: str
    url: str
    why_not: str = ""

    @property
    def form(self) -> str:
        """DOM id of its form."""
        return f"desk-{self.action}"


class Asked(Struct, frozen=True):
    """A command of this call, and what became of it. ``cancel``: DOM id of the form that takes it back, "" = too late."""

    id: str
    name: str  # what was asked, in words: "Hold", "Say: Good morning"
    who: str
    state: str  # in words
    detail: str  # of a failure: the provider's own words
    tone: Tone
    cancel: str = ""
    command: str = ""


class PauseChoice(Struct, frozen=True):
    """Whether the agent answers one call, or one contact. ``on``: as the provider says."""

    level: str  # call | contact
    label: str
    on: bool
    asked: str  # who asked for it, and why; "" = nobody here
    until_ms: int | None
    confirmed: bool  # what was asked is what the provider says
    button: Button


class ControlsView(Struct, frozen=True):
    """The desk of one operator on one call. ``next_at``: epoch seconds at which it looks different by time alone.

    ``shown`` is false for those who only read. ``key`` makes the same form sent twice one command; ``fence`` says under
    which holder it was drawn. What the provider never offers on this channel is None.
    """

    shown: bool = False
    over: bool = False
    mine: bool = False
    key: str = ""
    fence: int = 0
    tone: Tone = "ai"
    title: str = ""
    silence: str = ""
    silence_tone: Tone = "ok"
    thread_url: str = ""
    take: Button | None = None
    back: Button | None = None
    note: bool = False  # a note to the agent can be left with the hand-back
    undo: Button | None = None
    undo_until_ms: int = 0
    reassign: Button | None = None
    accept: Button | None = None
    reject: Button | None = None
    accepts_at_ms: int | None = None
    tools: tuple[Button, ...] = ()
    tones: Button | None = None
    forward: Button | None = None
    destinations: tuple[tuple[str, str], ...] = ()  # (value, label) of those that are saved
    own_phone: str = ""  # as people write it
    forward_mine_url: str = ""
    language: Button | None = None
    spoken: str = ""  # the name of the language that the call is in, "" = not one of the list
    route: Button | None = None
    agents: tuple[tuple[str, str], ...] = ()  # (slug, name) of those that a line's call can be routed to
    hang_up: Button | None = None
    say: Button | None = None
    in_pieces: bool = False  # words can be said in pieces here
    heard_id: str = ""  # of the contact's last words, "" = none that can be answered by name
    heard: str = ""
    whisper: Button | None = None
    pauses: tuple[PauseChoice, ...] = ()
    cancel_url: str = ""
    asked: tuple[Asked, ...] = ()
    next_at: float = float("inf")


NO_CONTROLS = ControlsView()

# DOM ids of all forms of the desk, for the page's CSRF fields: a push has no request, so it cannot carry them.
FORMS = tuple(
    f"desk-{name}"
    for name in (
        "take-over", "hand-back", "undo", "accept", "reject", "hold", "unhold", "mute", "unmute", "stop-speaking",
        "keys", "dtmf", "forward", "forward-mine", "set-language", "route", "hang-up", "say", "whisper", "pause-call", "pause-contact",
        "cancel-0", "cancel-1", "cancel-2", "cancel-3", "cancel-4",
    )
)  # fmt: skip
