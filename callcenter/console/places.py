"""Where each live call stands on the floor: enough to count, sort and filter them all, a tenth of what their rows cost."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from callcenter.calls.live_state import LiveCall, newest_line
from callcenter.calls.models import Agent, Call
from callcenter.calls.querysets import CallQuerySet
from callcenter.console.view import Tone
from callcenter.domain.limits import Limits, is_unanswered, stale_since
from callcenter.journal.times import epoch

IDLE_WARNING_S = 20.0
Group = Literal["attention", "progress"]
Kind = Literal["agent", "operator"]
Sort = tuple[int, int, str]


class Placed(Protocol):
    """What figures and filters ask of a call: a place has it, and a row too."""

    @property
    def group(self) -> Group: ...
    @property
    def tone(self) -> Tone: ...
    @property
    def channel(self) -> str: ...
    @property
    def holder_kind(self) -> Kind: ...
    @property
    def started_ms(self) -> int: ...


class Place(NamedTuple):
    """``agent``: the slug, "" = none; ``sort`` inside the group, as in a row; ``unanswered``: nobody answers the contact."""

    pk: int
    group: Group
    sort: Sort
    tone: Tone
    channel: str
    holder_kind: Kind
    started_ms: int
    agent: str
    unanswered: bool


class Sketch(NamedTuple):
    """The columns of a call that decide about its place."""

    pk: int
    call_uuid: str
    status: str
    channel: str
    held: bool
    alarm: str
    heard_at: datetime | None
    started_at: datetime | None
    reply_ms: int | None
    unanswered_since: datetime | None
    holder: int | None
    thread: int | None
    thread__holder: int | None
    agent__slug: str | None
    agent__unverified_since: datetime | None


def sketches(calls: CallQuerySet) -> list[Sketch]:
    """One query, no instances."""
    return [Sketch._make(columns) for columns in calls.order_by().values_list(*Sketch._fields)]


def places(calls: Iterable[Sketch], live: dict[str, LiveCall], now: float, limits: Limits) -> list[Place]:
    """In the order of the floor; ``now`` in epoch seconds."""
    found = [_place(call, live.get(call.call_uuid), now, limits) for call in calls]
    found.sort(key=lambda place: (place.group, place.sort))
    return found


def _place(call: Sketch, live: LiveCall | None, now: float, limits: Limits) -> Place:
    stale = stale_since(call.channel, call.status, last_heard(call.heard_at, live), now, limits) is not None
    operator = (call.thread__holder if call.thread else call.holder) is not None
    started = milliseconds(call.started_at)
    unanswered = nobody_answers(call.unanswered_since, live, now, limits)
    return Place(
        call.pk,
        "attention" if needs_attention(call.status, call.alarm, live, stale or unanswered, call.agent__unverified_since) else "progress",
        (urgency(call.status, stale), started, call.call_uuid),
        tone(call.status, stale, call.held, operator),
        call.channel,
        "operator" if operator else "agent",
        started,
        call.agent__slug or "",
        unanswered,
    )


def place_of(call: Call, agent: Agent | None, live: LiveCall | None, now: float, limits: Limits) -> Place:
    """Of one call that is read as a whole; ``agent`` is the newest row of its agent."""
    sketch = Sketch(
        call.pk, call.call_uuid, call.status, call.channel, call.held, call.alarm, call.heard_at, call.started_at, call.reply_ms,
        call.unanswered_since, call.holder_id, call.thread_id, call.thread.holder_id if call.thread is not None else None,
        agent.slug if agent is not None else None, agent.unverified_since if agent is not None else None,
    )  # fmt: skip
    return _place(sketch, live, now, limits)


def last_heard(durable: datetime | None, live: LiveCall | None) -> float:
    """Epoch s of the last frame of any kind."""
    at = epoch(durable) if durable else 0.0
    return max(at, live.heard) if live else at


def milliseconds(started: datetime | None) -> int:
    """0 when nobody told it."""
    return round(epoch(started) * 1000) if started else 0


def nobody_answers(since: datetime | None, live: LiveCall | None, now: float, limits: Limits) -> bool:
    """Has the contact waited too long? Words of somebody else that are not in the journal yet count from when the last one was heard."""
    if since is None or not is_unanswered(epoch(since), now, limits):
        return False
    line = newest_line(live)
    if live is None or line is None or line.speaker == "contact":
        return True
    return is_unanswered(line.heard or live.heard, now, limits)


def needs_attention(status: str, alarm: str, live: LiveCall | None, silent: bool, unverified: datetime | None) -> bool:
    """Does it stand in the upper group? Whatever a row shows as an alert is in here. ``silent``: the provider or all who should answer."""
    return silent or bool(alarm) or ends_soon(status, live) or (unverified is not None and status != "completed")


def ends_soon(status: str, live: LiveCall | None) -> bool:
    """The contact is silent, and the provider will not wait much longer."""
    return live is not None and live.idle_s is not None and live.idle_s <= IDLE_WARNING_S and status == "answered"


def tone(status: str, stale: bool, held: bool, operator: bool) -> Tone:
    """``operator``: one of them answers, and not the agent."""
    if status == "completed":
        return "idle"
    if stale:
        return "alert"
    if status in ("ringing", "dialing"):
        return "ring"
    if held:
        return "hold"
    return "human" if operator else "ai"


def urgency(status: str, stale: bool) -> int:
    """Inside its group: ringing calls first, silent ones last; then by start, so that rows stay where they are."""
    return 2 if stale else 0 if status == "ringing" else 1
