"""The floor: which rows, in which order, with which figures. The page and the feed both come through here."""

import dataclasses
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from django.utils import timezone
from msgspec.structs import replace

from callcenter.calls.limits import limits
from callcenter.calls.live_state import LiveCall
from callcenter.calls.models import Agent, Call
from callcenter.commands.situation import why_one_way
from callcenter.console.dom import dom_id
from callcenter.console.figures import counters, median_of
from callcenter.console.filters import Filters
from callcenter.console.places import Place, place_of
from callcenter.console.rows import row_view
from callcenter.console.view import ConnectionView, Counters, RowView
from callcenter.domain.limits import Limits
from callcenter.journal.models import Connection
from callcenter.journal.outbound.health import outbound_of
from callcenter.journal.times import epoch
from callcenter.operators.models import Operator
from callcenter.providers.client import Line

WINDOW = 100  # rows on one floor, more than anybody reads; the counters stay exact
LIVE_S = 30.0
QUIET_S = 120.0
HEARD_STEP_MS = 10_000
STREAMS_CANNOT = "plain stream: takes no commands, tells nothing of ringing, hold, mute, tones and forwarding"

T = TypeVar("T")
Audience = frozenset[int] | None  # ids of the teams whose calls may be seen; None = all


@dataclass(slots=True)
class FloorCall:
    """One live call: its row in the database, the newest row of its agent, its live state, and where it stands on the floor.

    ``row``: how it is shown, None = not known: it is made when somebody looks, and a floor shows a hundred.
    ``measured``: the live state that ``meters`` told of last, and what they told.
    """

    call: Call
    agent: Agent | None
    live: LiveCall | None
    place: Place
    row: RowView | None = None
    measured: tuple[LiveCall, dict[str, float]] | None = None

    @property
    def team(self) -> int:
        return team_of(self.call, self.agent)

    @property
    def is_stale(self) -> bool:
        return self.place.tone == "alert"

    def drawn(self) -> RowView:
        if self.row is None:
            self.row = row_view(self.call, self.agent, self.live, clock(), limits())
        return self.row

    def meters(self) -> dict[str, float]:
        """DOM ids of its meters -> 0..1, as exactly as a meter shows it."""
        if self.live is None:
            return {}
        if self.measured is None or self.measured[0] is not self.live:
            name, (contact, agent) = self.drawn().id, heights(self.live)
            self.measured = self.live, {f"{name}-mc": contact, f"{name}-ma": agent}
        return self.measured[1]


@dataclass(slots=True)
class Survey:
    """What all floors of one audience have in common: its calls in order, and the figures over all of them.

    True until a call comes, goes, or gets another place; ``passed``: what filters were found to let through.
    """

    calls: list[FloorCall]
    counters: Counters
    passed: dict[Filters, list[FloorCall]] = field(default_factory=dict)

    def passing(self, filters: Filters) -> list[FloorCall]:
        """In order, the calls that may be shown but for their text."""
        wanted = dataclasses.replace(filters, q="")
        if wanted not in self.passed:
            self.passed[wanted] = [item for item in self.calls if wanted.passes_place(item.place, item.place.agent)]
        return self.passed[wanted]

    def count_replies(self) -> None:
        """How fast agents answer, which changes no call's place."""
        self.counters = replace(self.counters, answer_ms=median_of(replies(self.calls)))


@dataclass(frozen=True, slots=True)
class Floor:
    """One reader's floor."""

    attention: tuple[RowView, ...]
    progress: tuple[RowView, ...]
    counters: Counters
    connections: tuple[ConnectionView, ...]


def audience_of(operator: Operator) -> Audience:
    """Whose calls this operator may see; one query."""
    if operator.sees_everything:
        return None
    return frozenset(operator.teams.values_list("pk", flat=True))


def in_no_team(audience: Audience) -> bool:
    return audience is not None and not audience


def team_of(call: Call, agent: Agent | None) -> int:
    """A call belongs to its agent's team, without an agent to its connection's."""
    return agent.team_id if agent is not None else call.connection.team_id


