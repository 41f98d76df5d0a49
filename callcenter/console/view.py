"""What the screens show, as plain values. Templates render these and nothing else; pages and pushes share them.

Times are epoch milliseconds (``*_ms``) or None; texts come from outside and are escaped by the templates.
"""

from typing import Literal

from msgspec import Struct

Tone = Literal["ai", "human", "caller", "ring", "hold", "alert", "ok", "info", "idle"]


class Badge(Struct, frozen=True):
    """A small label beside a call: icon name of the sprite, words, tone."""

    icon: str
    label: str
    tone: Tone


class RowView(Struct, frozen=True):
    """One call on the floor. ``hot`` cells change several times a second and are pushed alone."""

    id: str  # DOM id of the row, dom_id("row", uuid); cells append -last, -state, -mc, -ma
    uuid: str
    url: str
    group: Literal["attention", "progress"]
    tone: Tone
    state: str  # hot: "Agent speaking", "Ringing", "On hold", "No signal" ...
    speaking: bool  # hot: draw the equaliser instead of the dot
    contact: str  # name, else number, else "Web visitor"
    number: str
    channel: str  # phone | webrtc | chat | whatsapp
    direction: str
    language: str
    last_speaker: str  # hot: "Caller", the agent's or the operator's name, or ""
    last_tone: Tone
    last_text: str  # hot
    last_interim: bool  # hot
    holder_kind: Literal["agent", "operator"]
    holder: str
    agent: str
    started_ms: int
    badges: tuple[Badge, ...] = ()
    stale_since_ms: int | None = None
    sort: tuple[int, int, str] = (0, 0, "")
    said: str = ""  # the last settled line, which the text filter searches
    fence: int = 0  # how often the holder changed: taking over is refused when it has changed again
    take_url: str = ""  # where it is taken over from the agent, "" = it is over
    take_why_not: str = ""  # "" = it can be taken over now
    metered: bool = True  # does its provider measure how loud it is, and does what it says arrive?
    down: bool = False  # the line that we dialled is down: what the row says is old
    unanswered: bool = False  # the contact spoke, and nobody has answered for too long

    @property
    def shade(self) -> Tone:
        """The tone that it is drawn in: what needs attention looks like it, whoever holds it."""
        return "alert" if self.group == "attention" and self.tone != "idle" else self.tone


class Counters(Struct, frozen=True):
    """The figures above the floor, over every call this operator may see, whatever the filter.

    None means that nobody measured it: drawn as a dash.
    """

    live: int
    with_agent: int
    with_operator: int
    attention: int
    oldest_attention_ms: int | None
    ringing: int
    held: int
    by_channel: dict[str, int] = {}
    answer_ms: int | None = None  # median delay between the end of a contact's turn and the agent's reply, last calls
    ended_today: int = 0
    shown: int = 0  # rows in this view, after the filters
    hidden: int = 0  # rows in this view beyond the window
    no_team: bool = False  # the reader belongs to none


class ConnectionView(Struct, frozen=True):
    """One provider connection in the floor's footer: is it heard, and since when not. ``words``: what else there is to say."""

    id: str
    name: str
    provider: str
    state: Literal["live", "quiet", "down", "never"]
    heard_ms: int | None
    words: str = ""  # what an administrator should know of it


class LineView(Struct, frozen=True):
    """One transcript line, or one piece of it while it is being spoken."""

    id: str  # dom_id("line", call key, line key)
    speaker: Literal["contact", "agent", "operator", "system"]
    name: str
    tone: Tone
    text: str
    rest: str  # announced by the agent but not yet heard, drawn faint
    state: Literal["interim", "speaking", "final", "interrupted", "aborted", "rejected"]
    kind: str  # text | audio | image | video | document
    delivery: str  # "" | sent | delivered | read | failed
    at_ms: int | None
    offset: str  # "0:17" since the start of the call
    muted: bool = False  # was said while the contact was muted
    recovered: bool = False  # filled in from the provider's history after a gap
    inferred: bool = False  # the delivery was tied to this line by order, not by an id
    late: bool = False  # the agent said it after an operator had taken over
    dictated: str = ""  # the name of the operator whose words the agent spoke


