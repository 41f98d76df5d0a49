"""What a page reads, with a constant number of queries."""

from django.http import Http404
from django.utils import timezone

from callcenter.calls.limits import limits
from callcenter.calls.live_state import store
from callcenter.calls.models import Agent, Call
from callcenter.commands.models import Command, Takeover
from callcenter.commands.rights import ALOUD
from callcenter.commands.sockets import alive, only_streams
from callcenter.console.callpage import Parts, call_view
from callcenter.console.filters import Filters
from callcenter.console.floor import Audience, Floor, audience_of, build_floor, clock, count_ended_today, floor_call
from callcenter.console.naming import shown_agent
from callcenter.console.view import CallView
from callcenter.journal.models import Connection
from callcenter.operators.models import Operator

EARLIER = 5
NOT_ON_FLOOR = ("metadata", "error", "end_reason", "answered_at", "ended_at", "duration_s")


def load_floor(operator: Operator, filters: Filters) -> Floor:
    """The floor of this operator as it is now."""
    audience, now, rules = audience_of(operator), clock(), limits()
    calls = list(Call.objects.in_teams(audience).live().for_floor().prefetch_related("agent").defer(*NOT_ON_FLOOR))
    live = store().get([call.call_uuid for call in calls])
    connections = {connection.pk: connection for connection in Connection.objects.with_health()}
    for call in calls:
        call.connection = connections[call.connection_id]
    rows = [floor_call(call, call.agent, live.get(call.call_uuid), now, rules) for call in calls]
    streams = only_streams(alive(list(connections), timezone.now()))
    return build_floor(rows, audience, filters, connections.values(), count_ended_today(audience), now, streams)


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
    return Parts(
        lines=list(call.lines.all()),
        tools=list(call.tools.all()),
        audit=list(call.audit.all()),
        notes=list(call.notes.all()),
        participants=list(call.participants.all()),
        recordings=list(call.recordings.all()),
        earlier=earlier_calls(call, audience),
        takeovers=takeovers_of(call),
        dictated=dictated_on(call),
    )


def takeovers_of(call: Call) -> list[Takeover]:
    return list(Takeover.objects.filter(thread=call.thread_id) if call.thread_id else Takeover.objects.filter(call=call))


def dictated_on(call: Call) -> dict[str, str]:
    """Message id -> name of the operator, of what the agent was told to say; the ids are ours, whatever became of the words."""
    asked = Command.objects.filter(call=call, verb__in=ALOUD, operator__isnull=False).select_related("operator")
    return {command.order["message_id"]: command.operator.display_name for command in asked if command.operator is not None}


def earlier_calls(call: Call, audience: Audience) -> list[Call]:
    """What the same contact had before this call, newest first."""
    if call.contact_id is None or call.started_at is None:
        return []
    others = Call.objects.in_teams(audience).filter(contact=call.contact_id, started_at__lt=call.started_at)
    return list(others.order_by("-started_at", "-id")[:EARLIER])


def agents_for(audience: Audience) -> list[tuple[str, str]]:
    """(slug, name as shown) of the agents a reader may filter by."""
    agents = Agent.objects.all() if audience is None else Agent.objects.filter(team__in=audience)
    names = {slug: shown_agent(name) for slug, name in agents.values_list("slug", "name")}
    return sorted(names.items(), key=lambda item: item[1].casefold())