def floor_call(call: Call, agent: Agent | None, live: LiveCall | None, now: float, limits: Limits) -> FloorCall:
    return FloorCall(call, agent, live, place_of(call, agent, live, now, limits))


def heights(live: LiveCall) -> tuple[float, float]:
    """Its levels, as exactly as a meter shows them."""
    contact, agent = live.levels
    return round(contact, 2), round(agent, 2)


def survey(calls: Iterable[FloorCall], audience: Audience, ended_today: int) -> Survey:
    """Sort and count; ``calls`` may hold calls of other teams."""
    mine = [item for item in calls if audience is None or item.team in audience]
    mine.sort(key=lambda item: (item.place.group, item.place.sort))
    figures = counters((item.place for item in mine), replies(mine), ended_today, 0, 0, no_team=in_no_team(audience))
    return Survey(mine, figures)


def replies(calls: Iterable[FloorCall]) -> list[int]:
    """Of the calls in which the agent has answered, how long that took in ms."""
    return [item.call.reply_ms for item in calls if item.call.reply_ms is not None]


def narrow(
    found: Survey,
    audience: Audience,
    filters: Filters,
    connections: Iterable[Connection],
    now: float,
    streams: Container[int] = (),
) -> Floor:
    """One floor of a survey."""
    shown = found.passing(filters)
    if filters.q:
        shown = [item for item in shown if filters.finds(item.drawn())]
    window = [item.drawn() for item in in_window(shown)]
    return lay_out(window, len(shown), found.counters, signs(connections, audience, now, streams))


def in_window(items: list[T]) -> list[T]:
    """Of all that match, in order, what one floor shows."""
    return items[:WINDOW]


def lay_out(window: Sequence[RowView], matching: int, figures: Counters, seen: tuple[ConnectionView, ...]) -> Floor:
    """``window``: the rows shown, in order, of ``matching`` ones."""
    return Floor(
        tuple(row for row in window if row.group == "attention"),
        tuple(row for row in window if row.group == "progress"),
        replace(figures, shown=len(window), hidden=matching - len(window)),
        seen,
    )


def signs(connections: Iterable[Connection], audience: Audience, now: float, streams: Container[int]) -> tuple[ConnectionView, ...]:
    """The connections that this audience sees."""
    return tuple(connection_view(c, now, c.pk in streams) for c in connections if audience is None or c.team_id in audience)


def connection_view(connection: Connection, now: float, streams_only: bool = False) -> ConnectionView:
    """Its state in words. The time of the last frame is given in steps of ten seconds: it is a sign of life, not a clock."""
    heard = epoch(connection.heard_at) if connection.heard_at else None
    silent = now - heard if heard is not None else None
    state = "never" if silent is None else "live" if silent <= LIVE_S else "quiet" if silent <= QUIET_S else "down"
    words = ""
    if connection.is_outbound:
        outbound = outbound_of(connection, datetime.fromtimestamp(now, UTC))
        words = outbound.words
        if outbound.line != Line.UP:
            state = "down"
        elif state != "live":  # the line stands, and nobody has called yet
            state = "quiet"
        words = f"{words} {why_one_way(connection)}".strip()
    elif connection.posts_only:
        words = why_one_way(connection)
    elif streams_only and state != "down":
        words = STREAMS_CANNOT
    return ConnectionView(
        id=dom_id("connection", connection.slug),
        name=connection.slug,
        provider=connection.get_provider_display(),
        state=state,  # type: ignore[arg-type]
        heard_ms=round(heard * 1000) // HEARD_STEP_MS * HEARD_STEP_MS if heard is not None else None,
        words=words,
    )


def count_ended_today(audience: Audience) -> int:
    """Calls that ended since midnight, local time."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Call.objects.in_teams(audience).filter(status="completed", ended_at__gte=midnight).count()


def clock() -> float:
    """Epoch seconds."""
    return datetime.now(UTC).timestamp()
