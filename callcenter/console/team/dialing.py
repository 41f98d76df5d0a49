"""Calling somebody through an agent: the form, and what becomes of the call."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from callcenter.calls.models import Agent, Call
from callcenter.calls.revising import in_one
from callcenter.commands import desk
from callcenter.commands.models import Command
from callcenter.commands.situation import lacking, why_unreachable
from callcenter.commands.takeover import Refused
from callcenter.console.floor import Audience, audience_of
from callcenter.console.naming import agent_name, pretty_number
from callcenter.console.team.acting import actor_of, actors_only, by_htmx, done, fresh_key, operator_of, refusals_shown
from callcenter.console.team.agents import access_agent, agents_of
from callcenter.domain.commands.capability import offered
from callcenter.domain.commands.order import Verb

LOOK_BACK = 200  # calls of an agent in which its numbers are looked for
NUMBER_CHARS = 200
TOLD = frozenset({"pinecall"})  # providers whose agents can be told of the call: Sippet takes numbers and nothing else


@require_GET
@never_cache
@login_required
@actors_only
def dial(request: HttpRequest) -> HttpResponse:
    """Choose the agent first: its numbers follow from it."""
    audience = audience_of(operator_of(request))
    agents = dialing_agents(audience)
    wanted = request.GET.get("agent", "")
    chosen = next((agent for agent in agents if str(agent.pk) == wanted), agents[0] if agents else None)
    context = {
        "agents": [(str(agent.pk), f"{agent_name(agent)} ({agent.connection.slug})") for agent in agents],
        "chosen": chosen,
        "told": chosen is not None and chosen.connection.provider in TOLD,
        "numbers": [(number, pretty_number(number)) for number in numbers_of(chosen)] if chosen else [],
        "to": request.GET.get("to", "")[:NUMBER_CHARS],
        "why_not": why_not_dialled(chosen) if chosen else "",
        "key": fresh_key(),
    }
    return render(request, "team/dial.html", context)


@require_POST
@login_required
@refusals_shown("dial")
def place(request: HttpRequest) -> HttpResponse:
    operator = operator_of(request)
    wanted = request.POST.get("agent", "")
    agent = access_agent(audience_of(operator), int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 18 else 0)
    number = request.POST.get("from", "")
    if number and number not in numbers_of(agent):
        raise Refused("This is no number of the agent.")
    told = request.POST if agent.connection.provider in TOLD else QueryDict()
    greeting, facts = told.get("greeting", ""), desk.facts_of(told.get("metadata", ""))
    command = in_one(lambda: desk.dial(agent, request.POST.get("to", ""), number, actor_of(request), greeting, facts))
    return done(request, "The call was asked for.", "dialed", command.pk)


@require_GET
@never_cache
@login_required
def dialed(request: HttpRequest, command: UUID) -> HttpResponse:
    """What became of it, and the way to the call once there is one."""
    audience = audience_of(operator_of(request))
    found = Command.objects.filter(pk=command, verb=Verb.DIAL).select_related("agent__team", "connection", "call", "operator").first()
    if found is None or found.agent is None or (audience is not None and found.agent.team_id not in audience):
        raise Http404("There is no such command.")
    context = {"command": found, "agent": agent_name(found.agent), "to": pretty_number(found.order["to"]), "call_url": _call_url(found)}
    return render(request, "team/_dialed.html" if by_htmx(request) else "team/dialed.html", {**context, "waits": found.is_open})


@require_POST
@login_required
@refusals_shown("dial")
def cancel(request: HttpRequest, command: UUID) -> HttpResponse:
    audience = audience_of(operator_of(request))
    found = Command.objects.filter(pk=command, verb=Verb.DIAL).select_related("agent").first()
    if found is None or found.agent is None or (audience is not None and found.agent.team_id not in audience):
        raise Http404("There is no such command.")
    words = "Cancelled." if desk.cancel(found, actor_of(request)) else "It was too late to cancel."
    return done(request, words, "dialed", found.pk)


def dialing_agents(audience: Audience) -> list[Agent]:
    """Those whose provider can call somebody."""
    return [agent for agent in agents_of(audience) if not agent.is_line and offered(Verb.DIAL, agent.connection.provider, "phone")]


def numbers_of(agent: Agent) -> list[str]:
    """The agent's own numbers, as its newest telephone calls show them."""
    rows = Call.objects.filter(agent=agent, channel="phone").order_by("-started_at", "-id")
    newest = rows.values_list("direction", "from_number", "to_number")[:LOOK_BACK]
    return sorted({caller if direction == "outbound" else called for direction, caller, called in newest} - {""})


def why_not_dialled(agent: Agent) -> str:
    return lacking(agent.connection).get(Verb.DIAL, "") or why_unreachable(agent, timezone.now())


def _call_url(command: Command) -> str:
    """The call may have come to another team meanwhile: then its page says so."""
    return reverse("call", args=[command.call.call_uuid]) if command.call is not None else ""