class MomentView(Struct, frozen=True):
    """Something that happened in a call: a tool call, an audit event, hold, DTMF, forwarding, a pause ..."""

    id: str  # dom_id("moment", call key, key); the copy inside the transcript carries inline_id
    icon: str
    tone: Tone
    title: str
    code: str  # a name in monospace after the title, for example the tool's
    detail: str
    body: str  # arguments and result, pretty-printed JSON or text; "" = nothing to open
    at_ms: int | None
    offset: str
    category: Literal["tool", "audit", "call"]
    inline: bool  # also shown between the transcript lines

    @property
    def inline_id(self) -> str:
        """DOM id of the copy between the transcript lines."""
        return f"inline-{self.id}"


class ParticipantView(Struct, frozen=True):
    id: str
    role: str  # in words: "Contact", "AI agent", the operator's name
    tone: Tone
    joined_ms: int | None
    left_ms: int | None


class RecordingView(Struct, frozen=True):
    id: str
    url: str
    duration_ms: int
    peaks_path: str  # the d attribute of an SVG path, 240 bars in a 720x32 box; "" = not computed


class EarlierCall(Struct, frozen=True):
    url: str
    channel: str
    started_ms: int | None
    summary: str  # last line or end reason


class CallView(Struct, frozen=True):
    """The call page. ``script`` holds LineView and inline MomentView in reading order."""

    row: RowView
    key: str  # short DOM-safe key of this call, used in ids
    status: str  # dialing | ringing | answered | completed
    end_reason: str
    error: str
    connection: str
    provider: str
    from_number: str
    to_number: str
    started_ms: int | None
    answered_ms: int | None
    ended_ms: int | None
    reply_ms: int | None
    script: tuple[LineView | MomentView, ...]
    timeline: tuple[MomentView, ...]
    participants: tuple[ParticipantView, ...]
    recordings: tuple[RecordingView, ...]
    earlier: tuple[EarlierCall, ...]
    metadata: tuple[tuple[str, str], ...]
    late: int = 0  # lines of the agent after an operator had taken over
    warning: str = ""  # "The contact is silent: ends in 15 s", "No signal since ...", credit ran out ...


class HistoryRow(Struct, frozen=True):
    """One call in the history, of any state, newest first."""

    id: str  # dom_id("past", uuid)
    uuid: str
    url: str
    tone: Tone
    state: str  # "Ended", or of a live call "Ringing", "In progress", "On hold", "No signal"
    contact: str
    number: str
    channel: str
    direction: str
    language: str
    agent: str
    holder_kind: Literal["agent", "operator"]
    holder: str
    started_ms: int | None
    ended_ms: int | None
    duration_s: float | None
    end_reason: str  # as the domain spells it: "hangup", "no_answer", ...
    summary: str  # the last line that was said
    summary_speaker: str = ""
    summary_tone: Tone = "idle"
    live_ms: int | None = None  # when it was read as a live one; None = it is over
    badges: tuple[Badge, ...] = ()


class Segment(Struct, frozen=True):
    """One step of the floor's first filter, with how many calls it would show."""

    id: str  # DOM id of the figure
    label: str
    tone: Tone | None
    status: str
    holder: str
    count: int


def segments(counters: Counters) -> tuple[Segment, ...]:
    """The floor's first filter. Each figure is a cell of its own, pushed as text."""
    return (
        Segment("floor-n-all", "All", None, "", "", counters.live),
        Segment("floor-n-attention", "Needs attention", "alert", "attention", "", counters.attention),
        Segment("floor-n-agent", "Agent", "ai", "", "agent", counters.with_agent),
        Segment("floor-n-operator", "Operator", "human", "", "operator", counters.with_operator),
        Segment("floor-n-ringing", "Ringing", "ring", "ringing", "", counters.ringing),
        Segment("floor-n-held", "On hold", "hold", "held", "", counters.held),
    )
