"""What the WhatsApp desk shows, as plain values. Templates render these and nothing else; pages and pushes share them.

Times are epoch milliseconds (``*_ms``) or None; texts come from outside and are escaped by the templates.
"""

from dataclasses import dataclass

from callcenter.console.view import Badge, Tone
from callcenter.console.whatsapp.filters import ThreadFilters


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """One conversation in the list. ``window_ms``: when WhatsApp stops to take messages, None = the contact never wrote."""

    id: str
    url: str
    contact: str
    number: str
    agent: str
    holder: str  # an operator's name, "" = the agent answers
    mine: bool
    last_by: str  # "You", a name, or "" for the contact
    last_text: str
    last_kind: str  # text | audio | image | video | document
    at_ms: int | None
    today: bool
    unread: int
    waiting_ms: int | None  # since when the contact waits for a person
    window_ms: int | None
    window: str  # open | soon | closed | never
    paused: bool
    current: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One step of the list's first filter, with how many conversations it would show."""

    id: str
    label: str
    show: str
    count: int


@dataclass(frozen=True, slots=True)
class ThreadList:
    """One reader's conversations. ``next_at``: epoch seconds at which it looks different by time alone."""

    rows: tuple[ThreadRow, ...]
    choices: tuple[Choice, ...]
    filters: ThreadFilters
    hidden: int  # beyond the window
    total: int
    next_at: float
    contacts: frozenset[int] = frozenset()
    no_team: bool = False  # the reader belongs to none


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message. ``delivery``: "" | sent | delivered | read | failed; ``late``: of the agent, after an operator took over."""

    id: str
    line: int
    speaker: str  # contact | agent | operator | system
    name: str
    tone: Tone
    text: str
    kind: str
    at_ms: int | None
    delivery: str = ""
    error: str = ""  # why it was not delivered
    inferred: bool = False
    late: bool = False
    recovered: bool = False
    again: bool = False  # the reader may send the same words again
    thread: int = 0

    @property
    def source(self) -> str:
        """Its name in the forms that send it again."""
        return f"line:{self.line}"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that was asked for and that the provider has not confirmed: words, state in words, and what can be done."""

    id: str
    command: str
    name: str
    mine: bool
    text: str
    state: str  # of the command
    words: str
    at_ms: int
    expires_ms: int | None
    cancel: bool
    again: bool
    thread: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Something between the messages: a session's border, a change of holder, a pause, a day."""

    id: str
    icon: str
    text: str
    at_ms: int | None
    url: str = ""
    day: bool = False


@dataclass(frozen=True, slots=True)
class TeamNote:
    id: str
    name: str
    text: str
    at_ms: int


Entry = Bubble | Outgoing | Mark | TeamNote


@dataclass(frozen=True, slots=True)
class Chance:
    """A button: ``why`` "" = it can be pressed, else the reason beside the disabled one. Not ``drawn`` = not for this reader."""

    drawn: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the reader can do with the thread, and the hidden fields of every form."""

    key: str
    fence: int
    take: Chance
    hand_back: Chance
    give: Chance  # to somebody else of the team
    undo_ms: int | None  # until when the takeover can be undone
    pause: Chance
    resume: Chance
    pause_agent: Chance
    resume_agent: Chance
    note: Chance


@dataclass(frozen=True, slots=True)
class Composer:
    """``mode``: send = the reader holds the thread; take = take over and reply; locked = nothing can be written, ``why`` says so."""

    mode: str
    why: str
    warning: str


@dataclass(frozen=True, slots=True)
class ThreadView:
    """The page of one thread. ``entries`` in reading order."""

    pk: int
    agent_pk: int
    contact: str
    number: str
    agent: str
    connection: str
    holder: str
    mine: bool
    badges: tuple[Badge, ...]
    late: int
    window_ms: int | None
    window: str  # as of ThreadRow
    entries: tuple[Entry, ...]
    earlier: bool  # there are lines before the first one shown
    sessions: int
    first_ms: int | None
    desk: Desk
    composer: Composer
    presence: str
    next_at: float
