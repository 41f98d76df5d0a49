"""The shapes of the answers, as the OpenAPI document tells them. What is listed here stays; keys may be added."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

Time = Annotated[str | None, Field(description="RFC 3339, UTC, milliseconds; null when unknown.", examples=["2026-07-01T14:02:10.250Z"])]


def one_of(*words: str) -> Any:
    """A text that is one of these today. The document says so; an answer is not refused for a new one."""
    return Field(description=f"One of: {', '.join(word or 'empty' for word in words)}.")


class Problem(Schema):
    detail: str


class FieldProblem(Schema):
    field: str
    message: str


class Invalid(Problem):
    errors: list[FieldProblem]


REFUSED: dict[int, Any] = {401: Problem}
LISTED: dict[int, Any] = {**REFUSED, 422: Invalid}
FOUND: dict[int, Any] = {**REFUSED, 404: Problem}


class CallContact(Schema):
    phone: str
    name: str


class Holder(Schema):
    kind: Annotated[str, one_of("agent", "operator")]
    name: str


class Paused(Schema):
    """Where the agent is told not to answer: this call, this contact, everywhere."""

    call: bool
    contact: bool
    agent: bool


class CallSummary(Schema):
    call_uuid: str
    connection: str
    provider: Annotated[str, one_of("pinecall", "sippet")]
    agent: Annotated[str, Field(description="The agent's slug; empty when no agent is known.")]
    channel: Annotated[str, one_of("phone", "webrtc", "chat", "whatsapp")]
    thread_id: str | None
    direction: Annotated[str, one_of("inbound", "outbound")]
    from_number: str
    to_number: str
    contact: CallContact
    metadata: dict[str, Any]
    language: str
    status: Annotated[str, one_of("dialing", "ringing", "answered", "completed")]
    end_reason: str
    error: str
    started_at: Time
    answered_at: Time
    ended_at: Time
    duration_s: Annotated[
        float, Field(description="Seconds as the provider counts them, else from the answer to the end; 0 while the call is live.")
    ]
    holder: Holder
    paused: Paused
    held: bool
    muted: bool
    forwarded_to: str
    alarm: str
    stale: Annotated[bool, Field(description="Live, but its provider has been silent for too long.")]
    revision: int


class Line(Schema):
    message_id: str
    speaker: Annotated[str, one_of("contact", "agent", "operator", "system")]
    text: str
    state: Annotated[str, one_of("interim", "speaking", "final", "interrupted", "aborted")]
    kind: Annotated[str, one_of("text", "audio", "image", "video", "document")]
    delivery: Annotated[str, one_of("", "sent", "delivered", "read", "failed")]
    at: Time
    muted: Annotated[bool, Field(description="Said while the contact's microphone was muted for the agent.")]
    recovered: Annotated[bool, Field(description="Lost on the way, filled in from the provider's record of the call.")]
    rejected: Annotated[bool, Field(description="The provider refused to say it; its state is `aborted`.")]


class Tool(Schema):
    id: str
    name: str
    arguments: Any
    result: Any
    at: Time
    state: Annotated[str, one_of("running", "done", "failed", "confidential")]
    done_at: Time


class Participant(Schema):
    id: str
    role: str
    joined_at: Time
    left_at: Time


class Audit(Schema):
    type: str
    at: Time
    data: dict[str, Any]


class Dtmf(Schema):
    direction: Annotated[str, one_of("sent", "received")]
    digits: str
    at: Time


class Recording(Schema):
    url: Annotated[str, Field(description="A path of this server; the same bearer token opens it.")]
    duration_ms: int
    sample_rate: int
    format: str


class Note(Schema):
    """A moment that is neither a line nor a tool: hold, mute, forwarding, limits ..."""

    kind: str
    at: Time
    data: dict[str, Any]


class CallDetail(CallSummary):
    transcript: list[Line]
    tools: list[Tool]
    participants: list[Participant]
    audit: list[Audit]
    dtmf: list[Dtmf]
    recordings: list[Recording]
    notes: list[Note]


class CallEvent(Schema):
    """One line of the journal. ``ts`` is the provider's time, ``frame`` what came in."""

    n: int
    event: str
    origin: Annotated[str, one_of("provider", "console")]
    received_at: Time
    ts: Time
    seq: int | None
    frame: Any


class Agent(Schema):
    slug: str
    name: str
    connection: str
    provider: str
    team: str
    paused: bool
    paused_contacts: Annotated[list[str], Field(description="Digits of the contacts it does not answer.")]
    paused_calls: Annotated[list[str], Field(description="Calls in which it does not answer.")]
    unverified_since: Time
    revision: int


class Thread(Schema):
    id: str
    agent: str
    connection: str
    contact: CallContact
    holder: Holder
    fence: Annotated[int, Field(description="How often the holder changed; taking over is refused under an older number.")]
    paused: Paused
    last_inbound_at: Time
    last_at: Time
    window_open_until: Annotated[Time, Field(description="Until then WhatsApp takes free text: 24 h after the contact wrote last.")]
    window_closes_at: Annotated[Time, Field(description="The same moment as `window_open_until`.")]
    revision: int


class Page(Schema):
    next: Annotated[str | None, Field(description="The `cursor` of the next page; null on the last one.")]


class CallPage(Page):
    results: list[CallSummary]
    deleted: Annotated[
        list[str],
        Field(description="`call_uuid` of calls deleted after `since`; only in the first page of an answer to `since`. Told for a week."),
    ] = []


class EventPage(Page):
    results: list[CallEvent]


class AgentPage(Page):
    results: list[Agent]


class ThreadPage(Page):
    results: list[Thread]
