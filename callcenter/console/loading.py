"""What a page reads, with a constant number of queries."""

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from callcenter.calls.limits import limits
from callcenter.calls.live_state import LiveCall, store
from callcenter.calls.models import Agent, Call
from callcenter.calls.querysets import CallQuerySet
from callcenter.commands.models import Command, Takeover
from callcenter.commands.rights import ALOUD
from callcenter.commands.sockets import alive, only_streams
from callcenter.console.callpage import Parts, call_view
from callcenter.console.figures import counters
from callcenter.console.filters import Filters
from callcenter.console.floor import Audience, Floor, clock, count_ended_today, in_no_team, in_window, lay_out, signs
from callcenter.console.moments import ASKED, Deed
from callcenter.console.naming import shown_agent
from callcenter.console.places import places, sketches
from callcenter.console.rows import row_view
from callcenter.console.view import CallView, RowView
from callcenter.domain.limits import Limits
from callcenter.journal.models import Connection
from callcenter.journal.times import epoch
from callcenter.operators.models import Operator

EARLIER = 5
NOT_ON_FLOOR = ("metadata", "error", "end_reason", "answered_at", "ended_at", "duration_s")


def load_floor(audience: Audience, filters: Filters) -> Floor:
    """The floor as it is now. Every call is counted, sorted and filtered by its place; only those shown become rows."""
    now, rules = clock(), limits()
    connections = {connection.pk: connection for connection in Connection.objects.with_health()}
    streams = only_streams(alive(list(connections), timezone.now()))
    calls = Call.objects.in_teams(audience).live()
    found = sketches(calls)
    live = store().get([sketch.call_uuid for sketch in found])
    standing = places(found, live, now, rules)
    replies = [sketch.reply_ms for sketch in found if sketch.reply_ms is not None]
    figures = counters(standing, replies, count_ended_today(audience), 0, 0, no_team=in_no_team(audience))
    passing = [place for place in standing if filters.passes_place(place, place.agent)]
    wanted = passing if filters.q else in_window(passing)
    among = calls if filters.q else calls.filter(pk__in=[place.pk for place in wanted])
    rows = {call.pk: _row(call, connections, live, now, rules) for call in _for_rows(among)}
    shown = [rows[place.pk] for place in wanted if place.pk in rows]  # one that ended meanwhile is not there any more
    hidden = len(passing) - len(wanted)
    if filters.q:
        shown = [row for row in shown if filters.finds(row)]
    return lay_out(in_window(shown), len(shown) + hidden, figures, signs(connections.values(), audience, now, streams))


def _for_rows(calls: CallQuerySet) -> CallQuerySet:
    """With all that a row of the floor shows; agents are few and shared."""
    return calls.order_by().for_floor().prefetch_related("agent").defer(*NOT_ON_FLOOR)


def _row(call: Call, connections: dict[int, Connection], live: dict[str, LiveCall], now: float, rules: Limits) -> RowView:
    if call.connection_id in connections:
        call.connection = connections[call.connection_id]
    return row_view(call, call.agent, live.get(call.call_uuid), now, rules)


def access_call(operator: Operator, call_uuid: str) -> Call:
    """The only way to a call for somebody; Http404 for what they may not see as for what there is not."""
    found = Call.objects.visible_to(operator).for_rows()
    call = None if "\x00" in call_uuid else found.filter(call_uuid=call_uuid).first()  # PostgreSQL would raise
    if call is None:
        raise Http404("There is no such call.")
    return call


def load_call(call: Call, audience: Audience) -> CallView:
    """The call page of a call that its reader may see."""
    live = store().get([call.call_uuid]).get(call.call_uuid)
    return call_view(call, call.agent, live, load_parts(call, audience), clock(), limits())


def load_parts(call: Call, audience: Audience) -> Parts:
    """Everything below the call's row: one query a kind."""
    dictated, deeds = asked_on(call)
    return Parts(
        lines=list(call.lines.all()),
        tools=list(call.tools.all()),
        audit=list(call.audit.all()),
        notes=list(call.notes.all()),
        participants=list(call.participants.all()),
        recordings=list(call.recordings.all()),
        earlier=earlier_calls(call, audience),
        takeovers=takeovers_of(call),
        dictated=dictated,
        deeds=deeds,
    )


def takeovers_of(call: Call) -> list[Takeover]:
    return list(Takeover.objects.filter(thread=call.thread_id) if call.thread_id else Takeover.objects.filter(call=call))


def asked_on(call: Call) -> tuple[dict[str, str], list[Deed]]:
    """What operators told the agent to say, whatever became of the words: message id -> name; and what else was done for them."""
    wanted = Q(verb__in=ALOUD) | Q(verb__in=set(ASKED.values()), done_at__isnull=False)
    dictated, deeds = {}, []
    for command in Command.objects.filter(wanted, call=call, operator__isnull=False).select_related("operator"):
        name = command.operator.display_name if command.operator else ""
        if command.verb in ALOUD:
            dictated[command.order["message_id"]] = name
        elif command.done_at is not None and command.failure in ("", Command.Failure.REFUSED):
            refused = command.failure == Command.Failure.REFUSED
            deeds.append(Deed(command.verb, name, epoch(command.created_at), epoch(command.done_at), refused))
    return dictated, deeds


def earlier_calls(call: Call, audience: Audience) -> list[Call]:
    """What the same contact had before this call, newest first."""
    if call.contact_id is None or call.started_at is None:
        return []
    others = Call.objects.in_teams(audience).filter(contact=call.contact_id, started_at__lt=call.started_at)
    return list(others.order_by("-started_at", "-id")[:EARLIER])


def agents_for(audience: Audience) -> list[tuple[str, str]]:
    """(slug, name as shown) of the agents a reader may filter by."""
    agents = Agent.objects.all() if audience is None else Agent.objects.filter(team__in=audience)
    names = {slug: shown_agent(pk, name) for pk, slug, name in agents.values_list("pk", "slug", "name")}
    return sorted(names.items(), key=lambda item: item[1].casefold())
